/* SPDX-License-Identifier: MIT */
/* A pipe and a completion port: what is done at once is reported like what pended, what fails at
 * once never.  A completion routine runs in an alertable wait of its thread and nowhere else. */
#include "connected.h"

enum { QUOTA = 512, KEY = 77 };

static HANDLE port_of(HANDLE end)
{
    HANDLE port = CreateIoCompletionPort(end, NULL, KEY, 0);

    CHECK(port != NULL);
    return port;
}

static void packet_is(HANDLE port, const OVERLAPPED *ov, DWORD error, DWORD bytes)
{
    ULONG_PTR key = 0;
    OVERLAPPED *got = NULL;
    DWORD count = AT_LEFT;

    SetLastError(0);
    CHECK_EQ(GetQueuedCompletionStatus(port, &count, &key, &got, PATIENCE_MS), error == 0);
    CHECK_EQ(GetLastError(), error);
    CHECK(got == ov);
    CHECK_EQ(key, KEY);
    CHECK_EQ(count, bytes);
}

static void no_packet(HANDLE port)
{
    ULONG_PTR key;
    OVERLAPPED *got = NULL;
    DWORD count;

    SetLastError(0);
    CHECK_EQ(GetQueuedCompletionStatus(port, &count, &key, &got, 0), FALSE);
    CHECK_EQ(GetLastError(), WAIT_TIMEOUT);
    CHECK(got == NULL);
}

/* A call that answers this and, unless it is 0 or 997, reports nothing. */
static void reads(HANDLE end, OVERLAPPED *ov, void *buf, DWORD len, DWORD error)
{
    SetLastError(0);
    CHECK_EQ(ReadFile(end, buf, len, NULL, ov), error == 0);
    CHECK_EQ(GetLastError(), error);
}

static void writes(HANDLE end, OVERLAPPED *ov, const void *buf, DWORD len, DWORD error)
{
    SetLastError(0);
    CHECK_EQ(WriteFile(end, buf, len, NULL, ov), error == 0);
    CHECK_EQ(GetLastError(), error);
}

static void a_write_done_at_once_posts_its_packet_unless_told_not_to(struct place *far)
{
    struct link l;
    OVERLAPPED ov = {.hEvent = NULL};
    HANDLE port;

    link_open(&l, far, BYTES, QUOTA);
    port = port_of(l.near);
    writes(l.near, &ov, "abc", 3, 0);
    packet_is(port, &ov, 0, 3);
    CHECK(SetFileCompletionNotificationModes(l.near, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    writes(l.near, &ov, "abc", 3, 0);
    no_packet(port);
    CHECK_SAID(at_get(far, l.away, 8), 0, 6);
    link_close(&l);
    CHECK(CloseHandle(port));
}

static void a_part_of_a_message_posts_a_packet_with_234(struct place *far)
{
    struct link l;
    OVERLAPPED ov = {.hEvent = NULL};
    HANDLE port;
    char buf[8];

    link_open(&l, far, MESSAGES, QUOTA);
    port = port_of(l.near);
    CHECK_SAID(at_put(far, l.away, "abcdef", 6), 0, 6);
    reads(l.near, &ov, buf, 2, ERROR_MORE_DATA);
    packet_is(port, &ov, ERROR_MORE_DATA, 2);
    reads(l.near, &ov, buf, 4, 0);
    packet_is(port, &ov, 0, 4);
    reads(l.near, &ov, buf, 2, ERROR_IO_PENDING);
    CHECK_SAID(at_put(far, l.away, "abcdef", 6), 0, 6);
    packet_is(port, &ov, ERROR_MORE_DATA, 2);
    CHECK(SetFileCompletionNotificationModes(l.near, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    reads(l.near, &ov, buf, 1, ERROR_MORE_DATA);
    no_packet(port);
    link_close(&l);
    CHECK(CloseHandle(port));
}

static void what_fails_at_once_posts_nothing(struct place *far)
{
    struct link l;
    OVERLAPPED ov = {.hEvent = NULL};
    HANDLE port;
    char buf[8];

    link_open(&l, far, BYTES, QUOTA);
    port = port_of(l.near);
    link_close_away(&l);
    reads(l.near, &ov, buf, 8, ERROR_BROKEN_PIPE);
    writes(l.near, &ov, buf, 8, ERROR_NO_DATA);
    no_packet(port);
    link_close(&l);
    CHECK(CloseHandle(port));
}

static void a_peer_that_closes_posts_109_for_what_pends(struct place *far)
{
    struct link l;
    OVERLAPPED read = {.hEvent = NULL}, write = {.hEvent = NULL};
    HANDLE port;
    char buf[8], flood[QUOTA + 1] = {0};

    link_open(&l, far, BYTES, QUOTA);
    port = port_of(l.near);
    reads(l.near, &read, buf, 8, ERROR_IO_PENDING);
    writes(l.near, &write, flood, sizeof flood, ERROR_IO_PENDING);
    link_close_away(&l);
    for (int i = 0; i < 2; i++) {
        ULONG_PTR key;
        OVERLAPPED *got = NULL;
        DWORD count = AT_LEFT;

        CHECK_EQ(GetQueuedCompletionStatus(port, &count, &key, &got, PATIENCE_MS), FALSE);
        CHECK_EQ(GetLastError(), ERROR_BROKEN_PIPE);
        CHECK(got == &read || got == &write);
        CHECK_EQ(count, 0);
    }
    no_packet(port);
    link_close(&l);
    CHECK(CloseHandle(port));
}

static void the_low_bit_of_the_event_keeps_the_packet_away(struct place *far)
{
    struct link l;
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), port;
    OVERLAPPED ov = {.hEvent = (HANDLE)((ULONG_PTR)event | 1)};
    char buf[8];

    link_open(&l, far, BYTES, QUOTA);
    port = port_of(l.near);
    writes(l.near, &ov, "x", 1, 0);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    reads(l.near, &ov, buf, 8, ERROR_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CHECK_SAID(at_put(far, l.away, "y", 1), 0, 1);
    CHECK_EQ(WaitForSingleObject(event, PATIENCE_MS), WAIT_OBJECT_0);
    no_packet(port);
    link_close(&l);
    CHECK(CloseHandle(port));
    CHECK(CloseHandle(event));
}

static void a_connect_that_finds_a_client_posts_nothing(struct place *far)
{
    struct link l;
    HANDLE port;
    OVERLAPPED ov = {.Internal = 0};

    link_open(&l, far, BYTES, QUOTA);
    port = port_of(l.near);
    ov.hEvent = CreateEventA(NULL, TRUE, TRUE, NULL);
    SetLastError(0);
    CHECK_EQ(ConnectNamedPipe(l.near, &ov), FALSE);
    CHECK_EQ(GetLastError(), ERROR_PIPE_CONNECTED);
    CHECK_EQ(ov.Internal, STATUS_PENDING);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, 0), WAIT_TIMEOUT);
    no_packet(port);
    link_close(&l);
    CHECK(CloseHandle(ov.hEvent));
    CHECK(CloseHandle(port));
}

static void a_connect_that_pended_posts_its_packet(struct place *far)
{
    const char *name = fresh_name("");
    HANDLE server = make_pipe(here, name, BYTES, QUOTA), port = port_of(server), client;
    OVERLAPPED ov = {.hEvent = NULL};

    SetLastError(0);
    CHECK_EQ(ConnectNamedPipe(server, &ov), FALSE);
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    no_packet(port);
    client = open_pipe(far, name);
    packet_is(port, &ov, 0, 0);
    CHECK_SAID(at_close(far, client), 0, 0);
    CHECK_SAID(at_close(here, server), 0, 0);
    CHECK(CloseHandle(port));
}

/* ---- routines ---- */

static struct {
    unsigned calls;
    DWORD error, count;
} routine;

static VOID WINAPI note_the_call(DWORD error, DWORD count, LPOVERLAPPED ov)
{
    (void)ov;
    routine.calls++;
    routine.error = error;
    routine.count = count;
}

static void a_routine_runs_in_an_alertable_wait_only(struct place *far)
{
    struct link l;
    OVERLAPPED ov = {.hEvent = NULL};
    char buf[8];

    routine.calls = 0;
    link_open(&l, far, BYTES, QUOTA);
    CHECK(ReadFileEx(l.near, buf, sizeof buf, &ov, note_the_call));
    CHECK_SAID(at_put(far, l.away, "abc", 3), 0, 3);
    CHECK(WaitForSingleObject(l.near, 0) != WAIT_FAILED);
    CHECK_EQ(SleepEx(0, FALSE), 0);
    CHECK_EQ(routine.calls, 0);
    CHECK_EQ(SleepEx(PATIENCE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine.calls, 1);
    CHECK_EQ(routine.error, 0);
    CHECK_EQ(routine.count, 3);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    link_close(&l);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK_EQ(routine.calls, 1);
}

static void a_part_of_a_message_gives_its_routine_234(struct place *far)
{
    struct link l;
    OVERLAPPED ov = {.hEvent = NULL};
    char buf[8];

    routine.calls = 0;
    link_open(&l, far, MESSAGES, QUOTA);
    CHECK_SAID(at_put(far, l.away, "abcdef", 6), 0, 6);
    SetLastError(0);
    CHECK_EQ(ReadFileEx(l.near, buf, 2, &ov, note_the_call), TRUE);
    CHECK_EQ(GetLastError(), ERROR_MORE_DATA);
    CHECK_EQ(routine.calls, 0);
    CHECK_EQ(SleepEx(PATIENCE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine.calls, 1);
    CHECK_EQ(routine.error, ERROR_MORE_DATA);
    CHECK_EQ(routine.count, 2);
    link_close(&l);
}

FAR_TEST_MAIN(FOUR_WAYS(a_write_done_at_once_posts_its_packet_unless_told_not_to),
              FOUR_WAYS(a_part_of_a_message_posts_a_packet_with_234),
              FOUR_WAYS(what_fails_at_once_posts_nothing),
              FOUR_WAYS(a_peer_that_closes_posts_109_for_what_pends),
              FOUR_WAYS(the_low_bit_of_the_event_keeps_the_packet_away),
              TWICE(a_connect_that_finds_a_client_posts_nothing),
              TWICE(a_connect_that_pended_posts_its_packet),
              FOUR_WAYS(a_routine_runs_in_an_alertable_wait_only),
              FOUR_WAYS(a_part_of_a_message_gives_its_routine_234))
