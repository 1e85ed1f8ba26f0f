/* SPDX-License-Identifier: MIT */
/* Timeouts: never shorter than asked for, whatever is waited for, and never both a timeout and a
 * signal that is gone. */
#include <sched.h>
#include <stdatomic.h>

#include "libcomm/plat/clock.h"
#include "objects.h"

enum kind {
    ONE,
    ONE_ALERTABLE,
    ANY,
    ANY_OF_64,
    ALL,
    ALL_ALERTABLE,
    SIGNAL,
    SLEEP,
    SLEEP_ALERTABLE
};

static const struct {
    const char *when;
    enum kind kind;
} kinds[] = {
    {"one object",            ONE            },
    {"one object, alertable", ONE_ALERTABLE  },
    {"any of two",            ANY            },
    {"any of 64",             ANY_OF_64      },
    {"all of two",            ALL            },
    {"all of two, alertable", ALL_ALERTABLE  },
    {"signal and wait",       SIGNAL         },
    {"sleep",                 SLEEP          },
    {"sleep, alertable",      SLEEP_ALERTABLE},
};

static HANDLE unset, set, other, sixty_four[64];

static DWORD wait_for(enum kind kind, DWORD ms)
{
    HANDLE one_unset[2] = {set, unset}, two_unset[2] = {unset, other};

    switch (kind) {
    case ONE:
        return WaitForSingleObject(unset, ms);
    case ONE_ALERTABLE:
        return WaitForSingleObjectEx(unset, ms, TRUE);
    case ANY:
        return WaitForMultipleObjects(2, two_unset, FALSE, ms);
    case ANY_OF_64:
        return WaitForMultipleObjects(64, sixty_four, FALSE, ms);
    case ALL:
        return WaitForMultipleObjects(2, one_unset, TRUE, ms);
    case ALL_ALERTABLE:
        return WaitForMultipleObjectsEx(2, one_unset, TRUE, ms, TRUE);
    case SIGNAL:
        return SignalObjectAndWait(set, unset, ms, FALSE);
    case SLEEP:
        Sleep(ms);
        return WAIT_TIMEOUT;
    case SLEEP_ALERTABLE:
        return SleepEx(ms, TRUE) == 0 ? WAIT_TIMEOUT : WAIT_FAILED;
    }
    return WAIT_FAILED;
}

static void no_kind_of_wait_ends_before_its_time(void)
{
    static const DWORD times_ms[] = {1, 2, 3, 7, 16, 30};

    unset = manual_event(FALSE);
    other = manual_event(FALSE);
    set = manual_event(TRUE);
    for (size_t i = 0; i < 64; i++)
        sixty_four[i] = unset;
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        for (size_t t = 0; t < ARRAY_LEN(times_ms); t++) {
            uint64_t start_ns = ci_now_ns();
            DWORD result = wait_for(kinds[k].kind, times_ms[t]);
            uint64_t took_ns = ci_now_ns() - start_ns;

            CHECK_EQ_WHEN(kinds[k].when, result, WAIT_TIMEOUT);
            CHECK_EQ_WHEN(kinds[k].when, took_ns >= times_ms[t] * CI_NS_PER_MS, true);
        }
    }
    CHECK(CloseHandle(unset) && CloseHandle(other) && CloseHandle(set));
}

static void a_zero_timeout_takes_what_is_there_and_never_blocks(void)
{
    HANDLE event = auto_event(TRUE);

    CHECK_SET(event);
    CHECK_UNSET(event);
    CHECK_EQ(WaitForMultipleObjects(1, &event, TRUE, 0), WAIT_TIMEOUT);
    CHECK_EQ(SleepEx(0, FALSE), 0);
    CHECK(CloseHandle(event));
}

static DWORD WINAPI wait_very_long(LPVOID event)
{
    return WaitForSingleObject(event, INFINITE - 1);
}

static void a_wait_of_49_days_blocks_until_it_is_released(void)
{
    HANDLE event = auto_event(FALSE);
    HANDLE thread = thread_start(wait_very_long, event);

    blocked_wait(event, 1);
    CHECK(SetEvent(event));
    CHECK_EQ(thread_end(thread), WAIT_OBJECT_0);
    CHECK(CloseHandle(event));
}

/* ---- a set that comes at the very moment of the timeout ---- */

/* Rounds enough to hit the border, but no more than fit in two seconds on a busy machine. */
enum { ROUNDS = 1000, ROUNDS_MS = 2000 };
#define NO_MORE UINT64_MAX

static struct {
    HANDLE event;
    _Atomic uint64_t start_ns; /* 0: this round's wait has not begun */
    atomic_int done;           /* rounds in which the event has been set */
    _Atomic uint64_t delay_ns; /* from the start of the wait to the set */
} race;

static void *set_about_then(void *unused)
{
    for (int i = 0;; i++) {
        uint64_t start_ns, at_ns;

        while ((start_ns = atomic_exchange(&race.start_ns, 0)) == 0)
            sched_yield();
        if (start_ns == NO_MORE)
            return unused;
        at_ns = start_ns + atomic_load(&race.delay_ns);
        while (ci_now_ns() < at_ns)
            ;
        CHECK(SetEvent(race.event));
        atomic_store(&race.done, i + 1);
    }
}

/* The delay follows the border between timeout and success, to stay close to it. */
static void race_round(int i)
{
    HANDLE on[2] = {race.event, set};
    bool all = i % 2 == 1;
    DWORD result, after;

    atomic_store(&race.start_ns, ci_now_ns());
    result = all ? WaitForMultipleObjects(2, on, TRUE, 1) : WaitForSingleObject(race.event, 1);
    while (atomic_load(&race.done) != i + 1)
        sched_yield();
    after = WaitForSingleObject(race.event, 0);
    CHECK(result == WAIT_OBJECT_0 || result == WAIT_TIMEOUT);
    CHECK_EQ(after, result == WAIT_OBJECT_0 ? WAIT_TIMEOUT : WAIT_OBJECT_0);
    if (result == WAIT_OBJECT_0)
        atomic_fetch_add(&race.delay_ns, 1000);
    else
        atomic_fetch_sub(&race.delay_ns, 1000);
}

static void a_timeout_leaves_the_event_set_and_success_has_taken_it(void)
{
    uint64_t end_ns = ci_now_ns() + ROUNDS_MS * CI_NS_PER_MS;
    pthread_t setter;

    race.event = auto_event(FALSE);
    set = manual_event(TRUE);
    atomic_store(&race.delay_ns, CI_NS_PER_MS);
    setter = comm_spawn(set_about_then, NULL);
    for (int i = 0; i < ROUNDS && ci_now_ns() < end_ns; i++)
        race_round(i);
    atomic_store(&race.start_ns, NO_MORE);
    comm_join(setter);
    CHECK(CloseHandle(race.event) && CloseHandle(set));
}

COMM_TEST_MAIN(TEST(no_kind_of_wait_ends_before_its_time),
               TEST(a_zero_timeout_takes_what_is_there_and_never_blocks),
               TEST(a_wait_of_49_days_blocks_until_it_is_released),
               TEST(a_timeout_leaves_the_event_set_and_success_has_taken_it))
