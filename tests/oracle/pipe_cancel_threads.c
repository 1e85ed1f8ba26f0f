/* SPDX-License-Identifier: MIT */
/* Cancelling and threads: CancelIo ends what the calling thread has started, CancelIoEx what
 * anybody has. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static HANDLE server, client;
static char buf[2][16];

static void start(const char *line, DWORD slot, OVERLAPPED *ov)
{
    OVERLAPPED fresh = {0};

    *ov = fresh;
    ov->hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    ov->InternalHigh = 0x77;
    SAY_BOOL(line, ReadFile(client, buf[slot], 16, NULL, ov));
}

static void finish(const char *line, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(client, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
    SAY_HEX(say_name(line, "internal"), ov->Internal);
    SAY(say_name(line, "internal_high"), ov->InternalHigh);
    CloseHandle(ov->hEvent);
}

static DWORD WINAPI cancel_own(LPVOID unused)
{
    (void)unused;
    return CancelIo(client) ? 0 : GetLastError();
}

static DWORD WINAPI cancel_any(LPVOID ov)
{
    return CancelIoEx(client, (OVERLAPPED *)ov) ? 0 : GetLastError();
}

static void run(const char *line, LPTHREAD_START_ROUTINE routine, OVERLAPPED *ov)
{
    HANDLE thread = CreateThread(NULL, 0, routine, ov, 0, NULL);
    DWORD code = 99;

    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    SAY(line, code);
    CloseHandle(thread);
}

/* CancelIo is about the caller's own operations. */
static void say_threads(void)
{
    OVERLAPPED first, second;

    start("thread.first", 0, &first);
    start("thread.second", 1, &second);
    run("thread.cancel_io", cancel_own, NULL);
    SAY_WAIT("thread.waits", WaitForSingleObject(first.hEvent, 20));
    run("thread.cancel_io_ex", cancel_any, &first);
    finish("thread.first", &first);
    SAY_BOOL("thread.own", CancelIo(client));
    finish("thread.second", &second);
    SAY_BOOL("thread.none_left", CancelIo(client));
}

int main(void)
{
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_cancelt_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    say_threads();
    CloseHandle(client);
    CloseHandle(server);
    return 0;
}
