/* SPDX-License-Identifier: MIT */
/* Waiting for a pipe operation with GetOverlappedResult and its alertable sister: without waiting,
 * for a while, until it ends, until a procedure interrupts. */
#include <windows.h>
#include "say.h"

static HANDLE server, client;
static DWORD procedures;

static VOID CALLBACK count(ULONG_PTR unused)
{
    (void)unused;
    procedures++;
}

static DWORD WINAPI write_later(LPVOID unused)
{
    DWORD n = 99;

    (void)unused;
    Sleep(20); /* so that the other thread is likely to wait; nothing depends on it */
    WriteFile(client, "abc", 3, &n, NULL);
    return n;
}

static void say_result(const char *line, BOOL result, DWORD error, DWORD n)
{
    say_bool(line, result, error, 0);
    if (result)
        SAY(say_name(line, "bytes"), n);
}

static void say_poll(OVERLAPPED *ov)
{
    DWORD n = 99;
    BOOL result;

    result = GetOverlappedResult(server, ov, &n, FALSE);
    say_result("poll", result, GetLastError(), n);
    result = GetOverlappedResultEx(server, ov, &n, 0, FALSE);
    say_result("poll_ex", result, GetLastError(), n);
    result = GetOverlappedResultEx(server, ov, &n, 10, TRUE);
    say_result("ten_ms", result, GetLastError(), n);
    QueueUserAPC(count, GetCurrentThread(), 0);
    result = GetOverlappedResultEx(server, ov, &n, 10, FALSE);
    say_result("not_alertable", result, GetLastError(), n);
    SAY("not_alertable.procedures", procedures);
    result = GetOverlappedResultEx(server, ov, &n, INFINITE, TRUE);
    say_result("alertable", result, GetLastError(), n);
    SAY("alertable.procedures", procedures);
}

static void say_until_done(const char *line, OVERLAPPED *ov, BOOL ex)
{
    HANDLE thread = CreateThread(NULL, 0, write_later, NULL, 0, NULL);
    DWORD n = 99;
    BOOL result;

    result = ex ? GetOverlappedResultEx(server, ov, &n, 5000, FALSE)
                : GetOverlappedResult(server, ov, &n, TRUE);
    say_result(line, result, GetLastError(), n);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
}

int main(void)
{
    OVERLAPPED with = {0}, without = {0};
    char name[64], buf[16];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_result_%lu",
             (unsigned long)GetCurrentProcessId());
    server =
        CreateNamedPipe(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, 0, 1, 64, 64, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    with.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);

    SAY_BOOL("with_event", ReadFile(server, buf, sizeof(buf), NULL, &with));
    say_poll(&with);
    say_until_done("with_event.done", &with, FALSE);
    SAY_BOOL("without_event", ReadFile(server, buf, sizeof(buf), NULL, &without));
    say_until_done("without_event.done", &without, FALSE);
    SAY_BOOL("without_event.again", ReadFile(server, buf, sizeof(buf), NULL, &without));
    say_until_done("without_event.done_ex", &without, TRUE);
    CloseHandle(client);
    CloseHandle(server);
    CloseHandle(with.hEvent);
    return 0;
}
