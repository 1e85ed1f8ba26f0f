/* SPDX-License-Identifier: MIT */
/* An overlapped handle without an OVERLAPPED: the call waits for its own operation, and the count
 * it returns is right. */
#include <windows.h>
#include "say.h"

static char name[64], data[64];
static HANDLE server, client;

struct call {
    char buf[64];
    DWORD len, counted, error;
};

static DWORD WINAPI read_some(LPVOID p)
{
    struct call *c = (struct call *)p;

    c->error = ReadFile(client, c->buf, c->len, &c->counted, NULL) ? 0 : GetLastError();
    return 0;
}

static DWORD WINAPI write_much(LPVOID p)
{
    struct call *c = (struct call *)p;

    c->error = WriteFile(client, data, c->len, &c->counted, NULL) ? 0 : GetLastError();
    return 0;
}

static HANDLE start(const char *line, LPTHREAD_START_ROUTINE routine, struct call *c, DWORD len)
{
    HANDLE thread;

    memset(c, 0, sizeof(*c));
    c->len = len;
    c->counted = c->error = 99;
    thread = CreateThread(NULL, 0, routine, c, 0, NULL);
    SAY_WAIT(line, WaitForSingleObject(thread, 30));
    return thread;
}

static void finish(const char *line, HANDLE thread, struct call *c)
{
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    SAY(say_name(line, "error"), c->error);
    SAY(say_name(line, "counted"), c->counted);
}

int main(void)
{
    struct call c;
    HANDLE thread;
    DWORD n = 99, mode = PIPE_READMODE_MESSAGE;
    char buf[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_without_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE, 1, 8, 8, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &mode, NULL, NULL);

    thread = start("read.blocks", read_some, &c, 16);
    WriteFile(server, "abc", 3, &n, NULL);
    finish("read", thread, &c);
    thread = start("piece.blocks", read_some, &c, 2);
    WriteFile(server, "abcdef", 6, &n, NULL);
    finish("piece", thread, &c);
    SAY_BOOL("piece.rest", ReadFile(client, buf, sizeof(buf), &n, NULL));
    SAY("piece.rest.bytes", n);

    thread = start("write.blocks", write_much, &c, 20);
    SAY_BOOL("write.peer_reads", ReadFile(server, buf, sizeof(buf), &n, NULL));
    finish("write", thread, &c);

    thread = start("disconnect.blocks", read_some, &c, 16);
    DisconnectNamedPipe(server);
    finish("disconnect", thread, &c);
    SAY_BOOL("refused", ReadFile(client, buf, sizeof(buf), &n, NULL));
    SAY("refused.bytes", n);
    CloseHandle(client);
    CloseHandle(server);
    return 0;
}
