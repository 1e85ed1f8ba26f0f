/* SPDX-License-Identifier: MIT */
/* Two sorted lists of ranges, made from what libc knows, so that a screen looks the same under
 * every locale and no call needs one. */
#include "tools/common/width.h"

#include "tools/common/width_table.inc"

static int is_in(const uint32_t *ranges, size_t count, uint32_t code)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        uint32_t first = ranges[middle] >> 11, last = first + (ranges[middle] & 2047);

        if (code < first)
            high = middle;
        else if (code > last)
            low = middle + 1;
        else
            return 1;
    }
    return 0;
}

unsigned width_of(uint32_t code)
{
    if (code < 0x80)
        return 1;
    if (is_in(narrowest, sizeof(narrowest) / sizeof(narrowest[0]), code))
        return 0;
    return is_in(widest, sizeof(widest) / sizeof(widest[0]), code) ? 2 : 1;
}

/* What the first byte promises, and what the second may be after it. */
static int length_of(uint8_t first, uint8_t *low, uint8_t *high)
{
    *low = 0x80;
    *high = 0xbf;
    if (first >= 0xc2 && first <= 0xdf)
        return 2;
    if (first >= 0xe0 && first <= 0xef) {
        *low = first == 0xe0 ? 0xa0 : 0x80;
        *high = first == 0xed ? 0x9f : 0xbf;
        return 3;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        *low = first == 0xf0 ? 0x90 : 0x80;
        *high = first == 0xf4 ? 0x8f : 0xbf;
        return 4;
    }
    return 0;
}

int width_decode(const uint8_t *data, size_t len, uint32_t *code)
{
    uint8_t low, high;
    int count;

    if (len == 0)
        return WIDTH_MORE;
    *code = data[0];
    if (data[0] < 0x80)
        return 1;
    count = length_of(data[0], &low, &high);
    if (count == 0)
        return WIDTH_INVALID;
    *code = data[0] & (0x7fu >> count);
    for (int i = 1; i < count; i++) {
        if ((size_t)i == len)
            return WIDTH_MORE;
        if (data[i] < low || data[i] > high)
            return WIDTH_INVALID;
        *code = *code << 6 | (data[i] & 0x3f);
        low = 0x80;
        high = 0xbf;
    }
    return count;
}

size_t width_text(const char *text, size_t len)
{
    size_t columns = 0;

    for (size_t at = 0; at < len;) {
        uint32_t code;
        int got = width_decode((const uint8_t *)text + at, len - at, &code);

        columns += got <= 0 ? 1 : width_of(code);
        at += got <= 0 ? 1 : (size_t)got;
    }
    return columns;
}
