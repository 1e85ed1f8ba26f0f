/* SPDX-License-Identifier: MIT */
/* Operations that are under way when an end closes.  The peer's reads and writes fail with 109, and
 * so do the closer's own reads. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static char name[64], long_text[32] = "more than the quota of eight";
static HANDLE server, client;

static void open_pair(void)
{
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 8, 8, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
}

static void start(OVERLAPPED *ov)
{
    OVERLAPPED fresh = {0};

    *ov = fresh;
    ov->hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    ov->InternalHigh = 0x77;
}

/* Without the handle the operation was started with, the OVERLAPPED has to do. */
static void finish(const char *line, HANDLE h, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    if (h != NULL)
        SAY_BOOL(say_name(line, "result"), GetOverlappedResult(h, ov, &n, FALSE));
    SAY_HEX(say_name(line, "internal"), ov->Internal);
    SAY(say_name(line, "internal_high"), ov->InternalHigh);
    CloseHandle(ov->hEvent);
}

static void say_peer(void)
{
    OVERLAPPED read, write;
    char buf[16];

    open_pair();
    start(&read);
    start(&write);
    SAY_BOOL("peer.read", ReadFile(client, buf, sizeof(buf), NULL, &read));
    SAY_BOOL("peer.write", WriteFile(client, long_text, 28, NULL, &write));
    CloseHandle(server);
    finish("peer.read", client, &read);
    finish("peer.write", client, &write);
    CloseHandle(client);
}

static void say_own_read(void)
{
    OVERLAPPED first, second;
    char buf[16], more[16];

    open_pair();
    start(&first);
    start(&second);
    SAY_BOOL("own.first", ReadFile(server, buf, sizeof(buf), NULL, &first));
    SAY_BOOL("own.second", ReadFile(server, more, sizeof(more), NULL, &second));
    SAY_BOOL("own.close", CloseHandle(server));
    finish("own.first", NULL, &first);
    finish("own.second", NULL, &second);
    CloseHandle(client);
}

/* What was accepted stays readable; what becomes of the write that was not is printed last. */
static void say_own_write(void)
{
    OVERLAPPED accepted, pending;
    char buf[8] = "";
    DWORD n = 99;

    open_pair();
    start(&accepted);
    start(&pending);
    SAY_BOOL("write.accepted", WriteFile(client, "abcd", 4, &n, &accepted));
    SAY_BOOL("write.pending", WriteFile(client, long_text, 28, NULL, &pending));
    SAY_BOOL("write.close", CloseHandle(client));
    SAY_BOOL("write.read", ReadFile(server, buf, 4, &n, NULL));
    SAY("write.read.bytes", n);
    SAY("write.read.same", memcmp(buf, "abcd", 4) == 0);
    SAY_WAIT("write.event", WaitForSingleObject(pending.hEvent, PATIENCE_MS));
    SAY_HEX("write.internal", pending.Internal);
    CloseHandle(accepted.hEvent);
    CloseHandle(pending.hEvent);
    CloseHandle(server);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_closing_%lu",
             (unsigned long)GetCurrentProcessId());
    say_peer();
    say_own_read();
    say_own_write();
    return 0;
}
