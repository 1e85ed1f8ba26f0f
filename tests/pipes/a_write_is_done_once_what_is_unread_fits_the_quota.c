/* SPDX-License-Identifier: MIT */
/* The quota is about unread bytes, not about what the writer still holds: a write over it pends
 * with its data already there to be read, and ends when the bytes up to and including its own fit.
 */
#include "connected.h"

static const struct {
    const char *when;
    DWORD mode, more; /* the error of a read that leaves a part of its message */
} kinds[] = {
    {"bytes",    BYTES,    0              },
    {"messages", MESSAGES, ERROR_MORE_DATA},
};

static void a_write_over_the_quota_ends_when_the_excess_is_read(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct link l;
        struct said said;

        link_open(&l, far, kinds[i].mode, 5000);
        CHECK_PENDS_WHEN(kinds[i].when, at_write(here, 0, l.near, NULL, 7000));
        said = at_peek(far, l.away, 0);
        CHECK_SAID_WHEN(kinds[i].when, said, 0, 0);
        CHECK_EQ_WHEN(kinds[i].when, said.word[1], 7000);
        CHECK_SAID_WHEN(kinds[i].when, at_read(far, 0, l.away, 1999), kinds[i].more,
                        kinds[i].more == 0 ? 1999 : 0);
        CHECK(at_holds(far, 0, 0, 1999, 0));
        CHECK_SAID_WHEN(kinds[i].when, at_look(here, 0), ERROR_IO_INCOMPLETE, AT_ANY);
        CHECK_SAID_WHEN(kinds[i].when, at_get(far, l.away, 1), kinds[i].more, 1);
        said = at_await(here, 0);
        CHECK_SAID_WHEN(kinds[i].when, said, 0, 7000);
        CHECK(said.set);
        CHECK_SAID_WHEN(kinds[i].when, at_read(far, 0, l.away, 5000), 0, 5000);
        CHECK(at_holds(far, 0, 0, 5000, 2000));
        link_close(&l);
    }
}

/* 3000 unread, then 5000 and 1 and nothing: the small write does not overtake the arithmetic. */
static void writes_over_the_quota_end_in_order_and_empty_ones_never_pend(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct link l;

        link_open(&l, far, kinds[i].mode, 5000);
        CHECK_SAID_WHEN(kinds[i].when, at_write(here, 0, l.near, NULL, 3000), 0, 3000);
        CHECK_PENDS_WHEN(kinds[i].when, at_write(here, 1, l.near, NULL, 5000));
        CHECK_PENDS_WHEN(kinds[i].when, at_write(here, 2, l.near, "!", 1));
        CHECK_SAID_WHEN(kinds[i].when, at_write(here, 3, l.near, "", 0), 0, 0);
        CHECK_SAID_WHEN(kinds[i].when, at_read(far, 0, l.away, 3000), 0, 3000);
        CHECK_SAID_WHEN(kinds[i].when, at_await(here, 1), 0, 5000);
        CHECK_SAID_WHEN(kinds[i].when, at_look(here, 2), ERROR_IO_INCOMPLETE, AT_ANY);
        CHECK_SAID_WHEN(kinds[i].when, at_get(far, l.away, 1), kinds[i].more, 1);
        CHECK_SAID_WHEN(kinds[i].when, at_await(here, 2), 0, 1);
        link_close(&l);
    }
}

static void a_message_of_any_size_is_one_message(struct place *far)
{
    enum { QUOTA = 1 << 20, SIZE = 8 << 20 };
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_PENDS(at_write(here, 0, l.near, NULL, SIZE));
    CHECK_PENDS(at_write(here, 1, l.near, "next", 4));
    (void)at_read(far, 0, l.away, SIZE);
    CHECK_SAID(at_await(far, 0), 0, SIZE);
    CHECK(at_holds(far, 0, 0, SIZE, 0));
    CHECK_SAID(at_await(here, 0), 0, SIZE);
    CHECK_SAID(at_await(here, 1), 0, 4);
    CHECK_SAID(at_get(far, l.away, 64), 0, 4);
    link_close(&l);
}

static void a_stream_of_any_size_arrives_whole(struct place *far)
{
    enum { QUOTA = 1 << 20, SIZE = 8 << 20 };
    struct link l;
    DWORD got = 0;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_PENDS(at_write(here, 0, l.near, NULL, SIZE));
    while (got < SIZE) {
        struct said said;

        (void)at_read(far, 0, l.away, SIZE);
        said = at_await(far, 0);
        if (!CHECK(said.ok && said.count > 0 && at_holds(far, 0, 0, said.count, got)))
            break;
        got += said.count;
    }
    CHECK_EQ(got, SIZE);
    CHECK_SAID(at_await(here, 0), 0, SIZE);
    link_close(&l);
}

/* Far more writes than the kernel would take by itself. */
static void as_many_writes_as_bytes_of_the_quota_are_done_at_once(struct place *far)
{
    enum { QUOTA = 4096 };

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        DWORD done = 0, got = 0;
        struct link l;

        link_open(&l, far, kinds[i].mode, QUOTA);
        for (int n = 0; n < QUOTA; n++) {
            unsigned char byte = (unsigned char)n;

            done += at_write(here, 0, l.near, &byte, 1).ok ? 1 : 0;
        }
        CHECK_EQ_WHEN(kinds[i].when, done, QUOTA);
        CHECK_PENDS_WHEN(kinds[i].when, at_write(here, 0, l.near, "x", 1));
        while (got < QUOTA + 1) {
            struct said said = at_get(far, l.away, 512);

            if (!CHECK(said.ok && said.count > 0))
                break;
            for (DWORD n = 0; n < said.count && got + n < QUOTA; n++)
                CHECK_EQ_WHEN(kinds[i].when, said.data[n], (got + n) % 256);
            got += said.count;
        }
        CHECK_SAID_WHEN(kinds[i].when, at_await(here, 0), 0, 1);
        link_close(&l);
    }
}

static void without_a_quota_a_write_waits_for_its_reader(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct link l;

        link_open(&l, far, kinds[i].mode, 0);
        CHECK_PENDS_WHEN(kinds[i].when, at_write(here, 0, l.near, "abc", 3));
        CHECK_SAID_WHEN(kinds[i].when, at_read(far, 0, l.away, 10), 0, 3);
        CHECK_SAID_WHEN(kinds[i].when, at_await(here, 0), 0, 3);
        link_close(&l);
    }
}

static void a_reader_that_waits_is_room_enough(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        struct link l;

        link_open(&l, far, kinds[i].mode, 0);
        CHECK_PENDS_WHEN(kinds[i].when, at_read(far, 0, l.away, 10));
        CHECK_SAID_WHEN(kinds[i].when, at_write(here, 0, l.near, "abc", 3), 0, 3);
        CHECK_SAID_WHEN(kinds[i].when, at_await(far, 0), 0, 3);
        link_close(&l);
    }
}

static void what_a_waiting_reader_has_no_room_for_stays_unread(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, BYTES, 0);
    CHECK_PENDS(at_read(far, 0, l.away, 2));
    CHECK_PENDS(at_write(here, 0, l.near, "abc", 3));
    CHECK_SAID(at_await(far, 0), 0, 2);
    CHECK_SAID(at_look(here, 0), ERROR_IO_INCOMPLETE, AT_ANY);
    CHECK_EQ(at_peek(far, l.away, 0).word[1], 1);
    said = at_get(far, l.away, 10);
    CHECK_SAID(said, 0, 1);
    CHECK_DATA(said, "c", 1);
    CHECK_SAID(at_await(here, 0), 0, 3);
    link_close(&l);
}

FAR_TEST_MAIN(FOUR_WAYS(a_write_over_the_quota_ends_when_the_excess_is_read),
              FOUR_WAYS(writes_over_the_quota_end_in_order_and_empty_ones_never_pend),
              FOUR_WAYS(a_message_of_any_size_is_one_message),
              FOUR_WAYS(a_stream_of_any_size_arrives_whole),
              FOUR_WAYS(as_many_writes_as_bytes_of_the_quota_are_done_at_once),
              FOUR_WAYS(without_a_quota_a_write_waits_for_its_reader),
              FOUR_WAYS(a_reader_that_waits_is_room_enough),
              FOUR_WAYS(what_a_waiting_reader_has_no_room_for_stays_unread))
