/* SPDX-License-Identifier: MIT */
/* Waiting for any of several: how many, which one wins, and what is left alone.  All handles are
 * looked at before anything is taken. */
#include "objects.h"

enum { MOST = 64 };

static void sixty_four_make(HANDLE *on, BOOL set)
{
    for (int i = 0; i < MOST; i++)
        on[i] = auto_event(set);
}

static void close_all(const HANDLE *on, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK(CloseHandle(on[i]));
}

static void a_wait_takes_one_to_sixty_four_handles(void)
{
    HANDLE on[MOST + 1];

    sixty_four_make(on, FALSE);
    on[MOST] = on[0];
    CHECK_WAIT_FAILS(WaitForMultipleObjects(0, on, FALSE, 0), ERROR_INVALID_PARAMETER);
    CHECK_WAIT_FAILS(WaitForMultipleObjects(0, on, TRUE, 0), ERROR_INVALID_PARAMETER);
    CHECK_WAIT_FAILS(WaitForMultipleObjects(MOST + 1, on, FALSE, 0), ERROR_INVALID_PARAMETER);
    CHECK_WAIT_FAILS(WaitForMultipleObjects(MOST + 1, on, TRUE, 0), ERROR_INVALID_PARAMETER);
    CHECK_EQ(WaitForMultipleObjects(MOST, on, FALSE, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForMultipleObjects(MOST, on, TRUE, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(on[MOST - 1]));
    CHECK_EQ(WaitForMultipleObjects(MOST, on, FALSE, 0), WAIT_OBJECT_0 + MOST - 1);
    CHECK_UNSET(on[MOST - 1]);
    close_all(on, MOST);
}

struct many {
    HANDLE on[MOST];
    BOOL all;
};

static DWORD WINAPI wait_for_many(LPVOID arg)
{
    struct many *many = arg;

    return WaitForMultipleObjects(MOST, many->on, many->all, PATIENCE_MS);
}

static void a_blocked_wait_for_any_of_sixty_four_names_the_one_that_was_set(void)
{
    static const DWORD picks[] = {0, 1, 31, 62, 63};
    struct many many = {.all = FALSE};

    sixty_four_make(many.on, FALSE);
    for (size_t i = 0; i < ARRAY_LEN(picks); i++) {
        HANDLE thread = thread_start(wait_for_many, &many);

        blocked_wait(many.on[MOST - 1], 1);
        CHECK(SetEvent(many.on[picks[i]]));
        CHECK_EQ(thread_end(thread), WAIT_OBJECT_0 + picks[i]);
        CHECK_UNSET(many.on[picks[i]]);
    }
    close_all(many.on, MOST);
}

static void a_blocked_wait_for_all_of_sixty_four_waits_for_the_last(void)
{
    struct many many = {.all = TRUE};
    HANDLE thread;

    sixty_four_make(many.on, FALSE);
    thread = thread_start(wait_for_many, &many);
    blocked_wait(many.on[0], 1);
    for (int i = 0; i < MOST; i++) {
        CHECK_EQ(blocked_on(many.on[0]), 1);
        CHECK(SetEvent(many.on[(i * 5 + 7) % MOST]));
    }
    CHECK_EQ(blocked_on(many.on[0]), 0);
    CHECK_EQ(thread_end(thread), WAIT_OBJECT_0);
    for (int i = 0; i < MOST; i++)
        CHECK_UNSET(many.on[i]);
    close_all(many.on, MOST);
}

static void a_bad_handle_anywhere_fails_the_wait_and_nothing_is_taken(void)
{
    HANDLE set = auto_event(TRUE);
    HANDLE bad[] = {NULL, stale_handle(), GetCurrentProcess(), GetCurrentThread()};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        HANDLE last[2] = {set, bad[i]}, first[2] = {bad[i], set};

        CHECK_WAIT_FAILS(WaitForMultipleObjects(2, last, FALSE, 0), ERROR_INVALID_HANDLE);
        CHECK_WAIT_FAILS(WaitForMultipleObjects(2, last, TRUE, 0), ERROR_INVALID_HANDLE);
        CHECK_WAIT_FAILS(WaitForMultipleObjects(2, first, FALSE, INFINITE), ERROR_INVALID_HANDLE);
    }
    CHECK_SET(set);
    CHECK(CloseHandle(set));
}

static void the_first_signalled_object_is_taken_and_no_other(void)
{
    HANDLE on[3] = {auto_event(FALSE), auto_event(TRUE), auto_event(TRUE)};

    CHECK_EQ(WaitForMultipleObjects(3, on, FALSE, 0), WAIT_OBJECT_0 + 1);
    CHECK_EQ(WaitForMultipleObjects(3, on, FALSE, PATIENCE_MS), WAIT_OBJECT_0 + 2);
    CHECK_EQ(WaitForMultipleObjects(3, on, FALSE, 0), WAIT_TIMEOUT);
    close_all(on, 3);
}

static void one_object_twice_is_accepted(void)
{
    HANDLE event = auto_event(TRUE);
    HANDLE on[3] = {event, event, event};
    struct waiter w = {
        .on = {event, event, event},
          .count = 3
    };

    CHECK_EQ(WaitForMultipleObjects(3, on, FALSE, 0), WAIT_OBJECT_0);
    CHECK_UNSET(event);
    waiter_start(&w);
    CHECK(SetEvent(event));
    CHECK_EQ(waiter_end(&w), WAIT_OBJECT_0);
    CHECK_UNSET(event);
    CHECK(CloseHandle(event));
}

static void every_type_can_be_waited_for_together(void)
{
    LARGE_INTEGER due = {.QuadPart = 0};
    HANDLE on[4] = {CreateSemaphoreA(NULL, 0, 1, NULL), CreateWaitableTimerA(NULL, FALSE, NULL),
                    CreateMutexA(NULL, FALSE, NULL), manual_event(FALSE)};

    CHECK_EQ(WaitForMultipleObjects(4, on, FALSE, 0), WAIT_OBJECT_0 + 2);
    CHECK(SetWaitableTimer(on[1], &due, 0, NULL, NULL, FALSE));
    CHECK_EQ(WaitForMultipleObjects(4, on, FALSE, PATIENCE_MS), WAIT_OBJECT_0 + 1);
    CHECK(ReleaseSemaphore(on[0], 1, NULL));
    CHECK_EQ(WaitForMultipleObjects(4, on, FALSE, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(on[2]));
    close_all(on, 4);
}

enum { TOKENS = 20000 };

struct shared {
    HANDLE on[3]; /* semaphores */
};

static DWORD WINAPI take_tokens(LPVOID arg)
{
    struct shared *shared = arg;
    DWORD taken = 0;

    while (WaitForMultipleObjects(3, shared->on, FALSE, PATIENCE_MS) < 2)
        taken++;
    CHECK(ReleaseSemaphore(shared->on[2], 1, NULL)); /* the next taker ends as well */
    return taken;
}

/* Several takers of two semaphores: each token is taken by exactly one of them. */
static void what_is_released_is_taken_exactly_once(void)
{
    struct shared shared = {
        .on = {CreateSemaphoreA(NULL, 0, TOKENS, NULL), CreateSemaphoreA(NULL, 0, TOKENS, NULL),
               CreateSemaphoreA(NULL, 0, 10, NULL)}
    };
    HANDLE takers[3];
    DWORD taken = 0;

    for (int i = 0; i < 3; i++)
        takers[i] = thread_start(take_tokens, &shared);
    for (int i = 0; i < TOKENS; i++)
        CHECK(ReleaseSemaphore(shared.on[i % 2], 1, NULL));
    CHECK(ReleaseSemaphore(shared.on[2], 1, NULL));
    for (int i = 0; i < 3; i++)
        taken += thread_end(takers[i]);
    while (WaitForMultipleObjects(2, shared.on, FALSE, 0) < 2)
        taken++;
    CHECK_EQ(taken, TOKENS);
    close_all(shared.on, 3);
}

COMM_TEST_MAIN(TEST(a_wait_takes_one_to_sixty_four_handles),
               TEST(a_blocked_wait_for_any_of_sixty_four_names_the_one_that_was_set),
               TEST(a_blocked_wait_for_all_of_sixty_four_waits_for_the_last),
               TEST(a_bad_handle_anywhere_fails_the_wait_and_nothing_is_taken),
               TEST(the_first_signalled_object_is_taken_and_no_other),
               TEST(one_object_twice_is_accepted), TEST(every_type_can_be_waited_for_together),
               TEST(what_is_released_is_taken_exactly_once))
