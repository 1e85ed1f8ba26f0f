/* SPDX-License-Identifier: MIT */
/* FlushFileBuffers where nothing has to be waited for: it is about what the peer has not read, and
 * where there is no peer there is nothing to wait for. */
#include <windows.h>
#include "say.h"

static char name[64];
static HANDLE server, client;

static void say_states(const char *title, DWORD flags)
{
    char line[48], buf[16];
    DWORD n = 99;

    snprintf(line, sizeof(line), "%s.server", title);
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | flags, PIPE_TYPE_MESSAGE | PIPE_NOWAIT, 1,
                             64, 64, 0, NULL);
    SAY_BOOL(say_name(line, "listening"), FlushFileBuffers(server));
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    SAY_BOOL(say_name(line, "connected"), FlushFileBuffers(server));
    SAY_BOOL(say_name(title, "client.connected"), FlushFileBuffers(client));
    WriteFile(server, "abc", 3, &n, NULL);
    WriteFile(client, "defg", 4, &n, NULL);
    ReadFile(client, buf, sizeof(buf), &n, NULL);
    SAY_BOOL(say_name(line, "all_read"), FlushFileBuffers(server)); /* the own unread data is not */
    WriteFile(server, "lost", 4, &n, NULL);
    CloseHandle(client);
    SAY_BOOL(say_name(line, "closing"), FlushFileBuffers(server));
    DisconnectNamedPipe(server);
    SAY_BOOL(say_name(line, "disconnected"), FlushFileBuffers(server));
    ConnectNamedPipe(server, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    WriteFile(client, "lost", 4, &n, NULL);
    DisconnectNamedPipe(server);
    SAY_BOOL(say_name(title, "client.disconnected"), FlushFileBuffers(client));
    CloseHandle(client);
    CloseHandle(server);
}

static void say_others(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);

    SAY_BOOL("event", FlushFileBuffers(event));
    SAY_BOOL("stale", FlushFileBuffers(stale_handle()));
    CloseHandle(event);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_flush_%lu",
             (unsigned long)GetCurrentProcessId());
    say_states("synchronous", 0);
    say_states("overlapped", FILE_FLAG_OVERLAPPED);
    say_others();
    return 0;
}
