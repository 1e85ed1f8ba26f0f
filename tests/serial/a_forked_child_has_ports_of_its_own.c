/* SPDX-License-Identifier: MIT */
/* A fork with a port open and everything pending: the parent's requests are the parent's, the child
 * can use the tty or let go of it, and a cable is not the child's at all. */
#include <unistd.h>

#include "child.h"
#include "waits.h"

struct scene {
    struct port *port;
    struct request read, write;
    struct wait wait;
    int to_parent[2], to_child[2];
};

static void scene_open(struct scene *s, struct port *port)
{
    s->port = port;
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXFLAG));
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    read_pends(port, &s->read, 5);
    write_pends(port, &s->write, "uvw", 3);
    wait_pends(port, &s->wait);
    CHECK_EQ(pipe(s->to_parent), 0);
    CHECK_EQ(pipe(s->to_child), 0);
}

static void scene_close(struct scene *s)
{
    for (int i = 0; i < 2; i++) {
        close(s->to_parent[i]);
        close(s->to_child[i]);
    }
}

/* Whatever the child did. */
static void parent_goes_on(struct scene *s)
{
    CHECK(port_pends(s->port, &s->read) && port_pends(s->port, &s->write));
    CHECK(wait_is_pending(&s->wait));
    port_send(s->port, "abcde", 5);
    port_ends("the parent's read", s->port, &s->read, STATUS_SUCCESS, 5);
    CHECK(memcmp(s->read.buf, "abcde", 5) == 0);
    CHECK(EscapeCommFunction(s->port->near, SETXON));
    port_ends("the parent's write", s->port, &s->write, STATUS_SUCCESS, 3);
    port_expect(s->port, "uvw", 3);
    CHECK(SetCommMask(s->port->near, 0));
    wait_ends("the parent's wait", s->port, &s->wait, 0);
    request_close(&s->read);
    request_close(&s->write);
}

static int nothing_of_the_parents_is_here(struct scene *s)
{
    NEED(request_status(&s->read) == STATUS_PENDING);
    NEED(request_status(&s->write) == STATUS_PENDING);
    NEED(request_status(&s->wait.request) == STATUS_PENDING);
    NEED(!CancelIoEx(s->port->near, NULL) && GetLastError() == ERROR_NOT_FOUND);
    return 0;
}

/* ---- a tty ---- */

static int child_uses_the_tty(void *arg)
{
    struct scene *s = arg;
    HANDLE near = s->port->near;
    struct request r = {.count = 0};
    COMMTIMEOUTS times = {.ReadTotalTimeoutConstant = 30};
    DWORD n, line = (DWORD)nothing_of_the_parents_is_here(s);

    NEED(line == 0);
    r.ov.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    NEED(EscapeCommFunction(near, SETXON));
    NEED(WriteFile(near, "child", 5, NULL, &r.ov) || GetLastError() == ERROR_IO_PENDING);
    NEED(GetOverlappedResult(near, &r.ov, &n, TRUE) && n == 5);
    NEED(FlushFileBuffers(near));
    NEED(SetCommTimeouts(near, &times));
    NEED(!ReadFile(near, r.buf, 4, NULL, &r.ov) && GetLastError() == ERROR_IO_PENDING);
    NEED(comm_poll_until(request_is_final, &r)); /* the child's engine does that */
    NEED(request_status(&r) == STATUS_TIMEOUT);
    times.ReadTotalTimeoutConstant = 0;
    NEED(SetCommTimeouts(near, &times));
    NEED(!ReadFile(near, r.buf, 4, NULL, &r.ov) && GetLastError() == ERROR_IO_PENDING);
    NEED(CloseHandle(near));
    NEED(request_status(&r) == STATUS_CANCELLED);
    NEED(nothing_of_the_parents_is_here(s) != 0); /* the handle is gone */
    return 0;
}

static void a_tty_is_used_by_both(struct port *port)
{
    struct scene s;
    struct child child;

    scene_open(&s, port);
    child = child_start(child_uses_the_tty, &s);
    CHECK_EQ(child_line(&child), 0);
    port_expect(port, "child", 5);
    parent_goes_on(&s);
    scene_close(&s);
}

static int child_closes_and_opens(void *arg)
{
    struct scene *s = arg;

    NEED(port_try(s->port, READ_WRITE, FILE_FLAG_OVERLAPPED) == INVALID_HANDLE_VALUE);
    NEED(GetLastError() == ERROR_ACCESS_DENIED);
    NEED(CloseHandle(s->port->near));
    NEED(port_try(s->port, READ_WRITE, FILE_FLAG_OVERLAPPED) == INVALID_HANDLE_VALUE);
    NEED(GetLastError() == ERROR_ACCESS_DENIED);
    return 0;
}

static void a_child_that_closes_a_tty_changes_nothing(struct port *port)
{
    struct scene s;
    struct child child;

    scene_open(&s, port);
    child = child_start(child_closes_and_opens, &s);
    CHECK_EQ(child_line(&child), 0);
    parent_goes_on(&s);
    scene_close(&s);
}

static int child_hears_of_the_loss(void *arg)
{
    struct scene *s = arg;
    struct request r = {.count = 0};
    char go;

    close(s->port->pty.master);
    r.ov.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    NEED(!ReadFile(s->port->near, r.buf, 4, NULL, &r.ov) && GetLastError() == ERROR_IO_PENDING);
    NEED(write(s->to_parent[1], "", 1) == 1);
    NEED(read(s->to_child[0], &go, 1) == 1);
    NEED(comm_poll_until(request_is_final, &r));
    NEED(request_status(&r) == STATUS_CANCELLED);
    NEED(!ClearCommError(s->port->near, NULL, NULL) && GetLastError() == ERROR_ACCESS_DENIED);
    NEED(CloseHandle(s->port->near));
    return 0;
}

static void a_tty_that_is_unplugged_is_so_for_both(struct port *port)
{
    struct scene s;
    struct child child;
    char ready;

    scene_open(&s, port);
    child = child_start(child_hears_of_the_loss, &s);
    CHECK_EQ(read(s.to_parent[0], &ready, 1), 1);
    port_hang_up(port);
    CHECK_EQ(write(s.to_child[1], "", 1), 1);
    transfer_ends("a read", port, &s.read, STATUS_CANCELLED, 0);
    transfer_ends("a write", port, &s.write, STATUS_CANCELLED, 0);
    transfer_ends("a wait", port, &s.wait.request, STATUS_CANCELLED, 0);
    CHECK_EQ(child_line(&child), 0);
    scene_close(&s);
}

/* ---- a cable ---- */

static int child_has_no_cable(void *arg)
{
    struct scene *s = arg;
    struct request r = {.count = 0};

    NEED(nothing_of_the_parents_is_here(s) == 0);
    r.ov.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    NEED(!ReadFile(s->port->near, r.buf, 1, NULL, &r.ov));
    NEED(GetLastError() == ERROR_OPERATION_ABORTED || GetLastError() == ERROR_ACCESS_DENIED);
    NEED(!WriteFile(s->port->far, "a", 1, NULL, &r.ov));
    NEED(GetLastError() == ERROR_OPERATION_ABORTED || GetLastError() == ERROR_ACCESS_DENIED);
    NEED(!ClearCommError(s->port->near, NULL, NULL) && GetLastError() == ERROR_ACCESS_DENIED);
    NEED(CloseHandle(s->port->near) && CloseHandle(s->port->far));
    NEED(CloseHandle(s->port->cable));
    s->port->cable = CommCreateNullModem(0, 0, 0);
    NEED(s->port->cable != NULL && CloseHandle(s->port->cable));
    return 0;
}

static void a_cable_is_the_parents_alone(struct port *port)
{
    struct scene s;
    struct child child;

    scene_open(&s, port);
    child = child_start(child_has_no_cable, &s);
    CHECK_EQ(child_line(&child), 0);
    parent_goes_on(&s);
    scene_close(&s);
}

PORT_TEST_MAIN(ON_PTY(a_tty_is_used_by_both), ON_PTY(a_child_that_closes_a_tty_changes_nothing),
               ON_PTY(a_tty_that_is_unplugged_is_so_for_both),
               ON_CABLE(a_cable_is_the_parents_alone))
