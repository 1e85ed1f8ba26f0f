/* SPDX-License-Identifier: MIT */
/* After fork the parent's operations stay the parent's: the child's engine serves only what the
 * child itself asks for, with the handles it inherited or with new ones. */
#include "child.h"
#include "pair.h"

#include <sys/socket.h>
#include <unistd.h>

/* What parent and child agree on. */
struct scene {
    struct pair pair; /* the parent's read is pending on it */
    struct request request;
    HANDLE port;
    int to_child[2], to_parent[2];
};

static void scene_open(struct scene *s)
{
    pair_open(&s->pair, 0);
    request_open(&s->request, true);
    s->port = CreateIoCompletionPort(s->pair.near, NULL, 3, 0);
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->to_child), 0);
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, s->to_parent), 0);
}

static void scene_close(struct scene *s)
{
    pair_close(&s->pair);
    request_close(&s->request);
    CHECK(CloseHandle(s->port));
    for (int i = 0; i < 2; i++) {
        close(s->to_child[i]);
        close(s->to_parent[i]);
    }
}

static bool tell(int fd)
{
    return write(fd, "!", 1) == 1;
}

static bool hear(int fd)
{
    char byte;

    return read(fd, &byte, 1) == 1;
}

/* A read of the child's own that nobody waits for: its engine is at work. */
static int child_completes_its_own(void)
{
    struct request r = {.ov = {.hEvent = NULL}};
    int fd[2];
    HANDLE file;

    NEED(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0);
    file = CommWrapFd(fd[0], COMM_KIND_DEFAULT, GENERIC_READ, 0);
    NEED(file != INVALID_HANDLE_VALUE);
    NEED(!ReadFile(file, r.buf, 1, NULL, &r.ov) && GetLastError() == ERROR_IO_PENDING);
    NEED(write(fd[1], "c", 1) == 1);
    NEED(comm_poll_until(request_is_final, &r));
    NEED(r.buf[0] == 'c');
    NEED(CloseHandle(file));
    close(fd[1]);
    return 0;
}

static int child_leaves_the_parents_read_alone(void *arg)
{
    struct scene *s = arg;
    int line = child_completes_its_own();

    NEED(line == 0);
    NEED(tell(s->to_parent[1]));
    NEED(hear(s->to_child[0])); /* the parent's read is complete there */
    line = child_completes_its_own();
    NEED(line == 0);
    NEED(request_status(&s->request) == STATUS_PENDING);
    NEED(WaitForSingleObject(s->request.ov.hEvent, 0) == WAIT_TIMEOUT);
    return 0;
}

static void the_parents_completion_stays_the_parents(void)
{
    struct scene s;
    struct child child;
    ULONG_PTR key = 0;
    OVERLAPPED *ov = NULL;
    DWORD n = 0;

    scene_open(&s);
    CHECK(request_pends(&s.request, s.pair.near, 1));
    child = child_start(child_leaves_the_parents_read_alone, &s);
    CHECK(hear(s.to_parent[0]));
    pair_send(&s.pair, "p", 1);
    CHECK_EQ(WaitForSingleObject(s.request.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("in the parent", &s.request, STATUS_SUCCESS, 1);
    CHECK_EQ(s.request.buf[0], 'p');
    CHECK_EQ(GetQueuedCompletionStatus(s.port, &n, &key, &ov, PATIENCE_MS), TRUE);
    CHECK(tell(s.to_child[1]));
    CHECK_EQ(child_line(&child), 0);
    scene_close(&s);
}

static int child_closes_the_file(void *arg)
{
    struct scene *s = arg;

    NEED(CloseHandle(s->pair.near));
    NEED(request_status(&s->request) == STATUS_PENDING); /* it was never the child's */
    return 0;
}

static void a_child_that_closes_the_file_ends_nothing_for_the_parent(void)
{
    struct scene s;
    struct child child;

    scene_open(&s);
    CHECK(request_pends(&s.request, s.pair.near, 1));
    child = child_start(child_closes_the_file, &s);
    CHECK_EQ(child_line(&child), 0);
    CHECK_EQ(request_status(&s.request), STATUS_PENDING);
    pair_send(&s.pair, "p", 1);
    request_finishes(&s.request);
    request_ends("in the parent", &s.request, STATUS_SUCCESS, 1);
    scene_close(&s);
}

static int child_uses_what_it_inherited(void *arg)
{
    struct scene *s = arg;
    struct request r = {.ov = {.hEvent = NULL}};
    ULONG_PTR key = 0;
    OVERLAPPED *ov = NULL;
    DWORD n = 0;

    NEED(!ReadFile(s->pair.near, r.buf, 1, NULL, &r.ov) && GetLastError() == ERROR_IO_PENDING);
    NEED(write(s->pair.far, "i", 1) == 1);
    NEED(GetQueuedCompletionStatus(s->port, &n, &key, &ov, PATIENCE_MS));
    NEED(ov == &r.ov && key == 3 && n == 1 && r.buf[0] == 'i');
    NEED(!ReadFile(s->pair.near, r.buf, 1, NULL, &r.ov) && GetLastError() == ERROR_IO_PENDING);
    NEED(write(s->pair.far, "j", 1) == 1);
    NEED(comm_poll_until(request_is_final, &r)); /* by the child's engine */
    NEED(GetQueuedCompletionStatus(s->port, &n, &key, &ov, PATIENCE_MS) && r.buf[0] == 'j');
    return child_completes_its_own();
}

static void a_child_can_use_the_file_and_the_port_it_inherited(void)
{
    struct scene s;
    struct child child;

    scene_open(&s);
    child = child_start(child_uses_what_it_inherited, &s);
    CHECK_EQ(child_line(&child), 0);
    scene_close(&s);
}

COMM_TEST_MAIN(TEST(the_parents_completion_stays_the_parents),
               TEST(a_child_that_closes_the_file_ends_nothing_for_the_parent),
               TEST(a_child_can_use_the_file_and_the_port_it_inherited))
