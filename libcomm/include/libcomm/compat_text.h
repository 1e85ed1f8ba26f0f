/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_COMPAT_TEXT_H
#define LIBCOMM_COMPAT_TEXT_H

/*
 * Text as Windows programs handle it, in UTF-8 (A) and UTF-16 (W): the lstr calls, conversion
 * between the two, wsprintf and the strsafe family.
 *
 * All formatting here goes by Windows' rules, in both forms: l is 32 bits, I64 and ll are 64; %s is
 * the function's own encoding and %S the other, %hs is UTF-8 and %ls or %ws is UTF-16; %p is 16
 * capital digits.  A width or precision counts units.  %n fails.
 */

#include <stdarg.h>
#include <stddef.h>

#include <libcomm/types.h>

COMM_BEGIN_DECLS

/* ---- results in one number ---- */

#ifndef S_OK
#define S_OK ((HRESULT)0)
#define S_FALSE ((HRESULT)1)
#define E_NOTIMPL ((HRESULT)0x80004001)
#define E_POINTER ((HRESULT)0x80004003)
#define E_ABORT ((HRESULT)0x80004004)
#define E_FAIL ((HRESULT)0x80004005)
#define E_UNEXPECTED ((HRESULT)0x8000FFFF)
#define E_ACCESSDENIED ((HRESULT)0x80070005)
#define E_HANDLE ((HRESULT)0x80070006)
#define E_OUTOFMEMORY ((HRESULT)0x8007000E)
#define E_INVALIDARG ((HRESULT)0x80070057)
#endif

#define FACILITY_WIN32 7
#define SUCCEEDED(hr) ((HRESULT)(hr) >= 0)
#define FAILED(hr) ((HRESULT)(hr) < 0)
#define HRESULT_CODE(hr) ((hr)&0xFFFF)
#define HRESULT_FACILITY(hr) (((hr) >> 16) & 0x1FFF)

static inline HRESULT HRESULT_FROM_WIN32(DWORD error)
{
    return (HRESULT)error <= 0 ? (HRESULT)error : (HRESULT)((error & 0xFFFF) | 0x80070000);
}

/* ---- the lstr calls ----
 * Comparison goes by code points, not by a language; without case, letters of Latin, Greek and
 * Cyrillic are equal to their capitals.  NULL is before everything, and equal to NULL. */

COMM_API int WINAPI lstrlenA(LPCSTR lpString) COMM_NAME(lstrlenA);
COMM_API int WINAPI lstrlenW(LPCWSTR lpString) COMM_NAME(lstrlenW);
COMM_API LPSTR WINAPI lstrcpyA(LPSTR lpString1, LPCSTR lpString2) COMM_NAME(lstrcpyA);
COMM_API LPWSTR WINAPI lstrcpyW(LPWSTR lpString1, LPCWSTR lpString2) COMM_NAME(lstrcpyW);
/* At most iMaxLength units with the NUL, which is always there. */
COMM_API LPSTR WINAPI lstrcpynA(LPSTR lpString1, LPCSTR lpString2, int iMaxLength)
    COMM_NAME(lstrcpynA);
COMM_API LPWSTR WINAPI lstrcpynW(LPWSTR lpString1, LPCWSTR lpString2, int iMaxLength)
    COMM_NAME(lstrcpynW);
COMM_API LPSTR WINAPI lstrcatA(LPSTR lpString1, LPCSTR lpString2) COMM_NAME(lstrcatA);
COMM_API LPWSTR WINAPI lstrcatW(LPWSTR lpString1, LPCWSTR lpString2) COMM_NAME(lstrcatW);
COMM_API int WINAPI lstrcmpA(LPCSTR lpString1, LPCSTR lpString2) COMM_NAME(lstrcmpA);
COMM_API int WINAPI lstrcmpW(LPCWSTR lpString1, LPCWSTR lpString2) COMM_NAME(lstrcmpW);
COMM_API int WINAPI lstrcmpiA(LPCSTR lpString1, LPCSTR lpString2) COMM_NAME(lstrcmpiA);
COMM_API int WINAPI lstrcmpiW(LPCWSTR lpString1, LPCWSTR lpString2) COMM_NAME(lstrcmpiW);

/* ---- conversion ----
 * Every code page of the system is UTF-8; other numbers are 87.  Lengths are of the source, -1 up
 * to and with its NUL.  Room 0 measures.  Too little room: 0 and 122.  What is not well-formed
 * becomes U+FFFD, or with the ERR_INVALID_CHARS flag 0 and 1113.  Wrong flags: 1004. */

#define CP_ACP 0
#define CP_OEMCP 1
#define CP_THREAD_ACP 3
#define CP_UTF8 65001

#define MB_PRECOMPOSED 0x00000001
#define MB_ERR_INVALID_CHARS 0x00000008
#define WC_ERR_INVALID_CHARS 0x00000080
#define WC_COMPOSITECHECK 0x00000200
#define WC_NO_BEST_FIT_CHARS 0x00000400

COMM_API int WINAPI MultiByteToWideChar(UINT CodePage, DWORD dwFlags, LPCCH lpMultiByteStr,
                                        int cbMultiByte, LPWSTR lpWideCharStr, int cchWideChar)
    COMM_NAME(MultiByteToWideChar);
/* The default character is never used; asking for it with CP_UTF8 is 87. */
COMM_API int WINAPI WideCharToMultiByte(UINT CodePage, DWORD dwFlags, LPCWCH lpWideCharStr,
                                        int cchWideChar, LPSTR lpMultiByteStr, int cbMultiByte,
                                        LPCCH lpDefaultChar, LPBOOL lpUsedDefaultChar)
    COMM_NAME(WideCharToMultiByte);
COMM_API UINT WINAPI GetACP(void) COMM_NAME(GetACP);

/* ---- wsprintf ----
 * At most 1024 units with the NUL: the rest is cut.  Returns the length.  No floating point. */

COMM_API int WINAPIV wsprintfA(LPSTR lpOut, LPCSTR lpFmt, ...) COMM_NAME(wsprintfA);
COMM_API int WINAPIV wsprintfW(LPWSTR lpOut, LPCWSTR lpFmt, ...) COMM_NAME(wsprintfW);
COMM_API int WINAPI wvsprintfA(LPSTR lpOut, LPCSTR lpFmt, va_list arglist) COMM_NAME(wvsprintfA);
COMM_API int WINAPI wvsprintfW(LPWSTR lpOut, LPCWSTR lpFmt, va_list arglist) COMM_NAME(wvsprintfW);

/* ---- strsafe ----
 * The destination is always terminated.  What does not fit is cut, and the result says so:
 * STRSAFE_E_INSUFFICIENT_BUFFER.  Cch forms count units, Cb forms bytes. */

#define STRSAFE_MAX_CCH 2147483647
#define STRSAFE_E_INSUFFICIENT_BUFFER ((HRESULT)0x8007007A)
#define STRSAFE_E_INVALID_PARAMETER ((HRESULT)0x80070057)
#define STRSAFE_E_END_OF_FILE ((HRESULT)0x80070026)

typedef LPSTR STRSAFE_LPSTR;
typedef LPCSTR STRSAFE_LPCSTR;
typedef LPWSTR STRSAFE_LPWSTR;
typedef LPCWSTR STRSAFE_LPCWSTR;

COMM_API HRESULT WINAPI StringCchCopyA(LPSTR pszDest, size_t cchDest, LPCSTR pszSrc)
    COMM_NAME(StringCchCopyA);
COMM_API HRESULT WINAPI StringCchCopyW(LPWSTR pszDest, size_t cchDest, LPCWSTR pszSrc)
    COMM_NAME(StringCchCopyW);
COMM_API HRESULT WINAPI StringCbCopyA(LPSTR pszDest, size_t cbDest, LPCSTR pszSrc)
    COMM_NAME(StringCbCopyA);
COMM_API HRESULT WINAPI StringCbCopyW(LPWSTR pszDest, size_t cbDest, LPCWSTR pszSrc)
    COMM_NAME(StringCbCopyW);
COMM_API HRESULT WINAPI StringCchCopyNA(LPSTR pszDest, size_t cchDest, LPCSTR pszSrc,
                                        size_t cchToCopy) COMM_NAME(StringCchCopyNA);
COMM_API HRESULT WINAPI StringCchCopyNW(LPWSTR pszDest, size_t cchDest, LPCWSTR pszSrc,
                                        size_t cchToCopy) COMM_NAME(StringCchCopyNW);
COMM_API HRESULT WINAPI StringCbCopyNA(LPSTR pszDest, size_t cbDest, LPCSTR pszSrc, size_t cbToCopy)
    COMM_NAME(StringCbCopyNA);
COMM_API HRESULT WINAPI StringCbCopyNW(LPWSTR pszDest, size_t cbDest, LPCWSTR pszSrc,
                                       size_t cbToCopy) COMM_NAME(StringCbCopyNW);
/* A destination without a NUL in its room: STRSAFE_E_INVALID_PARAMETER, and nothing is changed. */
COMM_API HRESULT WINAPI StringCchCatA(LPSTR pszDest, size_t cchDest, LPCSTR pszSrc)
    COMM_NAME(StringCchCatA);
COMM_API HRESULT WINAPI StringCchCatW(LPWSTR pszDest, size_t cchDest, LPCWSTR pszSrc)
    COMM_NAME(StringCchCatW);
COMM_API HRESULT WINAPI StringCbCatA(LPSTR pszDest, size_t cbDest, LPCSTR pszSrc)
    COMM_NAME(StringCbCatA);
COMM_API HRESULT WINAPI StringCbCatW(LPWSTR pszDest, size_t cbDest, LPCWSTR pszSrc)
    COMM_NAME(StringCbCatW);
COMM_API HRESULT WINAPI StringCchCatNA(LPSTR pszDest, size_t cchDest, LPCSTR pszSrc,
                                       size_t cchToAppend) COMM_NAME(StringCchCatNA);
COMM_API HRESULT WINAPI StringCchCatNW(LPWSTR pszDest, size_t cchDest, LPCWSTR pszSrc,
                                       size_t cchToAppend) COMM_NAME(StringCchCatNW);
COMM_API HRESULT WINAPI StringCbCatNA(LPSTR pszDest, size_t cbDest, LPCSTR pszSrc,
                                      size_t cbToAppend) COMM_NAME(StringCbCatNA);
COMM_API HRESULT WINAPI StringCbCatNW(LPWSTR pszDest, size_t cbDest, LPCWSTR pszSrc,
                                      size_t cbToAppend) COMM_NAME(StringCbCatNW);
COMM_API HRESULT WINAPIV StringCchPrintfA(LPSTR pszDest, size_t cchDest, LPCSTR pszFormat, ...)
    COMM_NAME(StringCchPrintfA);
COMM_API HRESULT WINAPIV StringCchPrintfW(LPWSTR pszDest, size_t cchDest, LPCWSTR pszFormat, ...)
    COMM_NAME(StringCchPrintfW);
COMM_API HRESULT WINAPIV StringCbPrintfA(LPSTR pszDest, size_t cbDest, LPCSTR pszFormat, ...)
    COMM_NAME(StringCbPrintfA);
COMM_API HRESULT WINAPIV StringCbPrintfW(LPWSTR pszDest, size_t cbDest, LPCWSTR pszFormat, ...)
    COMM_NAME(StringCbPrintfW);
COMM_API HRESULT WINAPI StringCchVPrintfA(LPSTR pszDest, size_t cchDest, LPCSTR pszFormat,
                                          va_list argList) COMM_NAME(StringCchVPrintfA);
COMM_API HRESULT WINAPI StringCchVPrintfW(LPWSTR pszDest, size_t cchDest, LPCWSTR pszFormat,
                                          va_list argList) COMM_NAME(StringCchVPrintfW);
COMM_API HRESULT WINAPI StringCbVPrintfA(LPSTR pszDest, size_t cbDest, LPCSTR pszFormat,
                                         va_list argList) COMM_NAME(StringCbVPrintfA);
COMM_API HRESULT WINAPI StringCbVPrintfW(LPWSTR pszDest, size_t cbDest, LPCWSTR pszFormat,
                                         va_list argList) COMM_NAME(StringCbVPrintfW);
/* No NUL within the limit: STRSAFE_E_INVALID_PARAMETER and a length of 0.  The length may be NULL.
 */
COMM_API HRESULT WINAPI StringCchLengthA(LPCSTR psz, size_t cchMax, size_t *pcchLength)
    COMM_NAME(StringCchLengthA);
COMM_API HRESULT WINAPI StringCchLengthW(LPCWSTR psz, size_t cchMax, size_t *pcchLength)
    COMM_NAME(StringCchLengthW);
COMM_API HRESULT WINAPI StringCbLengthA(LPCSTR psz, size_t cbMax, size_t *pcbLength)
    COMM_NAME(StringCbLengthA);
COMM_API HRESULT WINAPI StringCbLengthW(LPCWSTR psz, size_t cbMax, size_t *pcbLength)
    COMM_NAME(StringCbLengthW);

/* ---- the neutral names ---- */

#ifdef UNICODE
#define lstrlen lstrlenW
#define lstrcpy lstrcpyW
#define lstrcpyn lstrcpynW
#define lstrcat lstrcatW
#define lstrcmp lstrcmpW
#define lstrcmpi lstrcmpiW
#define wsprintf wsprintfW
#define wvsprintf wvsprintfW
#define StringCchCopy StringCchCopyW
#define StringCbCopy StringCbCopyW
#define StringCchCopyN StringCchCopyNW
#define StringCbCopyN StringCbCopyNW
#define StringCchCat StringCchCatW
#define StringCbCat StringCbCatW
#define StringCchCatN StringCchCatNW
#define StringCbCatN StringCbCatNW
#define StringCchPrintf StringCchPrintfW
#define StringCbPrintf StringCbPrintfW
#define StringCchVPrintf StringCchVPrintfW
#define StringCbVPrintf StringCbVPrintfW
#define StringCchLength StringCchLengthW
#define StringCbLength StringCbLengthW
#else
#define lstrlen lstrlenA
#define lstrcpy lstrcpyA
#define lstrcpyn lstrcpynA
#define lstrcat lstrcatA
#define lstrcmp lstrcmpA
#define lstrcmpi lstrcmpiA
#define wsprintf wsprintfA
#define wvsprintf wvsprintfA
#define StringCchCopy StringCchCopyA
#define StringCbCopy StringCbCopyA
#define StringCchCopyN StringCchCopyNA
#define StringCbCopyN StringCbCopyNA
#define StringCchCat StringCchCatA
#define StringCbCat StringCbCatA
#define StringCchCatN StringCchCatNA
#define StringCbCatN StringCbCatNA
#define StringCchPrintf StringCchPrintfA
#define StringCbPrintf StringCbPrintfA
#define StringCchVPrintf StringCchVPrintfA
#define StringCbVPrintf StringCbVPrintfA
#define StringCchLength StringCchLengthA
#define StringCbLength StringCbLengthA
#endif

COMM_END_DECLS

#endif
