/* SPDX-License-Identifier: MIT */
/* A timeout may be late and must never be early, whichever call sleeps.  Only "not early" is said:
 * how late is a matter of the machine. */
#include <windows.h>
#include "say.h"

#define PAUSE_MS 30

static HANDLE event, pair[2];

static DWORD plain(void)
{
    return WaitForSingleObject(event, PAUSE_MS);
}
static DWORD alertable(void)
{
    return WaitForSingleObjectEx(event, PAUSE_MS, TRUE);
}
static DWORD any(void)
{
    return WaitForMultipleObjects(2, pair, FALSE, PAUSE_MS);
}
static DWORD all(void)
{
    return WaitForMultipleObjects(2, pair, TRUE, PAUSE_MS);
}
static DWORD signal_and_wait(void)
{
    return SignalObjectAndWait(pair[1], event, PAUSE_MS, FALSE);
}
static DWORD sleep_ex(void)
{
    return SleepEx(PAUSE_MS, TRUE);
}

static DWORD sleep_plain(void)
{
    Sleep(PAUSE_MS);
    return 0;
}

static DWORD timer(void)
{
    HANDLE h = CreateWaitableTimer(NULL, TRUE, NULL);
    LARGE_INTEGER due;
    DWORD result;

    due.QuadPart = -10000LL * PAUSE_MS;
    SetWaitableTimer(h, &due, 0, NULL, NULL, FALSE);
    result = WaitForSingleObject(h, INFINITE);
    CloseHandle(h);
    return result;
}

static void say_pause(const char *name, DWORD (*pause)(void))
{
    LARGE_INTEGER hz, before, after;

    QueryPerformanceFrequency(&hz);
    QueryPerformanceCounter(&before);
    SAY_WAIT(say_name(name, "result"), pause());
    QueryPerformanceCounter(&after);
    SAY(say_name(name, "not_early"),
        (after.QuadPart - before.QuadPart) * 1000 >= hz.QuadPart * PAUSE_MS);
}

int main(void)
{
    event = CreateEvent(NULL, TRUE, FALSE, NULL);
    pair[0] = CreateEvent(NULL, TRUE, FALSE, NULL);
    pair[1] = CreateEvent(NULL, FALSE, FALSE, NULL);
    say_pause("plain", plain);
    say_pause("alertable", alertable);
    say_pause("any", any);
    say_pause("all", all);
    say_pause("signal_and_wait", signal_and_wait);
    say_pause("sleep", sleep_plain);
    say_pause("sleep_ex", sleep_ex);
    say_pause("timer", timer);
    SAY_WAIT("sleep_zero", SleepEx(0, FALSE));
    CloseHandle(event);
    CloseHandle(pair[0]);
    CloseHandle(pair[1]);
    return 0;
}
