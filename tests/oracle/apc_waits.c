/* SPDX-License-Identifier: MIT */
/* Object or queued procedure, which comes first?  A signalled object wins and the procedure stays
 * queued; otherwise the procedures run, even with no time to wait, and no object is taken. */
#include <windows.h>
#include "say.h"

static DWORD calls;
static HANDLE event, other;

static VOID CALLBACK count(ULONG_PTR step)
{
    calls += (DWORD)step;
}

static VOID CALLBACK count_and_set(ULONG_PTR step)
{
    count(step);
    SetEvent(event);
}

static DWORD single(DWORD ms)
{
    return WaitForSingleObjectEx(event, ms, TRUE);
}

static DWORD any(DWORD ms)
{
    HANDLE h[2];

    h[0] = other;
    h[1] = event;
    return WaitForMultipleObjectsEx(2, h, FALSE, ms, TRUE);
}

static DWORD all(DWORD ms)
{
    return WaitForMultipleObjectsEx(1, &event, TRUE, ms, TRUE);
}

static DWORD signal_and_wait(DWORD ms)
{
    HANDLE signalled = CreateEvent(NULL, TRUE, FALSE, NULL);
    DWORD result = SignalObjectAndWait(signalled, event, ms, TRUE);

    CloseHandle(signalled);
    return result;
}

static void say_rules(const char *name, DWORD (*wait)(DWORD ms))
{
    calls = 0;
    QueueUserAPC(count, GetCurrentThread(), 1);
    SetEvent(event);
    SAY_WAIT(say_name(name, "signalled"), wait(0));
    SAY(say_name(name, "signalled.calls"), calls);
    SAY_WAIT(say_name(name, "unsignalled"), wait(0));
    SAY(say_name(name, "unsignalled.calls"), calls);
    SAY_WAIT(say_name(name, "nothing_left"), wait(0));
    QueueUserAPC(count, GetCurrentThread(), 1);
    QueueUserAPC(count_and_set, GetCurrentThread(), 1);
    SAY_WAIT(say_name(name, "infinite"), wait(INFINITE));
    SAY(say_name(name, "infinite.calls"), calls);
    SAY_WAIT(say_name(name, "event_not_taken"), WaitForSingleObject(event, 0));
}

static void say_plain_waits(void)
{
    calls = 0;
    QueueUserAPC(count, GetCurrentThread(), 1);
    SAY_WAIT("not_alertable.single", WaitForSingleObjectEx(event, 0, FALSE));
    SAY_WAIT("not_alertable.multiple", WaitForMultipleObjectsEx(1, &event, FALSE, 0, FALSE));
    SAY_WAIT("not_alertable.signal", SignalObjectAndWait(other, event, 0, FALSE));
    SAY("not_alertable.calls", calls);
    SAY_WAIT("bad_handle", WaitForSingleObjectEx(NULL, 0, TRUE));
    SAY_WAIT("no_handles", WaitForMultipleObjectsEx(0, &event, FALSE, 0, TRUE));
    SAY("bad_handle.calls", calls);
    SAY_WAIT("drain", SleepEx(0, TRUE));
    SAY("drain.calls", calls);
}

int main(void)
{
    event = CreateEvent(NULL, FALSE, FALSE, NULL);
    other = CreateEvent(NULL, FALSE, FALSE, NULL);
    say_rules("single", single);
    say_rules("any", any);
    say_rules("all", all);
    say_rules("signal_and_wait", signal_and_wait);
    say_plain_waits();
    CloseHandle(event);
    CloseHandle(other);
    return 0;
}
