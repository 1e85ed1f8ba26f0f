/* SPDX-License-Identifier: MIT */
/* Several ConnectNamedPipe calls that wait on one instance: one client ends them all, cancelling
 * ends one and leaves the instance listening, closing ends them with an error. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static char name[64];
static HANDLE server;

static void create(void)
{
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
}

static void start(const char *line, OVERLAPPED *ov)
{
    OVERLAPPED fresh = {0};

    *ov = fresh;
    ov->hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL(line, ConnectNamedPipe(server, ov));
}

static void finish(const char *line, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(server, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
    CloseHandle(ov->hEvent);
}

static void say_two(void)
{
    OVERLAPPED a, b;
    HANDLE client;

    create();
    start("two.first", &a);
    start("two.second", &b);
    client = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
    finish("two.first", &a);
    finish("two.second", &b);
    CloseHandle(client);
    CloseHandle(server);
}

static void say_cancel_one(void)
{
    OVERLAPPED a, b;
    HANDLE client;

    create();
    start("cancel.first", &a);
    start("cancel.second", &b);
    SAY_BOOL("cancel", CancelIoEx(server, &a));
    finish("cancel.first", &a);
    SAY_WAIT("cancel.second.still", WaitForSingleObject(b.hEvent, 0));
    client = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
    finish("cancel.second", &b);
    CloseHandle(client);
    CloseHandle(server);
}

static void say_cancel_all(void)
{
    OVERLAPPED a;
    HANDLE client;

    create();
    start("cancel_all", &a);
    SAY_BOOL("cancel_all.call", CancelIo(server));
    finish("cancel_all", &a);
    SAY_HANDLE("cancel_all.open", client, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    SAY_BOOL("cancel_all.connect", ConnectNamedPipe(server, NULL));
    CloseHandle(client);
    CloseHandle(server);
}

static void say_close(void)
{
    OVERLAPPED a;
    HANDLE client;

    create();
    start("close", &a);
    CloseHandle(server);
    SAY_WAIT("close.event", WaitForSingleObject(a.hEvent, PATIENCE_MS));
    SAY_HEX("close.internal", a.Internal);
    SAY("close.internal_high", a.InternalHigh);
    SAY_HANDLE("close.open", client, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    CloseHandle(a.hEvent);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_pending_%lu",
             (unsigned long)GetCurrentProcessId());
    say_two();
    say_cancel_one();
    say_cancel_all();
    say_close();
    return 0;
}
