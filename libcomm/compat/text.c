/* SPDX-License-Identifier: MIT */
/* The lstr and wsprintf calls, in both widths.  They date from times when a bad pointer was an
 * answer and not a crash; NULL still is. */
#include <limits.h>
#include <string.h>

#include <libcomm/compat.h>

#include "libcomm/compat/format.h"
#include "libcomm/compat/units.h"

#define WSPRINTF_ROOM 1024

static int length(const void *text, bool wide)
{
    return text != NULL ? (int)ci_units_len(text, INT_MAX, wide) : 0;
}

static void *copy(void *dest, const void *src, bool wide)
{
    size_t len;

    if (dest == NULL || src == NULL)
        return NULL;
    len = ci_units_len(src, SIZE_MAX, wide) + 1;
    return memmove(dest, src, wide ? len * 2 : len);
}

static void *copy_some(void *dest, const void *src, int room, bool wide)
{
    if (dest == NULL || src == NULL)
        return NULL;
    if (room > 0)
        ci_units_put(dest, (size_t)room, 0, src, SIZE_MAX, wide);
    return dest;
}

static void *append(void *dest, const void *src, bool wide)
{
    if (dest == NULL || src == NULL)
        return NULL;
    ci_units_put(dest, SIZE_MAX, ci_units_len(dest, SIZE_MAX, wide), src, SIZE_MAX, wide);
    return dest;
}

static int compare(const void *a, const void *b, bool fold_case, bool wide)
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return ci_units_compare(a, b, SIZE_MAX, fold_case, wide);
}

int WINAPI lstrlenA(LPCSTR lpString)
{
    return length(lpString, false);
}

int WINAPI lstrlenW(LPCWSTR lpString)
{
    return length(lpString, true);
}

LPSTR WINAPI lstrcpyA(LPSTR lpString1, LPCSTR lpString2)
{
    return copy(lpString1, lpString2, false);
}

LPWSTR WINAPI lstrcpyW(LPWSTR lpString1, LPCWSTR lpString2)
{
    return copy(lpString1, lpString2, true);
}

LPSTR WINAPI lstrcpynA(LPSTR lpString1, LPCSTR lpString2, int iMaxLength)
{
    return copy_some(lpString1, lpString2, iMaxLength, false);
}

LPWSTR WINAPI lstrcpynW(LPWSTR lpString1, LPCWSTR lpString2, int iMaxLength)
{
    return copy_some(lpString1, lpString2, iMaxLength, true);
}

LPSTR WINAPI lstrcatA(LPSTR lpString1, LPCSTR lpString2)
{
    return append(lpString1, lpString2, false);
}

LPWSTR WINAPI lstrcatW(LPWSTR lpString1, LPCWSTR lpString2)
{
    return append(lpString1, lpString2, true);
}

int WINAPI lstrcmpA(LPCSTR lpString1, LPCSTR lpString2)
{
    return compare(lpString1, lpString2, false, false);
}

int WINAPI lstrcmpW(LPCWSTR lpString1, LPCWSTR lpString2)
{
    return compare(lpString1, lpString2, false, true);
}

int WINAPI lstrcmpiA(LPCSTR lpString1, LPCSTR lpString2)
{
    return compare(lpString1, lpString2, true, false);
}

int WINAPI lstrcmpiW(LPCWSTR lpString1, LPCWSTR lpString2)
{
    return compare(lpString1, lpString2, true, true);
}

/* ---- wsprintf ---- */

static int print(bool wide, void *dest, const void *format, va_list args)
{
    size_t len = ci_format(wide, dest, WSPRINTF_ROOM, format, args);

    if (len == CI_FORMAT_FAILED)
        return 0;
    return len < WSPRINTF_ROOM ? (int)len : WSPRINTF_ROOM - 1;
}

int WINAPIV wsprintfA(LPSTR lpOut, LPCSTR lpFmt, ...)
{
    va_list args;
    int len;

    va_start(args, lpFmt);
    len = print(false, lpOut, lpFmt, args);
    va_end(args);
    return len;
}

int WINAPIV wsprintfW(LPWSTR lpOut, LPCWSTR lpFmt, ...)
{
    va_list args;
    int len;

    va_start(args, lpFmt);
    len = print(true, lpOut, lpFmt, args);
    va_end(args);
    return len;
}

int WINAPI wvsprintfA(LPSTR lpOut, LPCSTR lpFmt, va_list arglist)
{
    return print(false, lpOut, lpFmt, arglist);
}

int WINAPI wvsprintfW(LPWSTR lpOut, LPCWSTR lpFmt, va_list arglist)
{
    return print(true, lpOut, lpFmt, arglist);
}
