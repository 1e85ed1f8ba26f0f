/* SPDX-License-Identifier: MIT */
/* The event of an OVERLAPPED: reset when the operation starts, set when it has ended, left unset
 * when it was refused; automatic, tagged, shared and useless events. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static HANDLE server, client;
static char buf[2][16];

static void open_pair(void)
{
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_events_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
}

static void client_writes(const char *text)
{
    DWORD n = 99;

    WriteFile(client, text, (DWORD)strlen(text), &n, NULL);
}

static void say_event(const char *title, BOOL manual, ULONG_PTR tag)
{
    HANDLE event = CreateEvent(NULL, manual, TRUE, NULL);
    OVERLAPPED ov = {0};
    DWORD n = 99;

    ov.hEvent = (HANDLE)((ULONG_PTR)event | tag);
    SAY_BOOL(say_name(title, "read"), ReadFile(server, buf[0], 16, NULL, &ov));
    SAY_WAIT(say_name(title, "reset"), WaitForSingleObject(event, 0));
    client_writes("abc");
    SAY_WAIT(say_name(title, "done"), WaitForSingleObject(event, PATIENCE_MS));
    SAY_WAIT(say_name(title, "done_still"), WaitForSingleObject(event, 0));
    SAY_BOOL(say_name(title, "result"), GetOverlappedResult(server, &ov, &n, FALSE));
    SAY(say_name(title, "bytes"), n);
    SetEvent(event);
    SAY_BOOL(say_name(title, "write"), WriteFile(server, "abc", 3, &n, &ov));
    SAY_WAIT(say_name(title, "write.done"), WaitForSingleObject(event, PATIENCE_MS));
    ReadFile(client, buf[1], 16, &n, NULL);
    CloseHandle(event);
}

/* One event for two reads: the first to end sets it. */
static void say_shared(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    OVERLAPPED first = {0}, second = {0};
    DWORD n = 99;

    first.hEvent = second.hEvent = event;
    ReadFile(server, buf[0], 3, NULL, &first);
    ReadFile(server, buf[1], 3, NULL, &second);
    client_writes("abc");
    SAY_WAIT("shared.first", WaitForSingleObject(event, PATIENCE_MS));
    SAY_BOOL("shared.first.result", GetOverlappedResult(server, &first, &n, FALSE));
    SAY_BOOL("shared.second.result", GetOverlappedResult(server, &second, &n, FALSE));
    ResetEvent(event);
    client_writes("def");
    SAY_WAIT("shared.second", WaitForSingleObject(event, PATIENCE_MS));
    SAY_BOOL("shared.second.done", GetOverlappedResult(server, &second, &n, FALSE));
    SAY("shared.second.bytes", n);
    CloseHandle(event);
}

/* Something that is no event is found before anything starts. */
static void say_bad(const char *title, HANDLE bad)
{
    OVERLAPPED ov = {0};
    DWORD avail = 99;

    ov.hEvent = bad;
    ov.Internal = 0x55;
    SAY_BOOL(say_name(title, "read"), ReadFile(server, buf[0], 16, NULL, &ov));
    SAY_BOOL(say_name(title, "write"), WriteFile(server, "abc", 3, NULL, &ov));
    PeekNamedPipe(client, NULL, 0, NULL, &avail, NULL);
    SAY(say_name(title, "written"), avail);
    CancelIo(server);
}

int main(void)
{
    open_pair();
    say_event("manual", TRUE, 0);
    say_event("automatic", FALSE, 0);
    say_event("tagged", TRUE, 1);
    say_shared();
    say_bad("stale", stale_handle());
    CloseHandle(client);
    CloseHandle(server);
    return 0;
}
