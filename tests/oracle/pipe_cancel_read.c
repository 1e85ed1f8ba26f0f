/* SPDX-License-Identifier: MIT */
/* Cancelling reads that wait: the one that was named, or all of one end; the others are not
 * disturbed. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static HANDLE server, client;
static char buf[3][16];

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

static void say_one(void)
{
    OVERLAPPED first, second, stranger = {0};
    DWORD n = 99;

    start("one.first", 0, &first);
    start("one.second", 1, &second);
    SAY_BOOL("one.stranger", CancelIoEx(client, &stranger));
    SAY_BOOL("one.wrong_end", CancelIoEx(server, &second));
    SAY_BOOL("one.cancel", CancelIoEx(client, &second));
    SAY_BOOL("one.cancel_twice", CancelIoEx(client, &second));
    finish("one.second", &second);
    SAY_WAIT("one.first.waits", WaitForSingleObject(first.hEvent, 0));
    SAY_BOOL("one.write", WriteFile(server, "x", 1, &n, NULL));
    finish("one.first", &first);
    SAY("one.first.data", buf[0][0]);
}

static void say_all(void)
{
    OVERLAPPED first, second, third;
    DWORD n = 99;

    start("all.first", 0, &first);
    start("all.second", 1, &second);
    SAY_BOOL("all.cancel", CancelIoEx(client, NULL));
    finish("all.first", &first);
    finish("all.second", &second);
    start("all.third", 2, &third);
    WriteFile(server, "y", 1, &n, NULL);
    finish("all.third", &third);
}

int main(void)
{
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_cancelr_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    say_one();
    say_all();
    CloseHandle(client);
    CloseHandle(server);
    return 0;
}
