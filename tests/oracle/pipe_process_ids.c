/* SPDX-License-Identifier: MIT */
/* Who is at the ends, asked at either end: the answers outlive the peer, not a disconnection. */
#include <windows.h>
#include "say.h"

static char name[64];

static void say_ids(const char *title, HANDLE h)
{
    ULONG id = 0;

    SAY_BOOL(say_name(title, "client"), GetNamedPipeClientProcessId(h, &id));
    SAY(say_name(title, "client.me"), id == GetCurrentProcessId());
    id = 0;
    SAY_BOOL(say_name(title, "server"), GetNamedPipeServerProcessId(h, &id));
    SAY(say_name(title, "server.me"), id == GetCurrentProcessId());
}

static void say_sessions(const char *title, HANDLE h)
{
    ULONG client = 7777, server = 8888;

    SAY_BOOL(say_name(title, "client_session"), GetNamedPipeClientSessionId(h, &client));
    SAY_BOOL(say_name(title, "server_session"), GetNamedPipeServerSessionId(h, &server));
    SAY(say_name(title, "same_session"), client == server);
}

static void say_no_pipe(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    ULONG id = 0;

    SAY_BOOL("event.client", GetNamedPipeClientProcessId(event, &id));
    SAY_BOOL("event.server", GetNamedPipeServerProcessId(event, &id));
    SAY_BOOL("null.client", GetNamedPipeClientProcessId(NULL, &id));
    SAY_BOOL("stale.server", GetNamedPipeServerProcessId(stale_handle(), &id));
    CloseHandle(event);
}

int main(void)
{
    HANDLE server, client;

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_ids_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_NOWAIT, 1, 64, 64, 0, NULL);
    say_ids("listening", server);
    client = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
    say_ids("connected.server_end", server);
    say_ids("connected.client_end", client);
    say_sessions("connected.server_end", server);
    say_sessions("connected.client_end", client);
    SAY_BOOL("nowhere.client", GetNamedPipeClientProcessId(server, NULL));
    SAY_BOOL("nowhere.server", GetNamedPipeServerProcessId(server, NULL));
    CloseHandle(client);
    say_ids("closing.server_end", server);
    DisconnectNamedPipe(server);
    say_ids("disconnected.server_end", server);
    ConnectNamedPipe(server, NULL);
    client = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
    DisconnectNamedPipe(server);
    say_ids("disconnected.client_end", client);
    CloseHandle(client);
    ConnectNamedPipe(server, NULL);
    client = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
    CloseHandle(server);
    say_ids("closing.client_end", client);
    CloseHandle(client);
    say_no_pipe();
    return 0;
}
