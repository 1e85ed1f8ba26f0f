/* SPDX-License-Identifier: MIT */
/* The server's side after its client has gone: it may read what is left, it may not write, and the
 * instance is taken until it is disconnected. */
#include <windows.h>
#include "say.h"

static char name[64];
static HANDLE server;

static void open_and_leave(const char *text)
{
    HANDLE client;
    DWORD n = 99;

    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    WriteFile(server, "never read", 10, &n, NULL);
    if (text != NULL)
        WriteFile(client, text, (DWORD)strlen(text), &n, NULL);
    CloseHandle(client);
}

static void say_read(const char *line, DWORD room)
{
    char buf[64];
    DWORD n = 99;

    SAY_BOOL(line, ReadFile(server, buf, room, &n, NULL));
    SAY(say_name(line, "bytes"), n);
}

static void say_state(const char *line)
{
    DWORD n = 99, flags = 99;
    HANDLE h;

    SAY_BOOL(say_name(line, "write"), WriteFile(server, "ab", 2, &n, NULL));
    SAY_BOOL(say_name(line, "write_nothing"), WriteFile(server, "", 0, &n, NULL));
    SAY_BOOL(say_name(line, "flush"), FlushFileBuffers(server));
    SAY_BOOL(say_name(line, "connect"), ConnectNamedPipe(server, NULL));
    SAY_BOOL(say_name(line, "info"), GetNamedPipeInfo(server, &flags, NULL, NULL, NULL));
    SAY_HANDLE(say_name(line, "open"), h, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
}

int main(void)
{
    DWORD avail = 77, mode = PIPE_NOWAIT;
    HANDLE next;

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_left_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_WAIT, 1, 64, 64, 0, NULL);
    open_and_leave("abcdef");
    SAY_BOOL("data.peek", PeekNamedPipe(server, NULL, 0, NULL, &avail, NULL));
    SAY("data.peek.avail", avail);
    say_state("data");
    say_read("data.nothing", 0);
    say_read("data.some", 4);
    say_read("data.rest", 64);
    avail = 77;
    SAY_BOOL("end.peek", PeekNamedPipe(server, NULL, 0, NULL, &avail, NULL));
    SAY("end.peek.avail", avail);
    say_read("end", 64);
    say_read("end.nothing", 0);
    say_state("end");
    SetNamedPipeHandleState(server, &mode, NULL, NULL);
    say_read("end.nowait", 64);
    SAY_BOOL("disconnect", DisconnectNamedPipe(server));
    SAY_BOOL("connect", ConnectNamedPipe(server, NULL));
    SAY_HANDLE("next.open", next, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    SAY_BOOL("next.peek", PeekNamedPipe(next, NULL, 0, NULL, &avail, NULL));
    SAY("next.peek.avail", avail);
    CloseHandle(next);
    CloseHandle(server);
    return 0;
}
