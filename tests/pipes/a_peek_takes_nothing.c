/* SPDX-License-Identifier: MIT */
/* PeekNamedPipe: what is there, copied and counted, and left there.  On a pipe of messages it looks
 * at the first message; on a pipe of bytes what is "left of this message" is 0 - copied. */
#include "connected.h"

enum { QUOTA = 4096 };

/* A peek with this room says all this. */
static void check_peek(const char *when, struct place *place, HANDLE end, DWORD room, DWORD read,
                       DWORD available, DWORD left, const char *bytes)
{
    struct said said = at_peek(place, end, room);

    CHECK_SAID_WHEN(when, said, 0, read);
    CHECK_EQ_WHEN(when, said.word[1], available);
    CHECK_EQ_WHEN(when, said.word[2], left);
    CHECK_EQ_WHEN(when, memcmp(said.data, bytes, read), 0);
}

static const struct {
    const char *when;
    DWORD mode, room, read, left;
} looks[] = {
    {"a part of the first message",              MESSAGES, 4,  4,  7         },
    {"the whole first message",                  MESSAGES, 32, 11, 0         },
    {"no room",                                  MESSAGES, 0,  0,  11        },
    {"messages read as bytes, a part of one",    JOINED,   4,  4,  7         },
    {"messages read as bytes, the whole of one", JOINED,   32, 11, 0         },
    {"some bytes",                               BYTES,    4,  4,  (DWORD)-4 },
    {"all bytes",                                BYTES,    32, 21, (DWORD)-21},
    {"no room for bytes",                        BYTES,    0,  0,  0         },
};

static void a_peek_sees_one_message_or_all_bytes(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
        struct link l;

        link_open(&l, far, looks[i].mode, QUOTA);
        CHECK_SAID(at_put(far, l.away, "first part\0", 11), 0, 11);
        CHECK_SAID(at_put(far, l.away, "2nd part.\0", 10), 0, 10);
        for (int again = 0; again < 2; again++)
            check_peek(looks[i].when, here, l.near, looks[i].room, looks[i].read, 21, looks[i].left,
                       "first part\0002nd part.\0");
        CHECK_EQ_WHEN(looks[i].when, at_get(here, l.near, 64).count,
                      looks[i].mode == MESSAGES ? 11 : 21);
        link_close(&l);
    }
}

static void every_out_value_is_optional(struct place *far)
{
    struct link l;
    DWORD available = 0;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_SAID(at_put(far, l.away, "abc", 3), 0, 3);
    CHECK(PeekNamedPipe(l.near, NULL, 0, NULL, &available, NULL));
    CHECK_EQ(available, 3);
    available = 0;
    CHECK(PeekNamedPipe(l.near, (void *)1, 0, NULL, &available, NULL));
    CHECK_EQ(available, 3);
    CHECK(PeekNamedPipe(l.near, NULL, 0, NULL, NULL, NULL));
    link_close(&l);
}

static void an_empty_pipe_or_message_looks_like_nothing(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    check_peek("an empty pipe", here, l.near, 8, 0, 0, 0, "");
    CHECK_SAID(at_put(far, l.away, "", 0), 0, 0);
    check_peek("an empty message", here, l.near, 8, 0, 0, 0, "");
    CHECK_SAID(at_read(here, 0, l.near, 8), 0, 0);
    link_close(&l);
}

/* However often one looks, the empty message stays the first. */
static void an_empty_message_hides_nothing_and_is_not_passed_over(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_put(far, l.away, "", 0), 0, 0);
    CHECK_SAID(at_put(far, l.away, "abc", 3), 0, 3);
    check_peek("once", here, l.near, 10, 0, 3, 0, "");
    check_peek("twice", here, l.near, 10, 0, 3, 0, "");
    CHECK_SAID(at_read(here, 0, l.near, 10), 0, 0);
    check_peek("behind it", here, l.near, 10, 3, 3, 0, "abc");
    CHECK_SAID(at_read(here, 0, l.near, 10), 0, 3);
    link_close(&l);
}

/* ---- a message partly read ---- */

static void a_peek_goes_on_where_a_read_has_stopped(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_put(far, l.away, "abcdefghij", 10), 0, 10);
    CHECK_SAID(at_get(here, l.near, 4), ERROR_MORE_DATA, 4);
    check_peek("no room", here, l.near, 0, 0, 6, 6, "");
    check_peek("a part", here, l.near, 4, 4, 6, 2, "efgh");
    check_peek("a part again", here, l.near, 3, 3, 6, 3, "efg");
    check_peek("all", here, l.near, 64, 6, 6, 0, "efghij");
    said = at_read(here, 0, l.near, 64);
    CHECK_SAID(said, 0, 6);
    CHECK_DATA(said, "efghij", 6);
    check_peek("nothing left", here, l.near, 64, 0, 0, 0, "");
    link_close(&l);
}

static void a_message_partly_read_is_counted_with_those_behind_it(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_put(far, l.away, "abcdef", 6), 0, 6);
    CHECK_SAID(at_put(far, l.away, "ghi", 3), 0, 3);
    CHECK_SAID(at_get(here, l.near, 2), ERROR_MORE_DATA, 2);
    check_peek("the rest of the first", here, l.near, 64, 4, 7, 0, "cdef");
    CHECK_SAID(at_get(here, l.near, 64), 0, 4);
    check_peek("the second", here, l.near, 64, 3, 3, 0, "ghi");
    link_close(&l);
}

/* ---- states ---- */

static void a_peek_sees_what_a_write_over_the_quota_holds(struct place *far)
{
    static const DWORD modes[] = {BYTES, MESSAGES};

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct link l;

        link_open(&l, far, modes[i], 10);
        CHECK_SAID(at_write(far, 0, l.away, "abcdefgh", 8), 0, 8);
        CHECK_PENDS(at_write(far, 1, l.away, "ijkl", 4));
        CHECK_EQ(at_peek(here, l.near, 0).word[1], 12);
        link_close(&l);
    }
}

static void a_closed_peer_is_told_once_all_is_read(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_put(far, l.away, "abc", 3), 0, 3);
    link_close_away(&l);
    check_peek("something left", here, l.near, 8, 3, 3, 0, "abc");
    CHECK_SAID(at_get(here, l.near, 8), 0, 3);
    said = at_peek(here, l.near, 8);
    CHECK_SAID(said, ERROR_BROKEN_PIPE, 0);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(said.word[i], AT_LEFT);
    link_close(&l);
}

static void a_server_without_a_client_cannot_be_looked_at(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES, QUOTA), client;

    CHECK_SAID(at_peek(here, server, 8), ERROR_BAD_PIPE, 0);
    client = open_pipe(far, name);
    CHECK_SAID(at_peek(here, server, 8), 0, 0);
    CHECK_SAID(at_put(here, server, "abc", 3), 0, 3);
    CHECK_SAID(at_disconnect(here, server), 0, 0);
    CHECK_SAID(at_peek(here, server, 8), ERROR_BAD_PIPE, 0);
    CHECK_SAID(at_peek(far, client, 8), ERROR_PIPE_NOT_CONNECTED, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

FAR_TEST_MAIN(FOUR_WAYS(a_peek_sees_one_message_or_all_bytes),
              FOUR_WAYS(every_out_value_is_optional),
              FOUR_WAYS(an_empty_pipe_or_message_looks_like_nothing),
              FOUR_WAYS(an_empty_message_hides_nothing_and_is_not_passed_over),
              FOUR_WAYS(a_peek_goes_on_where_a_read_has_stopped),
              FOUR_WAYS(a_message_partly_read_is_counted_with_those_behind_it),
              FOUR_WAYS(a_peek_sees_what_a_write_over_the_quota_holds),
              FOUR_WAYS(a_closed_peer_is_told_once_all_is_read),
              TWICE(a_server_without_a_client_cannot_be_looked_at))
