/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_COMPAT_H
#define LIBCOMM_COMPAT_H

/*
 * The everyday calls that sources written for Windows make around their I/O: locks inside the
 * process, interlocked arithmetic, memory, clocks, environment and console.  Thin, with the
 * documented results; nothing here waits alertably or serves I/O.
 */

#include <string.h>

#include <libcomm/compat_interlocked.h>
#include <libcomm/compat_text.h>
#include <libcomm/types.h>

COMM_BEGIN_DECLS

/* ---- critical sections ----
 * A lock of one process that its owner may take again.  OwningThread holds the owner's thread id
 * and RecursionCount how often it has entered, as on Windows; the other members are private. */

typedef struct _RTL_CRITICAL_SECTION {
    PVOID DebugInfo;
    LONG LockCount;
    LONG RecursionCount;
    HANDLE OwningThread;
    HANDLE LockSemaphore;
    ULONG_PTR SpinCount;
} RTL_CRITICAL_SECTION, *PRTL_CRITICAL_SECTION, CRITICAL_SECTION, *PCRITICAL_SECTION,
    *LPCRITICAL_SECTION;

#define CRITICAL_SECTION_NO_DEBUG_INFO 0x01000000

COMM_API VOID WINAPI InitializeCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
    COMM_NAME(InitializeCriticalSection);
/* Cannot fail: TRUE.  The spin count is used on machines with more than one processor. */
COMM_API BOOL WINAPI InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION lpCriticalSection,
                                                           DWORD dwSpinCount)
    COMM_NAME(InitializeCriticalSectionAndSpinCount);
COMM_API BOOL WINAPI InitializeCriticalSectionEx(LPCRITICAL_SECTION lpCriticalSection,
                                                 DWORD dwSpinCount, DWORD Flags)
    COMM_NAME(InitializeCriticalSectionEx);
COMM_API DWORD WINAPI SetCriticalSectionSpinCount(LPCRITICAL_SECTION lpCriticalSection,
                                                  DWORD dwSpinCount)
    COMM_NAME(SetCriticalSectionSpinCount);
COMM_API VOID WINAPI EnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
    COMM_NAME(EnterCriticalSection);
COMM_API BOOL WINAPI TryEnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
    COMM_NAME(TryEnterCriticalSection);
/* By the owner, as often as entered; by anyone else it does nothing.  The section is not touched
 * once another thread can have it, so whoever finds itself the last user may free it. */
COMM_API VOID WINAPI LeaveCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
    COMM_NAME(LeaveCriticalSection);
COMM_API VOID WINAPI DeleteCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
    COMM_NAME(DeleteCriticalSection);

/* ---- slim reader/writer locks ----
 * One pointer in size, all zero when free, never deleted.  Not recursive in either mode.  A waiting
 * writer keeps new readers out. */

typedef struct _RTL_SRWLOCK {
    PVOID Ptr;
} RTL_SRWLOCK, *PRTL_SRWLOCK, SRWLOCK, *PSRWLOCK;

/* clang-format off: braces that initialise */
#define RTL_SRWLOCK_INIT \
    {                    \
        0                \
    }
#define SRWLOCK_INIT \
    {                \
        0            \
    }
/* clang-format on */

COMM_API VOID WINAPI InitializeSRWLock(PSRWLOCK SRWLock) COMM_NAME(InitializeSRWLock);
COMM_API VOID WINAPI AcquireSRWLockExclusive(PSRWLOCK SRWLock) COMM_NAME(AcquireSRWLockExclusive);
COMM_API VOID WINAPI AcquireSRWLockShared(PSRWLOCK SRWLock) COMM_NAME(AcquireSRWLockShared);
COMM_API BOOLEAN WINAPI TryAcquireSRWLockExclusive(PSRWLOCK SRWLock)
    COMM_NAME(TryAcquireSRWLockExclusive);
COMM_API BOOLEAN WINAPI TryAcquireSRWLockShared(PSRWLOCK SRWLock)
    COMM_NAME(TryAcquireSRWLockShared);
COMM_API VOID WINAPI ReleaseSRWLockExclusive(PSRWLOCK SRWLock) COMM_NAME(ReleaseSRWLockExclusive);
COMM_API VOID WINAPI ReleaseSRWLockShared(PSRWLOCK SRWLock) COMM_NAME(ReleaseSRWLockShared);

/* ---- condition variables ---- */

typedef struct _RTL_CONDITION_VARIABLE {
    PVOID Ptr;
} RTL_CONDITION_VARIABLE, *PRTL_CONDITION_VARIABLE, CONDITION_VARIABLE, *PCONDITION_VARIABLE;

/* clang-format off: braces that initialise */
#define RTL_CONDITION_VARIABLE_INIT \
    {                               \
        0                           \
    }
#define CONDITION_VARIABLE_INIT \
    {                           \
        0                       \
    }
/* clang-format on */
#define CONDITION_VARIABLE_LOCKMODE_SHARED 0x1
#define RTL_CONDITION_VARIABLE_LOCKMODE_SHARED 0x1

COMM_API VOID WINAPI InitializeConditionVariable(PCONDITION_VARIABLE ConditionVariable)
    COMM_NAME(InitializeConditionVariable);
/* Leaves the lock once, sleeps, takes it again.  TRUE may come without a wake, so test the
 * condition again; FALSE with 1460 when the time is up, and the lock is held then too. */
COMM_API BOOL WINAPI SleepConditionVariableCS(PCONDITION_VARIABLE ConditionVariable,
                                              PCRITICAL_SECTION CriticalSection,
                                              DWORD dwMilliseconds)
    COMM_NAME(SleepConditionVariableCS);
COMM_API BOOL WINAPI SleepConditionVariableSRW(PCONDITION_VARIABLE ConditionVariable,
                                               PSRWLOCK SRWLock, DWORD dwMilliseconds, ULONG Flags)
    COMM_NAME(SleepConditionVariableSRW);
COMM_API VOID WINAPI WakeConditionVariable(PCONDITION_VARIABLE ConditionVariable)
    COMM_NAME(WakeConditionVariable);
COMM_API VOID WINAPI WakeAllConditionVariable(PCONDITION_VARIABLE ConditionVariable)
    COMM_NAME(WakeAllConditionVariable);

/* ---- one-time initialization ---- */

typedef struct _RTL_RUN_ONCE {
    PVOID Ptr;
} RTL_RUN_ONCE, *PRTL_RUN_ONCE, INIT_ONCE, *PINIT_ONCE, *LPINIT_ONCE;

/* clang-format off: braces that initialise */
#define RTL_RUN_ONCE_INIT \
    {                     \
        0                 \
    }
#define INIT_ONCE_STATIC_INIT \
    {                         \
        0                     \
    }
/* clang-format on */
#define INIT_ONCE_CHECK_ONLY 0x00000001
#define INIT_ONCE_ASYNC 0x00000002
#define INIT_ONCE_INIT_FAILED 0x00000004
#define INIT_ONCE_CTX_RESERVED_BITS 2

typedef BOOL(WINAPI *PINIT_ONCE_FN)(PINIT_ONCE InitOnce, PVOID Parameter, PVOID *Context);

COMM_API VOID WINAPI InitOnceInitialize(PINIT_ONCE InitOnce) COMM_NAME(InitOnceInitialize);
/* TRUE once some call of InitFn has said TRUE; FALSE, with the last error InitFn left, when this
 * thread's call said FALSE, and then the next caller tries.  The two low bits of the context are
 * not available. */
COMM_API BOOL WINAPI InitOnceExecuteOnce(PINIT_ONCE InitOnce, PINIT_ONCE_FN InitFn, PVOID Parameter,
                                         LPVOID *Context) COMM_NAME(InitOnceExecuteOnce);
/* *fPending TRUE: it is this caller's to initialize and complete.  CHECK_ONLY on what is not
 * initialized: FALSE, 31.  Synchronous and asynchronous use of one INIT_ONCE: 87. */
COMM_API BOOL WINAPI InitOnceBeginInitialize(LPINIT_ONCE lpInitOnce, DWORD dwFlags, PBOOL fPending,
                                             LPVOID *lpContext) COMM_NAME(InitOnceBeginInitialize);
/* FALSE, 31 for all but the first of several asynchronous initializers. */
COMM_API BOOL WINAPI InitOnceComplete(LPINIT_ONCE lpInitOnce, DWORD dwFlags, LPVOID lpContext)
    COMM_NAME(InitOnceComplete);

/* ---- thread local storage ---- */

#define TLS_OUT_OF_INDEXES ((DWORD)0xFFFFFFFF)
#define TLS_MINIMUM_AVAILABLE 64

/* A fresh index reads NULL in every thread.  87 for an index that is not allocated. */
COMM_API DWORD WINAPI TlsAlloc(void) COMM_NAME(TlsAlloc);
COMM_API BOOL WINAPI TlsFree(DWORD dwTlsIndex) COMM_NAME(TlsFree);
/* Sets the last error to 0 on success, because NULL may be the value. */
COMM_API LPVOID WINAPI TlsGetValue(DWORD dwTlsIndex) COMM_NAME(TlsGetValue);
COMM_API BOOL WINAPI TlsSetValue(DWORD dwTlsIndex, LPVOID lpTlsValue) COMM_NAME(TlsSetValue);

/* ---- heaps ----
 * Out of memory is NULL with last error 8.  What LocalAlloc, GlobalAlloc (fixed) and
 * FORMAT_MESSAGE_ALLOCATE_BUFFER give may also be freed in the process heap, as on Windows. */

#define HEAP_NO_SERIALIZE 0x00000001
#define HEAP_GENERATE_EXCEPTIONS 0x00000004 /* there are none: running out aborts the program */
#define HEAP_ZERO_MEMORY 0x00000008
#define HEAP_REALLOC_IN_PLACE_ONLY 0x00000010

COMM_API HANDLE WINAPI GetProcessHeap(void) COMM_NAME(GetProcessHeap);
/* A maximum other than 0 bounds the bytes allocated at one time.  Always serialized; the initial
 * size is advice. */
COMM_API HANDLE WINAPI HeapCreate(DWORD flOptions, SIZE_T dwInitialSize, SIZE_T dwMaximumSize)
    COMM_NAME(HeapCreate);
/* Frees every block of a heap from HeapCreate.  The process heap: FALSE, 6. */
COMM_API BOOL WINAPI HeapDestroy(HANDLE hHeap) COMM_NAME(HeapDestroy);
COMM_API LPVOID WINAPI HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes) COMM_NAME(HeapAlloc);
COMM_API LPVOID WINAPI HeapReAlloc(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem, SIZE_T dwBytes)
    COMM_NAME(HeapReAlloc);
COMM_API BOOL WINAPI HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem) COMM_NAME(HeapFree);
/* The size asked for; (SIZE_T)-1 for NULL. */
COMM_API SIZE_T WINAPI HeapSize(HANDLE hHeap, DWORD dwFlags, LPCVOID lpMem) COMM_NAME(HeapSize);

/* ---- local and global memory ---- */

#define LMEM_FIXED 0x0000
#define LMEM_MOVEABLE 0x0002
#define LMEM_ZEROINIT 0x0040
#define LPTR 0x0040
#define NONZEROLPTR 0x0000
#define GMEM_FIXED 0x0000
#define GMEM_MOVEABLE 0x0002
#define GMEM_ZEROINIT 0x0040
#define GPTR 0x0040
#define GHND 0x0042

/* Fixed memory only, so the handle is the pointer; LMEM_MOVEABLE is 87 here.  LocalFree is declared
 * in comm.h. */
COMM_API HLOCAL WINAPI LocalAlloc(UINT uFlags, SIZE_T uBytes) COMM_NAME(LocalAlloc);
/* Without LMEM_MOVEABLE the block stays where it is, and 8 when it cannot. */
COMM_API HLOCAL WINAPI LocalReAlloc(HLOCAL hMem, SIZE_T uBytes, UINT uFlags)
    COMM_NAME(LocalReAlloc);
COMM_API SIZE_T WINAPI LocalSize(HLOCAL hMem) COMM_NAME(LocalSize);

/* A moveable block's handle is no pointer; it is locked for one. */
COMM_API HGLOBAL WINAPI GlobalAlloc(UINT uFlags, SIZE_T dwBytes) COMM_NAME(GlobalAlloc);
COMM_API HGLOBAL WINAPI GlobalReAlloc(HGLOBAL hMem, SIZE_T dwBytes, UINT uFlags)
    COMM_NAME(GlobalReAlloc);
COMM_API HGLOBAL WINAPI GlobalFree(HGLOBAL hMem) COMM_NAME(GlobalFree);
COMM_API SIZE_T WINAPI GlobalSize(HGLOBAL hMem) COMM_NAME(GlobalSize);
COMM_API LPVOID WINAPI GlobalLock(HGLOBAL hMem) COMM_NAME(GlobalLock);
/* TRUE while it is still locked; FALSE with last error 0 when the last lock is gone, with 158 when
 * there was none.  TRUE for fixed memory. */
COMM_API BOOL WINAPI GlobalUnlock(HGLOBAL hMem) COMM_NAME(GlobalUnlock);

/* ---- pages ---- */

#define MEM_COMMIT 0x00001000
#define MEM_RESERVE 0x00002000
#define MEM_DECOMMIT 0x00004000
#define MEM_RELEASE 0x00008000
#define MEM_TOP_DOWN 0x00100000 /* a wish, and not heard */
#define PAGE_NOACCESS 0x01
#define PAGE_READONLY 0x02
#define PAGE_READWRITE 0x04
#define PAGE_EXECUTE 0x10
#define PAGE_EXECUTE_READ 0x20
#define PAGE_EXECUTE_READWRITE 0x40

/* Zeroed pages.  487 for an address that is taken, or that no reservation covers. */
COMM_API LPVOID WINAPI VirtualAlloc(LPVOID lpAddress, SIZE_T dwSize, DWORD flAllocationType,
                                    DWORD flProtect) COMM_NAME(VirtualAlloc);
/* MEM_RELEASE: size 0 and the address VirtualAlloc gave.  MEM_DECOMMIT: pages, or with size 0 the
 * whole reservation. */
COMM_API BOOL WINAPI VirtualFree(LPVOID lpAddress, SIZE_T dwSize, DWORD dwFreeType)
    COMM_NAME(VirtualFree);

#define ZeroMemory(to, bytes) memset((to), 0, (bytes))
#define FillMemory(to, bytes, value) memset((to), (value), (bytes))
#define CopyMemory(to, from, bytes) memcpy((to), (from), (bytes))
#define MoveMemory(to, from, bytes) memmove((to), (from), (bytes))
#define RtlZeroMemory ZeroMemory
#define RtlFillMemory FillMemory
#define RtlCopyMemory CopyMemory
#define RtlMoveMemory MoveMemory

/* Not removed by the compiler although nobody reads it. */
static inline PVOID SecureZeroMemory(PVOID ptr, SIZE_T cnt)
{
    memset(ptr, 0, cnt);
    __asm__ __volatile__("" : : "r"(ptr) : "memory");
    return ptr;
}

/* ---- clocks and calendars ---- */

/* Milliseconds of the clock that waits use; a wait that timed out is never shorter on it. */
COMM_API DWORD WINAPI GetTickCount(void) COMM_NAME(GetTickCount);
COMM_API ULONGLONG WINAPI GetTickCount64(void) COMM_NAME(GetTickCount64);
/* 100 ns steps of the same clock. */
COMM_API BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *lpPerformanceCount)
    COMM_NAME(QueryPerformanceCounter);
COMM_API BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *lpFrequency)
    COMM_NAME(QueryPerformanceFrequency);
COMM_API VOID WINAPI GetSystemTimeAsFileTime(LPFILETIME lpSystemTimeAsFileTime)
    COMM_NAME(GetSystemTimeAsFileTime);
COMM_API VOID WINAPI GetSystemTimePreciseAsFileTime(LPFILETIME lpSystemTimeAsFileTime)
    COMM_NAME(GetSystemTimePreciseAsFileTime);
COMM_API VOID WINAPI GetSystemTime(LPSYSTEMTIME lpSystemTime) COMM_NAME(GetSystemTime);
COMM_API VOID WINAPI GetLocalTime(LPSYSTEMTIME lpSystemTime) COMM_NAME(GetLocalTime);
/* 87 for a time past 0x7FFFFFFFFFFFFFFF, and for a date that is none. */
COMM_API BOOL WINAPI FileTimeToSystemTime(const FILETIME *lpFileTime, LPSYSTEMTIME lpSystemTime)
    COMM_NAME(FileTimeToSystemTime);
COMM_API BOOL WINAPI SystemTimeToFileTime(const SYSTEMTIME *lpSystemTime, LPFILETIME lpFileTime)
    COMM_NAME(SystemTimeToFileTime);
/* By the zone's offset as it is now, whatever the date. */
COMM_API BOOL WINAPI FileTimeToLocalFileTime(const FILETIME *lpFileTime, LPFILETIME lpLocalFileTime)
    COMM_NAME(FileTimeToLocalFileTime);
COMM_API LONG WINAPI CompareFileTime(const FILETIME *lpFileTime1, const FILETIME *lpFileTime2)
    COMM_NAME(CompareFileTime);

/* ---- the machine ---- */

#define PROCESSOR_ARCHITECTURE_INTEL 0
#define PROCESSOR_ARCHITECTURE_ARM 5
#define PROCESSOR_ARCHITECTURE_AMD64 9
#define PROCESSOR_ARCHITECTURE_ARM64 12
#define PROCESSOR_ARCHITECTURE_UNKNOWN 0xFFFF

typedef struct _SYSTEM_INFO {
    COMM_ANON union {
        DWORD dwOemId;
        COMM_ANON struct {
            WORD wProcessorArchitecture;
            WORD wReserved;
        };
    };
    DWORD dwPageSize;
    LPVOID lpMinimumApplicationAddress;
    LPVOID lpMaximumApplicationAddress;
    DWORD_PTR dwActiveProcessorMask;
    DWORD dwNumberOfProcessors;
    DWORD dwProcessorType;
    DWORD dwAllocationGranularity;
    WORD wProcessorLevel;
    WORD wProcessorRevision;
} SYSTEM_INFO, *LPSYSTEM_INFO;

/* Processors are those this process may run on; VirtualAlloc's granularity is the page.  Type,
 * level and revision are 0. */
COMM_API VOID WINAPI GetSystemInfo(LPSYSTEM_INFO lpSystemInfo) COMM_NAME(GetSystemInfo);
COMM_API VOID WINAPI GetNativeSystemInfo(LPSYSTEM_INFO lpSystemInfo) COMM_NAME(GetNativeSystemInfo);

#define MAX_COMPUTERNAME_LENGTH 255 /* host names are longer here than NetBIOS names */

/* *nSize: room in, length out; too small is 111 with the room that is needed. */
COMM_API BOOL WINAPI GetComputerNameA(LPSTR lpBuffer, LPDWORD nSize) COMM_NAME(GetComputerNameA);
COMM_API BOOL WINAPI GetComputerNameW(LPWSTR lpBuffer, LPDWORD nSize) COMM_NAME(GetComputerNameW);

/* ---- the process ---- */

/* exit(): output is flushed, exit handlers run.  A parent on Linux sees the low 8 bits. */
COMM_API COMM_NORETURN VOID WINAPI ExitProcess(UINT uExitCode) COMM_NAME(ExitProcess);
/* The arguments, quoted so that the usual rules give them back. */
COMM_API LPSTR WINAPI GetCommandLineA(void) COMM_NAME(GetCommandLineA);
COMM_API LPWSTR WINAPI GetCommandLineW(void) COMM_NAME(GetCommandLineW);

/* Length without the NUL when it fits, else the room that is needed; 0 and 203 when there is no
 * such variable, 0 and 0 when it is empty. */
COMM_API DWORD WINAPI GetEnvironmentVariableA(LPCSTR lpName, LPSTR lpBuffer, DWORD nSize)
    COMM_NAME(GetEnvironmentVariableA);
COMM_API DWORD WINAPI GetEnvironmentVariableW(LPCWSTR lpName, LPWSTR lpBuffer, DWORD nSize)
    COMM_NAME(GetEnvironmentVariableW);
/* NULL removes it.  Like setenv, not for a program with other threads at the environment. */
COMM_API BOOL WINAPI SetEnvironmentVariableA(LPCSTR lpName, LPCSTR lpValue)
    COMM_NAME(SetEnvironmentVariableA);
COMM_API BOOL WINAPI SetEnvironmentVariableW(LPCWSTR lpName, LPCWSTR lpValue)
    COMM_NAME(SetEnvironmentVariableW);

/* Lengths as above; paths are Linux paths.  GetTempPath ends in a slash. */
COMM_API DWORD WINAPI GetTempPathA(DWORD nBufferLength, LPSTR lpBuffer) COMM_NAME(GetTempPathA);
COMM_API DWORD WINAPI GetTempPathW(DWORD nBufferLength, LPWSTR lpBuffer) COMM_NAME(GetTempPathW);
COMM_API DWORD WINAPI GetCurrentDirectoryA(DWORD nBufferLength, LPSTR lpBuffer)
    COMM_NAME(GetCurrentDirectoryA);
COMM_API DWORD WINAPI GetCurrentDirectoryW(DWORD nBufferLength, LPWSTR lpBuffer)
    COMM_NAME(GetCurrentDirectoryW);
COMM_API BOOL WINAPI SetCurrentDirectoryA(LPCSTR lpPathName) COMM_NAME(SetCurrentDirectoryA);
COMM_API BOOL WINAPI SetCurrentDirectoryW(LPCWSTR lpPathName) COMM_NAME(SetCurrentDirectoryW);
/* uUnique 0: makes an empty file of a name that was free.  lpTempFileName has MAX_PATH units; a
 * directory too long for that is 111, one that is none 267. */
COMM_API UINT WINAPI GetTempFileNameA(LPCSTR lpPathName, LPCSTR lpPrefixString, UINT uUnique,
                                      LPSTR lpTempFileName) COMM_NAME(GetTempFileNameA);
COMM_API UINT WINAPI GetTempFileNameW(LPCWSTR lpPathName, LPCWSTR lpPrefixString, UINT uUnique,
                                      LPWSTR lpTempFileName) COMM_NAME(GetTempFileNameW);
/* NULL, the program itself, is the one module there is; else 0 and 126.  Too small: cut and
 * terminated, nSize, 122. */
COMM_API DWORD WINAPI GetModuleFileNameA(HMODULE hModule, LPSTR lpFilename, DWORD nSize)
    COMM_NAME(GetModuleFileNameA);
COMM_API DWORD WINAPI GetModuleFileNameW(HMODULE hModule, LPWSTR lpFilename, DWORD nSize)
    COMM_NAME(GetModuleFileNameW);

/* To standard error while LIBCOMM_TRACE is on; there is no other debugger to hear it. */
COMM_API VOID WINAPI OutputDebugStringA(LPCSTR lpOutputString) COMM_NAME(OutputDebugStringA);
COMM_API VOID WINAPI OutputDebugStringW(LPCWSTR lpOutputString) COMM_NAME(OutputDebugStringW);

/* ---- console events ---- */

#define STATUS_CONTROL_C_EXIT ((DWORD)0xC000013A)

#define CTRL_C_EVENT 0        /* SIGINT */
#define CTRL_BREAK_EVENT 1    /* SIGQUIT: Ctrl+\ */
#define CTRL_CLOSE_EVENT 2    /* SIGHUP */
#define CTRL_LOGOFF_EVENT 5   /* never */
#define CTRL_SHUTDOWN_EVENT 6 /* SIGTERM */

typedef BOOL(WINAPI *PHANDLER_ROUTINE)(DWORD CtrlType);

/*
 * Handlers run on a thread of their own, latest first, until one says TRUE; when none does, or the
 * event is CLOSE or SHUTDOWN, the process ends with 0xC000013A.  From the first handler to the
 * last, and only then, the library listens to the four signals; those the program was started with
 * ignored stay so.  NULL and TRUE: ignore Ctrl+C, in programs started from here too; NULL and FALSE
 * ends that.  Removing what was not added: FALSE, 87; more than 64 handlers: FALSE, 8.
 */
COMM_API BOOL WINAPI SetConsoleCtrlHandler(PHANDLER_ROUTINE HandlerRoutine, BOOL Add)
    COMM_NAME(SetConsoleCtrlHandler);

/* ---- the neutral names ---- */

#ifdef UNICODE
#define GetComputerName GetComputerNameW
#define GetCommandLine GetCommandLineW
#define GetEnvironmentVariable GetEnvironmentVariableW
#define SetEnvironmentVariable SetEnvironmentVariableW
#define GetTempPath GetTempPathW
#define GetCurrentDirectory GetCurrentDirectoryW
#define SetCurrentDirectory SetCurrentDirectoryW
#define GetTempFileName GetTempFileNameW
#define GetModuleFileName GetModuleFileNameW
#define OutputDebugString OutputDebugStringW
#else
#define GetComputerName GetComputerNameA
#define GetCommandLine GetCommandLineA
#define GetEnvironmentVariable GetEnvironmentVariableA
#define SetEnvironmentVariable SetEnvironmentVariableA
#define GetTempPath GetTempPathA
#define GetCurrentDirectory GetCurrentDirectoryA
#define SetCurrentDirectory SetCurrentDirectoryA
#define GetTempFileName GetTempFileNameA
#define GetModuleFileName GetModuleFileNameA
#define OutputDebugString OutputDebugStringA
#endif

COMM_END_DECLS

#endif
