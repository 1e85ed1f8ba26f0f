/* SPDX-License-Identifier: MIT */
/* An instance in PIPE_NOWAIT mode waits for no client: ConnectNamedPipe says how things are. */
#include <windows.h>
#include "say.h"

static char name[64];
static HANDLE event;

static void say_rounds(const char *title, DWORD flags, OVERLAPPED *ov)
{
    HANDLE server, client;
    DWORD mode = PIPE_WAIT;

    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | flags, PIPE_NOWAIT, 1, 64, 64, 0, NULL);
    SAY_BOOL(say_name(title, "listening"), ConnectNamedPipe(server, ov));
    SAY_BOOL(say_name(title, "listening_still"), ConnectNamedPipe(server, ov));
    SAY_HANDLE(say_name(title, "open"), client, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    SAY_BOOL(say_name(title, "connected"), ConnectNamedPipe(server, ov));
    CloseHandle(client);
    SAY_BOOL(say_name(title, "closing"), ConnectNamedPipe(server, ov));
    SAY_HANDLE(say_name(title, "closing.open"), client,
               open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    SAY_BOOL(say_name(title, "disconnect"), DisconnectNamedPipe(server));
    SAY_HANDLE(say_name(title, "disconnected.open"), client,
               open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    SAY_BOOL(say_name(title, "disconnected"), ConnectNamedPipe(server, ov));
    SAY_HANDLE(say_name(title, "open_again"), client,
               open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    SAY_BOOL(say_name(title, "connected_again"), ConnectNamedPipe(server, ov));
    SAY_BOOL(say_name(title, "wait_mode"), SetNamedPipeHandleState(server, &mode, NULL, NULL));
    SAY_BOOL(say_name(title, "connected_wait_mode"), ConnectNamedPipe(server, ov));
    CloseHandle(client);
    CloseHandle(server);
}

int main(void)
{
    OVERLAPPED ov = {0};

    event = CreateEvent(NULL, TRUE, FALSE, NULL);
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_nowait_%lu",
             (unsigned long)GetCurrentProcessId());
    say_rounds("synchronous", 0, NULL);
    ov.hEvent = event;
    say_rounds("overlapped", FILE_FLAG_OVERLAPPED, &ov);
    SAY_WAIT("overlapped.event", WaitForSingleObject(event, 0));
    CloseHandle(event);
    return 0;
}
