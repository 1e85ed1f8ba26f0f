/* SPDX-License-Identifier: MIT */
/* A timer may call back: the routine goes to the thread that set the timer, and only when that
 * thread waits alertably. Setting or cancelling the timer takes back a routine that has not run
 * yet. */
#include <windows.h>
#include "say.h"

static DWORD calls;
static DWORD caller;
static int time_was_given;

static VOID CALLBACK count(LPVOID arg, DWORD low, DWORD high)
{
    calls += *(DWORD *)arg;
    caller = GetCurrentThreadId();
    time_was_given = low != 0 || high != 0;
}

static BOOL set_timer(HANDLE timer, LONGLONG due, DWORD *step)
{
    LARGE_INTEGER when;

    when.QuadPart = due;
    return SetWaitableTimer(timer, &when, 0, count, step, FALSE);
}

static void say_delivery(HANDLE timer)
{
    DWORD one = 1;

    calls = 0;
    SAY_BOOL("set", set_timer(timer, 0, &one));
    SAY_WAIT("plain_wait", WaitForSingleObject(timer, INFINITE));
    SAY("not_in_a_plain_wait", calls);
    SAY_WAIT("plain_sleep", SleepEx(0, FALSE));
    SAY("not_in_a_plain_sleep", calls);
    SAY_WAIT("alertable_sleep", SleepEx(INFINITE, TRUE));
    SAY("ran", calls);
    SAY("on_the_setting_thread", caller == GetCurrentThreadId());
    SAY("with_the_time", time_was_given);
    SAY_WAIT("timer_still_signalled", WaitForSingleObject(timer, 0));
    SAY_WAIT("nothing_more", SleepEx(0, TRUE));
}

static DWORD WINAPI sleep_alertably(LPVOID unused)
{
    (void)unused;
    return SleepEx(0, TRUE);
}

static void say_other_thread(HANDLE timer)
{
    DWORD one = 1, code = 99;
    HANDLE thread;

    calls = 0;
    set_timer(timer, 0, &one);
    WaitForSingleObject(timer, INFINITE);
    thread = CreateThread(NULL, 0, sleep_alertably, NULL, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    SAY("other_thread.sleep", code);
    SAY("other_thread.calls", calls);
    SAY_WAIT("own_thread.sleep", SleepEx(INFINITE, TRUE));
    SAY("own_thread.calls", calls);
}

static void say_taken_back(HANDLE timer)
{
    DWORD one = 1, ten = 10;

    calls = 0;
    set_timer(timer, 0, &one);
    WaitForSingleObject(timer, INFINITE);
    SAY_BOOL("cancel", CancelWaitableTimer(timer));
    SAY_WAIT("cancel.sleep", SleepEx(0, TRUE));
    SAY("cancel.calls", calls);
    set_timer(timer, 0, &one);
    WaitForSingleObject(timer, INFINITE);
    SAY_BOOL("set_again", set_timer(timer, -10000, &ten));
    SAY_WAIT("set_again.sleep", SleepEx(INFINITE, TRUE));
    SAY("set_again.only_the_last", calls);
}

static DWORD WINAPI set_and_die(LPVOID timer)
{
    static DWORD hundred = 100;

    return set_timer((HANDLE)timer, -500000, &hundred);
}

/* A timer with a routine dies with the thread that set it: a later timer shows that its time has
 * passed. */
static void say_dead_thread(HANDLE timer)
{
    HANDLE later = CreateWaitableTimer(NULL, TRUE, NULL);
    HANDLE thread = CreateThread(NULL, 0, set_and_die, timer, 0, NULL);
    LARGE_INTEGER when;

    calls = 0;
    WaitForSingleObject(thread, INFINITE);
    when.QuadPart = -1000000;
    SetWaitableTimer(later, &when, 0, NULL, NULL, FALSE);
    WaitForSingleObject(later, INFINITE);
    SAY_WAIT("dead_thread.timer", WaitForSingleObject(timer, 0));
    SAY("dead_thread.calls", calls);
    CloseHandle(thread);
    CloseHandle(later);
}

int main(void)
{
    HANDLE timer = CreateWaitableTimer(NULL, TRUE, NULL);

    say_delivery(timer);
    say_other_thread(timer);
    say_taken_back(timer);
    say_dead_thread(timer);
    CloseHandle(timer);
    return 0;
}
