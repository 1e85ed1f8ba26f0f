/* SPDX-License-Identifier: MIT */
/* TransactNamedPipe writes one message and reads the answer, as one request: it wants an end that
 * reads messages and has nothing unread, and its message never waits for room. */
#include "connected.h"

enum { QUOTA = 512 };

static void the_answer_is_the_next_message(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_PENDS(at_transact(here, 0, l.near, "abc", 3, 64));
    CHECK_SAID(at_put(far, l.away, "test", 4), 0, 4);
    said = at_await(here, 0);
    CHECK_SAID(said, 0, 4);
    CHECK_DATA(said, "test", 4);
    CHECK(said.set);
    said = at_get(far, l.away, 64);
    CHECK_SAID(said, 0, 3);
    CHECK_DATA(said, "abc", 3);
    link_close(&l);
}

static void without_overlapped_it_blocks_for_its_answer(struct place *far)
{
    for (int synchronous = 0; synchronous < 2; synchronous++) {
        const struct link_kind kind = {MESSAGES, QUOTA, QUOTA, synchronous};
        struct link l;
        struct said said;

        link_open_kind(&l, far, kind);
        CHECK_PENDS(at_transact(here, BLOCKING | 0, l.near, "abc", 3, 64));
        said = at_get(far, l.away, 64);
        CHECK_SAID(said, 0, 3);
        CHECK_DATA(said, "abc", 3);
        CHECK_SAID(at_put(far, l.away, "test", 4), 0, 4);
        said = at_await(here, 0);
        CHECK_SAID(said, 0, 4);
        CHECK_DATA(said, "test", 4);
        link_close(&l);
    }
}

/* A refusal may come at once or as the result of the request. */
static struct said transacted(HANDLE end)
{
    struct said said = at_transact(here, 0, end, "abc", 3, 64);

    return said.error == ERROR_IO_PENDING ? at_await(here, 0) : said;
}

static void what_is_unread_stands_in_its_way(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_put(far, l.away, "x", 1), 0, 1);
    CHECK_SAID(transacted(l.near), ERROR_PIPE_BUSY, AT_ANY);
    CHECK_SAID(at_get(here, l.near, 8), 0, 1);
    CHECK_EQ(at_peek(far, l.away, 0).word[1], 0); /* the request was not written */
    CHECK_PENDS(at_transact(here, 0, l.near, "abc", 3, 64));
    CHECK_SAID(at_put(far, l.away, "", 0), 0, 0);
    CHECK_SAID(at_await(here, 0), 0, 0);
    link_close(&l);
}

static const struct {
    const char *when;
    DWORD mode;
} not_messages[] = {
    {"a pipe of bytes",        BYTES },
    {"messages read as bytes", JOINED},
};

static void an_end_that_reads_bytes_is_refused(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(not_messages); i++) {
        struct link l;

        link_open(&l, far, not_messages[i].mode, QUOTA);
        CHECK_SAID_WHEN(not_messages[i].when, transacted(l.near), ERROR_BAD_PIPE, AT_ANY);
        CHECK_EQ_WHEN(not_messages[i].when, at_peek(far, l.away, 0).word[1], 0);
        link_close(&l);
    }
}

static void an_end_without_a_peer_is_refused(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, MESSAGES, QUOTA), client;

    CHECK_SAID(transacted(server), ERROR_BAD_PIPE, AT_ANY);
    client = open_pipe(far, name);
    CHECK_SAID(at_disconnect(here, server), 0, 0);
    CHECK_SAID(transacted(server), ERROR_BAD_PIPE, AT_ANY);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_PENDS(at_connect(here, 0, server));
    client = open_pipe(far, name);
    CHECK_SAID(at_await(here, 0), 0, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(transacted(server), ERROR_BAD_PIPE, AT_ANY);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static void its_message_waits_for_no_room_and_keeps_its_place(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_PENDS(at_write(here, 0, l.near, NULL, QUOTA + 88));
    CHECK_PENDS(at_transact(here, 1, l.near, "abc", 3, 64));
    CHECK_EQ(at_peek(far, l.away, 0).word[1], QUOTA + 91);
    CHECK_SAID(at_read(far, 0, l.away, 1000), 0, QUOTA + 88);
    CHECK(at_holds(far, 0, 0, QUOTA + 88, 0));
    CHECK_SAID(at_await(here, 0), 0, QUOTA + 88);
    said = at_get(far, l.away, 64);
    CHECK_SAID(said, 0, 3);
    CHECK_DATA(said, "abc", 3);
    CHECK_SAID(at_put(far, l.away, "test", 4), 0, 4);
    CHECK_SAID(at_await(here, 1), 0, 4);
    link_close(&l);
}

static void an_answer_longer_than_the_buffer_is_read_on(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_PENDS(at_transact(here, 0, l.near, "abc", 3, 6));
    CHECK_SAID(at_put(far, l.away, "0123456789", 10), 0, 10);
    said = at_await(here, 0);
    CHECK_SAID(said, ERROR_MORE_DATA, 6);
    CHECK_DATA(said, "012345", 6);
    said = at_get(here, l.near, 64);
    CHECK_SAID(said, 0, 4);
    CHECK_DATA(said, "6789", 4);
    link_close(&l);
}

static void a_cancelled_transaction_has_still_sent_its_message(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_PENDS(at_transact(here, 0, l.near, "abc", 3, 64));
    CHECK_SAID(at_cancel(here, 0), 0, 0);
    CHECK_SAID(at_await(here, 0), ERROR_OPERATION_ABORTED, 0);
    said = at_get(far, l.away, 64);
    CHECK_SAID(said, 0, 3);
    CHECK_DATA(said, "abc", 3);
    CHECK_SAID(at_put(far, l.away, "late", 4), 0, 4);
    CHECK_SAID(at_get(here, l.near, 64), 0, 4);
    link_close(&l);
}

static void request_and_answer_may_be_empty(struct place *far)
{
    static const DWORD rooms[] = {0, 64};

    for (size_t i = 0; i < ARRAY_LEN(rooms); i++) {
        struct link l;

        link_open(&l, far, MESSAGES, QUOTA);
        CHECK_PENDS(at_transact(here, 0, l.near, "", 0, rooms[i]));
        CHECK_SAID(at_read(far, 0, l.away, 64), 0, 0);
        CHECK_SAID(at_put(far, l.away, "", 0), 0, 0);
        CHECK_SAID(at_await(here, 0), 0, 0);
        CHECK_PENDS(at_read(here, 0, l.near, 64)); /* nothing is left over */
        link_close(&l);
    }
}

/* PIPE_NOWAIT is about reads and writes; the answer is waited for all the same. */
static void without_waiting_the_answer_is_waited_for_all_the_same(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_set_mode(here, l.near, PIPE_READMODE_MESSAGE | PIPE_NOWAIT), 0, 0);
    CHECK_PENDS(at_transact(here, 0, l.near, "abc", 3, 64));
    CHECK_SAID(at_get(far, l.away, 64), 0, 3);
    CHECK_SAID(at_put(far, l.away, "test", 4), 0, 4);
    CHECK_SAID(at_await(here, 0), 0, 4);
    link_close(&l);
}

static void one_transaction_may_answer_another(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_PENDS(at_transact(here, 0, l.near, "first", 5, 64));
    said = at_get(far, l.away, 64);
    CHECK_SAID(said, 0, 5);
    CHECK_PENDS(at_transact(far, 0, l.away, "second", 6, 64));
    said = at_await(here, 0);
    CHECK_SAID(said, 0, 6);
    CHECK_DATA(said, "second", 6);
    CHECK_SAID(at_put(here, l.near, "third", 5), 0, 5);
    said = at_await(far, 0);
    CHECK_SAID(said, 0, 5);
    CHECK_DATA(said, "third", 5);
    link_close(&l);
}

FAR_TEST_MAIN(FOUR_WAYS(the_answer_is_the_next_message),
              FOUR_WAYS(without_overlapped_it_blocks_for_its_answer),
              FOUR_WAYS(what_is_unread_stands_in_its_way),
              FOUR_WAYS(an_end_that_reads_bytes_is_refused),
              TWICE(an_end_without_a_peer_is_refused),
              FOUR_WAYS(its_message_waits_for_no_room_and_keeps_its_place),
              FOUR_WAYS(an_answer_longer_than_the_buffer_is_read_on),
              FOUR_WAYS(a_cancelled_transaction_has_still_sent_its_message),
              FOUR_WAYS(request_and_answer_may_be_empty),
              FOUR_WAYS(without_waiting_the_answer_is_waited_for_all_the_same),
              FOUR_WAYS(one_transaction_may_answer_another))
