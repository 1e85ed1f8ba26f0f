/* SPDX-License-Identifier: MIT */
/* A crowd of threads takes a few objects, all together or one at a time, and gives them back.  Each
 * object can be in one hand only, and at the end none may be missing.
 *
 * COMM_TEST_ITERATIONS in the environment asks for another number of takes. */
#include <stdatomic.h>
#include <stdlib.h>

#include "objects.h"

enum { OBJECTS = 4, CROWD = 5 };

static struct {
    HANDLE on[OBJECTS]; /* auto event, semaphore of one, mutex, auto event */
    atomic_int held[OBJECTS];
    atomic_long left; /* takes still to be tried */
    atomic_long all, one;
} crowd;

static void give(unsigned i)
{
    atomic_store(&crowd.held[i], 0);
    if (i == 1)
        CHECK(ReleaseSemaphore(crowd.on[i], 1, NULL));
    else if (i == 2)
        CHECK(ReleaseMutex(crowd.on[i]));
    else
        CHECK(SetEvent(crowd.on[i]));
}

static void got(unsigned i)
{
    int others = atomic_exchange(&crowd.held[i], 1);

    if (others != 0) /* counted only when wrong: a check takes a lock */
        CHECK_EQ(others, 0);
}

/* The objects first .. first + count - 1, all or none. */
static void take_all(unsigned first, unsigned count, DWORD timeout_ms)
{
    DWORD result = WaitForMultipleObjects(count, &crowd.on[first], TRUE, timeout_ms);

    if (result == WAIT_TIMEOUT)
        return;
    CHECK_EQ(result, WAIT_OBJECT_0);
    for (unsigned i = first; i < first + count; i++)
        got(i);
    for (unsigned i = first; i < first + count; i++)
        give(i);
    atomic_fetch_add(&crowd.all, 1);
}

static void take_one(DWORD timeout_ms)
{
    DWORD result = WaitForMultipleObjects(OBJECTS, crowd.on, FALSE, timeout_ms);

    if (result == WAIT_TIMEOUT)
        return;
    if (!CHECK(result < OBJECTS))
        return;
    got(result);
    give(result);
    atomic_fetch_add(&crowd.one, 1);
}

static DWORD WINAPI take_at_random(LPVOID seed)
{
    static const DWORD timeouts_ms[] = {0, 0, 1, PATIENCE_MS};
    unsigned state = (unsigned)(uintptr_t)seed;

    while (atomic_fetch_sub(&crowd.left, 1) > 0) {
        unsigned pick = (unsigned)rand_r(&state);
        DWORD timeout_ms = timeouts_ms[pick / 8 % ARRAY_LEN(timeouts_ms)];

        switch (pick % 4) {
        case 0:
            take_all(0, OBJECTS, timeout_ms);
            break;
        case 1:
            take_all(pick / 64 % 2, 3, timeout_ms);
            break;
        case 2:
            take_all(pick / 64 % 3, 2, timeout_ms);
            break;
        default:
            take_one(timeout_ms);
        }
    }
    return 0;
}

static long iterations(void)
{
    const char *wish = getenv("COMM_TEST_ITERATIONS");
    long count = wish != NULL ? strtol(wish, NULL, 10) : 0;

    return count > 0 ? count : 100000;
}

static void no_object_is_ever_in_two_hands_or_lost(void)
{
    HANDLE threads[CROWD];

    crowd.on[0] = auto_event(TRUE);
    crowd.on[1] = CreateSemaphoreA(NULL, 1, 1, NULL);
    crowd.on[2] = CreateMutexA(NULL, FALSE, NULL);
    crowd.on[3] = auto_event(TRUE);
    atomic_store(&crowd.left, iterations());
    for (uintptr_t i = 0; i < CROWD; i++)
        threads[i] = thread_start(take_at_random, (LPVOID)(i + 1));
    WaitForMultipleObjects(CROWD, threads, TRUE, INFINITE);
    for (int i = 0; i < CROWD; i++)
        CHECK_EQ(thread_end(threads[i]), 0);
    CHECK(atomic_load(&crowd.all) > 0 && atomic_load(&crowd.one) > 0);
    CHECK_EQ(WaitForMultipleObjects(OBJECTS, crowd.on, TRUE, 0), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(crowd.on[2]));
    CHECK_UNSET(crowd.on[0]);
    CHECK_UNSET(crowd.on[1]);
    CHECK_UNSET(crowd.on[3]);
    for (int i = 0; i < OBJECTS; i++)
        CHECK(CloseHandle(crowd.on[i]));
}

/* ---- sets at random: a wait for all against a thief ---- */

static struct {
    HANDLE a, b, stop;
    atomic_long stolen;
} theft;

static DWORD WINAPI steal(LPVOID unused)
{
    (void)unused;
    while (WaitForSingleObject(theft.stop, 0) == WAIT_TIMEOUT) {
        if (WaitForSingleObject(theft.a, 0) == WAIT_OBJECT_0) {
            atomic_fetch_add(&theft.stolen, 1);
            CHECK(SetEvent(theft.a));
        }
        Sleep(0);
    }
    return 0;
}

static DWORD WINAPI take_both(LPVOID rounds)
{
    HANDLE on[2] = {theft.b, theft.a};

    for (long i = 0; i < (long)(intptr_t)rounds; i++) {
        if (WaitForMultipleObjects(2, on, TRUE, PATIENCE_MS) != WAIT_OBJECT_0)
            return 1;
        /* both are ours, so they are unset unless somebody else may set them: nobody may */
        CHECK_UNSET(theft.b);
        CHECK_UNSET(theft.a);
        CHECK(SetEvent(theft.a));
        CHECK(SetEvent(theft.b));
    }
    return 0;
}

static void a_thief_delays_the_wait_and_never_splits_it(void)
{
    LPVOID rounds = (LPVOID)(intptr_t)(iterations() / 20);
    HANDLE takers[2], thief;

    theft.a = auto_event(TRUE);
    theft.b = auto_event(TRUE);
    theft.stop = manual_event(FALSE);
    thief = thread_start(steal, NULL);
    for (int i = 0; i < 2; i++)
        takers[i] = thread_start(take_both, rounds);
    WaitForMultipleObjects(2, takers, TRUE, INFINITE);
    for (int i = 0; i < 2; i++)
        CHECK_EQ(thread_end(takers[i]), 0);
    CHECK(SetEvent(theft.stop));
    CHECK_EQ(thread_end(thief), 0);
    CHECK_SET(theft.a);
    CHECK_SET(theft.b);
    CHECK(CloseHandle(theft.a) && CloseHandle(theft.b) && CloseHandle(theft.stop));
}

COMM_TEST_MAIN(TEST(no_object_is_ever_in_two_hands_or_lost),
               TEST(a_thief_delays_the_wait_and_never_splits_it))
