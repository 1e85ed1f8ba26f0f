/* SPDX-License-Identifier: MIT */
/* Who may disconnect when: a server end with or without a client, not one that is disconnected
 * already, and never a client. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static char name[64];

static HANDLE create(void)
{
    return CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_NOWAIT, 1, 64, 64,
                           0, NULL);
}

/* Nobody there yet: the instance stops listening. */
static void say_listening(void)
{
    HANDLE server = create(), client;

    SAY_BOOL("listening", DisconnectNamedPipe(server));
    SAY_HANDLE("listening.open", client, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    if (client != INVALID_HANDLE_VALUE)
        CloseHandle(client);
    CloseHandle(server);
}

/* A ConnectNamedPipe that waits is ended by it. */
static void say_waiting(void)
{
    HANDLE server = create();
    DWORD mode = PIPE_WAIT;
    OVERLAPPED ov = {0};

    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SetNamedPipeHandleState(server, &mode, NULL, NULL);
    SAY_BOOL("waiting.connect", ConnectNamedPipe(server, &ov));
    SAY_BOOL("waiting", DisconnectNamedPipe(server));
    SAY_WAIT("waiting.event", WaitForSingleObject(ov.hEvent, 100));
    SAY_HEX("waiting.internal", ov.Internal);
    CloseHandle(server);
    WaitForSingleObject(ov.hEvent, PATIENCE_MS);
    CloseHandle(ov.hEvent);
}

static void say_closing(void)
{
    HANDLE server = create(), client = open_file(name, GENERIC_WRITE, OPEN_EXISTING, 0);
    char buf[16];
    DWORD n = 99;

    WriteFile(client, "unread", 6, &n, NULL);
    CloseHandle(client);
    SAY_BOOL("closing", DisconnectNamedPipe(server));
    SAY_BOOL("closing.read", ReadFile(server, buf, sizeof(buf), &n, NULL));
    SAY_BOOL("closing.twice", DisconnectNamedPipe(server));
    CloseHandle(server);
}

static void say_client(void)
{
    HANDLE server = create(), client = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);

    SAY_BOOL("client", DisconnectNamedPipe(client));
    SAY_BOOL("client.connect", ConnectNamedPipe(server, NULL));
    SAY_BOOL("client.server", DisconnectNamedPipe(server));
    CloseHandle(server);
    CloseHandle(client);
    SAY_BOOL("event", DisconnectNamedPipe(event));
    CloseHandle(event);
    SAY_BOOL("stale", DisconnectNamedPipe(stale_handle()));
}

/* The server's mode outlives the client; the next client starts afresh. */
static void say_mode(void)
{
    HANDLE server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX,
                                    PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_NOWAIT, 1, 64,
                                    64, 0, NULL);
    HANDLE client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    DWORD mode = PIPE_READMODE_MESSAGE | PIPE_NOWAIT;

    SetNamedPipeHandleState(client, &mode, NULL, NULL);
    DisconnectNamedPipe(server);
    CloseHandle(client);
    ConnectNamedPipe(server, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    GetNamedPipeHandleState(server, &mode, NULL, NULL, NULL, NULL, 0);
    SAY_HEX("mode.server", mode);
    GetNamedPipeHandleState(client, &mode, NULL, NULL, NULL, NULL, 0);
    SAY_HEX("mode.next_client", mode);
    CloseHandle(client);
    CloseHandle(server);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_leave_%lu",
             (unsigned long)GetCurrentProcessId());
    say_listening();
    say_waiting();
    say_closing();
    say_client();
    say_mode();
    return 0;
}
