/* SPDX-License-Identifier: MIT */
/* Overlapped operations, with every request they make of the system refused in turn: what was
 * refused is over, and what returned 997 completes, whoever has to do without what. */
#include "faults.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* ---- one read ---- */

static void ov_clear(struct scene *s)
{
    HANDLE event = s->ov.hEvent;

    memset(&s->ov, 0, sizeof s->ov);
    s->ov.hEvent = event;
}

/* 0 when it is on its way. */
static DWORD read_issue(struct scene *s)
{
    ov_clear(s);
    s->pending = !ReadFile(s->end[0], s->buf, sizeof s->buf, NULL, &s->ov) &&
                 GetLastError() == ERROR_IO_PENDING;
    return error_unless(s->pending);
}

static DWORD feed(struct scene *s)
{
    OVERLAPPED ov = {0};
    DWORD n = 0;

    return error_unless(WriteFile(s->end[1], "data", 4, &n, &ov) && n == 4);
}

static void check_data(struct scene *s)
{
    IN_CHILD(HasOverlappedIoCompleted(&s->ov));
    IN_CHILD(s->ov.Internal == STATUS_SUCCESS && s->ov.InternalHigh == 4);
    IN_CHILD(memcmp(s->buf, "data", 4) == 0);
    s->pending = false;
}

/* What was refused has left the event alone; what was not is completed by data. */
static void read_completes(struct scene *s)
{
    if (!s->pending) {
        IN_CHILD(WaitForSingleObject(s->event, 0) == WAIT_TIMEOUT);
        return;
    }
    IN_CHILD(feed(s) == 0);
    IN_CHILD(WaitForSingleObject(s->event, SCENE_MS) == WAIT_OBJECT_0);
    check_data(s);
    IN_CHILD(ResetEvent(s->event));
}

static bool read_is_final(void *scene)
{
    return HasOverlappedIoCompleted(&((struct scene *)scene)->ov);
}

/* The engine serves it, and gets nothing either. */
static DWORD read_unattended(struct scene *s)
{
    DWORD error = read_issue(s);

    if (error != 0)
        return error;
    IN_CHILD(feed(s) == 0);
    IN_CHILD(comm_poll_until(read_is_final, s));
    check_data(s);
    return 0;
}

static void event_reset(struct scene *s)
{
    IN_CHILD(ResetEvent(s->event));
}

static const struct scenario reads[] = {
    {"ReadFile",                       scene_pair, read_issue,      read_completes, false, false},
    {"ReadFile, refused everywhere",   scene_pair, read_issue,      read_completes, false, true },
    {"ReadFile that nobody waits for", scene_pair, read_unattended, event_reset,    false, true },
};

static void a_read_completes_or_was_refused(void)
{
    CHECK(faults_run(reads, ARRAY_LEN(reads)) > 0);
}

/* ---- waiting for one that is pending ---- */

static void read_pending(struct scene *s)
{
    scene_pair(s);
    IN_CHILD(read_issue(s) == 0);
}

static void read_again(struct scene *s)
{
    IN_CHILD(ResetEvent(s->event));
    IN_CHILD(read_issue(s) == 0);
}

static DWORD wait_for_event(struct scene *s)
{
    DWORD error = feed(s);

    if (error != 0)
        return error;
    IN_CHILD(WaitForSingleObject(s->event, SCENE_MS) == WAIT_OBJECT_0);
    check_data(s);
    return 0;
}

static DWORD wait_for_result(struct scene *s)
{
    DWORD n = 0, error;

    IN_CHILD(!GetOverlappedResult(s->end[0], &s->ov, &n, FALSE) &&
             GetLastError() == ERROR_IO_INCOMPLETE);
    IN_CHILD(!GetOverlappedResultEx(s->end[0], &s->ov, &n, 1, TRUE) &&
             GetLastError() == WAIT_TIMEOUT);
    error = feed(s);
    if (error != 0)
        return error;
    IN_CHILD(GetOverlappedResult(s->end[0], &s->ov, &n, TRUE) && n == 4);
    check_data(s);
    return 0;
}

static void check_cancelled(struct scene *s)
{
    IN_CHILD(s->ov.Internal == STATUS_CANCELLED && s->ov.InternalHigh == 0);
    IN_CHILD(WaitForSingleObject(s->event, 0) == WAIT_OBJECT_0);
}

static DWORD cancel_it(struct scene *s)
{
    if (!CancelIoEx(s->end[0], &s->ov))
        return GetLastError();
    check_cancelled(s);
    return 0;
}

static DWORD cancel_mine(struct scene *s)
{
    if (!CancelIo(s->end[0]))
        return GetLastError();
    check_cancelled(s);
    return 0;
}

static DWORD close_it(struct scene *s)
{
    if (!CloseHandle(s->end[0]) || !CloseHandle(s->end[1]))
        return GetLastError();
    s->end[0] = s->end[1] = NULL;
    IN_CHILD(s->ov.Internal == STATUS_PIPE_BROKEN);
    IN_CHILD(WaitForSingleObject(s->event, 0) == WAIT_OBJECT_0);
    return 0;
}

static void pair_again(struct scene *s)
{
    int fd[2];

    IN_CHILD(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
    for (int i = 0; i < 2; i++) {
        s->end[i] = CommWrapFd(fd[i], COMM_KIND_STREAM, GENERIC_READ | GENERIC_WRITE, 0);
        IN_CHILD(s->end[i] != INVALID_HANDLE_VALUE);
    }
}

static void pair_and_read_again(struct scene *s)
{
    pair_again(s);
    read_again(s);
}

static const struct scenario pending[] = {
    {"a wait for a read",                       read_pending, wait_for_event,  read_again,          true, false},
    {"a wait for a read, refused everywhere",   read_pending, wait_for_event,  read_again,          true, true },
    {"GetOverlappedResult",                     read_pending, wait_for_result, read_again,          true, false},
    {"GetOverlappedResult, refused everywhere", read_pending, wait_for_result, read_again,          true,
     true                                                                                                      },
    {"CancelIoEx",                              read_pending, cancel_it,       read_again,          true, true },
    {"CancelIo",                                read_pending, cancel_mine,     read_again,          true, true },
    {"CloseHandle",                             read_pending, close_it,        pair_and_read_again, true, true },
};

static void what_is_pending_can_be_awaited_cancelled_and_closed_whatever_is_refused(void)
{
    (void)faults_run(pending, ARRAY_LEN(pending));
}

/* ---- routines ---- */

static struct scene *on_stage;

static void WINAPI routine(DWORD error, DWORD bytes, LPOVERLAPPED ov)
{
    IN_CHILD(error == 0 && bytes == 4 && ov == &on_stage->ov);
    on_stage->ran++;
}

static DWORD read_with_routine(struct scene *s)
{
    DWORD error;

    ov_clear(s);
    on_stage = s;
    s->ran = 0;
    error = error_unless(ReadFileEx(s->end[0], s->buf, sizeof s->buf, &s->ov, routine));
    if (error != 0)
        return error;
    IN_CHILD(feed(s) == 0);
    IN_CHILD(SleepEx(SCENE_MS, TRUE) == WAIT_IO_COMPLETION && s->ran == 1);
    return 0;
}

static DWORD write_with_routine(struct scene *s)
{
    DWORD error;

    ov_clear(s);
    on_stage = s;
    s->ran = 0;
    error = error_unless(WriteFileEx(s->end[0], "data", 4, &s->ov, routine));
    if (error == 0)
        IN_CHILD(SleepEx(SCENE_MS, TRUE) == WAIT_IO_COMPLETION && s->ran == 1);
    return error;
}

static const struct scenario routines[] = {
    {"ReadFileEx",                     scene_pair, read_with_routine,  NULL, false, false},
    {"ReadFileEx, refused everywhere", scene_pair, read_with_routine,  NULL, false, true },
    {"WriteFileEx",                    scene_pair, write_with_routine, NULL, false, false},
};

static void a_routine_runs_or_the_call_was_refused(void)
{
    CHECK(faults_run(routines, ARRAY_LEN(routines)) > 0);
}

/* ---- packets ---- */

static bool packet_comes(struct scene *s, ULONG_PTR key, OVERLAPPED *expected)
{
    OVERLAPPED *ov = NULL;
    ULONG_PTR got_key = 0;
    DWORD n = 0;

    return GetQueuedCompletionStatus(s->port, &n, &got_key, &ov, SCENE_MS) && got_key == key &&
           ov == expected && n == 4;
}

static bool port_is_empty(struct scene *s)
{
    OVERLAPPED_ENTRY entry;
    ULONG count;

    return !GetQueuedCompletionStatusEx(s->port, &entry, 1, &count, 0, FALSE) &&
           GetLastError() == WAIT_TIMEOUT;
}

static DWORD read_through_port(struct scene *s)
{
    DWORD error = read_issue(s);

    if (error != 0)
        return error;
    IN_CHILD(feed(s) == 0);
    IN_CHILD(packet_comes(s, 1, &s->ov));
    check_data(s);
    return 0;
}

static DWORD post(struct scene *s)
{
    DWORD error = error_unless(PostQueuedCompletionStatus(s->port, 4, 7, NULL));

    IN_CHILD(error == 0 ? packet_comes(s, 7, NULL) : port_is_empty(s));
    return error;
}

static DWORD port_for_file(struct scene *s)
{
    return error_of(s->made = CreateIoCompletionPort(s->end[0], NULL, 1, 0));
}

static void empty_port(struct scene *s)
{
    scene_pair(s);
    s->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    IN_CHILD(s->port != NULL);
}

static DWORD join_port(struct scene *s)
{
    bool joined = CreateIoCompletionPort(s->end[0], s->port, 1, 0) == s->port;

    s->ran = joined;
    return error_unless(joined);
}

/* A file joins once: the next call needs another, unless this one was refused. */
static void another_file(struct scene *s)
{
    if (s->made == NULL && s->ran == 0)
        return;
    IN_CHILD(CloseHandle(s->end[0]) && CloseHandle(s->end[1]));
    pair_again(s);
    s->ran = 0;
}

/* The port's descriptor goes with its last file: with it, so that the count is the same. */
static void another_file_and_port(struct scene *s)
{
    if (s->ran != 0) {
        IN_CHILD(CloseHandle(s->port));
        s->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    }
    another_file(s);
}

static const struct scenario ports[] = {
    {"a read reported to a port",                     scene_port, read_through_port, NULL,                  false, false},
    {"a read reported to a port, refused everywhere", scene_port, read_through_port, NULL,                  false,
     true                                                                                                               },
    {"PostQueuedCompletionStatus",                    empty_port, post,              NULL,                  false, false},
    {"CreateIoCompletionPort for a file",             scene_pair, port_for_file,     another_file,          false, false},
    {"CreateIoCompletionPort for a file and a port",  empty_port, join_port,         another_file_and_port,
     false,                                                                                                        false},
};

static void a_packet_comes_or_the_call_was_refused(void)
{
    CHECK(faults_run(ports, ARRAY_LEN(ports)) > 0);
}

/* ---- blocking calls ---- */

static void blocking_pair(struct scene *s)
{
    int fd[2];

    scene_objects(s);
    IN_CHILD(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
    for (int i = 0; i < 2; i++)
        s->end[i] = CommWrapFd(fd[i], COMM_KIND_STREAM, GENERIC_READ | GENERIC_WRITE,
                               i == 0 ? COMM_WRAP_SYNC : 0);
}

static _Atomic bool call_is_over;

static void *feed_when_blocked(void *scene)
{
    struct scene *s = scene;
    char text[160] = "";

    while (!atomic_load(&call_is_over) && strstr(text, "pending 1 read") == NULL)
        CommDescribeHandle(s->end[0], text, sizeof text);
    if (!atomic_load(&call_is_over))
        IN_CHILD(feed(s) == 0);
    return NULL;
}

static DWORD read_blocking(struct scene *s)
{
    pthread_t feeder;
    DWORD n = 0, error;

    atomic_store(&call_is_over, false);
    feeder = comm_spawn(feed_when_blocked, s);
    error = error_unless(ReadFile(s->end[0], s->buf, sizeof s->buf, &n, NULL));
    atomic_store(&call_is_over, true);
    comm_join(feeder);
    IN_CHILD(n == (error == 0 ? 4 : 0));
    return error;
}

static DWORD write_blocking(struct scene *s)
{
    DWORD n = 0, error = error_unless(WriteFile(s->end[0], "data", 4, &n, NULL));

    IN_CHILD(n == (error == 0 ? 4 : 0));
    return error;
}

static const struct scenario blocking[] = {
    {"ReadFile that blocks",  blocking_pair, read_blocking,  NULL, false, false},
    {"WriteFile that blocks", blocking_pair, write_blocking, NULL, false, false},
};

static void a_blocking_call_returns_its_data_or_was_refused(void)
{
    CHECK(faults_run(blocking, ARRAY_LEN(blocking)) > 0);
}

/* ---- pages ---- */

static DWORD read_pages(struct scene *s)
{
    void *page = NULL;
    FILE_SEGMENT_ELEMENT segments[2] = {{.Buffer = NULL}, {.Buffer = NULL}};
    DWORD error;

    IN_CHILD(posix_memalign(&page, 4096, 4096) == 0);
    segments[0].Buffer = page;
    ov_clear(s);
    error = error_unless(ReadFileScatter(s->end[0], segments, 4096, NULL, &s->ov));
    if (error == ERROR_INVALID_PARAMETER)
        error = error_unless(WriteFileGather(s->end[0], segments, 4096, NULL, &s->ov));
    free(page);
    return error == ERROR_INVALID_PARAMETER ? 0 : error; /* a stream has no pages */
}

static const struct scenario pages[] = {
    {"ReadFileScatter and WriteFileGather", scene_pair, read_pages, NULL, false, false},
};

static void pages_are_given_back(void)
{
    CHECK(faults_run(pages, ARRAY_LEN(pages)) > 0);
}

COMM_TEST_MAIN(TEST(a_read_completes_or_was_refused),
               TEST(what_is_pending_can_be_awaited_cancelled_and_closed_whatever_is_refused),
               TEST(a_routine_runs_or_the_call_was_refused),
               TEST(a_packet_comes_or_the_call_was_refused),
               TEST(a_blocking_call_returns_its_data_or_was_refused), TEST(pages_are_given_back))
