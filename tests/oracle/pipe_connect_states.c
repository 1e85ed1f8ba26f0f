/* SPDX-License-Identifier: MIT */
/* ConnectNamedPipe in every state of an instance, with an event that was set before: it is reset on
 * the way in, and only a connection that had to be waited for sets it again. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static char name[64];
static HANDLE server;

static void say_connect(const char *line, HANDLE h, OVERLAPPED *ov)
{
    SetEvent(ov->hEvent);
    ov->Internal = 0x77;
    SAY_BOOL(line, ConnectNamedPipe(h, ov));
    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, 0));
    SAY_HEX(say_name(line, "internal"), ov->Internal);
}

static void say_done(const char *line, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(server, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
    SAY_HEX(say_name(line, "internal"), ov->Internal);
}

int main(void)
{
    OVERLAPPED ov = {0};
    HANDLE client, early;

    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_connect_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
    say_connect("listening", server, &ov);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    say_done("connected", &ov);
    say_connect("connected_already", server, &ov);
    SAY_BOOL("client_end", ConnectNamedPipe(client, &ov));
    CloseHandle(client);
    SAY_BOOL("closing", ConnectNamedPipe(server, &ov));
    SAY_WAIT("closing.event", WaitForSingleObject(ov.hEvent, 0));
    DisconnectNamedPipe(server);
    say_connect("disconnected", server, &ov);
    early = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    say_done("connected_again", &ov);
    DisconnectNamedPipe(server);
    CloseHandle(early);
    CloseHandle(server);

    /* A client that comes before the call. */
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
    SAY_HANDLE("early.open", early, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    say_connect("early", server, &ov);
    CloseHandle(early);
    say_connect("early_and_gone", server, &ov);
    CloseHandle(server);
    CloseHandle(ov.hEvent);
    return 0;
}
