/* SPDX-License-Identifier: MIT */
/* A FlushFileBuffers that waits in a thread of its own, and cancelling: the write it waits for, or
 * the flush itself. */
#include <windows.h>
#include "say.h"

#define BLOCKED_MS 120 /* long enough for the thread to be inside the call */

static char name[64];
static HANDLE server, client;

static void open_pair(void)
{
    DWORD mode = PIPE_READMODE_MESSAGE;

    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, PIPE_TYPE_MESSAGE, 1,
                             8, 8, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    SetNamedPipeHandleState(client, &mode, NULL, NULL);
}

static void close_pair(void)
{
    CloseHandle(client);
    CloseHandle(server);
}

static DWORD WINAPI flush(LPVOID h)
{
    return FlushFileBuffers((HANDLE)h) ? 0 : GetLastError();
}

static HANDLE start(const char *line, HANDLE h)
{
    HANDLE thread = CreateThread(NULL, 0, flush, h, 0, NULL);

    SAY_WAIT(line, WaitForSingleObject(thread, BLOCKED_MS));
    return thread;
}

static void finish(const char *line, HANDLE thread)
{
    DWORD code = 99;

    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    SAY(line, code);
    CloseHandle(thread);
}

/* Cancelling the write takes its data out of the pipe, and so ends the wait. */
static void say_cancelled_write(void)
{
    OVERLAPPED ov = {0};
    HANDLE thread;

    open_pair();
    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL("write", WriteFile(server, "ten bytes.", 10, NULL, &ov));
    thread = start("write.waits", server);
    SAY_BOOL("write.cancel", CancelIoEx(server, &ov));
    finish("write.cancelled", thread);
    WaitForSingleObject(ov.hEvent, INFINITE);
    CloseHandle(ov.hEvent);
    close_pair();
}

static void say_cancelled_flush(void)
{
    HANDLE thread;
    DWORD n = 99;

    open_pair();
    WriteFile(server, "abc", 3, &n, NULL);
    thread = start("flush.waits", server);
    do {
        CancelIoEx(server, NULL);
    } while (WaitForSingleObject(thread, 1) == WAIT_TIMEOUT);
    finish("flush.cancelled", thread);
    close_pair();
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_flushc_%lu",
             (unsigned long)GetCurrentProcessId());
    say_cancelled_write();
    say_cancelled_flush();
    return 0;
}
