/* SPDX-License-Identifier: MIT */
/* WaitNamedPipe: 2 at once for a name nobody made, TRUE at once or as soon as an instance listens,
 * 121 after the time given.  TRUE reserves nothing. */
#include "connected.h"

enum { QUOTA = 512 };

static void a_missing_name_is_never_waited_for(struct place *far)
{
    static const DWORD times_ms[] = {2 * SOON_MS, NMPWAIT_WAIT_FOREVER, NMPWAIT_USE_DEFAULT_WAIT,
                                     NMPWAIT_NOWAIT};

    for (size_t i = 0; i < ARRAY_LEN(times_ms); i++) {
        unsigned long start = now_ms();

        (void)at_wait(far, 0, fresh_name(""), times_ms[i]);
        CHECK_SAID(at_await(far, 0), ERROR_FILE_NOT_FOUND, 0);
        CHECK(now_ms() - start < SOON_MS);
    }
}

static void an_instance_that_listens_ends_the_wait_at_once(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES, QUOTA), client;

    (void)at_wait(far, 0, name, NMPWAIT_WAIT_FOREVER);
    CHECK_SAID(at_await(far, 0), 0, 0);
    (void)at_wait(far, 0, name, NMPWAIT_NOWAIT);
    CHECK_SAID(at_await(far, 0), 0, 0);
    client = open_pipe(far, name); /* the waits took nothing */
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static const struct {
    const char *when;
    DWORD by_default, timeout, at_least; /* ms */
} timeouts[] = {
    {"100 ms",            5000, 100,                      100},
    {"the default's 300", 300,  NMPWAIT_USE_DEFAULT_WAIT, 300},
    {"no default given",  0,    NMPWAIT_USE_DEFAULT_WAIT, 50 },
    {"hardly any time",   5000, NMPWAIT_NOWAIT,           1  },
};

static void a_busy_pipe_is_waited_for_as_long_as_asked(struct place *far)
{
    for (size_t i = 0; i < ARRAY_LEN(timeouts); i++) {
        const char *name = fresh_name("");
        struct at_pipe pipe = one_pipe(BYTES, QUOTA);
        unsigned long start, took;
        HANDLE server, client;

        pipe.timeout_ms = timeouts[i].by_default;
        server = made(at_create(here, name, pipe));
        client = open_pipe(far, name);
        start = now_ms();
        (void)at_wait(far, 0, name, timeouts[i].timeout);
        CHECK_SAID_WHEN(timeouts[i].when, at_await(far, 0), ERROR_SEM_TIMEOUT, 0);
        took = now_ms() - start;
        CHECK_EQ_WHEN(timeouts[i].when, took + TICK_MS >= timeouts[i].at_least, true);
        CHECK_EQ_WHEN(timeouts[i].when, took < SOON_MS, true);
        CHECK_SAID(at_close(far, client), 0, 0);
        CHECK_SAID(at_close(here, server), 0, 0);
    }
}

static struct at_pipe two_pipes(void)
{
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);

    pipe.max = 2;
    return pipe;
}

static void a_new_instance_ends_the_wait(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE first = made(at_create(here, name, two_pipes())), second;
    HANDLE client = open_pipe(far, name);

    CHECK_PENDS(at_wait(far, 0, name, NMPWAIT_WAIT_FOREVER));
    second = made(at_create(here, name, two_pipes()));
    CHECK_SAID(at_await(far, 0), 0, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, first), 0, 0);
    CHECK_SAID(at_close(here, second), 0, 0);
}

/* A client that closes does not help; an instance connected anew does. */
static void an_instance_that_listens_again_ends_the_wait(struct place *far)
{
    struct link l;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_PENDS(at_wait(far, 0, l.name, NMPWAIT_WAIT_FOREVER));
    link_close_away(&l);
    CHECK_SAID(at_look(far, 0), ERROR_IO_INCOMPLETE, AT_ANY);
    CHECK_SAID(at_disconnect(here, l.near), 0, 0);
    CHECK_SAID(at_look(far, 0), ERROR_IO_INCOMPLETE, AT_ANY);
    CHECK_PENDS(at_connect(here, 0, l.near));
    CHECK_SAID(at_await(far, 0), 0, 0);
    link_close(&l);
}

static void one_instance_ends_every_wait_and_is_taken_once(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE first = made(at_create(here, name, two_pipes())), second;
    HANDLE clients[2] = {open_pipe(far, name)};

    CHECK_PENDS(at_wait(far, 0, name, NMPWAIT_WAIT_FOREVER));
    CHECK_PENDS(at_wait(far, 1, name, NMPWAIT_WAIT_FOREVER));
    second = made(at_create(here, name, two_pipes()));
    CHECK_SAID(at_await(far, 0), 0, 0);
    CHECK_SAID(at_await(far, 1), 0, 0);
    clients[1] = open_pipe(far, name);
    CHECK_SAID(at_open(far, name, BOTH_WAYS, 0), ERROR_PIPE_BUSY, 0);
    for (int i = 0; i < 2; i++)
        CHECK_SAID(at_close(far, clients[i]), 0, 0);
    CHECK_SAID(at_close(here, first), 0, 0);
    CHECK_SAID(at_close(here, second), 0, 0);
}

static void the_end_of_the_last_instance_ends_the_wait_with_2(struct place *far)
{
    struct link l;
    unsigned long start;

    link_open(&l, far, BYTES, QUOTA);
    CHECK_PENDS(at_wait(far, 0, l.name, 2 * SOON_MS));
    start = now_ms();
    link_close_near(&l);
    CHECK_SAID(at_await(far, 0), ERROR_FILE_NOT_FOUND, 0);
    CHECK(now_ms() - start < SOON_MS);
    link_close(&l);
}

static void the_death_of_the_server_ends_the_wait_with_2(void)
{
    const char *name = fresh_name("");
    struct place far;
    HANDLE client;
    unsigned long start;

    place_open_there(&far);
    (void)make_pipe(&far, name, BYTES, QUOTA);
    client = open_pipe(here, name);
    CHECK_PENDS(at_wait(here, 0, name, 2 * SOON_MS));
    start = now_ms();
    place_kill(&far);
    CHECK_SAID(at_await(here, 0), ERROR_FILE_NOT_FOUND, 0);
    CHECK(now_ms() - start < SOON_MS);
    CHECK_SAID(at_close(here, client), 0, 0);
    place_close(&far);
    name_sweep(name);
}

static const struct {
    const char *when, *name;
    DWORD error;
} bad_names[] = {
    {"no pipe path",       "no pipe path",   ERROR_PATH_NOT_FOUND   },
    {"a path of the disk", "C:\\pipe\\name", ERROR_PATH_NOT_FOUND   },
    {"no name",            "\\\\.\\pipe\\",  ERROR_INVALID_PARAMETER},
};

static void what_is_no_name_is_refused(void)
{
    for (size_t i = 0; i < ARRAY_LEN(bad_names); i++) {
        SetLastError(0);
        CHECK_EQ_WHEN(bad_names[i].when, WaitNamedPipeA(bad_names[i].name, 1), FALSE);
        CHECK_EQ_WHEN(bad_names[i].when, GetLastError(), bad_names[i].error);
    }
}

FAR_TEST_MAIN(TWICE(a_missing_name_is_never_waited_for),
              TWICE(an_instance_that_listens_ends_the_wait_at_once),
              TWICE(a_busy_pipe_is_waited_for_as_long_as_asked),
              TWICE(a_new_instance_ends_the_wait),
              TWICE(an_instance_that_listens_again_ends_the_wait),
              TWICE(one_instance_ends_every_wait_and_is_taken_once),
              TWICE(the_end_of_the_last_instance_ends_the_wait_with_2),
              TEST(the_death_of_the_server_ends_the_wait_with_2), TEST(what_is_no_name_is_refused))
