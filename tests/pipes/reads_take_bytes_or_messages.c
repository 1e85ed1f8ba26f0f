/* SPDX-License-Identifier: MIT */
/* What one read takes: of bytes whatever is there, of messages one or a part of one, and that by
 * the read mode of the end, not by the type of the pipe.  Empty messages are messages. */
#include "connected.h"

enum { QUOTA = 4096 };

/* ---- bytes and messages ---- */

static const struct {
    const char *when;
    DWORD mode, first, second; /* what two reads of 32 bytes take */
} modes[] = {
    {"bytes",                  BYTES,    21, 0 },
    {"messages",               MESSAGES, 11, 10},
    {"messages read as bytes", JOINED,   21, 0 },
};

static void only_messages_read_as_messages_keep_two_writes_apart(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct link l;
        struct said said;

        link_open(&l, far, modes[i].mode, QUOTA);
        CHECK_SAID(at_put(here, l.near, "first part\0", 11), 0, 11);
        CHECK_SAID(at_put(here, l.near, "2nd part.\0", 10), 0, 10);
        said = at_get(far, l.away, 32);
        CHECK_SAID_WHEN(modes[i].when, said, 0, modes[i].first);
        CHECK_DATA(said, "first part\0002nd part.\0", modes[i].first);
        if (modes[i].second > 0) {
            said = at_get(far, l.away, 32);
            CHECK_SAID_WHEN(modes[i].when, said, 0, modes[i].second);
            CHECK_DATA(said, "2nd part.\0", modes[i].second);
        }
        CHECK_PENDS_WHEN(modes[i].when, at_read(far, 0, l.away, 32));
        link_close(&l);
    }
}

static void a_message_longer_than_the_buffer_comes_in_parts(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_put(here, l.near, "abcdefghij", 10), 0, 10);
    said = at_get(far, l.away, 4);
    CHECK_SAID(said, ERROR_MORE_DATA, 4);
    CHECK_DATA(said, "abcd", 4);
    said = at_get(far, l.away, 4);
    CHECK_SAID(said, ERROR_MORE_DATA, 4);
    CHECK_DATA(said, "efgh", 4);
    said = at_get(far, l.away, 24);
    CHECK_SAID(said, 0, 2);
    CHECK_DATA(said, "ij", 2);
    link_close(&l);
}

/* The count is in the OVERLAPPED; what the call itself gives as a count is 0. */
static void an_overlapped_read_of_a_part_says_so_at_once(struct place *far)
{
    for (int synchronous = 0; synchronous < 2; synchronous++) {
        const char *when = synchronous ? "a synchronous handle" : "an overlapped handle";
        const struct link_kind kind = {MESSAGES, QUOTA, QUOTA, synchronous};
        struct link l;
        struct said said;

        link_open_kind(&l, far, kind);
        CHECK_SAID(at_put(far, l.away, "abcdefghij", 10), 0, 10);
        said = at_read(here, 0, l.near, 4);
        CHECK_SAID_WHEN(when, said, ERROR_MORE_DATA, 0);
        CHECK_EQ_WHEN(when, said.information, 4);
        CHECK_EQ_WHEN(when, said.status, STATUS_BUFFER_OVERFLOW);
        CHECK_DATA(said, "abcd", 4);
        CHECK_SAID_WHEN(when, at_look(here, 0), ERROR_MORE_DATA, 4);
        CHECK_SAID_WHEN(when, at_get(here, l.near, 6), 0, 6);
        link_close(&l);
    }
}

static void a_part_that_comes_while_the_read_pends_is_reported_the_same_way(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_PENDS(at_read(here, 0, l.near, 4));
    CHECK_SAID(at_put(far, l.away, "abcdefghij", 10), 0, 10);
    said = at_await(here, 0);
    CHECK_SAID(said, ERROR_MORE_DATA, 4);
    CHECK_EQ(said.status, STATUS_BUFFER_OVERFLOW);
    CHECK(said.set);
    CHECK_DATA(said, "abcd", 4);
    CHECK_SAID(at_get(here, l.near, 6), 0, 6);
    link_close(&l);
}

/* A change of the read mode in the middle of a message: what is left joins what follows. */
static void the_rest_of_a_message_read_as_bytes_joins_the_next(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_put(here, l.near, "abcdef", 6), 0, 6);
    CHECK_SAID(at_put(here, l.near, "ghi", 3), 0, 3);
    CHECK_SAID(at_get(far, l.away, 2), ERROR_MORE_DATA, 2);
    CHECK_SAID(at_set_mode(far, l.away, PIPE_READMODE_BYTE), 0, 0);
    said = at_get(far, l.away, 64);
    CHECK_SAID(said, 0, 7);
    CHECK_DATA(said, "cdefghi", 7);
    link_close(&l);
}

/* ---- nothing ---- */

static void an_empty_message_is_read_as_one(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_put(here, l.near, "", 0), 0, 0);
    CHECK_SAID(at_read(far, 0, l.away, 32), 0, 0);
    CHECK_PENDS(at_read(far, 0, l.away, 32));
    link_close(&l);
}

static void an_empty_message_comes_before_the_end(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_put(far, l.away, "", 0), 0, 0);
    link_close_away(&l);
    CHECK_SAID(at_read(here, 0, l.near, 32), 0, 0);
    CHECK_SAID(at_read(here, 0, l.near, 32), ERROR_BROKEN_PIPE, 0);
    link_close(&l);
}

/* A byte that follows shows that the read had not ended before. */
static void a_write_of_no_bytes_wakes_no_reader_of_bytes(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_PENDS(at_read(far, 0, l.away, 8));
    CHECK_SAID(at_write(here, 0, l.near, "", 0), 0, 0);
    CHECK_SAID(at_look(far, 0), ERROR_IO_INCOMPLETE, AT_ANY);
    CHECK_SAID(at_write(here, 0, l.near, "x", 1), 0, 1);
    said = at_await(far, 0);
    CHECK_SAID(said, 0, 1);
    CHECK_DATA(said, "x", 1);
    link_close(&l);
}

static void an_empty_message_ends_one_pending_read_of_no_bytes(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_PENDS(at_read(far, 0, l.away, 0));
    CHECK_PENDS(at_read(far, 1, l.away, 1));
    CHECK_SAID(at_write(here, 0, l.near, "", 0), 0, 0);
    CHECK_SAID(at_await(far, 0), 0, 0);
    CHECK_SAID(at_look(far, 1), ERROR_IO_INCOMPLETE, AT_ANY);
    CHECK_SAID(at_write(here, 0, l.near, "x", 1), 0, 1);
    CHECK_SAID(at_await(far, 1), 0, 1);
    link_close(&l);
}

static const struct {
    const char *when;
    DWORD mode, error; /* of the read of no bytes */
} nothing[] = {
    {"bytes",                  BYTES,    0              },
    {"messages",               MESSAGES, ERROR_MORE_DATA},
    {"messages read as bytes", JOINED,   0              },
};

static void a_pending_read_of_no_bytes_ends_with_data_and_takes_none(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(nothing); i++) {
        struct link l;

        link_open(&l, far, nothing[i].mode, QUOTA);
        CHECK_PENDS(at_read(far, 0, l.away, 0));
        CHECK_PENDS(at_read(far, 1, l.away, 1000));
        CHECK_SAID(at_write(here, 0, l.near, "x", 1), 0, 1);
        CHECK_SAID_WHEN(nothing[i].when, at_await(far, 0), nothing[i].error, 0);
        CHECK_SAID_WHEN(nothing[i].when, at_await(far, 1), 0, 1);
        link_close(&l);
    }
}

static void a_read_of_no_bytes_takes_nothing_of_what_a_closed_peer_left(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(nothing); i++) {
        struct link l;
        struct said said;

        link_open(&l, far, nothing[i].mode, QUOTA);
        CHECK_SAID(at_put(far, l.away, "twelve bytes", 12), 0, 12);
        link_close_away(&l);
        CHECK_SAID_WHEN(nothing[i].when, at_get(here, l.near, 0), nothing[i].error, 0);
        CHECK_SAID_WHEN(nothing[i].when, at_get(here, l.near, 0), nothing[i].error, 0);
        said = at_get(here, l.near, 64);
        CHECK_SAID_WHEN(nothing[i].when, said, 0, 12);
        CHECK_DATA(said, "twelve bytes", 12);
        link_close(&l);
    }
}

/* ---- several ---- */

static const struct {
    const char *when;
    DWORD mode, more; /* the error of all reads but the last */
} queues[] = {
    {"bytes",    BYTES,    0              },
    {"messages", MESSAGES, ERROR_MORE_DATA},
};

static void queued_reads_share_one_write_in_order(struct place *far)
{
    static const DWORD took[] = {3, 3, 3, 1};

    for (size_t i = 0; i < ARRAY_LEN(queues); i++) {
        struct link l;

        link_open(&l, far, queues[i].mode, QUOTA);
        for (unsigned n = 0; n < 4; n++)
            CHECK_PENDS(at_read(far, n, l.away, 3));
        CHECK_SAID(at_put(here, l.near, "abcdefghij", 10), 0, 10);
        for (unsigned n = 0; n < 4; n++) {
            struct said said = at_await(far, n);

            CHECK_SAID_WHEN(queues[i].when, said, n < 3 ? queues[i].more : 0, took[n]);
            CHECK_DATA(said, &"abcdefghij"[3 * n], took[n]);
        }
        link_close(&l);
    }
}

/* What a byte reader finds at the head is his to interpret; it must not stop him for good. */
static void an_empty_message_does_not_end_a_stream_of_bytes(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, JOINED, QUOTA);
    CHECK_SAID(at_put(here, l.near, "", 0), 0, 0);
    CHECK_SAID(at_put(here, l.near, "ab", 2), 0, 2);
    CHECK_SAID(at_put(here, l.near, "", 0), 0, 0);
    CHECK_SAID(at_put(here, l.near, "cd", 2), 0, 2);
    said = at_get(far, l.away, 64);
    if (said.count == 0) /* it may be read as such, or crossed */
        said = at_get(far, l.away, 64);
    CHECK_SAID(said, 0, 4);
    CHECK_DATA(said, "abcd", 4);
    link_close(&l);
}

FAR_TEST_MAIN(FOUR_WAYS(only_messages_read_as_messages_keep_two_writes_apart),
              FOUR_WAYS(a_message_longer_than_the_buffer_comes_in_parts),
              FOUR_WAYS(an_overlapped_read_of_a_part_says_so_at_once),
              FOUR_WAYS(a_part_that_comes_while_the_read_pends_is_reported_the_same_way),
              FOUR_WAYS(the_rest_of_a_message_read_as_bytes_joins_the_next),
              FOUR_WAYS(an_empty_message_is_read_as_one),
              FOUR_WAYS(an_empty_message_comes_before_the_end),
              FOUR_WAYS(a_write_of_no_bytes_wakes_no_reader_of_bytes),
              FOUR_WAYS(an_empty_message_ends_one_pending_read_of_no_bytes),
              FOUR_WAYS(a_pending_read_of_no_bytes_ends_with_data_and_takes_none),
              FOUR_WAYS(a_read_of_no_bytes_takes_nothing_of_what_a_closed_peer_left),
              FOUR_WAYS(queued_reads_share_one_write_in_order),
              FOUR_WAYS(an_empty_message_does_not_end_a_stream_of_bytes))
