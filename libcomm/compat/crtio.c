/* SPDX-License-Identifier: MIT */
/* 16-bit text on the C library's streams: UTF-16 in the program, UTF-8 in the file.  And how a
 * program whose main takes UTF-16 is started. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libcomm/compat_crt.h>

#include "libcomm/compat/format.h"
#include "libcomm/compat/units.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/utf.h"

static bool write_units(FILE *stream, const WCHAR *s, size_t len)
{
    size_t bytes = ci_utf16_to_8(s, len, NULL, 0);
    char few[512];
    char *text = bytes <= sizeof(few) ? few : ci_sys_alloc(bytes);
    bool written;

    if (text == NULL) {
        errno = ENOMEM;
        return false;
    }
    ci_utf16_to_8(s, len, text, bytes);
    written = fwrite(text, 1, bytes, stream) == bytes;
    if (text != few)
        ci_sys_free(text);
    return written;
}

/* ---- printing ---- */

int comm_vfwprintf(FILE *stream, const WCHAR *format, va_list args)
{
    WCHAR few[256];
    WCHAR *text = few;
    size_t len = ci_format(true, few, sizeof(few) / sizeof(few[0]), format, args);
    bool written;

    if (len == CI_FORMAT_FAILED || len > INT_MAX) {
        errno = EINVAL;
        return -1;
    }
    if (len >= sizeof(few) / sizeof(few[0])) {
        text = ci_sys_alloc((len + 1) * sizeof(WCHAR));
        if (text == NULL) {
            errno = ENOMEM;
            return -1;
        }
        ci_format(true, text, len + 1, format, args);
    }
    written = write_units(stream, text, len);
    if (text != few)
        ci_sys_free(text);
    return written ? (int)len : -1;
}

int comm_vwprintf(const WCHAR *format, va_list args)
{
    return comm_vfwprintf(stdout, format, args);
}

int comm_fwprintf(FILE *stream, const WCHAR *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = comm_vfwprintf(stream, format, args);
    va_end(args);
    return len;
}

int comm_wprintf(const WCHAR *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = comm_vfwprintf(stdout, format, args);
    va_end(args);
    return len;
}

int comm_vswprintf(WCHAR *dest, const WCHAR *format, va_list args)
{
    size_t len = ci_format(true, dest, SIZE_MAX, format, args);

    return len <= INT_MAX ? (int)len : -1;
}

int comm_swprintf(WCHAR *dest, const WCHAR *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = comm_vswprintf(dest, format, args);
    va_end(args);
    return len;
}

int comm_fputws(const WCHAR *s, FILE *stream)
{
    return write_units(stream, s, comm_wcslen(s)) ? 0 : EOF;
}

int comm_putws(const WCHAR *s)
{
    static const WCHAR end[] = {'\n'};
    bool written;

    flockfile(stdout); /* one line, whoever else prints */
    written = write_units(stdout, s, comm_wcslen(s)) && write_units(stdout, end, 1);
    funlockfile(stdout);
    return written ? 0 : EOF;
}

/* ---- reading ---- */

/* How many bytes a character has that begins like this; 1 for what begins none. */
static size_t bytes_of(int first)
{
    return first < 0xC2 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 1;
}

/* One character's bytes; 0 at the end of the file.  What does not continue it stays unread. */
static size_t read_character(FILE *stream, char *bytes)
{
    int c = getc_unlocked(stream);
    size_t want = bytes_of(c), len = 0;

    while (c != EOF) {
        bytes[len++] = (char)c;
        if (len == want)
            return len;
        c = getc_unlocked(stream);
        if ((c & 0xC0) != 0x80) {
            ungetc(c, stream);
            break;
        }
    }
    return len;
}

/* A character that does not fit is left for the next call, unless it would never fit. */
static size_t read_line(FILE *stream, WCHAR *dest, size_t room)
{
    size_t used = 0, units;
    char bytes[4];

    while (used < room) {
        int c = getc_unlocked(stream);

        if (c == EOF)
            break;
        ungetc(c, stream);
        if (bytes_of(c) == 4 && room - used < 2 && used > 0)
            break;
        units = ci_utf8_to_16(bytes, read_character(stream, bytes), dest + used, room - used);
        if (units > room - used) {
            dest[used++] = 0xFFFD;
            break;
        }
        used += units;
        if (dest[used - 1] == '\n')
            break;
    }
    return used;
}

WCHAR *comm_fgetws(WCHAR *dest, int room, FILE *stream)
{
    size_t used;

    if (dest == NULL || room < 1)
        return NULL;
    flockfile(stream);
    used = read_line(stream, dest, (size_t)room - 1);
    funlockfile(stream);
    dest[used] = 0;
    return used > 0 ? dest : NULL;
}

FILE *comm_wfopen(const WCHAR *path, const WCHAR *mode)
{
    char *path8 = ci_utf8_of(path), *mode8 = ci_utf8_of(mode);
    FILE *stream = NULL;

    if (path8 != NULL && mode8 != NULL)
        stream = fopen(path8, mode8);
    else
        errno = path == NULL || mode == NULL ? EINVAL : ENOMEM;
    ci_sys_free(path8);
    ci_sys_free(mode8);
    return stream;
}

/* ---- starting ---- */

/* The arguments live as long as the program, as main's do. */
static WCHAR **wide_arguments(char **from, int count)
{
    WCHAR **to = ci_sys_alloc(((size_t)count + 1) * sizeof(*to));

    for (int i = 0; to != NULL && i < count; i++) {
        size_t bytes = strlen(from[i]) + 1;
        size_t units = ci_utf8_to_16(from[i], bytes, NULL, 0);

        to[i] = ci_sys_alloc(units * sizeof(WCHAR));
        if (to[i] == NULL)
            return NULL; /* the program does not start */
        ci_utf8_to_16(from[i], bytes, to[i], units);
    }
    return to;
}

extern char **environ;

/* A thread may look at them after wmain has returned.  Volatile, because nobody reads it. */
static WCHAR **volatile kept[2];

int comm_run_wmain(int argc, char **argv, int (*wmain)(int, WCHAR **, WCHAR **))
{
    WCHAR **args = wide_arguments(argv, argc), **env;
    int count = 0;

    while (environ[count] != NULL)
        count++;
    env = wide_arguments(environ, count);
    kept[0] = args;
    kept[1] = env;
    if (args == NULL || env == NULL) {
        fprintf(stderr, "%s: not enough memory for the arguments\n", argv[0]);
        return EXIT_FAILURE;
    }
    return wmain(argc, args, env);
}
