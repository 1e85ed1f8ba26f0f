/* SPDX-License-Identifier: MIT */
/* The peer goes: what pends ends with an error, what is asked later fails at once and leaves no
 * trace but an event that is no longer set. */
#include "pair.h"

#include <stdlib.h>

static void a_peer_that_closes_ends_the_pending_read(void)
{
    struct pair p;
    struct request r;
    DWORD n = 99;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 1));
    pair_hang_up(&p);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("broken", &r, STATUS_PIPE_BROKEN, 0);
    CHECK_FAILS(GetOverlappedResult(p.near, &r.ov, &n, FALSE), ERROR_BROKEN_PIPE);
    CHECK_EQ(n, 0);
    pair_close(&p);
    request_close(&r);
}

static void what_was_sent_before_the_peer_closed_is_still_read(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    pair_send(&p, "last", 4);
    pair_hang_up(&p);
    CHECK_EQ(ReadFile(p.near, r.buf, sizeof r.buf, &r.count, &r.ov), TRUE);
    CHECK_EQ(r.count, 4);
    CHECK_FAILS(ReadFile(p.near, r.buf, sizeof r.buf, &r.count, &r.ov), ERROR_BROKEN_PIPE);
    pair_close(&p);
    request_close(&r);
}

static void a_read_after_the_peer_closed_fails_at_once(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    pair_hang_up(&p);
    request_open(&r, true);
    r.count = 99;
    r.ov.InternalHigh = 0x77;
    CHECK_FAILS(ReadFile(p.near, r.buf, 1, &r.count, &r.ov), ERROR_BROKEN_PIPE);
    CHECK_EQ(r.count, 0);
    CHECK_EQ(r.ov.Internal, STATUS_PENDING);
    CHECK_EQ(r.ov.InternalHigh, 0x77);
    CHECK(!is_set(r.ov.hEvent));
    CHECK_FAILS(CancelIoEx(p.near, &r.ov), ERROR_NOT_FOUND); /* nothing was queued */
    pair_close(&p);
    request_close(&r);
}

static void a_request_that_fails_at_once_has_already_reset_its_event(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    pair_hang_up(&p);
    request_open(&r, true);
    SetEvent(r.ov.hEvent);
    CHECK_FAILS(ReadFile(p.near, r.buf, 1, NULL, &r.ov), ERROR_BROKEN_PIPE);
    CHECK(!is_set(r.ov.hEvent));
    CHECK(!is_set(p.near));
    CHECK_EQ(r.ov.Internal, STATUS_PENDING);
    pair_close(&p);
    request_close(&r);
}

static void a_write_to_a_gone_peer_fails_at_once(void)
{
    struct pair p;
    struct request w;

    pair_open(&p, 0);
    pair_hang_up(&p);
    request_open(&w, true);
    CHECK_FAILS(WriteFile(p.near, "x", 1, &w.count, &w.ov), ERROR_NO_DATA);
    CHECK_EQ(w.ov.Internal, STATUS_PENDING);
    pair_close(&p);
    request_close(&w);
}

static void a_peer_that_closes_ends_the_pending_write(void)
{
    struct pair p;
    struct request w;
    char *flood = calloc(1, FLOOD_BYTES);

    pair_open(&p, 0);
    request_open(&w, true);
    CHECK_FAILS(WriteFile(p.near, flood, FLOOD_BYTES, NULL, &w.ov), ERROR_IO_PENDING);
    pair_hang_up(&p);
    CHECK_EQ(WaitForSingleObject(w.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("broken", &w, STATUS_PIPE_CLOSING, 0);
    pair_close(&p);
    request_close(&w);
    free(flood);
}

static void every_queued_read_ends(void)
{
    struct pair p;
    struct request r[3];

    pair_open(&p, 0);
    for (int i = 0; i < 3; i++) {
        request_open(&r[i], true);
        CHECK(request_pends(&r[i], p.near, 1));
    }
    pair_hang_up(&p);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(WaitForSingleObject(r[i].ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
        request_ends("broken", &r[i], STATUS_PIPE_BROKEN, 0);
        request_close(&r[i]);
    }
    pair_close(&p);
}

COMM_TEST_MAIN(TEST(a_peer_that_closes_ends_the_pending_read),
               TEST(what_was_sent_before_the_peer_closed_is_still_read),
               TEST(a_read_after_the_peer_closed_fails_at_once),
               TEST(a_request_that_fails_at_once_has_already_reset_its_event),
               TEST(a_write_to_a_gone_peer_fails_at_once),
               TEST(a_peer_that_closes_ends_the_pending_write), TEST(every_queued_read_ends))
