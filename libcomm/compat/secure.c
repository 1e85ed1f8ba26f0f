/* SPDX-License-Identifier: MIT */
/* The bounded string and printf functions of Microsoft's C runtime, in both widths.  Where that one
 * would call its handler for invalid parameters, these return the error and leave "". */
#include <errno.h>
#include <limits.h>

#include <libcomm/compat_crt.h>

#include "libcomm/compat/format.h"
#include "libcomm/compat/units.h"

#define ALL ((size_t)-2) /* no bound; _TRUNCATE is -1 */

static errno_t put(void *dest, size_t room, size_t used, const void *src, size_t most, bool wide)
{
    if (ci_units_put(dest, room, used, src, most == _TRUNCATE ? ALL : most, wide))
        return 0;
    if (most == _TRUNCATE)
        return STRUNCATE;
    ci_unit_put(dest, 0, wide, 0);
    return ERANGE;
}

static errno_t copy(void *dest, size_t room, const void *src, size_t most, bool wide)
{
    if (dest == NULL || room == 0)
        return EINVAL;
    if (src == NULL) {
        ci_unit_put(dest, 0, wide, 0);
        return EINVAL;
    }
    return put(dest, room, 0, src, most, wide);
}

static errno_t append(void *dest, size_t room, const void *src, size_t most, bool wide)
{
    size_t used;

    if (dest == NULL || room == 0)
        return EINVAL;
    used = ci_units_len(dest, room, wide);
    if (src == NULL || used == room) { /* there is no string to append to */
        ci_unit_put(dest, 0, wide, 0);
        return EINVAL;
    }
    return put(dest, room, used, src, most, wide);
}

errno_t strcpy_s(char *dest, size_t room, const char *src)
{
    return copy(dest, room, src, ALL, false);
}

errno_t strcat_s(char *dest, size_t room, const char *src)
{
    return append(dest, room, src, ALL, false);
}

errno_t strncpy_s(char *dest, size_t room, const char *src, size_t count)
{
    return copy(dest, room, src, count, false);
}

errno_t strncat_s(char *dest, size_t room, const char *src, size_t count)
{
    return append(dest, room, src, count, false);
}

errno_t comm_wcscpy_s(WCHAR *dest, size_t room, const WCHAR *src)
{
    return copy(dest, room, src, ALL, true);
}

errno_t comm_wcscat_s(WCHAR *dest, size_t room, const WCHAR *src)
{
    return append(dest, room, src, ALL, true);
}

errno_t comm_wcsncpy_s(WCHAR *dest, size_t room, const WCHAR *src, size_t count)
{
    return copy(dest, room, src, count, true);
}

errno_t comm_wcsncat_s(WCHAR *dest, size_t room, const WCHAR *src, size_t count)
{
    return append(dest, room, src, count, true);
}

/* ---- printing: all or nothing ---- */

static int print(void *dest, size_t room, const void *format, va_list args, bool wide)
{
    size_t len;

    if (dest == NULL || room == 0 || format == NULL) {
        errno = EINVAL;
        return -1;
    }
    len = ci_format(wide, dest, room, format, args);
    if (len < room && len <= INT_MAX)
        return (int)len;
    ci_unit_put(dest, 0, wide, 0);
    errno = len == CI_FORMAT_FAILED ? EINVAL : ERANGE;
    return -1;
}

int vsprintf_s(char *dest, size_t room, const char *format, va_list args)
{
    return print(dest, room, format, args, false);
}

int sprintf_s(char *dest, size_t room, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = print(dest, room, format, args, false);
    va_end(args);
    return len;
}

int comm_vswprintf_s(WCHAR *dest, size_t room, const WCHAR *format, va_list args)
{
    return print(dest, room, format, args, true);
}

int comm_swprintf_s(WCHAR *dest, size_t room, const WCHAR *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = print(dest, room, format, args, true);
    va_end(args);
    return len;
}

/* ---- printing: count units and the NUL ---- */

static int print_some(void *dest, size_t room, size_t count, const void *format, va_list args,
                      bool wide)
{
    size_t len;

    if (count >= room && count != _TRUNCATE) /* what does not fit is then an error */
        return print(dest, room, format, args, wide);
    if (dest == NULL || room == 0 || format == NULL) {
        errno = EINVAL;
        return -1;
    }
    if (count < room)
        room = count + 1;
    len = ci_format(wide, dest, room, format, args);
    return len < room && len <= INT_MAX ? (int)len : -1;
}

int _vsnprintf_s(char *dest, size_t room, size_t count, const char *format, va_list args)
{
    return print_some(dest, room, count, format, args, false);
}

int _snprintf_s(char *dest, size_t room, size_t count, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = print_some(dest, room, count, format, args, false);
    va_end(args);
    return len;
}

int comm_vsnwprintf_s(WCHAR *dest, size_t room, size_t count, const WCHAR *format, va_list args)
{
    return print_some(dest, room, count, format, args, true);
}

int comm_snwprintf_s(WCHAR *dest, size_t room, size_t count, const WCHAR *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = print_some(dest, room, count, format, args, true);
    va_end(args);
    return len;
}

/* ---- printing: count units, with the NUL only if it fits ---- */

static int print_bare(void *dest, size_t count, const void *format, va_list args, bool wide)
{
    size_t len;

    if (format == NULL || (dest == NULL && count > 0)) {
        errno = EINVAL;
        return -1;
    }
    len = ci_format_bare(wide, dest, count, format, args);
    if (len < count)
        ci_unit_put(dest, len, wide, 0);
    return len <= count && len <= INT_MAX ? (int)len : -1;
}

int _vsnprintf(char *dest, size_t count, const char *format, va_list args)
{
    return print_bare(dest, count, format, args, false);
}

int _snprintf(char *dest, size_t count, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = print_bare(dest, count, format, args, false);
    va_end(args);
    return len;
}

int comm_vsnwprintf(WCHAR *dest, size_t count, const WCHAR *format, va_list args)
{
    return print_bare(dest, count, format, args, true);
}

int comm_snwprintf(WCHAR *dest, size_t count, const WCHAR *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = print_bare(dest, count, format, args, true);
    va_end(args);
    return len;
}
