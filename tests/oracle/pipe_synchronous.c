/* SPDX-License-Identifier: MIT */
/* An OVERLAPPED with a synchronous handle: the call blocks and then fills it in, event included; a
 * refused call leaves it as a refused call does. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static char name[64];
static HANDLE server, client;

struct call {
    OVERLAPPED ov;
    char buf[64];
    DWORD len, counted, error;
    BOOL write, result;
};

static DWORD WINAPI run(LPVOID p)
{
    struct call *c = (struct call *)p;

    SetLastError(0);
    if (c->write)
        c->result = WriteFile(client, c->buf, c->len, &c->counted, &c->ov);
    else
        c->result = ReadFile(client, c->buf, c->len, &c->counted, &c->ov);
    c->error = GetLastError();
    return 0;
}

static void prepare(struct call *c, BOOL write, DWORD len)
{
    memset(c, 0, sizeof(*c));
    c->ov.hEvent = CreateEvent(NULL, TRUE, TRUE, NULL);
    c->ov.InternalHigh = 0x77;
    c->write = write;
    c->len = len;
    c->counted = 99;
}

static void say_call(const char *line, struct call *c)
{
    say_bool(line, c->result, c->error, 0);
    SAY(say_name(line, "counted"), c->counted);
    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(c->ov.hEvent, 0));
    SAY_HEX(say_name(line, "internal"), c->ov.Internal);
    SAY(say_name(line, "internal_high"), c->ov.InternalHigh);
    CloseHandle(c->ov.hEvent);
}

static void say_at_once(const char *line, BOOL write, DWORD len)
{
    struct call c;

    prepare(&c, write, len);
    run(&c);
    say_call(line, &c);
}

static HANDLE start(const char *line, struct call *c)
{
    HANDLE thread = CreateThread(NULL, 0, run, c, 0, NULL);

    SAY_WAIT(line, WaitForSingleObject(thread, 30));
    return thread;
}

int main(void)
{
    struct call c;
    HANDLE thread;
    DWORD n = 99;
    char buf[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_sync_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, 0, 1, 8, 8, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);

    prepare(&c, FALSE, 16);
    thread = start("read.blocks", &c);
    SAY_BOOL("read.peer_writes", WriteFile(server, "abc", 3, &n, NULL));
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    say_call("read", &c);

    prepare(&c, TRUE, 20);
    thread = start("write.blocks", &c);
    SAY_BOOL("write.peer_reads", ReadFile(server, buf, 12, &n, NULL));
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    say_call("write", &c);
    ReadFile(server, buf, sizeof(buf), &n, NULL);
    SAY("write.rest", n);

    say_at_once("write_at_once", TRUE, 4);
    WriteFile(server, "defgh", 5, &n, NULL);
    say_at_once("read_at_once", FALSE, 16);
    CloseHandle(server);
    say_at_once("closed.read", FALSE, 16);
    say_at_once("closed.write", TRUE, 4);
    CloseHandle(client);
    return 0;
}
