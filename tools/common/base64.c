/* SPDX-License-Identifier: MIT */
/* Three bytes are four letters of six bits. */
#include "tools/common/base64.h"

#include <stdint.h>
#include <string.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_write(const char *bytes, size_t len, char *text)
{
    for (size_t i = 0; i < len; i += 3) {
        uint32_t three = 0;

        for (size_t j = 0; j < 3; j++)
            three = three << 8 | (i + j < len ? (unsigned char)bytes[i + j] : 0);
        for (size_t j = 0; j < 4; j++)
            *text++ = i + j > len ? '=' : letters[three >> (18 - 6 * j) & 63];
    }
    *text = '\0';
}

/* The value of a letter, or -1. */
static int value_of(char c)
{
    const char *at = c == '\0' ? NULL : strchr(letters, c);

    return at == NULL ? -1 : (int)(at - letters);
}

bool base64_read(const char *text, size_t len, char *bytes, size_t *got)
{
    size_t pads = 0;

    *got = 0;
    if (len % 4 != 0)
        return false;
    for (; pads < 2 && pads < len && text[len - 1 - pads] == '='; pads++)
        ;
    for (size_t i = 0; i < len; i += 4) {
        size_t count = 3 - (i + 4 == len ? pads : 0); /* bytes of these four */
        uint32_t three = 0;

        for (size_t j = 0; j < 4; j++) {
            int value = j <= count ? value_of(text[i + j]) : 0;

            if (value < 0)
                return false;
            three = three << 6 | (uint32_t)value;
        }
        if ((three & ((1u << (24 - 8 * count)) - 1)) != 0)
            return false; /* bits that mean nothing are 0 */
        for (size_t j = 0; j < count; j++)
            bytes[(*got)++] = (char)(three >> (16 - 8 * j));
    }
    return true;
}
