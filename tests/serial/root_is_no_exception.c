/* SPDX-License-Identifier: MIT */
/* Root passes by what keeps ordinary users out of a tty; a port keeps him out all the same, and
 * other users too. */
#include <sys/stat.h>

#include "other_user.h"

#define NOBODY 65534

static void only_root_can_tell(void)
{
    if (geteuid() != 0)
        comm_test_skip("only root can be root");
}

static void a_port_keeps_root_out(struct port *port)
{
    only_root_can_tell();
    port_open(port, 0);
    CHECK_EQ(other_opens(port->name, 0), ERROR_ACCESS_DENIED);
    port_shut(port);
    CHECK_EQ(other_opens(port->name, 0), 0);
}

static void a_port_of_root_keeps_users_out(struct port *port)
{
    only_root_can_tell();
    CHECK_EQ(chmod(port->pty.path, 0666), 0);
    port_open(port, 0);
    CHECK_EQ(other_opens(port->name, NOBODY), ERROR_ACCESS_DENIED);
    port_shut(port);
    CHECK_EQ(other_opens(port->name, NOBODY), 0);
    CHECK_EQ(chmod(port->pty.path, 0600), 0);
    CHECK_EQ(other_opens(port->name, NOBODY), ERROR_ACCESS_DENIED); /* it is not his */
}

int main(int argc, char **argv)
{
    static const struct port_test tests[] = {
        ON_PTY(a_port_keeps_root_out),
        ON_PTY(a_port_of_root_keeps_users_out),
    };

    if (is_other(argc, argv))
        return other_main(argv[2], argv[3]);
    return port_test_main(argc, argv, __FILE__, tests, ARRAY_LEN(tests));
}
