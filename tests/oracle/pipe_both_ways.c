/* SPDX-License-Identifier: MIT */
/* The two directions of a duplex pipe know nothing of each other: reads that wait do not hold up
 * writes, a full pipe in one direction does not stop the other, and each has a quota of its own. */
#include <windows.h>
#include "say.h"

#define OUT_QUOTA 16
#define IN_QUOTA 8
#define PATIENCE_MS 2000

static HANDLE server, client;

static void fresh(OVERLAPPED *ov)
{
    OVERLAPPED zero = {0};

    *ov = zero;
    ov->hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
}

static void finish(const char *line, HANDLE h, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(h, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
    CloseHandle(ov->hEvent);
}

static void say_avail(const char *line, HANDLE h)
{
    DWORD avail = 99;

    PeekNamedPipe(h, NULL, 0, NULL, &avail, NULL);
    SAY(line, avail);
}

static void say_reads_wait(void)
{
    OVERLAPPED server_read, client_read, write;
    char buf[16], more[16];

    fresh(&server_read);
    fresh(&client_read);
    SAY_BOOL("server_read", ReadFile(server, buf, sizeof(buf), NULL, &server_read));
    SAY_BOOL("client_read", ReadFile(client, more, sizeof(more), NULL, &client_read));
    fresh(&write);
    SAY_BOOL("server_write", WriteFile(server, "abc", 3, NULL, &write));
    finish("server_write", server, &write);
    finish("client_read", client, &client_read);
    SAY_WAIT("server_read.waits", WaitForSingleObject(server_read.hEvent, 0));
    fresh(&write);
    SAY_BOOL("client_write", WriteFile(client, "defg", 4, NULL, &write));
    finish("client_write", client, &write);
    finish("server_read", server, &server_read);
}

static void say_full(void)
{
    OVERLAPPED out, in, write;
    char buf[32];
    DWORD n = 99;

    fresh(&out);
    fresh(&in);
    SAY_BOOL("out.fits", WriteFile(server, "sixteen bytes in", OUT_QUOTA, &n, &out));
    SAY_BOOL("out.over", WriteFile(server, "x", 1, NULL, &out));
    SAY_BOOL("in.fits", WriteFile(client, "eight by", IN_QUOTA, &n, &in));
    SAY_BOOL("in.over", WriteFile(client, "y", 1, NULL, &in));
    say_avail("out.avail", client);
    say_avail("in.avail", server);
    SAY_BOOL("in.read", ReadFile(server, buf, 1, &n, NULL));
    finish("in.over", client, &in);
    SAY_WAIT("out.over.waits", WaitForSingleObject(out.hEvent, 0));
    fresh(&write);
    SAY_BOOL("out.read", ReadFile(client, buf, sizeof(buf), &n, &write));
    SAY("out.read.bytes", n);
    finish("out.over", server, &out);
    SAY_BOOL("in.rest", ReadFile(server, buf, sizeof(buf), &n, NULL));
    SAY("in.rest.bytes", n);
    CloseHandle(write.hEvent);
}

int main(void)
{
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_ways_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, OUT_QUOTA,
                             IN_QUOTA, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    say_reads_wait();
    say_full();
    CloseHandle(client);
    CloseHandle(server);
    return 0;
}
