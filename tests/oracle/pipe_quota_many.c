/* SPDX-License-Identifier: MIT */
/* A quota counts bytes, not writes and not memory: many hundreds of one-byte writes fit, and one
 * message may be larger than everything. */
#include <windows.h>
#include "say.h"

#define QUOTA 1500
#define HUGE_MESSAGE (1024 * 1024)
#define PATIENCE_MS 5000

static HANDLE server, client;
static char data[HUGE_MESSAGE], buf[HUGE_MESSAGE];

static void open_pair(DWORD mode)
{
    DWORD client_mode = mode & PIPE_READMODE_MESSAGE;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_many_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, mode, 1, QUOTA, QUOTA,
                             0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    SetNamedPipeHandleState(client, &client_mode, NULL, NULL);
}

static void close_pair(void)
{
    CloseHandle(client);
    CloseHandle(server);
}

static void finish(const char *line, OVERLAPPED *ov)
{
    DWORD n = 99;

    SAY_WAIT(say_name(line, "event"), WaitForSingleObject(ov->hEvent, PATIENCE_MS));
    SAY_BOOL(say_name(line, "result"), GetOverlappedResult(server, ov, &n, FALSE));
    SAY(say_name(line, "bytes"), n);
}

static void say_small(const char *title, DWORD mode)
{
    OVERLAPPED ov = {0};
    DWORD i, n, done = 0, avail = 99;

    open_pair(mode);
    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    for (i = 0; i < QUOTA; i++)
        done += WriteFile(server, "x", 1, &n, &ov) && n == 1;
    SAY(say_name(title, "at_once"), done);
    SAY_BOOL(say_name(title, "one_more"), WriteFile(server, "y", 1, &n, &ov));
    PeekNamedPipe(client, NULL, 0, NULL, &avail, NULL);
    SAY(say_name(title, "avail"), avail);
    SAY_BOOL(say_name(title, "read"), ReadFile(client, buf, 1, &n, NULL));
    finish(title, &ov);
    for (done = 0, n = 1; done < QUOTA && n > 0; done += n)
        if (!ReadFile(client, buf, QUOTA, &n, NULL))
            break;
    SAY(say_name(title, "rest"), done);
    CloseHandle(ov.hEvent);
    close_pair();
}

static void say_huge(void)
{
    OVERLAPPED ov = {0};
    DWORD i, n = 99;

    open_pair(PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    for (i = 0; i < HUGE_MESSAGE; i++)
        data[i] = (char)(i * 7 + i / 1000);
    ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    SAY_BOOL("huge", WriteFile(server, data, HUGE_MESSAGE, NULL, &ov));
    SAY_BOOL("huge.read", ReadFile(client, buf, HUGE_MESSAGE, &n, NULL));
    SAY("huge.read.bytes", n);
    SAY("huge.read.same", memcmp(data, buf, HUGE_MESSAGE) == 0);
    finish("huge", &ov);
    CloseHandle(ov.hEvent);
    close_pair();
}

int main(void)
{
    say_small("byte", PIPE_TYPE_BYTE);
    say_small("message", PIPE_TYPE_MESSAGE);
    say_huge();
    return 0;
}
