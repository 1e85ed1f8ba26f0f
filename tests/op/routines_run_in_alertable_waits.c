/* SPDX-License-Identifier: MIT */
/* ReadFileEx and WriteFileEx: the routine runs once, on the thread that asked, in one of its
 * alertable waits and nowhere else. */
#include "asleep.h"
#include "pair.h"

#include <stdlib.h>
#include <string.h>

/* What a routine saw; the request is found from its OVERLAPPED, so hEvent stays the caller's. */
struct call {
    struct request request;
    int calls;
    int turn; /* among all calls */
    DWORD error, bytes;
    pthread_t thread;
};

static int turns;

static void note(DWORD error, DWORD bytes, LPOVERLAPPED ov)
{
    struct call *call = (struct call *)(void *)ov; /* it begins with it */

    call->calls++;
    call->turn = ++turns;
    call->error = error;
    call->bytes = bytes;
    call->thread = pthread_self();
}

static void call_open(struct call *call)
{
    memset(call, 0, sizeof *call);
}

static void call_reads(struct call *call, HANDLE file, DWORD len)
{
    call_open(call);
    CHECK_EQ(ReadFileEx(file, call->request.buf, len, &call->request.ov, note), TRUE);
}

static void call_ran(const struct call *call, DWORD error, DWORD bytes)
{
    CHECK_EQ(call->calls, 1);
    CHECK_EQ(call->error, error);
    CHECK_EQ(call->bytes, bytes);
}

static void a_pending_reads_routine_waits_for_an_alertable_wait(void)
{
    struct pair p;
    struct call call;
    OVERLAPPED w = {.hEvent = NULL};
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);

    pair_open(&p, 0);
    call_reads(&call, p.near, 3);
    pair_send(&p, "abc", 3);
    CHECK_EQ(WaitForSingleObject(p.near, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("before the routine", &call.request, STATUS_SUCCESS, 3);
    CHECK_EQ(WriteFile(p.near, "w", 1, NULL, &w), TRUE);
    CHECK_EQ(WaitForSingleObject(event, 1), WAIT_TIMEOUT);
    SleepEx(1, FALSE);
    CHECK_EQ(call.calls, 0);
    CHECK_EQ(SleepEx(PATIENCE_MS, TRUE), WAIT_IO_COMPLETION);
    call_ran(&call, 0, 3);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK_EQ(call.calls, 1);
    pair_close(&p);
    CHECK(CloseHandle(event));
}

static void an_alertable_sleep_drives_the_read_and_ends_with_its_routine(void)
{
    struct pair p;
    struct call call;

    pair_open(&p, 0);
    call_reads(&call, p.near, 3);
    pair_send(&p, "abc", 3);
    CHECK_EQ(SleepEx(PATIENCE_MS, TRUE), WAIT_IO_COMPLETION);
    call_ran(&call, 0, 3);
    CHECK_EQ(memcmp(call.request.buf, "abc", 3), 0);
    pair_close(&p);
}

static void a_read_that_finds_data_still_runs_its_routine_in_the_next_alertable_wait(void)
{
    struct pair p;
    struct call call;

    pair_open(&p, 0);
    pair_send(&p, "abc", 3);
    call_reads(&call, p.near, 3);
    request_ends("at once", &call.request, STATUS_SUCCESS, 3);
    CHECK_EQ(call.calls, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    call_ran(&call, 0, 3);
    pair_close(&p);
}

static void a_write_runs_its_routine_too(void)
{
    struct pair p;
    struct call call;
    char bytes[3];

    pair_open(&p, 0);
    call_open(&call);
    CHECK_EQ(WriteFileEx(p.near, "abc", 3, &call.request.ov, note), TRUE);
    CHECK_EQ(call.calls, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    call_ran(&call, 0, 3);
    pair_receive(&p, bytes, 3);
    pair_close(&p);
}

static void h_event_may_hold_anything(void)
{
    struct pair p;
    struct call call;

    pair_open(&p, 0);
    call_open(&call);
    call.request.ov.hEvent = (HANDLE)(ULONG_PTR)0x55;
    CHECK_EQ(ReadFileEx(p.near, call.request.buf, 1, &call.request.ov, note), TRUE);
    pair_send(&p, "x", 1);
    CHECK_EQ(SleepEx(PATIENCE_MS, TRUE), WAIT_IO_COMPLETION);
    call_ran(&call, 0, 1);
    CHECK_EQ((ULONG_PTR)call.request.ov.hEvent, 0x55);
    call_open(&call);
    call.request.ov.hEvent = (HANDLE)(ULONG_PTR)0x55;
    CHECK_EQ(WriteFileEx(p.near, "x", 1, &call.request.ov, note), TRUE);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    call_ran(&call, 0, 1);
    pair_close(&p);
}

static void a_cancelled_read_runs_its_routine_with_995(void)
{
    struct pair p;
    struct call call;

    pair_open(&p, 0);
    call_reads(&call, p.near, 1);
    CHECK_EQ(CancelIoEx(p.near, &call.request.ov), TRUE);
    request_ends("cancelled", &call.request, STATUS_CANCELLED, 0);
    CHECK_EQ(call.calls, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    call_ran(&call, ERROR_OPERATION_ABORTED, 0);
    pair_close(&p);
}

static void a_peer_that_closes_runs_the_routine_with_109(void)
{
    struct pair p;
    struct call call;

    pair_open(&p, 0);
    call_reads(&call, p.near, 1);
    pair_hang_up(&p);
    CHECK_EQ(SleepEx(PATIENCE_MS, TRUE), WAIT_IO_COMPLETION);
    call_ran(&call, ERROR_BROKEN_PIPE, 0);
    pair_close(&p);
}

static void on_a_broken_pipe_the_call_fails_and_the_routine_never_runs(void)
{
    struct pair p;
    struct call call;

    pair_open(&p, 0);
    pair_hang_up(&p);
    call_open(&call);
    CHECK_FAILS(ReadFileEx(p.near, call.request.buf, 1, &call.request.ov, note), ERROR_BROKEN_PIPE);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK_EQ(call.calls, 0);
    pair_close(&p);
}

/* With both ends here, all three reads are complete when the write returns. */
static void routines_run_in_the_order_of_completion_in_one_wait(void)
{
    OVERLAPPED w = {.hEvent = NULL};
    struct call call[3];
    HANDLE near, far;

    CHECK_EQ(CommCreateStreamPair(&near, &far, 0), TRUE);
    for (int i = 0; i < 3; i++)
        call_reads(&call[i], near, 1);
    CHECK_EQ(WriteFile(far, "abc", 3, NULL, &w), TRUE);
    turns = 0;
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    for (int i = 0; i < 3; i++) {
        call_ran(&call[i], 0, 1);
        CHECK_EQ(call[i].turn, i + 1);
        CHECK_EQ(call[i].request.buf[0], "abc"[i]);
    }
    CHECK(CloseHandle(near) && CloseHandle(far));
}

/* All three are finished inside CancelIo, so one wait must run them all. */
static void one_alertable_wait_runs_all_that_is_queued(void)
{
    struct pair p;
    struct call call[3];

    pair_open(&p, 0);
    for (int i = 0; i < 3; i++)
        call_reads(&call[i], p.near, 1);
    CHECK_EQ(CancelIo(p.near), TRUE);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    for (int i = 0; i < 3; i++)
        call_ran(&call[i], ERROR_OPERATION_ABORTED, 0);
    pair_close(&p);
}

static void a_file_with_a_port_or_a_synchronous_one_refuses_routines(void)
{
    struct pair ported, synchronous;
    struct call call;
    HANDLE port;

    pair_open(&ported, 0);
    pair_open(&synchronous, COMM_WRAP_SYNC);
    port = CreateIoCompletionPort(ported.near, NULL, 0, 0);
    CHECK(port != NULL);
    call_open(&call);
    CHECK_FAILS(ReadFileEx(ported.near, call.request.buf, 1, &call.request.ov, note),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(WriteFileEx(ported.near, "x", 1, &call.request.ov, note), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(ReadFileEx(synchronous.near, call.request.buf, 1, &call.request.ov, note),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(WriteFileEx(synchronous.near, "x", 1, &call.request.ov, note),
                ERROR_INVALID_PARAMETER);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK_EQ(call.calls, 0);
    pair_close(&ported);
    pair_close(&synchronous);
    CHECK(CloseHandle(port));
}

static void a_missing_routine_is_refused(void)
{
    struct pair p;
    struct call call;

    pair_open(&p, 0);
    call_open(&call);
    CHECK_FAILS(ReadFileEx(p.near, call.request.buf, 1, &call.request.ov, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(CancelIoEx(p.near, NULL), ERROR_NOT_FOUND);
    pair_close(&p);
}

struct helper {
    HANDLE file;
    struct sleeper sleeper;
};

static void *wait_for_the_file(void *arg)
{
    struct helper *helper = arg;

    sleeper_announce(&helper->sleeper);
    CHECK_EQ(WaitForSingleObject(helper->file, PATIENCE_MS), WAIT_OBJECT_0);
    return NULL;
}

static void a_routine_runs_on_the_asking_thread_though_another_completed_the_read(void)
{
    struct pair p;
    struct call call;
    struct helper helper = {.file = NULL};
    pthread_t other;

    pair_open(&p, 0);
    call_reads(&call, p.near, 1);
    helper.file = p.near;
    other = comm_spawn(wait_for_the_file, &helper);
    wait_until_asleep(&helper.sleeper);
    pair_send(&p, "x", 1);
    comm_join(other); /* this thread made no call meanwhile */
    CHECK_EQ(call.calls, 0);
    CHECK_EQ(SleepEx(PATIENCE_MS, TRUE), WAIT_IO_COMPLETION);
    call_ran(&call, 0, 1);
    CHECK(pthread_equal(call.thread, pthread_self()));
    pair_close(&p);
}

static struct chain {
    HANDLE file;
    char got[8];
    DWORD count;
    struct request request;
} chain;

static void take_and_ask_again(DWORD error, DWORD bytes, LPOVERLAPPED ov)
{
    CHECK_EQ(error, 0);
    CHECK_EQ(bytes, 1);
    chain.got[chain.count++] = chain.request.buf[0];
    if (chain.count < sizeof chain.got)
        CHECK_EQ(ReadFileEx(chain.file, chain.request.buf, 1, ov, take_and_ask_again), TRUE);
}

static void a_routine_may_issue_the_next_read_with_the_same_overlapped(void)
{
    struct pair p;

    pair_open(&p, 0);
    memset(&chain, 0, sizeof chain);
    chain.file = p.near;
    CHECK_EQ(ReadFileEx(p.near, chain.request.buf, 1, &chain.request.ov, take_and_ask_again), TRUE);
    pair_send(&p, "abcdefgh", 8);
    while (chain.count < sizeof chain.got && SleepEx(PATIENCE_MS, TRUE) == WAIT_IO_COMPLETION)
        ;
    CHECK_EQ(memcmp(chain.got, "abcdefgh", 8), 0);
    pair_close(&p);
}

static void *ask_and_leave(void *arg)
{
    struct call *call = arg;

    CHECK_EQ(ReadFileEx(call->request.ov.hEvent, call->request.buf, 1, &call->request.ov, note),
             TRUE);
    return NULL;
}

static void a_thread_that_ends_takes_its_routines_with_it(void)
{
    struct pair p;
    struct call call;

    pair_open(&p, 0);
    call_open(&call);
    call.request.ov.hEvent = p.near; /* ignored by the call: a way to hand it over */
    comm_join(comm_spawn(ask_and_leave, &call));
    request_ends("its thread is gone", &call.request, STATUS_CANCELLED, 0);
    CHECK_EQ(call.calls, 0);
    pair_close(&p);
}

COMM_TEST_MAIN(TEST(a_pending_reads_routine_waits_for_an_alertable_wait),
               TEST(an_alertable_sleep_drives_the_read_and_ends_with_its_routine),
               TEST(a_read_that_finds_data_still_runs_its_routine_in_the_next_alertable_wait),
               TEST(a_write_runs_its_routine_too), TEST(h_event_may_hold_anything),
               TEST(a_cancelled_read_runs_its_routine_with_995),
               TEST(a_peer_that_closes_runs_the_routine_with_109),
               TEST(on_a_broken_pipe_the_call_fails_and_the_routine_never_runs),
               TEST(routines_run_in_the_order_of_completion_in_one_wait),
               TEST(one_alertable_wait_runs_all_that_is_queued),
               TEST(a_file_with_a_port_or_a_synchronous_one_refuses_routines),
               TEST(a_missing_routine_is_refused),
               TEST(a_routine_runs_on_the_asking_thread_though_another_completed_the_read),
               TEST(a_routine_may_issue_the_next_read_with_the_same_overlapped),
               TEST(a_thread_that_ends_takes_its_routines_with_it))
