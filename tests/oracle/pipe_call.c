/* SPDX-License-Identifier: MIT */
/* CallNamedPipe opens, transacts and closes; it waits once for a free instance and gives up: 121.
 */
#include <windows.h>
#include "say.h"

static char name[64];

static BOOL call(DWORD room, DWORD timeout_ms, char *reply, DWORD *n)
{
    char request[4] = "ask";

    return CallNamedPipe(name, request, 3, reply, room, n, timeout_ms);
}

static void say_call(const char *line, DWORD room)
{
    char reply[32] = "";
    DWORD n = 99;

    SAY_BOOL(line, call(room, NMPWAIT_WAIT_FOREVER, reply, &n));
    SAY(say_name(line, "bytes"), n);
    SAY(say_name(line, "as_expected"), n <= room && memcmp(reply, "answer of 19 bytes.", n) == 0);
}

static void say_no_call(const char *line, DWORD timeout_ms)
{
    char reply[32];
    DWORD n;

    SAY_BOOL(line, call(sizeof(reply), timeout_ms, reply, &n));
}

static HANDLE create(DWORD access, DWORD mode)
{
    return CreateNamedPipe(name, access, mode, 1, 64, 64, 40, NULL);
}

#define CALLS 4

static DWORD WINAPI serve(LPVOID handle)
{
    HANDLE server = (HANDLE)handle;
    DWORD i, n, requests = 0;
    char buf[16];

    for (i = 0; i < CALLS; i++) {
        ConnectNamedPipe(server, NULL);
        requests += ReadFile(server, buf, sizeof(buf), &n, NULL) && n == 3;
        WriteFile(server, "answer of 19 bytes.", 19, &n, NULL);
        ReadFile(server, buf, sizeof(buf), &n, NULL); /* until the caller has closed */
        DisconnectNamedPipe(server);
    }
    return requests;
}

static void say_served(void)
{
    HANDLE server = create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    HANDLE thread = CreateThread(NULL, 0, serve, server, 0, NULL);
    DWORD requests = 99;

    say_call("served", 32);
    say_call("served.exact", 19);
    say_call("served.too_long", 6);
    say_call("served.again", 32);
    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &requests);
    SAY("served.requests", requests);
    CloseHandle(thread);
    CloseHandle(server);
}

static void say_busy(const char *line, DWORD timeout_ms, DWORD least_ms)
{
    ULONGLONG before = GetTickCount64();

    say_no_call(line, timeout_ms);
    SAY(say_name(line, "waited"), GetTickCount64() - before + 20 >= least_ms);
}

static void say_refused(void)
{
    HANDLE server = create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE), client;

    client = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
    say_busy("busy", 120, 120);
    say_busy("busy_nowait", NMPWAIT_NOWAIT, 0);
    say_busy("busy_default", NMPWAIT_USE_DEFAULT_WAIT, 40);
    CloseHandle(client);
    CloseHandle(server);
    server = create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE);
    say_no_call("byte_type", 1000);
    CloseHandle(server);
    server = create(PIPE_ACCESS_INBOUND, PIPE_TYPE_MESSAGE);
    say_no_call("inbound", 100);
    CloseHandle(server);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_call_%lu",
             (unsigned long)GetCurrentProcessId());
    say_no_call("missing", 1000);
    say_served();
    say_refused();
    return 0;
}
