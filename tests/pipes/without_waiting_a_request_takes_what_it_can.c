/* SPDX-License-Identifier: MIT */
/* PIPE_NOWAIT: a read of an empty pipe fails with 232, a write succeeds with what readers in wait
 * and the quota took, which may be nothing; the room that is left is never filled with a part. */
#include "connected.h"

enum { QUOTA = 512 };

static void nowait_open(struct link *l, struct place *far, DWORD mode)
{
    link_open(l, far, mode, QUOTA);
    CHECK_SAID(
        at_set_mode(here, l->near, PIPE_NOWAIT | (mode == MESSAGES ? PIPE_READMODE_MESSAGE : 0)), 0,
        0);
}

static void an_empty_pipe_gives_232(struct place *far)
{
    static const DWORD modes[] = {BYTES, MESSAGES};

    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct link l;
        struct said said;
        DWORD count = AT_LEFT;
        char byte;

        nowait_open(&l, far, modes[i]);
        SetLastError(0);
        CHECK_EQ(ReadFile(l.near, &byte, 1, &count, NULL), FALSE);
        CHECK_EQ(GetLastError(), ERROR_NO_DATA);
        CHECK_EQ(count, 0);
        said = at_read(here, 0, l.near, 8);
        CHECK_SAID(said, ERROR_NO_DATA, 0);
        CHECK_EQ(said.status, STATUS_PENDING);
        CHECK(!said.set);
        CHECK_SAID(at_read(here, 0, l.near, 0), ERROR_NO_DATA, 0);
        CHECK_SAID(at_put(far, l.away, "abc", 3), 0, 3);
        CHECK_SAID(at_read(here, 0, l.near, 8), 0, 3);
        CHECK_SAID(at_read(here, 0, l.near, 8), ERROR_NO_DATA, 0);
        link_close(&l);
    }
}

static const DWORD types[] = {BYTES, MESSAGES};

static void a_write_goes_in_whole_or_not_at_all(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct link l;
        DWORD count = AT_LEFT;

        nowait_open(&l, far, types[i]);
        CHECK_SAID(at_write(here, 0, l.near, NULL, QUOTA + 1), 0, 0);
        CHECK_SAID(at_write(here, 0, l.near, NULL, QUOTA), 0, QUOTA);
        CHECK_SAID(at_write(here, 0, l.near, "x", 1), 0, 0);
        SetLastError(0);
        CHECK_EQ(WriteFile(l.near, "x", 1, &count, NULL), TRUE);
        CHECK_EQ(count, 0);
        CHECK_SAID(at_write(here, 0, l.near, "", 0), 0, 0);
        CHECK_SAID(at_read(far, 0, l.away, 2 * QUOTA), 0, QUOTA);
        CHECK(at_holds(far, 0, 0, QUOTA, 0));
        link_close(&l);
    }
}

/* A reader waits for `room` bytes while `len` are written. */
static const struct {
    const char *when;
    DWORD mode, room, len;
    DWORD written, read; /* read 0: the reader is still waiting */
    DWORD error;         /* of the reader */
} waited_for[] = {
    {"bytes, reader and quota are just enough",    BYTES,    1, 513, 513, 1, 0              },
    {"messages, reader and quota are just enough", MESSAGES, 1, 513, 513, 1, ERROR_MORE_DATA},
    {"bytes, one too many",                        BYTES,    1, 514, 1,   1, 0              },
    {"message, one byte too long",                 MESSAGES, 1, 514, 0,   0, 0              },
    {"bytes, many too many",                       BYTES,    4, 600, 4,   4, 0              },
    {"message, many bytes too long",               MESSAGES, 4, 600, 0,   0, 0              },
};

static void a_reader_in_wait_counts_as_room(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(waited_for); i++) {
        const char *when = waited_for[i].when;
        struct link l;

        nowait_open(&l, far, waited_for[i].mode);
        CHECK_PENDS_WHEN(when, at_read(far, 0, l.away, waited_for[i].room));
        CHECK_SAID_WHEN(when, at_write(here, 0, l.near, NULL, waited_for[i].len), 0,
                        waited_for[i].written);
        if (waited_for[i].read > 0) {
            CHECK_SAID_WHEN(when, at_await(far, 0), waited_for[i].error, waited_for[i].read);
            CHECK(at_holds(far, 0, 0, waited_for[i].read, 0));
        } else {
            CHECK_SAID_WHEN(when, at_look(far, 0), ERROR_IO_INCOMPLETE, AT_ANY);
        }
        CHECK_EQ_WHEN(when, at_peek(far, l.away, 0).word[1],
                      waited_for[i].written - waited_for[i].read);
        link_close(&l);
    }
}

static void what_the_reader_left_is_there_for_the_next(struct place *far)
{
    struct link l;

    nowait_open(&l, far, BYTES);
    CHECK_PENDS(at_read(far, 0, l.away, 1));
    CHECK_SAID(at_write(here, 0, l.near, NULL, 513), 0, 513);
    CHECK_SAID(at_await(far, 0), 0, 1);
    CHECK_SAID(at_read(far, 1, l.away, 1000), 0, 512);
    CHECK(at_holds(far, 1, 0, 512, 1));
    link_close(&l);
}

/* The mode is the end's own: the other end still waits. */
static void the_other_end_still_waits(struct place *far)
{
    struct link l;

    nowait_open(&l, far, BYTES);
    CHECK_PENDS(at_read(far, 0, l.away, 8));
    CHECK_SAID(at_write(here, 0, l.near, "abc", 3), 0, 3);
    CHECK_SAID(at_await(far, 0), 0, 3);
    CHECK_PENDS(at_write(far, 1, l.away, NULL, QUOTA + 1));
    CHECK_SAID(at_read(here, 0, l.near, QUOTA + 1), 0, QUOTA + 1);
    CHECK_SAID(at_await(far, 1), 0, QUOTA + 1);
    link_close(&l);
}

FAR_TEST_MAIN(FOUR_WAYS(an_empty_pipe_gives_232), FOUR_WAYS(a_write_goes_in_whole_or_not_at_all),
              FOUR_WAYS(a_reader_in_wait_counts_as_room),
              FOUR_WAYS(what_the_reader_left_is_there_for_the_next),
              FOUR_WAYS(the_other_end_still_waits))
