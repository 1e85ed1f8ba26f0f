/* SPDX-License-Identifier: MIT */
/* The process: its end, its command line, and what it says to a debugger. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <libcomm/compat.h>

#include "libcomm/compat/locks.h"
#include "libcomm/compat/units.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"
#include "libcomm/plat/utf.h"

COMM_NORETURN VOID WINAPI ExitProcess(UINT uExitCode)
{
    exit((int)uExitCode);
}

/* ---- the command line ---- */

/* Made once and kept: the pointer is good as long as the program. */
static struct {
    char *narrow;   /* guarded by CI_LOCK_COMMAND_LINE until made */
    uint16_t *wide; /* the same */
} line;

/* The arguments as the kernel keeps them, each with its NUL. */
static char *arguments_read(size_t *len)
{
    int fd = ci_sys_open("/proc/self/cmdline", O_RDONLY, 0);
    size_t room = 4096;
    char *all = ci_sys_alloc(room);
    ssize_t n = 0;

    *len = 0;
    while (fd >= 0 && all != NULL && (n = ci_sys_read(fd, all + *len, room - *len)) > 0) {
        char *more;

        *len += (size_t)n;
        if (*len < room)
            continue;
        more = ci_sys_alloc(room *= 2);
        if (more != NULL)
            memcpy(more, all, *len);
        ci_sys_free(all);
        all = more;
    }
    if (fd >= 0)
        ci_sys_close(fd);
    return all;
}

static char *repeat(char *to, char c, size_t count)
{
    memset(to, c, count);
    return to + count;
}

/* An argument as every Windows runtime reads it back: backslashes count only before a quotation
 * mark, where they are doubled.  Returns the end of what was written, at most 2 * len + 2 bytes. */
static char *argument_quote(char *to, const char *arg)
{
    size_t slashes = 0;

    if (*arg != '\0' && strpbrk(arg, " \t\"") == NULL)
        return stpcpy(to, arg);
    *to++ = '"';
    for (; *arg != '\0'; arg++) {
        if (*arg == '"')
            to = repeat(to, '\\', slashes + 1);
        slashes = *arg == '\\' ? slashes + 1 : 0;
        *to++ = *arg;
    }
    to = repeat(to, '\\', slashes);
    *to++ = '"';
    return to;
}

static char *line_make(void)
{
    size_t len;
    char *all = arguments_read(&len);
    char *made = all != NULL ? ci_sys_alloc(4 * len + 4) : NULL, *end = made;

    for (size_t at = 0; made != NULL && at < len; at += strlen(all + at) + 1) {
        if (at > 0)
            *end++ = ' ';
        end = argument_quote(end, all + at);
    }
    ci_sys_free(all);
    return made;
}

static void line_make_wide(void)
{
    size_t bytes = strlen(line.narrow) + 1;
    size_t units = ci_utf8_to_16(line.narrow, bytes, NULL, 0);

    line.wide = ci_sys_alloc(units * sizeof(*line.wide));
    if (line.wide != NULL)
        ci_utf8_to_16(line.narrow, bytes, line.wide, units);
}

LPSTR WINAPI GetCommandLineA(void)
{
    static char none[1]; /* there is no failure to report */
    char *text;

    ci_compat_lock(CI_LOCK_COMMAND_LINE);
    if (line.narrow == NULL)
        line.narrow = line_make();
    text = line.narrow;
    ci_compat_unlock(CI_LOCK_COMMAND_LINE);
    return text != NULL ? text : none;
}

LPWSTR WINAPI GetCommandLineW(void)
{
    static uint16_t none[1];
    uint16_t *text;

    ci_compat_lock(CI_LOCK_COMMAND_LINE);
    if (line.narrow == NULL)
        line.narrow = line_make();
    if (line.wide == NULL && line.narrow != NULL)
        line_make_wide();
    text = line.wide;
    ci_compat_unlock(CI_LOCK_COMMAND_LINE);
    return text != NULL ? text : none;
}

/* ---- debug output ---- */

VOID WINAPI OutputDebugStringA(LPCSTR lpOutputString)
{
    if (ci_tracing && lpOutputString != NULL)
        (void)ci_sys_write(2, lpOutputString, strlen(lpOutputString));
}

VOID WINAPI OutputDebugStringW(LPCWSTR lpOutputString)
{
    char *text = ci_tracing ? ci_utf8_of(lpOutputString) : NULL;

    if (text != NULL)
        OutputDebugStringA(text);
    ci_sys_free(text);
}
