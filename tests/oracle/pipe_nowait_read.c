/* SPDX-License-Identifier: MIT */
/* Reading in PIPE_NOWAIT mode: an empty pipe is 232 at once, whatever the buffer and with or
 * without an OVERLAPPED; data is read as ever. */
#include <windows.h>
#include "say.h"

static char name[64];
static HANDLE server, client;

static void open_pair(DWORD type, DWORD mode, DWORD flags)
{
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, type, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, flags);
    SetNamedPipeHandleState(client, &mode, NULL, NULL);
}

static void say_read(const char *title, const char *step, DWORD room, OVERLAPPED *ov)
{
    char buf[32], line[64];
    DWORD n = 99;

    snprintf(line, sizeof(line), "%s.%s", title, step);
    SAY_BOOL(line, ReadFile(client, buf, room, &n, ov));
    SAY(say_name(line, "bytes"), n);
    if (ov != NULL)
        SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, 0));
}

static void say_all(const char *title, DWORD type, DWORD mode, DWORD flags)
{
    OVERLAPPED ov = {0}, *with = flags != 0 ? &ov : NULL;
    DWORD n = 99;

    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    open_pair(type, mode | PIPE_NOWAIT, flags);
    say_read(title, "empty", 32, with);
    say_read(title, "empty_no_room", 0, with);
    WriteFile(server, "some data", 9, &n, NULL);
    say_read(title, "no_room", 0, with);
    say_read(title, "some", 4, with);
    say_read(title, "rest", 32, with);
    say_read(title, "empty_again", 32, with);
    CloseHandle(server);
    say_read(title, "end", 32, with);
    CloseHandle(client);
    CloseHandle(ov.hEvent);
}

/* A read that waits already goes on waiting when the mode changes. */
static void say_change(void)
{
    OVERLAPPED ov = {0};
    char buf[16];
    DWORD n = 99, mode = PIPE_NOWAIT;

    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    open_pair(PIPE_TYPE_BYTE, PIPE_WAIT, FILE_FLAG_OVERLAPPED);
    SAY_BOOL("change.read", ReadFile(client, buf, sizeof(buf), NULL, &ov));
    SAY_BOOL("change.set", SetNamedPipeHandleState(client, &mode, NULL, NULL));
    SAY_WAIT("change.waits", WaitForSingleObject(ov.hEvent, 0));
    WriteFile(server, "abc", 3, &n, NULL);
    SAY_BOOL("change.result", GetOverlappedResult(client, &ov, &n, TRUE));
    SAY("change.bytes", n);
    CloseHandle(client);
    CloseHandle(server);
    CloseHandle(ov.hEvent);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_nowaitr_%lu",
             (unsigned long)GetCurrentProcessId());
    say_all("byte", PIPE_TYPE_BYTE, PIPE_READMODE_BYTE, 0);
    say_all("message", PIPE_TYPE_MESSAGE, PIPE_READMODE_MESSAGE, 0);
    say_all("byte_overlapped", PIPE_TYPE_BYTE, PIPE_READMODE_BYTE, FILE_FLAG_OVERLAPPED);
    say_all("message_overlapped", PIPE_TYPE_MESSAGE, PIPE_READMODE_MESSAGE, FILE_FLAG_OVERLAPPED);
    say_change();
    return 0;
}
