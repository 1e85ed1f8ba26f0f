/* SPDX-License-Identifier: MIT */
/* The same two writes, "first write" and "other words", read in every combination of type and read
 * mode, both ways.  Boundaries belong to the pipe, minding them belongs to the reader. */
#include <windows.h>
#include "say.h"

static char name[64];
static HANDLE server, client;

static void open_pair(DWORD mode)
{
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, mode | PIPE_NOWAIT, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
}

static void set_mode(HANDLE h, DWORD mode)
{
    SetNamedPipeHandleState(h, &mode, NULL, NULL);
}

static void close_pair(void)
{
    CloseHandle(client);
    CloseHandle(server);
}

static void write_both(HANDLE h)
{
    DWORD n = 99;

    WriteFile(h, "first write", 11, &n, NULL);
    WriteFile(h, "other words", 11, &n, NULL);
}

/* Reads until nothing is left, which PIPE_NOWAIT reports as 232. */
static void say_reads(const char *who, const char *line, HANDLE h, DWORD room)
{
    char buf[64] = "", step[64];
    DWORD i, n, last;

    for (i = 0; i < 8; i++) {
        n = 99;
        snprintf(step, sizeof(step), "%s.%s.%d", line, who, (int)i);
        SAY_CALL_(ReadFile(h, buf, room, &n, NULL), BOOL, say_bool(step, value_, error_, 0);
                  last = value_ ? 0 : error_);
        SAY(say_name(step, "bytes"), n);
        if (last == ERROR_NO_DATA)
            break;
        SAY(say_name(step, "last_byte"), n - 1 < room ? buf[n - 1] : 0);
    }
}

static void say_combination(const char *line, DWORD type, DWORD read_mode, DWORD room)
{
    open_pair(type | read_mode);
    write_both(client);
    say_reads("server", line, server, room);
    close_pair();

    open_pair(type);
    set_mode(client, read_mode | PIPE_NOWAIT);
    write_both(server);
    say_reads("client", line, client, room);
    close_pair();
}

/* A reader that changes its mind inside a message gets the rest and what follows as one. */
static void say_switch(void)
{
    char buf[64];
    DWORD n = 99;

    open_pair(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    write_both(client);
    SAY_BOOL("switch.some", ReadFile(server, buf, 4, &n, NULL));
    SAY("switch.some.bytes", n);
    set_mode(server, PIPE_READMODE_BYTE | PIPE_NOWAIT);
    SAY_BOOL("switch.bytes", ReadFile(server, buf, 10, &n, NULL));
    SAY("switch.bytes.bytes", n);
    SAY("switch.bytes.last_byte", buf[9]);
    set_mode(server, PIPE_READMODE_MESSAGE | PIPE_NOWAIT);
    SAY_BOOL("switch.message", ReadFile(server, buf, sizeof(buf), &n, NULL));
    SAY("switch.message.bytes", n);
    close_pair();
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_modes_%lu",
             (unsigned long)GetCurrentProcessId());
    say_combination("byte_byte", PIPE_TYPE_BYTE, PIPE_READMODE_BYTE, 32);
    say_combination("byte_byte_short", PIPE_TYPE_BYTE, PIPE_READMODE_BYTE, 9);
    say_combination("message_byte", PIPE_TYPE_MESSAGE, PIPE_READMODE_BYTE, 32);
    say_combination("message_byte_short", PIPE_TYPE_MESSAGE, PIPE_READMODE_BYTE, 9);
    say_combination("message_message", PIPE_TYPE_MESSAGE, PIPE_READMODE_MESSAGE, 32);
    say_combination("message_message_exact", PIPE_TYPE_MESSAGE, PIPE_READMODE_MESSAGE, 11);
    say_combination("message_message_short", PIPE_TYPE_MESSAGE, PIPE_READMODE_MESSAGE, 9);
    say_switch();
    return 0;
}
