/* SPDX-License-Identifier: MIT */
/* Pipe calls on handles that are no pipes: events, processes, closed handles and none at all. */
#include <windows.h>
#include "say.h"

static void say_all(const char *kind, HANDLE h)
{
    char buf[16] = "abc", reply[16];
    DWORD n = 99, mode = 0;
    ULONG id = 99;

    SAY_BOOL(say_name("connect", kind), ConnectNamedPipe(h, NULL));
    SAY_BOOL(say_name("disconnect", kind), DisconnectNamedPipe(h));
    SAY_BOOL(say_name("peek", kind), PeekNamedPipe(h, buf, 1, &n, &n, NULL));
    SAY_BOOL(say_name("transact", kind), TransactNamedPipe(h, buf, 3, reply, 16, &n, NULL));
    SAY_BOOL(say_name("get_state", kind),
             GetNamedPipeHandleState(h, &mode, NULL, NULL, NULL, NULL, 0));
    SAY_BOOL(say_name("set_state", kind), SetNamedPipeHandleState(h, &mode, NULL, NULL));
    SAY_BOOL(say_name("info", kind), GetNamedPipeInfo(h, &mode, NULL, NULL, NULL));
    SAY_BOOL(say_name("client_id", kind), GetNamedPipeClientProcessId(h, &id));
    SAY_BOOL(say_name("server_id", kind), GetNamedPipeServerProcessId(h, &id));
    SAY_BOOL(say_name("flush", kind), FlushFileBuffers(h));
}

/* A disk file knows none of this; which error says so differs. */
static void say_file(void)
{
    HANDLE file;
    DWORD n = 99, mode = 0;
    ULONG id = 99;

    make_file("disk", "file");
    file = open_file("disk", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    SAY("file.connect", ConnectNamedPipe(file, NULL));
    SAY("file.disconnect", DisconnectNamedPipe(file));
    SAY("file.peek", PeekNamedPipe(file, NULL, 0, NULL, &n, NULL));
    SAY("file.get_state", GetNamedPipeHandleState(file, &mode, NULL, NULL, NULL, NULL, 0));
    SAY("file.set_state", SetNamedPipeHandleState(file, &mode, NULL, NULL));
    SAY("file.info", GetNamedPipeInfo(file, &mode, NULL, NULL, NULL));
    SAY("file.client_id", GetNamedPipeClientProcessId(file, &id));
    CloseHandle(file);
    DeleteFile("disk");
}

int main(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);

    say_all("event", event);
    say_all("process", GetCurrentProcess());
    say_all("stale", stale_handle());
    say_all("null", NULL);
    say_file();
    CloseHandle(event);
    return 0;
}
