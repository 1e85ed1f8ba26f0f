/* SPDX-License-Identifier: MIT */
/* How many instances a name has at the moment, asked through either end: open server ends count,
 * duplicates once, client ends not at all. */
#include <windows.h>
#include "say.h"

static char name[64];

static HANDLE create(DWORD direction)
{
    return CreateNamedPipe(name, direction, PIPE_TYPE_MESSAGE, 10, 64, 64, 0, NULL);
}

static void say_count(const char *line, HANDLE h)
{
    DWORD state = 99, count = 99;

    SAY_BOOL(line, GetNamedPipeHandleState(h, &state, &count, NULL, NULL, NULL, 0));
    SAY(say_name(line, "count"), count);
}

int main(void)
{
    HANDLE self = GetCurrentProcess(), first, second, copy = NULL, client, other;

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_count_%lu",
             (unsigned long)GetCurrentProcessId());
    first = create(PIPE_ACCESS_DUPLEX);
    say_count("one", first);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    say_count("one.client", client);
    second = create(PIPE_ACCESS_DUPLEX);
    say_count("two", first);
    say_count("two.second", second);
    say_count("two.client", client);
    DuplicateHandle(self, second, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    say_count("copy", copy);
    CloseHandle(second);
    say_count("copy.left", first);
    other = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
    say_count("clients_do_not_count", first);
    CloseHandle(copy);
    say_count("one_left", first);
    say_count("one_left.orphan", other);
    DisconnectNamedPipe(first);
    say_count("disconnected", first);
    say_count("disconnected.client", client);
    CloseHandle(first);
    say_count("none.orphan", other);
    CloseHandle(client);
    first = create(PIPE_ACCESS_DUPLEX);
    say_count("new_pipe", first);
    CloseHandle(other);
    CloseHandle(first);
    return 0;
}
