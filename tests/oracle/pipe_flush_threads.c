/* SPDX-License-Identifier: MIT */
/* FlushFileBuffers that has to wait, in a thread of its own: for bytes and for an empty message;
 * and what ends it besides the reader. */
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
    if (client != NULL)
        CloseHandle(client);
    if (server != NULL)
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

static void say_read(const char *title, const char *text)
{
    HANDLE thread;
    char buf[16];
    DWORD n = 99;

    open_pair();
    WriteFile(server, text, (DWORD)strlen(text), &n, NULL);
    thread = start(say_name(title, "waits"), server);
    SAY_BOOL(say_name(title, "read"), ReadFile(client, buf, sizeof(buf), &n, NULL));
    SAY(say_name(title, "bytes"), n);
    finish(title, thread);
    close_pair();
}

static void say_closed(void)
{
    HANDLE thread;
    DWORD n = 99;

    open_pair();
    WriteFile(server, "abc", 3, &n, NULL);
    thread = start("closed.waits", server);
    CloseHandle(client);
    client = NULL;
    finish("closed", thread);
    close_pair();
}

static void say_disconnected(void)
{
    HANDLE thread;
    DWORD n = 99;

    open_pair();
    WriteFile(client, "abc", 3, &n, NULL);
    thread = start("disconnected.waits", client);
    DisconnectNamedPipe(server);
    finish("disconnected", thread);
    close_pair();
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_drain_%lu",
             (unsigned long)GetCurrentProcessId());
    say_read("bytes", "abc");
    say_read("empty", "");
    say_closed();
    say_disconnected();
    return 0;
}
