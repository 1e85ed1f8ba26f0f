/* SPDX-License-Identifier: MIT */
/* MultiByteToWideChar and back.  Every code page of the system is UTF-8, so there is one conversion
 * each way, and what differs is which flags the caller may use. */
#include <limits.h>
#include <string.h>

#include <libcomm/compat.h>

#include "libcomm/compat/units.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/utf.h"

/* 0, or why not. */
static uint32_t check_flags(UINT code_page, DWORD flags, DWORD strict, DWORD harmless)
{
    switch (code_page) {
    case CP_UTF8:
        return (flags & ~strict) != 0 ? ERROR_INVALID_FLAGS : 0;
    case CP_ACP:
    case CP_OEMCP:
    case CP_THREAD_ACP:
        return (flags & ~(strict | harmless)) != 0 ? ERROR_INVALID_FLAGS : 0;
    default:
        return ERROR_INVALID_PARAMETER;
    }
}

static uint32_t check_buffers(const void *from, int len, const void *to, int room)
{
    bool bad = from == NULL || len == 0 || room < 0 || (room > 0 && (to == NULL || to == from));

    return bad ? ERROR_INVALID_PARAMETER : 0;
}

static int deliver(size_t need, int room)
{
    if (need > INT_MAX)
        return ci_fail(ERROR_INVALID_PARAMETER);
    if (room > 0 && need > (size_t)room)
        return ci_fail(ERROR_INSUFFICIENT_BUFFER);
    return (int)need;
}

/* A character that stands for itself is well-formed; U+FFFD is, if it was there before. */
static bool utf8_is_valid(const char *text, size_t len)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    uint16_t units[8];

    for (size_t at = 0; at < len;) {
        size_t taken = 1;

        while (taken < 4 && at + taken < len && (text[at + taken] & 0xC0) == 0x80)
            taken++;
        ci_utf8_to_16(text + at, taken, units, 8);
        if (units[0] == 0xFFFD && (taken != 3 || memcmp(text + at, replacement, 3) != 0))
            return false;
        if (ci_utf16_to_8(units, ci_utf8_to_16(text + at, taken, units, 8), NULL, 0) != taken)
            return false; /* more behind it than belongs to it */
        at += taken;
    }
    return true;
}

static bool utf16_is_valid(const uint16_t *text, size_t len)
{
    for (size_t at = 0; at < len; at++) {
        if ((text[at] & 0xF800u) != 0xD800u)
            continue;
        if (text[at] >= 0xDC00u || at + 1 == len || (text[at + 1] & 0xFC00u) != 0xDC00u)
            return false;
        at++;
    }
    return true;
}

int WINAPI MultiByteToWideChar(UINT CodePage, DWORD dwFlags, LPCCH lpMultiByteStr, int cbMultiByte,
                               LPWSTR lpWideCharStr, int cchWideChar)
{
    uint32_t error = check_buffers(lpMultiByteStr, cbMultiByte, lpWideCharStr, cchWideChar);
    size_t len;

    if (error == 0)
        error = check_flags(CodePage, dwFlags, MB_ERR_INVALID_CHARS, MB_PRECOMPOSED);
    if (error != 0)
        return ci_fail(error);
    len = cbMultiByte < 0 ? strlen(lpMultiByteStr) + 1 : (size_t)cbMultiByte;
    if ((dwFlags & MB_ERR_INVALID_CHARS) != 0 && !utf8_is_valid(lpMultiByteStr, len))
        return ci_fail(ERROR_NO_UNICODE_TRANSLATION);
    return deliver(ci_utf8_to_16(lpMultiByteStr, len, lpWideCharStr, (size_t)cchWideChar),
                   cchWideChar);
}

int WINAPI WideCharToMultiByte(UINT CodePage, DWORD dwFlags, LPCWCH lpWideCharStr, int cchWideChar,
                               LPSTR lpMultiByteStr, int cbMultiByte, LPCCH lpDefaultChar,
                               LPBOOL lpUsedDefaultChar)
{
    uint32_t error = check_buffers(lpWideCharStr, cchWideChar, lpMultiByteStr, cbMultiByte);
    size_t len;

    if (error == 0)
        error = check_flags(CodePage, dwFlags, WC_ERR_INVALID_CHARS,
                            WC_NO_BEST_FIT_CHARS | WC_COMPOSITECHECK);
    if (error == 0 && CodePage == CP_UTF8 && (lpDefaultChar != NULL || lpUsedDefaultChar != NULL))
        error = ERROR_INVALID_PARAMETER;
    if (error != 0)
        return ci_fail(error);
    len = cchWideChar < 0 ? ci_utf16_len(lpWideCharStr) + 1 : (size_t)cchWideChar;
    if ((dwFlags & WC_ERR_INVALID_CHARS) != 0 && !utf16_is_valid(lpWideCharStr, len))
        return ci_fail(ERROR_NO_UNICODE_TRANSLATION);
    if (lpUsedDefaultChar != NULL) /* U+FFFD is no default character, but it is a loss */
        *lpUsedDefaultChar = !utf16_is_valid(lpWideCharStr, len);
    return deliver(ci_utf16_to_8(lpWideCharStr, len, lpMultiByteStr, (size_t)cbMultiByte),
                   cbMultiByte);
}

UINT WINAPI GetACP(void)
{
    return CP_UTF8;
}
