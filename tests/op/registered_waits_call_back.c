/* SPDX-License-Identifier: MIT */
/* RegisterWaitForSingleObject: a function is called on a thread of the library when an object is
 * signalled or the time is up, until the registration is gone - and never after that. */
#include "harness.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include <libcomm/comm.h>

#include "asleep.h"
#include "libcomm/op/pool.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/testing.h"

#define LONG_MS 20000u
#define MANY 100 /* more than one waiter has room for */

#define CHECK_FAILS(call, error)         \
    do {                                 \
        SetLastError(0xC0DE);            \
        CHECK_EQ((call), FALSE);         \
        CHECK_EQ(GetLastError(), error); \
    } while (0)

/* What a callback leaves behind. */
struct calls {
    HANDLE called;  /* a semaphore: released by each */
    HANDLE started; /* set when a gated one has begun */
    HANDLE gate;    /* NULL: none; else the callback waits for it */
    _Atomic int signalled, timed_out;
    _Atomic bool on_worker; /* the last one; else on a waiter's thread */
};

static void calls_open(struct calls *calls, bool gated)
{
    *calls = (struct calls){.called = CreateSemaphoreA(NULL, 0, 1000000, NULL)};
    calls->started = CreateEventA(NULL, FALSE, FALSE, NULL);
    if (gated)
        calls->gate = CreateEventA(NULL, TRUE, FALSE, NULL);
}

static void calls_close(struct calls *calls)
{
    CHECK(CloseHandle(calls->called));
    CHECK(CloseHandle(calls->started));
    if (calls->gate != NULL)
        CHECK(CloseHandle(calls->gate));
}

static bool runs_on_worker(void)
{
    char name[16] = "";

    pthread_getname_np(pthread_self(), name, sizeof name);
    return strcmp(name, "comm-pool") == 0;
}

static void NTAPI note(PVOID context, BOOLEAN timed_out)
{
    struct calls *calls = context;

    if (calls->gate != NULL) {
        SetEvent(calls->started);
        WaitForSingleObject(calls->gate, LONG_MS);
    }
    atomic_store(&calls->on_worker, runs_on_worker());
    atomic_fetch_add(timed_out ? &calls->timed_out : &calls->signalled, 1);
    ReleaseSemaphore(calls->called, 1, NULL);
}

static bool called(struct calls *calls)
{
    return CHECK_EQ(WaitForSingleObject(calls->called, LONG_MS), WAIT_OBJECT_0);
}

static HANDLE registered(HANDLE object, struct calls *calls, DWORD timeout_ms, ULONG flags)
{
    HANDLE wait = NULL;

    CHECK(RegisterWaitForSingleObject(&wait, object, note, calls, timeout_ms, flags));
    return wait;
}

static bool unregistered(HANDLE wait)
{
    return CHECK(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
}

static const struct {
    const char *when;
    ULONG flags;
    bool on_worker;
} kinds[] = {
    {"on a pool thread",         WT_EXECUTEDEFAULT,      true },
    {"on the waiter's thread",   WT_EXECUTEINWAITTHREAD, false},
    {"where it may take longer", WT_EXECUTELONGFUNCTION, true },
};

static void a_signal_calls_back_with_false_again_and_again(void)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
        struct calls calls;
        HANDLE wait;

        calls_open(&calls, false);
        wait = registered(event, &calls, INFINITE, kinds[i].flags);
        for (int n = 1; n <= 3; n++) {
            CHECK(SetEvent(event));
            called(&calls);
        }
        unregistered(wait);
        CHECK_EQ_WHEN(kinds[i].when, atomic_load(&calls.signalled), 3);
        CHECK_EQ_WHEN(kinds[i].when, atomic_load(&calls.timed_out), 0);
        CHECK_EQ_WHEN(kinds[i].when, atomic_load(&calls.on_worker), kinds[i].on_worker);
        CloseHandle(event);
        calls_close(&calls);
    }
}

static void a_timeout_calls_back_with_true_and_counts_from_the_last_call(void)
{
    HANDLE never = CreateEventA(NULL, FALSE, FALSE, NULL);
    uint64_t before_ns = ci_now_ns();
    struct calls calls;
    HANDLE wait;

    calls_open(&calls, false);
    wait = registered(never, &calls, 20, WT_EXECUTEDEFAULT);
    for (int n = 0; n < 3; n++)
        called(&calls);
    CHECK(ci_now_ns() - before_ns >= 3 * 20 * CI_NS_PER_MS);
    unregistered(wait);
    CHECK(atomic_load(&calls.timed_out) >= 3);
    CHECK_EQ(atomic_load(&calls.signalled), 0);
    CloseHandle(never);
    calls_close(&calls);
}

static void a_registration_for_one_call_makes_one_call(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, TRUE, NULL); /* and stays set */
    struct calls calls;
    HANDLE wait;

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        calls_open(&calls, false);
        wait = registered(event, &calls, 0, kinds[i].flags | WT_EXECUTEONLYONCE);
        called(&calls);
        unregistered(wait);
        CHECK_EQ_WHEN(kinds[i].when, atomic_load(&calls.signalled), 1);
        CHECK_EQ_WHEN(kinds[i].when, atomic_load(&calls.timed_out), 0);
        calls_close(&calls);
    }
    CloseHandle(event);
}

static void callbacks_of_one_registration_may_overlap(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, TRUE, NULL);
    struct calls calls;
    HANDLE wait;

    calls_open(&calls, true);
    wait = registered(event, &calls, INFINITE, WT_EXECUTEDEFAULT);
    CHECK_EQ(WaitForSingleObject(calls.started, LONG_MS), WAIT_OBJECT_0);
    CHECK(SetEvent(event)); /* while the first one stands at the gate */
    CHECK_EQ(WaitForSingleObject(calls.started, LONG_MS), WAIT_OBJECT_0);
    CHECK(SetEvent(calls.gate));
    called(&calls);
    called(&calls);
    unregistered(wait);
    CloseHandle(event);
    calls_close(&calls);
}

static void many_registrations_wait_at_once(void)
{
    static struct calls calls[MANY];
    HANDLE event[MANY], wait[MANY];

    for (int i = 0; i < MANY; i++) {
        calls_open(&calls[i], false);
        event[i] = CreateEventA(NULL, FALSE, FALSE, NULL);
        wait[i] = registered(event[i], &calls[i], INFINITE, WT_EXECUTEDEFAULT);
    }
    for (int i = MANY - 1; i >= 0; i--)
        CHECK(SetEvent(event[i]));
    for (int i = 0; i < MANY; i++)
        called(&calls[i]);
    for (int i = 0; i < MANY; i++) {
        unregistered(wait[i]);
        CHECK_EQ(atomic_load(&calls[i].signalled), 1);
        CloseHandle(event[i]);
        calls_close(&calls[i]);
    }
}

static void a_registration_does_not_starve_its_neighbours(void)
{
    HANDLE busy = CreateEventA(NULL, TRUE, TRUE, NULL); /* always set */
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    struct calls of_busy, of_event, of_time;
    HANDLE wait[3];

    calls_open(&of_busy, false);
    calls_open(&of_event, false);
    calls_open(&of_time, false);
    wait[0] = registered(busy, &of_busy, INFINITE, WT_EXECUTEINWAITTHREAD);
    wait[1] = registered(event, &of_event, INFINITE, WT_EXECUTEINWAITTHREAD);
    wait[2] = registered(event, &of_time, 1, WT_EXECUTEINWAITTHREAD);
    called(&of_busy);
    CHECK(SetEvent(event));
    CHECK(SetEvent(event));
    called(&of_time);
    called(&of_time);
    CHECK(UnregisterWait(wait[2]) || GetLastError() == ERROR_IO_PENDING);
    CHECK(SetEvent(event));
    called(&of_event);
    for (int i = 0; i < 2; i++)
        unregistered(wait[i]);
    CHECK(ResetEvent(busy));
    ci_testing_quiesce();
    CloseHandle(busy);
    CloseHandle(event);
    calls_close(&of_busy);
    calls_close(&of_event);
    calls_close(&of_time);
}

static struct calls of_thread;
static HANDLE of_thread_wait;

static DWORD WINAPI register_itself(void *unused)
{
    (void)unused;
    of_thread_wait = registered(GetCurrentThread(), &of_thread, INFINITE, WT_EXECUTEONLYONCE);
    return 0;
}

static void the_current_thread_can_be_registered_by_its_pseudo_handle(void)
{
    HANDLE thread;

    calls_open(&of_thread, false);
    thread = CreateThread(NULL, 0, register_itself, NULL, 0, NULL);
    called(&of_thread);
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_OBJECT_0);
    CHECK_EQ(atomic_load(&of_thread.signalled), 1);
    unregistered(of_thread_wait);
    CloseHandle(thread);
    calls_close(&of_thread);
}

static void wrong_arguments_are_refused(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL), stale = event, wait = NULL;
    struct calls calls;

    calls_open(&calls, false);
    CHECK_FAILS(RegisterWaitForSingleObject(&wait, event, NULL, NULL, 0, 0),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(RegisterWaitForSingleObject(NULL, event, note, &calls, 0, 0),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(UnregisterWait(event), ERROR_INVALID_HANDLE);
    CHECK_FAILS(UnregisterWait(NULL), ERROR_INVALID_HANDLE);
    wait = registered(event, &calls, INFINITE, 0);
    CHECK_FAILS(UnregisterWaitEx(wait, wait), ERROR_INVALID_HANDLE); /* no event: still there */
    CHECK(SetEvent(event));
    called(&calls);
    unregistered(wait);
    CHECK_FAILS(UnregisterWait(wait), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
    CHECK_FAILS(RegisterWaitForSingleObject(&wait, stale, note, &calls, 0, 0),
                ERROR_INVALID_HANDLE);
    calls_close(&calls);
}

/* ---- the end of a registration ---- */

static bool end_plain(HANDLE wait)
{
    return UnregisterWait(wait);
}

static bool end_blocking(HANDLE wait)
{
    return UnregisterWaitEx(wait, INVALID_HANDLE_VALUE);
}

static bool end_by_closing(HANDLE wait)
{
    return CloseHandle(wait);
}

static const struct {
    const char *when;
    bool (*end)(HANDLE wait);
} ends[] = {
    {"UnregisterWait",               end_plain     },
    {"UnregisterWaitEx that blocks", end_blocking  },
    {"CloseHandle",                  end_by_closing},
};

static void once_it_is_gone_nobody_takes_the_signal(void)
{
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        for (int n = 0; n < 50; n++) {
            HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
            struct calls calls;

            calls_open(&calls, false);
            CHECK_EQ_WHEN(ends[i].when, ends[i].end(registered(event, &calls, INFINITE, 0)), TRUE);
            CHECK(SetEvent(event));
            CHECK_EQ_WHEN(ends[i].when, WaitForSingleObject(event, 0), WAIT_OBJECT_0);
            CHECK_EQ_WHEN(ends[i].when, atomic_load(&calls.signalled), 0);
            CloseHandle(event);
            calls_close(&calls);
        }
    }
}

static void unregistering_does_not_wait_for_a_running_callback_and_says_so(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, TRUE, NULL);
    struct calls calls;
    HANDLE wait;

    calls_open(&calls, true);
    wait = registered(event, &calls, INFINITE, WT_EXECUTEDEFAULT);
    CHECK_EQ(WaitForSingleObject(calls.started, LONG_MS), WAIT_OBJECT_0);
    CHECK_FAILS(UnregisterWait(wait), ERROR_IO_PENDING);
    CHECK_FAILS(UnregisterWait(wait), ERROR_INVALID_HANDLE); /* gone all the same */
    CHECK(SetEvent(event));
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK(SetEvent(calls.gate));
    called(&calls);
    ci_testing_quiesce();
    CHECK_EQ(atomic_load(&calls.signalled), 1);
    CloseHandle(event);
    calls_close(&calls);
}

static void an_event_is_set_when_the_last_callback_is_over(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, TRUE, NULL);
    HANDLE over = CreateEventA(NULL, TRUE, FALSE, NULL);
    struct calls calls;
    HANDLE wait;

    calls_open(&calls, true);
    wait = registered(event, &calls, INFINITE, WT_EXECUTEDEFAULT);
    CHECK_EQ(WaitForSingleObject(calls.started, LONG_MS), WAIT_OBJECT_0);
    CHECK_FAILS(UnregisterWaitEx(wait, over), ERROR_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(over, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(calls.gate));
    CHECK_EQ(WaitForSingleObject(over, LONG_MS), WAIT_OBJECT_0);
    CHECK_EQ(atomic_load(&calls.signalled), 1);
    CHECK(ResetEvent(over));
    CHECK(UnregisterWaitEx(registered(event, &calls, INFINITE, 0), over)); /* none runs */
    CHECK_EQ(WaitForSingleObject(over, 0), WAIT_OBJECT_0);
    CloseHandle(event);
    CloseHandle(over);
    calls_close(&calls);
}

struct unregistering {
    HANDLE wait;
    struct sleeper sleeper;
    _Atomic bool returned;
};

static void *unregister_blocking(void *arg)
{
    struct unregistering *u = arg;

    sleeper_announce(&u->sleeper);
    unregistered(u->wait);
    atomic_store(&u->returned, true);
    return NULL;
}

static void a_blocking_unregister_waits_for_the_callback(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, TRUE, NULL);
    struct unregistering u = {.wait = NULL};
    struct calls calls;
    pthread_t thread;

    calls_open(&calls, true);
    u.wait = registered(event, &calls, INFINITE, WT_EXECUTEDEFAULT);
    CHECK_EQ(WaitForSingleObject(calls.started, LONG_MS), WAIT_OBJECT_0);
    thread = comm_spawn(unregister_blocking, &u);
    wait_until_asleep(&u.sleeper);
    CHECK(!atomic_load(&u.returned));
    CHECK_EQ(atomic_load(&calls.signalled), 0);
    CHECK(SetEvent(calls.gate));
    comm_join(thread);
    CHECK_EQ(atomic_load(&calls.signalled), 1);
    CloseHandle(event);
    calls_close(&calls);
}

struct own_end {
    HANDLE wait, known, over;
    DWORD error; /* of the blocking unregister in the callback; 0: it said TRUE */
};

static void NTAPI end_itself(PVOID context, BOOLEAN timed_out)
{
    struct own_end *own = context;

    (void)timed_out;
    WaitForSingleObject(own->known, LONG_MS);
    own->error = UnregisterWaitEx(own->wait, INVALID_HANDLE_VALUE) ? 0 : GetLastError();
    SetEvent(own->over);
}

static void a_callback_that_unregisters_itself_is_not_waited_for(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, TRUE, NULL);

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct own_end own = {.known = CreateEventA(NULL, TRUE, FALSE, NULL),
                              .over = CreateEventA(NULL, TRUE, FALSE, NULL)};

        CHECK(RegisterWaitForSingleObject(&own.wait, event, end_itself, &own, INFINITE,
                                          kinds[i].flags | WT_EXECUTEONLYONCE));
        CHECK(SetEvent(own.known));
        CHECK_EQ(WaitForSingleObject(own.over, LONG_MS), WAIT_OBJECT_0);
        CHECK_EQ_WHEN(kinds[i].when, own.error, ERROR_IO_PENDING);
        CHECK_FAILS(CloseHandle(own.wait), ERROR_INVALID_HANDLE);
        CloseHandle(own.known);
        CloseHandle(own.over);
    }
    CloseHandle(event);
}

/* ---- no worker is free ---- */

static HANDLE crowd_gate;
static _Atomic unsigned crowd_in;

static DWORD WINAPI stand_at_gate(void *unused)
{
    (void)unused;
    atomic_fetch_add(&crowd_in, 1);
    return WaitForSingleObject(crowd_gate, LONG_MS);
}

static bool the_pool_is_full(void *unused)
{
    (void)unused;
    return atomic_load(&crowd_in) == CI_POOL_WORKERS_MOST;
}

static bool is_taken(void *event)
{
    if (WaitForSingleObject(event, 0) == WAIT_TIMEOUT)
        return true;
    SetEvent(event);
    return false;
}

static void a_callback_that_has_not_begun_is_dropped(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct calls calls;
        HANDLE wait;

        crowd_gate = CreateEventA(NULL, TRUE, FALSE, NULL);
        atomic_store(&crowd_in, 0);
        for (unsigned n = 0; n < CI_POOL_WORKERS_MOST; n++)
            CHECK(QueueUserWorkItem(stand_at_gate, NULL, 0));
        comm_wait_until(the_pool_is_full, NULL);
        calls_open(&calls, false);
        wait = registered(event, &calls, INFINITE, WT_EXECUTEDEFAULT);
        CHECK(SetEvent(event));
        comm_wait_until(is_taken, event);
        CHECK_EQ_WHEN(ends[i].when, ends[i].end(wait), TRUE);
        CHECK(SetEvent(crowd_gate));
        ci_testing_quiesce();
        CHECK_EQ_WHEN(ends[i].when, atomic_load(&calls.signalled), 0);
        calls_close(&calls);
        CloseHandle(crowd_gate);
    }
    CloseHandle(event);
}

static void NTAPI make_no_threads(PVOID done, BOOLEAN timed_out)
{
    (void)timed_out;
    ci_testing_fail(CI_FAULT_THREAD, 0, true); /* from now on, on the waiter's thread */
    SetEvent(done);
}

static void without_a_worker_the_waiter_calls(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, TRUE, NULL), wait[2];
    HANDLE done = CreateEventA(NULL, FALSE, FALSE, NULL);
    struct calls calls;

    ci_testing_quiesce(); /* no workers, no waiters */
    calls_open(&calls, false);
    CHECK(RegisterWaitForSingleObject(&wait[0], event, make_no_threads, done, INFINITE,
                                      WT_EXECUTEINWAITTHREAD | WT_EXECUTEONLYONCE));
    CHECK_EQ(WaitForSingleObject(done, LONG_MS), WAIT_OBJECT_0);
    wait[1] = registered(event, &calls, INFINITE, WT_EXECUTEDEFAULT);
    for (int n = 0; n < 3; n++) {
        CHECK(SetEvent(event));
        called(&calls);
    }
    unregistered(wait[0]);
    unregistered(wait[1]);
    CHECK(!atomic_load(&calls.on_worker));
    CHECK_EQ(atomic_load(&calls.signalled), 3);
    CloseHandle(event);
    CloseHandle(done);
    calls_close(&calls);
}

static void what_cannot_be_registered_leaves_nothing(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL), wait = NULL;
    struct calls calls;
    bool done = false;
    unsigned nth;

    calls_open(&calls, false);
    for (nth = 0; !done && nth < 20; nth++) {
        size_t before;

        ci_testing_quiesce();
        before = ci_testing_live_objects();
        ci_testing_fail(CI_FAULT_MEMORY | CI_FAULT_THREAD, nth, false);
        SetLastError(0);
        done = RegisterWaitForSingleObject(&wait, event, note, &calls, INFINITE, 0);
        ci_testing_fail(0, 0, false);
        if (!done) {
            CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
            CHECK_EQ(ci_testing_live_objects(), before);
        }
    }
    CHECK(done && nth > 1);
    unregistered(wait);
    CloseHandle(event);
    calls_close(&calls);
}

/* ---- races ---- */

struct race {
    HANDLE event;
    _Atomic bool stop;
};

static void *set_and_set(void *arg)
{
    struct race *race = arg;

    while (!atomic_load(&race->stop))
        SetEvent(race->event);
    return NULL;
}

static void NTAPI must_be_alive(PVOID context, BOOLEAN timed_out)
{
    (void)timed_out;
    CHECK(*(_Atomic bool *)context);
}

static void no_callback_begins_after_a_blocking_unregister(void)
{
    struct race race = {.event = CreateEventA(NULL, FALSE, FALSE, NULL)};
    pthread_t thread = comm_spawn(set_and_set, &race);

    for (DWORD n = 0; n < 300; n++) {
        _Atomic bool alive = true;
        HANDLE wait = NULL;

        CHECK(RegisterWaitForSingleObject(&wait, race.event, must_be_alive, &alive, n % 3,
                                          n % 2 ? WT_EXECUTEDEFAULT : WT_EXECUTEINWAITTHREAD));
        if (n % 5 == 0)
            SwitchToThread();
        unregistered(wait);
        atomic_store(&alive, false);
    }
    atomic_store(&race.stop, true);
    comm_join(thread);
    CloseHandle(race.event);
}

COMM_TEST_MAIN(TEST(a_signal_calls_back_with_false_again_and_again),
               TEST(a_timeout_calls_back_with_true_and_counts_from_the_last_call),
               TEST(a_registration_for_one_call_makes_one_call),
               TEST(callbacks_of_one_registration_may_overlap),
               TEST(many_registrations_wait_at_once),
               TEST(a_registration_does_not_starve_its_neighbours),
               TEST(the_current_thread_can_be_registered_by_its_pseudo_handle),
               TEST(wrong_arguments_are_refused), TEST(once_it_is_gone_nobody_takes_the_signal),
               TEST(unregistering_does_not_wait_for_a_running_callback_and_says_so),
               TEST(an_event_is_set_when_the_last_callback_is_over),
               TEST(a_blocking_unregister_waits_for_the_callback),
               TEST(a_callback_that_unregisters_itself_is_not_waited_for),
               TEST(a_callback_that_has_not_begun_is_dropped),
               TEST(without_a_worker_the_waiter_calls),
               TEST(what_cannot_be_registered_leaves_nothing),
               TEST(no_callback_begins_after_a_blocking_unregister))
