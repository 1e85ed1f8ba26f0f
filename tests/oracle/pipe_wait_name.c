/* SPDX-License-Identifier: MIT */
/* WaitNamedPipe: at once when there is a free instance or no pipe at all, otherwise for as long as
 * it was told. */
#include <windows.h>
#include "say.h"

static char name[64];

static HANDLE create(DWORD default_ms)
{
    return CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64,
                           default_ms, NULL);
}

static void say_wait_name(const char *line, DWORD timeout_ms, DWORD least_ms, DWORD most_ms)
{
    ULONGLONG before = GetTickCount64(), took;

    SAY_BOOL(line, WaitNamedPipe(name, timeout_ms));
    took = GetTickCount64() - before;
    SAY(say_name(line, "long_enough"), took + 20 >= least_ms); /* one tick of a coarse clock */
    SAY(say_name(line, "not_too_long"), took < most_ms);
}

static void say_states(void)
{
    OVERLAPPED ov = {0};
    HANDLE server = create(0), client;

    say_wait_name("listening", NMPWAIT_WAIT_FOREVER, 0, 2000);
    say_wait_name("listening.nowait", NMPWAIT_NOWAIT, 0, 2000);
    client = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
    say_wait_name("connected", 100, 100, 2000);
    say_wait_name("connected.nowait", NMPWAIT_NOWAIT, 0, 2000);
    CloseHandle(client);
    say_wait_name("closing", 50, 50, 2000);
    DisconnectNamedPipe(server);
    say_wait_name("disconnected", 50, 50, 2000);
    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    ConnectNamedPipe(server, &ov);
    say_wait_name("connecting", 2000, 0, 1900);
    CancelIo(server);
    WaitForSingleObject(ov.hEvent, INFINITE);
    say_wait_name("cancelled", 2000, 0, 1900);
    CloseHandle(server);
    CloseHandle(ov.hEvent);
    say_wait_name("closed", 2000, 0, 1900);
}

static void say_default(const char *line, DWORD default_ms, DWORD least_ms)
{
    HANDLE server = create(default_ms), client = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);

    say_wait_name(line, NMPWAIT_USE_DEFAULT_WAIT, least_ms, 2000);
    CloseHandle(client);
    CloseHandle(server);
}

static void say_names(void)
{
    SAY_BOOL("name.word", WaitNamedPipe("oracle", 0));
    SAY_BOOL("name.disk_file", WaitNamedPipe("C:\\oracle", 0));
    SAY_BOOL("name.wrong_device", WaitNamedPipe("\\\\.\\mailslot\\oracle", 0));
    SAY_BOOL("name.empty", WaitNamedPipe("\\\\.\\pipe\\", 0));
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_wait_%lu",
             (unsigned long)GetCurrentProcessId());
    say_wait_name("missing", 2000, 0, 1900);
    say_wait_name("missing.forever", NMPWAIT_WAIT_FOREVER, 0, 2000);
    say_wait_name("missing.default", NMPWAIT_USE_DEFAULT_WAIT, 0, 2000);
    say_states();
    say_default("default.200", 200, 200);
    say_default("default.0", 0, 50);
    say_names();
    return 0;
}
