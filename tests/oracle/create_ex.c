/* SPDX-License-Identifier: MIT */
/* The Ex forms of the makers: flags instead of BOOLs, and rights that stay with the handle. */
#include <windows.h>
#include "say.h"

static void say_events(void)
{
    static const struct {
        const char *when;
        DWORD flags;
    } rows[] = {
        {"auto",       0                                                   },
        {"manual",     CREATE_EVENT_MANUAL_RESET                           },
        {"auto_set",   CREATE_EVENT_INITIAL_SET                            },
        {"manual_set", CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET},
    };
    size_t i;
    HANDLE e;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        SAY_HANDLE_ERROR(say_name(rows[i].when, "create"), e,
                         CreateEventEx(NULL, NULL, rows[i].flags, EVENT_ALL_ACCESS));
        SAY_WAIT(say_name(rows[i].when, "initially"), WaitForSingleObject(e, 0));
        SetEvent(e);
        WaitForSingleObject(e, 0);
        SAY_WAIT(say_name(rows[i].when, "second_wait"), WaitForSingleObject(e, 0));
        CloseHandle(e);
    }
}

static void say_mutex(void)
{
    HANDLE m;

    SAY_HANDLE_ERROR("mutex.create", m, CreateMutexEx(NULL, NULL, 0, MUTEX_ALL_ACCESS));
    SAY_BOOL("mutex.not_owned", ReleaseMutex(m));
    CloseHandle(m);
    SAY_HANDLE_ERROR("mutex.create_owned", m,
                     CreateMutexEx(NULL, NULL, CREATE_MUTEX_INITIAL_OWNER, MUTEX_ALL_ACCESS));
    SAY_BOOL("mutex.owned", ReleaseMutex(m));
    CloseHandle(m);
}

static void say_semaphore_and_timer(void)
{
    HANDLE h;
    LARGE_INTEGER now = {0};

    SAY_HANDLE_ERROR("semaphore.create", h,
                     CreateSemaphoreEx(NULL, 1, 1, NULL, 0, SEMAPHORE_ALL_ACCESS));
    SAY_WAIT("semaphore.take", WaitForSingleObject(h, 0));
    SAY_WAIT("semaphore.empty", WaitForSingleObject(h, 0));
    CloseHandle(h);
    SAY_HANDLE_ERROR(
        "timer.create_manual", h,
        CreateWaitableTimerEx(NULL, NULL, CREATE_WAITABLE_TIMER_MANUAL_RESET, TIMER_ALL_ACCESS));
    SetWaitableTimer(h, &now, 0, NULL, NULL, FALSE);
    SAY_WAIT("timer.manual", WaitForSingleObject(h, INFINITE));
    SAY_WAIT("timer.manual_again", WaitForSingleObject(h, 0));
    CloseHandle(h);
    SAY_HANDLE_ERROR("timer.create_auto", h,
                     CreateWaitableTimerEx(NULL, NULL, 0, TIMER_ALL_ACCESS));
    SetWaitableTimer(h, &now, 0, NULL, NULL, FALSE);
    SAY_WAIT("timer.auto", WaitForSingleObject(h, INFINITE));
    SAY_WAIT("timer.auto_again", WaitForSingleObject(h, 0));
    CloseHandle(h);
}

static void say_rights(void)
{
    HANDLE e;

    SAY_HANDLE("synchronize_only.create", e,
               CreateEventEx(NULL, NULL, CREATE_EVENT_INITIAL_SET, SYNCHRONIZE));
    SAY_BOOL("synchronize_only.set", SetEvent(e));
    SAY_WAIT("synchronize_only.wait", WaitForSingleObject(e, 0));
    CloseHandle(e);
    SAY_HANDLE("modify_only.create", e, CreateEventEx(NULL, NULL, 0, EVENT_MODIFY_STATE));
    SAY_BOOL("modify_only.set", SetEvent(e));
    SAY_WAIT("modify_only.wait", WaitForSingleObject(e, 0));
    CloseHandle(e);
}

static void say_second_creator(void)
{
    HANDLE first, second;

    SAY_HANDLE_ERROR("named.first", first,
                     CreateEventEx(NULL, "oracle ex thing", 0, EVENT_ALL_ACCESS));
    SAY_HANDLE_ERROR("named.second", second,
                     CreateEventEx(NULL, "oracle ex thing", 0, EVENT_ALL_ACCESS));
    CloseHandle(first);
    CloseHandle(second);
}

int main(void)
{
    say_events();
    say_mutex();
    say_semaphore_and_timer();
    say_rights();
    say_second_creator();
    return 0;
}
