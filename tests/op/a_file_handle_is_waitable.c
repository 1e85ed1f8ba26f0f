/* SPDX-License-Identifier: MIT */
/* The dispatcher state of the file itself: signalled at first, unset by every request, set by every
 * completion that has no event of its own. */
#include "asleep.h"
#include "pair.h"

static void a_handle_that_has_seen_no_request_is_signalled(void)
{
    struct pair p;

    pair_open(&p, 0);
    CHECK(is_set(p.near));
    pair_close(&p);
}

static void one_completion_signals_the_handle_while_another_read_pends(void)
{
    struct pair p;
    struct request first, second;

    pair_open(&p, 0);
    request_open(&first, false);
    request_open(&second, false);
    CHECK(request_pends(&first, p.near, 1));
    CHECK(request_pends(&second, p.near, 1));
    pair_send(&p, "a", 1);
    CHECK_EQ(WaitForSingleObject(p.near, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("first", &first, STATUS_SUCCESS, 1);
    CHECK_EQ(request_status(&second), STATUS_PENDING);
    pair_close(&p);
}

static void a_wait_leaves_the_handle_signalled_and_the_next_request_unsets_it(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, false);
    CHECK(request_pends(&r, p.near, 1));
    pair_send(&p, "a", 1);
    CHECK_EQ(WaitForSingleObject(p.near, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(is_set(p.near));
    CHECK(is_set(p.near));
    CHECK(request_pends(&r, p.near, 1));
    CHECK(!is_set(p.near));
    pair_close(&p);
}

static void a_request_done_at_once_without_an_event_signals_the_handle(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, false);
    CHECK_EQ(WriteFile(p.near, "x", 1, &r.count, &r.ov), TRUE);
    CHECK(is_set(p.near));
    request_open(&r, true);
    CHECK_EQ(WriteFile(p.near, "x", 1, &r.count, &r.ov), TRUE);
    CHECK(!is_set(p.near)); /* the event took the signal */
    pair_close(&p);
    request_close(&r);
}

struct reader {
    struct pair *pair;
    struct sleeper sleeper;
    char byte;
};

static void *read_one_byte(void *arg)
{
    struct reader *reader = arg;
    DWORD n = 0;

    sleeper_announce(&reader->sleeper);
    CHECK_EQ(ReadFile(reader->pair->near, &reader->byte, 1, &n, NULL), TRUE);
    CHECK_EQ(n, 1);
    return NULL;
}

static void a_synchronous_handle_is_unset_while_a_call_blocks_on_it(void)
{
    struct pair p;
    struct reader reader = {.pair = &p};
    pthread_t thread;

    pair_open(&p, COMM_WRAP_SYNC);
    CHECK(is_set(p.near));
    thread = comm_spawn(read_one_byte, &reader);
    wait_until_asleep(&reader.sleeper);
    CHECK(!is_set(p.near));
    pair_send(&p, "s", 1);
    comm_join(thread);
    CHECK_EQ(reader.byte, 's');
    CHECK(is_set(p.near));
    pair_close(&p);
}

static void with_the_handles_event_skipped_no_completion_signals_it(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    CHECK(is_set(p.near));
    CHECK(SetFileCompletionNotificationModes(p.near, FILE_SKIP_SET_EVENT_ON_HANDLE));
    CHECK(!is_set(p.near));
    request_open(&r, false);
    CHECK_EQ(WriteFile(p.near, "x", 1, NULL, &r.ov), TRUE);
    CHECK(!is_set(p.near));
    CHECK(request_pends(&r, p.near, 1));
    pair_send(&p, "a", 1);
    request_finishes(&r);
    CHECK(!is_set(p.near));
    pair_close(&p);
}

static void with_the_handles_event_skipped_the_requests_own_event_is_still_set(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    CHECK(SetFileCompletionNotificationModes(p.near, FILE_SKIP_SET_EVENT_ON_HANDLE));
    request_open(&r, true);
    CHECK_EQ(WriteFile(p.near, "x", 1, NULL, &r.ov), TRUE);
    CHECK(is_set(r.ov.hEvent));
    CHECK(request_pends(&r, p.near, 1));
    pair_send(&p, "a", 1);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(!is_set(p.near));
    pair_close(&p);
    request_close(&r);
}

COMM_TEST_MAIN(TEST(a_handle_that_has_seen_no_request_is_signalled),
               TEST(one_completion_signals_the_handle_while_another_read_pends),
               TEST(a_wait_leaves_the_handle_signalled_and_the_next_request_unsets_it),
               TEST(a_request_done_at_once_without_an_event_signals_the_handle),
               TEST(a_synchronous_handle_is_unset_while_a_call_blocks_on_it),
               TEST(with_the_handles_event_skipped_no_completion_signals_it),
               TEST(with_the_handles_event_skipped_the_requests_own_event_is_still_set))
