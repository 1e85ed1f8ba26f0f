/* SPDX-License-Identifier: MIT */
/* Whoever has a port open has it alone: in his own process, against others, and by every name it
 * has. */
#include "other_user.h"

static void is_refused(struct port *port, const char *name, DWORD share)
{
    SetLastError(0xC0DE);
    CHECK(CreateFileA(name, READ_WRITE, share, NULL, OPEN_EXISTING, 0, NULL) ==
          INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_ACCESS_DENIED);
    CHECK_EQ(port_queued(port), 0); /* and the user of the port never notices */
}

static void a_second_open_is_refused(struct port *port)
{
    port_open(port, 0);
    is_refused(port, port->name, 0);
    is_refused(port, port->name, FILE_SHARE_READ | FILE_SHARE_WRITE);
}

static void sharing_means_nothing(struct port *port)
{
    port->near = CreateFileA(port->name, READ_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                             OPEN_EXISTING, 0, NULL);
    CHECK(port->near != INVALID_HANDLE_VALUE);
    is_refused(port, port->name, FILE_SHARE_READ | FILE_SHARE_WRITE);
}

static void a_closed_port_can_be_opened_at_once(struct port *port)
{
    for (int i = 0; i < 3; i++) {
        port_open(port, i == 1 ? FILE_FLAG_OVERLAPPED : 0);
        port_shut(port);
    }
}

static void another_process_is_refused_until_it_is_closed(struct port *port)
{
    port_open(port, 0);
    CHECK_EQ(other_opens(port->name, getuid()), ERROR_ACCESS_DENIED);
    port_shut(port);
    CHECK_EQ(other_opens(port->name, getuid()), 0);
}

static void another_name_is_no_way_in(struct port *port)
{
    char alias[320];

    snprintf(alias, sizeof alias, "%s/alias", comm_test_dir());
    CHECK_EQ(symlink(port->pty.path, alias), 0);
    CHECK(CommMapPort(7, port->pty.path));
    port_open(port, 0);
    is_refused(port, alias, 0);
    is_refused(port, "COM7", 0);
    CHECK_EQ(other_opens(alias, getuid()), ERROR_ACCESS_DENIED);
    port_shut(port);
    CHECK_EQ(other_opens(alias, getuid()), 0);
    CHECK(CommMapPort(7, NULL));
    CHECK_EQ(unlink(alias), 0);
}

int main(int argc, char **argv)
{
    static const struct port_test tests[] = {
        ON_BOTH(a_second_open_is_refused),
        ON_BOTH(sharing_means_nothing),
        ON_BOTH(a_closed_port_can_be_opened_at_once),
        ON_PTY(another_process_is_refused_until_it_is_closed),
        ON_PTY(another_name_is_no_way_in),
    };

    if (is_other(argc, argv))
        return other_main(argv[2], argv[3]);
    return port_test_main(argc, argv, __FILE__, tests, ARRAY_LEN(tests));
}
