/* SPDX-License-Identifier: MIT */
/* Completion routines on pipes: they run in an alertable wait of the thread that asked, once, and
 * not inside anybody's call. */
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

static void open_pair(void)
{
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 8, 8, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    calls = 0;
    last_error = last_bytes = 99;
}

static void close_pair(void)
{
    CloseHandle(client);
    CloseHandle(server);
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

static void say_read(void)
{
    OVERLAPPED ov = {0};
    DWORD n = 99;

    open_pair();
    SAY_BOOL("read", ReadFileEx(client, buf, sizeof(buf), &ov, note));
    SAY_WAIT("read.nothing_yet", SleepEx(0, TRUE));
    SAY_BOOL("read.write", WriteFile(server, "abc", 3, &n, NULL));
    say_called("read");
    close_pair();
}

static void say_write(void)
{
    OVERLAPPED ov = {0};
    DWORD n = 99;

    open_pair();
    SAY_BOOL("write", WriteFileEx(client, "abc", 3, &ov, note));
    say_called("write");
    calls = 0;
    SAY_BOOL("over", WriteFileEx(client, "ten bytes.", 10, &ov, note));
    SAY_WAIT("over.nothing_yet", SleepEx(0, TRUE));
    SAY_BOOL("over.read", ReadFile(server, buf, sizeof(buf), &n, NULL));
    say_called("over");
    close_pair();
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_routine_%lu",
             (unsigned long)GetCurrentProcessId());
    say_read();
    say_write();
    return 0;
}
