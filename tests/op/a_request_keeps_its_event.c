/* SPDX-License-Identifier: MIT */
/* hEvent: looked up when the request is made, held until it is done.  Its low bit only keeps
 * packets away, and is no part of the handle. */
#include "pair.h"

static HANDLE tagged(HANDLE event)
{
    return (HANDLE)((ULONG_PTR)event | 1);
}

static void a_stale_event_refuses_the_request_and_queues_nothing(void)
{
    struct pair p;
    struct request r, next;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(CloseHandle(r.ov.hEvent));
    r.count = 99;
    CHECK_FAILS(ReadFile(p.near, r.buf, 1, &r.count, &r.ov), ERROR_INVALID_HANDLE);
    CHECK_EQ(r.count, 0);
    CHECK_EQ(r.ov.Internal, STATUS_PENDING);
    request_open(&next, true); /* a byte the refused read would have taken */
    pair_send(&p, "x", 1);
    CHECK_EQ(ReadFile(p.near, next.buf, 1, &next.count, &next.ov), TRUE);
    CHECK_EQ(next.count, 1);
    pair_close(&p);
    request_close(&next);
}

static void something_that_is_no_event_is_refused(void)
{
    struct pair p;
    struct request r;
    HANDLE semaphore = CreateSemaphore(NULL, 0, 1, NULL);

    pair_open(&p, 0);
    request_open(&r, false);
    r.ov.hEvent = semaphore;
    CHECK_FAILS(ReadFile(p.near, r.buf, 1, NULL, &r.ov), ERROR_INVALID_HANDLE);
    CHECK_FAILS(CancelIoEx(p.near, &r.ov), ERROR_NOT_FOUND);
    pair_close(&p);
    CHECK(CloseHandle(semaphore));
}

static void the_low_bit_leaves_the_event_set_and_waited_for(void)
{
    struct pair p;
    struct request r;
    DWORD n = 0;

    pair_open(&p, 0);
    request_open(&r, true);
    r.ov.hEvent = tagged(r.ov.hEvent);
    SetEvent((HANDLE)((ULONG_PTR)r.ov.hEvent - 1));
    CHECK(request_pends(&r, p.near, 3));
    CHECK(!is_set((HANDLE)((ULONG_PTR)r.ov.hEvent - 1)));
    pair_send(&p, "abc", 3);
    CHECK_EQ(GetOverlappedResult(p.near, &r.ov, &n, TRUE), TRUE);
    CHECK_EQ(n, 3);
    CHECK(is_set((HANDLE)((ULONG_PTR)r.ov.hEvent - 1)));
    pair_close(&p);
    request_close(&r);
}

/* With the low bit set, too, it is the event that is waited for and not the handle: set by hand it
 * ends the wait of a request that still pends. */
static void with_the_low_bit_the_wait_is_still_for_the_event(void)
{
    struct pair p;
    struct request r;
    DWORD n = 99;

    pair_open(&p, 0);
    request_open(&r, true);
    r.ov.hEvent = tagged(r.ov.hEvent);
    CHECK(request_pends(&r, p.near, 3));
    SetEvent((HANDLE)((ULONG_PTR)r.ov.hEvent - 1));
    CHECK_EQ(GetOverlappedResult(p.near, &r.ov, &n, TRUE), TRUE);
    CHECK_EQ(n, 0);
    CHECK_EQ(request_status(&r), STATUS_PENDING);
    pair_close(&p);
    request_close(&r);
}

/* A new event whose handle has the value of one that was closed; NULL when that value does not come
 * back soon. */
static HANDLE event_like(HANDLE gone)
{
    for (int i = 0; i < 1000; i++) {
        HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);

        if (event == gone)
            return event;
        CHECK(CloseHandle(event));
    }
    return NULL;
}

static void an_event_closed_under_a_request_is_not_mistaken_for_a_newer_one(void)
{
    struct pair p;
    struct request r;
    HANDLE newer;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 1));
    CHECK(CloseHandle(r.ov.hEvent));
    newer = event_like(r.ov.hEvent);
    CHECK(newer != NULL);
    pair_send(&p, "x", 1);
    request_finishes(&r);
    request_ends("its event was closed", &r, STATUS_SUCCESS, 1);
    CHECK(CloseHandle(p.near)); /* whoever completed the read has let go of it */
    p.near = NULL;
    CHECK(!is_set(newer));
    CHECK(CloseHandle(newer));
    pair_close(&p);
}

static void one_event_may_serve_several_requests(void)
{
    struct pair p;
    struct request first, second;
    DWORD n = 0;

    pair_open(&p, 0);
    request_open(&first, true);
    request_open(&second, false);
    second.ov.hEvent = first.ov.hEvent;
    CHECK(request_pends(&first, p.near, 1));
    CHECK(request_pends(&second, p.near, 1));
    pair_send(&p, "a", 1);
    CHECK_EQ(WaitForSingleObject(first.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("first", &first, STATUS_SUCCESS, 1);
    CHECK_EQ(request_status(&second), STATUS_PENDING);
    ResetEvent(first.ov.hEvent);
    pair_send(&p, "b", 1);
    CHECK_EQ(GetOverlappedResult(p.near, &second.ov, &n, TRUE), TRUE);
    CHECK_EQ(second.buf[0], 'b');
    pair_close(&p);
    request_close(&first);
}

COMM_TEST_MAIN(TEST(a_stale_event_refuses_the_request_and_queues_nothing),
               TEST(something_that_is_no_event_is_refused),
               TEST(the_low_bit_leaves_the_event_set_and_waited_for),
               TEST(with_the_low_bit_the_wait_is_still_for_the_event),
               TEST(an_event_closed_under_a_request_is_not_mistaken_for_a_newer_one),
               TEST(one_event_may_serve_several_requests))
