/* SPDX-License-Identifier: MIT */
/* The first byte gives the length and the least value that needs it. */
#include "tools/common/utf8.h"

size_t utf8_read(const char *bytes, size_t len, unsigned *code)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned first = len > 0 ? (unsigned char)bytes[0] : 0x80;
    size_t need = first < 0x80             ? 1
                  : (first & 0xe0) == 0xc0 ? 2
                  : (first & 0xf0) == 0xe0 ? 3
                  : (first & 0xf8) == 0xf0 ? 4
                                           : 0;
    unsigned value = need == 1 ? first : first & (0x7fu >> need);

    if (need == 0 || need > len)
        return 0;
    for (size_t i = 1; i < need; i++) {
        unsigned byte = (unsigned char)bytes[i];

        if ((byte & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (byte & 0x3f);
    }
    if (value < least[need] || (value >= 0xd800 && value < 0xe000) || value > 0x10ffff)
        return 0;
    *code = value;
    return need;
}
