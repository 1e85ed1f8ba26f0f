/* SPDX-License-Identifier: MIT */
/* Cancelling: by OVERLAPPED, by thread, all of a file.  Whoever takes the operation off its queue
 * ends it, so there is one completion, and bytes that arrived are either reported or still there.
 */
#include "pair.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static void a_cancelled_read_ends_with_995_and_sets_its_event(void)
{
    struct pair p;
    struct request r;
    DWORD n = 99;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 1));
    CHECK_EQ(CancelIoEx(p.near, &r.ov), TRUE);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("cancelled", &r, STATUS_CANCELLED, 0);
    CHECK_FAILS(GetOverlappedResult(p.near, &r.ov, &n, TRUE), ERROR_OPERATION_ABORTED);
    CHECK_EQ(n, 0);
    pair_close(&p);
    request_close(&r);
}

static void a_partly_written_request_reports_no_bytes_when_cancelled(void)
{
    struct pair p;
    struct request w;
    char *flood = calloc(1, FLOOD_BYTES);

    pair_open(&p, 0);
    request_open(&w, true);
    CHECK_FAILS(WriteFile(p.near, flood, FLOOD_BYTES, NULL, &w.ov), ERROR_IO_PENDING);
    CHECK_EQ(CancelIoEx(p.near, &w.ov), TRUE);
    request_ends("cancelled", &w, STATUS_CANCELLED, 0);
    pair_close(&p);
    request_close(&w);
    free(flood);
}

static void a_completed_or_cancelled_request_is_not_found_any_more(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    pair_send(&p, "x", 1);
    CHECK_EQ(ReadFile(p.near, r.buf, 1, NULL, &r.ov), TRUE);
    CHECK_FAILS(CancelIoEx(p.near, &r.ov), ERROR_NOT_FOUND);
    CHECK(request_pends(&r, p.near, 1));
    CHECK_EQ(CancelIoEx(p.near, &r.ov), TRUE);
    CHECK_FAILS(CancelIoEx(p.near, &r.ov), ERROR_NOT_FOUND);
    pair_close(&p);
    request_close(&r);
}

static void cancelling_all_of_an_idle_file_fails_with_1168(void)
{
    struct pair p;

    pair_open(&p, 0);
    CHECK_FAILS(CancelIoEx(p.near, NULL), ERROR_NOT_FOUND);
    pair_close(&p);
}

static void cancelling_ones_own_needs_a_file_but_nothing_pending(void)
{
    struct pair p;
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);

    pair_open(&p, 0);
    CHECK_EQ(CancelIo(p.near), TRUE);
    pair_close(&p);
    CHECK_FAILS(CancelIo(p.near), ERROR_INVALID_HANDLE);
    CHECK_FAILS(CancelIo(NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(CancelIo(event), ERROR_INVALID_HANDLE);
    CHECK_FAILS(CancelIoEx(event, NULL), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
}

/* A thread that has issued a read and stays. */
struct other {
    struct pair *pair;
    struct request request;
    pthread_barrier_t meet;
};

static void *ask_and_stay(void *arg)
{
    struct other *other = arg;

    request_pends(&other->request, other->pair->near, 1);
    pthread_barrier_wait(&other->meet);
    pthread_barrier_wait(&other->meet);
    return NULL;
}

static void ones_own_are_cancelled_by_cancel_io_and_all_by_cancel_io_ex(void)
{
    struct pair p;
    struct other other = {.pair = &p};
    struct request mine;
    pthread_t thread;

    pair_open(&p, 0);
    request_open(&mine, true);
    request_open(&other.request, true);
    pthread_barrier_init(&other.meet, NULL, 2);
    thread = comm_spawn(ask_and_stay, &other);
    pthread_barrier_wait(&other.meet);
    CHECK(request_pends(&mine, p.near, 1));
    CHECK_EQ(CancelIo(p.near), TRUE);
    request_ends("mine", &mine, STATUS_CANCELLED, 0);
    CHECK_EQ(request_status(&other.request), STATUS_PENDING);
    CHECK(!is_set(other.request.ov.hEvent));
    CHECK(request_pends(&mine, p.near, 1));
    CHECK_EQ(CancelIoEx(p.near, NULL), TRUE);
    request_ends("mine again", &mine, STATUS_CANCELLED, 0);
    request_ends("the other's", &other.request, STATUS_CANCELLED, 0);
    pthread_barrier_wait(&other.meet);
    comm_join(thread);
    pthread_barrier_destroy(&other.meet);
    pair_close(&p);
    request_close(&mine);
    request_close(&other.request);
}

static void cancelling_the_middle_read_leaves_the_others_in_order(void)
{
    struct pair p;
    struct request r[3];

    pair_open(&p, 0);
    for (int i = 0; i < 3; i++) {
        request_open(&r[i], true);
        CHECK(request_pends(&r[i], p.near, 1));
    }
    CHECK_EQ(CancelIoEx(p.near, &r[1].ov), TRUE);
    request_ends("the middle one", &r[1], STATUS_CANCELLED, 0);
    CHECK_EQ(request_status(&r[0]), STATUS_PENDING);
    CHECK_EQ(request_status(&r[2]), STATUS_PENDING);
    pair_send(&p, "ac", 2);
    CHECK_EQ(WaitForSingleObject(r[0].ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(r[2].ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_EQ(r[0].buf[0], 'a');
    CHECK_EQ(r[2].buf[0], 'c');
    pair_close(&p);
    for (int i = 0; i < 3; i++)
        request_close(&r[i]);
}

static void cancelling_the_first_read_lets_the_next_have_the_data(void)
{
    struct pair p;
    struct request first, second;

    pair_open(&p, 0);
    request_open(&first, true);
    request_open(&second, true);
    CHECK(request_pends(&first, p.near, 1));
    CHECK(request_pends(&second, p.near, 1));
    CHECK_EQ(CancelIoEx(p.near, &first.ov), TRUE);
    pair_send(&p, "x", 1);
    CHECK_EQ(WaitForSingleObject(second.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_EQ(second.buf[0], 'x');
    pair_close(&p);
    request_close(&first);
    request_close(&second);
}

/* Two requests on one OVERLAPPED are the caller's mistake; one address cancels both. */
static void requests_that_share_an_overlapped_are_cancelled_together(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 1));
    CHECK(request_pends(&r, p.near, 1));
    CHECK_EQ(CancelIoEx(p.near, &r.ov), TRUE);
    CHECK_FAILS(CancelIoEx(p.near, NULL), ERROR_NOT_FOUND);
    pair_close(&p);
    request_close(&r);
}

/* ---- racing with data ---- */

#define RACES 4000

struct race {
    struct pair pair;
    pthread_barrier_t start;
};

static void *send_one_each(void *arg)
{
    struct race *race = arg;

    for (int i = 0; i < RACES; i++) {
        char byte = (char)i;

        pthread_barrier_wait(&race->start);
        pair_send(&race->pair, &byte, 1);
    }
    return NULL;
}

/* Exactly one packet for this request, and none for another. */
static bool one_packet_for(HANDLE port, struct request *r)
{
    OVERLAPPED *ov = NULL;
    ULONG_PTR key;
    DWORD n;

    (void)GetQueuedCompletionStatus(port, &n, &key, &ov, PATIENCE_MS);
    if (!CHECK(ov == &r->ov))
        return false;
    (void)GetQueuedCompletionStatus(port, &n, &key, &ov, 0);
    return CHECK(ov == NULL);
}

/* Whether the byte came with the request; else it must be the next one read. */
static bool race_once(struct race *race, HANDLE port, char expected)
{
    struct request r;

    request_open(&r, false);
    pthread_barrier_wait(&race->start);
    (void)ReadFile(race->pair.near, r.buf, 1, &r.count, &r.ov);
    (void)CancelIoEx(race->pair.near, &r.ov);
    if (!one_packet_for(port, &r))
        return false;
    if (request_status(&r) == STATUS_CANCELLED) {
        CHECK_EQ(r.ov.InternalHigh, 0);
        (void)ReadFile(race->pair.near, r.buf, 1, &r.count, &r.ov);
        if (!one_packet_for(port, &r))
            return false;
    }
    request_ends("in the end", &r, STATUS_SUCCESS, 1);
    return CHECK_EQ(r.buf[0], expected);
}

static void a_cancel_that_races_with_data_completes_once_and_loses_no_byte(void)
{
    struct race race;
    HANDLE port;
    pthread_t sender;

    pair_open(&race.pair, 0);
    port = CreateIoCompletionPort(race.pair.near, NULL, 0, 0);
    pthread_barrier_init(&race.start, NULL, 2);
    sender = comm_spawn(send_one_each, &race);
    for (int i = 0; i < RACES; i++)
        (void)race_once(&race, port, (char)i);
    comm_join(sender);
    pthread_barrier_destroy(&race.start);
    CHECK(CloseHandle(port));
    pair_close(&race.pair);
}

COMM_TEST_MAIN(TEST(a_cancelled_read_ends_with_995_and_sets_its_event),
               TEST(a_partly_written_request_reports_no_bytes_when_cancelled),
               TEST(a_completed_or_cancelled_request_is_not_found_any_more),
               TEST(cancelling_all_of_an_idle_file_fails_with_1168),
               TEST(cancelling_ones_own_needs_a_file_but_nothing_pending),
               TEST(ones_own_are_cancelled_by_cancel_io_and_all_by_cancel_io_ex),
               TEST(cancelling_the_middle_read_leaves_the_others_in_order),
               TEST(cancelling_the_first_read_lets_the_next_have_the_data),
               TEST(requests_that_share_an_overlapped_are_cancelled_together),
               TEST(a_cancel_that_races_with_data_completes_once_and_loses_no_byte))
