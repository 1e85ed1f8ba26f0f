/* SPDX-License-Identifier: MIT */
/* A thread that ends while it owns a mutex leaves it abandoned: the next owner gets it together
 * with the news, once. The index in the answer differs between waiting for any and waiting for all.
 */
#include "say.h"
#include <windows.h>

static DWORD WINAPI take_twice_and_die(LPVOID mutex)
{
    WaitForSingleObject((HANDLE)mutex, INFINITE);
    return WaitForSingleObject((HANDLE)mutex, INFINITE);
}

static HANDLE abandoned_mutex(void)
{
    HANDLE mutex = CreateMutex(NULL, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, take_twice_and_die, mutex, 0, NULL);

    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    return mutex;
}

static void say_single(void)
{
    HANDLE mutex = abandoned_mutex();

    SAY_WAIT("single", WaitForSingleObject(mutex, 0));
    SAY_WAIT("single.again", WaitForSingleObject(mutex, 0));
    SAY_BOOL("single.release", ReleaseMutex(mutex));
    SAY_BOOL("single.release_again", ReleaseMutex(mutex));
    SAY_BOOL("single.not_the_dead_ones", ReleaseMutex(mutex));
    SAY_WAIT("single.news_only_once", WaitForSingleObject(mutex, 0));
    ReleaseMutex(mutex);
    CloseHandle(mutex);
}

static void say_any(void)
{
    HANDLE h[3];

    h[0] = CreateEvent(NULL, TRUE, FALSE, NULL);
    h[1] = abandoned_mutex();
    h[2] = CreateEvent(NULL, FALSE, TRUE, NULL);
    SAY_WAIT("any.at_one", WaitForMultipleObjects(3, h, FALSE, 0));
    SAY_BOOL("any.owned", ReleaseMutex(h[1]));
    SAY_WAIT("any.later_event_untouched", WaitForSingleObject(h[2], 0));
    CloseHandle(h[0]);
    CloseHandle(h[1]);
    CloseHandle(h[2]);
}

static void say_all(void)
{
    HANDLE h[2];

    h[0] = CreateEvent(NULL, FALSE, FALSE, NULL);
    h[1] = abandoned_mutex();
    SAY_WAIT("all.incomplete", WaitForMultipleObjects(2, h, TRUE, 0));
    SetEvent(h[0]);
    SAY_WAIT("all.at_one", WaitForMultipleObjects(2, h, TRUE, 0));
    SAY_BOOL("all.owned", ReleaseMutex(h[1]));
    SAY_WAIT("all.event_taken", WaitForSingleObject(h[0], 0));
    SAY_WAIT("all.news_only_once", WaitForSingleObject(h[1], 0));
    CloseHandle(h[0]);
    CloseHandle(h[1]);
}

int main(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    HANDLE mutex = abandoned_mutex();

    say_single();
    say_any();
    say_all();
    SAY_WAIT("signal_and_wait", SignalObjectAndWait(event, mutex, 0, FALSE));
    SAY_BOOL("signal_and_wait.owned", ReleaseMutex(mutex));
    CloseHandle(event);
    CloseHandle(mutex);
    return 0;
}
