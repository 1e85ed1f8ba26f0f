/* SPDX-License-Identifier: MIT */
/* Cancelling a write that waits takes what is left of it out of the pipe, even if the beginning was
 * read; what comes behind moves up. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static HANDLE server, client;

static void open_pair(DWORD mode)
{
    DWORD client_mode = mode & PIPE_READMODE_MESSAGE;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_cancelw_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, mode, 1, 0, 0, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    SetNamedPipeHandleState(client, &client_mode, NULL, NULL);
}

static void start(const char *title, const char *step, const char *text, OVERLAPPED *ov)
{
    OVERLAPPED fresh = {0};

    *ov = fresh;
    ov->hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL(say_name(title, step), WriteFile(server, text, (DWORD)strlen(text), NULL, ov));
}

static void finish(const char *title, const char *step, OVERLAPPED *ov)
{
    char line[48];
    DWORD n = 99;

    snprintf(line, sizeof(line), "%s.%s", title, step);
    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(server, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
    CloseHandle(ov->hEvent);
}

static void say_read(const char *title, const char *step, DWORD room, const char *expected)
{
    char buf[64] = "", line[48];
    DWORD n = 99;

    snprintf(line, sizeof(line), "%s.%s", title, step);
    SAY_BOOL(line, ReadFile(client, buf, room, &n, NULL));
    SAY(say_name(line, "bytes"), n);
    SAY(say_name(line, "as_expected"), strcmp(buf, expected) == 0);
}

static void say_avail(const char *title, const char *step)
{
    DWORD avail = 99;

    PeekNamedPipe(client, NULL, 0, NULL, &avail, NULL);
    SAY(say_name(title, step), avail);
}

static void say_half_read(const char *title, DWORD mode)
{
    OVERLAPPED first, second;

    open_pair(mode);
    start(title, "first", "abcdefghijklmnop", &first);
    start(title, "second", "0123456789", &second);
    say_avail(title, "both");
    say_read(title, "some", 10, "abcdefghij");
    SAY_BOOL(say_name(title, "cancel"), CancelIoEx(server, &first));
    finish(title, "first", &first);
    say_avail(title, "left");
    say_read(title, "rest", 64, "0123456789");
    finish(title, "second", &second);
    CloseHandle(client);
    CloseHandle(server);
}

static void say_middle(const char *title, DWORD mode, const char *after)
{
    OVERLAPPED first, second, third;

    open_pair(mode);
    start(title, "first", "first", &first);
    start(title, "second", "second", &second);
    start(title, "third", "third", &third);
    SAY_BOOL(say_name(title, "cancel"), CancelIoEx(server, &second));
    SAY_BOOL(say_name(title, "cancel_twice"), CancelIoEx(server, &second));
    finish(title, "second", &second);
    say_avail(title, "left");
    say_read(title, "read", 64, after);
    if (strcmp(after, "first") == 0)
        say_read(title, "read_next", 64, "third");
    finish(title, "first", &first);
    finish(title, "third", &third);
    CloseHandle(client);
    CloseHandle(server);
}

int main(void)
{
    say_half_read("byte_half", PIPE_TYPE_BYTE);
    say_half_read("message_half", PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    say_middle("byte_middle", PIPE_TYPE_BYTE, "firstthird");
    say_middle("message_middle", PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, "first");
    return 0;
}
