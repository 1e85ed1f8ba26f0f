/* SPDX-License-Identifier: MIT */
/* A message of no bytes is a message: it is queued, read once, and is not the end.  On a byte pipe
 * a write of nothing is nothing. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static HANDLE server, client;

static void open_pair(DWORD type, DWORD read_mode)
{
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_empty_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, type, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &read_mode, NULL, NULL);
}

static void close_pair(void)
{
    CloseHandle(client);
    CloseHandle(server);
}

static void write_text(const char *line, const char *text)
{
    DWORD n = 99;

    SAY_BOOL(line, WriteFile(server, text, (DWORD)strlen(text), &n, NULL));
    SAY(say_name(line, "bytes"), n);
}

static void say_read(const char *line, DWORD room)
{
    OVERLAPPED ov = {0};
    char buf[32];
    DWORD n = 99;

    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL(line, ReadFile(client, buf, room, &n, &ov));
    if (CancelIoEx(client, &ov)) /* what waits is ended: nothing was left */
        WaitForSingleObject(ov.hEvent, PATIENCE_MS);
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(client, &ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
    CloseHandle(ov.hEvent);
}

static void say_queued(void)
{
    open_pair(PIPE_TYPE_MESSAGE, PIPE_READMODE_MESSAGE);
    write_text("queued.empty", "");
    write_text("queued.word", "word");
    write_text("queued.empty_again", "");
    say_read("queued.read_0", 32);
    say_read("queued.read_1", 32);
    say_read("queued.read_2", 32);
    say_read("queued.read_3", 32);
    close_pair();
}

static void say_end(void)
{
    open_pair(PIPE_TYPE_MESSAGE, PIPE_READMODE_MESSAGE);
    write_text("end.empty", "");
    CloseHandle(server);
    say_read("end.read", 32);
    say_read("end.end", 32);
    CloseHandle(client);
}

static void say_byte_type(void)
{
    open_pair(PIPE_TYPE_BYTE, PIPE_READMODE_BYTE);
    write_text("byte.empty", "");
    say_read("byte.nothing", 32);
    write_text("byte.word", "word");
    say_read("byte.read", 32);
    close_pair();
}

/* Crossing boundaries, a byte reader does not stop for it. */
static void say_crossed(void)
{
    open_pair(PIPE_TYPE_MESSAGE, PIPE_READMODE_BYTE);
    write_text("crossed.first", "abc");
    write_text("crossed.empty", "");
    write_text("crossed.last", "def");
    say_read("crossed.read", 32);
    say_read("crossed.nothing", 32);
    close_pair();
}

int main(void)
{
    say_queued();
    say_end();
    say_byte_type();
    say_crossed();
    return 0;
}
