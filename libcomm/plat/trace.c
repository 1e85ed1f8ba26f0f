/* SPDX-License-Identifier: MIT */
/* One line per call, written with one write, so that lines of several threads do not mix.  Tracing
 * never changes the last error or errno: a traced program behaves as it did before. */
#include "libcomm/plat/trace.h"

#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"

#define LINE 400
#define NAMES 4
#define NAME_ROOM 96

bool ci_tracing;
void (*ci_trace_describe)(HANDLE handle, char *text, size_t room);
static _Atomic unsigned misuses; /* a count, nothing is ordered by it */

__attribute__((constructor)) static void trace_choose(void)
{
    const char *wish = getenv("LIBCOMM_TRACE");

    ci_tracing = wish != NULL && *wish != '\0' && strcmp(wish, "0") != 0;
}

__attribute__((format(printf, 1, 0))) static void line_write(const char *what, va_list args,
                                                             const char *result)
{
    char line[LINE + 64];
    int n = snprintf(line, 32, "libcomm[%u] ", (unsigned)ci_sys_tid());
    int m = vsnprintf(line + n, LINE - (size_t)n, what, args);

    if (m >= LINE - n)
        m = LINE - n - 1;
    n += m;
    n += snprintf(line + n, 64, "%s\n", result);
    (void)ci_sys_write(2, line, (size_t)n);
}

static void error_show(char *text, size_t room, uint32_t error)
{
    const char *name = ci_error_name(error);

    snprintf(text, room, " -> %u%s%s", (unsigned)error, name != NULL ? " " : "",
             name != NULL ? name : "");
}

void ci_trace_bool(bool result, const char *format, ...)
{
    uint32_t error = ci_last_error();
    int kept = errno;
    char shown[64] = " -> TRUE";
    va_list args;

    if (!result)
        error_show(shown, sizeof shown, error);
    va_start(args, format);
    line_write(format, args, shown);
    va_end(args);
    errno = kept;
    ci_set_last_error(error);
}

void ci_trace_handle_result(HANDLE result, const char *format, ...)
{
    uint32_t error = ci_last_error();
    int kept = errno;
    char shown[64];
    va_list args;

    if (result == NULL || result == INVALID_HANDLE_VALUE)
        error_show(shown, sizeof shown, error);
    else
        snprintf(shown, sizeof shown, " -> 0x%zx", (size_t)(uintptr_t)result);
    va_start(args, format);
    line_write(format, args, shown);
    va_end(args);
    errno = kept;
    ci_set_last_error(error);
}

void ci_trace_dword(uint32_t result, const char *format, ...)
{
    uint32_t error = ci_last_error();
    int kept = errno;
    char shown[64];
    va_list args;

    if (result == UINT32_MAX)
        error_show(shown, sizeof shown, error);
    else
        snprintf(shown, sizeof shown, " -> %u", (unsigned)result);
    va_start(args, format);
    line_write(format, args, shown);
    va_end(args);
    errno = kept;
    ci_set_last_error(error);
}

void ci_trace_note(const char *format, ...)
{
    uint32_t error = ci_last_error();
    int kept = errno;
    va_list args;

    if (!ci_tracing)
        return;
    va_start(args, format);
    line_write(format, args, "");
    va_end(args);
    errno = kept;
    ci_set_last_error(error);
}

static char *name_room(void)
{
    static __thread char room[NAMES][NAME_ROOM];
    static __thread unsigned next;

    return room[next++ % NAMES];
}

const char *ci_trace_handle(HANDLE handle)
{
    char *text = name_room();

    snprintf(text, NAME_ROOM, "0x%zx", (size_t)(uintptr_t)handle);
    if (handle == NULL)
        snprintf(text, NAME_ROOM, "NULL");
    else if (ci_trace_describe != NULL)
        ci_trace_describe(handle, text, NAME_ROOM);
    return text;
}

const char *ci_trace_ms(uint32_t ms)
{
    char *text = name_room();

    if (ms == UINT32_MAX)
        return "INFINITE";
    snprintf(text, NAME_ROOM, "%u ms", (unsigned)ms);
    return text;
}

#ifndef NDEBUG
void ci_trace_misuse(const char *format, ...)
{
    uint32_t error = ci_last_error();
    int kept = errno;
    va_list args;

    atomic_fetch_add(&misuses, 1);
    va_start(args, format);
    line_write(format, args, " (misuse)");
    va_end(args);
    errno = kept;
    ci_set_last_error(error);
}
#endif

unsigned ci_trace_misuses(void)
{
    return atomic_load(&misuses);
}
