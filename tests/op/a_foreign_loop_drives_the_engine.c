/* SPDX-License-Identifier: MIT */
/* Programs with a poll loop of their own: one descriptor stands for every pending operation and
 * timer, and an event can lend one too.  Exporting the engine is for good, so it happens in
 * children.
 */
#include "child.h"
#include "libcomm/plat/testing.h"
#include "pair.h"

#include <dirent.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static bool readable(int fd, int timeout_ms)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, timeout_ms) == 1 && (p.revents & POLLIN) != 0;
}

static size_t threads(void)
{
    DIR *dir = opendir("/proc/self/task");
    size_t count = 0;

    for (struct dirent *e; (e = readdir(dir)) != NULL;)
        count += e->d_name[0] != '.';
    closedir(dir);
    return count;
}

static bool are_as_many(void *count)
{
    return threads() == *(size_t *)count;
}

/* The foreign loop, until it is done or nothing comes any more. */
static bool loop_until(int engine, bool (*done)(void *arg), void *arg)
{
    while (!done(arg)) {
        if (!readable(engine, (int)PATIENCE_MS))
            return false;
        CommEngineDispatch();
    }
    return true;
}

static bool object_is_set(void *object)
{
    return is_set(object);
}

struct line {
    HANDLE file;
    int far;
    struct request request;
};

static bool line_open(struct line *line)
{
    int fd[2];

    *line = (struct line){.file = NULL};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
        return false;
    line->file = CommWrapFd(fd[0], COMM_KIND_DEFAULT, GENERIC_READ | GENERIC_WRITE, 0);
    line->far = fd[1];
    return line->file != INVALID_HANDLE_VALUE;
}

static bool line_asks(struct line *line)
{
    return !ReadFile(line->file, line->request.buf, 1, NULL, &line->request.ov) &&
           GetLastError() == ERROR_IO_PENDING;
}

static int loop_completes_reads(void *unused)
{
    struct line early, late;
    size_t before = threads();
    int engine;

    (void)unused;
    NEED(line_open(&early) && line_open(&late));
    NEED(line_asks(&early)); /* before the engine is exported */
    engine = CommEngineFd();
    NEED(engine >= 0 && CommEngineFd() == engine);
    NEED(comm_poll_until(are_as_many, &before)); /* the library's own thread leaves */
    NEED(line_asks(&late));
    NEED(write(early.far, "e", 1) == 1);
    NEED(loop_until(engine, request_is_final, &early.request));
    NEED(request_status(&late.request) == STATUS_PENDING);
    NEED(write(late.far, "l", 1) == 1);
    NEED(loop_until(engine, request_is_final, &late.request));
    NEED(early.request.buf[0] == 'e' && late.request.buf[0] == 'l');
    for (int i = 0; i < 100; i++) {
        NEED(line_asks(&late));
        NEED(write(late.far, "x", 1) == 1);
        NEED(loop_until(engine, request_is_final, &late.request));
    }
    NEED(threads() == before);
    return 0;
}

static void the_loop_completes_reads_and_the_library_has_no_thread(void)
{
    struct child child;

    ci_testing_quiesce();
    child = child_start(loop_completes_reads, NULL);
    CHECK_EQ(child_line(&child), 0);
}

static int loop_runs_timers(void *unused)
{
    HANDLE timer = CreateWaitableTimer(NULL, TRUE, NULL);
    HANDLE later = CreateWaitableTimer(NULL, TRUE, NULL);
    LARGE_INTEGER due = {.QuadPart = -20 * 10000}, far = {.QuadPart = -3600LL * 10000000};
    int engine;

    (void)unused;
    NEED(timer != NULL && later != NULL);
    NEED(SetWaitableTimer(later, &far, 0, NULL, NULL, FALSE)); /* before the export */
    engine = CommEngineFd();
    NEED(engine >= 0);
    NEED(SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE));
    NEED(!is_set(timer));
    NEED(loop_until(engine, object_is_set, timer));
    NEED(SetWaitableTimer(later, &due, 0, NULL, NULL, FALSE)); /* earlier than it was */
    NEED(loop_until(engine, object_is_set, later));
    return 0;
}

static void the_loop_runs_timers(void)
{
    struct child child;

    ci_testing_quiesce();
    child = child_start(loop_runs_timers, NULL);
    CHECK_EQ(child_line(&child), 0);
}

static int waits_go_on(void *unused)
{
    struct line line;
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    DWORD n = 0;

    (void)unused;
    NEED(CommEngineFd() >= 0);
    CommEngineDispatch(); /* nothing to do: returns */
    NEED(line_open(&line));
    line.request.ov.hEvent = event;
    NEED(line_asks(&line));
    NEED(write(line.far, "w", 1) == 1);
    NEED(WaitForSingleObject(event, PATIENCE_MS) == WAIT_OBJECT_0);
    NEED(GetOverlappedResult(line.file, &line.request.ov, &n, TRUE) && n == 1);
    return 0;
}

static void a_wait_of_the_library_still_makes_progress_by_itself(void)
{
    struct child child;

    ci_testing_quiesce();
    child = child_start(waits_go_on, NULL);
    CHECK_EQ(child_line(&child), 0);
}

static int loop_fills_a_port(void *unused)
{
    struct line line;
    HANDLE port;
    ULONG_PTR key = 0;
    OVERLAPPED *ov = NULL;
    DWORD n = 0;
    int engine = CommEngineFd();

    (void)unused;
    NEED(engine >= 0 && line_open(&line));
    port = CreateIoCompletionPort(line.file, NULL, 6, 0);
    NEED(port != NULL);
    for (int i = 0; i < 20; i++) {
        NEED(line_asks(&line));
        NEED(write(line.far, "q", 1) == 1);
        NEED(loop_until(engine, request_is_final, &line.request));
        NEED(GetQueuedCompletionStatus(port, &n, &key, &ov, 0));
        NEED(ov == &line.request.ov && key == 6 && n == 1);
    }
    NEED(line_asks(&line));
    NEED(write(line.far, "q", 1) == 1);
    NEED(GetQueuedCompletionStatus(port, &n, &key, &ov, PATIENCE_MS)); /* without the loop */
    return 0;
}

static void the_loop_completes_reads_on_a_port(void)
{
    struct child child;

    ci_testing_quiesce();
    child = child_start(loop_fills_a_port, NULL);
    CHECK_EQ(child_line(&child), 0);
}

/* No engine is exported here: the library's own thread completes the read and sets the event. */
static void an_exported_event_polls_readable_when_the_request_completes(void)
{
    struct pair p;
    struct request r;
    int fd;

    pair_open(&p, 0);
    request_open(&r, true);
    fd = CommGetEventPollFd(r.ov.hEvent);
    CHECK(fd >= 0);
    for (int i = 0; i < 10; i++) {
        CHECK(request_pends(&r, p.near, 1));
        CHECK(!readable(fd, 0)); /* the new request reset the event */
        pair_send(&p, "x", 1);
        CHECK(readable(fd, (int)PATIENCE_MS));
        request_ends("polled", &r, STATUS_SUCCESS, 1);
    }
    pair_close(&p);
    request_close(&r);
}

static void who_got_an_auto_reset_event_is_decided_by_a_wait_without_time(void)
{
    struct pair p;
    struct request r;
    int fd;

    pair_open(&p, 0);
    request_open(&r, false);
    r.ov.hEvent = CreateEvent(NULL, FALSE, FALSE, NULL);
    fd = CommGetEventPollFd(r.ov.hEvent);
    CHECK(request_pends(&r, p.near, 1));
    pair_send(&p, "x", 1);
    CHECK(readable(fd, (int)PATIENCE_MS));
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, 0), WAIT_OBJECT_0);
    CHECK(!readable(fd, 0));
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, 0), WAIT_TIMEOUT);
    pair_close(&p);
    request_close(&r);
}

static void something_that_is_no_event_lends_no_descriptor(void)
{
    struct pair p;

    pair_open(&p, 0);
    SetLastError(0);
    CHECK_EQ(CommGetEventPollFd(p.near), -1);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    pair_close(&p);
}

COMM_TEST_MAIN(TEST(the_loop_completes_reads_and_the_library_has_no_thread),
               TEST(the_loop_runs_timers),
               TEST(a_wait_of_the_library_still_makes_progress_by_itself),
               TEST(the_loop_completes_reads_on_a_port),
               TEST(an_exported_event_polls_readable_when_the_request_completes),
               TEST(who_got_an_auto_reset_event_is_decided_by_a_wait_without_time),
               TEST(something_that_is_no_event_lends_no_descriptor))
