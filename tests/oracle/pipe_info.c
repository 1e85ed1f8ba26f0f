/* SPDX-License-Identifier: MIT */
/* GetNamedPipeInfo: the sizes come back exactly and are the same seen from either end, and so are
 * type and limit. */
#include <windows.h>
#include "say.h"

static char name[64];

static void say_info(const char *line, HANDLE h)
{
    DWORD flags = 99, out = 99, in = 99, max = 99;

    SAY_BOOL(line, GetNamedPipeInfo(h, &flags, &out, &in, &max));
    SAY_HEX(say_name(line, "flags"), flags);
    SAY(say_name(line, "out"), out);
    SAY(say_name(line, "in"), in);
    SAY(say_name(line, "max"), max);
}

static void say_sizes(const char *title, DWORD mode, DWORD max, DWORD out, DWORD in)
{
    char line[48];
    HANDLE server, client;

    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, mode, max, out, in, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    snprintf(line, sizeof(line), "%s.server", title);
    say_info(line, server);
    snprintf(line, sizeof(line), "%s.client", title);
    say_info(line, client);
    CloseHandle(client);
    CloseHandle(server);
}

static void say_states(void)
{
    HANDLE server, client;

    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, 3, 10, 20, 0, NULL);
    say_info("listening", server);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    SAY_BOOL("nothing_asked", GetNamedPipeInfo(client, NULL, NULL, NULL, NULL));
    CloseHandle(client);
    say_info("closing", server);
    DisconnectNamedPipe(server);
    say_info("disconnected", server);
    CloseHandle(server);
}

static void say_others(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL), file;

    say_info("event", event);
    say_info("null", NULL);
    make_file("disk", "file");
    file = open_file("disk", GENERIC_READ, OPEN_EXISTING, 0);
    SAY_BOOL("file.refused", !GetNamedPipeInfo(file, NULL, NULL, NULL, NULL));
    CloseHandle(file);
    DeleteFile("disk");
    CloseHandle(event);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_info_%lu",
             (unsigned long)GetCurrentProcessId());
    say_sizes("byte", PIPE_TYPE_BYTE, 1, 200, 100);
    say_sizes("message", PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 255, 0, 1);
    say_sizes("large", PIPE_TYPE_MESSAGE | PIPE_NOWAIT, 254, 0xF000, 0xF001);
    say_states();
    say_others();
    return 0;
}
