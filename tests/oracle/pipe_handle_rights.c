/* SPDX-License-Identifier: MIT */
/* The rights that setting and asking need, on one-way pipes: an inbound server may not set its
 * mode, a reading client may if it asked for FILE_WRITE_ATTRIBUTES. */
#include <windows.h>
#include "say.h"

static char name[64];

static void say_end(const char *title, HANDLE h)
{
    DWORD mode = PIPE_WAIT, state = 99, flags = 99, n = 99;
    char buf[16] = "abc";

    SAY_BOOL(say_name(title, "set"), SetNamedPipeHandleState(h, &mode, NULL, NULL));
    SAY_BOOL(say_name(title, "get"), GetNamedPipeHandleState(h, &state, NULL, NULL, NULL, NULL, 0));
    SAY_BOOL(say_name(title, "info"), GetNamedPipeInfo(h, &flags, NULL, NULL, NULL));
    SAY_BOOL(say_name(title, "peek"), PeekNamedPipe(h, NULL, 0, NULL, &n, NULL));
    SAY_BOOL(say_name(title, "write"), WriteFile(h, buf, 0, &n, NULL));
    SAY_BOOL(say_name(title, "flush"), FlushFileBuffers(h));
}

static void say_pair(const char *title, DWORD direction, DWORD client_access)
{
    char line[48];
    HANDLE server, client;

    server = CreateNamedPipe(name, direction, 0, 1, 64, 64, 0, NULL);
    client = open_file(name, client_access, OPEN_EXISTING, 0);
    snprintf(line, sizeof(line), "%s.server", title);
    say_end(line, server);
    snprintf(line, sizeof(line), "%s.client", title);
    say_end(line, client);
    CloseHandle(client);
    CloseHandle(server);
}

/* Reads need the right before anything is waited for. */
static void say_reads(void)
{
    HANDLE server = CreateNamedPipe(name, PIPE_ACCESS_OUTBOUND, 0, 1, 64, 64, 0, NULL);
    HANDLE client = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
    char buf[16];
    DWORD n = 99;

    SAY_BOOL("outbound.server.read", ReadFile(server, buf, sizeof(buf), &n, NULL));
    SAY("outbound.server.read.bytes", n);
    SAY_BOOL("outbound.server.write_abc", WriteFile(server, "abc", 3, &n, NULL));
    SAY_BOOL("outbound.client.read", ReadFile(client, buf, sizeof(buf), &n, NULL));
    SAY("outbound.client.read.bytes", n);
    CloseHandle(client);
    CloseHandle(server);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_right_%lu",
             (unsigned long)GetCurrentProcessId());
    say_pair("duplex", PIPE_ACCESS_DUPLEX, GENERIC_READ | GENERIC_WRITE);
    say_pair("inbound", PIPE_ACCESS_INBOUND, GENERIC_WRITE);
    say_pair("inbound_ask", PIPE_ACCESS_INBOUND, GENERIC_WRITE | FILE_READ_ATTRIBUTES);
    say_pair("outbound", PIPE_ACCESS_OUTBOUND, GENERIC_READ);
    say_pair("outbound_set", PIPE_ACCESS_OUTBOUND, GENERIC_READ | FILE_WRITE_ATTRIBUTES);
    say_reads();
    return 0;
}
