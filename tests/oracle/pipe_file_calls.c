/* SPDX-License-Identifier: MIT */
/* Calls that are about files, on the ends of a pipe: a pipe has a type, but no size, no position
 * and no regions to lock. */
#include <windows.h>
#include "say.h"

static void say_end(const char *title, HANDLE h)
{
    BY_HANDLE_FILE_INFORMATION info;
    LARGE_INTEGER size;
    OVERLAPPED ov = {0};
    DWORD flags = 99;

    SAY(say_name(title, "type"), GetFileType(h));
    SAY(say_name(title, "size"), GetFileSizeEx(h, &size));
    SAY(say_name(title, "information"), GetFileInformationByHandle(h, &info));
    SAY(say_name(title, "set_end"), SetEndOfFile(h));
    SAY(say_name(title, "lock"), LockFileEx(h, LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &ov));
    SAY_BOOL(say_name(title, "flags"), GetHandleInformation(h, &flags));
    SAY(say_name(title, "flags.bits"), flags);
}

/* Offsets mean nothing: a transfer with one works like a transfer without. */
static void say_offsets(HANDLE server, HANDLE client)
{
    OVERLAPPED ov = {0};
    char buf[16] = "";
    DWORD n = 99;

    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    ov.Offset = 0xFFFFFFFF;
    ov.OffsetHigh = 0x7FFFFFFF;
    SAY_BOOL("offset.write", WriteFile(server, "abc", 3, &n, &ov));
    SAY_BOOL("offset.write_more", WriteFile(server, "def", 3, &n, &ov));
    SAY_BOOL("offset.read", ReadFile(client, buf, sizeof(buf), &n, NULL));
    SAY("offset.read.bytes", n);
    SAY("offset.read.same", strcmp(buf, "abcdef") == 0);
    CloseHandle(ov.hEvent);
}

int main(void)
{
    HANDLE server, client;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_file_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    say_end("server", server);
    say_end("client", client);
    say_offsets(server, client);
    CloseHandle(client);
    CloseHandle(server);
    return 0;
}
