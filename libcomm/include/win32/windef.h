/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_WIN32_WINDEF_H
#define LIBCOMM_WIN32_WINDEF_H

/*
 * The words sources use around types.  near, far, interface, small, IN and OUT are left alone:
 * Linux headers and programs use them as names.  min and max are macros in C only, unless NOMINMAX.
 */

#include <libcomm/types.h>
#include <sal.h>

#ifndef FAR
#define FAR
#endif
#ifndef NEAR
#define NEAR
#endif
#ifndef PASCAL
#define PASCAL
#endif
#ifndef CDECL
#define CDECL
#endif
#ifndef WINAPI_INLINE
#define WINAPI_INLINE WINAPI
#endif
#ifndef STRICT
#define STRICT 1
#endif

/* What Microsoft's compiler knows by itself. */
#ifndef _MSC_VER
#ifndef __cdecl
#define __cdecl
#define _cdecl
#endif
#ifndef __stdcall
#define __stdcall
#define _stdcall
#endif
#ifndef __fastcall
#define __fastcall
#endif
#ifndef __forceinline
#define __forceinline inline __attribute__((always_inline))
#endif
#ifndef __int64
#define __int64 long /* the type LONGLONG is; it has 64 bits here */
#define _int64 long
#endif
#ifndef __int32
#define __int32 int
#define __int16 short
#define __int8 char
#endif
#ifndef __declspec
#define __declspec(what) COMM_DECLSPEC_##what
#define COMM_DECLSPEC_align(bytes) __attribute__((aligned(bytes)))
#define COMM_DECLSPEC_thread __thread
#define COMM_DECLSPEC_noreturn __attribute__((noreturn))
#define COMM_DECLSPEC_noinline __attribute__((noinline))
#define COMM_DECLSPEC_dllexport __attribute__((visibility("default")))
#define COMM_DECLSPEC_dllimport
#define COMM_DECLSPEC_selectany __attribute__((weak))
#define COMM_DECLSPEC_deprecated __attribute__((deprecated))
#define COMM_DECLSPEC_novtable
#define COMM_DECLSPEC_nothrow
#define COMM_DECLSPEC_restrict
#endif
#endif

#define DECLSPEC_ALIGN(bytes) __attribute__((aligned(bytes)))
#define DECLSPEC_NORETURN COMM_NORETURN
#define FORCEINLINE static inline
#define UNALIGNED

#define LOBYTE(value) ((BYTE)((DWORD_PTR)(value)&0xFF))
#define HIBYTE(value) ((BYTE)(((DWORD_PTR)(value) >> 8) & 0xFF))
#define LOWORD(value) ((WORD)((DWORD_PTR)(value)&0xFFFF))
#define HIWORD(value) ((WORD)(((DWORD_PTR)(value) >> 16) & 0xFFFF))
#define MAKEWORD(low, high) ((WORD)(((BYTE)(low)) | ((WORD)(BYTE)(high)) << 8))
#define MAKELONG(low, high) ((LONG)(((WORD)(low)) | ((DWORD)(WORD)(high)) << 16))

#if !defined(__cplusplus) && !defined(NOMINMAX)
#ifndef max
#define max(a, b) ((a) > (b) ? (a) : (b))
#endif
#ifndef min
#define min(a, b) ((a) < (b) ? (a) : (b))
#endif
#endif

#endif
