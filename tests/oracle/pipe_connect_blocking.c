/* SPDX-License-Identifier: MIT */
/* A ConnectNamedPipe that blocks its thread is released by a client, by CancelSynchronousIo, or by
 * CancelIoEx from another thread, but not by CancelIo, which is about the caller's own. */
#include <windows.h>
#include "say.h"

static char name[64];
static HANDLE server;

/* A client that was faster makes it 535: the same answer for us. */
static DWORD WINAPI wait_for_client(LPVOID ov)
{
    if (ConnectNamedPipe(server, (OVERLAPPED *)ov))
        return 535;
    return GetLastError();
}

static HANDLE start(DWORD flags, OVERLAPPED *ov)
{
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | flags, 0, 1, 64, 64, 0, NULL);
    return CreateThread(NULL, 0, wait_for_client, ov, 0, NULL);
}

static void finish(const char *line, HANDLE thread)
{
    DWORD code = 99;

    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    SAY(line, code);
    CloseHandle(thread);
    CloseHandle(server);
}

static void say_client(const char *line, DWORD flags)
{
    HANDLE thread = start(flags, NULL), client;

    SAY_WAIT(say_name(line, "blocks"), WaitForSingleObject(thread, 30));
    client = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
    finish(say_name(line, "client"), thread);
    CloseHandle(client);
}

static void say_cancel_synchronous(void)
{
    HANDLE thread = start(0, NULL), client;

    while (!CancelSynchronousIo(thread)) /* until it is in the call */
        Sleep(1);
    WaitForSingleObject(thread, INFINITE);
    SAY_HANDLE("cancelled.open", client, open_file(name, GENERIC_READ, OPEN_EXISTING, 0));
    CloseHandle(client);
    finish("cancelled", thread);
}

static void say_cancel(void)
{
    HANDLE thread = start(0, NULL);

    SAY_BOOL("cancel_io", CancelIo(server));
    SAY_WAIT("cancel_io.thread", WaitForSingleObject(thread, 30));
    do {
        CancelIoEx(server, NULL);
    } while (WaitForSingleObject(thread, 1) == WAIT_TIMEOUT);
    finish("cancel_io_ex", thread);
}

/* An OVERLAPPED on a synchronous handle changes nothing: the call blocks. */
static void say_overlapped_argument(void)
{
    OVERLAPPED ov = {0};
    HANDLE thread, client;

    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    thread = start(0, &ov);
    SAY_WAIT("argument.blocks", WaitForSingleObject(thread, 30));
    client = open_file(name, GENERIC_READ, OPEN_EXISTING, 0);
    finish("argument.client", thread);
    CloseHandle(client);
    CloseHandle(ov.hEvent);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_blocking_%lu",
             (unsigned long)GetCurrentProcessId());
    say_client("synchronous", 0);
    say_client("overlapped", FILE_FLAG_OVERLAPPED);
    say_cancel_synchronous();
    say_cancel();
    say_overlapped_argument();
    return 0;
}
