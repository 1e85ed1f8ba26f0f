/* SPDX-License-Identifier: MIT */
/* Waiting for any of several: the lowest signalled index wins and only that object is touched.  A
 * list with a bad entry fails as a whole, before anything is taken. */
#include <windows.h>
#include "say.h"

static void say_order(void)
{
    HANDLE h[4];
    int i;

    for (i = 0; i < 4; i++)
        h[i] = CreateEvent(NULL, FALSE, FALSE, NULL);
    SAY_WAIT("none", WaitForMultipleObjects(4, h, FALSE, 0));
    SetEvent(h[1]);
    SetEvent(h[2]);
    SAY_WAIT("lowest", WaitForMultipleObjects(4, h, FALSE, 0));
    SAY_WAIT("lowest_is_taken", WaitForSingleObject(h[1], 0));
    SAY_WAIT("next", WaitForMultipleObjects(4, h, FALSE, INFINITE));
    SAY_WAIT("none_left", WaitForMultipleObjects(4, h, FALSE, 0));
    for (i = 0; i < 4; i++)
        CloseHandle(h[i]);
}

static void say_counts(void)
{
    HANDLE h[65];
    int i;

    for (i = 0; i < 65; i++)
        h[i] = CreateEvent(NULL, TRUE, i >= 63, NULL);
    SAY_WAIT("count.0", WaitForMultipleObjects(0, h, FALSE, 0));
    SAY_WAIT("count.0.all", WaitForMultipleObjects(0, h, TRUE, 0));
    SAY_WAIT("count.65", WaitForMultipleObjects(65, h, FALSE, 0));
    SAY_WAIT("count.64", WaitForMultipleObjects(64, h, FALSE, 0));
    SAY_WAIT("count.63", WaitForMultipleObjects(63, h, FALSE, 0));
    SAY_WAIT("count.64.all", WaitForMultipleObjects(64, h, TRUE, 0));
    SAY_WAIT("count.1", WaitForMultipleObjects(1, h + 64, FALSE, 0));
    for (i = 0; i < 65; i++)
        CloseHandle(h[i]);
}

static void say_bad_entries(void)
{
    HANDLE h[3];

    h[0] = CreateEvent(NULL, FALSE, TRUE, NULL);
    h[1] = NULL;
    SAY_WAIT("bad.null", WaitForMultipleObjects(2, h, FALSE, 0));
    h[1] = stale_handle();
    SAY_WAIT("bad.stale", WaitForMultipleObjects(2, h, FALSE, 0));
    SAY_WAIT("bad.stale_in_all", WaitForMultipleObjects(2, h, TRUE, 0));
    SAY_WAIT("bad.first_untouched", WaitForSingleObject(h[0], 0));
    CloseHandle(h[0]);
}

/* The pseudo handles are good for a wait on one object, and not for a list. */
static void say_pseudo_entries(void)
{
    HANDLE h[2];

    h[0] = CreateEvent(NULL, FALSE, FALSE, NULL);
    h[1] = GetCurrentProcess();
    SAY_WAIT("pseudo.process", WaitForMultipleObjects(2, h, FALSE, 0));
    h[1] = GetCurrentThread();
    SAY_WAIT("pseudo.thread", WaitForMultipleObjects(2, h, FALSE, 0));
    CloseHandle(h[0]);
}

static void say_duplicates(void)
{
    HANDLE h[3];

    h[0] = CreateEvent(NULL, FALSE, FALSE, NULL);
    h[1] = CreateEvent(NULL, FALSE, TRUE, NULL);
    h[2] = h[1];
    SAY_WAIT("twice", WaitForMultipleObjects(3, h, FALSE, 0));
    SAY_WAIT("twice.taken_once", WaitForMultipleObjects(3, h, FALSE, 0));
    CloseHandle(h[0]);
    CloseHandle(h[1]);
}

static void say_mixed(void)
{
    HANDLE h[3];

    h[0] = CreateSemaphore(NULL, 1, 1, NULL);
    h[1] = CreateMutex(NULL, FALSE, NULL);
    h[2] = CreateEvent(NULL, FALSE, TRUE, NULL);
    SAY_WAIT("mixed.semaphore", WaitForMultipleObjects(3, h, FALSE, 0));
    SAY_WAIT("mixed.mutex", WaitForMultipleObjects(3, h, FALSE, 0));
    SAY_WAIT("mixed.mutex_again", WaitForMultipleObjects(3, h, FALSE, 0));
    ReleaseMutex(h[1]);
    ReleaseMutex(h[1]);
    SAY_BOOL("mixed.mutex_was_taken_twice", ReleaseMutex(h[1]));
    SAY_WAIT("mixed.event_untouched", WaitForSingleObject(h[2], 0));
    CloseHandle(h[0]);
    CloseHandle(h[1]);
    CloseHandle(h[2]);
}

int main(void)
{
    say_order();
    say_counts();
    say_bad_entries();
    say_pseudo_entries();
    say_duplicates();
    say_mixed();
    return 0;
}
