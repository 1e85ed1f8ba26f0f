/* SPDX-License-Identifier: MIT */
/* Several threads write to one end at once: what one call wrote is together, and each thread's
 * writes are in the order in which it made them. */
#include <windows.h>
#include "say.h"

#define WRITERS 3
#define WRITES 40
#define RECORD 24

static HANDLE server, client;

static DWORD WINAPI write_records(LPVOID letter)
{
    char record[RECORD];
    DWORD i, n, done = 0;

    for (i = 0; i < WRITES; i++) {
        memset(record, (int)(ULONG_PTR)letter, sizeof(record));
        record[RECORD - 1] = (char)i;
        done += WriteFile(client, record, sizeof(record), &n, NULL) && n == sizeof(record);
    }
    return done;
}

static BOOL read_record(char *record)
{
    DWORD n, have = 0;

    while (have < RECORD) {
        if (!ReadFile(server, record + have, RECORD - have, &n, NULL))
            return FALSE;
        have += n;
    }
    return TRUE;
}

static void say_all(const char *title, DWORD mode)
{
    DWORD i, j, code, whole = 0, in_order = 0, next[WRITERS] = {0}, done = 0;
    HANDLE threads[WRITERS];
    char name[64], record[RECORD];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oracle_writers_%lu",
             (unsigned long)GetCurrentProcessId());
    server = CreateNamedPipe(name, PIPE_ACCESS_DUPLEX, mode, 1, 100, 100, 0, NULL);
    client = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    for (i = 0; i < WRITERS; i++)
        threads[i] = CreateThread(NULL, 0, write_records, (LPVOID)(ULONG_PTR)('a' + i), 0, NULL);
    for (i = 0; i < WRITERS * WRITES && read_record(record); i++) {
        for (j = 1; j < RECORD - 1 && record[j] == record[0]; j++)
            ;
        whole += j == RECORD - 1;
        j = (DWORD)(record[0] - 'a') % WRITERS;
        in_order += (DWORD)record[RECORD - 1] == next[j];
        next[j]++;
    }
    for (i = 0; i < WRITERS; i++) {
        WaitForSingleObject(threads[i], INFINITE);
        GetExitCodeThread(threads[i], &code);
        done += code;
        CloseHandle(threads[i]);
    }
    SAY(say_name(title, "written"), done);
    SAY(say_name(title, "whole"), whole);
    SAY(say_name(title, "in_order"), in_order);
    SAY_BOOL(say_name(title, "nothing_left"),
             PeekNamedPipe(server, NULL, 0, NULL, &code, NULL) && code == 0);
    CloseHandle(client);
    CloseHandle(server);
}

int main(void)
{
    say_all("byte", PIPE_TYPE_BYTE);
    say_all("message", PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE);
    return 0;
}
