/* SPDX-License-Identifier: MIT */
/* The OVERLAPPED of a pipe operation from start to end: while it waits, when it succeeds at once,
 * when it succeeds later, and when it is refused, which leaves no more than the mark of having been
 * looked at. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static char name[64];
static HANDLE server, client;

static void fresh(OVERLAPPED *ov)
{
    OVERLAPPED zero = {0};

    *ov = zero;
    ov->Internal = 0x55;
    ov->InternalHigh = 0x77;
    ov->Offset = 12345; /* pipes have no positions */
    ov->OffsetHigh = 678;
    ov->hEvent = CreateEvent(NULL, TRUE, TRUE, NULL);
}

static void say_ov(const char *line, OVERLAPPED *ov, DWORD patience_ms)
{
    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, patience_ms));
    SAY_HEX(say_name(line, "internal"), ov->Internal);
    SAY(say_name(line, "internal_high"), ov->InternalHigh);
}

static void say_result(const char *line, HANDLE h, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(h, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
}

static void say_transfers(void)
{
    OVERLAPPED read, write;
    char buf[16];
    DWORD n = 99;

    fresh(&read);
    fresh(&write);
    SAY_BOOL("read", ReadFile(server, buf, sizeof(buf), NULL, &read));
    SAY_WAIT("read.waits", WaitForSingleObject(read.hEvent, 0));
    SAY_HEX("read.waits.internal", read.Internal);
    SAY_BOOL("read.waits.result", GetOverlappedResult(server, &read, &n, FALSE));
    SAY_BOOL("read.waits.result_ex", GetOverlappedResultEx(server, &read, &n, 0, FALSE));
    SAY_BOOL("read.waits.result_10", GetOverlappedResultEx(server, &read, &n, 10, FALSE));
    SAY_BOOL("write", WriteFile(client, "abc", 3, &n, &write));
    SAY("write.counted", n);
    say_ov("write", &write, PATIENCE_MS);
    say_result("write", client, &write);
    say_ov("read.done", &read, PATIENCE_MS);
    say_result("read.done", server, &read);
    SAY("read.done.same_offset", read.Offset == 12345 && read.OffsetHigh == 678);

    ResetEvent(write.hEvent);
    WriteFile(client, "defg", 4, &n, &write);
    CloseHandle(read.hEvent);
    fresh(&read);
    SAY_BOOL("at_once", ReadFile(server, buf, sizeof(buf), &n, &read));
    SAY("at_once.counted", n);
    say_ov("at_once", &read, PATIENCE_MS);
    CloseHandle(read.hEvent);
    CloseHandle(write.hEvent);
}

static void say_refused(const char *line, BOOL write)
{
    char buf[16] = "abc";
    DWORD n = 99;
    OVERLAPPED ov;

    fresh(&ov);
    SAY_BOOL(line, write ? WriteFile(server, buf, 3, &n, &ov) : ReadFile(server, buf, 3, &n, &ov));
    SAY(say_name(line, "counted"), n);
    say_ov(line, &ov, 0);
    CloseHandle(ov.hEvent);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_over_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
    say_refused("listening.read", FALSE);
    say_refused("listening.write", TRUE);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    say_transfers();
    CloseHandle(client);
    say_refused("closing.read", FALSE);
    say_refused("closing.write", TRUE);
    DisconnectNamedPipe(server);
    say_refused("disconnected.read", FALSE);
    say_refused("disconnected.write", TRUE);
    CloseHandle(server);
    return 0;
}
