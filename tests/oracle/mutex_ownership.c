/* SPDX-License-Identifier: MIT */
/* A mutex belongs to a thread: it may take it again, must give it back as often, and nobody else
 * may.  The other thread here runs one step at a time and reports through its exit code. */
#include "say.h"
#include <windows.h>

static HANDLE mutex;

static DWORD WINAPI try_take(LPVOID unused)
{
    DWORD result = WaitForSingleObject(mutex, 0);

    (void)unused;
    if (result == WAIT_OBJECT_0)
        ReleaseMutex(mutex);
    return result;
}

static DWORD WINAPI try_release(LPVOID unused)
{
    (void)unused;
    return ReleaseMutex(mutex) ? 0 : GetLastError();
}

static DWORD other_thread(LPTHREAD_START_ROUTINE step)
{
    DWORD code = 0;
    HANDLE thread = CreateThread(NULL, 0, step, NULL, 0, NULL);

    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    return code;
}

static void say_recursion(void)
{
    mutex = CreateMutex(NULL, FALSE, NULL);
    SAY_BOOL("unowned.release", ReleaseMutex(mutex));
    SAY_WAIT("take", WaitForSingleObject(mutex, 0));
    SAY_WAIT("take_again", WaitForSingleObject(mutex, INFINITE));
    SAY("owned.other_takes", other_thread(try_take));
    SAY("owned.other_releases", other_thread(try_release));
    SAY_BOOL("first_release", ReleaseMutex(mutex));
    SAY("once_released.other_takes", other_thread(try_take));
    SAY_BOOL("second_release", ReleaseMutex(mutex));
    SAY("released.other_takes", other_thread(try_take));
    SAY_BOOL("third_release", ReleaseMutex(mutex));
    CloseHandle(mutex);
}

static void say_initial_owner(void)
{
    HANDLE both[2];

    SAY_HANDLE("initial_owner", mutex, CreateMutex(NULL, TRUE, NULL));
    SAY("initial_owner.other_takes", other_thread(try_take));
    both[0] = CreateEvent(NULL, FALSE, TRUE, NULL);
    both[1] = mutex;
    SAY_WAIT("owned_in_all", WaitForMultipleObjects(2, both, TRUE, 0));
    SAY_BOOL("owned_in_all.release", ReleaseMutex(mutex));
    SAY("owned_in_all.still_owned", other_thread(try_take));
    SAY_BOOL("initial_owner.release", ReleaseMutex(mutex));
    SAY_BOOL("initial_owner.release_again", ReleaseMutex(mutex));
    CloseHandle(both[0]);
    CloseHandle(mutex);
}

int main(void)
{
    say_recursion();
    say_initial_owner();
    SAY_BOOL("null.release", ReleaseMutex(NULL));
    SAY_BOOL("stale.release", ReleaseMutex(stale_handle()));
    return 0;
}
