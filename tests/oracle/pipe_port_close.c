/* SPDX-License-Identifier: MIT */
/* Packets of operations that a close or a disconnection ends, and the order in which packets come:
 * that of the operations.  Cancelling promises no order. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000
#define READS 3

static char name[64], buf[READS][4];
static HANDLE server, client, port;
static OVERLAPPED ov[READS];

static void open_pair(void)
{
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    port = CreateIoCompletionPort(server, NULL, 1, 0);
}

static void start_reads(const char *line)
{
    DWORD i, pending = 0;

    for (i = 0; i < READS; i++)
        pending += !ReadFile(server, buf[i], sizeof(buf[i]), NULL, &ov[i]) &&
                   GetLastError() == ERROR_IO_PENDING;
    SAY(say_name(line, "pending"), pending);
}

static void say_packets(const char *title, BOOL in_order)
{
    OVERLAPPED *got;
    ULONG_PTR key;
    char line[32];
    DWORD i, n;

    for (i = 0; i < READS; i++) {
        got = NULL;
        n = 77;
        snprintf(line, sizeof(line), "%s.%d", title, (int)i);
        SAY_BOOL(line, GetQueuedCompletionStatus(port, &n, &key, &got, PATIENCE_MS));
        SAY(say_name(line, "bytes"), n);
        if (in_order)
            SAY(say_name(line, "which"), got == NULL ? 99 : got - ov);
        SAY_HEX(say_name(line, "internal"), got == NULL ? 0 : got->Internal);
    }
    SAY_BOOL(say_name(title, "no_more"), GetQueuedCompletionStatus(port, &n, &key, &got, 0));
}

enum end { READS_DATA, PEER_CLOSES, DISCONNECTS, CLOSES, CANCELS };

static void say_end(const char *title, enum end end)
{
    DWORD n = 99;

    open_pair();
    start_reads(title);
    if (end == READS_DATA)
        WriteFile(client, "abcdefghijk", 11, &n, NULL);
    else if (end == PEER_CLOSES)
        CloseHandle(client);
    else if (end == DISCONNECTS)
        DisconnectNamedPipe(server);
    else if (end == CLOSES)
        CloseHandle(server); /* the port outlives the end and hears of its last operations */
    else
        CancelIo(server);
    say_packets(title, end != CANCELS);
    if (end != PEER_CLOSES)
        CloseHandle(client);
    if (end != CLOSES)
        CloseHandle(server);
    CloseHandle(port);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_packets_%lu",
             (unsigned long)GetCurrentProcessId());
    say_end("order", READS_DATA);
    say_end("peer", PEER_CLOSES);
    say_end("disconnect", DISCONNECTS);
    say_end("own", CLOSES);
    say_end("cancel", CANCELS);
    return 0;
}
