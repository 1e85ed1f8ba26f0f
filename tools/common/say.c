/* SPDX-License-Identifier: MIT */
/* A line goes out in one write, so that those of two programs do not run into each other. */
#include "tools/common/say.h"

#include "tools/common/utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *name = "";
static bool is_quiet, is_verbose;

void say_begin(const char *program)
{
    name = program;
}

void say_manners(bool quiet, bool verbose)
{
    is_quiet = quiet;
    is_verbose = verbose && !quiet;
}

void say_tame(char *text)
{
    size_t left = strlen(text);
    char *to = text;

    while (left > 0) {
        unsigned code;
        size_t len = utf8_read(text, left, &code);

        if (len == 0 || code < ' ' || (code >= 0x7f && code < 0xa0) || code == 0x2028 ||
            code == 0x2029) {
            *to++ = '?';
            len += len == 0;
        } else {
            memmove(to, text, len);
            to += len;
        }
        text += len;
        left -= len;
    }
    *to = '\0';
}

static void say(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

static void say(const char *format, va_list args)
{
    char line[2048];
    int len = snprintf(line, sizeof(line), "%s: ", name);
    size_t end;
    ssize_t wrote;

    if (len < 0 || (size_t)len >= sizeof(line) - 1)
        return;
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): started by the caller */
    vsnprintf(line + len, sizeof(line) - 1 - (size_t)len, format, args);
    say_tame(line);
    end = strlen(line);
    line[end++] = '\n';
    do
        wrote = write(STDERR_FILENO, line, end);
    while (wrote < 0 && errno == EINTR);
}

void say_error(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    say(format, args);
    va_end(args);
}

void say_notice(const char *format, ...)
{
    va_list args;

    if (is_quiet)
        return;
    va_start(args, format);
    say(format, args);
    va_end(args);
}

void say_detail(const char *format, ...)
{
    va_list args;

    if (!is_verbose)
        return;
    va_start(args, format);
    say(format, args);
    va_end(args);
}
