/* SPDX-License-Identifier: MIT */
/* Names of events, mutexes, semaphores and timers: one space for all four kinds.  The first state
 * wins, the second creator gets the same object and 183, and another kind under the same name is
 * refused. */
#include <windows.h>
#include <string.h>
#include "say.h"

#define NAME "oracle named thing"

static void say_second_creator(void)
{
    HANDLE first, second, opened;

    SAY_HANDLE_ERROR("first", first, CreateEvent(NULL, TRUE, FALSE, NAME));
    SAY_HANDLE_ERROR("second", second, CreateEvent(NULL, FALSE, TRUE, NAME));
    SAY("second.another_handle", first != second);
    SAY_WAIT("second.state_is_the_first_ones", WaitForSingleObject(second, 0));
    SetEvent(second);
    WaitForSingleObject(first, 0);
    SAY_WAIT("second.kind_is_the_first_ones", WaitForSingleObject(first, 0));
    SAY_HANDLE("open", opened, OpenEvent(EVENT_ALL_ACCESS, FALSE, NAME));
    ResetEvent(opened);
    SAY_WAIT("open.same_object", WaitForSingleObject(first, 0));
    CloseHandle(first);
    CloseHandle(second);
    SAY_WAIT("open.keeps_it_alive", WaitForSingleObject(opened, 0));
    CloseHandle(opened);
    SAY_HANDLE("gone", opened, OpenEvent(EVENT_ALL_ACCESS, FALSE, NAME));
    SAY_HANDLE_ERROR("born_again", first, CreateEvent(NULL, TRUE, TRUE, NAME));
    SAY_WAIT("born_again.state", WaitForSingleObject(first, 0));
    CloseHandle(first);
}

static void say_other_kinds(void)
{
    HANDLE mutex, h;

    SAY_HANDLE_ERROR("mutex", mutex, CreateMutex(NULL, TRUE, NAME));
    SAY_HANDLE("mutex.as_event", h, CreateEvent(NULL, TRUE, FALSE, NAME));
    SAY_HANDLE("mutex.as_semaphore", h, CreateSemaphore(NULL, 0, 1, NAME));
    SAY_HANDLE("mutex.as_timer", h, CreateWaitableTimer(NULL, TRUE, NAME));
    SAY_HANDLE("mutex.open_event", h, OpenEvent(EVENT_ALL_ACCESS, FALSE, NAME));
    SAY_HANDLE("mutex.open_semaphore", h, OpenSemaphore(SEMAPHORE_ALL_ACCESS, FALSE, NAME));
    SAY_HANDLE("mutex.open_timer", h, OpenWaitableTimer(TIMER_ALL_ACCESS, FALSE, NAME));
    SAY_HANDLE("mutex.open", h, OpenMutex(MUTEX_ALL_ACCESS, FALSE, NAME));
    SAY_BOOL("mutex.open.is_the_owned_one", ReleaseMutex(h));
    CloseHandle(h);
    SAY_HANDLE_ERROR("mutex.again", h, CreateMutex(NULL, TRUE, NAME));
    SAY_BOOL("mutex.again.not_owned", ReleaseMutex(h));
    CloseHandle(h);
    CloseHandle(mutex);
}

static void say_semaphore_and_timer(void)
{
    HANDLE s = CreateSemaphore(NULL, 2, 5, NAME " s");
    HANDLE t = CreateWaitableTimer(NULL, TRUE, NAME " t");
    HANDLE again;
    LONG previous = 99;

    SAY_HANDLE_ERROR("semaphore.again", again, CreateSemaphore(NULL, 0, 1, NAME " s"));
    SAY_BOOL("semaphore.release", ReleaseSemaphore(again, 1, &previous));
    SAY("semaphore.count_is_the_first_ones", previous);
    CloseHandle(again);
    SAY_HANDLE_ERROR("timer.again", again, CreateWaitableTimer(NULL, FALSE, NAME " t"));
    CloseHandle(again);
    SAY_HANDLE("timer.open", again, OpenWaitableTimer(TIMER_ALL_ACCESS, FALSE, NAME " t"));
    CloseHandle(again);
    CloseHandle(s);
    CloseHandle(t);
}

static void say_odd_names(void)
{
    HANDLE e, h;
    char name[300];

    memset(name, 'n', sizeof(name));
    name[299] = '\0';
    SAY_HANDLE("too_long", h, CreateEvent(NULL, TRUE, FALSE, name));
    name[200] = '\0';
    SAY_HANDLE("long_enough", h, CreateEvent(NULL, TRUE, FALSE, name));
    CloseHandle(h);
    SAY_HANDLE("missing.event", h, OpenEvent(EVENT_ALL_ACCESS, FALSE, NAME " missing"));
    SAY_HANDLE("missing.mutex", h, OpenMutex(MUTEX_ALL_ACCESS, FALSE, NAME " missing"));
    SAY_HANDLE("missing.semaphore", h, OpenSemaphore(SEMAPHORE_ALL_ACCESS, FALSE, NAME " missing"));
    SAY_HANDLE("missing.timer", h, OpenWaitableTimer(TIMER_ALL_ACCESS, FALSE, NAME " missing"));
    SAY_HANDLE("null.event", h, OpenEvent(EVENT_ALL_ACCESS, FALSE, NULL));
    SAY_HANDLE("null.mutex", h, OpenMutex(MUTEX_ALL_ACCESS, FALSE, NULL));
    SAY_HANDLE("local", e, CreateEvent(NULL, TRUE, FALSE, "Local\\" NAME));
    SAY_HANDLE("local.without_prefix", h, OpenEvent(EVENT_ALL_ACCESS, FALSE, NAME));
    CloseHandle(h);
    SAY_HANDLE("case_matters", h, OpenEvent(EVENT_ALL_ACCESS, FALSE, "ORACLE named thing"));
    CloseHandle(e);
}

int main(void)
{
    say_second_creator();
    say_other_kinds();
    say_semaphore_and_timer();
    say_odd_names();
    return 0;
}
