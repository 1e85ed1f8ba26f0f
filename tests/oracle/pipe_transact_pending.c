/* SPDX-License-Identifier: MIT */
/* A transaction that waits for its reply: cancelling ends the wait and leaves the request; closing
 * and disconnecting end it too; a request is queued behind a write that waits for room. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000

static HANDLE server, client;
static char request[4] = "ask", reply[16];

static void open_pair(void)
{
    DWORD mode = PIPE_READMODE_MESSAGE;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_reply_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, 1,
                             8, 8, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &mode, NULL, NULL);
}

static void start(const char *line, OVERLAPPED *ov)
{
    OVERLAPPED fresh = {0};

    *ov = fresh;
    ov->hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL(line, TransactNamedPipe(client, request, 3, reply, sizeof(reply), NULL, ov));
}

static void finish(const char *line, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(client, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
    CloseHandle(ov->hEvent);
}

static void say_read(const char *line)
{
    char buf[64];
    DWORD n = 99;

    SAY_BOOL(line, ReadFile(server, buf, sizeof(buf), &n, NULL));
    SAY(say_name(line, "bytes"), n);
}

static void say_cancelled(void)
{
    OVERLAPPED ov;
    DWORD n = 99;

    open_pair();
    start("cancel", &ov);
    SAY_BOOL("cancel.call", CancelIoEx(client, &ov));
    finish("cancel", &ov);
    say_read("cancel.request");
    start("cancel.next", &ov);
    say_read("cancel.next.request");
    WriteFile(server, "yes", 3, &n, NULL);
    finish("cancel.next", &ov);
    CloseHandle(client);
    CloseHandle(server);
}

static void say_ended(const char *line, BOOL disconnect)
{
    OVERLAPPED ov;

    open_pair();
    start(line, &ov);
    if (disconnect)
        DisconnectNamedPipe(server);
    CloseHandle(server);
    finish(line, &ov);
    CloseHandle(client);
}

static void say_behind_a_write(void)
{
    OVERLAPPED write = {0}, ov;
    DWORD n = 99;

    open_pair();
    write.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL("behind.write", WriteFile(client, "twelve bytes", 12, NULL, &write));
    start("behind", &ov);
    SAY_WAIT("behind.write.waits", WaitForSingleObject(write.hEvent, 0));
    say_read("behind.first");
    say_read("behind.request");
    SAY_BOOL("behind.reply", WriteFile(server, "yes", 3, &n, NULL));
    finish("behind", &ov);
    finish("behind.write", &write);
    CloseHandle(client);
    CloseHandle(server);
}

int main(void)
{
    say_cancelled();
    say_ended("close", FALSE);
    say_ended("disconnect", TRUE);
    say_behind_a_write();
    return 0;
}
