/* SPDX-License-Identifier: MIT */
/* FILE_SKIP_COMPLETION_PORT_ON_SUCCESS on a pipe: what succeeds at once leaves no packet any more,
 * what succeeds later does; and pieces of messages, which are no errors, leave one without it. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static HANDLE server, client, port;
static OVERLAPPED ov;

static void say_packet(const char *line, DWORD patience_ms)
{
    OVERLAPPED *got = NULL;
    ULONG_PTR key = 77;
    DWORD n = 77;

    SAY_BOOL(say_name(line, "packet"),
             GetQueuedCompletionStatus(port, &n, &key, &got, patience_ms));
    SAY(say_name(line, "packet.bytes"), n);
    SAY(say_name(line, "packet.overlapped"), got == &ov);
}

static void say_read(const char *line, DWORD room, DWORD patience_ms)
{
    char buf[16];
    DWORD n = 99;

    SAY_BOOL(line, ReadFile(client, buf, room, &n, &ov));
    SAY(say_name(line, "counted"), n);
    say_packet(line, patience_ms);
    SAY_HEX(say_name(line, "internal"), ov.Internal);
    SAY(say_name(line, "internal_high"), ov.InternalHigh);
}

static void say_later(const char *line)
{
    char buf[16];
    DWORD n = 99;

    SAY_BOOL(line, ReadFile(client, buf, sizeof(buf), NULL, &ov));
    WriteFile(server, "abc", 3, &n, NULL);
    say_packet(line, PATIENCE_MS);
}

static void say_piece_later(const char *line)
{
    static char buf[16];
    DWORD n = 99;

    SAY_BOOL(line, ReadFile(client, buf, 2, NULL, &ov));
    WriteFile(server, "abcdefg", 7, &n, NULL);
    say_packet(line, PATIENCE_MS);
    SAY_BOOL(say_name(line, "rest"), ReadFile(client, buf, sizeof(buf), NULL, &ov));
}

int main(void)
{
    DWORD mode = PIPE_READMODE_MESSAGE, n = 99;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_skip_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &mode, NULL, NULL);
    port = CreateIoCompletionPort(client, NULL, 1, 0);

    WriteFile(server, "abcdefghij", 10, &n, NULL);
    say_read("piece", 4, PATIENCE_MS);
    say_read("rest", 16, PATIENCE_MS);
    say_piece_later("piece_later");
    say_packet("piece_later.rest", PATIENCE_MS);

    SAY_BOOL("skip",
             SetFileCompletionNotificationModes(client, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    WriteFile(server, "abc", 3, &n, NULL);
    say_read("skip.read", 16, 0);
    WriteFile(server, "abcdefghij", 10, &n, NULL);
    say_read("skip.piece", 4, 0);
    say_read("skip.rest", 16, 0);
    SAY_BOOL("skip.write", WriteFile(client, "abc", 3, NULL, &ov));
    say_packet("skip.write", 0);
    say_later("skip.later");
    say_piece_later("skip.piece_later");
    say_packet("skip.piece_later.rest", 0);
    CloseHandle(client);
    CloseHandle(server);
    CloseHandle(port);
    return 0;
}
