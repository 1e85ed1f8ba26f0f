/* SPDX-License-Identifier: MIT */
/* With a quota of nothing every write waits to be read to the last byte, unless somebody is already
 * waiting for all of it. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static HANDLE server, client;
static char buf[16];

static void open_pair(DWORD mode)
{
    DWORD client_mode = mode & PIPE_READMODE_MESSAGE;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_none_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, mode, 1, 0, 0, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &client_mode, NULL, NULL);
}

static void close_pair(void)
{
    CloseHandle(client);
    CloseHandle(server);
}

static void fresh(OVERLAPPED *ov)
{
    OVERLAPPED zero = {0};

    *ov = zero;
    ov->hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
}

static void finish(const char *title, const char *step, HANDLE h, OVERLAPPED *ov)
{
    char line[48];
    DWORD n = 99;

    snprintf(line, sizeof(line), "%s.%s", title, step);
    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(h, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
    CloseHandle(ov->hEvent);
}

static void say_pair(const char *title, DWORD mode, BOOL write_first)
{
    OVERLAPPED write, read;
    char line[48];

    open_pair(mode);
    fresh(&write);
    fresh(&read);
    snprintf(line, sizeof(line), "%s.%s", title, write_first ? "write_first" : "read_first");
    if (write_first)
        SAY_BOOL(say_name(line, "write"), WriteFile(server, "abc", 3, NULL, &write));
    SAY_BOOL(say_name(line, "read"), ReadFile(client, buf, 10, NULL, &read));
    if (!write_first)
        SAY_BOOL(say_name(line, "write"), WriteFile(server, "abc", 3, NULL, &write));
    finish(line, "write", server, &write);
    finish(line, "read", client, &read);
    close_pair();
}

/* The reader takes two of three. */
static void say_short_read(const char *title, DWORD mode)
{
    OVERLAPPED write, read, rest;

    open_pair(mode);
    fresh(&write);
    fresh(&read);
    fresh(&rest);
    SAY_BOOL(say_name(title, "short"), ReadFile(client, buf, 2, NULL, &read));
    SAY_BOOL(say_name(title, "short_write"), WriteFile(server, "abc", 3, NULL, &write));
    finish(title, "short", client, &read);
    SAY_WAIT(say_name(title, "short_write.waits"), WaitForSingleObject(write.hEvent, 0));
    SAY_BOOL(say_name(title, "rest"), ReadFile(client, buf, 10, NULL, &rest));
    finish(title, "rest", client, &rest);
    finish(title, "short_write", server, &write);
    close_pair();
}

int main(void)
{
    say_pair("byte", PIPE_TYPE_BYTE, TRUE);
    say_pair("byte", PIPE_TYPE_BYTE, FALSE);
    say_short_read("byte", PIPE_TYPE_BYTE);
    say_pair("message", PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, TRUE);
    say_pair("message", PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, FALSE);
    say_short_read("message", PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    return 0;
}
