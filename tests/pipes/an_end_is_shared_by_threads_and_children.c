/* SPDX-License-Identifier: MIT */
/* What is unread is in the pipe, not in the thread or process that was reading: whoever shares the
 * end reads on.  A process that dies, or stands still, takes nobody else with it. */
#include "connected.h"

#include "child.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void threads_read_the_parts_of_one_message(struct place *far)
{
    static const struct {
        DWORD len, error, count;
        const char *bytes;
    } parts[] = {
        {4,  ERROR_MORE_DATA, 4, "abcd"},
        {4,  ERROR_MORE_DATA, 4, "efgh"},
        {24, 0,               2, "ij"  },
    };
    struct link l;

    link_open(&l, far, MESSAGES, 512);
    CHECK_SAID(at_put(far, l.away, "abcdefghij", 10), 0, 10);
    for (unsigned i = 0; i < ARRAY_LEN(parts); i++) {
        struct said said;

        (void)at_read(here, BLOCKING | i, l.near, parts[i].len);
        said = at_await(here, i);
        CHECK_SAID(said, parts[i].error, parts[i].count);
        CHECK_DATA(said, parts[i].bytes, parts[i].count);
    }
    link_close(&l);
}

/* ---- children ---- */

static int child_reads_the_middle(void *arg)
{
    HANDLE end = *(HANDLE *)arg;
    char part[4];
    DWORD count = 0, left = 0;

    NEED(PeekNamedPipe(end, NULL, 0, NULL, NULL, &left) && left == 6);
    NEED(!ReadFile(end, part, sizeof part, &count, NULL) && GetLastError() == ERROR_MORE_DATA);
    NEED(count == 4 && memcmp(part, "efgh", 4) == 0);
    return 0;
}

static void a_child_reads_on_where_its_parent_stopped(struct place *far)
{
    struct link l;
    struct child child;
    struct said said;

    link_open(&l, far, MESSAGES, 512);
    CHECK_SAID(at_put(far, l.away, "abcdefghij", 10), 0, 10);
    CHECK_SAID(at_get(here, l.near, 4), ERROR_MORE_DATA, 4);
    child = child_start(child_reads_the_middle, &l.near);
    CHECK_EQ(child_line(&child), 0);
    said = at_get(here, l.near, 24);
    CHECK_SAID(said, 0, 2);
    CHECK_DATA(said, "ij", 2);
    link_close(&l);
}

/* ---- a child that is killed ---- */

struct writer {
    HANDLE end;
    DWORD len;
    int said; /* written to once the write is pending */
};

static int child_writes_over_the_quota(void *arg)
{
    struct writer *writer = arg;
    OVERLAPPED ov = {.hEvent = NULL};
    char *bytes = calloc(1, writer->len);

    NEED(bytes != NULL);
    NEED(!WriteFile(writer->end, bytes, writer->len, NULL, &ov));
    NEED(GetLastError() == ERROR_IO_PENDING);
    NEED(write(writer->said, "!", 1) == 1);
    for (;;)
        pause();
}

static const struct {
    const char *when;
    DWORD mode, len;
} dying[] = {
    {"a little over the quota",    BYTES,    600    },
    {"more than the kernel holds", BYTES,    4 << 20},
    {"a message",                  MESSAGES, 600    },
};

static DWORD read_what_is_there(HANDLE end)
{
    DWORD total = 0;

    while (at_peek(here, end, 0).word[1] > 0) {
        DWORD count;

        (void)at_read(here, 0, end, 1 << 20);
        count = at_await(here, 0).count;
        if (!CHECK(count > 0))
            break;
        total += count;
    }
    return total;
}

static void what_a_killed_child_left_is_read_and_the_pipe_goes_on(void)
{
    for (size_t i = 0; i < ARRAY_LEN(dying); i++) {
        struct link l;
        struct writer writer = {.len = dying[i].len};
        struct child child;
        int said[2];
        char mark;

        link_open(&l, here, dying[i].mode, 512);
        CHECK_EQ(pipe2(said, O_CLOEXEC), 0);
        writer.end = l.away;
        writer.said = said[1];
        child = child_start(child_writes_over_the_quota, &writer);
        CHECK_EQ_WHEN(dying[i].when, read(said[0], &mark, 1), 1);
        CHECK_EQ_WHEN(dying[i].when, at_get(here, l.near, 10).count, 10);
        kill(child.pid, SIGKILL);
        CHECK_EQ(child_line(&child), -1);
        CHECK_EQ_WHEN(dying[i].when, read_what_is_there(l.near) <= dying[i].len - 10, true);
        CHECK_PENDS_WHEN(dying[i].when, at_read(here, 0, l.near, 8));
        CHECK_SAID_WHEN(dying[i].when, at_put(here, l.away, "later", 5), 0, 5);
        CHECK_SAID_WHEN(dying[i].when, at_await(here, 0), 0, 5);
        link_close(&l);
        close(said[0]);
        close(said[1]);
    }
}

/* ---- a child that stands still ---- */

/* As often as it can, everything that needs to agree with the other process about the end. */
static int child_is_always_at_it(void *arg)
{
    HANDLE end = *(HANDLE *)arg;
    pid_t parent = getppid();

    while (getppid() == parent) {
        OVERLAPPED ov = {.hEvent = NULL};
        char byte;

        (void)PeekNamedPipe(end, NULL, 0, NULL, NULL, NULL);
        if (!ReadFile(end, &byte, 1, NULL, &ov) && GetLastError() == ERROR_IO_PENDING) {
            DWORD count;

            (void)CancelIoEx(end, &ov);
            (void)GetOverlappedResult(end, &ov, &count, TRUE);
        }
    }
    return 0;
}

static void stop(pid_t pid)
{
    int status = 0;

    kill(pid, SIGSTOP);
    CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
}

/* The child is stopped wherever it happens to be; no overlapped call here may wait for it. */
static void a_child_that_stands_still_blocks_nobody(void)
{
    enum { ROUNDS = 100 };
    struct link l;
    struct child child;

    link_open(&l, here, MESSAGES, 4096);
    child = child_start(child_is_always_at_it, &l.away);
    for (int i = 0; i < ROUNDS; i++) {
        unsigned long start;

        CHECK_SAID(at_put(here, l.near, "abc", 3), 0, 3); /* the child is reading it in parts */
        stop(child.pid);
        start = now_ms();
        (void)at_peek(here, l.away, 8);
        (void)at_read(here, 0, l.away, 8);
        (void)at_write(here, 1, l.away, "x", 1);
        (void)at_cancel_all(here, l.away);
        CHECK(now_ms() - start < SOON_MS);
        kill(child.pid, SIGCONT);
        (void)at_await(here, 0);
        if (at_await(here, 1).ok)
            CHECK_SAID(at_get(here, l.near, 8), 0, 1);
    }
    kill(child.pid, SIGKILL);
    CHECK_EQ(child_line(&child), -1);
    link_close(&l);
}

FAR_TEST_MAIN(FOUR_WAYS(threads_read_the_parts_of_one_message),
              FOUR_WAYS(a_child_reads_on_where_its_parent_stopped),
              TEST(what_a_killed_child_left_is_read_and_the_pipe_goes_on),
              TEST(a_child_that_stands_still_blocks_nobody))
