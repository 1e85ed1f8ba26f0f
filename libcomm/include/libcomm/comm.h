/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_COMM_H
#define LIBCOMM_COMM_H

/*
 * Handles, dispatcher objects, waits, overlapped I/O, completion routines and completion ports as
 * Win32 programs know them.  A function fails by returning FALSE, NULL, INVALID_HANDLE_VALUE or
 * WAIT_FAILED, and GetLastError says why; success leaves the last error alone unless the comment
 * says otherwise.  Names ending in A take UTF-8, names ending in W take UTF-16.
 */

#include <stdarg.h>

#include <libcomm/types.h>

COMM_BEGIN_DECLS

/* ---- errors and their texts ---- */

/* Per thread.  Not errno, and not touched by successful calls. */
COMM_API DWORD WINAPI GetLastError(void) COMM_NAME(GetLastError);
COMM_API VOID WINAPI SetLastError(DWORD dwErrCode) COMM_NAME(SetLastError);

#define FORMAT_MESSAGE_ALLOCATE_BUFFER 0x00000100
#define FORMAT_MESSAGE_IGNORE_INSERTS 0x00000200
#define FORMAT_MESSAGE_FROM_STRING 0x00000400
#define FORMAT_MESSAGE_FROM_HMODULE 0x00000800
#define FORMAT_MESSAGE_FROM_SYSTEM 0x00001000
#define FORMAT_MESSAGE_ARGUMENT_ARRAY 0x00002000
#define FORMAT_MESSAGE_MAX_WIDTH_MASK 0x000000FF

#define LANG_NEUTRAL 0x00
#define LANG_ENGLISH 0x09
#define SUBLANG_NEUTRAL 0x00
#define SUBLANG_DEFAULT 0x01
#define SUBLANG_SYS_DEFAULT 0x02
#define SUBLANG_ENGLISH_US 0x01
#define MAKELANGID(primary, sub) ((WORD)(((WORD)(sub) << 10) | (WORD)(primary)))

/*
 * Writes the text of an error code, or of a caller's template, and returns its length without the
 * final NUL; 0 is failure.  System texts are English sentences ending in "\r\n" whatever language
 * is asked for.  A code without a text: 317.  A buffer too small: 122, and nothing is written.
 * There are no message modules: FORMAT_MESSAGE_FROM_HMODULE finds nothing.
 */
COMM_API DWORD WINAPI FormatMessageA(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
                                     DWORD dwLanguageId, LPSTR lpBuffer, DWORD nSize,
                                     va_list *Arguments) COMM_NAME(FormatMessageA);
COMM_API DWORD WINAPI FormatMessageW(DWORD dwFlags, LPCVOID lpSource, DWORD dwMessageId,
                                     DWORD dwLanguageId, LPWSTR lpBuffer, DWORD nSize,
                                     va_list *Arguments) COMM_NAME(FormatMessageW);

/* Frees what FORMAT_MESSAGE_ALLOCATE_BUFFER or LocalAlloc gave.  Returns NULL. */
COMM_API HLOCAL WINAPI LocalFree(HLOCAL hMem) COMM_NAME(LocalFree);

/* ---- handles ---- */

/* The last handle of a file ends every operation pending on it before this returns.  FALSE, 6 also
 * for a handle protected from close.  Closing a pseudo handle does nothing and is TRUE. */
COMM_API BOOL WINAPI CloseHandle(HANDLE hObject) COMM_NAME(CloseHandle);

/* Both processes must be the caller's own, else 5.  The copy is the same object: one position, one
 * set of queues, one signalled state.  DUPLICATE_CLOSE_SOURCE closes even when the rest fails. */
COMM_API BOOL WINAPI DuplicateHandle(HANDLE hSourceProcessHandle, HANDLE hSourceHandle,
                                     HANDLE hTargetProcessHandle, LPHANDLE lpTargetHandle,
                                     DWORD dwDesiredAccess, BOOL bInheritHandle, DWORD dwOptions)
    COMM_NAME(DuplicateHandle);
COMM_API BOOL WINAPI GetHandleInformation(HANDLE hObject, LPDWORD lpdwFlags)
    COMM_NAME(GetHandleInformation);
/* Knows the two HANDLE_FLAG_ bits; other bits of the mask are ignored. */
COMM_API BOOL WINAPI SetHandleInformation(HANDLE hObject, DWORD dwMask, DWORD dwFlags)
    COMM_NAME(SetHandleInformation);
COMM_API BOOL WINAPI CompareObjectHandles(HANDLE hFirstObjectHandle, HANDLE hSecondObjectHandle)
    COMM_NAME(CompareObjectHandles);

/* The pseudo handles -1 and -2: no need to close them, valid in single-object waits only. */
COMM_API HANDLE WINAPI GetCurrentProcess(void) COMM_NAME(GetCurrentProcess);
COMM_API HANDLE WINAPI GetCurrentThread(void) COMM_NAME(GetCurrentThread);
COMM_API DWORD WINAPI GetCurrentProcessId(void) COMM_NAME(GetCurrentProcessId);
COMM_API DWORD WINAPI GetCurrentThreadId(void) COMM_NAME(GetCurrentThreadId);

/* ---- events ----
 * Names of events, mutexes, semaphores and timers share one name space inside the process.  Making
 * a named object that exists gives a handle to it and last error 183; success otherwise sets 0. */

COMM_API HANDLE WINAPI CreateEventA(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset,
                                    BOOL bInitialState, LPCSTR lpName) COMM_NAME(CreateEventA);
COMM_API HANDLE WINAPI CreateEventW(LPSECURITY_ATTRIBUTES lpEventAttributes, BOOL bManualReset,
                                    BOOL bInitialState, LPCWSTR lpName) COMM_NAME(CreateEventW);
COMM_API HANDLE WINAPI CreateEventExA(LPSECURITY_ATTRIBUTES lpEventAttributes, LPCSTR lpName,
                                      DWORD dwFlags, DWORD dwDesiredAccess)
    COMM_NAME(CreateEventExA);
COMM_API HANDLE WINAPI CreateEventExW(LPSECURITY_ATTRIBUTES lpEventAttributes, LPCWSTR lpName,
                                      DWORD dwFlags, DWORD dwDesiredAccess)
    COMM_NAME(CreateEventExW);
COMM_API HANDLE WINAPI OpenEventA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName)
    COMM_NAME(OpenEventA);
COMM_API HANDLE WINAPI OpenEventW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName)
    COMM_NAME(OpenEventW);

/* Does not count: setting a set event changes nothing.  An auto-reset event releases one waiter. */
COMM_API BOOL WINAPI SetEvent(HANDLE hEvent) COMM_NAME(SetEvent);
COMM_API BOOL WINAPI ResetEvent(HANDLE hEvent) COMM_NAME(ResetEvent);
/* Releases who waits at this moment (auto-reset: at most one) and leaves the event unset.  A thread
 * that is out of its wait to run a routine misses the pulse. */
COMM_API BOOL WINAPI PulseEvent(HANDLE hEvent) COMM_NAME(PulseEvent);

/* ---- mutexes ---- */

COMM_API HANDLE WINAPI CreateMutexA(LPSECURITY_ATTRIBUTES lpMutexAttributes, BOOL bInitialOwner,
                                    LPCSTR lpName) COMM_NAME(CreateMutexA);
COMM_API HANDLE WINAPI CreateMutexW(LPSECURITY_ATTRIBUTES lpMutexAttributes, BOOL bInitialOwner,
                                    LPCWSTR lpName) COMM_NAME(CreateMutexW);
COMM_API HANDLE WINAPI CreateMutexExA(LPSECURITY_ATTRIBUTES lpMutexAttributes, LPCSTR lpName,
                                      DWORD dwFlags, DWORD dwDesiredAccess)
    COMM_NAME(CreateMutexExA);
COMM_API HANDLE WINAPI CreateMutexExW(LPSECURITY_ATTRIBUTES lpMutexAttributes, LPCWSTR lpName,
                                      DWORD dwFlags, DWORD dwDesiredAccess)
    COMM_NAME(CreateMutexExW);
COMM_API HANDLE WINAPI OpenMutexA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName)
    COMM_NAME(OpenMutexA);
COMM_API HANDLE WINAPI OpenMutexW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName)
    COMM_NAME(OpenMutexW);
/* As often as acquired; 288 for anyone but the owner. */
COMM_API BOOL WINAPI ReleaseMutex(HANDLE hMutex) COMM_NAME(ReleaseMutex);

/* ---- semaphores ---- */

COMM_API HANDLE WINAPI CreateSemaphoreA(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes,
                                        LONG lInitialCount, LONG lMaximumCount, LPCSTR lpName)
    COMM_NAME(CreateSemaphoreA);
COMM_API HANDLE WINAPI CreateSemaphoreW(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes,
                                        LONG lInitialCount, LONG lMaximumCount, LPCWSTR lpName)
    COMM_NAME(CreateSemaphoreW);
COMM_API HANDLE WINAPI CreateSemaphoreExA(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes,
                                          LONG lInitialCount, LONG lMaximumCount, LPCSTR lpName,
                                          DWORD dwFlags, DWORD dwDesiredAccess)
    COMM_NAME(CreateSemaphoreExA);
COMM_API HANDLE WINAPI CreateSemaphoreExW(LPSECURITY_ATTRIBUTES lpSemaphoreAttributes,
                                          LONG lInitialCount, LONG lMaximumCount, LPCWSTR lpName,
                                          DWORD dwFlags, DWORD dwDesiredAccess)
    COMM_NAME(CreateSemaphoreExW);
COMM_API HANDLE WINAPI OpenSemaphoreA(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCSTR lpName)
    COMM_NAME(OpenSemaphoreA);
COMM_API HANDLE WINAPI OpenSemaphoreW(DWORD dwDesiredAccess, BOOL bInheritHandle, LPCWSTR lpName)
    COMM_NAME(OpenSemaphoreW);
/* All or nothing: 298 when the count would pass its maximum. */
COMM_API BOOL WINAPI ReleaseSemaphore(HANDLE hSemaphore, LONG lReleaseCount, LPLONG lpPreviousCount)
    COMM_NAME(ReleaseSemaphore);

/* ---- waitable timers ---- */

COMM_API HANDLE WINAPI CreateWaitableTimerA(LPSECURITY_ATTRIBUTES lpTimerAttributes,
                                            BOOL bManualReset, LPCSTR lpTimerName)
    COMM_NAME(CreateWaitableTimerA);
COMM_API HANDLE WINAPI CreateWaitableTimerW(LPSECURITY_ATTRIBUTES lpTimerAttributes,
                                            BOOL bManualReset, LPCWSTR lpTimerName)
    COMM_NAME(CreateWaitableTimerW);
COMM_API HANDLE WINAPI CreateWaitableTimerExA(LPSECURITY_ATTRIBUTES lpTimerAttributes,
                                              LPCSTR lpTimerName, DWORD dwFlags,
                                              DWORD dwDesiredAccess)
    COMM_NAME(CreateWaitableTimerExA);
COMM_API HANDLE WINAPI CreateWaitableTimerExW(LPSECURITY_ATTRIBUTES lpTimerAttributes,
                                              LPCWSTR lpTimerName, DWORD dwFlags,
                                              DWORD dwDesiredAccess)
    COMM_NAME(CreateWaitableTimerExW);
COMM_API HANDLE WINAPI OpenWaitableTimerA(DWORD dwDesiredAccess, BOOL bInheritHandle,
                                          LPCSTR lpTimerName) COMM_NAME(OpenWaitableTimerA);
COMM_API HANDLE WINAPI OpenWaitableTimerW(DWORD dwDesiredAccess, BOOL bInheritHandle,
                                          LPCWSTR lpTimerName) COMM_NAME(OpenWaitableTimerW);
/* Due: negative is relative in 100 ns, positive an absolute FILETIME.  Un-signals the timer and
 * takes back a routine that is queued but has not run; the routine runs on the setting thread. */
COMM_API BOOL WINAPI SetWaitableTimer(HANDLE hTimer, const LARGE_INTEGER *lpDueTime, LONG lPeriod,
                                      PTIMERAPCROUTINE pfnCompletionRoutine,
                                      LPVOID lpArgToCompletionRoutine, BOOL fResume)
    COMM_NAME(SetWaitableTimer);
/* Stops it, takes back a queued routine, leaves the signalled state as it is. */
COMM_API BOOL WINAPI CancelWaitableTimer(HANDLE hTimer) COMM_NAME(CancelWaitableTimer);

/* ---- threads ---- */

COMM_API HANDLE WINAPI CreateThread(LPSECURITY_ATTRIBUTES lpThreadAttributes, SIZE_T dwStackSize,
                                    LPTHREAD_START_ROUTINE lpStartAddress, LPVOID lpParameter,
                                    DWORD dwCreationFlags, LPDWORD lpThreadId)
    COMM_NAME(CreateThread);
/* Cancels the thread's I/O and abandons its mutexes before its handle becomes signalled. */
COMM_API COMM_NORETURN VOID WINAPI ExitThread(DWORD dwExitCode) COMM_NAME(ExitThread);
/* STILL_ACTIVE while it runs; a thread may also return that number. */
COMM_API BOOL WINAPI GetExitCodeThread(HANDLE hThread, LPDWORD lpExitCode)
    COMM_NAME(GetExitCodeThread);
/* Starts a thread made with CREATE_SUSPENDED.  Returns the previous suspend count. */
COMM_API DWORD WINAPI ResumeThread(HANDLE hThread) COMM_NAME(ResumeThread);
COMM_API DWORD WINAPI GetThreadId(HANDLE Thread) COMM_NAME(GetThreadId);

/* ---- waits ----
 * Timeouts are milliseconds on the monotonic clock and never end early.  An alertable wait runs all
 * queued routines and returns WAIT_IO_COMPLETION only when its objects were not signalled at entry.
 */

COMM_API VOID WINAPI Sleep(DWORD dwMilliseconds) COMM_NAME(Sleep);
COMM_API DWORD WINAPI SleepEx(DWORD dwMilliseconds, BOOL bAlertable) COMM_NAME(SleepEx);
COMM_API BOOL WINAPI SwitchToThread(void) COMM_NAME(SwitchToThread);
COMM_API DWORD WINAPI WaitForSingleObject(HANDLE hHandle, DWORD dwMilliseconds)
    COMM_NAME(WaitForSingleObject);
COMM_API DWORD WINAPI WaitForSingleObjectEx(HANDLE hHandle, DWORD dwMilliseconds, BOOL bAlertable)
    COMM_NAME(WaitForSingleObjectEx);
/* Any: consumes only the object it reports.  All: consumes nothing until every object is signalled
 * at one instant, then all at once; the same object twice is 87. */
COMM_API DWORD WINAPI WaitForMultipleObjects(DWORD nCount, const HANDLE *lpHandles, BOOL bWaitAll,
                                             DWORD dwMilliseconds)
    COMM_NAME(WaitForMultipleObjects);
COMM_API DWORD WINAPI WaitForMultipleObjectsEx(DWORD nCount, const HANDLE *lpHandles, BOOL bWaitAll,
                                               DWORD dwMilliseconds, BOOL bAlertable)
    COMM_NAME(WaitForMultipleObjectsEx);
/* Signalling the first and starting to wait for the second is one step to every other thread. */
COMM_API DWORD WINAPI SignalObjectAndWait(HANDLE hObjectToSignal, HANDLE hObjectToWaitOn,
                                          DWORD dwMilliseconds, BOOL bAlertable)
    COMM_NAME(SignalObjectAndWait);

/* Runs pfnAPC on that thread in its next alertable wait; on a thread that has not started, before
 * its function.  0 and 31 when the thread has exited. */
COMM_API DWORD WINAPI QueueUserAPC(PAPCFUNC pfnAPC, HANDLE hThread, ULONG_PTR dwData)
    COMM_NAME(QueueUserAPC);

/* ---- pool threads ---- */

#define WT_EXECUTEDEFAULT 0x00000000
#define WT_EXECUTEINIOTHREAD 0x00000001
#define WT_EXECUTEINWAITTHREAD 0x00000004
#define WT_EXECUTEONLYONCE 0x00000008
#define WT_EXECUTELONGFUNCTION 0x00000010
#define WT_EXECUTEINPERSISTENTTHREAD 0x00000080

/* Calls back on a pool thread with FALSE when the object is signalled and TRUE on timeout, again
 * and again unless WT_EXECUTEONLYONCE. */
COMM_API BOOL WINAPI RegisterWaitForSingleObject(PHANDLE phNewWaitObject, HANDLE hObject,
                                                 WAITORTIMERCALLBACK Callback, PVOID Context,
                                                 ULONG dwMilliseconds, ULONG dwFlags)
    COMM_NAME(RegisterWaitForSingleObject);
/* FALSE, 997 when a callback is still running; the registration is gone all the same. */
COMM_API BOOL WINAPI UnregisterWait(HANDLE WaitHandle) COMM_NAME(UnregisterWait);
/* INVALID_HANDLE_VALUE as event: blocks until callbacks have ended.  An event is set then. */
COMM_API BOOL WINAPI UnregisterWaitEx(HANDLE WaitHandle, HANDLE CompletionEvent)
    COMM_NAME(UnregisterWaitEx);
COMM_API BOOL WINAPI QueueUserWorkItem(LPTHREAD_START_ROUTINE Function, PVOID Context, ULONG Flags)
    COMM_NAME(QueueUserWorkItem);

/* ---- files ---- */

/* CREATE_ALWAYS and OPEN_ALWAYS set the last error: 183 when the file existed, else 0. */
COMM_API HANDLE WINAPI CreateFileA(LPCSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
                                   LPSECURITY_ATTRIBUTES lpSecurityAttributes,
                                   DWORD dwCreationDisposition, DWORD dwFlagsAndAttributes,
                                   HANDLE hTemplateFile) COMM_NAME(CreateFileA);
COMM_API HANDLE WINAPI CreateFileW(LPCWSTR lpFileName, DWORD dwDesiredAccess, DWORD dwShareMode,
                                   LPSECURITY_ATTRIBUTES lpSecurityAttributes,
                                   DWORD dwCreationDisposition, DWORD dwFlagsAndAttributes,
                                   HANDLE hTemplateFile) COMM_NAME(CreateFileW);
COMM_API BOOL WINAPI DeleteFileA(LPCSTR lpFileName) COMM_NAME(DeleteFileA);
COMM_API BOOL WINAPI DeleteFileW(LPCWSTR lpFileName) COMM_NAME(DeleteFileW);
COMM_API DWORD WINAPI GetFileAttributesA(LPCSTR lpFileName) COMM_NAME(GetFileAttributesA);
COMM_API DWORD WINAPI GetFileAttributesW(LPCWSTR lpFileName) COMM_NAME(GetFileAttributesW);

/* An overlapped handle has a position too, but reads and writes neither use nor move it.  A legal
 * low dword of 0xFFFFFFFF is told from failure by last error 0. */
COMM_API DWORD WINAPI SetFilePointer(HANDLE hFile, LONG lDistanceToMove, PLONG lpDistanceToMoveHigh,
                                     DWORD dwMoveMethod) COMM_NAME(SetFilePointer);
COMM_API BOOL WINAPI SetFilePointerEx(HANDLE hFile, LARGE_INTEGER liDistanceToMove,
                                      PLARGE_INTEGER lpNewFilePointer, DWORD dwMoveMethod)
    COMM_NAME(SetFilePointerEx);
COMM_API BOOL WINAPI SetEndOfFile(HANDLE hFile) COMM_NAME(SetEndOfFile);
COMM_API DWORD WINAPI GetFileSize(HANDLE hFile, LPDWORD lpFileSizeHigh) COMM_NAME(GetFileSize);
COMM_API BOOL WINAPI GetFileSizeEx(HANDLE hFile, PLARGE_INTEGER lpFileSize)
    COMM_NAME(GetFileSizeEx);
/* Disk 1, tty 2, pipe and socket 3; 0 for what is no file, with last error 6. */
COMM_API DWORD WINAPI GetFileType(HANDLE hFile) COMM_NAME(GetFileType);
COMM_API BOOL WINAPI GetFileInformationByHandle(HANDLE hFile,
                                                LPBY_HANDLE_FILE_INFORMATION lpFileInformation)
    COMM_NAME(GetFileInformationByHandle);
COMM_API BOOL WINAPI FlushFileBuffers(HANDLE hFile) COMM_NAME(FlushFileBuffers);

/* Locks belong to the file object and bind reads and writes through other handles of this process;
 * other processes see them as open-file-description locks. */
COMM_API BOOL WINAPI LockFile(HANDLE hFile, DWORD dwFileOffsetLow, DWORD dwFileOffsetHigh,
                              DWORD nNumberOfBytesToLockLow, DWORD nNumberOfBytesToLockHigh)
    COMM_NAME(LockFile);
COMM_API BOOL WINAPI LockFileEx(HANDLE hFile, DWORD dwFlags, DWORD dwReserved,
                                DWORD nNumberOfBytesToLockLow, DWORD nNumberOfBytesToLockHigh,
                                LPOVERLAPPED lpOverlapped) COMM_NAME(LockFileEx);
/* Exactly a locked range, else 158. */
COMM_API BOOL WINAPI UnlockFile(HANDLE hFile, DWORD dwFileOffsetLow, DWORD dwFileOffsetHigh,
                                DWORD nNumberOfBytesToUnlockLow, DWORD nNumberOfBytesToUnlockHigh)
    COMM_NAME(UnlockFile);
COMM_API BOOL WINAPI UnlockFileEx(HANDLE hFile, DWORD dwReserved, DWORD nNumberOfBytesToUnlockLow,
                                  DWORD nNumberOfBytesToUnlockHigh, LPOVERLAPPED lpOverlapped)
    COMM_NAME(UnlockFileEx);

/* Descriptors 0, 1 and 2 as synchronous handles, made once and never closed under the caller. */
COMM_API HANDLE WINAPI GetStdHandle(DWORD nStdHandle) COMM_NAME(GetStdHandle);
COMM_API BOOL WINAPI SetStdHandle(DWORD nStdHandle, HANDLE hHandle) COMM_NAME(SetStdHandle);

/* ---- reading and writing ----
 * On an overlapped handle: TRUE is done (event set and packet queued all the same), FALSE with 997
 * is on its way, any other FALSE means nothing will ever be reported. */

COMM_API BOOL WINAPI ReadFile(HANDLE hFile, LPVOID lpBuffer, DWORD nNumberOfBytesToRead,
                              LPDWORD lpNumberOfBytesRead, LPOVERLAPPED lpOverlapped)
    COMM_NAME(ReadFile);
COMM_API BOOL WINAPI WriteFile(HANDLE hFile, LPCVOID lpBuffer, DWORD nNumberOfBytesToWrite,
                               LPDWORD lpNumberOfBytesWritten, LPOVERLAPPED lpOverlapped)
    COMM_NAME(WriteFile);
/* TRUE: the routine runs exactly once, on this thread, in an alertable wait.  FALSE: it never will.
 * hEvent is the caller's to use.  87 for a synchronous handle or one with a completion port. */
COMM_API BOOL WINAPI ReadFileEx(HANDLE hFile, LPVOID lpBuffer, DWORD nNumberOfBytesToRead,
                                LPOVERLAPPED lpOverlapped,
                                LPOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
    COMM_NAME(ReadFileEx);
COMM_API BOOL WINAPI WriteFileEx(HANDLE hFile, LPCVOID lpBuffer, DWORD nNumberOfBytesToWrite,
                                 LPOVERLAPPED lpOverlapped,
                                 LPOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
    COMM_NAME(WriteFileEx);
/* Segments are pages of 4096 bytes, ended by a NULL element; lpReserved must be NULL. */
COMM_API BOOL WINAPI ReadFileScatter(HANDLE hFile, FILE_SEGMENT_ELEMENT aSegmentArray[],
                                     DWORD nNumberOfBytesToRead, LPDWORD lpReserved,
                                     LPOVERLAPPED lpOverlapped) COMM_NAME(ReadFileScatter);
COMM_API BOOL WINAPI WriteFileGather(HANDLE hFile, FILE_SEGMENT_ELEMENT aSegmentArray[],
                                     DWORD nNumberOfBytesToWrite, LPDWORD lpReserved,
                                     LPOVERLAPPED lpOverlapped) COMM_NAME(WriteFileGather);

#define METHOD_BUFFERED 0
#define METHOD_IN_DIRECT 1
#define METHOD_OUT_DIRECT 2
#define METHOD_NEITHER 3
#define FILE_ANY_ACCESS 0
#define FILE_READ_ACCESS 1
#define FILE_WRITE_ACCESS 2
#define CTL_CODE(device, function, method, access) \
    (((DWORD)(device) << 16) | ((DWORD)(access) << 14) | ((DWORD)(function) << 2) | (DWORD)(method))

COMM_API BOOL WINAPI DeviceIoControl(HANDLE hDevice, DWORD dwIoControlCode, LPVOID lpInBuffer,
                                     DWORD nInBufferSize, LPVOID lpOutBuffer, DWORD nOutBufferSize,
                                     LPDWORD lpBytesReturned, LPOVERLAPPED lpOverlapped)
    COMM_NAME(DeviceIoControl);

/* ---- results and cancellation ---- */

/* A memory test with acquire order: when it is true the bytes and the count are visible and the
 * structure is the caller's again.  An issue call that failed at once leaves it false for ever. */
#define HasOverlappedIoCompleted(lpOverlapped) \
    ((DWORD)__atomic_load_n(&(lpOverlapped)->Internal, __ATOMIC_ACQUIRE) != STATUS_PENDING)

/* Reports a finished operation without looking at the handle.  Not finished: 996, or 258 and 192
 * when Ex waited.  Waits for hEvent if there is one, else for the file itself, which any of its
 * operations may signal. */
COMM_API BOOL WINAPI GetOverlappedResult(HANDLE hFile, LPOVERLAPPED lpOverlapped,
                                         LPDWORD lpNumberOfBytesTransferred, BOOL bWait)
    COMM_NAME(GetOverlappedResult);
COMM_API BOOL WINAPI GetOverlappedResultEx(HANDLE hFile, LPOVERLAPPED lpOverlapped,
                                           LPDWORD lpNumberOfBytesTransferred, DWORD dwMilliseconds,
                                           BOOL bAlertable) COMM_NAME(GetOverlappedResultEx);

/* What this thread issued on the file; TRUE even when that is nothing. */
COMM_API BOOL WINAPI CancelIo(HANDLE hFile) COMM_NAME(CancelIo);
/* What anyone issued with this OVERLAPPED, or everything when NULL; 1168 when that is nothing.
 * TRUE is a request: wait for the completion before freeing the OVERLAPPED. */
COMM_API BOOL WINAPI CancelIoEx(HANDLE hFile, LPOVERLAPPED lpOverlapped) COMM_NAME(CancelIoEx);
/* The blocking file call that thread is in at this moment, else 1168. */
COMM_API BOOL WINAPI CancelSynchronousIo(HANDLE hThread) COMM_NAME(CancelSynchronousIo);

/* ---- completion ports ---- */

/* INVALID_HANDLE_VALUE makes a port; an overlapped file joins the port given, or a new one.  For
 * good: a file joins once, through any of its handles. */
COMM_API HANDLE WINAPI CreateIoCompletionPort(HANDLE FileHandle, HANDLE ExistingCompletionPort,
                                              ULONG_PTR CompletionKey,
                                              DWORD NumberOfConcurrentThreads)
    COMM_NAME(CreateIoCompletionPort);
/* FALSE with *lpOverlapped set is a packet of a failed operation; FALSE with NULL is no packet: 258
 * for the timeout, 735 when the port was closed meanwhile. */
COMM_API BOOL WINAPI GetQueuedCompletionStatus(HANDLE CompletionPort,
                                               LPDWORD lpNumberOfBytesTransferred,
                                               PULONG_PTR lpCompletionKey,
                                               LPOVERLAPPED *lpOverlapped, DWORD dwMilliseconds)
    COMM_NAME(GetQueuedCompletionStatus);
/* TRUE when at least one packet was taken; each entry's Internal says how its operation ended. */
COMM_API BOOL WINAPI GetQueuedCompletionStatusEx(HANDLE CompletionPort,
                                                 LPOVERLAPPED_ENTRY lpCompletionPortEntries,
                                                 ULONG ulCount, PULONG ulNumEntriesRemoved,
                                                 DWORD dwMilliseconds, BOOL fAlertable)
    COMM_NAME(GetQueuedCompletionStatusEx);
/* The three values come out as they went in; lpOverlapped may be NULL or no pointer at all. */
COMM_API BOOL WINAPI PostQueuedCompletionStatus(HANDLE CompletionPort,
                                                DWORD dwNumberOfBytesTransferred,
                                                ULONG_PTR dwCompletionKey,
                                                LPOVERLAPPED lpOverlapped)
    COMM_NAME(PostQueuedCompletionStatus);
/* Flags can be added, never removed. */
COMM_API BOOL WINAPI SetFileCompletionNotificationModes(HANDLE FileHandle, UCHAR Flags)
    COMM_NAME(SetFileCompletionNotificationModes);
/* Completions of this file call Function on a pool thread.  Flags must be 0; once per file. */
COMM_API BOOL WINAPI BindIoCompletionCallback(HANDLE FileHandle,
                                              LPOVERLAPPED_COMPLETION_ROUTINE Function, ULONG Flags)
    COMM_NAME(BindIoCompletionCallback);

/* ---- the neutral names ---- */

#ifdef UNICODE
#define FormatMessage FormatMessageW
#define CreateEvent CreateEventW
#define CreateEventEx CreateEventExW
#define OpenEvent OpenEventW
#define CreateMutex CreateMutexW
#define CreateMutexEx CreateMutexExW
#define OpenMutex OpenMutexW
#define CreateSemaphore CreateSemaphoreW
#define CreateSemaphoreEx CreateSemaphoreExW
#define OpenSemaphore OpenSemaphoreW
#define CreateWaitableTimer CreateWaitableTimerW
#define CreateWaitableTimerEx CreateWaitableTimerExW
#define OpenWaitableTimer OpenWaitableTimerW
#define CreateFile CreateFileW
#define DeleteFile DeleteFileW
#define GetFileAttributes GetFileAttributesW
#else
#define FormatMessage FormatMessageA
#define CreateEvent CreateEventA
#define CreateEventEx CreateEventExA
#define OpenEvent OpenEventA
#define CreateMutex CreateMutexA
#define CreateMutexEx CreateMutexExA
#define OpenMutex OpenMutexA
#define CreateSemaphore CreateSemaphoreA
#define CreateSemaphoreEx CreateSemaphoreExA
#define OpenSemaphore OpenSemaphoreA
#define CreateWaitableTimer CreateWaitableTimerA
#define CreateWaitableTimerEx CreateWaitableTimerExA
#define OpenWaitableTimer OpenWaitableTimerA
#define CreateFile CreateFileA
#define DeleteFile DeleteFileA
#define GetFileAttributes GetFileAttributesA
#endif

COMM_END_DECLS

#endif
