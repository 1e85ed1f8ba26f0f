/* SPDX-License-Identifier: MIT */
/* APCs: when they run, in which order, and what they do to the wait they end.  A signalled object
 * always goes first. */
#include <stdatomic.h>

#include "objects.h"

/* What ran, in order, one digit each. */
static struct {
    unsigned order;
    DWORD tid;
} seen;

static void NTAPI note(ULONG_PTR digit)
{
    seen.order = seen.order * 10 + (unsigned)digit;
    seen.tid = GetCurrentThreadId();
}

static void queue_self(PAPCFUNC run, ULONG_PTR arg)
{
    CHECK(QueueUserAPC(run, GetCurrentThread(), arg));
}

static void forget(void)
{
    seen.order = 0;
    seen.tid = 0;
}

static void a_queued_apc_waits_for_an_alertable_wait(void)
{
    HANDLE event = manual_event(FALSE), set = manual_event(TRUE);
    HANDLE on[2] = {event, event};

    forget();
    queue_self(note, 1);
    CHECK_EQ(seen.order, 0);
    CHECK_EQ(SleepEx(0, FALSE), 0);
    CHECK_EQ(SleepEx(1, FALSE), 0);
    Sleep(1);
    CHECK_EQ(WaitForSingleObject(event, 1), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObjectEx(event, 1, FALSE), WAIT_TIMEOUT);
    CHECK_EQ(WaitForMultipleObjects(2, on, FALSE, 1), WAIT_TIMEOUT);
    CHECK_EQ(SignalObjectAndWait(set, event, 1, FALSE), WAIT_TIMEOUT);
    CHECK_EQ(seen.order, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(seen.order, 1);
    CHECK_EQ(seen.tid, GetCurrentThreadId());
    CHECK(CloseHandle(event) && CloseHandle(set));
}

static void an_alertable_sleep_runs_all_that_is_queued(void)
{
    forget();
    queue_self(note, 1);
    queue_self(note, 2);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(seen.order, 12);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK_EQ(SleepEx(1, TRUE), 0);
}

static void NTAPI note_and_queue(ULONG_PTR digit)
{
    note(digit);
    queue_self(note, digit + 1);
}

static void apcs_run_in_order_those_queued_by_apcs_included(void)
{
    forget();
    queue_self(note, 1);
    queue_self(note_and_queue, 2); /* queues 3 */
    queue_self(note, 4);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(seen.order, 1243);
    CHECK_EQ(SleepEx(0, TRUE), 0);
}

static void a_signalled_object_goes_first_and_the_apc_stays(void)
{
    HANDLE event = auto_event(TRUE);

    forget();
    queue_self(note, 1);
    CHECK_EQ(WaitForSingleObjectEx(event, PATIENCE_MS, TRUE), WAIT_OBJECT_0);
    CHECK_EQ(seen.order, 0);
    CHECK(SetEvent(event));
    CHECK_EQ(WaitForSingleObjectEx(event, 0, TRUE), WAIT_OBJECT_0);
    CHECK_EQ(seen.order, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(seen.order, 1);
    CHECK(CloseHandle(event));
}

static void a_queued_apc_ends_even_a_wait_of_no_time(void)
{
    HANDLE event = auto_event(FALSE);

    forget();
    queue_self(note, 1);
    CHECK_EQ(WaitForSingleObjectEx(event, 0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(seen.order, 1);
    queue_self(note, 2);
    CHECK_EQ(WaitForSingleObjectEx(event, PATIENCE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(seen.order, 12);
    CHECK(CloseHandle(event));
}

static void waits_for_several_keep_the_same_order(void)
{
    HANDLE on[2] = {auto_event(FALSE), auto_event(TRUE)};

    forget();
    queue_self(note, 1);
    CHECK_EQ(WaitForMultipleObjectsEx(2, on, FALSE, PATIENCE_MS, TRUE), WAIT_OBJECT_0 + 1);
    CHECK_EQ(seen.order, 0);
    CHECK_EQ(WaitForMultipleObjectsEx(2, on, FALSE, 0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(seen.order, 1);
    queue_self(note, 2);
    CHECK(SetEvent(on[0]) && SetEvent(on[1]));
    CHECK_EQ(WaitForMultipleObjectsEx(2, on, TRUE, 0, TRUE), WAIT_OBJECT_0);
    CHECK_EQ(seen.order, 1);
    CHECK(SetEvent(on[0]));
    CHECK_EQ(WaitForMultipleObjectsEx(2, on, TRUE, PATIENCE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(seen.order, 12);
    CHECK_SET(on[0]);
    CHECK(CloseHandle(on[0]) && CloseHandle(on[1]));
}

static void NTAPI note_and_sleep(ULONG_PTR digit)
{
    note(digit);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    note(digit + 1);
}

static void an_alertable_wait_inside_an_apc_runs_the_others_first(void)
{
    forget();
    queue_self(note_and_sleep, 1); /* 1, the others, 2 */
    queue_self(note, 5);
    queue_self(note, 6);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(seen.order, 1562);
    CHECK_EQ(SleepEx(0, TRUE), 0);
}

static DWORD WINAPI return_at_once(LPVOID unused)
{
    (void)unused;
    return 0;
}

static void an_ended_thread_and_what_is_no_thread_take_no_apc(void)
{
    HANDLE thread = thread_start(return_at_once, NULL), event = auto_event(FALSE);

    CHECK_EQ(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_FAILS(QueueUserAPC(note, thread, 0), ERROR_GEN_FAILURE);
    CHECK_FAILS(QueueUserAPC(note, event, 0), ERROR_INVALID_HANDLE);
    CHECK_FAILS(QueueUserAPC(note, NULL, 0), ERROR_INVALID_HANDLE);
    CHECK_FAILS(QueueUserAPC(note, stale_handle(), 0), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(thread) && CloseHandle(event));
}

static void apcs_that_never_ran_are_dropped_with_their_thread(void)
{
    HANDLE event = manual_event(FALSE);
    struct waiter w = {.on = {event}, .count = 1};

    forget();
    waiter_start(&w);
    for (int i = 0; i < 10; i++)
        CHECK(QueueUserAPC(note, w.thread, 1));
    CHECK(SetEvent(event));
    CHECK_EQ(waiter_end(&w), WAIT_OBJECT_0);
    CHECK_EQ(seen.order, 0);
    CHECK(CloseHandle(event));
}

/* ---- into another thread's wait ---- */

static const struct {
    const char *when;
    DWORD count;
    BOOL all;
} blocked_waits[] = {
    {"one object", 1, FALSE},
    {"any of two", 2, FALSE},
    {"all of two", 2, TRUE },
};

static void an_apc_ends_a_blocked_wait_on_its_thread_and_takes_nothing(void)
{
    for (size_t i = 0; i < ARRAY_LEN(blocked_waits); i++) {
        HANDLE event = auto_event(FALSE), other = auto_event(blocked_waits[i].all);
        struct waiter w = {
            .on = {event, other},
            .count = blocked_waits[i].count,
            .all = blocked_waits[i].all,
            .alertable = TRUE
        };
        DWORD tid;

        forget();
        waiter_start(&w);
        tid = GetThreadId(w.thread);
        CHECK(QueueUserAPC(note, w.thread, 7));
        CHECK_EQ_WHEN(blocked_waits[i].when, waiter_end(&w), WAIT_IO_COMPLETION);
        CHECK_EQ_WHEN(blocked_waits[i].when, seen.order, 7);
        CHECK_EQ_WHEN(blocked_waits[i].when, seen.tid, tid);
        CHECK_EQ_WHEN(blocked_waits[i].when, blocked_on(event), 0);
        CHECK_UNSET(event);
        CHECK(SetEvent(event));
        CHECK_SET(event);
        CHECK_EQ_WHEN(blocked_waits[i].when, WaitForSingleObject(other, 0),
                      blocked_waits[i].all ? WAIT_OBJECT_0 : WAIT_TIMEOUT);
        CHECK(CloseHandle(event) && CloseHandle(other));
    }
}

static void an_apc_does_not_disturb_a_wait_that_is_not_alertable(void)
{
    HANDLE event = auto_event(FALSE);
    struct waiter w = {.on = {event}, .count = 1, .alertable = FALSE};

    forget();
    waiter_start(&w);
    CHECK(QueueUserAPC(note, w.thread, 7));
    CHECK_EQ(blocked_on(event), 1);
    CHECK(SetEvent(event));
    CHECK_EQ(waiter_end(&w), WAIT_OBJECT_0);
    CHECK_EQ(seen.order, 0);
    CHECK(CloseHandle(event));
}

static DWORD WINAPI sleep_for_ever(LPVOID unused)
{
    (void)unused;
    return SleepEx(INFINITE, TRUE);
}

static void an_endless_alertable_sleep_waits_for_an_apc(void)
{
    HANDLE thread = thread_start(sleep_for_ever, NULL);

    forget();
    blocked_thread_wait(thread);
    CHECK(QueueUserAPC(note, thread, 3));
    CHECK_EQ(thread_end(thread), WAIT_IO_COMPLETION);
    CHECK_EQ(seen.order, 3);
}

/* ---- a set and an APC at the same moment ---- */

enum { ROUNDS = 1000 };

static struct {
    HANDLE event;
    DWORD result; /* of the waiter's last wait */
    atomic_int ran;
    pthread_barrier_t both;
    HANDLE waiter;
} race;

static void NTAPI count_run(ULONG_PTR unused)
{
    (void)unused;
    atomic_fetch_add(&race.ran, 1);
}

static DWORD WINAPI wait_alertably(LPVOID unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(&race.both);
        race.result = WaitForSingleObjectEx(race.event, PATIENCE_MS, TRUE);
        pthread_barrier_wait(&race.both);
        pthread_barrier_wait(&race.both); /* the others have looked */
        (void)SleepEx(0, TRUE);
    }
    return 0;
}

static void *set_too(void *unused)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(&race.both);
        CHECK(SetEvent(race.event));
        pthread_barrier_wait(&race.both);
        pthread_barrier_wait(&race.both);
    }
    return unused;
}

static void race_round(int i)
{
    pthread_barrier_wait(&race.both);
    CHECK(QueueUserAPC(count_run, race.waiter, 0));
    pthread_barrier_wait(&race.both);
    if (race.result == WAIT_OBJECT_0) {
        CHECK_EQ(atomic_load(&race.ran), i); /* it stays queued */
        CHECK_UNSET(race.event);
    } else {
        CHECK_EQ(race.result, WAIT_IO_COMPLETION);
        CHECK_EQ(atomic_load(&race.ran), i + 1);
        CHECK_SET(race.event);
    }
    pthread_barrier_wait(&race.both);
}

static bool ran_all(void *count)
{
    return atomic_load(&race.ran) == *(int *)count;
}

static void of_a_set_and_an_apc_one_ends_the_wait_and_neither_is_lost(void)
{
    pthread_t setter;

    race.event = auto_event(FALSE);
    atomic_store(&race.ran, 0);
    pthread_barrier_init(&race.both, NULL, 3);
    race.waiter = thread_start(wait_alertably, NULL);
    setter = comm_spawn(set_too, NULL);
    for (int i = 0; i < ROUNDS; i++) {
        int count = i + 1;

        race_round(i);
        comm_wait_until(ran_all, &count);
    }
    comm_join(setter);
    CHECK_EQ(thread_end(race.waiter), 0);
    pthread_barrier_destroy(&race.both);
    CHECK(CloseHandle(race.event));
}

/* ---- many queue, one runs ---- */

enum { SENDERS = 3, EACH = 3000 };

static struct {
    unsigned last[SENDERS]; /* touched by the receiver only */
    unsigned count;
    HANDLE receiver;
} flood;

static void NTAPI receive(ULONG_PTR value)
{
    unsigned sender = (unsigned)value / EACH, number = (unsigned)value % EACH;

    if (number != flood.last[sender])
        CHECK_EQ(number, flood.last[sender]);
    flood.last[sender] = number + 1;
    flood.count++;
}

static DWORD WINAPI receive_all(LPVOID unused)
{
    (void)unused;
    while (flood.count < SENDERS * EACH)
        if (SleepEx(PATIENCE_MS, TRUE) != WAIT_IO_COMPLETION)
            return 1;
    return 0;
}

static DWORD WINAPI send_all(LPVOID sender)
{
    for (unsigned i = 0; i < EACH; i++)
        if (!QueueUserAPC(receive, flood.receiver, (uintptr_t)sender * EACH + i))
            return 1;
    return 0;
}

static void each_senders_apcs_run_once_and_in_order(void)
{
    HANDLE senders[SENDERS];

    flood.receiver = thread_start(receive_all, NULL);
    for (uintptr_t i = 0; i < SENDERS; i++)
        senders[i] = thread_start(send_all, (LPVOID)i);
    for (int i = 0; i < SENDERS; i++)
        CHECK_EQ(thread_end(senders[i]), 0);
    CHECK_EQ(thread_end(flood.receiver), 0);
    CHECK_EQ(flood.count, SENDERS * EACH);
}

COMM_TEST_MAIN(TEST(a_queued_apc_waits_for_an_alertable_wait),
               TEST(an_alertable_sleep_runs_all_that_is_queued),
               TEST(apcs_run_in_order_those_queued_by_apcs_included),
               TEST(a_signalled_object_goes_first_and_the_apc_stays),
               TEST(a_queued_apc_ends_even_a_wait_of_no_time),
               TEST(waits_for_several_keep_the_same_order),
               TEST(an_alertable_wait_inside_an_apc_runs_the_others_first),
               TEST(an_ended_thread_and_what_is_no_thread_take_no_apc),
               TEST(apcs_that_never_ran_are_dropped_with_their_thread),
               TEST(an_apc_ends_a_blocked_wait_on_its_thread_and_takes_nothing),
               TEST(an_apc_does_not_disturb_a_wait_that_is_not_alertable),
               TEST(an_endless_alertable_sleep_waits_for_an_apc),
               TEST(of_a_set_and_an_apc_one_ends_the_wait_and_neither_is_lost),
               TEST(each_senders_apcs_run_once_and_in_order))
