/* SPDX-License-Identifier: MIT */
/* SignalObjectAndWait: what can be signalled, what the wait then answers, and that a signal that
 * fails is followed by no wait. */
#include <windows.h>
#include "say.h"

static DWORD WINAPI pass_on(LPVOID events)
{
    HANDLE *pair = events;

    WaitForSingleObject(pair[0], INFINITE);
    return SetEvent(pair[1]) ? 0 : 1;
}

static void say_events(void)
{
    HANDLE first = CreateEvent(NULL, TRUE, FALSE, NULL);
    HANDLE second = CreateEvent(NULL, FALSE, TRUE, NULL);

    SAY_WAIT("event", SignalObjectAndWait(first, second, 0, FALSE));
    SAY_WAIT("event.signalled", WaitForSingleObject(first, 0));
    SAY_WAIT("event.taken", WaitForSingleObject(second, 0));
    ResetEvent(first);
    SAY_WAIT("timeout", SignalObjectAndWait(first, second, 0, FALSE));
    SAY_WAIT("timeout.signalled", WaitForSingleObject(first, 0));
    ResetEvent(first);
    SAY_WAIT("same_manual", SignalObjectAndWait(first, first, INFINITE, FALSE));
    SAY_WAIT("same_auto", SignalObjectAndWait(second, second, INFINITE, FALSE));
    SAY_WAIT("same_auto.taken", WaitForSingleObject(second, 0));
    CloseHandle(first);
    CloseHandle(second);
}

static void say_semaphore(HANDLE signalled)
{
    HANDLE s = CreateSemaphore(NULL, 0, 1, NULL);

    SAY_WAIT("semaphore", SignalObjectAndWait(s, signalled, 0, FALSE));
    SAY_WAIT("semaphore.full", SignalObjectAndWait(s, signalled, INFINITE, FALSE));
    SAY_WAIT("semaphore.count", WaitForSingleObject(s, 0));
    SAY_WAIT("semaphore.count_was_one", WaitForSingleObject(s, 0));
    CloseHandle(s);
}

static void say_mutex(HANDLE signalled)
{
    HANDLE m = CreateMutex(NULL, TRUE, NULL);

    SAY_WAIT("mutex", SignalObjectAndWait(m, signalled, 0, FALSE));
    SAY_WAIT("mutex.not_owned", SignalObjectAndWait(m, signalled, INFINITE, FALSE));
    SAY_BOOL("mutex.was_released", ReleaseMutex(m));
    SAY_WAIT("mutex.waited_for", SignalObjectAndWait(signalled, m, 0, FALSE));
    SAY_BOOL("mutex.owned", ReleaseMutex(m));
    CloseHandle(m);
}

static void say_wrong(HANDLE signalled)
{
    HANDLE timer = CreateWaitableTimer(NULL, TRUE, NULL);
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);

    SAY_WAIT("wrong.timer", SignalObjectAndWait(timer, signalled, 0, FALSE));
    SAY_WAIT("wrong.thread", SignalObjectAndWait(GetCurrentThread(), signalled, 0, FALSE));
    SAY_WAIT("wrong.process", SignalObjectAndWait(GetCurrentProcess(), signalled, 0, FALSE));
    SAY_WAIT("wrong.null", SignalObjectAndWait(NULL, signalled, 0, FALSE));
    SAY_WAIT("wrong.wait_null", SignalObjectAndWait(event, NULL, 0, FALSE));
    SAY_WAIT("wrong.nothing_signalled", WaitForSingleObject(event, 0));
    CloseHandle(timer);
    CloseHandle(event);
}

int main(void)
{
    HANDLE signalled = CreateEvent(NULL, TRUE, TRUE, NULL);
    HANDLE pair[2], thread;

    say_events();
    say_semaphore(signalled);
    say_mutex(signalled);
    say_wrong(signalled);
    pair[0] = CreateEvent(NULL, FALSE, FALSE, NULL);
    pair[1] = CreateEvent(NULL, FALSE, FALSE, NULL);
    thread = CreateThread(NULL, 0, pass_on, pair, 0, NULL);
    SAY_WAIT("answered", SignalObjectAndWait(pair[0], pair[1], INFINITE, FALSE));
    SAY_WAIT("answered.thread", WaitForSingleObject(thread, INFINITE));
    CloseHandle(thread);
    CloseHandle(pair[0]);
    CloseHandle(pair[1]);
    CloseHandle(signalled);
    return 0;
}
