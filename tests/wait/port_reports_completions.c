/* SPDX-License-Identifier: MIT */
/* Which requests give a packet, what it says, and that an event, a result and a packet do not
 * exclude each other. */
#include "asleep.h"
#include "pair.h"

/* A file on a port of its own, with this key. */
#define KEY 0x1234567890u

struct ported {
    struct pair pair;
    HANDLE port;
};

static void ported_open(struct ported *p)
{
    pair_open(&p->pair, 0);
    p->port = CreateIoCompletionPort(p->pair.near, NULL, KEY, 0);
    CHECK(p->port != NULL);
}

static void ported_close(struct ported *p)
{
    pair_close(&p->pair);
    CHECK(CloseHandle(p->port));
}

/* The next packet is this request's, with this error and count. */
static void packet_is(const struct ported *p, const struct request *r, DWORD error, DWORD bytes)
{
    ULONG_PTR key = 0;
    OVERLAPPED *ov = NULL;
    DWORD n = 99;

    SetLastError(0);
    CHECK_EQ(GetQueuedCompletionStatus(p->port, &n, &key, &ov, PATIENCE_MS), error == 0);
    CHECK_EQ(GetLastError(), error);
    CHECK(ov == &r->ov);
    CHECK_EQ(key, KEY);
    CHECK_EQ(n, bytes);
}

static void no_packet(const struct ported *p)
{
    ULONG_PTR key;
    OVERLAPPED *ov;
    DWORD n;

    CHECK_FAILS(GetQueuedCompletionStatus(p->port, &n, &key, &ov, 0), WAIT_TIMEOUT);
}

static void a_request_done_at_once_posts_its_packet(void)
{
    struct ported p;
    struct request r;

    ported_open(&p);
    request_open(&r, false);
    pair_send(&p.pair, "abc", 3);
    CHECK_EQ(ReadFile(p.pair.near, r.buf, sizeof r.buf, &r.count, &r.ov), TRUE);
    CHECK_EQ(r.count, 3);
    packet_is(&p, &r, 0, 3);
    CHECK_EQ(WriteFile(p.pair.near, "ab", 2, NULL, &r.ov), TRUE);
    packet_is(&p, &r, 0, 2);
    no_packet(&p);
    ported_close(&p);
}

static void a_pending_request_posts_its_packet_when_it_completes(void)
{
    struct ported p;
    struct request r;

    ported_open(&p);
    request_open(&r, false);
    CHECK(request_pends(&r, p.pair.near, sizeof r.buf));
    no_packet(&p);
    pair_send(&p.pair, "abc", 3);
    packet_is(&p, &r, 0, 3);
    no_packet(&p);
    ported_close(&p);
}

static void a_request_that_fails_at_once_posts_nothing(void)
{
    struct ported p;
    struct request r;

    ported_open(&p);
    request_open(&r, false);
    pair_hang_up(&p.pair);
    CHECK_FAILS(ReadFile(p.pair.near, r.buf, 1, NULL, &r.ov), ERROR_BROKEN_PIPE);
    no_packet(&p);
    ported_close(&p);
}

static void a_cancelled_request_posts_995(void)
{
    struct ported p;
    struct request r;

    ported_open(&p);
    request_open(&r, false);
    CHECK(request_pends(&r, p.pair.near, 1));
    CHECK_EQ(CancelIoEx(p.pair.near, &r.ov), TRUE);
    packet_is(&p, &r, ERROR_OPERATION_ABORTED, 0);
    no_packet(&p);
    ported_close(&p);
}

static void a_broken_pipe_posts_109(void)
{
    struct ported p;
    struct request r;

    ported_open(&p);
    request_open(&r, false);
    CHECK(request_pends(&r, p.pair.near, 1));
    pair_hang_up(&p.pair);
    packet_is(&p, &r, ERROR_BROKEN_PIPE, 0);
    ported_close(&p);
}

static void closing_the_file_posts_its_pending_read_with_the_key(void)
{
    struct ported p;
    struct request r;

    ported_open(&p);
    request_open(&r, false);
    CHECK(request_pends(&r, p.pair.near, 1));
    CHECK(CloseHandle(p.pair.near));
    p.pair.near = NULL;
    packet_is(&p, &r, ERROR_BROKEN_PIPE, 0);
    ported_close(&p);
}

/* ---- together with events ---- */

static void an_event_and_a_port_are_both_told(void)
{
    struct ported p;
    struct request r;
    DWORD n = 0;

    ported_open(&p);
    request_open(&r, true);
    CHECK(request_pends(&r, p.pair.near, 1));
    pair_send(&p.pair, "x", 1);
    packet_is(&p, &r, 0, 1);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    pair_send(&p.pair, "y", 1);
    CHECK_EQ(ReadFile(p.pair.near, r.buf, 1, NULL, &r.ov), TRUE);
    CHECK(is_set(r.ov.hEvent));
    CHECK_EQ(GetOverlappedResult(p.pair.near, &r.ov, &n, TRUE), TRUE); /* takes no packet */
    packet_is(&p, &r, 0, 1);
    ported_close(&p);
    request_close(&r);
}

static void the_low_bit_of_the_event_keeps_the_packet_away(void)
{
    struct ported p;
    struct request r;

    ported_open(&p);
    request_open(&r, true);
    r.ov.hEvent = (HANDLE)((ULONG_PTR)r.ov.hEvent | 1);
    pair_send(&p.pair, "x", 1);
    CHECK_EQ(ReadFile(p.pair.near, r.buf, 1, NULL, &r.ov), TRUE);
    no_packet(&p);
    CHECK(request_pends(&r, p.pair.near, 1));
    pair_send(&p.pair, "y", 1);
    CHECK_EQ(WaitForSingleObject((HANDLE)((ULONG_PTR)r.ov.hEvent - 1), PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(request_pends(&r, p.pair.near, 1));
    CHECK_EQ(CancelIoEx(p.pair.near, NULL), TRUE);
    no_packet(&p);
    ported_close(&p);
    request_close(&r);
}

static void with_packets_skipped_on_success_only_what_pended_posts(void)
{
    struct ported p;
    struct request r;

    ported_open(&p);
    CHECK(SetFileCompletionNotificationModes(p.pair.near, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    request_open(&r, false);
    pair_send(&p.pair, "x", 1);
    CHECK_EQ(ReadFile(p.pair.near, r.buf, 1, NULL, &r.ov), TRUE);
    CHECK_EQ(WriteFile(p.pair.near, "x", 1, NULL, &r.ov), TRUE);
    no_packet(&p);
    CHECK(request_pends(&r, p.pair.near, 1));
    pair_send(&p.pair, "y", 1);
    packet_is(&p, &r, 0, 1);
    CHECK(request_pends(&r, p.pair.near, 1));
    CHECK_EQ(CancelIoEx(p.pair.near, NULL), TRUE);
    packet_is(&p, &r, ERROR_OPERATION_ABORTED, 0);
    no_packet(&p);
    ported_close(&p);
}

struct waiter {
    HANDLE event;
    struct sleeper sleeper;
};

static void *wait_for_the_event(void *arg)
{
    struct waiter *w = arg;

    sleeper_announce(&w->sleeper);
    CHECK_EQ(WaitForSingleObject(w->event, PATIENCE_MS), WAIT_OBJECT_0);
    return NULL;
}

static void *take_one(void *arg)
{
    struct ported *p = arg;
    ULONG_PTR key;
    OVERLAPPED *ov = NULL;
    DWORD n;

    CHECK_EQ(GetQueuedCompletionStatus(p->port, &n, &key, &ov, PATIENCE_MS), TRUE);
    return ov;
}

/* Two threads drive one read, one for the event and one for the packet. */
static void a_waiter_on_the_event_and_one_on_the_port_are_both_released(void)
{
    for (int i = 0; i < 50; i++) {
        struct ported p;
        struct request r;
        struct waiter w = {.event = NULL};
        pthread_t waiter, taker;

        ported_open(&p);
        request_open(&r, true);
        CHECK(request_pends(&r, p.pair.near, 1));
        w.event = r.ov.hEvent;
        waiter = comm_spawn(wait_for_the_event, &w);
        taker = comm_spawn(take_one, &p);
        wait_until_asleep(&w.sleeper);
        pair_send(&p.pair, "x", 1);
        comm_join(waiter);
        CHECK(comm_join(taker) == &r.ov);
        ported_close(&p);
        request_close(&r);
    }
}

static void the_file_can_be_waited_for_although_it_has_a_port(void)
{
    struct ported p;
    struct request r;

    ported_open(&p);
    request_open(&r, false);
    CHECK(request_pends(&r, p.pair.near, 1));
    pair_send(&p.pair, "x", 1);
    CHECK_EQ(WaitForSingleObject(p.pair.near, PATIENCE_MS), WAIT_OBJECT_0);
    packet_is(&p, &r, 0, 1);
    ported_close(&p);
}

/* ---- many ---- */

enum { FILES = 16, ROUNDS = 50 };

static void one_thread_serves_many_files_of_a_port(void)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    struct pair pair[FILES];
    struct request request[FILES];
    unsigned taken[FILES] = {0};

    for (unsigned i = 0; i < FILES; i++) {
        pair_open(&pair[i], 0);
        CHECK(CreateIoCompletionPort(pair[i].near, port, i, 0) == port);
        request_open(&request[i], false);
        CHECK(request_pends(&request[i], pair[i].near, 1));
        pair_send(&pair[i], "x", 1);
    }
    for (unsigned n = 0; n < FILES * ROUNDS; n++) {
        ULONG_PTR key = 0;
        OVERLAPPED *ov = NULL;
        DWORD bytes;

        if (!CHECK_EQ(GetQueuedCompletionStatus(port, &bytes, &key, &ov, PATIENCE_MS), TRUE))
            break;
        CHECK(key < FILES && ov == &request[key].ov);
        if (++taken[key] < ROUNDS) {
            CHECK(request_pends(&request[key], pair[key].near, 1));
            pair_send(&pair[key], "x", 1);
        }
    }
    for (unsigned i = 0; i < FILES; i++) {
        CHECK_EQ(taken[i], ROUNDS);
        pair_close(&pair[i]);
    }
    CHECK(CloseHandle(port));
}

COMM_TEST_MAIN(TEST(a_request_done_at_once_posts_its_packet),
               TEST(a_pending_request_posts_its_packet_when_it_completes),
               TEST(a_request_that_fails_at_once_posts_nothing),
               TEST(a_cancelled_request_posts_995), TEST(a_broken_pipe_posts_109),
               TEST(closing_the_file_posts_its_pending_read_with_the_key),
               TEST(an_event_and_a_port_are_both_told),
               TEST(the_low_bit_of_the_event_keeps_the_packet_away),
               TEST(with_packets_skipped_on_success_only_what_pended_posts),
               TEST(a_waiter_on_the_event_and_one_on_the_port_are_both_released),
               TEST(the_file_can_be_waited_for_although_it_has_a_port),
               TEST(one_thread_serves_many_files_of_a_port))
