/* SPDX-License-Identifier: MIT */
/* Waiting for all: nothing is taken until everything is signalled at one instant, and then all of
 * it, before the call that completed it returns. */
#include "objects.h"

static void events_make(HANDLE *on, BOOL first, BOOL second)
{
    on[0] = auto_event(first);
    on[1] = auto_event(second);
}

static void events_close(const HANDLE *on)
{
    CHECK(CloseHandle(on[0]) && CloseHandle(on[1]));
}

static struct waiter waiter_for(const HANDLE *on)
{
    struct waiter w = {
        .on = {on[0], on[1]},
          .count = 2, .all = TRUE
    };

    return w;
}

static void a_wait_that_times_out_has_taken_nothing(void)
{
    HANDLE on[3] = {auto_event(TRUE), auto_event(FALSE), auto_event(TRUE)};

    CHECK_EQ(WaitForMultipleObjects(3, on, TRUE, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForMultipleObjects(3, on, TRUE, 10), WAIT_TIMEOUT);
    CHECK_SET(on[0]);
    CHECK_UNSET(on[1]);
    CHECK_SET(on[2]);
    events_close(on);
    CHECK(CloseHandle(on[2]));
}

static void all_that_are_set_are_taken_at_once(void)
{
    HANDLE on[2];

    events_make(on, TRUE, TRUE);
    CHECK_EQ(WaitForMultipleObjects(2, on, TRUE, 0), WAIT_OBJECT_0);
    CHECK_UNSET(on[0]);
    CHECK_UNSET(on[1]);
    events_close(on);
}

static void a_blocked_wait_does_not_keep_others_from_taking(void)
{
    HANDLE on[2];
    struct waiter w;

    events_make(on, TRUE, FALSE);
    w = waiter_for(on);
    waiter_start(&w);
    CHECK_SET(on[0]);
    CHECK(SetEvent(on[1]));
    CHECK_EQ(blocked_on(on[0]), 1);
    CHECK(SetEvent(on[0]));
    CHECK_EQ(waiter_end(&w), WAIT_OBJECT_0);
    CHECK_UNSET(on[0]);
    CHECK_UNSET(on[1]);
    events_close(on);
}

static void the_last_set_releases_the_wait_and_both_are_unset(void)
{
    HANDLE on[2];
    struct waiter w;

    events_make(on, FALSE, FALSE);
    w = waiter_for(on);
    waiter_start(&w);
    CHECK(SetEvent(on[1]));
    CHECK_EQ(blocked_on(on[1]), 1);
    CHECK(SetEvent(on[0]));
    CHECK_EQ(waiter_end(&w), WAIT_OBJECT_0);
    CHECK_UNSET(on[0]);
    CHECK_UNSET(on[1]);
    events_close(on);
}

static void one_object_twice_is_refused(void)
{
    HANDLE event = auto_event(TRUE), copy = NULL;
    HANDLE same[2] = {event, event}, copied[3];

    CHECK(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    copied[0] = copy;
    copied[1] = manual_event(TRUE);
    copied[2] = event;
    CHECK_WAIT_FAILS(WaitForMultipleObjects(2, same, TRUE, 0), ERROR_INVALID_PARAMETER);
    CHECK_WAIT_FAILS(WaitForMultipleObjects(3, copied, TRUE, 0), ERROR_INVALID_PARAMETER);
    CHECK_SET(event);
    CHECK(CloseHandle(event) && CloseHandle(copy) && CloseHandle(copied[1]));
}

/* SetEvent and at once ResetEvent on the last missing one. */
static void set_and_at_once_reset_releases(BOOL manual)
{
    for (int i = 0; i < 200; i++) {
        HANDLE on[2] = {CreateEventA(NULL, manual, FALSE, NULL), auto_event(TRUE)};
        struct waiter w = waiter_for(on);

        waiter_start(&w);
        CHECK(SetEvent(on[0]));
        CHECK(ResetEvent(on[0]));
        CHECK_EQ(waiter_end(&w), WAIT_OBJECT_0);
        CHECK_UNSET(on[0]);
        CHECK_UNSET(on[1]);
        events_close(on);
    }
}

static void a_set_that_is_at_once_reset_still_releases_the_wait(void)
{
    set_and_at_once_reset_releases(TRUE);
    set_and_at_once_reset_releases(FALSE);
}

static void the_wait_has_its_events_before_the_setter_can_take_them(void)
{
    for (int i = 0; i < 200; i++) {
        HANDLE on[2];
        struct waiter w;

        events_make(on, FALSE, TRUE);
        w = waiter_for(on);
        waiter_start(&w);
        CHECK(SetEvent(on[0]));
        CHECK_UNSET(on[0]);
        CHECK_UNSET(on[1]);
        CHECK_EQ(waiter_end(&w), WAIT_OBJECT_0);
        events_close(on);
    }
}

static void a_mutex_the_caller_owns_counts_as_signalled(void)
{
    HANDLE on[2] = {CreateMutexA(NULL, TRUE, NULL), auto_event(TRUE)};

    CHECK_EQ(WaitForMultipleObjects(2, on, TRUE, 0), WAIT_OBJECT_0);
    CHECK_UNSET(on[1]);
    CHECK(ReleaseMutex(on[0]) && ReleaseMutex(on[0]));
    CHECK_FAILS(ReleaseMutex(on[0]), ERROR_NOT_OWNER);
    events_close(on);
}

struct with_mutex {
    HANDLE on[2];
};

static DWORD WINAPI take_all_and_release(LPVOID arg)
{
    struct with_mutex *wm = arg;
    DWORD result = WaitForMultipleObjects(2, wm->on, TRUE, PATIENCE_MS);

    CHECK(ReleaseMutex(wm->on[0]));
    return result;
}

static void a_released_mutex_completes_the_wait_which_owns_it(void)
{
    struct with_mutex wm = {
        .on = {CreateMutexA(NULL, TRUE, NULL), auto_event(TRUE)}
    };
    HANDLE thread = thread_start(take_all_and_release, &wm);

    blocked_wait(wm.on[0], 1);
    CHECK(ReleaseMutex(wm.on[0]));
    CHECK_UNSET(wm.on[1]);
    CHECK_EQ(thread_end(thread), WAIT_OBJECT_0);
    CHECK_SET(wm.on[0]);
    CHECK(ReleaseMutex(wm.on[0]));
    events_close(wm.on);
}

static void one_set_completes_several_waits_if_there_is_enough_for_all(void)
{
    HANDLE gate = manual_event(FALSE), seats = CreateSemaphoreA(NULL, 2, 10, NULL);
    HANDLE on[2] = {gate, seats};
    struct waiter w[3];
    DWORD left, released = 0;

    for (size_t i = 0; i < 3; i++) {
        w[i] = waiter_for(on);
        waiter_start(&w[i]);
    }
    CHECK(SetEvent(gate));
    CHECK_EQ(blocked_on(seats), 1); /* two seats, two released */
    CHECK(ReleaseSemaphore(seats, 1, NULL));
    for (size_t i = 0; i < 3; i++)
        released += waiter_end(&w[i]) == WAIT_OBJECT_0;
    CHECK_EQ(released, 3);
    left = WaitForSingleObject(seats, 0);
    CHECK_EQ(left, WAIT_TIMEOUT);
    CHECK(CloseHandle(gate) && CloseHandle(seats));
}

static void a_wait_for_any_of_the_same_object_goes_first(void)
{
    HANDLE on[2];
    struct waiter all, any;

    events_make(on, FALSE, TRUE);
    all = waiter_for(on);
    any = (struct waiter){.on = {on[0]}, .count = 1};
    waiter_start(&all);
    waiter_start(&any);
    CHECK(SetEvent(on[0]));
    CHECK_EQ(waiter_end(&any), WAIT_OBJECT_0);
    CHECK_EQ(blocked_on(on[1]), 1);
    CHECK(SetEvent(on[0]));
    CHECK_EQ(waiter_end(&all), WAIT_OBJECT_0);
    events_close(on);
}

COMM_TEST_MAIN(TEST(a_wait_that_times_out_has_taken_nothing),
               TEST(all_that_are_set_are_taken_at_once),
               TEST(a_blocked_wait_does_not_keep_others_from_taking),
               TEST(the_last_set_releases_the_wait_and_both_are_unset),
               TEST(one_object_twice_is_refused),
               TEST(a_set_that_is_at_once_reset_still_releases_the_wait),
               TEST(the_wait_has_its_events_before_the_setter_can_take_them),
               TEST(a_mutex_the_caller_owns_counts_as_signalled),
               TEST(a_released_mutex_completes_the_wait_which_owns_it),
               TEST(one_set_completes_several_waits_if_there_is_enough_for_all),
               TEST(a_wait_for_any_of_the_same_object_goes_first))
