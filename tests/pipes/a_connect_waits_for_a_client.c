/* SPDX-License-Identifier: MIT */
/* ConnectNamedPipe merely waits: the client's open is what connects.  A client that is there first
 * is told by 535, which signals nothing; one that has been is told by 232. */
#include "asleep.h"
#include "connected.h"

enum { QUOTA = 512 };

static void a_connect_pends_until_a_client_opens(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES, QUOTA), client;
    struct said said = at_connect(here, 0, server);

    CHECK_SAID(said, ERROR_IO_PENDING, 0);
    CHECK_EQ(said.status, STATUS_PENDING);
    CHECK(!said.set);
    client = open_pipe(far, name);
    said = at_await(here, 0);
    CHECK_SAID(said, 0, 0);
    CHECK_EQ(said.status, STATUS_SUCCESS);
    CHECK(said.set);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static void a_client_that_is_there_is_told_by_535_which_signals_nothing(struct place *far)
{
    struct link l;
    struct said said;

    link_open(&l, far, BYTES, QUOTA);
    said = at_connect(here, 0, l.near); /* with its event set before */
    CHECK_SAID(said, ERROR_PIPE_CONNECTED, 0);
    CHECK_EQ(said.status, STATUS_PENDING);
    CHECK(!said.set);
    (void)at_connect(here, BLOCKING | 0, l.near);
    CHECK_SAID(at_await(here, 0), ERROR_PIPE_CONNECTED, 0);
    link_close(&l);
}

static void only_a_server_connects(struct place *far)
{
    struct link l;
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);

    link_open(&l, far, BYTES, QUOTA);
    CHECK_SAID(at_connect(far, 0, l.away), ERROR_INVALID_FUNCTION, 0);
    CHECK_SAID(at_connect(here, 0, event), ERROR_INVALID_HANDLE, 0);
    link_close(&l);
    CHECK(CloseHandle(event));
}

static void a_client_that_has_gone_is_told_by_232(struct place *far)
{
    static const struct {
        const char *when;
        bool unread;
    } cases[] = {
        {"it left nothing", false},
        {"it left a byte",  true },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct link l;

        link_open(&l, far, BYTES, QUOTA);
        if (cases[i].unread)
            CHECK_SAID(at_put(far, l.away, "x", 1), 0, 1);
        link_close_away(&l);
        CHECK_SAID_WHEN(cases[i].when, at_connect(here, 0, l.near), ERROR_NO_DATA, 0);
        link_close(&l);
    }
}

static void a_listening_instance_neither_reads_nor_writes(void)
{
    HANDLE server = make_pipe(here, fresh_name(""), BYTES, QUOTA);
    struct said said[3] = {
        at_read(here, 0, server, 8),
        at_write(here, 0, server, "x", 1),
        at_write(here, 0, server, "", 0),
    };

    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        CHECK_SAID(said[i], ERROR_PIPE_LISTENING, 0);
        CHECK_EQ(said[i].status, STATUS_PENDING);
        CHECK_EQ(said[i].information, AT_LEFT);
        CHECK(!said[i].set);
    }
    CHECK_SAID(at_close(here, server), 0, 0);
}

/* ---- cancelling ---- */

static void a_cancelled_connect_leaves_the_others_waiting(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES, QUOTA), client;
    struct said said;

    CHECK_PENDS(at_connect(here, 0, server));
    CHECK_PENDS(at_connect(here, 1, server));
    CHECK_SAID(at_cancel(here, 0), 0, 0);
    said = at_await(here, 0);
    CHECK_SAID(said, ERROR_OPERATION_ABORTED, 0);
    CHECK(said.set);
    CHECK_SAID(at_look(here, 1), ERROR_IO_INCOMPLETE, AT_ANY);
    client = open_pipe(far, name);
    CHECK_SAID(at_await(here, 1), 0, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static void one_client_ends_every_connect(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES, QUOTA), client;

    for (unsigned i = 0; i < 3; i++)
        CHECK_PENDS(at_connect(here, i, server));
    client = open_pipe(far, name);
    for (unsigned i = 0; i < 3; i++)
        CHECK_SAID(at_await(here, i), 0, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static void a_cancelled_connect_leaves_the_instance_listening(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES, QUOTA), client;

    CHECK_PENDS(at_connect(here, 0, server));
    CHECK_SAID(at_cancel(here, 0), 0, 0);
    CHECK_SAID(at_await(here, 0), ERROR_OPERATION_ABORTED, 0);
    client = open_pipe(far, name);
    CHECK_SAID(at_connect(here, 0, server), ERROR_PIPE_CONNECTED, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

/* ---- blocking ---- */

static HANDLE make_synchronous(const char *name)
{
    struct at_pipe pipe = one_pipe(BYTES, QUOTA);

    pipe.open_mode = PIPE_ACCESS_DUPLEX;
    return made(at_create(here, name, pipe));
}

static void a_blocking_connect_returns_when_a_client_opens(struct place *far)
{
    const char *name = fresh_name("");
    const bool overlapped[] = {false, true};

    for (size_t i = 0; i < ARRAY_LEN(overlapped); i++) {
        HANDLE server =
            overlapped[i] ? make_pipe(here, name, BYTES, QUOTA) : make_synchronous(name);
        HANDLE client;

        CHECK_PENDS(at_connect(here, BLOCKING | 0, server));
        client = open_pipe(far, name);
        CHECK_SAID(at_await(here, 0), 0, 0);
        CHECK_SAID(at_close(far, client), 0, 0);
        CHECK_SAID(at_close(here, server), 0, 0);
    }
}

static void a_blocking_connect_can_be_cancelled_through_its_thread(void)
{
    HANDLE server = make_synchronous(fresh_name(""));

    CHECK_PENDS(at_connect(here, BLOCKING | 0, server));
    CHECK_SAID(at_cancel_call(here, 0), 0, 0);
    CHECK_SAID(at_await(here, 0), ERROR_OPERATION_ABORTED, 0);
    CHECK_SAID(at_cancel_call(here, 0), ERROR_NOT_FOUND, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static void a_blocking_connect_can_be_cancelled_through_its_file_but_not_as_ones_own(void)
{
    HANDLE server = make_synchronous(fresh_name(""));

    CHECK_PENDS(at_connect(here, BLOCKING | 0, server));
    CHECK_SAID(at_cancel_own(here, server), 0, 0);
    CHECK_SAID(at_look(here, 0), ERROR_IO_INCOMPLETE, AT_ANY);
    CHECK_SAID(at_cancel_all(here, server), 0, 0);
    CHECK_SAID(at_await(here, 0), ERROR_OPERATION_ABORTED, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

static unsigned routines;

static VOID NTAPI count_routine(ULONG_PTR arg)
{
    (void)arg;
    routines++;
}

struct connector {
    HANDLE server;
    struct sleeper sleeper;
};

static DWORD WINAPI connect_with_a_routine_queued(LPVOID arg)
{
    struct connector *connector = arg;

    CHECK(QueueUserAPC(count_routine, GetCurrentThread(), 0));
    sleeper_announce(&connector->sleeper);
    CHECK(ConnectNamedPipe(connector->server, NULL));
    CHECK_EQ(routines, 0);
    return SleepEx(0, TRUE);
}

static void a_blocking_connect_runs_no_routines(struct place *far)
{
    const char *name = fresh_name("");
    struct connector connector = {.server = make_synchronous(name)};
    HANDLE client, thread;
    DWORD code = 0;

    routines = 0;
    thread = CreateThread(NULL, 0, connect_with_a_routine_queued, &connector, 0, NULL);
    wait_until_asleep(&connector.sleeper);
    client = open_pipe(far, name);
    CHECK_EQ(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, WAIT_IO_COMPLETION);
    CHECK_EQ(routines, 1);
    CHECK(CloseHandle(thread));
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, connector.server), 0, 0);
}

/* ---- without waiting ---- */

static void without_waiting_a_connect_says_how_things_stand(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES | PIPE_NOWAIT, QUOTA), client;

    CHECK_SAID(at_connect(here, 0, server), ERROR_PIPE_LISTENING, 0);
    client = open_pipe(far, name);
    CHECK_SAID(at_connect(here, 0, server), ERROR_PIPE_CONNECTED, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_connect(here, 0, server), ERROR_NO_DATA, 0);
    CHECK_SAID(at_disconnect(here, server), 0, 0);
    CHECK_SAID(at_connect(here, 0, server), ERROR_PIPE_LISTENING, 0);
    client = open_pipe(far, name);
    CHECK_SAID(at_connect(here, 0, server), ERROR_PIPE_CONNECTED, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
}

FAR_TEST_MAIN(TWICE(a_connect_pends_until_a_client_opens),
              TWICE(a_client_that_is_there_is_told_by_535_which_signals_nothing),
              TWICE(only_a_server_connects), TWICE(a_client_that_has_gone_is_told_by_232),
              TEST(a_listening_instance_neither_reads_nor_writes),
              TWICE(a_cancelled_connect_leaves_the_others_waiting),
              TWICE(one_client_ends_every_connect),
              TWICE(a_cancelled_connect_leaves_the_instance_listening),
              TWICE(a_blocking_connect_returns_when_a_client_opens),
              TEST(a_blocking_connect_can_be_cancelled_through_its_thread),
              TEST(a_blocking_connect_can_be_cancelled_through_its_file_but_not_as_ones_own),
              TWICE(a_blocking_connect_runs_no_routines),
              TWICE(without_waiting_a_connect_says_how_things_stand))
