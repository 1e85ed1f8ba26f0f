/* SPDX-License-Identifier: MIT */
/* DisconnectNamedPipe discards what was not read and makes the client's handle useless for good,
 * whatever becomes of the server. */
#include <windows.h>
#include "say.h"

static char name[64];
static HANDLE server, client;

static void say_dead(const char *line)
{
    DWORD n = 99, mode = 0;
    char buf[16];

    SAY_BOOL(say_name(line, "read"), ReadFile(client, buf, sizeof(buf), &n, NULL));
    SAY_BOOL(say_name(line, "read_nothing"), ReadFile(client, buf, 0, &n, NULL));
    SAY_BOOL(say_name(line, "write"), WriteFile(client, "ab", 2, &n, NULL));
    SAY_BOOL(say_name(line, "write_nothing"), WriteFile(client, "", 0, &n, NULL));
    SAY_BOOL(say_name(line, "peek"), PeekNamedPipe(client, NULL, 0, NULL, &n, NULL));
    SAY_BOOL(say_name(line, "flush"), FlushFileBuffers(client));
    SAY_BOOL(say_name(line, "get_state"),
             GetNamedPipeHandleState(client, &mode, NULL, NULL, NULL, NULL, 0));
    SAY_BOOL(say_name(line, "set_state"), SetNamedPipeHandleState(client, &mode, NULL, NULL));
    SAY_BOOL(say_name(line, "info"), GetNamedPipeInfo(client, &mode, NULL, NULL, NULL));
    SAY_WAIT(say_name(line, "wait"), WaitForSingleObject(client, 0));
}

static void say_server(const char *line)
{
    DWORD n = 99, mode = 0;
    char buf[16];

    SAY_BOOL(say_name(line, "read"), ReadFile(server, buf, sizeof(buf), &n, NULL));
    SAY_BOOL(say_name(line, "write"), WriteFile(server, "ab", 2, &n, NULL));
    SAY_BOOL(say_name(line, "write_nothing"), WriteFile(server, "", 0, &n, NULL));
    SAY_BOOL(say_name(line, "peek"), PeekNamedPipe(server, NULL, 0, NULL, &n, NULL));
    SAY_BOOL(say_name(line, "flush"), FlushFileBuffers(server));
    SAY_BOOL(say_name(line, "get_state"),
             GetNamedPipeHandleState(server, &mode, NULL, NULL, NULL, NULL, 0));
    SAY_BOOL(say_name(line, "set_state"), SetNamedPipeHandleState(server, &mode, NULL, NULL));
    SAY_BOOL(say_name(line, "info"), GetNamedPipeInfo(server, &mode, NULL, NULL, NULL));
}

int main(void)
{
    DWORD n = 99, mode = PIPE_NOWAIT;
    HANDLE next;

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_disconnect_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_NOWAIT, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    WriteFile(server, "for the client", 14, &n, NULL);
    WriteFile(client, "for the server", 14, &n, NULL);
    SAY_BOOL("disconnect", DisconnectNamedPipe(server));
    SAY_BOOL("disconnect.twice", DisconnectNamedPipe(server));
    say_server("server");
    say_dead("client");
    SetNamedPipeHandleState(server, &mode, NULL, NULL);
    SAY_BOOL("listen", ConnectNamedPipe(server, NULL));
    say_dead("while_listening");
    SAY_HANDLE("next.open", next, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    WriteFile(server, "next", 4, &n, NULL);
    SAY_BOOL("while_connected.read", ReadFile(client, &mode, 4, &n, NULL));
    SAY_BOOL("next.disconnect", DisconnectNamedPipe(server));
    CloseHandle(next);
    CloseHandle(server);
    SAY_BOOL("server_closed.read", ReadFile(client, &mode, 4, &n, NULL));
    SAY_BOOL("server_closed.write", WriteFile(client, "ab", 2, &n, NULL));
    SAY_BOOL("client_closed", CloseHandle(client));
    return 0;
}
