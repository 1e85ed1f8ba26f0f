/* SPDX-License-Identifier: MIT */
/* Read mode and wait mode of an end: what may be set, that both are set every time, and that every
 * handle of the end shares them. */
#include <windows.h>
#include "say.h"

static HANDLE server, client;

static void open_pair(DWORD mode)
{
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_state_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, mode, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
}

static void close_pair(void)
{
    CloseHandle(client);
    CloseHandle(server);
}

static void say_get(const char *line, HANDLE h)
{
    DWORD state = 99;

    SAY_BOOL(line, GetNamedPipeHandleState(h, &state, NULL, NULL, NULL, NULL, 0));
    SAY_HEX(say_name(line, "state"), state);
}

static void say_set(const char *title, HANDLE h, const char *step, DWORD mode)
{
    char line[48];

    snprintf(line, sizeof(line), "%s.%s", title, step);
    SAY_BOOL(say_name(line, "set"), SetNamedPipeHandleState(h, &mode, NULL, NULL));
    say_get(line, h);
}

static void say_modes(const char *title, HANDLE h)
{
    say_set(title, h, "message", PIPE_READMODE_MESSAGE);
    say_set(title, h, "message_nowait", PIPE_READMODE_MESSAGE | PIPE_NOWAIT);
    say_set(title, h, "only_message", PIPE_READMODE_MESSAGE);
    say_set(title, h, "nowait", PIPE_NOWAIT);
    say_set(title, h, "type_bit", PIPE_TYPE_MESSAGE);
    say_set(title, h, "remote_bit", PIPE_REJECT_REMOTE_CLIENTS);
    say_set(title, h, "high_bit", 0x10 | PIPE_READMODE_MESSAGE);
    say_set(title, h, "byte", PIPE_READMODE_BYTE);
}

static void say_nothing(void)
{
    DWORD mode = PIPE_READMODE_MESSAGE, count = 10;

    SAY_BOOL("nothing.set", SetNamedPipeHandleState(client, NULL, NULL, NULL));
    SAY_BOOL("nothing.get", GetNamedPipeHandleState(client, NULL, NULL, NULL, NULL, NULL, 0));
    SAY_BOOL("collection.set_count", SetNamedPipeHandleState(client, &mode, &count, NULL));
    SAY_BOOL("collection.set_timeout", SetNamedPipeHandleState(client, NULL, NULL, &count));
    SAY_BOOL("collection.get_count",
             GetNamedPipeHandleState(client, NULL, NULL, &count, NULL, NULL, 0));
    SAY_BOOL("collection.get_timeout",
             GetNamedPipeHandleState(server, NULL, NULL, NULL, &count, NULL, 0));
}

static void say_copy(void)
{
    DWORD mode = PIPE_READMODE_MESSAGE | PIPE_NOWAIT;
    HANDLE self = GetCurrentProcess(), copy = NULL;

    DuplicateHandle(self, client, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    SAY_BOOL("copy.set", SetNamedPipeHandleState(copy, &mode, NULL, NULL));
    say_get("copy.original", client);
    say_get("copy.peer", server);
    CloseHandle(copy);
    say_get("copy.closed", client);
}

int main(void)
{
    open_pair(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_NOWAIT);
    say_get("created.server", server);
    say_get("created.client", client);
    say_modes("server", server);
    say_modes("client", client);
    say_copy();
    say_nothing();
    close_pair();
    open_pair(PIPE_TYPE_BYTE);
    say_modes("byte_server", server);
    say_modes("byte_client", client);
    close_pair();
    return 0;
}
