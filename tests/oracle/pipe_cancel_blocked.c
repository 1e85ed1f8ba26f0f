/* SPDX-License-Identifier: MIT */
/* Threads blocked in a read or a write of a synchronous end, and who can get them out: not CancelIo
 * of another thread, but CancelSynchronousIo and CancelIoEx. */
#include <windows.h>
#include "say.h"

static char name[64], data[64];
static HANDLE server, client;

static void open_pair(void)
{
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, 0, 1, 8, 8, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
}

static void close_pair(void)
{
    CloseHandle(client);
    CloseHandle(server);
}

static DWORD WINAPI read_some(LPVOID counted)
{
    static char buf[16];

    return ReadFile(client, buf, sizeof(buf), (DWORD *)counted, NULL) ? 0 : GetLastError();
}

static DWORD WINAPI write_much(LPVOID counted)
{
    return WriteFile(client, data, sizeof(data), (DWORD *)counted, NULL) ? 0 : GetLastError();
}

static void finish(const char *line, HANDLE thread)
{
    DWORD code = 99;

    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    SAY(line, code);
    CloseHandle(thread);
}

static void say_synchronous(const char *title, LPTHREAD_START_ROUTINE routine)
{
    DWORD n = 99, avail = 99;
    HANDLE thread;

    open_pair();
    thread = CreateThread(NULL, 0, routine, &n, 0, NULL);
    while (!CancelSynchronousIo(thread)) /* until it is in the call */
        Sleep(1);
    finish(say_name(title, "cancel_synchronous"), thread);
    SAY(say_name(title, "cancel_synchronous.bytes"), n);
    PeekNamedPipe(server, NULL, 0, NULL, &avail, NULL);
    SAY(say_name(title, "cancel_synchronous.left"), avail);
    close_pair();
}

static void say_others(const char *title, LPTHREAD_START_ROUTINE routine)
{
    DWORD n = 99;
    HANDLE thread;

    open_pair();
    thread = CreateThread(NULL, 0, routine, &n, 0, NULL);
    SAY_WAIT(say_name(title, "blocks"), WaitForSingleObject(thread, 20));
    SAY_BOOL(say_name(title, "cancel_io"), CancelIo(client));
    SAY_WAIT(say_name(title, "blocks_still"), WaitForSingleObject(thread, 20));
    do {
        CancelIoEx(client, NULL);
    } while (WaitForSingleObject(thread, 1) == WAIT_TIMEOUT);
    finish(say_name(title, "cancel_io_ex"), thread);
    SAY_BOOL(say_name(title, "usable"), WriteFile(server, "abc", 3, &n, NULL));
    close_pair();
}

/* An operation that waits on its own is none of CancelSynchronousIo's business. */
static void say_overlapped(void)
{
    OVERLAPPED ov = {0};
    char buf[16];

    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 8, 8, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL("overlapped", ReadFile(server, buf, sizeof(buf), NULL, &ov));
    SAY_BOOL("overlapped.cancel", CancelSynchronousIo(GetCurrentThread()));
    SAY_WAIT("overlapped.waits", WaitForSingleObject(ov.hEvent, 0));
    CancelIo(server);
    WaitForSingleObject(ov.hEvent, INFINITE);
    CloseHandle(ov.hEvent);
    close_pair();
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_blocked_%lu",
             (unsigned long)GetCurrentProcessId());
    say_synchronous("read", read_some);
    say_synchronous("write", write_much);
    say_others("read", read_some);
    say_others("write", write_much);
    say_overlapped();
    return 0;
}
