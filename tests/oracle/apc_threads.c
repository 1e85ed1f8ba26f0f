/* SPDX-License-Identifier: MIT */
/* Queueing procedures to another thread: before it starts, while it waits, and after it has ended.
 */
#include <windows.h>
#include "say.h"

static DWORD order;
static DWORD target_id, caller_id;
static HANDLE started;

static VOID CALLBACK note(ULONG_PTR digit)
{
    order = order * 10 + (DWORD)digit;
    caller_id = GetCurrentThreadId();
}

static DWORD WINAPI start_noted(LPVOID unused)
{
    (void)unused;
    note(5);
    return SleepEx(0, TRUE);
}

static DWORD WINAPI wait_alertably(LPVOID event)
{
    target_id = GetCurrentThreadId();
    SetEvent(started);
    return WaitForSingleObjectEx((HANDLE)event, INFINITE, TRUE);
}

static DWORD WINAPI wait_plainly(LPVOID event)
{
    return WaitForSingleObjectEx((HANDLE)event, INFINITE, FALSE);
}

static DWORD exit_code(HANDLE thread)
{
    DWORD code = 99;

    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    return code;
}

static void say_before_start(void)
{
    HANDLE thread = CreateThread(NULL, 0, start_noted, NULL, CREATE_SUSPENDED, NULL);

    order = 0;
    SAY_BOOL("suspended.queue", QueueUserAPC(note, thread, 1) != 0);
    SAY_BOOL("suspended.queue_second", QueueUserAPC(note, thread, 2) != 0);
    SAY("suspended.nothing_ran", order);
    SAY("suspended.resume", ResumeThread(thread));
    SAY("suspended.sleep_found_none", exit_code(thread));
    SAY("suspended.order", order);
    CloseHandle(thread);
}

static void say_waiting(void)
{
    HANDLE event = CreateEvent(NULL, FALSE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, wait_alertably, event, 0, NULL);

    order = 0;
    WaitForSingleObject(started, INFINITE); /* from here on the procedure meets a running thread */
    SAY_BOOL("waiting.queue", QueueUserAPC(note, thread, 7) != 0);
    SAY("waiting.result", exit_code(thread));
    SAY("waiting.order", order);
    SAY("waiting.on_its_own_thread", caller_id == target_id && caller_id != GetCurrentThreadId());
    CloseHandle(thread);
    CloseHandle(event);
}

static void say_not_alertable(void)
{
    HANDLE event = CreateEvent(NULL, FALSE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, wait_plainly, event, 0, NULL);

    SAY_WAIT("plain.waits", WaitForSingleObject(thread, 0));
    SetEvent(event);
    SAY("plain.result", exit_code(thread));
    order = 0;
    SAY_BOOL("ended.queue", QueueUserAPC(note, thread, 8) != 0);
    SAY("ended.nothing_ran", order);
    CloseHandle(thread);
    CloseHandle(event);
}

int main(void)
{
    started = CreateEvent(NULL, FALSE, FALSE, NULL);
    say_before_start();
    say_waiting();
    say_not_alertable();
    CloseHandle(started);
    return 0;
}
