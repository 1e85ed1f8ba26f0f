/* SPDX-License-Identifier: MIT */
/* Four reads of three bytes wait, one write of ten bytes comes: they are served in the order in
 * which they were asked for, and on a message pipe the first three are told that there is more. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000
#define READS 4

static HANDLE server, client;

static void open_pair(DWORD mode)
{
    DWORD client_mode = mode & PIPE_READMODE_MESSAGE;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_fifo_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, mode, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &client_mode, NULL, NULL);
}

static void say_reads(const char *title, DWORD mode, DWORD len)
{
    static const char text[] = "abcdefghijklmnop";
    OVERLAPPED ov[READS] = {{0}};
    char buf[READS][8], line[48];
    DWORD i, n, pending = 0, position = 0;

    open_pair(mode);
    for (i = 0; i < READS; i++) {
        ov[i].hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
        pending += !ReadFile(client, buf[i], 3, NULL, &ov[i]) && GetLastError() == ERROR_IO_PENDING;
    }
    SAY(say_name(title, "pending"), pending);
    SAY_BOOL(say_name(title, "write"), WriteFile(server, text, len, &n, NULL));
    SAY(say_name(title, "write.bytes"), n);
    for (i = 0; i < READS && position < len; i++) {
        snprintf(line, sizeof(line), "%s.%d", title, (int)i);
        n = 99;
        SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov[i].hEvent, PATIENCE_MS));
        SAY_BOOL(line, GetOverlappedResult(client, &ov[i], &n, FALSE));
        SAY(say_name(line, "bytes"), n);
        SAY(say_name(line, "in_order"), memcmp(buf[i], text + position, n) == 0);
        position += n;
    }
    SAY(say_name(title, "served"), i);
    CancelIo(client);
    for (i = 0; i < READS; i++) {
        WaitForSingleObject(ov[i].hEvent, PATIENCE_MS);
        CloseHandle(ov[i].hEvent);
    }
    PeekNamedPipe(client, NULL, 0, NULL, &n, NULL);
    SAY(say_name(title, "left"), n);
    CloseHandle(client);
    CloseHandle(server);
}

int main(void)
{
    say_reads("byte_10", PIPE_TYPE_BYTE, 10);
    say_reads("byte_3", PIPE_TYPE_BYTE, 3);
    say_reads("byte_14", PIPE_TYPE_BYTE, 14);
    say_reads("message_10", PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 10);
    say_reads("message_3", PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 3);
    say_reads("message_14", PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 14);
    say_reads("message_as_bytes", PIPE_TYPE_MESSAGE, 10);
    return 0;
}
