/* SPDX-License-Identifier: MIT */
/* Several writes beyond a quota: they end in their order, and a small one does not overtake the
 * sum; a write of nothing never waits. */
#include <windows.h>
#include "say.h"

#define QUOTA 5000
#define PATIENCE_MS 2000

static HANDLE server, client;
static char data[8192], buf[8192];

static void open_pair(void)
{
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_quotas_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, QUOTA, QUOTA, 0,
                             NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
}

static void close_pair(void)
{
    CloseHandle(client);
    CloseHandle(server);
}

static void start(const char *line, OVERLAPPED *ov, DWORD len)
{
    OVERLAPPED fresh = {0};

    *ov = fresh;
    ov->hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL(line, WriteFile(server, data, len, NULL, ov));
}

static void say_waits(const char *line, OVERLAPPED *ov)
{
    SAY_WAIT(line, WaitForSingleObject(ov->hEvent, 0));
}

static void finish(const char *line, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(server, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
    CloseHandle(ov->hEvent);
}

static void say_read(const char *line, DWORD len)
{
    DWORD n = 99;

    SAY_BOOL(line, ReadFile(client, buf, len, &n, NULL));
    SAY(say_name(line, "bytes"), n);
}

static void say_avail(const char *line)
{
    DWORD avail = 99;

    PeekNamedPipe(client, NULL, 0, NULL, &avail, NULL);
    SAY(line, avail);
}

/* A small write does not overtake the sum. */
static void say_several(void)
{
    OVERLAPPED first, big, small, none;

    open_pair();
    start("several.first", &first, 3000);
    finish("several.first", &first);
    start("several.big", &big, 5000);
    start("several.small", &small, 1);
    start("several.none", &none, 0);
    finish("several.none", &none);
    say_avail("several.avail");
    say_waits("several.big.waits", &big);
    say_read("several.3000", 3000);
    finish("several.big", &big);
    say_waits("several.small.waits", &small);
    say_read("several.1", 1);
    finish("several.small", &small);
    say_read("several.rest", sizeof(buf));
    close_pair();
}

int main(void)
{
    say_several();
    return 0;
}
