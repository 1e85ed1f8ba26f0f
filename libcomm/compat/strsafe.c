/* SPDX-License-Identifier: MIT */
/* The strsafe calls.  Four functions each: A and W, counting units or bytes; all of them are one
 * line over the same work on strings of either width. */
#include <libcomm/compat.h>

#include "libcomm/compat/format.h"
#include "libcomm/compat/units.h"

#define ALL ((size_t)-1)

static bool room_is_legal(const void *dest, size_t room)
{
    return dest != NULL && room != 0 && room <= STRSAFE_MAX_CCH;
}

static HRESULT copy(void *dest, size_t room, const void *src, size_t most, bool wide)
{
    if (!room_is_legal(dest, room))
        return STRSAFE_E_INVALID_PARAMETER;
    if (src == NULL || (most != ALL && most > STRSAFE_MAX_CCH)) {
        ci_unit_put(dest, 0, wide, 0);
        return STRSAFE_E_INVALID_PARAMETER;
    }
    return ci_units_put(dest, room, 0, src, most, wide) ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

static HRESULT append(void *dest, size_t room, const void *src, size_t most, bool wide)
{
    size_t used;

    if (!room_is_legal(dest, room))
        return STRSAFE_E_INVALID_PARAMETER;
    used = ci_units_len(dest, room, wide);
    if (used == room || src == NULL || (most != ALL && most > STRSAFE_MAX_CCH))
        return STRSAFE_E_INVALID_PARAMETER;
    return ci_units_put(dest, room, used, src, most, wide) ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

static HRESULT print(void *dest, size_t room, const void *format, va_list args, bool wide)
{
    size_t len;

    if (!room_is_legal(dest, room))
        return STRSAFE_E_INVALID_PARAMETER;
    if (format == NULL) {
        ci_unit_put(dest, 0, wide, 0);
        return STRSAFE_E_INVALID_PARAMETER;
    }
    len = ci_format(wide, dest, room, format, args);
    if (len == CI_FORMAT_FAILED)
        return STRSAFE_E_INVALID_PARAMETER;
    return len < room ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

static HRESULT measure(const void *text, size_t most, size_t *len, size_t unit)
{
    size_t units = 0;

    if (len != NULL)
        *len = 0;
    if (text == NULL || most > STRSAFE_MAX_CCH)
        return STRSAFE_E_INVALID_PARAMETER;
    units = ci_units_len(text, most, unit == 2);
    if (units == most)
        return STRSAFE_E_INVALID_PARAMETER;
    if (len != NULL)
        *len = units;
    return S_OK;
}

/* ---- copies ---- */

HRESULT WINAPI StringCchCopyA(LPSTR pszDest, size_t cchDest, LPCSTR pszSrc)
{
    return copy(pszDest, cchDest, pszSrc, ALL, false);
}

HRESULT WINAPI StringCchCopyW(LPWSTR pszDest, size_t cchDest, LPCWSTR pszSrc)
{
    return copy(pszDest, cchDest, pszSrc, ALL, true);
}

HRESULT WINAPI StringCbCopyA(LPSTR pszDest, size_t cbDest, LPCSTR pszSrc)
{
    return copy(pszDest, cbDest, pszSrc, ALL, false);
}

HRESULT WINAPI StringCbCopyW(LPWSTR pszDest, size_t cbDest, LPCWSTR pszSrc)
{
    return copy(pszDest, cbDest / sizeof(WCHAR), pszSrc, ALL, true);
}

HRESULT WINAPI StringCchCopyNA(LPSTR pszDest, size_t cchDest, LPCSTR pszSrc, size_t cchToCopy)
{
    return copy(pszDest, cchDest, pszSrc, cchToCopy, false);
}

HRESULT WINAPI StringCchCopyNW(LPWSTR pszDest, size_t cchDest, LPCWSTR pszSrc, size_t cchToCopy)
{
    return copy(pszDest, cchDest, pszSrc, cchToCopy, true);
}

HRESULT WINAPI StringCbCopyNA(LPSTR pszDest, size_t cbDest, LPCSTR pszSrc, size_t cbToCopy)
{
    return copy(pszDest, cbDest, pszSrc, cbToCopy, false);
}

HRESULT WINAPI StringCbCopyNW(LPWSTR pszDest, size_t cbDest, LPCWSTR pszSrc, size_t cbToCopy)
{
    return copy(pszDest, cbDest / sizeof(WCHAR), pszSrc, cbToCopy / sizeof(WCHAR), true);
}

/* ---- appending ---- */

HRESULT WINAPI StringCchCatA(LPSTR pszDest, size_t cchDest, LPCSTR pszSrc)
{
    return append(pszDest, cchDest, pszSrc, ALL, false);
}

HRESULT WINAPI StringCchCatW(LPWSTR pszDest, size_t cchDest, LPCWSTR pszSrc)
{
    return append(pszDest, cchDest, pszSrc, ALL, true);
}

HRESULT WINAPI StringCbCatA(LPSTR pszDest, size_t cbDest, LPCSTR pszSrc)
{
    return append(pszDest, cbDest, pszSrc, ALL, false);
}

HRESULT WINAPI StringCbCatW(LPWSTR pszDest, size_t cbDest, LPCWSTR pszSrc)
{
    return append(pszDest, cbDest / sizeof(WCHAR), pszSrc, ALL, true);
}

HRESULT WINAPI StringCchCatNA(LPSTR pszDest, size_t cchDest, LPCSTR pszSrc, size_t cchToAppend)
{
    return append(pszDest, cchDest, pszSrc, cchToAppend, false);
}

HRESULT WINAPI StringCchCatNW(LPWSTR pszDest, size_t cchDest, LPCWSTR pszSrc, size_t cchToAppend)
{
    return append(pszDest, cchDest, pszSrc, cchToAppend, true);
}

HRESULT WINAPI StringCbCatNA(LPSTR pszDest, size_t cbDest, LPCSTR pszSrc, size_t cbToAppend)
{
    return append(pszDest, cbDest, pszSrc, cbToAppend, false);
}

HRESULT WINAPI StringCbCatNW(LPWSTR pszDest, size_t cbDest, LPCWSTR pszSrc, size_t cbToAppend)
{
    return append(pszDest, cbDest / sizeof(WCHAR), pszSrc, cbToAppend / sizeof(WCHAR), true);
}

/* ---- printing ---- */

HRESULT WINAPI StringCchVPrintfA(LPSTR pszDest, size_t cchDest, LPCSTR pszFormat, va_list argList)
{
    return print(pszDest, cchDest, pszFormat, argList, false);
}

HRESULT WINAPIV StringCchPrintfA(LPSTR pszDest, size_t cchDest, LPCSTR pszFormat, ...)
{
    va_list args;
    HRESULT result;

    va_start(args, pszFormat);
    result = print(pszDest, cchDest, pszFormat, args, false);
    va_end(args);
    return result;
}

HRESULT WINAPI StringCchVPrintfW(LPWSTR pszDest, size_t cchDest, LPCWSTR pszFormat, va_list argList)
{
    return print(pszDest, cchDest, pszFormat, argList, true);
}

HRESULT WINAPIV StringCchPrintfW(LPWSTR pszDest, size_t cchDest, LPCWSTR pszFormat, ...)
{
    va_list args;
    HRESULT result;

    va_start(args, pszFormat);
    result = print(pszDest, cchDest, pszFormat, args, true);
    va_end(args);
    return result;
}

HRESULT WINAPI StringCbVPrintfA(LPSTR pszDest, size_t cbDest, LPCSTR pszFormat, va_list argList)
{
    return print(pszDest, cbDest, pszFormat, argList, false);
}

HRESULT WINAPIV StringCbPrintfA(LPSTR pszDest, size_t cbDest, LPCSTR pszFormat, ...)
{
    va_list args;
    HRESULT result;

    va_start(args, pszFormat);
    result = print(pszDest, cbDest, pszFormat, args, false);
    va_end(args);
    return result;
}

HRESULT WINAPI StringCbVPrintfW(LPWSTR pszDest, size_t cbDest, LPCWSTR pszFormat, va_list argList)
{
    return print(pszDest, cbDest / sizeof(WCHAR), pszFormat, argList, true);
}

HRESULT WINAPIV StringCbPrintfW(LPWSTR pszDest, size_t cbDest, LPCWSTR pszFormat, ...)
{
    va_list args;
    HRESULT result;

    va_start(args, pszFormat);
    result = print(pszDest, cbDest / sizeof(WCHAR), pszFormat, args, true);
    va_end(args);
    return result;
}

/* ---- lengths ---- */

HRESULT WINAPI StringCchLengthA(LPCSTR psz, size_t cchMax, size_t *pcchLength)
{
    return measure(psz, cchMax, pcchLength, sizeof(CHAR));
}

HRESULT WINAPI StringCchLengthW(LPCWSTR psz, size_t cchMax, size_t *pcchLength)
{
    return measure(psz, cchMax, pcchLength, sizeof(WCHAR));
}

HRESULT WINAPI StringCbLengthA(LPCSTR psz, size_t cbMax, size_t *pcbLength)
{
    return measure(psz, cbMax, pcbLength, sizeof(CHAR));
}

HRESULT WINAPI StringCbLengthW(LPCWSTR psz, size_t cbMax, size_t *pcbLength)
{
    size_t units = 0;
    HRESULT result = measure(psz, cbMax / sizeof(WCHAR), &units, sizeof(WCHAR));

    if (pcbLength != NULL)
        *pcbLength = units * sizeof(WCHAR);
    return result;
}
