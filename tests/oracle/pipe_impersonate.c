/* SPDX-License-Identifier: MIT */
/* ImpersonateNamedPipeClient acts as the sender of what was read last, so something must have been
 * read; that the client has gone does not matter.  The client here is ourselves. */
#include <windows.h>
#include "say.h"

static HANDLE server, client;

static void say_impersonate(const char *line, HANDLE h)
{
    SAY_BOOL(line, ImpersonateNamedPipeClient(h));
    SAY_BOOL(say_name(line, "revert"), RevertToSelf());
}

int main(void)
{
    char name[64], buf[16];
    DWORD n = 99;

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_act_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_NOWAIT, 1, 64, 64, 0, NULL);
    say_impersonate("listening", server);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    say_impersonate("nothing_read", server);
    WriteFile(client, "abc", 3, &n, NULL);
    say_impersonate("unread", server);
    ReadFile(server, buf, sizeof(buf), &n, NULL);
    say_impersonate("read", server);
    SAY_BOOL("client", ImpersonateNamedPipeClient(client));
    CloseHandle(client);
    say_impersonate("closing", server);
    DisconnectNamedPipe(server);
    say_impersonate("disconnected", server);
    ConnectNamedPipe(server, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    say_impersonate("next_client", server);
    CloseHandle(client);
    CloseHandle(server);
    return 0;
}
