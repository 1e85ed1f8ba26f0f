/* SPDX-License-Identifier: MIT */
/* Bytes as text, by RFC 4648, with the padding. */
#ifndef TOOLS_BASE64_H
#define TOOLS_BASE64_H

#include <stdbool.h>
#include <stddef.h>

/* How much room the text takes, with the NUL. */
#define BASE64_ROOM(len) (((len) + 2) / 3 * 4 + 1)

void base64_write(const char *bytes, size_t len, char *text);
/* `bytes` has room for 3/4 of the text.  False for any other text than base64_write() makes. */
bool base64_read(const char *text, size_t len, char *bytes, size_t *got);

#endif
