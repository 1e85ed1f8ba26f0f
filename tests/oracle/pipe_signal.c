/* SPDX-License-Identifier: MIT */
/* A pipe handle as something to wait for: signalled when it is new, reset by an operation, set by
 * the end of one that has no event of its own, and unset for good when the server disconnects. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static char name[64], buf[16];
static HANDLE server, client;

static void say_signal(const char *line, HANDLE h)
{
    SAY_WAIT(line, WaitForSingleObject(h, 0));
}

static void client_writes(void)
{
    DWORD n = 99;

    WriteFile(client, "abc", 3, &n, NULL);
}

static void say_operations(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    OVERLAPPED plain = {0}, with = {0};
    DWORD n = 99;

    with.hEvent = event;
    SAY_BOOL("plain", ReadFile(server, buf, sizeof(buf), NULL, &plain));
    say_signal("plain.waits", server);
    client_writes();
    SAY_WAIT("plain.done", WaitForSingleObject(server, PATIENCE_MS));
    SAY_BOOL("plain.result", GetOverlappedResult(server, &plain, &n, FALSE));
    say_signal("plain.stays", server);
    SAY_BOOL("plain.write", WriteFile(server, "abc", 3, &n, &plain));
    say_signal("plain.write.done", server);

    SAY_BOOL("with", ReadFile(server, buf, sizeof(buf), NULL, &with));
    say_signal("with.waits", server);
    client_writes();
    SAY_WAIT("with.event", WaitForSingleObject(event, PATIENCE_MS));
    say_signal("with.handle", server);
    SAY_BOOL("with.write", WriteFile(server, "abc", 3, &n, &with));
    say_signal("with.write.handle", server);

    SAY_BOOL("cancel", ReadFile(server, buf, sizeof(buf), NULL, &plain));
    CancelIo(server);
    SAY_WAIT("cancel.done", WaitForSingleObject(server, PATIENCE_MS));
    CloseHandle(event);
}

/* After this the handle says nothing any more. */
static void say_skip(void)
{
    OVERLAPPED plain = {0};
    DWORD n = 99;

    SAY_BOOL("skip", SetFileCompletionNotificationModes(server, FILE_SKIP_SET_EVENT_ON_HANDLE));
    say_signal("skip.handle", server);
    SAY_BOOL("skip.write", WriteFile(server, "abc", 3, &n, &plain));
    say_signal("skip.write.handle", server);
}

static void say_connect(void)
{
    OVERLAPPED plain = {0};
    DWORD n = 99;

    say_signal("new", server);
    SAY_BOOL("connect", ConnectNamedPipe(server, &plain));
    say_signal("connect.waits", server);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    SAY_WAIT("connect.done", WaitForSingleObject(server, PATIENCE_MS));
    SAY_BOOL("connect.result", GetOverlappedResult(server, &plain, &n, FALSE));
    say_signal("client.new", client);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_signal_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
    say_connect();
    say_operations();
    say_skip();
    SAY_BOOL("disconnect", DisconnectNamedPipe(server));
    say_signal("disconnect.client", client);
    CloseHandle(client);
    CloseHandle(server);
    return 0;
}
