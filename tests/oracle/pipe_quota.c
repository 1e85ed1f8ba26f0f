/* SPDX-License-Identifier: MIT */
/* A quota counts unread bytes.  A write beyond it waits, but its data is in the pipe already; it
 * ends as soon as what was written up to and including it is down to the quota. */
#include <windows.h>
#include "say.h"

#define QUOTA 5000
#define PATIENCE_MS 2000

static HANDLE server, client;
static char data[8192], buf[8192];

static void open_pair(void)
{
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_quota_%lu",
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

/* 7000 bytes are 2000 too many. */
static void say_one(void)
{
    OVERLAPPED big;

    open_pair();
    start("one", &big, 7000);
    say_avail("one.avail");
    say_read("one.1999", 1999);
    say_waits("one.waits", &big);
    say_read("one.1", 1);
    finish("one", &big);
    say_avail("one.left");
    close_pair();
}

static void say_exact(void)
{
    OVERLAPPED ov;

    open_pair();
    start("exact", &ov, QUOTA);
    finish("exact", &ov);
    start("exact.one_more", &ov, 1);
    say_read("exact.1", 1);
    finish("exact.one_more", &ov);
    close_pair();
}

int main(void)
{
    say_one();
    say_exact();
    return 0;
}
