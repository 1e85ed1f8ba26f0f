/* SPDX-License-Identifier: MIT */
/* A tty that belongs to another user cannot be opened, and neither can one that another user has
 * open.  Needs root to play both. */
#include <sys/stat.h>
#include <unistd.h>

#include "child.h"
#include "port.h"

enum { STRANGER = 65534 };

static int stranger_opens(void *arg)
{
    const struct port *port = arg;

    NEED(setresgid(STRANGER, STRANGER, STRANGER) == 0);
    NEED(setresuid(STRANGER, STRANGER, STRANGER) == 0);
    NEED(port_try(port, READ_WRITE, FILE_FLAG_OVERLAPPED) == INVALID_HANDLE_VALUE);
    NEED(GetLastError() == ERROR_ACCESS_DENIED);
    return 0;
}

static void check_refused(struct port *port, mode_t mode)
{
    struct child child;

    if (geteuid() != 0)
        comm_test_skip("needs root, to be two users");
    CHECK_EQ(chmod(port->name, mode), 0);
    child = child_start(stranger_opens, port);
    CHECK_EQ(child_line(&child), 0);
}

static void another_users_tty_is_refused(struct port *port)
{
    check_refused(port, 0600);
    port_open(port, FILE_FLAG_OVERLAPPED);
}

static void a_tty_that_another_user_has_open_is_refused(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    check_refused(port, 0666);
    port_send(port, "abc", 3);
    CHECK(port_wait_queued(port, 3));
}

PORT_TEST_MAIN(ON_PTY(another_users_tty_is_refused),
               ON_PTY(a_tty_that_another_user_has_open_is_refused))
