/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_TCHAR_H
#define LIBCOMM_WIN32_TCHAR_H

/*
 * Names that mean 8-bit or 16-bit text.  8-bit ones are the C library's own functions, printf and
 * its rules included; 16-bit ones are libcomm's, by Windows' rules (libcomm/compat_text.h).
 *
 * _UNICODE chooses here and UNICODE in windows.h.  Sources define both or neither, before the first
 * header; _UNICODE alone cannot work, because TCHAR is not this header's.
 *
 * _tmain with 16-bit text: Linux starts a program at main, so the definition of _tmain brings a
 * main along that converts the arguments.  A declaration of _tmain apart from its definition would
 * bring a second one: remove it.
 */

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <libcomm/compat_crt.h>
#include <windef.h>

#if defined(_UNICODE) && !defined(UNICODE)
#error "_UNICODE without UNICODE: define both, or neither"
#endif

typedef TCHAR _TCHAR;
typedef int _TINT;

#ifndef _T
#define _T(quoted) COMM_TEXT_(quoted)
#endif
#ifndef __T
#define __T(quoted) COMM_TEXT_(quoted)
#endif
#define _TEOF EOF

#ifdef UNICODE

#ifdef __cplusplus
#define COMM_C_LINKAGE_ extern "C"
#define COMM_IS_VOID_(type) __is_same(type, void)
#else
#define COMM_C_LINKAGE_
#define COMM_IS_VOID_(type) __builtin_types_compatible_p(type, void)
#endif

/* The return type stands before the word _tmain: it goes to a function that is never defined, from
 * which it comes back for the real one.  The real one may take fewer arguments than it is given. */
#define _tmain                                                                     \
    comm_tmain_type_(void);                                                        \
    COMM_C_LINKAGE_ int comm_tmain_any_(int, WCHAR **, WCHAR **) COMM_NAME(tmain); \
    int main(int argc, char **argv)                                                \
    {                                                                              \
        int status = comm_run_wmain(argc, argv, comm_tmain_any_);                  \
                                                                                   \
        return COMM_IS_VOID_(__typeof__(comm_tmain_type_())) ? 0 : status;         \
    }                                                                              \
    COMM_C_LINKAGE_ __typeof__(comm_tmain_type_()) comm_tmain

#define _tcslen comm_wcslen
#define _tcsnlen comm_wcsnlen
#define _tcscpy comm_wcscpy
#define _tcsncpy comm_wcsncpy
#define _tcscat comm_wcscat
#define _tcsncat comm_wcsncat
#define _tcscmp comm_wcscmp
#define _tcsncmp comm_wcsncmp
#define _tcsicmp comm_wcsicmp
#define _tcsnicmp comm_wcsnicmp
#define _tcschr comm_wcschr
#define _tcsrchr comm_wcsrchr
#define _tcsstr comm_wcsstr
#define _tcsspn comm_wcsspn
#define _tcscspn comm_wcscspn
#define _tcspbrk comm_wcspbrk
#define _tcstok_s comm_wcstok_s
#define _tcsdup comm_wcsdup
#define _totupper comm_towupper
#define _totlower comm_towlower
#define _istdigit comm_iswdigit
#define _istspace comm_iswspace
#define _istalpha comm_iswalpha
#define _istalnum comm_iswalnum
#define _tcstol comm_wcstol
#define _tcstoul comm_wcstoul
#define _tstoi comm_wtoi
#define _ttoi comm_wtoi
#define _tstoi64 comm_wtoi64
#define _ttoi64 comm_wtoi64

#define _tcscpy_s comm_wcscpy_s
#define _tcscat_s comm_wcscat_s
#define _tcsncpy_s comm_wcsncpy_s
#define _tcsncat_s comm_wcsncat_s
#define _stprintf_s comm_swprintf_s
#define _vstprintf_s comm_vswprintf_s
#define _sntprintf_s comm_snwprintf_s
#define _vsntprintf_s comm_vsnwprintf_s

#define _tprintf comm_wprintf
#define _ftprintf comm_fwprintf
#define _vtprintf comm_vwprintf
#define _vftprintf comm_vfwprintf
#define _stprintf comm_swprintf
#define _vstprintf comm_vswprintf
#define _sntprintf comm_snwprintf
#define _vsntprintf comm_vsnwprintf
#define _tprintf_s comm_wprintf
#define _ftprintf_s comm_fwprintf
#define _putts comm_putws
#define _fputts comm_fputws
#define _fgetts comm_fgetws
#define _tfopen comm_wfopen

#else

#define _tmain main

#define _tcslen strlen
#define _tcsnlen strnlen
#define _tcscpy strcpy
#define _tcsncpy strncpy
#define _tcscat strcat
#define _tcsncat strncat
#define _tcscmp strcmp
#define _tcsncmp strncmp
#define _tcsicmp strcasecmp
#define _tcsnicmp strncasecmp
#define _tcschr strchr
#define _tcsrchr strrchr
#define _tcsstr strstr
#define _tcsspn strspn
#define _tcscspn strcspn
#define _tcspbrk strpbrk
#define _tcstok strtok
#define _tcstok_s strtok_r
#define _tcsdup strdup
#define _totupper toupper
#define _totlower tolower
#define _istdigit isdigit
#define _istspace isspace
#define _istalpha isalpha
#define _istalnum isalnum
#define _tcstol strtol
#define _tcstoul strtoul
#define _tstoi atoi
#define _ttoi atoi
#define _tstoi64 atoll
#define _ttoi64 atoll

#define _tcscpy_s strcpy_s
#define _tcscat_s strcat_s
#define _tcsncpy_s strncpy_s
#define _tcsncat_s strncat_s
#define _stprintf_s sprintf_s
#define _vstprintf_s vsprintf_s
#define _sntprintf_s _snprintf_s
#define _vsntprintf_s _vsnprintf_s

#define _tprintf printf
#define _ftprintf fprintf
#define _vtprintf vprintf
#define _vftprintf vfprintf
#define _stprintf sprintf
#define _vstprintf vsprintf
#define _sntprintf _snprintf
#define _vsntprintf _vsnprintf
#define _tprintf_s printf
#define _ftprintf_s fprintf
#define _putts puts
#define _fputts fputs
#define _fgetts fgets
#define _tfopen fopen

#endif

#endif
