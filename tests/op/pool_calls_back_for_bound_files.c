/* SPDX-License-Identifier: MIT */
/* BindIoCompletionCallback: every completion of the file calls a function on a pool thread, with
 * the error code, the count and the OVERLAPPED. */
#include "pair.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "libcomm/op/pool.h"
#include "libcomm/plat/testing.h"

/* A request that hears of its own end. */
struct heard {
    OVERLAPPED ov; /* first */
    char buf[16];
    DWORD error, count;
    HANDLE called; /* a semaphore */
    HANDLE gate;   /* NULL: none; else the callback waits for it */
    char thread[16];
};

static void heard_open(struct heard *h)
{
    memset(h, 0, sizeof *h);
    h->called = CreateSemaphoreA(NULL, 0, 1000, NULL);
}

static void heard_close(struct heard *h)
{
    CHECK(CloseHandle(h->called));
    if (h->gate != NULL)
        CHECK(CloseHandle(h->gate));
}

static VOID WINAPI hear(DWORD error, DWORD count, LPOVERLAPPED ov)
{
    struct heard *h = (struct heard *)ov;

    if (h->gate != NULL)
        WaitForSingleObject(h->gate, PATIENCE_MS);
    h->error = error;
    h->count = count;
    pthread_getname_np(pthread_self(), h->thread, sizeof h->thread);
    ReleaseSemaphore(h->called, 1, NULL);
}

static void read_pends(HANDLE file, struct heard *h)
{
    SetLastError(0);
    CHECK_EQ(ReadFile(file, h->buf, sizeof h->buf, NULL, &h->ov), FALSE);
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
}

static void was_called(const char *when, struct heard *h, DWORD error, DWORD count)
{
    CHECK_EQ_WHEN(when, WaitForSingleObject(h->called, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_EQ_WHEN(when, h->error, error);
    CHECK_EQ_WHEN(when, h->count, count);
    CHECK_EQ_WHEN(when, strcmp(h->thread, "comm-pool"), 0);
}

static void by_data(struct pair *p)
{
    pair_send(p, "abc", 3);
}

static void by_cancelling(struct pair *p)
{
    CHECK(CancelIoEx(p->near, NULL));
}

static void by_closing(struct pair *p)
{
    CHECK(CloseHandle(p->near));
    p->near = NULL;
}

static const struct {
    const char *when;
    void (*end)(struct pair *p);
    DWORD error, count;
} endings[] = {
    {"data arrives",         by_data,       0,                       3},
    {"the peer hangs up",    pair_hang_up,  ERROR_BROKEN_PIPE,       0},
    {"it is cancelled",      by_cancelling, ERROR_OPERATION_ABORTED, 0},
    {"the handle is closed", by_closing,    ERROR_BROKEN_PIPE,       0},
};

static void a_pending_request_calls_back_when_it_ends(void)
{
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        struct heard h;
        struct pair p;

        pair_open(&p, 0);
        heard_open(&h);
        CHECK(BindIoCompletionCallback(p.near, hear, 0));
        read_pends(p.near, &h);
        endings[i].end(&p);
        was_called(endings[i].when, &h, endings[i].error, endings[i].count);
        pair_close(&p);
        heard_close(&h);
    }
}

static void a_request_that_succeeds_at_once_calls_back_too(void)
{
    struct heard h;
    struct pair p;

    pair_open(&p, 0);
    heard_open(&h);
    CHECK(BindIoCompletionCallback(p.near, hear, 0));
    CHECK(WriteFile(p.near, "four", 4, NULL, &h.ov));
    was_called("written", &h, 0, 4);
    pair_send(&p, "abc", 3);
    CHECK(ReadFile(p.near, h.buf, sizeof h.buf, NULL, &h.ov));
    was_called("read", &h, 0, 3);
    pair_close(&p);
    heard_close(&h);
}

static void a_request_that_pends_while_the_file_is_bound_calls_back(void)
{
    struct heard h;
    struct pair p;

    pair_open(&p, 0);
    heard_open(&h);
    read_pends(p.near, &h);
    CHECK(BindIoCompletionCallback(p.near, hear, 0));
    pair_send(&p, "abc", 3);
    was_called("bound later", &h, 0, 3);
    pair_close(&p);
    heard_close(&h);
}

static void a_file_is_bound_once_and_must_be_overlapped(void)
{
    struct pair p, synchronous, ported;
    HANDLE port, event = CreateEventA(NULL, FALSE, FALSE, NULL);

    pair_open(&p, 0);
    pair_open(&synchronous, COMM_WRAP_SYNC);
    pair_open(&ported, 0);
    port = CreateIoCompletionPort(ported.near, NULL, 0, 0);
    CHECK_FAILS(BindIoCompletionCallback(p.near, NULL, 0), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(BindIoCompletionCallback(p.near, hear, 1), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(BindIoCompletionCallback(synchronous.near, hear, 0), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(BindIoCompletionCallback(ported.near, hear, 0), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(BindIoCompletionCallback(event, hear, 0), ERROR_INVALID_HANDLE);
    CHECK_FAILS(BindIoCompletionCallback(INVALID_HANDLE_VALUE, hear, 0), ERROR_INVALID_HANDLE);
    CHECK(BindIoCompletionCallback(p.near, hear, 0));
    CHECK_FAILS(BindIoCompletionCallback(p.near, hear, 0), ERROR_INVALID_PARAMETER);
    CHECK(CreateIoCompletionPort(p.near, port, 0, 0) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CloseHandle(port);
    CloseHandle(event);
    pair_close(&p);
    pair_close(&synchronous);
    pair_close(&ported);
}

static void a_callback_that_waits_for_another_gets_it(void)
{
    struct heard slow, quick;
    struct pair p;

    pair_open(&p, 0);
    heard_open(&slow);
    heard_open(&quick);
    slow.gate = CreateEventA(NULL, TRUE, FALSE, NULL);
    CHECK(BindIoCompletionCallback(p.near, hear, 0));
    read_pends(p.near, &slow);
    pair_send(&p, "abc", 3);
    while (request_status((struct request *)&slow) == STATUS_PENDING)
        SwitchToThread();
    read_pends(p.near, &quick);
    pair_send(&p, "de", 2);
    was_called("meanwhile", &quick, 0, 2);
    CHECK(SetEvent(slow.gate));
    was_called("in the end", &slow, 0, 3);
    pair_close(&p);
    heard_close(&slow);
    heard_close(&quick);
}

static DWORD WINAPI nothing(void *done)
{
    SetEvent(done);
    return 0;
}

static bool one_worker_is_left(void *unused)
{
    (void)unused;
    return ci_testing_pool_workers() == 1;
}

static bool no_worker_is_left(void *unused)
{
    (void)unused;
    return ci_testing_pool_workers() == 0;
}

/* The second worker's end shows that the idle time is over for both. */
static void one_worker_stays_for_a_bound_file_and_goes_with_it(void)
{
    HANDLE done = CreateEventA(NULL, FALSE, FALSE, NULL);
    struct heard h;
    struct pair p;

    ci_testing_quiesce();
    pair_open(&p, 0);
    heard_open(&h);
    CHECK(BindIoCompletionCallback(p.near, hear, 0));
    for (int i = 0; i < 2; i++) {
        CHECK(QueueUserWorkItem(nothing, done, 0));
        CHECK_EQ(WaitForSingleObject(done, PATIENCE_MS), WAIT_OBJECT_0);
        comm_wait_until(one_worker_is_left, NULL);
        read_pends(p.near, &h);
        pair_send(&p, "abc", 3);
        was_called("later", &h, 0, 3);
    }
    pair_close(&p);
    comm_wait_until(no_worker_is_left, NULL);
    heard_close(&h);
    CloseHandle(done);
}

static void what_cannot_be_bound_is_as_before(void)
{
    struct heard h;
    struct pair p;
    bool bound = false;
    unsigned nth;

    pair_open(&p, 0);
    heard_open(&h);
    for (nth = 0; !bound && nth < 20; nth++) {
        size_t before;

        ci_testing_quiesce();
        before = ci_testing_live_objects();
        ci_testing_fail(CI_FAULT_MEMORY | CI_FAULT_THREAD | CI_FAULT_DESCRIPTOR, nth, false);
        bound = BindIoCompletionCallback(p.near, hear, 0);
        ci_testing_fail(0, 0, false);
        if (bound)
            break;
        ci_testing_quiesce(); /* a worker may have been made before the failure */
        CHECK_EQ(ci_testing_live_objects(), before);
    }
    CHECK(bound && nth >= 2);
    read_pends(p.near, &h);
    pair_send(&p, "abc", 3);
    was_called("in the end", &h, 0, 3);
    pair_close(&p);
    heard_close(&h);
}

/* ---- a server whose callbacks keep it going ---- */

#define ECHOES 300
#define LINES 8

struct line {
    OVERLAPPED ov; /* first */
    HANDLE file;
    bool writing;
    char buf[64];
    HANDLE ended;
};

static VOID WINAPI echo(DWORD error, DWORD count, LPOVERLAPPED ov)
{
    struct line *line = (struct line *)ov;

    if (error != 0) {
        CHECK_EQ(error, ERROR_BROKEN_PIPE);
        SetEvent(line->ended);
        return;
    }
    line->writing = !line->writing;
    if (line->writing) {
        CHECK(WriteFile(line->file, line->buf, count, NULL, ov) ||
              GetLastError() == ERROR_IO_PENDING);
    } else if (!ReadFile(line->file, line->buf, sizeof line->buf, NULL, ov) &&
               GetLastError() != ERROR_IO_PENDING) {
        CHECK_EQ(GetLastError(), ERROR_BROKEN_PIPE);
        SetEvent(line->ended);
    }
}

static void callbacks_keep_a_server_going(void)
{
    static struct line lines[LINES];
    struct pair pairs[LINES];
    char back[8];

    memset(lines, 0, sizeof lines);
    for (int i = 0; i < LINES; i++) {
        pair_open(&pairs[i], 0);
        lines[i].file = pairs[i].near;
        lines[i].ended = CreateEventA(NULL, TRUE, FALSE, NULL);
        CHECK(BindIoCompletionCallback(pairs[i].near, echo, 0));
        CHECK(!ReadFile(pairs[i].near, lines[i].buf, sizeof lines[i].buf, NULL, &lines[i].ov));
    }
    for (int n = 0; n < ECHOES; n++) {
        for (int i = 0; i < LINES; i++)
            pair_send(&pairs[i], "echo", 4);
        for (int i = 0; i < LINES; i++) {
            pair_receive(&pairs[i], back, 4);
            CHECK_EQ(memcmp(back, "echo", 4), 0);
        }
    }
    for (int i = 0; i < LINES; i++) {
        pair_hang_up(&pairs[i]);
        CHECK_EQ(WaitForSingleObject(lines[i].ended, PATIENCE_MS), WAIT_OBJECT_0);
        pair_close(&pairs[i]);
        CloseHandle(lines[i].ended);
    }
}

COMM_TEST_MAIN(TEST(a_pending_request_calls_back_when_it_ends),
               TEST(a_request_that_succeeds_at_once_calls_back_too),
               TEST(a_request_that_pends_while_the_file_is_bound_calls_back),
               TEST(a_file_is_bound_once_and_must_be_overlapped),
               TEST(a_callback_that_waits_for_another_gets_it),
               TEST(one_worker_stays_for_a_bound_file_and_goes_with_it),
               TEST(what_cannot_be_bound_is_as_before), TEST(callbacks_keep_a_server_going))
