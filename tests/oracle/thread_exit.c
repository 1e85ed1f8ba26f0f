/* SPDX-License-Identifier: MIT */
/* A thread's life as its handle shows it: running, ended, and the code it left behind.  259 is what
 * a running thread answers, and also what an ended one may have returned. */
#include <windows.h>
#include "say.h"

static DWORD seen_id;

static DWORD WINAPI wait_and_return(LPVOID gate)
{
    seen_id = GetCurrentThreadId();
    WaitForSingleObject((HANDLE)gate, INFINITE);
    return 42;
}

static DWORD WINAPI call_exit(LPVOID unused)
{
    (void)unused;
    ExitThread(7);
}

static DWORD WINAPI return_argument(LPVOID arg)
{
    return (DWORD)(ULONG_PTR)arg;
}

static void say_code(const char *name, HANDLE thread)
{
    DWORD code = 99;

    SAY_BOOL(say_name(name, "get_code"), GetExitCodeThread(thread, &code));
    SAY(say_name(name, "code"), code);
}

static void say_running(void)
{
    HANDLE gate = CreateEvent(NULL, TRUE, FALSE, NULL);
    DWORD id = 0;
    HANDLE thread;

    SAY_HANDLE("create", thread, CreateThread(NULL, 0, wait_and_return, gate, 0, &id));
    SAY_WAIT("running.wait", WaitForSingleObject(thread, 0));
    say_code("running", thread);
    SetEvent(gate);
    SAY_WAIT("ended.wait", WaitForSingleObject(thread, INFINITE));
    SAY_WAIT("ended.wait_again", WaitForSingleObject(thread, 0));
    say_code("ended", thread);
    SAY("id.is_its_own", id == seen_id && id != 0 && id != GetCurrentThreadId());
    SAY_BOOL("close", CloseHandle(thread));
    CloseHandle(gate);
}

static void say_end(const char *name, LPTHREAD_START_ROUTINE start, DWORD arg)
{
    HANDLE thread = CreateThread(NULL, 0, start, (LPVOID)(ULONG_PTR)arg, 0, NULL);

    SAY_WAIT(say_name(name, "wait"), WaitForSingleObject(thread, INFINITE));
    say_code(name, thread);
    CloseHandle(thread);
}

static void say_suspended(void)
{
    HANDLE thread = CreateThread(NULL, 0, return_argument, (LPVOID)5, CREATE_SUSPENDED, NULL);

    SAY_WAIT("suspended.wait", WaitForSingleObject(thread, 20));
    say_code("suspended", thread);
    SAY("suspended.resume", ResumeThread(thread));
    SAY_WAIT("resumed.wait", WaitForSingleObject(thread, INFINITE));
    say_code("resumed", thread);
    CloseHandle(thread);
}

static void say_many(void)
{
    HANDLE threads[32];
    DWORD sum = 0, code;
    int i;

    for (i = 0; i < 32; i++)
        threads[i] = CreateThread(NULL, 0, return_argument, (LPVOID)(ULONG_PTR)i, 0, NULL);
    SAY_WAIT("many.all", WaitForMultipleObjects(32, threads, TRUE, INFINITE));
    for (i = 0; i < 32; i++) {
        GetExitCodeThread(threads[i], &code);
        sum += code;
        CloseHandle(threads[i]);
    }
    SAY("many.sum", sum);
}

int main(void)
{
    say_running();
    say_end("exit_thread", call_exit, 0);
    say_end("still_active", return_argument, STILL_ACTIVE);
    say_end("largest", return_argument, 0xFFFFFFFF);
    say_suspended();
    say_many();
    say_code("stale", stale_handle());
    say_code("current", GetCurrentThread());
    return 0;
}
