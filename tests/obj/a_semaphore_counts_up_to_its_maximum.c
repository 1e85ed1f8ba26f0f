/* SPDX-License-Identifier: MIT */
/* Semaphores: a count between zero and a maximum, and a release that would pass it does nothing at
 * all. */
#include "objects.h"

static const struct {
    const char *when;
    LONG initial, maximum;
    BOOL made;
} counts[] = {
    {"the initial count is negative",              -1, 1,          FALSE},
    {"the initial count is above the maximum",     2,  1,          FALSE},
    {"the maximum is zero",                        0,  0,          FALSE},
    {"the maximum is negative",                    0,  -1,         FALSE},
    {"the initial count is the maximum",           1,  1,          TRUE },
    {"the initial count is zero, the largest max", 0,  0x7FFFFFFF, TRUE },
};

static void the_initial_count_lies_between_zero_and_the_maximum(void)
{
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        HANDLE semaphore;

        SetLastError(UNTOUCHED);
        semaphore = CreateSemaphoreA(NULL, counts[i].initial, counts[i].maximum, NULL);
        CHECK_EQ_WHEN(counts[i].when, semaphore != NULL, counts[i].made);
        CHECK_EQ_WHEN(counts[i].when, GetLastError(),
                      counts[i].made ? ERROR_SUCCESS : ERROR_INVALID_PARAMETER);
        if (semaphore != NULL)
            CHECK(CloseHandle(semaphore));
    }
}

static void a_release_past_the_maximum_changes_nothing(void)
{
    HANDLE semaphore = CreateSemaphoreA(NULL, 1, 3, NULL);
    LONG before = 99;

    CHECK_FAILS(ReleaseSemaphore(semaphore, 3, &before), ERROR_TOO_MANY_POSTS);
    CHECK_EQ(before, 99);
    CHECK_FAILS(ReleaseSemaphore(semaphore, 0x7FFFFFFF, &before), ERROR_TOO_MANY_POSTS);
    CHECK_EQ(before, 99);
    CHECK_SET(semaphore);
    CHECK_UNSET(semaphore);
    CHECK(CloseHandle(semaphore));
}

static void a_release_count_is_greater_than_zero(void)
{
    HANDLE semaphore = CreateSemaphoreA(NULL, 1, 3, NULL);

    CHECK_FAILS(ReleaseSemaphore(semaphore, 0, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(ReleaseSemaphore(semaphore, -1, NULL), ERROR_INVALID_PARAMETER);
    CHECK(CloseHandle(semaphore));
}

static void a_release_gives_the_previous_count(void)
{
    HANDLE semaphore = CreateSemaphoreA(NULL, 0, 10, NULL);
    LONG before = 99;

    CHECK(ReleaseSemaphore(semaphore, 2, &before));
    CHECK_EQ(before, 0);
    CHECK(ReleaseSemaphore(semaphore, 1, &before));
    CHECK_EQ(before, 2);
    CHECK_SET(semaphore);
    CHECK(ReleaseSemaphore(semaphore, 1, &before));
    CHECK_EQ(before, 2);
    CHECK(ReleaseSemaphore(semaphore, 1, NULL));
    CHECK(CloseHandle(semaphore));
}

static void a_release_of_two_lets_two_waiters_go_and_a_third_stay(void)
{
    HANDLE semaphore = CreateSemaphoreA(NULL, 0, 5, NULL);
    struct waiter w[3];
    LONG before = 99;

    for (size_t i = 0; i < 3; i++) {
        w[i] = (struct waiter){.on = {semaphore}, .count = 1};
        waiter_start(&w[i]);
        blocked_wait(semaphore, i + 1);
    }
    CHECK(ReleaseSemaphore(semaphore, 2, &before));
    CHECK_EQ(before, 0);
    CHECK_EQ(blocked_on(semaphore), 1);
    CHECK_EQ(waiter_end(&w[0]), WAIT_OBJECT_0);
    CHECK_EQ(waiter_end(&w[1]), WAIT_OBJECT_0);
    CHECK(ReleaseSemaphore(semaphore, 1, NULL));
    CHECK_EQ(waiter_end(&w[2]), WAIT_OBJECT_0);
    CHECK_UNSET(semaphore);
    CHECK(CloseHandle(semaphore));
}

COMM_TEST_MAIN(TEST(the_initial_count_lies_between_zero_and_the_maximum),
               TEST(a_release_past_the_maximum_changes_nothing),
               TEST(a_release_count_is_greater_than_zero), TEST(a_release_gives_the_previous_count),
               TEST(a_release_of_two_lets_two_waiters_go_and_a_third_stay))
