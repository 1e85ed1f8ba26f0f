/* SPDX-License-Identifier: MIT */
/* One character of UTF-8. */
#ifndef TOOLS_UTF8_H
#define TOOLS_UTF8_H

#include <stddef.h>

/* How many bytes the character at `bytes` has, and which it is; 0 if there is none: a byte that
 * stands alone, a longer form than need be, a surrogate, more than 10ffff, one that is cut off. */
size_t utf8_read(const char *bytes, size_t len, unsigned *code);

#endif
