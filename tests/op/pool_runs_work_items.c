/* SPDX-License-Identifier: MIT */
/* QueueUserWorkItem: functions run on threads that are made when they are needed and end when they
 * are not. */
#include "pair.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "asleep.h"
#include "libcomm/op/pool.h"
#include "libcomm/plat/testing.h"

#define ITEMS 200

struct crowd {
    HANDLE gate; /* manual */
    HANDLE done; /* a semaphore */
    _Atomic unsigned in;
    unsigned wanted;
};

static void crowd_open(struct crowd *crowd)
{
    *crowd = (struct crowd){.gate = CreateEventA(NULL, TRUE, FALSE, NULL),
                            .done = CreateSemaphoreA(NULL, 0, ITEMS, NULL)};
}

static void crowd_close(struct crowd *crowd)
{
    CHECK(CloseHandle(crowd->gate));
    CHECK(CloseHandle(crowd->done));
}

static DWORD WINAPI stand_at_gate(void *arg)
{
    struct crowd *crowd = arg;

    atomic_fetch_add(&crowd->in, 1);
    WaitForSingleObject(crowd->gate, PATIENCE_MS);
    ReleaseSemaphore(crowd->done, 1, NULL);
    return 0;
}

static bool all_are_in(void *arg)
{
    struct crowd *crowd = arg;

    return atomic_load(&crowd->in) == crowd->wanted;
}

static void crowd_is_done(struct crowd *crowd, unsigned count)
{
    while (count-- > 0)
        CHECK_EQ(WaitForSingleObject(crowd->done, PATIENCE_MS), WAIT_OBJECT_0);
}

static void items_that_wait_do_not_hold_up_others(void)
{
    struct crowd crowd;

    crowd_open(&crowd);
    crowd.wanted = 8;
    for (unsigned i = 0; i < crowd.wanted; i++)
        CHECK(QueueUserWorkItem(stand_at_gate, &crowd, 0));
    comm_wait_until(all_are_in, &crowd);
    CHECK(SetEvent(crowd.gate));
    crowd_is_done(&crowd, 8);
    crowd_close(&crowd);
}

static void more_items_than_threads_wait_for_their_turn(void)
{
    struct crowd crowd;

    crowd_open(&crowd);
    crowd.wanted = CI_POOL_WORKERS_MOST;
    for (unsigned i = 0; i < ITEMS; i++)
        CHECK(QueueUserWorkItem(stand_at_gate, &crowd, WT_EXECUTELONGFUNCTION));
    comm_wait_until(all_are_in, &crowd);
    CHECK_EQ(ci_testing_pool_workers(), CI_POOL_WORKERS_MOST);
    CHECK(SetEvent(crowd.gate));
    crowd_is_done(&crowd, ITEMS);
    CHECK_EQ(atomic_load(&crowd.in), ITEMS);
    crowd_close(&crowd);
}

static void workers_end_when_idle_and_are_made_again(void)
{
    struct crowd crowd;

    crowd_open(&crowd);
    CHECK(SetEvent(crowd.gate));
    for (int i = 0; i < 2; i++) {
        CHECK(QueueUserWorkItem(stand_at_gate, &crowd, 0));
        crowd_is_done(&crowd, 1);
        ci_testing_quiesce();
        CHECK_EQ(ci_testing_pool_workers(), 0);
        CHECK_EQ(ci_testing_pool_threads(), 0);
    }
    crowd_close(&crowd);
}

static void what_cannot_be_queued_leaves_nothing(void)
{
    struct crowd crowd;
    bool queued = false;
    unsigned nth;

    crowd_open(&crowd);
    CHECK(SetEvent(crowd.gate));
    ci_testing_quiesce();
    for (nth = 0; !queued && nth < 20; nth++) {
        size_t before = ci_testing_live_objects();

        ci_testing_fail(CI_FAULT_MEMORY | CI_FAULT_THREAD, nth, false);
        SetLastError(0);
        queued = QueueUserWorkItem(stand_at_gate, &crowd, 0);
        ci_testing_fail(0, 0, false);
        CHECK(queued || GetLastError() == ERROR_NOT_ENOUGH_MEMORY);
        CHECK(queued || ci_testing_live_objects() == before);
    }
    CHECK(queued && nth > 2);
    crowd_is_done(&crowd, 1);
    ci_testing_quiesce();
    CHECK_EQ(atomic_load(&crowd.in), 1);
    CHECK_FAILS(QueueUserWorkItem(NULL, NULL, 0), ERROR_INVALID_PARAMETER);
    crowd_close(&crowd);
}

static void with_a_worker_there_an_item_needs_no_new_thread(void)
{
    struct crowd first, second;

    crowd_open(&first);
    crowd_open(&second);
    first.wanted = 1;
    CHECK(SetEvent(second.gate));
    CHECK(QueueUserWorkItem(stand_at_gate, &first, 0));
    comm_wait_until(all_are_in, &first);
    ci_testing_fail(CI_FAULT_THREAD, 0, true);
    CHECK(QueueUserWorkItem(stand_at_gate, &second, 0)); /* it waits for the busy one */
    ci_testing_fail(0, 0, false);
    CHECK(SetEvent(first.gate));
    crowd_is_done(&first, 1);
    crowd_is_done(&second, 1);
    crowd_close(&first);
    crowd_close(&second);
}

static DWORD WINAPI leave_for_good(void *arg)
{
    struct crowd *crowd = arg;

    ReleaseSemaphore(crowd->done, 1, NULL);
    ExitThread(7);
}

static void an_item_may_end_its_thread(void)
{
    struct crowd crowd;

    crowd_open(&crowd);
    CHECK(SetEvent(crowd.gate));
    for (int i = 0; i < 20; i++) {
        CHECK(QueueUserWorkItem(leave_for_good, &crowd, 0));
        CHECK(QueueUserWorkItem(stand_at_gate, &crowd, 0));
    }
    crowd_is_done(&crowd, 40);
    ci_testing_quiesce();
    CHECK_EQ(ci_testing_pool_threads(), 0);
    crowd_close(&crowd);
}

/* ---- requests made by items ---- */

struct requester {
    struct pair pair;
    struct request request;
    struct sleeper sleeper;
    HANDLE made, finished;
    HANDLE thread; /* the worker's */
    DWORD thread_id, routine_thread_id, error, count;
};

static void CALLBACK routine(DWORD error, DWORD count, LPOVERLAPPED ov)
{
    struct requester *r = ov->hEvent;

    r->error = error;
    r->count = count;
    r->routine_thread_id = GetCurrentThreadId();
    SetEvent(r->finished);
}

static void requester_open(struct requester *r, bool with_event)
{
    memset(r, 0, sizeof *r);
    pair_open(&r->pair, 0);
    request_open(&r->request, with_event);
    r->made = CreateEventA(NULL, FALSE, FALSE, NULL);
    r->finished = CreateEventA(NULL, FALSE, FALSE, NULL);
}

static void requester_close(struct requester *r)
{
    pair_close(&r->pair);
    CHECK(CloseHandle(r->made));
    CHECK(CloseHandle(r->finished));
}

static DWORD WINAPI read_with_routine(void *arg)
{
    struct requester *r = arg;

    r->request.ov.hEvent = r;
    r->thread_id = GetCurrentThreadId();
    CHECK(ReadFileEx(r->pair.near, r->request.buf, 4, &r->request.ov, routine));
    SetEvent(r->made);
    return 0;
}

static void an_items_routine_runs_on_its_thread_when_that_is_idle(void)
{
    struct requester r;

    requester_open(&r, false);
    CHECK(QueueUserWorkItem(read_with_routine, &r, WT_EXECUTEINIOTHREAD));
    CHECK_EQ(WaitForSingleObject(r.made, PATIENCE_MS), WAIT_OBJECT_0);
    pair_send(&r.pair, "abc", 3);
    CHECK_EQ(WaitForSingleObject(r.finished, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_EQ(r.error, 0);
    CHECK_EQ(r.count, 3);
    CHECK_EQ(r.routine_thread_id, r.thread_id);
    requester_close(&r);
}

static DWORD WINAPI read_with_event(void *arg)
{
    struct requester *r = arg;

    CHECK(request_pends(&r->request, r->pair.near, 4));
    sleeper_announce(&r->sleeper);
    SetEvent(r->made);
    return 0;
}

/* Begins its idle time after the worker that made the request has begun its own. */
static DWORD WINAPI outlast(void *arg)
{
    struct requester *r = arg;

    wait_until_asleep(&r->sleeper);
    SetEvent(r->finished);
    return 0;
}

static bool one_worker_is_left(void *unused)
{
    (void)unused;
    return ci_testing_pool_workers() == 1;
}

static void a_request_outlives_the_idle_time_of_its_thread(void)
{
    struct requester r;
    DWORD n = 0;

    requester_open(&r, true);
    CHECK(QueueUserWorkItem(outlast, &r, 0));
    CHECK(QueueUserWorkItem(read_with_event, &r, 0));
    CHECK_EQ(WaitForSingleObject(r.finished, PATIENCE_MS), WAIT_OBJECT_0);
    comm_wait_until(one_worker_is_left, NULL);
    CHECK_EQ(request_status(&r.request), STATUS_PENDING);
    pair_send(&r.pair, "abc", 3);
    CHECK_EQ(WaitForSingleObject(r.request.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(GetOverlappedResult(r.pair.near, &r.request.ov, &n, FALSE));
    CHECK_EQ(n, 3);
    request_close(&r.request);
    requester_close(&r);
}

COMM_TEST_MAIN(TEST(items_that_wait_do_not_hold_up_others),
               TEST(more_items_than_threads_wait_for_their_turn),
               TEST(workers_end_when_idle_and_are_made_again),
               TEST(what_cannot_be_queued_leaves_nothing),
               TEST(with_a_worker_there_an_item_needs_no_new_thread),
               TEST(an_item_may_end_its_thread),
               TEST(an_items_routine_runs_on_its_thread_when_that_is_idle),
               TEST(a_request_outlives_the_idle_time_of_its_thread))
