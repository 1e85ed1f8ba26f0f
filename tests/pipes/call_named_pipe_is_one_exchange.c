/* SPDX-License-Identifier: MIT */
/* CallNamedPipe opens, waiting once if it must, transacts and closes: all its failures are those of
 * one of the four. */
#include "connected.h"

enum { QUOTA = 512 };

/* One exchange with a server that answers "0123456789". */
static struct said exchange(struct place *far, DWORD room)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, MESSAGES, QUOTA);
    struct said request, said;

    CHECK_PENDS(at_connect(here, 0, server));
    CHECK_PENDS(at_call(far, 0, name, "request", 7, room, NMPWAIT_WAIT_FOREVER));
    CHECK_SAID(at_await(here, 0), 0, 0);
    request = at_get(here, server, 64);
    CHECK_SAID(request, 0, 7);
    CHECK_DATA(request, "request", 7);
    CHECK_SAID(at_put(here, server, "0123456789", 10), 0, 10);
    said = at_await(far, 0);
    CHECK_SAID(at_get(here, server, 64), ERROR_BROKEN_PIPE, 0); /* it has closed */
    CHECK_SAID(at_close(here, server), 0, 0);
    return said;
}

static void a_call_brings_the_answer_and_closes(struct place *far)
{
    struct said said = exchange(far, 64);

    CHECK_SAID(said, 0, 10);
    CHECK_DATA(said, "0123456789", 10);
}

static void an_answer_that_is_too_long_is_cut(struct place *far)
{
    struct said said = exchange(far, 6);

    CHECK_SAID(said, ERROR_MORE_DATA, 6);
    CHECK_DATA(said, "012345", 6);
}

static void a_missing_name_is_told_at_once(struct place *far)
{
    unsigned long start = now_ms();

    (void)at_call(far, 0, fresh_name(""), "x", 1, 8, 2 * SOON_MS);
    CHECK_SAID(at_await(far, 0), ERROR_FILE_NOT_FOUND, 0);
    CHECK(now_ms() - start < SOON_MS);
}

static void a_busy_pipe_is_waited_for_as_long_as_asked(struct place *far)
{
    static const DWORD times_ms[] = {120, NMPWAIT_NOWAIT};

    for (size_t i = 0; i < ARRAY_LEN(times_ms); i++) {
        struct link l;
        unsigned long start, took;

        link_open(&l, far, MESSAGES, QUOTA);
        start = now_ms();
        (void)at_call(far, 0, l.name, "x", 1, 8, times_ms[i]);
        CHECK_SAID(at_await(far, 0), ERROR_SEM_TIMEOUT, 0);
        took = now_ms() - start;
        CHECK(took + TICK_MS >= times_ms[i]);
        CHECK(took < SOON_MS);
        link_close(&l);
    }
}

static void a_busy_pipe_that_comes_to_listen_is_called(struct place *far)
{
    struct link l;

    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_PENDS(at_call(far, 0, l.name, "abc", 3, 8, NMPWAIT_WAIT_FOREVER));
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    if (at_connect(here, 0, l.near).error != ERROR_PIPE_CONNECTED) /* the caller may be quick */
        CHECK_SAID(at_await(here, 0), 0, 0);
    CHECK_SAID(at_get(here, l.near, 8), 0, 3);
    CHECK_SAID(at_put(here, l.near, "test", 4), 0, 4);
    CHECK_SAID(at_await(far, 0), 0, 4);
    link_close(&l);
}

static const struct {
    const char *when;
    DWORD open_mode, pipe_mode, error;
} unfit[] = {
    {"a pipe of bytes",  PIPE_ACCESS_DUPLEX,   BYTES,    ERROR_INVALID_PARAMETER},
    {"an inbound pipe",  PIPE_ACCESS_INBOUND,  MESSAGES, ERROR_ACCESS_DENIED    },
    {"an outbound pipe", PIPE_ACCESS_OUTBOUND, MESSAGES, ERROR_ACCESS_DENIED    },
};

static void a_pipe_that_cannot_answer_is_refused(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(unfit); i++) {
        const char *name = fresh_name("");
        struct at_pipe pipe = one_pipe(unfit[i].pipe_mode, QUOTA);
        HANDLE server;

        pipe.open_mode = unfit[i].open_mode | FILE_FLAG_OVERLAPPED;
        server = made(at_create(here, name, pipe));
        (void)at_call(far, 0, name, "x", 1, 8, 1000);
        CHECK_SAID_WHEN(unfit[i].when, at_await(far, 0), unfit[i].error, 0);
        CHECK_SAID(at_close(here, server), 0, 0);
    }
}

FAR_TEST_MAIN(TWICE(a_call_brings_the_answer_and_closes), TWICE(an_answer_that_is_too_long_is_cut),
              TWICE(a_missing_name_is_told_at_once),
              TWICE(a_busy_pipe_is_waited_for_as_long_as_asked),
              TWICE(a_busy_pipe_that_comes_to_listen_is_called),
              TWICE(a_pipe_that_cannot_answer_is_refused))
