/* SPDX-License-Identifier: MIT */
/* Handles of one end with fewer rights than the first: every call looks at the handle it was given.
 * And whether a child would inherit them. */
#include <windows.h>
#include "say.h"

static HANDLE server, client;

static void open_pair(void)
{
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_fewer_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
}

static HANDLE copy_of(HANDLE h, DWORD access)
{
    HANDLE self = GetCurrentProcess(), copy = NULL;

    DuplicateHandle(self, h, self, &copy, access, FALSE, 0);
    return copy;
}

static void say_rights(const char *title, DWORD access)
{
    DWORD n = 99, mode = PIPE_READMODE_BYTE, state = 99;
    HANDLE copy;
    char buf[16];

    open_pair();
    copy = copy_of(client, access);
    WriteFile(server, "abc", 3, &n, NULL);
    SAY_BOOL(say_name(title, "peek"), PeekNamedPipe(copy, NULL, 0, NULL, &n, NULL));
    SAY_BOOL(say_name(title, "read"), ReadFile(copy, buf, sizeof(buf), &n, NULL));
    SAY_BOOL(say_name(title, "write"), WriteFile(copy, "abc", 3, &n, NULL));
    SAY_BOOL(say_name(title, "set"), SetNamedPipeHandleState(copy, &mode, NULL, NULL));
    SAY_BOOL(say_name(title, "get"),
             GetNamedPipeHandleState(copy, &state, NULL, NULL, NULL, NULL, 0));
    CloseHandle(copy);
    CloseHandle(client);
    CloseHandle(server);
}

static void say_inherit(void)
{
    SECURITY_ATTRIBUTES sa = {sizeof(sa), NULL, TRUE};
    DWORD flags = 99;
    char name[64];
    HANDLE h;

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_inherit_%lu",
             (unsigned long)GetCurrentProcessId());
    h = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, 0, 2, 64, 64, 0, &sa);
    GetHandleInformation(h, &flags);
    SAY("inherit.asked", flags);
    CloseHandle(h);
    h = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, 0, 2, 64, 64, 0, NULL);
    GetHandleInformation(h, &flags);
    SAY("inherit.not_asked", flags);
    CloseHandle(h);
}

int main(void)
{
    say_rights("read_only", GENERIC_READ);
    say_rights("write_only", GENERIC_WRITE);
    say_inherit();
    return 0;
}
