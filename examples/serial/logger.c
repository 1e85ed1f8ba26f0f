/* SPDX-License-Identifier: MIT */
/* Asks up to eight instruments for measurements, all at the same time, and prints them as they
 * come: one completion port, no thread per port. Usage: logger ROUNDS PORT... */
#include <libcomm/serial.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PORTS_MAX 8
#define ANSWER_MS 2000
#define QUESTION "MEAS?\n"

struct instrument {
    const char *name;
    HANDLE port;
    OVERLAPPED reading, writing;
    char piece[32], line[128];
    size_t len;
    unsigned asked;
};

static struct instrument instruments[PORTS_MAX];
static unsigned rounds;

static bool began(BOOL done)
{
    return done || GetLastError() == ERROR_IO_PENDING;
}

static bool open_one(struct instrument *in, HANDLE packets)
{
    COMMTIMEOUTS limits = {MAXDWORD, MAXDWORD, ANSWER_MS, 0,
                           ANSWER_MS}; /* what comes, or nothing */
    DCB dcb = {.DCBlength = sizeof(dcb)};

    in->port = CreateFileA(in->name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                           FILE_FLAG_OVERLAPPED, NULL);
    return in->port != INVALID_HANDLE_VALUE && GetCommState(in->port, &dcb) &&
           BuildCommDCBA("9600,n,8,1", &dcb) && SetCommState(in->port, &dcb) &&
           SetCommTimeouts(in->port, &limits) &&
           CreateIoCompletionPort(in->port, packets, (ULONG_PTR)in, 0) != NULL;
}

/* The packet of a write says nothing new: what matters is the answer. */
static bool ask(struct instrument *in)
{
    in->asked++;
    return began(WriteFile(in->port, QUESTION, sizeof(QUESTION) - 1, NULL, &in->writing)) &&
           began(ReadFile(in->port, in->piece, sizeof(in->piece), NULL, &in->reading));
}

/* True: this instrument has nothing more to do. */
static bool take(struct instrument *in, DWORD n)
{
    bool whole = false;

    if (n == 0) {
        printf("%s: no answer\n", in->name);
        return true;
    }
    for (DWORD i = 0; i < n; i++) {
        if (in->piece[i] == '\n')
            whole = true;
        else if (in->len < sizeof(in->line) - 1)
            in->line[in->len++] = in->piece[i];
    }
    if (!whole)
        return !began(ReadFile(in->port, in->piece, sizeof(in->piece), NULL, &in->reading));
    in->line[in->len] = '\0';
    in->len = 0;
    printf("%s: %s\n", in->name, in->line);
    return in->asked == rounds || !ask(in);
}

static bool log_all(HANDLE packets, unsigned busy)
{
    while (busy > 0) {
        OVERLAPPED *ov = NULL;
        ULONG_PTR key;
        DWORD n;

        if (!GetQueuedCompletionStatus(packets, &n, &key, &ov, INFINITE))
            return false;
        if (ov == &((struct instrument *)key)->reading && take((struct instrument *)key, n))
            busy--;
    }
    return true;
}

int main(int argc, char *argv[])
{
    HANDLE packets = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    unsigned count = argc > 2 ? (unsigned)argc - 2 : 0;
    bool all;

    if (count < 1 || count > PORTS_MAX || (rounds = (unsigned)atoi(argv[1])) == 0) {
        fprintf(stderr, "usage: %s ROUNDS PORT...\n", argv[0]);
        return 2;
    }
    for (unsigned i = 0; i < count; i++) {
        instruments[i].name = argv[i + 2];
        if (!open_one(&instruments[i], packets) || !ask(&instruments[i])) {
            fprintf(stderr, "%s: error %u\n", argv[i + 2], GetLastError());
            return 1;
        }
    }
    all = log_all(packets, count);
    for (unsigned i = 0; i < count; i++)
        CloseHandle(instruments[i].port);
    CloseHandle(packets);
    return all ? 0 : 1;
}
