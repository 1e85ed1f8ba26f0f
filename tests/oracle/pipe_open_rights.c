/* SPDX-License-Identifier: MIT */
/* What a client may ask for: the pipe's direction decides, and it decides before anybody looks
 * whether an instance is free. */
#include <windows.h>
#include "say.h"

static char name[64];

static const struct {
    const char *line;
    DWORD access;
} rights[] = {
    {"nothing",       0                                   },
    {"read",          GENERIC_READ                        },
    {"write",         GENERIC_WRITE                       },
    {"read_write",    GENERIC_READ | GENERIC_WRITE        },
    {"read_data",     FILE_READ_DATA                      },
    {"write_data",    FILE_WRITE_DATA                     },
    {"all",           GENERIC_ALL                         },
    {"attributes",    FILE_READ_ATTRIBUTES                },
    {"read_and_set",  GENERIC_READ | 0x0100               }, /* FILE_WRITE_ATTRIBUTES */
    {"write_and_get", GENERIC_WRITE | FILE_READ_ATTRIBUTES},
};

static void say_direction(const char *direction, DWORD mode)
{
    HANDLE server, client;
    size_t i;

    for (i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
        server = CreateNamedPipe(name, mode, 0, 1, 64, 64, 0, NULL);
        SAY_HANDLE(say_name(direction, rights[i].line), client,
                   open_file(name, rights[i].access, OPEN_EXISTING, 0));
        if (client != INVALID_HANDLE_VALUE)
            CloseHandle(client);
        CloseHandle(server);
    }
}

static void say_order(void)
{
    HANDLE server = CreateNamedPipe(name, PIPE_ACCESS_INBOUND, 0, 1, 64, 64, 0, NULL);
    HANDLE client = open_file(name, GENERIC_WRITE, OPEN_EXISTING, 0), other;

    SAY_HANDLE("busy.right", other, open_file(name, GENERIC_WRITE, OPEN_EXISTING, 0));
    SAY_HANDLE("busy.wrong", other, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    CloseHandle(client);
    CloseHandle(server);
    SAY_HANDLE("missing.wrong", other, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
}

/* A refused open leaves the instance free. */
static void say_refused(void)
{
    HANDLE server = CreateNamedPipe(name, PIPE_ACCESS_OUTBOUND, 0, 1, 64, 64, 0, NULL), client;

    SAY_HANDLE("refused", client, open_file(name, GENERIC_WRITE, OPEN_EXISTING, 0));
    SAY_HANDLE("refused.next", client, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    CloseHandle(client);
    CloseHandle(server);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_rights_%lu",
             (unsigned long)GetCurrentProcessId());
    say_direction("duplex", PIPE_ACCESS_DUPLEX);
    say_direction("inbound", PIPE_ACCESS_INBOUND);
    say_direction("outbound", PIPE_ACCESS_OUTBOUND);
    say_order();
    say_refused();
    return 0;
}
