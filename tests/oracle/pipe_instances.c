/* SPDX-License-Identifier: MIT */
/* How many instances a name may have, and what a later one must have in common with the first: the
 * direction, and nothing else. */
#include <windows.h>
#include "say.h"

static char name[64];

static HANDLE create(DWORD open, DWORD mode, DWORD max)
{
    return CreateNamedPipe(name, open, mode, max, 64, 64, 0, NULL);
}

static void say_limit(void)
{
    HANDLE self = GetCurrentProcess();
    HANDLE first, second, third, copy = NULL, client;

    SAY_HANDLE("limit.first", first, create(PIPE_ACCESS_DUPLEX, 0, 2));
    DuplicateHandle(self, first, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    SAY_HANDLE("limit.second", second, create(PIPE_ACCESS_DUPLEX, 0, 2));
    SAY_HANDLE("limit.third", third, create(PIPE_ACCESS_DUPLEX, 0, 2));
    SAY_HANDLE("limit.larger_count", third, create(PIPE_ACCESS_DUPLEX, 0, 10));
    SAY_HANDLE("limit.wrong_direction_too", third, create(PIPE_ACCESS_INBOUND, 0, 2));
    CloseHandle(copy);
    SAY_HANDLE("limit.copy_closed", third, create(PIPE_ACCESS_DUPLEX, 0, 2));
    client = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
    CloseHandle(first);
    SAY_HANDLE("limit.client_left_behind", third, create(PIPE_ACCESS_DUPLEX, 0, 2));
    CloseHandle(client);
    CloseHandle(second);
    CloseHandle(third);
}

static void say_direction(DWORD first_direction, const char *line)
{
    HANDLE first = create(first_direction, 0, 4), second;

    SAY_HANDLE(say_name(line, "inbound"), second, create(PIPE_ACCESS_INBOUND, 0, 4));
    if (second != INVALID_HANDLE_VALUE)
        CloseHandle(second);
    SAY_HANDLE(say_name(line, "outbound"), second, create(PIPE_ACCESS_OUTBOUND, 0, 4));
    if (second != INVALID_HANDLE_VALUE)
        CloseHandle(second);
    SAY_HANDLE(say_name(line, "duplex"), second, create(PIPE_ACCESS_DUPLEX, 0, 4));
    if (second != INVALID_HANDLE_VALUE)
        CloseHandle(second);
    CloseHandle(first);
}

/* The type belongs to the pipe: the later one succeeds and gets the type of the first. */
static void say_others(void)
{
    HANDLE first = create(PIPE_ACCESS_DUPLEX, PIPE_TYPE_BYTE, 4), second, third;
    DWORD flags = 99, max = 99;

    SAY_HANDLE("other.type_and_sizes", second,
               CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_NOWAIT, 3, 100,
                               200, 5000, NULL));
    SAY_BOOL("other.info", GetNamedPipeInfo(second, &flags, NULL, NULL, &max));
    SAY_HEX("other.info.flags", flags);
    SAY("other.info.max", max);
    SAY_HANDLE("other.overlapped", third, create(PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 4));
    CloseHandle(third);
    SAY_HANDLE("other.smaller_count", third, create(PIPE_ACCESS_DUPLEX, 0, 1));
    if (third != INVALID_HANDLE_VALUE)
        CloseHandle(third);
    CloseHandle(second);
    CloseHandle(first);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_instances_%lu",
             (unsigned long)GetCurrentProcessId());
    say_limit();
    say_direction(PIPE_ACCESS_DUPLEX, "duplex");
    say_direction(PIPE_ACCESS_INBOUND, "inbound");
    say_others();
    return 0;
}
