/* SPDX-License-Identifier: MIT */
/* A message that does not fit: the rest stays in the pipe, where the next reader finds it, whatever
 * thread that is and whatever handle it uses. */
#include <windows.h>
#include "say.h"

static HANDLE server, client;

static void open_pair(void)
{
    DWORD mode = PIPE_READMODE_MESSAGE | PIPE_NOWAIT;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_partial_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    SetNamedPipeHandleState(client, &mode, NULL, NULL);
}

static void write_two(void)
{
    DWORD n = 99;

    WriteFile(server, "abcdefghij", 10, &n, NULL);
    WriteFile(server, "next", 4, &n, NULL);
}

static void say_read(const char *line, HANDLE h, DWORD room, const char *expected)
{
    char buf[32] = "";
    DWORD n = 99;

    SAY_BOOL(line, ReadFile(h, buf, room, &n, NULL));
    SAY(say_name(line, "bytes"), n);
    SAY(say_name(line, "as_expected"), strcmp(buf, expected) == 0);
}

static DWORD WINAPI read_four(LPVOID line)
{
    say_read((const char *)line, client, 4, strstr((const char *)line, "first") ? "abcd" : "efgh");
    return 0;
}

static void run(const char *line)
{
    HANDLE thread = CreateThread(NULL, 0, read_four, (void *)line, 0, NULL);

    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}

int main(void)
{
    HANDLE self = GetCurrentProcess(), copy = NULL;

    open_pair();
    write_two();
    say_read("pieces.0", client, 4, "abcd");
    say_read("pieces.1", client, 4, "efgh");
    say_read("pieces.2", client, 24, "ij");
    say_read("pieces.next", client, 24, "next");

    write_two();
    run("threads.first");
    run("threads.second");
    say_read("threads.main", client, 2, "ij"); /* fits exactly: no 234 */
    say_read("threads.next", client, 24, "next");

    write_two();
    DuplicateHandle(self, client, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    say_read("copy.original", client, 1, "a");
    say_read("copy.copy", copy, 24, "bcdefghij");
    CloseHandle(copy);
    say_read("copy.next", client, 3, "nex");
    say_read("copy.rest", client, 3, "t");
    say_read("empty", client, 3, "");
    CloseHandle(client);
    CloseHandle(server);
    return 0;
}
