/* SPDX-License-Identifier: MIT */
/* Threads blocked at one end, and everything the other end can do to release them: write, read,
 * close, disconnect. */
#include <windows.h>
#include "say.h"

static char name[64], data[64];
static HANDLE server, client;

static void open_pair(void)
{
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, 0, 1, 8, 8, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
}

static DWORD WINAPI read_some(LPVOID unused)
{
    char buf[16];
    DWORD n = 99;

    (void)unused;
    return ReadFile(client, buf, sizeof(buf), &n, NULL) ? 1000 + n : GetLastError();
}

static DWORD WINAPI write_much(LPVOID unused)
{
    DWORD n = 99;

    (void)unused;
    return WriteFile(client, data, sizeof(data), &n, NULL) ? 1000 + n : GetLastError();
}

static HANDLE start_reader(void)
{
    return CreateThread(NULL, 0, read_some, NULL, 0, NULL);
}

/* What it writes can be seen, so that it is known to be inside. */
static HANDLE start_writer(void)
{
    HANDLE thread = CreateThread(NULL, 0, write_much, NULL, 0, NULL);
    DWORD avail = 0;

    while (avail != sizeof(data)) {
        Sleep(1);
        if (!PeekNamedPipe(server, NULL, 0, NULL, &avail, NULL))
            break;
    }
    return thread;
}

/* 1000 and the count, or the error. */
static void finish(const char *line, HANDLE thread)
{
    DWORD code = 99;

    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    SAY(line, code);
    CloseHandle(thread);
}

static void say_data(void)
{
    HANDLE reader, writer;
    char buf[64];
    DWORD n = 99;

    open_pair();
    reader = start_reader();
    SAY_WAIT("reader.blocks", WaitForSingleObject(reader, 20));
    SAY_BOOL("reader.write", WriteFile(server, "abc", 3, &n, NULL));
    finish("reader.data", reader);
    writer = start_writer();
    SAY_WAIT("writer.blocks", WaitForSingleObject(writer, 20));
    SAY_BOOL("writer.read_55", ReadFile(server, buf, 55, &n, NULL));
    SAY_WAIT("writer.blocks_still", WaitForSingleObject(writer, 20));
    SAY_BOOL("writer.read_1", ReadFile(server, buf, 1, &n, NULL));
    finish("writer.data", writer);
    CloseHandle(client);
    CloseHandle(server);
}

static void say_released(const char *title, HANDLE (*start)(void))
{
    HANDLE thread;

    open_pair();
    thread = start();
    CloseHandle(server);
    finish(say_name(title, "close"), thread);
    CloseHandle(client);

    open_pair();
    thread = start();
    DisconnectNamedPipe(server);
    finish(say_name(title, "disconnect"), thread);
    CloseHandle(client);
    CloseHandle(server);
}

int main(void)
{
    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_threads_%lu",
             (unsigned long)GetCurrentProcessId());
    say_data();
    say_released("reader", start_reader);
    say_released("writer", start_writer);
    return 0;
}
