/* SPDX-License-Identifier: MIT */
/* Waiting for all of several: everything is taken at one instant, or nothing is.  A half-satisfied
 * wait owns nothing, so a third party may take what it is waiting with. */
#include <windows.h>
#include "say.h"

static HANDLE pair[2];

static DWORD WINAPI wait_for_both(LPVOID unused)
{
    (void)unused;
    return WaitForMultipleObjects(2, pair, TRUE, INFINITE);
}

static void make_pair(BOOL first, BOOL second)
{
    pair[0] = CreateEvent(NULL, FALSE, first, NULL);
    pair[1] = CreateEvent(NULL, FALSE, second, NULL);
}

static void close_pair(void)
{
    CloseHandle(pair[0]);
    CloseHandle(pair[1]);
}

static void say_at_once(void)
{
    HANDLE h[3];

    make_pair(TRUE, TRUE);
    h[0] = pair[0];
    h[1] = CreateEvent(NULL, TRUE, FALSE, NULL);
    h[2] = pair[1];
    SAY_WAIT("two_of_three", WaitForMultipleObjects(3, h, TRUE, 0));
    SAY_WAIT("two_of_three.waited", WaitForMultipleObjects(3, h, TRUE, 20));
    SetEvent(h[1]);
    SAY_WAIT("none_was_taken", WaitForMultipleObjects(3, h, TRUE, 0));
    SAY_WAIT("first_is_taken", WaitForSingleObject(h[0], 0));
    SAY_WAIT("manual_is_not", WaitForSingleObject(h[1], 0));
    SAY_WAIT("third_is_taken", WaitForSingleObject(h[2], 0));
    CloseHandle(h[1]);
    close_pair();
}

static void say_blocked(void)
{
    HANDLE thread;
    DWORD code = 99;

    make_pair(TRUE, FALSE);
    thread = CreateThread(NULL, 0, wait_for_both, NULL, 0, NULL);
    SAY_WAIT("stolen", WaitForSingleObject(pair[0], INFINITE));
    SetEvent(pair[1]);
    SAY_WAIT("second_alone_is_not_enough", WaitForSingleObject(thread, 20));
    SetEvent(pair[0]);
    SAY_WAIT("released", WaitForSingleObject(thread, INFINITE));
    GetExitCodeThread(thread, &code);
    SAY("released.result", code);
    SAY_WAIT("released.first", WaitForSingleObject(pair[0], 0));
    SAY_WAIT("released.second", WaitForSingleObject(pair[1], 0));
    CloseHandle(thread);
    close_pair();
}

static void say_duplicates(void)
{
    HANDLE h[2];
    HANDLE self = GetCurrentProcess();

    h[0] = CreateEvent(NULL, TRUE, TRUE, NULL);
    h[1] = h[0];
    SAY_WAIT("same_handle_twice", WaitForMultipleObjects(2, h, TRUE, 0));
    DuplicateHandle(self, h[0], self, &h[1], 0, FALSE, DUPLICATE_SAME_ACCESS);
    SAY_WAIT("same_object_twice", WaitForMultipleObjects(2, h, TRUE, 0));
    SAY_WAIT("same_object_twice.any", WaitForMultipleObjects(2, h, FALSE, 0));
    CloseHandle(h[0]);
    CloseHandle(h[1]);
}

static void say_kinds(void)
{
    HANDLE h[3];

    h[0] = CreateSemaphore(NULL, 1, 2, NULL);
    h[1] = CreateMutex(NULL, FALSE, NULL);
    h[2] = CreateEvent(NULL, FALSE, FALSE, NULL);
    SAY_WAIT("kinds.event_missing", WaitForMultipleObjects(3, h, TRUE, 0));
    SAY_BOOL("kinds.mutex_not_taken", ReleaseMutex(h[1]));
    SetEvent(h[2]);
    SAY_WAIT("kinds.all", WaitForMultipleObjects(3, h, TRUE, 0));
    SAY_WAIT("kinds.semaphore_taken", WaitForSingleObject(h[0], 0));
    SAY_BOOL("kinds.mutex_taken", ReleaseMutex(h[1]));
    SAY_WAIT("kinds.event_taken", WaitForSingleObject(h[2], 0));
    CloseHandle(h[0]);
    CloseHandle(h[1]);
    CloseHandle(h[2]);
}

int main(void)
{
    say_at_once();
    say_blocked();
    say_duplicates();
    say_kinds();
    return 0;
}
