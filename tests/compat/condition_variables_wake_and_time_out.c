/* SPDX-License-Identifier: MIT */
/* Condition variables with both kinds of lock: a wake after the lock was left is never lost, and a
 * time that is up says 1460 with the lock held again. */
#include "harness.h"

#include <libcomm/comm.h>
#include <libcomm/compat.h>

enum { SLEEPERS = 3, ITEMS = 5000 };

struct queue {
    CRITICAL_SECTION section;
    SRWLOCK lock;
    CONDITION_VARIABLE filled, drained;
    unsigned items, taken, sleepers; /* guarded by section or by lock */
    bool go;
};

static void queue_init(struct queue *q)
{
    *q = (struct queue){.lock = SRWLOCK_INIT};
    InitializeCriticalSection(&q->section);
    InitializeConditionVariable(&q->filled);
    InitializeConditionVariable(&q->drained);
}

static void *take_all(void *arg)
{
    struct queue *q = arg;

    for (int i = 0; i < ITEMS; i++) {
        EnterCriticalSection(&q->section);
        while (q->items == 0)
            SleepConditionVariableCS(&q->filled, &q->section, INFINITE);
        q->items--;
        q->taken++;
        LeaveCriticalSection(&q->section);
        WakeConditionVariable(&q->drained);
    }
    return NULL;
}

static void a_queue_of_one_passes_every_item(void)
{
    struct queue q;
    pthread_t taker;

    queue_init(&q);
    taker = comm_spawn(take_all, &q);
    for (int i = 0; i < ITEMS; i++) {
        EnterCriticalSection(&q.section);
        while (q.items == 1)
            SleepConditionVariableCS(&q.drained, &q.section, INFINITE);
        q.items++;
        LeaveCriticalSection(&q.section);
        WakeConditionVariable(&q.filled);
    }
    comm_join(taker);
    CHECK_EQ(q.taken, ITEMS);
    CHECK_EQ(q.items, 0);
    DeleteCriticalSection(&q.section);
}

static void *sleep_shared(void *arg)
{
    struct queue *q = arg;

    AcquireSRWLockShared(&q->lock);
    __atomic_add_fetch(&q->sleepers, 1, __ATOMIC_SEQ_CST);
    while (!q->go)
        SleepConditionVariableSRW(&q->filled, &q->lock, INFINITE,
                                  CONDITION_VARIABLE_LOCKMODE_SHARED);
    ReleaseSRWLockShared(&q->lock);
    return q;
}

static bool all_have_come(void *arg)
{
    return __atomic_load_n(&((struct queue *)arg)->sleepers, __ATOMIC_SEQ_CST) == SLEEPERS;
}

static void waking_all_reaches_every_sleeper(void)
{
    pthread_t sleepers[SLEEPERS];
    struct queue q;

    queue_init(&q);
    for (int i = 0; i < SLEEPERS; i++)
        sleepers[i] = comm_spawn(sleep_shared, &q);
    comm_wait_until(all_have_come, &q);
    AcquireSRWLockExclusive(&q.lock); /* to be had only when all of them have left it, asleep */
    q.go = true;
    ReleaseSRWLockExclusive(&q.lock);
    WakeAllConditionVariable(&q.filled);
    for (int i = 0; i < SLEEPERS; i++)
        CHECK(comm_join(sleepers[i]) == &q);
    DeleteCriticalSection(&q.section);
}

static bool sleep_timed(struct queue *q, bool with_section, DWORD ms)
{
    BOOL woken;

    SetLastError(0);
    if (with_section) {
        EnterCriticalSection(&q->section);
        woken = SleepConditionVariableCS(&q->filled, &q->section, ms);
        CHECK_EQ(q->section.RecursionCount, 1); /* held again */
        LeaveCriticalSection(&q->section);
    } else {
        AcquireSRWLockExclusive(&q->lock);
        woken = SleepConditionVariableSRW(&q->filled, &q->lock, ms, 0);
        CHECK(!TryAcquireSRWLockShared(&q->lock));
        ReleaseSRWLockExclusive(&q->lock);
    }
    return woken;
}

static const struct {
    const char *when;
    bool with_section;
    DWORD ms;
} sleeps[] = {
    {"a section, no time at all",   true,  0 },
    {"a section, 20 ms",            true,  20},
    {"a slim lock, no time at all", false, 0 },
    {"a slim lock, 20 ms",          false, 20},
};

static void a_sleep_that_nobody_ends_says_1460_and_is_not_short(void)
{
    struct queue q;

    queue_init(&q);
    for (size_t i = 0; i < ARRAY_LEN(sleeps); i++) {
        ULONGLONG began = GetTickCount64();

        /* it may return early for no reason; then it says so, and sleeps again */
        while (sleep_timed(&q, sleeps[i].with_section, sleeps[i].ms))
            began = GetTickCount64();
        CHECK_EQ_WHEN(sleeps[i].when, GetLastError(), ERROR_TIMEOUT);
        CHECK(GetTickCount64() - began >= sleeps[i].ms);
    }
    CHECK(!SleepConditionVariableSRW(&q.filled, &q.lock, 0, 2));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    DeleteCriticalSection(&q.section);
}

COMM_TEST_MAIN(TEST(a_queue_of_one_passes_every_item), TEST(waking_all_reaches_every_sleeper),
               TEST(a_sleep_that_nobody_ends_says_1460_and_is_not_short))
