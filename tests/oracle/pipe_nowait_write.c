/* SPDX-License-Identifier: MIT */
/* Writing in PIPE_NOWAIT mode always succeeds; the count says how much went: all of it if it fits,
 * otherwise on a byte pipe what reads are waiting for, and on a message pipe nothing. */
#include <windows.h>
#include "say.h"

#define QUOTA 512
#define PATIENCE_MS 2000

static HANDLE server, client;
static char data[1024], buf[1024];

static void open_pair(DWORD type)
{
    DWORD client_mode = type == PIPE_TYPE_MESSAGE ? PIPE_READMODE_MESSAGE : PIPE_READMODE_BYTE;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_nowaitw_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, type | PIPE_NOWAIT, 1, QUOTA, QUOTA, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &client_mode, NULL, NULL);
}

static void say_write(const char *title, const char *step, DWORD len)
{
    DWORD n = 99;
    char line[48];

    snprintf(line, sizeof(line), "%s.%s", title, step);
    SAY_BOOL(line, WriteFile(server, data, len, &n, NULL));
    SAY(say_name(line, "bytes"), n);
}

static void say_no_reader(const char *title, DWORD type)
{
    DWORD avail = 99;

    open_pair(type);
    say_write(title, "one_too_many", QUOTA + 1);
    say_write(title, "all", QUOTA);
    say_write(title, "one_more", 1);
    say_write(title, "none", 0);
    PeekNamedPipe(client, NULL, 0, NULL, &avail, NULL);
    SAY(say_name(title, "avail"), avail);
    CloseHandle(client);
    say_write(title, "closed", 1);
    CloseHandle(server);
}

/* One read of `room` bytes waits when `len` bytes are written. */
static void say_reader(const char *title, DWORD type, DWORD room, DWORD len)
{
    OVERLAPPED ov = {0};
    DWORD n = 99, avail = 99;

    open_pair(type);
    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL(say_name(title, "read"), ReadFile(client, buf, room, NULL, &ov));
    say_write(title, "write", len);
    SAY_BOOL(say_name(title, "cancel"), CancelIoEx(client, &ov)); /* 1168: it had been served */
    SAY_WAIT(say_name(title, "event"), WaitForSingleObject(ov.hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(title, "result"), GetOverlappedResult(client, &ov, &n, FALSE));
    SAY(say_name(title, "bytes"), n);
    PeekNamedPipe(client, NULL, 0, NULL, &avail, NULL);
    SAY(say_name(title, "avail"), avail);
    CloseHandle(ov.hEvent);
    CloseHandle(client);
    CloseHandle(server);
}

int main(void)
{
    say_no_reader("byte", PIPE_TYPE_BYTE);
    say_no_reader("message", PIPE_TYPE_MESSAGE);
    say_reader("byte_1_513", PIPE_TYPE_BYTE, 1, QUOTA + 1);
    say_reader("message_1_513", PIPE_TYPE_MESSAGE, 1, QUOTA + 1);
    say_reader("byte_1_514", PIPE_TYPE_BYTE, 1, QUOTA + 2);
    say_reader("message_1_514", PIPE_TYPE_MESSAGE, 1, QUOTA + 2);
    say_reader("byte_4_600", PIPE_TYPE_BYTE, 4, 600);
    say_reader("message_4_600", PIPE_TYPE_MESSAGE, 4, 600);
    say_reader("byte_600_600", PIPE_TYPE_BYTE, 600, 600);
    say_reader("message_600_600", PIPE_TYPE_MESSAGE, 600, 600);
    return 0;
}
