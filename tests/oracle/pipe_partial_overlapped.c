/* SPDX-License-Identifier: MIT */
/* A message that does not fit, read through an OVERLAPPED: 234 is a warning, so the operation has
 * finished, its count is in the OVERLAPPED and its event is set. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static HANDLE server, client;

static void open_pair(DWORD flags)
{
    DWORD mode = PIPE_READMODE_MESSAGE;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_piece_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, flags);
    SetNamedPipeHandleState(client, &mode, NULL, NULL);
}

static void close_pair(void)
{
    CloseHandle(client);
    CloseHandle(server);
}

static void start(const char *line, char *buf, DWORD room, OVERLAPPED *ov)
{
    OVERLAPPED fresh = {0};
    DWORD n = 99;

    *ov = fresh;
    ov->hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    ov->InternalHigh = 0x77;
    SAY_BOOL(line, ReadFile(client, buf, room, &n, ov));
    SAY(say_name(line, "counted"), n);
}

static void finish(const char *line, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_HEX(say_name(line, "internal"), ov->Internal);
    SAY(say_name(line, "internal_high"), ov->InternalHigh);
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(client, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
    CloseHandle(ov->hEvent);
}

static void say_there(const char *title, DWORD flags)
{
    OVERLAPPED ov;
    char buf[16], line[32];
    DWORD n = 99;

    open_pair(flags);
    WriteFile(server, "abcdefghij", 10, &n, NULL);
    snprintf(line, sizeof(line), "%s.piece", title);
    start(line, buf, 4, &ov);
    finish(line, &ov);
    snprintf(line, sizeof(line), "%s.rest", title);
    start(line, buf, 16, &ov);
    finish(line, &ov);
    close_pair();
}

/* The reads were there first. */
static void say_pending(void)
{
    OVERLAPPED first, second;
    char buf[16], more[16];
    DWORD n = 99;

    open_pair(FILE_FLAG_OVERLAPPED);
    start("pending.first", buf, 4, &first);
    start("pending.second", more, 16, &second);
    WriteFile(server, "abcdefghij", 10, &n, NULL);
    finish("pending.first", &first);
    finish("pending.second", &second);
    SAY("pending.in_order", memcmp(buf, "abcd", 4) == 0 && memcmp(more, "efghij", 6) == 0);
    close_pair();
}

int main(void)
{
    say_there("overlapped", FILE_FLAG_OVERLAPPED);
    say_there("synchronous", 0);
    say_pending();
    return 0;
}
