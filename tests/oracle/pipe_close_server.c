/* SPDX-License-Identifier: MIT */
/* The client's side after the server has closed its end: what was written is read first, then comes
 * the end.  A write says 232, a read says 109. */
#include <windows.h>
#include "say.h"

static char name[64];
static HANDLE server, client;

static void open_pair(DWORD mode)
{
    DWORD client_mode = mode & PIPE_READMODE_MESSAGE;

    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, mode, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &client_mode, NULL, NULL);
}

static void say_read(const char *line, DWORD room)
{
    char buf[64];
    DWORD n = 99;

    SAY_BOOL(line, ReadFile(client, buf, room, &n, NULL));
    SAY(say_name(line, "bytes"), n);
}

static void say_state(const char *line)
{
    DWORD n = 99, flags = 99, mode = 0;

    SAY_BOOL(say_name(line, "write"), WriteFile(client, "ab", 2, &n, NULL));
    SAY_BOOL(say_name(line, "write_nothing"), WriteFile(client, "", 0, &n, NULL));
    SAY_BOOL(say_name(line, "flush"), FlushFileBuffers(client));
    SAY_BOOL(say_name(line, "state"),
             GetNamedPipeHandleState(client, &flags, NULL, NULL, NULL, NULL, 0));
    SAY_BOOL(say_name(line, "info"), GetNamedPipeInfo(client, &flags, NULL, NULL, NULL));
    SAY_BOOL(say_name(line, "connect"), ConnectNamedPipe(client, NULL));
    SAY_BOOL(say_name(line, "same_mode"),
             GetNamedPipeHandleState(client, &mode, NULL, NULL, NULL, NULL, 0) &&
                 SetNamedPipeHandleState(client, &mode, NULL, NULL));
}

static void say_drain(void)
{
    DWORD n = 99, avail = 99;

    open_pair(PIPE_TYPE_BYTE);
    WriteFile(server, "abc", 3, &n, NULL);
    WriteFile(client, "never read", 10, &n, NULL);
    WriteFile(server, "def", 3, &n, NULL);
    CloseHandle(server);
    SAY_BOOL("drain.peek", PeekNamedPipe(client, NULL, 0, NULL, &avail, NULL));
    SAY("drain.peek.avail", avail);
    say_state("drain");
    say_read("drain.first", 2);
    say_read("drain.rest", 64);
    avail = 77;
    SAY_BOOL("end.peek", PeekNamedPipe(client, NULL, 0, NULL, &avail, NULL));
    SAY("end.peek.avail", avail);
    say_read("end", 64);
    say_read("end.again", 64);
    say_read("end.nothing", 0);
    say_state("end");
    CloseHandle(client);
}

static void say_messages(void)
{
    DWORD n = 99;

    open_pair(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    WriteFile(client, "never read", 10, &n, NULL);
    WriteFile(server, "eight by", 8, &n, NULL);
    WriteFile(server, "", 0, &n, NULL);
    WriteFile(server, "x", 1, &n, NULL);
    CloseHandle(server);
    say_read("messages.head", 5);
    say_read("messages.tail", 64);
    say_read("messages.empty", 64);
    say_read("messages.last", 64);
    say_read("messages.end", 64);
    CloseHandle(client);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_gone_%lu",
             (unsigned long)GetCurrentProcessId());
    say_drain();
    say_messages();
    return 0;
}
