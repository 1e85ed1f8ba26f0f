/* SPDX-License-Identifier: MIT */
/* Whose last error is it: every thread's own.  Which successful calls leave it alone, and which
 * ones promise to set it even when they succeed. */
#include <windows.h>
#include "say.h"

static DWORD WINAPI fail_with_seven(LPVOID unused)
{
    DWORD at_start = GetLastError();

    (void)unused;
    SetLastError(7);
    return at_start;
}

static void say_threads(void)
{
    HANDLE thread;
    DWORD result, code = 99;

    SetLastError(1234);
    thread = CreateThread(NULL, 0, fail_with_seven, NULL, 0, NULL);
    SetLastError(1234);
    result = WaitForSingleObject(thread, INFINITE);
    SAY("thread.wait", result);
    SAY("thread.own_error_untouched", GetLastError());
    GetExitCodeThread(thread, &code);
    SAY("thread.starts_with", code);
    CloseHandle(thread);
}

static void say_untouched(void)
{
    HANDLE e = CreateEvent(NULL, TRUE, FALSE, NULL);
    HANDLE copy = NULL;
    HANDLE f;
    char buf[4];
    DWORD n;

    make_file("data", "0123456789");
    f = open_file("data", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    SAY_BOOL_ERROR("set", SetEvent(e));
    SAY_BOOL_ERROR("reset", ResetEvent(e));
    SAY_BOOL_ERROR("duplicate", DuplicateHandle(GetCurrentProcess(), e, GetCurrentProcess(), &copy,
                                                0, FALSE, DUPLICATE_SAME_ACCESS));
    SAY_BOOL_ERROR("read", ReadFile(f, buf, 4, &n, NULL));
    SAY_BOOL_ERROR("write", WriteFile(f, buf, 4, &n, NULL));
    SetFilePointer(f, 0, NULL, FILE_END);
    SAY_BOOL_ERROR("read_at_end", ReadFile(f, buf, 4, &n, NULL));
    SAY("read_at_end.bytes", n);
    SAY_BOOL_ERROR("close_event", CloseHandle(copy));
    SAY_BOOL_ERROR("close_file", CloseHandle(f));
    CloseHandle(e);
}

static void say_always_set(void)
{
    HANDLE h;

    SAY_HANDLE_ERROR("create_event", h, CreateEvent(NULL, TRUE, FALSE, NULL));
    CloseHandle(h);
    SAY_HANDLE_ERROR("create_mutex", h, CreateMutex(NULL, FALSE, NULL));
    CloseHandle(h);
    SAY_HANDLE_ERROR("create_semaphore", h, CreateSemaphore(NULL, 0, 1, NULL));
    CloseHandle(h);
    SAY_HANDLE_ERROR("create_timer", h, CreateWaitableTimer(NULL, TRUE, NULL));
    CloseHandle(h);
    SAY_HANDLE_ERROR("create_always.missing", h,
                     open_file("made", GENERIC_WRITE, CREATE_ALWAYS, 0));
    CloseHandle(h);
    SAY_HANDLE_ERROR("create_always.exists", h, open_file("made", GENERIC_WRITE, CREATE_ALWAYS, 0));
    CloseHandle(h);
    SAY_HANDLE_ERROR("open_always.exists", h, open_file("made", GENERIC_WRITE, OPEN_ALWAYS, 0));
    CloseHandle(h);
    SAY_HANDLE_ERROR("open_always.missing", h,
                     open_file("made too", GENERIC_WRITE, OPEN_ALWAYS, 0));
    CloseHandle(h);
}

int main(void)
{
    SetLastError(0xFFFFFFFF);
    SAY_HEX("any_value", GetLastError());
    say_threads();
    say_untouched();
    say_always_set();
    return 0;
}
