/* SPDX-License-Identifier: MIT */
/* Sizes, offsets and numbers a program has compiled into itself.  If one of these is wrong, nothing
 * else can be right. */
#include "say.h"
#include <stddef.h>
#include <windows.h>

static void say_scalars(void)
{
    SAY("sizeof.BYTE", sizeof(BYTE));
    SAY("sizeof.WORD", sizeof(WORD));
    SAY("sizeof.WCHAR", sizeof(WCHAR));
    SAY("sizeof.DWORD", sizeof(DWORD));
    SAY("sizeof.ULONG", sizeof(ULONG));
    SAY("sizeof.LONG", sizeof(LONG));
    SAY("sizeof.BOOL", sizeof(BOOL));
    SAY("sizeof.LONGLONG", sizeof(LONGLONG));
    SAY("sizeof.ULONG_PTR", sizeof(ULONG_PTR));
    SAY("sizeof.SIZE_T", sizeof(SIZE_T));
    SAY("sizeof.HANDLE", sizeof(HANDLE));
    SAY("sizeof.LARGE_INTEGER", sizeof(LARGE_INTEGER));
    SAY("sizeof.FILETIME", sizeof(FILETIME));
    SAY("sizeof.SECURITY_ATTRIBUTES", sizeof(SECURITY_ATTRIBUTES));
    SAY("signed.LONG", (LONG)-1 < 0);
    SAY("signed.DWORD", (DWORD)-1 < 1);
    SAY("signed.BOOL", (BOOL)-1 < 0);
}

static void say_structures(void)
{
    LARGE_INTEGER big;

    SAY("sizeof.OVERLAPPED", sizeof(OVERLAPPED));
    SAY("OVERLAPPED.Internal", offsetof(OVERLAPPED, Internal));
    SAY("OVERLAPPED.InternalHigh", offsetof(OVERLAPPED, InternalHigh));
    SAY("OVERLAPPED.Offset", offsetof(OVERLAPPED, Offset));
    SAY("OVERLAPPED.OffsetHigh", offsetof(OVERLAPPED, OffsetHigh));
    SAY("OVERLAPPED.Pointer", offsetof(OVERLAPPED, Pointer));
    SAY("OVERLAPPED.hEvent", offsetof(OVERLAPPED, hEvent));
    SAY("sizeof.OVERLAPPED_ENTRY", sizeof(OVERLAPPED_ENTRY));
    SAY("OVERLAPPED_ENTRY.lpCompletionKey", offsetof(OVERLAPPED_ENTRY, lpCompletionKey));
    SAY("OVERLAPPED_ENTRY.lpOverlapped", offsetof(OVERLAPPED_ENTRY, lpOverlapped));
    SAY("OVERLAPPED_ENTRY.Internal", offsetof(OVERLAPPED_ENTRY, Internal));
    SAY("OVERLAPPED_ENTRY.bytes", offsetof(OVERLAPPED_ENTRY, dwNumberOfBytesTransferred));
    SAY("SECURITY_ATTRIBUTES.bInheritHandle", offsetof(SECURITY_ATTRIBUTES, bInheritHandle));
    big.QuadPart = -2;
    SAY_HEX("LARGE_INTEGER.LowPart", big.LowPart);
    SAY_HEX("LARGE_INTEGER.u.HighPart", big.u.HighPart);
}

static void say_wait_numbers(void)
{
    SAY("WAIT_ABANDONED", WAIT_ABANDONED);
    SAY("WAIT_IO_COMPLETION", WAIT_IO_COMPLETION);
    SAY("WAIT_TIMEOUT", WAIT_TIMEOUT);
    SAY_HEX("WAIT_FAILED", WAIT_FAILED);
    SAY_HEX("INFINITE", INFINITE);
    SAY("MAXIMUM_WAIT_OBJECTS", MAXIMUM_WAIT_OBJECTS);
    SAY("STILL_ACTIVE", STILL_ACTIVE);
    SAY("MAX_PATH", MAX_PATH);
    SAY("ERROR_IO_INCOMPLETE", ERROR_IO_INCOMPLETE);
    SAY("ERROR_IO_PENDING", ERROR_IO_PENDING);
    SAY("ERROR_OPERATION_ABORTED", ERROR_OPERATION_ABORTED);
    SAY("ERROR_ABANDONED_WAIT_0", ERROR_ABANDONED_WAIT_0);
    SAY_HEX("INVALID_SET_FILE_POINTER", INVALID_SET_FILE_POINTER);
    SAY_HEX("INVALID_FILE_SIZE", INVALID_FILE_SIZE);
    SAY_HEX("INVALID_FILE_ATTRIBUTES", INVALID_FILE_ATTRIBUTES);
}

static void say_flag_numbers(void)
{
    SAY_HEX("FILE_FLAG_OVERLAPPED", FILE_FLAG_OVERLAPPED);
    SAY_HEX("FILE_FLAG_DELETE_ON_CLOSE", FILE_FLAG_DELETE_ON_CLOSE);
    SAY_HEX("FILE_FLAG_BACKUP_SEMANTICS", FILE_FLAG_BACKUP_SEMANTICS);
    SAY_HEX("EVENT_ALL_ACCESS", EVENT_ALL_ACCESS);
    SAY_HEX("SEMAPHORE_ALL_ACCESS", SEMAPHORE_ALL_ACCESS);
    SAY_HEX("MUTEX_ALL_ACCESS", MUTEX_ALL_ACCESS);
    SAY_HEX("TIMER_ALL_ACCESS", TIMER_ALL_ACCESS);
    SAY("FILE_SKIP_COMPLETION_PORT_ON_SUCCESS", FILE_SKIP_COMPLETION_PORT_ON_SUCCESS);
    SAY("FILE_SKIP_SET_EVENT_ON_HANDLE", FILE_SKIP_SET_EVENT_ON_HANDLE);
    SAY("LOCKFILE_FAIL_IMMEDIATELY", LOCKFILE_FAIL_IMMEDIATELY);
    SAY("LOCKFILE_EXCLUSIVE_LOCK", LOCKFILE_EXCLUSIVE_LOCK);
    SAY("WT_EXECUTEONLYONCE", WT_EXECUTEONLYONCE);
    SAY("CREATE_SUSPENDED", CREATE_SUSPENDED);
}

int main(void)
{
    say_scalars();
    say_structures();
    say_wait_numbers();
    say_flag_numbers();
    return 0;
}
