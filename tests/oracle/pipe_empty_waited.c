/* SPDX-License-Identifier: MIT */
/* Who is woken by a write of nothing: the first read that waits on a message pipe, whatever its
 * size, and nobody on a byte pipe. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static HANDLE server, client;

static void open_pair(DWORD mode)
{
    DWORD client_mode = mode & PIPE_READMODE_MESSAGE;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_woken_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, mode, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &client_mode, NULL, NULL);
}

static void close_pair(void)
{
    CloseHandle(client);
    CloseHandle(server);
}

static void start(const char *line, char *buf, DWORD room, OVERLAPPED *ov)
{
    OVERLAPPED fresh = {0};

    *ov = fresh;
    ov->hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL(line, ReadFile(client, buf, room, NULL, ov));
}

static void say_waits(const char *line, OVERLAPPED *ov)
{
    SAY_WAIT(line, WaitForSingleObject(ov->hEvent, 0));
}

static void finish(const char *line, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(client, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
    CloseHandle(ov->hEvent);
}

static void say_message(const char *title, DWORD first_room)
{
    OVERLAPPED first, second;
    char buf[16], more[16], line[48];
    DWORD n = 99;

    open_pair(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    snprintf(line, sizeof(line), "%s.first", title);
    start(line, buf, first_room, &first);
    start(say_name(title, "second"), more, 16, &second);
    SAY_BOOL(say_name(title, "write"), WriteFile(server, "", 0, &n, NULL));
    finish(line, &first);
    snprintf(line, sizeof(line), "%s.second", title);
    say_waits(say_name(line, "waits"), &second);
    WriteFile(server, "", 0, &n, NULL);
    finish(line, &second);
    close_pair();
}

static void say_byte(void)
{
    OVERLAPPED first;
    char buf[16];
    DWORD n = 99;

    open_pair(PIPE_TYPE_BYTE);
    start("byte", buf, 16, &first);
    SAY_BOOL("byte.write", WriteFile(server, "", 0, &n, NULL));
    SAY("byte.write.bytes", n);
    say_waits("byte.waits", &first);
    WriteFile(server, "abc", 3, &n, NULL);
    finish("byte", &first);
    close_pair();
}

int main(void)
{
    say_message("room_16", 16);
    say_message("room_0", 0);
    say_byte();
    return 0;
}
