/* SPDX-License-Identifier: MIT */
/* How many columns a character takes, and what UTF-8 says, whatever the locale is. */
#ifndef TOOLS_COMMON_WIDTH_H
#define TOOLS_COMMON_WIDTH_H

#include <stddef.h>
#include <stdint.h>

/* 0 for what joins the character before it, 2 for wide ones, else 1. */
unsigned width_of(uint32_t code);

enum width_utf8 {
    WIDTH_INVALID = -1, /* the first byte belongs to no character */
    WIDTH_MORE = 0,     /* right so far, but the end is missing */
};

/* The character that begins at `data`: how many bytes it has, or one of the above.  Surrogates,
 * overlong forms and what is past U+10FFFF are invalid. */
int width_decode(const uint8_t *data, size_t len, uint32_t *code);

/* Columns of text that is UTF-8 all through; what is not counts as one each. */
size_t width_text(const char *text, size_t len);

#endif
