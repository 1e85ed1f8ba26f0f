/* SPDX-License-Identifier: MIT */
/* The life of a plain overlapped request: what the caller's structure, event and handle say while
 * it pends, and what they say once it is done. */
#include "pair.h"

#include <stdlib.h>
#include <string.h>

static void a_pending_read_says_997_and_resets_its_event(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    SetEvent(r.ov.hEvent);
    CHECK(request_pends(&r, p.near, 3));
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(p.near, 0), WAIT_TIMEOUT);
    pair_close(&p);
    request_close(&r);
}

static void a_pending_read_keeps_the_callers_internal_high(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    r.ov.InternalHigh = 0x77;
    CHECK(request_pends(&r, p.near, 3));
    CHECK_EQ(r.ov.Internal, STATUS_PENDING);
    CHECK_EQ(r.ov.InternalHigh, 0x77);
    CHECK(!HasOverlappedIoCompleted(&r.ov));
    pair_close(&p);
    request_close(&r);
}

static void a_pending_read_has_no_result_yet(void)
{
    struct pair p;
    struct request r;
    DWORD n = 99;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 3));
    CHECK_FAILS(GetOverlappedResult(p.near, &r.ov, &n, FALSE), ERROR_IO_INCOMPLETE);
    CHECK_EQ(n, 99);
    pair_close(&p);
    request_close(&r);
}

static void data_from_the_peer_completes_the_read_and_sets_its_event(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, sizeof r.buf));
    pair_send(&p, "abc", 3);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("after the event", &r, STATUS_SUCCESS, 3);
    CHECK_EQ(memcmp(r.buf, "abc", 3), 0);
    CHECK_EQ(WaitForSingleObject(p.near, 0), WAIT_TIMEOUT); /* the event took the signal */
    pair_close(&p);
    request_close(&r);
}

static void a_read_that_finds_data_is_done_when_it_returns(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    pair_send(&p, "hello", 5);
    SetLastError(1234);
    CHECK_EQ(ReadFile(p.near, r.buf, sizeof r.buf, &r.count, &r.ov), TRUE);
    CHECK_EQ(GetLastError(), 1234);
    CHECK_EQ(r.count, 5);
    request_ends("at once", &r, STATUS_SUCCESS, 5);
    CHECK(is_set(r.ov.hEvent));
    pair_close(&p);
    request_close(&r);
}

static void a_short_read_leaves_the_rest_for_the_next(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    pair_send(&p, "hello", 5);
    CHECK_EQ(ReadFile(p.near, r.buf, 3, &r.count, &r.ov), TRUE);
    CHECK_EQ(r.count, 3);
    CHECK_EQ(memcmp(r.buf, "hel", 3), 0);
    CHECK_EQ(ReadFile(p.near, r.buf, sizeof r.buf, &r.count, &r.ov), TRUE);
    CHECK_EQ(r.count, 2);
    CHECK_EQ(memcmp(r.buf, "lo", 2), 0);
    pair_close(&p);
    request_close(&r);
}

static void queued_reads_get_the_bytes_in_the_order_they_were_asked(void)
{
    struct pair p;
    struct request r[3];

    pair_open(&p, 0);
    for (int i = 0; i < 3; i++) {
        request_open(&r[i], true);
        CHECK(request_pends(&r[i], p.near, 1));
    }
    pair_send(&p, "abc", 3);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(WaitForSingleObject(r[i].ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
        request_ends("each", &r[i], STATUS_SUCCESS, 1);
        CHECK_EQ(r[i].buf[0], "abc"[i]);
        request_close(&r[i]);
    }
    pair_close(&p);
}

/* The oldest read has no data yet when a younger one is asked for: data goes to the oldest. */
static void a_younger_read_never_overtakes_an_older_one(void)
{
    struct pair p;
    struct request older, younger;

    pair_open(&p, 0);
    request_open(&older, true);
    request_open(&younger, true);
    CHECK(request_pends(&older, p.near, sizeof older.buf));
    CHECK(request_pends(&younger, p.near, sizeof younger.buf));
    pair_send(&p, "old", 3);
    CHECK_EQ(WaitForSingleObject(older.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("older", &older, STATUS_SUCCESS, 3);
    CHECK_EQ(request_status(&younger), STATUS_PENDING);
    pair_close(&p);
    request_close(&older);
    request_close(&younger);
}

static void a_full_output_does_not_hold_back_the_input(void)
{
    struct pair p;
    struct request w, r;
    char *flood = calloc(1, FLOOD_BYTES);

    pair_open(&p, 0);
    request_open(&w, true);
    request_open(&r, true);
    CHECK_FAILS(WriteFile(p.near, flood, FLOOD_BYTES, &w.count, &w.ov), ERROR_IO_PENDING);
    CHECK(request_pends(&r, p.near, 1));
    pair_send(&p, "x", 1);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("the read", &r, STATUS_SUCCESS, 1);
    CHECK_EQ(request_status(&w), STATUS_PENDING);
    pair_close(&p);
    request_close(&w);
    request_close(&r);
    free(flood);
}

static void *receive_all(void *arg)
{
    struct pair *p = arg;
    char *bytes = malloc(FLOOD_BYTES);
    size_t wrong = 0;

    pair_receive(p, bytes, FLOOD_BYTES);
    for (size_t i = 0; i < FLOOD_BYTES; i++)
        wrong += bytes[i] != (char)(i / 7);
    free(bytes);
    CHECK_EQ(wrong, 0);
    return NULL;
}

static void a_long_write_completes_once_the_peer_has_read_it_all(void)
{
    struct pair p;
    struct request w;
    char *flood = malloc(FLOOD_BYTES);
    pthread_t reader;
    DWORD n = 0;

    for (size_t i = 0; i < FLOOD_BYTES; i++)
        flood[i] = (char)(i / 7);
    pair_open(&p, 0);
    request_open(&w, true);
    CHECK_FAILS(WriteFile(p.near, flood, FLOOD_BYTES, &w.count, &w.ov), ERROR_IO_PENDING);
    CHECK_EQ(w.count, 0);
    reader = comm_spawn(receive_all, &p);
    CHECK_EQ(GetOverlappedResult(p.near, &w.ov, &n, TRUE), TRUE);
    CHECK_EQ(n, FLOOD_BYTES);
    comm_join(reader);
    pair_close(&p);
    request_close(&w);
    free(flood);
}

static void a_zero_byte_read_pends_until_data_is_there_and_takes_none(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 0));
    pair_send(&p, "z", 1);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("zero bytes", &r, STATUS_SUCCESS, 0);
    CHECK_EQ(ReadFile(p.near, r.buf, 1, &r.count, &r.ov), TRUE);
    CHECK_EQ(r.count, 1);
    CHECK_EQ(r.buf[0], 'z');
    pair_close(&p);
    request_close(&r);
}

static void a_zero_byte_read_that_finds_data_is_done_at_once(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    pair_send(&p, "z", 1);
    r.count = 99;
    CHECK_EQ(ReadFile(p.near, NULL, 0, &r.count, &r.ov), TRUE);
    CHECK_EQ(r.count, 0);
    request_ends("zero bytes", &r, STATUS_SUCCESS, 0);
    CHECK(is_set(r.ov.hEvent));
    pair_close(&p);
    request_close(&r);
}

static void a_zero_byte_write_is_done_at_once(void)
{
    struct pair p;
    struct request w;

    pair_open(&p, 0);
    request_open(&w, true);
    w.count = 99;
    CHECK_EQ(WriteFile(p.near, NULL, 0, &w.count, &w.ov), TRUE);
    CHECK_EQ(w.count, 0);
    request_ends("zero bytes", &w, STATUS_SUCCESS, 0);
    CHECK(is_set(w.ov.hEvent));
    pair_close(&p);
    request_close(&w);
}

COMM_TEST_MAIN(TEST(a_pending_read_says_997_and_resets_its_event),
               TEST(a_pending_read_keeps_the_callers_internal_high),
               TEST(a_pending_read_has_no_result_yet),
               TEST(data_from_the_peer_completes_the_read_and_sets_its_event),
               TEST(a_read_that_finds_data_is_done_when_it_returns),
               TEST(a_short_read_leaves_the_rest_for_the_next),
               TEST(queued_reads_get_the_bytes_in_the_order_they_were_asked),
               TEST(a_younger_read_never_overtakes_an_older_one),
               TEST(a_full_output_does_not_hold_back_the_input),
               TEST(a_long_write_completes_once_the_peer_has_read_it_all),
               TEST(a_zero_byte_read_pends_until_data_is_there_and_takes_none),
               TEST(a_zero_byte_read_that_finds_data_is_done_at_once),
               TEST(a_zero_byte_write_is_done_at_once))
