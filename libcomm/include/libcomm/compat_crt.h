/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_COMPAT_CRT_H
#define LIBCOMM_COMPAT_CRT_H

/*
 * What ported sources expect of their C runtime and glibc does not have: _beginthreadex, the _s
 * functions, and the wide string functions on 16-bit units, whose names begin with comm_ here
 * because glibc's wcslen and the like are for 32-bit wchar_t.  tchar.h chooses among them.
 *
 * Formatting goes by the rules of compat_text.h.  A broken promise of the caller's (no room, a NULL
 * pointer) gives EINVAL or ERANGE and an empty destination; there is no handler that ends the
 * program.
 */

#include <stdarg.h>
#include <stdio.h>
#include <strings.h>

#include <libcomm/types.h>

COMM_BEGIN_DECLS

/* ---- threads ---- */

typedef unsigned(WINAPI *_beginthreadex_proc_type)(void *argument);
typedef void (*_beginthread_proc_type)(void *argument);

/* CreateThread by another name.  0 and errno when it fails. */
COMM_API uintptr_t _beginthreadex(void *security, unsigned stack_size,
                                  _beginthreadex_proc_type start_address, void *arglist,
                                  unsigned initflag, unsigned *thrdaddr) COMM_NAME(_beginthreadex);
COMM_API COMM_NORETURN void _endthreadex(unsigned retval) COMM_NAME(_endthreadex);
/* The thread closes its handle itself, so the handle may be gone before it is seen: not one to wait
 * for.  (uintptr_t)-1 and errno when it fails. */
COMM_API uintptr_t _beginthread(_beginthread_proc_type start_address, unsigned stack_size,
                                void *arglist) COMM_NAME(_beginthread);
COMM_API COMM_NORETURN void _endthread(void) COMM_NAME(_endthread);

/* ---- bounded strings ---- */

#define _TRUNCATE ((size_t)-1)
#ifndef STRUNCATE
#define STRUNCATE 80
#endif
typedef int errno_t;
typedef size_t rsize_t;

COMM_API errno_t strcpy_s(char *dest, size_t room, const char *src) COMM_NAME(strcpy_s);
COMM_API errno_t strcat_s(char *dest, size_t room, const char *src) COMM_NAME(strcat_s);
/* _TRUNCATE as count: what fits, and STRUNCATE when that is not all. */
COMM_API errno_t strncpy_s(char *dest, size_t room, const char *src, size_t count)
    COMM_NAME(strncpy_s);
COMM_API errno_t strncat_s(char *dest, size_t room, const char *src, size_t count)
    COMM_NAME(strncat_s);
COMM_API errno_t comm_wcscpy_s(WCHAR *dest, size_t room, const WCHAR *src) COMM_NAME(wcscpy_s);
COMM_API errno_t comm_wcscat_s(WCHAR *dest, size_t room, const WCHAR *src) COMM_NAME(wcscat_s);
COMM_API errno_t comm_wcsncpy_s(WCHAR *dest, size_t room, const WCHAR *src, size_t count)
    COMM_NAME(wcsncpy_s);
COMM_API errno_t comm_wcsncat_s(WCHAR *dest, size_t room, const WCHAR *src, size_t count)
    COMM_NAME(wcsncat_s);

/* The length, or -1 and an empty string when it does not fit. */
COMM_API int sprintf_s(char *dest, size_t room, const char *format, ...) COMM_NAME(sprintf_s);
COMM_API int vsprintf_s(char *dest, size_t room, const char *format, va_list args)
    COMM_NAME(vsprintf_s);
COMM_API int comm_swprintf_s(WCHAR *dest, size_t room, const WCHAR *format, ...)
    COMM_NAME(swprintf_s);
COMM_API int comm_vswprintf_s(WCHAR *dest, size_t room, const WCHAR *format, va_list args)
    COMM_NAME(vswprintf_s);
/* Writes at most count units and the NUL; -1 when something was cut. */
COMM_API int _snprintf_s(char *dest, size_t room, size_t count, const char *format, ...)
    COMM_NAME(_snprintf_s);
COMM_API int _vsnprintf_s(char *dest, size_t room, size_t count, const char *format, va_list args)
    COMM_NAME(_vsnprintf_s);
COMM_API int comm_snwprintf_s(WCHAR *dest, size_t room, size_t count, const WCHAR *format, ...)
    COMM_NAME(_snwprintf_s);
COMM_API int comm_vsnwprintf_s(WCHAR *dest, size_t room, size_t count, const WCHAR *format,
                               va_list args) COMM_NAME(_vsnwprintf_s);
/* As snprintf, but cut text has no NUL, and the result is then -1. */
COMM_API int _snprintf(char *dest, size_t count, const char *format, ...) COMM_NAME(_snprintf);
COMM_API int _vsnprintf(char *dest, size_t count, const char *format, va_list args)
    COMM_NAME(_vsnprintf);
COMM_API int comm_snwprintf(WCHAR *dest, size_t count, const WCHAR *format, ...)
    COMM_NAME(_snwprintf);
COMM_API int comm_vsnwprintf(WCHAR *dest, size_t count, const WCHAR *format, va_list args)
    COMM_NAME(_vsnwprintf);

/* ---- strings of 16-bit units: what the wcs functions do ---- */

COMM_API size_t comm_wcslen(const WCHAR *s) COMM_NAME(wcslen);
COMM_API size_t comm_wcsnlen(const WCHAR *s, size_t most) COMM_NAME(wcsnlen);
COMM_API WCHAR *comm_wcscpy(WCHAR *dest, const WCHAR *src) COMM_NAME(wcscpy);
COMM_API WCHAR *comm_wcsncpy(WCHAR *dest, const WCHAR *src, size_t count) COMM_NAME(wcsncpy);
COMM_API WCHAR *comm_wcscat(WCHAR *dest, const WCHAR *src) COMM_NAME(wcscat);
COMM_API WCHAR *comm_wcsncat(WCHAR *dest, const WCHAR *src, size_t count) COMM_NAME(wcsncat);
COMM_API int comm_wcscmp(const WCHAR *a, const WCHAR *b) COMM_NAME(wcscmp);
COMM_API int comm_wcsncmp(const WCHAR *a, const WCHAR *b, size_t count) COMM_NAME(wcsncmp);
COMM_API int comm_wcsicmp(const WCHAR *a, const WCHAR *b) COMM_NAME(_wcsicmp);
COMM_API int comm_wcsnicmp(const WCHAR *a, const WCHAR *b, size_t count) COMM_NAME(_wcsnicmp);
COMM_API WCHAR *comm_wcschr(const WCHAR *s, WCHAR unit) COMM_NAME(wcschr);
COMM_API WCHAR *comm_wcsrchr(const WCHAR *s, WCHAR unit) COMM_NAME(wcsrchr);
COMM_API WCHAR *comm_wcsstr(const WCHAR *s, const WCHAR *what) COMM_NAME(wcsstr);
COMM_API size_t comm_wcsspn(const WCHAR *s, const WCHAR *set) COMM_NAME(wcsspn);
COMM_API size_t comm_wcscspn(const WCHAR *s, const WCHAR *set) COMM_NAME(wcscspn);
COMM_API WCHAR *comm_wcspbrk(const WCHAR *s, const WCHAR *set) COMM_NAME(wcspbrk);
COMM_API WCHAR *comm_wcstok_s(WCHAR *s, const WCHAR *set, WCHAR **next) COMM_NAME(wcstok_s);
COMM_API WCHAR *comm_wcsdup(const WCHAR *s) COMM_NAME(_wcsdup); /* the caller's to free() */
/* Letters here are those of Latin, Greek and Cyrillic. */
COMM_API int comm_towupper(int unit) COMM_NAME(towupper);
COMM_API int comm_towlower(int unit) COMM_NAME(towlower);
COMM_API int comm_iswdigit(int unit) COMM_NAME(iswdigit);
COMM_API int comm_iswspace(int unit) COMM_NAME(iswspace);
COMM_API int comm_iswalpha(int unit) COMM_NAME(iswalpha);
COMM_API int comm_iswalnum(int unit) COMM_NAME(iswalnum);

/* Like their 8-bit namesakes, which see the digits; `end` may be NULL. */
COMM_API long comm_wcstol(const WCHAR *s, WCHAR **end, int base) COMM_NAME(wcstol);
COMM_API unsigned long comm_wcstoul(const WCHAR *s, WCHAR **end, int base) COMM_NAME(wcstoul);
COMM_API int comm_wtoi(const WCHAR *s) COMM_NAME(_wtoi);
COMM_API LONGLONG comm_wtoi64(const WCHAR *s) COMM_NAME(_wtoi64);

/* ---- streams: UTF-16 in the program, UTF-8 outside ---- */

COMM_API int comm_wprintf(const WCHAR *format, ...) COMM_NAME(wprintf);
COMM_API int comm_fwprintf(FILE *stream, const WCHAR *format, ...) COMM_NAME(fwprintf);
COMM_API int comm_vwprintf(const WCHAR *format, va_list args) COMM_NAME(vwprintf);
COMM_API int comm_vfwprintf(FILE *stream, const WCHAR *format, va_list args) COMM_NAME(vfwprintf);
/* Unbounded, as _stprintf is. */
COMM_API int comm_swprintf(WCHAR *dest, const WCHAR *format, ...) COMM_NAME(_swprintf);
COMM_API int comm_vswprintf(WCHAR *dest, const WCHAR *format, va_list args) COMM_NAME(_vswprintf);
COMM_API int comm_putws(const WCHAR *s) COMM_NAME(_putws);
COMM_API int comm_fputws(const WCHAR *s, FILE *stream) COMM_NAME(fputws);
/* A line with its end, in at most room units with the NUL; what did not fit is read by the next
 * call, and a character is never split between two. */
COMM_API WCHAR *comm_fgetws(WCHAR *dest, int room, FILE *stream) COMM_NAME(fgetws);
COMM_API FILE *comm_wfopen(const WCHAR *path, const WCHAR *mode) COMM_NAME(_wfopen);

/* For tchar.h: runs a wmain with the arguments of main. */
COMM_API int comm_run_wmain(int argc, char **argv, int (*wmain)(int, WCHAR **, WCHAR **))
    COMM_NAME(run_wmain);

/* ---- old names ---- */

#define _stricmp strcasecmp
#define _strnicmp strncasecmp
#define _strdup strdup
#define _atoi64 atoll
#ifndef _countof
#define _countof(array) (sizeof(array) / sizeof((array)[0]))
#endif

COMM_END_DECLS

#endif
