/* SPDX-License-Identifier: MIT */
/* FlushFileBuffers blocks, on overlapped handles too, until the peer has read all that was written
 * before, empty messages included, or there is nothing to wait for any more. */
#include "connected.h"

#include "asleep.h"

enum { QUOTA = 512 };

static const DWORD both_modes[] = {BYTES, MESSAGES};

static void with_nothing_unread_it_is_done_at_once_in_any_state(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES, QUOTA), client;

    CHECK_SAID(at_flushed(here, server), 0, 0); /* listening */
    client = open_pipe(far, name);
    CHECK_SAID(at_flushed(here, server), 0, 0);
    CHECK_SAID(at_flushed(far, client), 0, 0);
    CHECK_SAID(at_put(here, server, "abc", 3), 0, 3);
    CHECK_SAID(at_get(far, client, 8), 0, 3);
    CHECK_SAID(at_flushed(here, server), 0, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_flushed(here, server), 0, 0); /* closing */
    CHECK_SAID(at_disconnect(here, server), 0, 0);
    CHECK_SAID(at_flushed(here, server), 0, 0); /* disconnected */
    CHECK_SAID(at_close(here, server), 0, 0);
}

static void it_returns_when_the_peer_has_read_all(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(both_modes); i++) {
        const DWORD more = both_modes[i] == MESSAGES ? ERROR_MORE_DATA : 0;
        struct link l;
        unsigned long start;

        link_open(&l, far, both_modes[i], QUOTA);
        CHECK_SAID(at_put(here, l.near, "abc", 3), 0, 3);
        CHECK_PENDS(at_flush(here, 0, l.near));
        CHECK_SAID(at_get(far, l.away, 2), more, 2);
        CHECK_SAID(at_look(here, 0), ERROR_IO_INCOMPLETE, AT_ANY);
        start = now_ms();
        CHECK_SAID(at_get(far, l.away, 2), 0, 1);
        CHECK_SAID(at_await(here, 0), 0, 0);
        CHECK(now_ms() - start < SOON_MS);
        link_close(&l);
    }
}

static void it_waits_for_an_empty_message_too(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_put(here, l.near, "", 0), 0, 0);
    CHECK_PENDS(at_flush(here, 0, l.near));
    CHECK_SAID(at_read(far, 0, l.away, 8), 0, 0);
    CHECK_SAID(at_await(here, 0), 0, 0);
    link_close(&l);
}

/* What is written while it waits does not keep it. */
static void it_waits_for_what_was_written_before_it(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(both_modes); i++) {
        struct link l;

        link_open(&l, far, both_modes[i], QUOTA);
        CHECK_SAID(at_put(here, l.near, "abc", 3), 0, 3);
        CHECK_PENDS(at_flush(here, 0, l.near));
        CHECK_SAID(at_put(here, l.near, "later", 5), 0, 5);
        CHECK_SAID(at_get(far, l.away, 3), 0, 3);
        CHECK_SAID(at_await(here, 0), 0, 0);
        CHECK_SAID(at_get(far, l.away, 8), 0, 5);
        link_close(&l);
    }
}

static void a_peer_that_closes_ends_it_with_109(struct place *far)
{
    struct link l;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_SAID(at_put(here, l.near, "abc", 3), 0, 3);
    CHECK_PENDS(at_flush(here, 0, l.near));
    link_close_away(&l);
    CHECK_SAID(at_await(here, 0), ERROR_BROKEN_PIPE, 0);
    CHECK_SAID(at_flushed(here, l.near), 0, 0); /* nobody is left to read it */
    link_close(&l);
}

static void a_disconnect_ends_the_clients_flush_with_233(struct place *far)
{
    struct link l;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_SAID(at_put(far, l.away, "abc", 3), 0, 3);
    CHECK_PENDS(at_flush(far, 0, l.away));
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    CHECK_SAID(at_await(far, 0), ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK_SAID(at_flushed(far, l.away), ERROR_PIPE_NOT_CONNECTED, 0);
    link_close(&l);
}

static void a_write_it_waits_for_may_be_cancelled(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(both_modes); i++) {
        struct link l;

        link_open(&l, far, both_modes[i], QUOTA);
        CHECK_PENDS(at_write(here, 0, l.near, NULL, QUOTA + 1));
        CHECK_PENDS(at_flush(here, 1, l.near));
        CHECK_SAID(at_cancel(here, 0), 0, 0);
        CHECK_SAID(at_await(here, 0), ERROR_OPERATION_ABORTED, 0);
        CHECK_SAID(at_await(here, 1), 0, 0);
        link_close(&l);
    }
}

static void it_can_be_cancelled_itself(struct place *far)
{
    struct link l;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_SAID(at_put(here, l.near, "abc", 3), 0, 3);
    CHECK_PENDS(at_flush(here, 0, l.near));
    CHECK_SAID(at_cancel_all(here, l.near), 0, 0);
    CHECK_SAID(at_await(here, 0), ERROR_OPERATION_ABORTED, 0);
    CHECK_SAID(at_get(far, l.away, 8), 0, 3);
    link_close(&l);
}

static unsigned routines;

static VOID NTAPI count_routine(ULONG_PTR arg)
{
    (void)arg;
    routines++;
}

struct flusher {
    HANDLE end;
    struct sleeper sleeper;
};

static DWORD WINAPI flush_with_a_routine_queued(LPVOID arg)
{
    struct flusher *flusher = arg;

    CHECK(QueueUserAPC(count_routine, GetCurrentThread(), 0));
    sleeper_announce(&flusher->sleeper);
    CHECK(FlushFileBuffers(flusher->end));
    CHECK_EQ(routines, 0);
    return SleepEx(0, TRUE);
}

static void it_runs_no_routines(struct place *far)
{
    struct link l;
    struct flusher flusher = {.end = NULL};
    HANDLE thread;
    DWORD code = 0;

    routines = 0;
    link_open(&l, far, BYTES, QUOTA);
    CHECK_SAID(at_put(here, l.near, "abc", 3), 0, 3);
    flusher.end = l.near;
    thread = CreateThread(NULL, 0, flush_with_a_routine_queued, &flusher, 0, NULL);
    wait_until_asleep(&flusher.sleeper);
    CHECK_SAID(at_get(far, l.away, 8), 0, 3);
    CHECK_EQ(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, WAIT_IO_COMPLETION);
    CHECK_EQ(routines, 1);
    CHECK(CloseHandle(thread));
    link_close(&l);
}

FAR_TEST_MAIN(TWICE(with_nothing_unread_it_is_done_at_once_in_any_state),
              FOUR_WAYS(it_returns_when_the_peer_has_read_all),
              FOUR_WAYS(it_waits_for_an_empty_message_too),
              FOUR_WAYS(it_waits_for_what_was_written_before_it),
              FOUR_WAYS(a_peer_that_closes_ends_it_with_109),
              TWICE(a_disconnect_ends_the_clients_flush_with_233),
              FOUR_WAYS(a_write_it_waits_for_may_be_cancelled),
              FOUR_WAYS(it_can_be_cancelled_itself), FOUR_WAYS(it_runs_no_routines))
