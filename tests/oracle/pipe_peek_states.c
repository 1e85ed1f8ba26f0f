/* SPDX-License-Identifier: MIT */
/* Where there is nothing to peek at: before a client, after one, at the wrong end.  A failed peek
 * leaves the caller's variables alone. */
#include <windows.h>
#include "say.h"

static char name[64];

static void say_peek(const char *line, HANDLE h)
{
    DWORD n = 77, avail = 77, left = 77;
    char buf[16];

    SAY_BOOL(line, PeekNamedPipe(h, buf, sizeof(buf), &n, &avail, &left));
    SAY(say_name(line, "bytes"), n);
    SAY(say_name(line, "avail"), avail);
    SAY(say_name(line, "left"), left);
}

static void say_life(void)
{
    HANDLE server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_NOWAIT, 1,
                                    64, 64, 0, NULL);
    HANDLE client;
    char buf[16];
    DWORD n = 99;

    say_peek("server.listening", server);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    say_peek("server.connected", server);
    say_peek("client.connected", client);
    WriteFile(client, "left", 4, &n, NULL);
    CloseHandle(client);
    say_peek("server.closing_data", server);
    ReadFile(server, buf, sizeof(buf), &n, NULL);
    say_peek("server.closing", server);
    DisconnectNamedPipe(server);
    say_peek("server.disconnected", server);
    ConnectNamedPipe(server, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    DisconnectNamedPipe(server);
    say_peek("client.disconnected", client);
    CloseHandle(client);
    CloseHandle(server);
}

static void say_direction(void)
{
    HANDLE server = CreateNamedPipe(name, PIPE_ACCESS_INBOUND, 0, 1, 64, 64, 0, NULL);
    HANDLE client = open_file(name, GENERIC_WRITE, OPEN_EXISTING, 0);
    DWORD n = 99;

    WriteFile(client, "abc", 3, &n, NULL);
    say_peek("inbound.server", server);
    say_peek("inbound.client", client);
    CloseHandle(client);
    CloseHandle(server);
}

int main(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL), file;

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_peeks_%lu",
             (unsigned long)GetCurrentProcessId());
    say_life();
    say_direction();
    say_peek("event", event);
    say_peek("null", NULL);
    make_file("disk", "file");
    file = open_file("disk", GENERIC_READ, OPEN_EXISTING, 0);
    SAY_BOOL("file.refused", !PeekNamedPipe(file, NULL, 0, NULL, NULL, NULL));
    CloseHandle(file);
    DeleteFile("disk");
    CloseHandle(event);
    return 0;
}
