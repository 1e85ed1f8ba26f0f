/* SPDX-License-Identifier: MIT */
/* Opening a client end: which instances are free at which moment, and what the disposition means
 * for something that only a server can create. */
#include <windows.h>
#include "say.h"

#define BOTH (GENERIC_READ | GENERIC_WRITE)

static char name[64];

static HANDLE create(DWORD max)
{
    return CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, max, 64, 64, 5000,
                           NULL);
}

static void say_open(const char *line)
{
    HANDLE h;

    SAY_HANDLE(line, h, open_file(name, BOTH, OPEN_EXISTING, 0));
    if (h != INVALID_HANDLE_VALUE)
        CloseHandle(h);
}

static void say_life(void)
{
    OVERLAPPED ov = {0};
    HANDLE server, client;
    ULONGLONG before;

    say_open("missing");
    server = create(1);
    SAY_HANDLE("listening", client, open_file(name, BOTH, OPEN_EXISTING, 0));
    before = GetTickCount64();
    say_open("connected");
    SAY("connected.at_once", GetTickCount64() - before < 2500); /* the default wait is 5000 */
    CloseHandle(client);
    say_open("closing");
    DisconnectNamedPipe(server);
    say_open("disconnected");
    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    ConnectNamedPipe(server, &ov);
    SAY_HANDLE("listening_again", client, open_file(name, BOTH, OPEN_EXISTING, 0));
    WaitForSingleObject(ov.hEvent, INFINITE);
    CloseHandle(server);
    say_open("server_closed");
    CloseHandle(client);
    CloseHandle(ov.hEvent);
    say_open("all_closed");
}

static void say_disposition(const char *line, DWORD disposition)
{
    HANDLE server, client;

    SAY_HANDLE(say_name(line, "missing"), client, open_file(name, BOTH, disposition, 0));
    server = create(1);
    SAY_HANDLE(say_name(line, "there"), client, open_file(name, BOTH, disposition, 0));
    CloseHandle(client);
    CloseHandle(server);
}

static void say_open_always(void)
{
    HANDLE server = create(1), client;

    SAY_HANDLE_ERROR("open_always.last_error", client, open_file(name, BOTH, OPEN_ALWAYS, 0));
    CloseHandle(client);
    CloseHandle(server);
}

static void say_exclusive(void)
{
    HANDLE server = create(2), second = create(2), a, b;

    SAY_HANDLE("sharing.first", a, CreateFile(name, BOTH, 0, NULL, OPEN_EXISTING, 0, NULL));
    SAY_HANDLE("sharing.second", b, CreateFile(name, BOTH, 0, NULL, OPEN_EXISTING, 0, NULL));
    CloseHandle(a);
    CloseHandle(b);
    CloseHandle(second);
    CloseHandle(server);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_open_%lu",
             (unsigned long)GetCurrentProcessId());
    say_life();
    say_disposition("open_existing", OPEN_EXISTING);
    say_disposition("open_always", OPEN_ALWAYS);
    say_disposition("create_new", CREATE_NEW);
    say_disposition("create_always", CREATE_ALWAYS);
    say_disposition("truncate_existing", TRUNCATE_EXISTING);
    say_open_always();
    say_exclusive();
    return 0;
}
