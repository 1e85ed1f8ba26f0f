/* SPDX-License-Identifier: MIT */
/* Which pipe operations leave a packet: what succeeded, at once or later, and what failed later;
 * never what was refused at once, and never what carries a tagged event. */
#include <windows.h>
#include "say.h"

#define KEY 4711
#define PATIENCE_MS 2000

static char name[64];
static HANDLE server, client, port;

static void say_packet(const char *line, const OVERLAPPED *expected, DWORD patience_ms)
{
    OVERLAPPED *ov = NULL;
    ULONG_PTR key = 77;
    DWORD n = 77;

    SAY_BOOL(say_name(line, "packet"), GetQueuedCompletionStatus(port, &n, &key, &ov, patience_ms));
    SAY(say_name(line, "packet.bytes"), n);
    SAY(say_name(line, "packet.key"), key);
    SAY(say_name(line, "packet.overlapped"), ov == expected && ov != NULL);
}

static void say_connect(void)
{
    OVERLAPPED ov = {0};

    SAY_BOOL("listening.read", ReadFile(server, name, 0, NULL, &ov));
    say_packet("listening.read", &ov, 0);
    SAY_BOOL("connect", ConnectNamedPipe(server, &ov));
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    say_packet("connect", &ov, PATIENCE_MS);
    SAY_BOOL("connected", ConnectNamedPipe(server, &ov));
    say_packet("connected", &ov, 0);
}

static void say_transfers(void)
{
    OVERLAPPED ov = {0}, tagged = {0};
    char buf[16];
    DWORD n = 99;

    SAY_BOOL("write", WriteFile(server, "abc", 3, NULL, &ov));
    say_packet("write", &ov, PATIENCE_MS);
    SAY_BOOL("read", ReadFile(server, buf, sizeof(buf), NULL, &ov));
    SAY_BOOL("read.peer_writes", WriteFile(client, "abcde", 5, &n, NULL));
    say_packet("read", &ov, PATIENCE_MS);
    WriteFile(client, "abcd", 4, &n, NULL);
    SAY_BOOL("read_at_once", ReadFile(server, buf, sizeof(buf), NULL, &ov));
    say_packet("read_at_once", &ov, PATIENCE_MS);
    SAY_BOOL("write_none", WriteFile(server, buf, 0, NULL, &ov));
    say_packet("write_none", &ov, PATIENCE_MS);

    tagged.hEvent = (HANDLE)((ULONG_PTR)CreateEvent(NULL, TRUE, FALSE, NULL) | 1);
    SAY_BOOL("tagged", WriteFile(server, "abc", 3, NULL, &tagged));
    SAY_WAIT("tagged.event", WaitForSingleObject(tagged.hEvent, PATIENCE_MS));
    say_packet("tagged", &tagged, 0);
    CloseHandle((HANDLE)((ULONG_PTR)tagged.hEvent & ~(ULONG_PTR)1));
}

static void say_failures(void)
{
    OVERLAPPED ov = {0};
    char buf[16];

    SAY_BOOL("cancel.read", ReadFile(server, buf, sizeof(buf), NULL, &ov));
    SAY_BOOL("cancel", CancelIoEx(server, &ov));
    say_packet("cancel", &ov, PATIENCE_MS);
    SAY_BOOL("closing.read", ReadFile(server, buf, sizeof(buf), NULL, &ov));
    CloseHandle(client);
    say_packet("closing.read", &ov, PATIENCE_MS);
    SAY_BOOL("closed.read", ReadFile(server, buf, sizeof(buf), NULL, &ov));
    say_packet("closed.read", &ov, 0);
    SAY_BOOL("closed.write", WriteFile(server, "abc", 3, NULL, &ov));
    say_packet("closed.write", &ov, 0);
    SAY_BOOL("closed.connect", ConnectNamedPipe(server, &ov));
    say_packet("closed.connect", &ov, 0);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_port_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
    port = CreateIoCompletionPort(server, NULL, KEY, 0);
    say_connect();
    say_transfers();
    say_failures();
    CloseHandle(server);
    CloseHandle(port);
    return 0;
}
