/* SPDX-License-Identifier: MIT */
/* Bytes that grow as they are appended to.  A failed append is remembered, so that a writer looks
 * once, at the end. */
#ifndef TOOLS_COMMON_BYTES_H
#define TOOLS_COMMON_BYTES_H

#include <stdbool.h>
#include <stddef.h>

struct bytes {
    char *data; /* followed by a NUL, or NULL while nothing was appended */
    size_t len, room;
    bool failed; /* no memory: something is missing */
};

void bytes_fini(struct bytes *bytes);
void bytes_clear(struct bytes *bytes); /* keeps the memory */
void bytes_add(struct bytes *bytes, const void *data, size_t len);
void bytes_text(struct bytes *bytes, const char *text);
void bytes_byte(struct bytes *bytes, unsigned byte);
void bytes_format(struct bytes *bytes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Takes bytes away from the front, or from the end. */
void bytes_drop(struct bytes *bytes, size_t len);
void bytes_drop_end(struct bytes *bytes, size_t len);

#endif
