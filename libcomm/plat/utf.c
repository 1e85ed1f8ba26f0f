/* SPDX-License-Identifier: MIT */
/* Two decoders, two encoders, and the loops that join them.  The decoders never fail: they replace,
 * and say how much of the input the replacement stands for. */
#include "libcomm/plat/utf.h"

#define REPLACEMENT 0xFFFDu

/* What may follow a lead byte: how many bytes, and the range of the first of them.  The range is
 * what keeps out overlong forms, surrogates and everything above U+10FFFF. */
struct lead {
    unsigned more;
    unsigned char low, high;
};

static struct lead lead_of(unsigned char byte)
{
    if (byte >= 0xC2 && byte <= 0xDF)
        return (struct lead){1, 0x80, 0xBF};
    if (byte >= 0xE0 && byte <= 0xEF)
        return (struct lead){2, byte == 0xE0 ? 0xA0 : 0x80, byte == 0xED ? 0x9F : 0xBF};
    if (byte >= 0xF0 && byte <= 0xF4)
        return (struct lead){3, byte == 0xF0 ? 0x90 : 0x80, byte == 0xF4 ? 0x8F : 0xBF};
    return (struct lead){0, 0, 0};
}

/* Takes one character, or the longest beginning of one that cannot go on. */
static size_t utf8_take(const unsigned char *src, size_t len, uint32_t *code)
{
    struct lead lead = lead_of(src[0]);
    uint32_t value;

    if (src[0] < 0x80) {
        *code = src[0];
        return 1;
    }
    *code = REPLACEMENT;
    if (lead.more == 0)
        return 1;
    value = src[0] & (0x3Fu >> lead.more);
    for (size_t i = 1; i <= lead.more; i++) {
        if (i >= len || src[i] < lead.low || src[i] > lead.high)
            return i;
        value = value << 6 | (src[i] & 0x3Fu);
        lead.low = 0x80;
        lead.high = 0xBF;
    }
    *code = value;
    return lead.more + 1u;
}

static size_t utf16_take(const uint16_t *src, size_t len, uint32_t *code)
{
    *code = src[0];
    if ((src[0] & 0xF800u) != 0xD800u)
        return 1;
    if (src[0] < 0xDC00u && len > 1 && (src[1] & 0xFC00u) == 0xDC00u) {
        *code = 0x10000u + ((src[0] & 0x3FFu) << 10 | (src[1] & 0x3FFu));
        return 2;
    }
    *code = REPLACEMENT;
    return 1;
}

static size_t utf8_size(uint32_t code)
{
    return code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
}

static void utf8_put(char *dst, uint32_t code, size_t size)
{
    static const unsigned char marks[] = {0, 0x00, 0xC0, 0xE0, 0xF0};

    for (size_t i = size - 1; i > 0; i--) {
        dst[i] = (char)(0x80u | (code & 0x3Fu));
        code >>= 6;
    }
    dst[0] = (char)(marks[size] | code);
}

size_t ci_utf8_to_16(const char *src, size_t len, uint16_t *dst, size_t room)
{
    size_t total = 0, used = 0;

    while (used < len) {
        uint32_t code;
        size_t size;

        used += utf8_take((const unsigned char *)src + used, len - used, &code);
        size = code < 0x10000u ? 1 : 2;
        if (room < size) {
            room = 0; /* a shorter character further on must not slip in */
        } else if (size == 1) {
            dst[total] = (uint16_t)code;
            room--;
        } else {
            dst[total] = (uint16_t)(0xD800u | (code - 0x10000u) >> 10);
            dst[total + 1] = (uint16_t)(0xDC00u | (code & 0x3FFu));
            room -= 2;
        }
        total += size;
    }
    return total;
}

size_t ci_utf16_to_8(const uint16_t *src, size_t len, char *dst, size_t room)
{
    size_t total = 0, used = 0;

    while (used < len) {
        uint32_t code;
        size_t size;

        used += utf16_take(src + used, len - used, &code);
        size = utf8_size(code);
        if (room < size) {
            room = 0;
        } else {
            utf8_put(dst + total, code, size);
            room -= size;
        }
        total += size;
    }
    return total;
}

size_t ci_utf16_len(const uint16_t *text)
{
    size_t len = 0;

    while (text[len] != 0)
        len++;
    return len;
}
