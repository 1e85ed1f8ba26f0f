/* SPDX-License-Identifier: MIT */
/* Threads inside WaitNamedPipe, and what lets them out: a new instance, an instance that listens
 * again. All of them go when one comes, and then they race for it. */
#include <windows.h>
#include "say.h"

#define BLOCKED_MS 50
#define LONG_MS 10000
#define SHORT_MS 600 /* for whoever is not let out */

static char name[64];

static HANDLE create(void)
{
    return CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 4, 64, 64, 0, NULL);
}

static HANDLE open_client(void)
{
    return open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
}

static DWORD WINAPI wait_name(LPVOID timeout_ms)
{
    return WaitNamedPipe(name, (DWORD)(ULONG_PTR)timeout_ms) ? 0 : GetLastError();
}

static HANDLE start(const char *line, DWORD timeout_ms)
{
    HANDLE thread = CreateThread(NULL, 0, wait_name, (LPVOID)(ULONG_PTR)timeout_ms, 0, NULL);

    SAY_WAIT(line, WaitForSingleObject(thread, BLOCKED_MS));
    return thread;
}

static void finish(const char *line, HANDLE thread)
{
    DWORD code = 99;

    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    SAY(line, code);
    CloseHandle(thread);
}

static void say_new_instance(void)
{
    HANDLE server = create(), client = open_client(), first, second, next, winner, loser;

    first = start("new.first.waits", LONG_MS);
    second = start("new.second.waits", LONG_MS);
    next = create();
    finish("new.first", first);
    finish("new.second", second);
    SAY_HANDLE("new.winner", winner, open_client());
    SAY_HANDLE("new.loser", loser, open_client());
    CloseHandle(winner);
    CloseHandle(client);
    CloseHandle(next);
    CloseHandle(server);
}

static void say_listens_again(void)
{
    HANDLE server = create(), client = open_client(), thread;
    OVERLAPPED ov = {0};

    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    thread = start("again.waits", LONG_MS);
    CloseHandle(client);
    SAY_WAIT("again.closing", WaitForSingleObject(thread, 20));
    DisconnectNamedPipe(server);
    SAY_WAIT("again.disconnected", WaitForSingleObject(thread, 20));
    SAY_BOOL("again.connect", ConnectNamedPipe(server, &ov));
    finish("again", thread);
    SAY_HANDLE("again.open", client, open_client());
    SAY_WAIT("again.event", WaitForSingleObject(ov.hEvent, 2000));
    CloseHandle(client);
    CloseHandle(server);
    CloseHandle(ov.hEvent);
}

/* The wait is over when it has become pointless. */
static void say_last_closes(void)
{
    HANDLE server = create(), client = open_client(), thread;

    thread = start("last.waits", SHORT_MS);
    CloseHandle(server);
    SAY_WAIT("last.ends", WaitForSingleObject(thread, SHORT_MS / 2));
    finish("last", thread);
    CloseHandle(client);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_waiter_%lu",
             (unsigned long)GetCurrentProcessId());
    say_new_instance();
    say_listens_again();
    say_last_closes();
    return 0;
}
