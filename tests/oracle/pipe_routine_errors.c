/* SPDX-License-Identifier: MIT */
/* Completion routines of pipe operations that end badly: they are called like others, with the
 * error; what was refused at once never calls, and an end that has a port takes none. */
#include <windows.h>
#include "say.h"

static char name[64], buf[16];
static HANDLE server, client;
static DWORD calls, last_error, last_bytes, caller;

static VOID CALLBACK note(DWORD error, DWORD bytes, LPOVERLAPPED ov)
{
    (void)ov;
    calls++;
    last_error = error;
    last_bytes = bytes;
    caller = GetCurrentThreadId();
}

static void open_pair(DWORD mode)
{
    DWORD client_mode = mode & PIPE_READMODE_MESSAGE;

    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, mode, 1, 8, 8, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &client_mode, NULL, NULL);
    calls = 0;
    last_error = last_bytes = 99;
}

/* The operation has ended; its routine has not run yet and runs now. */
static void say_called(const char *line)
{
    SAY(say_name(line, "not_yet"), calls);
    SAY_WAIT(say_name(line, "plain_sleep"), SleepEx(5, FALSE));
    SAY(say_name(line, "still_not"), calls);
    SAY_WAIT(say_name(line, "alertable"), SleepEx(2000, TRUE));
    SAY(say_name(line, "calls"), calls);
    SAY(say_name(line, "error"), last_error);
    SAY(say_name(line, "bytes"), last_bytes);
    SAY(say_name(line, "mine"), caller == GetCurrentThreadId());
    SAY_WAIT(say_name(line, "once"), SleepEx(0, TRUE));
}

static void say_failures(void)
{
    OVERLAPPED ov = {0};
    DWORD n = 99;

    open_pair(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    SAY_BOOL("piece", ReadFileEx(client, buf, 2, &ov, note));
    WriteFile(server, "abcde", 5, &n, NULL);
    say_called("piece");
    SAY_BOOL("piece.rest", ReadFile(client, buf, sizeof(buf), &n, NULL));
    calls = 0;
    SAY_BOOL("cancel", ReadFileEx(client, buf, sizeof(buf), &ov, note));
    SAY_BOOL("cancel.call", CancelIo(client));
    say_called("cancel");
    calls = 0;
    SAY_BOOL("end", ReadFileEx(client, buf, sizeof(buf), &ov, note));
    CloseHandle(server);
    say_called("end");
    calls = 0;
    SAY_BOOL("refused.read", ReadFileEx(client, buf, sizeof(buf), &ov, note));
    SAY_BOOL("refused.write", WriteFileEx(client, buf, 1, &ov, note));
    SAY_WAIT("refused.alertable", SleepEx(0, TRUE));
    SAY("refused.calls", calls);
    CloseHandle(client);
}

/* A port or a routine, not both. */
static void say_port(void)
{
    OVERLAPPED ov = {0};
    HANDLE port;

    open_pair(PIPE_TYPE_BYTE);
    port = CreateIoCompletionPort(client, NULL, 1, 0);
    SAY_BOOL("port.read", ReadFileEx(client, buf, sizeof(buf), &ov, note));
    SAY_BOOL("port.write", WriteFileEx(client, buf, 1, &ov, note));
    CloseHandle(client);
    CloseHandle(server);
    CloseHandle(port);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_routinee_%lu",
             (unsigned long)GetCurrentProcessId());
    say_failures();
    say_port();
    return 0;
}
