/* SPDX-License-Identifier: MIT */
/* What is under way at both ends when the server disconnects: all of it fails with 233, and nothing
 * of it is left for the next client. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static char name[64];
static HANDLE server, client;

static void start(OVERLAPPED *ov)
{
    OVERLAPPED fresh = {0};

    *ov = fresh;
    ov->hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
}

static void finish(const char *line, HANDLE h, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(h, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
    SAY_HEX(say_name(line, "internal"), ov->Internal);
    CloseHandle(ov->hEvent);
}

int main(void)
{
    OVERLAPPED client_read, server_write, server_read, client_write, connect;
    char buf[16], more[16], data[32] = "more than the quota of eight";
    DWORD n = 99;

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_underway_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 8, 8, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);

    start(&client_read);
    start(&client_write);
    SAY_BOOL("client_read", ReadFile(client, buf, sizeof(buf), NULL, &client_read));
    SAY_BOOL("client_write", WriteFile(client, data, 28, NULL, &client_write));
    SAY_BOOL("first.disconnect", DisconnectNamedPipe(server));
    finish("client_read", client, &client_read);
    finish("client_write", client, &client_write);
    CloseHandle(client);

    start(&connect);
    ConnectNamedPipe(server, &connect);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    finish("connect", server, &connect);
    SAY_BOOL("nothing_left", PeekNamedPipe(server, NULL, 0, NULL, &n, NULL));
    SAY("nothing_left.bytes", n);

    start(&server_read);
    start(&server_write);
    SAY_BOOL("server_read", ReadFile(server, more, sizeof(more), NULL, &server_read));
    SAY_BOOL("server_write", WriteFile(server, data, 28, NULL, &server_write));
    SAY_BOOL("second.disconnect", DisconnectNamedPipe(server));
    finish("server_read", server, &server_read);
    finish("server_write", server, &server_write);
    SAY_BOOL("read_after", ReadFile(client, buf, sizeof(buf), &n, NULL));
    CloseHandle(client);
    CloseHandle(server);
    return 0;
}
