/* SPDX-License-Identifier: MIT */
/* Doubles when it is full, so that appending byte by byte stays cheap. */
#include "tools/common/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 64

/* PCRE2 10.42 may look at the byte before a subject that does not begin with a whole character. */
#define IN_FRONT 1

static char *memory_of(const struct bytes *bytes)
{
    return bytes->data == NULL ? NULL : bytes->data - IN_FRONT;
}

void bytes_fini(struct bytes *bytes)
{
    free(memory_of(bytes));
    *bytes = (struct bytes){.data = NULL};
}

void bytes_clear(struct bytes *bytes)
{
    bytes->len = 0;
    bytes->failed = false;
    if (bytes->data != NULL)
        bytes->data[0] = '\0';
}

static bool make_room(struct bytes *bytes, size_t more)
{
    size_t room = bytes->room < ROOM_FIRST ? ROOM_FIRST : bytes->room;
    char *data;

    if (more < bytes->room - bytes->len)
        return true;
    while (room - bytes->len <= more)
        room *= 2;
    data = realloc(memory_of(bytes), room + IN_FRONT);
    if (data == NULL) {
        bytes->failed = true;
        return false;
    }
    data[0] = '\0';
    bytes->data = data + IN_FRONT;
    bytes->room = room;
    return true;
}

void bytes_add(struct bytes *bytes, const void *data, size_t len)
{
    if (!make_room(bytes, len))
        return;
    if (len > 0)
        memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
    bytes->data[bytes->len] = '\0';
}

void bytes_text(struct bytes *bytes, const char *text)
{
    bytes_add(bytes, text, strlen(text));
}

void bytes_byte(struct bytes *bytes, unsigned byte)
{
    char one = (char)byte;

    bytes_add(bytes, &one, 1);
}

void bytes_format(struct bytes *bytes, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0 || !make_room(bytes, (size_t)len))
        return;
    va_start(args, format);
    vsnprintf(bytes->data + bytes->len, bytes->room - bytes->len, format, args);
    va_end(args);
    bytes->len += (size_t)len;
}

void bytes_drop(struct bytes *bytes, size_t len)
{
    if (len == 0 || bytes->data == NULL)
        return;
    if (len > bytes->len)
        len = bytes->len;
    memmove(bytes->data, bytes->data + len, bytes->len - len + 1);
    bytes->len -= len;
}

void bytes_drop_end(struct bytes *bytes, size_t len)
{
    if (len == 0 || bytes->data == NULL)
        return;
    bytes->len -= len > bytes->len ? bytes->len : len;
    bytes->data[bytes->len] = '\0';
}
