/* SPDX-License-Identifier: MIT */
/* Several handles to one end: they share everything but their rights, an operation belongs to the
 * end and not to the handle, and the end closes with the last of them. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static HANDLE server, client;

static void open_pair(void)
{
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_copies_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
}

static HANDLE copy_of(HANDLE h)
{
    HANDLE self = GetCurrentProcess(), copy = NULL;

    DuplicateHandle(self, h, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    return copy;
}

static void say_pending(void)
{
    OVERLAPPED ov = {0};
    HANDLE copy;
    char buf[16];
    DWORD n = 99;

    open_pair();
    copy = copy_of(client);
    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL("pending", ReadFile(client, buf, sizeof(buf), NULL, &ov));
    SAY_BOOL("pending.close", CloseHandle(client));
    SAY_WAIT("pending.waits", WaitForSingleObject(ov.hEvent, 0));
    SAY_BOOL("pending.cancel", CancelIo(copy));
    SAY_WAIT("pending.event", WaitForSingleObject(ov.hEvent, PATIENCE_MS));
    SAY_BOOL("pending.result", GetOverlappedResult(copy, &ov, &n, FALSE));
    SAY_BOOL("pending.server_writes", WriteFile(server, "abc", 3, &n, NULL));
    SAY_BOOL("pending.copy_reads", ReadFile(copy, buf, sizeof(buf), &n, NULL));
    SAY("pending.copy_reads.bytes", n);
    SAY_BOOL("last.close", CloseHandle(copy));
    SAY_BOOL("last.server_writes", WriteFile(server, "abc", 3, &n, NULL));
    CloseHandle(server);
    CloseHandle(ov.hEvent);
}

/* Closing one of two server handles changes nothing for the client. */
static void say_server(void)
{
    HANDLE copy;
    char buf[16];
    DWORD n = 99;

    open_pair();
    copy = copy_of(server);
    CloseHandle(server);
    SAY_BOOL("server.write", WriteFile(client, "abc", 3, &n, NULL));
    SAY_BOOL("server.copy_reads", ReadFile(copy, buf, sizeof(buf), &n, NULL));
    SAY_BOOL("server.copy_disconnects", DisconnectNamedPipe(copy));
    CloseHandle(copy);
    SAY_BOOL("server.gone", ReadFile(client, buf, sizeof(buf), &n, NULL));
    CloseHandle(client);
}

int main(void)
{
    say_pending();
    say_server();
    return 0;
}
