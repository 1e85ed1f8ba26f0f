/* SPDX-License-Identifier: MIT */
/* Cancelling on a pipe: a read that is gone leaves its data to the next one, a write that is gone
 * takes its data with it, even what the reader had begun, and those behind move up. */
#include "connected.h"

static const DWORD both_modes[] = {BYTES, MESSAGES};

static void the_data_goes_to_the_read_that_is_left(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, BYTES, 512);
    CHECK_PENDS(at_read(here, 0, l.near, 8));
    CHECK_PENDS(at_read(here, 1, l.near, 8));
    CHECK_SAID(at_cancel(here, 1), 0, 0);
    said = at_await(here, 1);
    CHECK_SAID(said, ERROR_OPERATION_ABORTED, 0);
    CHECK_EQ(said.status, STATUS_CANCELLED);
    CHECK(said.set);
    CHECK_SAID(at_look(here, 0), ERROR_IO_INCOMPLETE, AT_ANY);
    CHECK_SAID(at_put(far, l.away, "x", 1), 0, 1);
    said = at_await(here, 0);
    CHECK_SAID(said, 0, 1);
    CHECK_DATA(said, "x", 1);
    link_close(&l);
}

static void a_request_is_cancelled_once(struct place *far)
{
    struct link l;

    link_open(&l, far, BYTES, 512);
    CHECK_PENDS(at_read(here, 0, l.near, 8));
    CHECK_SAID(at_cancel(here, 0), 0, 0);
    CHECK_SAID(at_cancel(here, 0), ERROR_NOT_FOUND, 0);
    CHECK_SAID(at_cancel_all(here, l.near), ERROR_NOT_FOUND, 0);
    CHECK_SAID(at_cancel_own(here, l.near), 0, 0); /* nothing is its own */
    link_close(&l);
}

/* ---- writes over the quota ---- */

static const struct {
    const char *when;
    DWORD mode, begun; /* bytes of the first write that are read before it is cancelled */
} cancelled_firsts[] = {
    {"bytes, nothing of it was read",     BYTES,    0 },
    {"bytes, a part of it was read",      BYTES,    10},
    {"a message, nothing of it was read", MESSAGES, 0 },
    {"a message, a part of it was read",  MESSAGES, 10},
};

static void a_cancelled_write_takes_its_unread_data_with_it(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(cancelled_firsts); i++) {
        const char *when = cancelled_firsts[i].when;
        struct link l;
        struct said said;

        link_open(&l, far, cancelled_firsts[i].mode, 5);
        CHECK_PENDS_WHEN(when, at_write(here, 0, l.near, "a first write of 26 bytes.", 26));
        CHECK_PENDS_WHEN(when, at_write(here, 1, l.near, "and a second", 12));
        if (cancelled_firsts[i].begun > 0)
            CHECK_EQ_WHEN(when, at_get(far, l.away, cancelled_firsts[i].begun).count,
                          cancelled_firsts[i].begun);
        CHECK_SAID_WHEN(when, at_cancel(here, 0), 0, 0);
        CHECK_SAID_WHEN(when, at_await(here, 0), ERROR_OPERATION_ABORTED, 0);
        said = at_peek(far, l.away, 64);
        CHECK_SAID_WHEN(when, said, 0, 12);
        CHECK_EQ_WHEN(when, said.word[1], 12);
        CHECK_DATA(said, "and a second", 12);
        said = at_get(far, l.away, 64);
        CHECK_SAID_WHEN(when, said, 0, 12);
        CHECK_DATA(said, "and a second", 12);
        CHECK_SAID_WHEN(when, at_await(here, 1), 0, 12);
        link_close(&l);
    }
}

static void the_write_behind_a_cancelled_one_moves_up(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(both_modes); i++) {
        struct link l;

        link_open(&l, far, both_modes[i], 20);
        CHECK_PENDS(at_write(here, 0, l.near, NULL, 30));
        CHECK_PENDS(at_write(here, 1, l.near, "fits", 4));
        CHECK_SAID(at_cancel(here, 0), 0, 0);
        CHECK_SAID(at_await(here, 0), ERROR_OPERATION_ABORTED, 0);
        CHECK_SAID(at_await(here, 1), 0, 4);
        CHECK_EQ(at_peek(far, l.away, 0).word[1], 4);
        link_close(&l);
    }
}

static void the_middle_of_three_writes_can_be_taken_out(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(both_modes); i++) {
        struct link l;
        struct said said;

        link_open(&l, far, both_modes[i], 2);
        CHECK_PENDS(at_write(here, 0, l.near, "first", 5));
        CHECK_PENDS(at_write(here, 1, l.near, "second", 6));
        CHECK_PENDS(at_write(here, 2, l.near, "third", 5));
        CHECK_SAID(at_cancel(here, 1), 0, 0);
        CHECK_SAID(at_await(here, 1), ERROR_OPERATION_ABORTED, 0);
        CHECK_EQ(at_peek(far, l.away, 0).word[1], 10);
        said = at_get(far, l.away, 5);
        CHECK_SAID(said, 0, 5);
        CHECK_DATA(said, "first", 5);
        said = at_get(far, l.away, 64);
        CHECK_SAID(said, 0, 5);
        CHECK_DATA(said, "third", 5);
        CHECK_SAID(at_await(here, 0), 0, 5);
        CHECK_SAID(at_await(here, 2), 0, 5);
        CHECK_PENDS(at_read(far, 0, l.away, 8));
        link_close(&l);
    }
}

/* ---- handles of one end ---- */

static void closing_one_of_two_handles_cancels_nothing(struct place *far)
{
    struct link l;
    HANDLE second;

    link_open(&l, far, BYTES, 512);
    second = made(at_duplicate(here, l.near, 0));
    CHECK_PENDS(at_read(here, 0, l.near, 8));
    CHECK_SAID(at_close(here, l.near), 0, 0);
    l.near = second;
    CHECK_SAID(at_look(here, 0), ERROR_IO_INCOMPLETE, AT_ANY);
    CHECK_SAID(at_cancel_own(here, second), 0, 0);
    CHECK_SAID(at_await(here, 0), ERROR_OPERATION_ABORTED, 0);
    CHECK_SAID(at_put(far, l.away, "x", 1), 0, 1);
    CHECK_SAID(at_get(here, second, 8), 0, 1);
    link_close(&l);
}

static void the_last_handle_ends_pending_connects_with_109(void)
{
    HANDLE server = make_pipe(here, fresh_name(""), BYTES, 512);
    struct said said;

    CHECK_PENDS(at_connect(here, 0, server));
    CHECK_SAID(at_close(here, server), 0, 0);
    said = at_look(here, 0);
    CHECK_SAID(said, ERROR_BROKEN_PIPE, 0);
    CHECK_EQ(said.status, STATUS_PIPE_BROKEN);
    CHECK(said.set);
}

static void a_handle_does_no_more_than_it_was_duplicated_for(struct place *far)
{
    struct link l;
    HANDLE reader;

    link_open(&l, far, BYTES, 512);
    reader = made(at_duplicate(here, l.near, GENERIC_READ));
    CHECK_SAID(at_write(here, 0, reader, "x", 1), ERROR_ACCESS_DENIED, 0);
    CHECK_SAID(at_put(far, l.away, "x", 1), 0, 1);
    CHECK_SAID(at_get(here, reader, 8), 0, 1);
    CHECK_SAID(at_close(here, reader), 0, 0);
    link_close(&l);
}

/* ---- a read that blocks on an overlapped handle ---- */

static void a_write_that_completes_does_not_release_a_blocking_read(struct place *far)
{
    struct link l;
    OVERLAPPED ov = {.hEvent = NULL};
    struct said said;

    link_open(&l, far, BYTES, 512);
    CHECK_PENDS(at_read(here, BLOCKING | 0, l.near, 8));
    CHECK(WriteFile(l.near, "abc", 3, NULL, &ov)); /* signals the file */
    CHECK_SAID(at_look(here, 0), ERROR_IO_INCOMPLETE, AT_ANY);
    CHECK_SAID(at_put(far, l.away, "x", 1), 0, 1);
    said = at_await(here, 0);
    CHECK_SAID(said, 0, 1);
    CHECK_DATA(said, "x", 1);
    link_close(&l);
}

FAR_TEST_MAIN(FOUR_WAYS(the_data_goes_to_the_read_that_is_left),
              FOUR_WAYS(a_request_is_cancelled_once),
              FOUR_WAYS(a_cancelled_write_takes_its_unread_data_with_it),
              FOUR_WAYS(the_write_behind_a_cancelled_one_moves_up),
              FOUR_WAYS(the_middle_of_three_writes_can_be_taken_out),
              FOUR_WAYS(closing_one_of_two_handles_cancels_nothing),
              TEST(the_last_handle_ends_pending_connects_with_109),
              FOUR_WAYS(a_handle_does_no_more_than_it_was_duplicated_for),
              FOUR_WAYS(a_write_that_completes_does_not_release_a_blocking_read))
