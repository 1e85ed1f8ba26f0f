/* SPDX-License-Identifier: MIT */
/* PeekNamedPipe takes nothing and never waits.  On a message pipe it sees the first message,
 * whatever the read mode; on a byte pipe the bytes left come out as zero less what was copied. */
#include <windows.h>
#include "say.h"

static HANDLE server, client;

static void open_pair(DWORD type, DWORD client_mode)
{
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_peek_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, type, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    SetNamedPipeHandleState(client, &client_mode, NULL, NULL);
}

static void close_pair(void)
{
    CloseHandle(client);
    CloseHandle(server);
}

static void say_peek(const char *title, const char *step, DWORD room, const char *expected)
{
    DWORD n = 99, avail = 99, left = 99;
    char buf[64] = "", line[64];

    snprintf(line, sizeof(line), "%s.%s", title, step);
    SAY_BOOL(line, PeekNamedPipe(client, buf, room, &n, &avail, &left));
    SAY(say_name(line, "bytes"), n);
    SAY(say_name(line, "avail"), avail);
    SAY_HEX(say_name(line, "left"), left);
    SAY(say_name(line, "as_expected"), strcmp(buf, expected) == 0);
}

static void say_two(const char *title, DWORD type, DWORD mode, const char *most)
{
    DWORD n = 99, avail = 99, left = 99;

    open_pair(type, mode);
    say_peek(title, "empty", 32, "");
    WriteFile(server, "abcdefghijk", 11, &n, NULL);
    WriteFile(server, "ABCDEFGHIJ", 10, &n, NULL);
    say_peek(title, "four", 4, "abcd");
    say_peek(title, "exact", 11, "abcdefghijk");
    say_peek(title, "plenty", 32, most);
    SAY_BOOL(say_name(title, "no_room"), PeekNamedPipe(client, NULL, 0, &n, &avail, &left));
    SAY(say_name(title, "no_room.bytes"), n);
    SAY(say_name(title, "no_room.avail"), avail);
    SAY_HEX(say_name(title, "no_room.left"), left);
    SAY_BOOL(say_name(title, "nowhere"),
             PeekNamedPipe(client, (LPVOID)(ULONG_PTR)1, 0, NULL, &avail, NULL));
    SAY_BOOL(say_name(title, "nothing_asked"), PeekNamedPipe(client, NULL, 0, NULL, NULL, NULL));
    say_peek(title, "again", 4, "abcd");
    close_pair();
}

/* A write that waits for room is seen whole. */
static void say_beyond_quota(const char *title, DWORD type)
{
    static char data[100];
    OVERLAPPED ov = {0};
    DWORD avail = 99;

    open_pair(type, 0);
    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL(say_name(title, "write"), WriteFile(server, data, sizeof(data), NULL, &ov));
    SAY_BOOL(say_name(title, "peek"), PeekNamedPipe(client, NULL, 0, NULL, &avail, NULL));
    SAY(say_name(title, "avail"), avail);
    SAY_WAIT(say_name(title, "waits"), WaitForSingleObject(ov.hEvent, 0));
    CancelIo(server);
    WaitForSingleObject(ov.hEvent, INFINITE);
    CloseHandle(ov.hEvent);
    close_pair();
}

int main(void)
{
    say_two("message", PIPE_TYPE_MESSAGE, PIPE_READMODE_MESSAGE, "abcdefghijk");
    say_two("message_as_bytes", PIPE_TYPE_MESSAGE, PIPE_READMODE_BYTE, "abcdefghijk");
    say_two("byte", PIPE_TYPE_BYTE, PIPE_READMODE_BYTE, "abcdefghijkABCDEFGHIJ");
    say_beyond_quota("byte_quota", PIPE_TYPE_BYTE);
    say_beyond_quota("message_quota", PIPE_TYPE_MESSAGE);
    return 0;
}
