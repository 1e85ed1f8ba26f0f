/* SPDX-License-Identifier: MIT */
/* Peeking at a message that is partly read shows its rest, and peeking at an empty message shows
 * the empty message, as often as one looks. */
#include <windows.h>
#include "say.h"

static HANDLE server, client;

static void say_peek(const char *line, DWORD room, const char *expected)
{
    DWORD n = 99, avail = 99, left = 99;
    char buf[64] = "";

    SAY_BOOL(line, PeekNamedPipe(client, buf, room, &n, &avail, &left));
    SAY(say_name(line, "bytes"), n);
    SAY(say_name(line, "avail"), avail);
    SAY_HEX(say_name(line, "left"), left);
    SAY(say_name(line, "as_expected"), strcmp(buf, expected) == 0);
}

static void say_read(const char *line, DWORD room, const char *expected)
{
    char buf[64] = "";
    DWORD n = 99;

    SAY_BOOL(line, ReadFile(client, buf, room, &n, NULL));
    SAY(say_name(line, "bytes"), n);
    SAY(say_name(line, "as_expected"), strcmp(buf, expected) == 0);
}

int main(void)
{
    DWORD mode = PIPE_READMODE_MESSAGE | PIPE_NOWAIT, n = 99;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_peekp_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    SetNamedPipeHandleState(client, &mode, NULL, NULL);

    WriteFile(server, "abcdefghij", 10, &n, NULL);
    say_read("part.read", 4, "abcd");
    say_peek("part.no_room", 0, "");
    say_peek("part.some", 4, "efgh");
    say_peek("part.all", 32, "efghij");
    say_read("part.rest", 32, "efghij");
    say_peek("part.empty", 32, "");

    WriteFile(server, "abcdefghij", 10, &n, NULL);
    WriteFile(server, "", 0, &n, NULL);
    WriteFile(server, "xyz", 3, &n, NULL);
    say_read("follow.read", 9, "abcdefghi");
    say_peek("follow.peek", 32, "j");
    say_read("follow.rest", 1, "j");
    say_peek("follow.empty", 10, "");
    say_peek("follow.empty_again", 10, "");
    say_read("follow.read_empty", 10, "");
    say_peek("follow.last", 2, "xy");
    say_read("follow.read_last", 10, "xyz");
    say_read("follow.nothing", 10, "");
    CloseHandle(client);
    CloseHandle(server);
    return 0;
}
