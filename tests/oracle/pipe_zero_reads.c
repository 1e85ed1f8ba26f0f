/* SPDX-License-Identifier: MIT */
/* Reads into no room: they wait for data, take none of it, and of a message say there is more. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static HANDLE server, client;

static void open_pair(DWORD type, DWORD client_mode)
{
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_zero_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, type, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &client_mode, NULL, NULL);
}

static void close_pair(void)
{
    CloseHandle(client);
    CloseHandle(server);
}

static void start(const char *line, char *buf, DWORD room, OVERLAPPED *ov)
{
    OVERLAPPED fresh = {0};

    *ov = fresh;
    ov->hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL(line, ReadFile(client, buf, room, NULL, ov));
}

static void finish(const char *line, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(client, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
    CloseHandle(ov->hEvent);
}

/* A read of nothing and a read of something wait; one byte comes. */
static void say_pending(const char *title, DWORD type, DWORD mode)
{
    OVERLAPPED zero, some;
    char buf[16], more[16], line[48];
    DWORD n = 99;

    open_pair(type, mode);
    snprintf(line, sizeof(line), "%s.pending_zero", title);
    start(line, buf, 0, &zero);
    start(say_name(title, "pending_some"), more, 16, &some);
    SAY_BOOL(say_name(title, "write"), WriteFile(server, "x", 1, &n, NULL));
    finish(line, &zero);
    snprintf(line, sizeof(line), "%s.pending_some", title);
    finish(line, &some);
    close_pair();
}

/* The data is there already, and the writer may have gone. */
static void say_there(const char *title, DWORD type, DWORD mode)
{
    OVERLAPPED ov;
    char buf[16], line[48];
    DWORD n = 99, avail = 99;

    open_pair(type, mode);
    WriteFile(server, "twelve bytes", 12, &n, NULL);
    snprintf(line, sizeof(line), "%s.there", title);
    start(line, buf, 0, &ov);
    finish(line, &ov);
    CloseHandle(server);
    snprintf(line, sizeof(line), "%s.closed", title);
    start(line, buf, 0, &ov);
    finish(line, &ov);
    PeekNamedPipe(client, NULL, 0, NULL, &avail, NULL);
    SAY(say_name(title, "left"), avail);
    snprintf(line, sizeof(line), "%s.rest", title);
    start(line, buf, 16, &ov);
    finish(line, &ov);
    CloseHandle(client);
}

int main(void)
{
    say_pending("byte_byte", PIPE_TYPE_BYTE, PIPE_READMODE_BYTE);
    say_pending("message_byte", PIPE_TYPE_MESSAGE, PIPE_READMODE_BYTE);
    say_pending("message_message", PIPE_TYPE_MESSAGE, PIPE_READMODE_MESSAGE);
    say_there("byte_byte", PIPE_TYPE_BYTE, PIPE_READMODE_BYTE);
    say_there("message_byte", PIPE_TYPE_MESSAGE, PIPE_READMODE_BYTE);
    say_there("message_message", PIPE_TYPE_MESSAGE, PIPE_READMODE_MESSAGE);
    return 0;
}
