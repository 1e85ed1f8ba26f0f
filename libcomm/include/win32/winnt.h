/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_WINNT_H
#define LIBCOMM_WIN32_WINNT_H

/* Types, access rights and status codes are in libcomm/types.h; here is what remains. */

#include <libcomm/compat_interlocked.h>
#include <windef.h>

#define UNREFERENCED_PARAMETER(parameter) ((void)(parameter))
#define DBG_UNREFERENCED_PARAMETER(parameter) ((void)(parameter))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(variable) ((void)(variable))

#define ANYSIZE_ARRAY 1
#define MAXCHAR 0x7F
#define MAXSHORT 0x7FFF
#define MAXBYTE 0xFF
#define MAXUCHAR 0xFF
#define MAXUSHORT 0xFFFF
#define MAXULONG 0xFFFFFFFF
#define MINLONG 0x80000000
#define MAXLONGLONG 0x7FFFFFFFFFFFFFFFLL

#define ARRAYSIZE(array) (sizeof(array) / sizeof((array)[0]))
#define RTL_NUMBER_OF(array) (sizeof(array) / sizeof((array)[0]))
#define FIELD_OFFSET(type, field) ((LONG)offsetof(type, field))
#define CONTAINING_RECORD(address, type, field) \
    ((type *)(void *)((char *)(address)-offsetof(type, field)))

#define C_ASSERT(condition) \
    typedef char COMM_C_ASSERT_[(condition) ? 1 : -1] __attribute__((unused))

#define UInt32x32To64(a, b) ((ULONGLONG)(DWORD)(a) * (DWORD)(b))
#define Int32x32To64(a, b) ((LONGLONG)(LONG)(a) * (LONG)(b))

#ifndef __cplusplus
#define DEFINE_ENUM_FLAG_OPERATORS(type)
#endif

#endif
