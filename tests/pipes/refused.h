/* SPDX-License-Identifier: MIT */
/* What the runs with refused requests share: a pipe in a child of its own, perhaps with its server
 * in yet another process, the requests that are refused, and a look at what came through. */
#ifndef COMM_TESTS_PIPES_REFUSED_H
#define COMM_TESTS_PIPES_REFUSED_H

#include "connected.h"
#include "faults.h"

#include <sys/socket.h>

enum {
    QUOTA = 512,
    OVER = QUOTA + 32,     /* more than the quota, less than a read adds to it */
    ROOMY = 1 << 20,       /* a quota that is no matter */
    SNDBUF = 32 << 10,     /* what the kernel takes, about half of it */
    BIG = (100 << 10) + 3, /* a message that is no record then */
};

static char name[AT_NAME];
static char sent[BIG], got[BIG + 1];

static inline void fill(void)
{
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (char)(i % 251);
}

static inline void ov_clear(struct scene *s)
{
    s->ov = (OVERLAPPED){.hEvent = s->ov.hEvent};
}

static inline void server_opens(struct scene *s, DWORD mode, DWORD quota)
{
    s->end[0] = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED, mode, 1, quota,
                                 quota, 0, NULL);
    IN_CHILD(s->end[0] != INVALID_HANDLE_VALUE);
}

static inline void client_opens(struct scene *s, DWORD mode)
{
    DWORD read_mode = mode & PIPE_READMODE_MESSAGE;

    s->end[1] = CreateFileA(name, BOTH_WAYS, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    IN_CHILD(s->end[1] != INVALID_HANDLE_VALUE);
    IN_CHILD(SetNamedPipeHandleState(s->end[1], &read_mode, NULL, NULL));
    IN_CHILD(setsockopt(CommGetFd(s->end[1]), SOL_SOCKET, SO_SNDBUF, &(int){SNDBUF}, sizeof(int)) ==
             0);
}

/* Read to the last byte by `end`: what comes is the pattern from the start. */
static inline void check_arrives(HANDLE end, DWORD len)
{
    DWORD total = 0, n = 0;

    while (total < len) {
        OVERLAPPED ov = {0};

        (void)ReadFile(end, got, sizeof got, NULL, &ov);
        IN_CHILD(GetOverlappedResult(end, &ov, &n, TRUE) && n > 0 && n <= len - total);
        IN_CHILD(memcmp(got, sent + total, n) == 0);
        total += n;
    }
}

static inline bool is_empty(HANDLE end)
{
    DWORD n = 1;

    IN_CHILD(PeekNamedPipe(end, NULL, 0, NULL, &n, NULL));
    return n == 0;
}

/* ---- requests ---- */

static inline DWORD write_now(HANDLE end, DWORD len)
{
    OVERLAPPED ov = {0};
    DWORD n = 0;

    return error_unless(WriteFile(end, sent, len, &n, &ov) && n == len);
}

static inline DWORD read_it(struct scene *s)
{
    ov_clear(s);
    s->pending = !ReadFile(s->end[0], s->buf, sizeof s->buf, NULL, &s->ov) &&
                 GetLastError() == ERROR_IO_PENDING;
    return error_unless(s->pending);
}

static inline DWORD write_over(struct scene *s)
{
    ov_clear(s);
    s->pending =
        !WriteFile(s->end[1], sent, OVER, NULL, &s->ov) && GetLastError() == ERROR_IO_PENDING;
    return error_unless(s->pending);
}

static inline DWORD transact(struct scene *s)
{
    ov_clear(s);
    s->pending = !TransactNamedPipe(s->end[1], sent, 7, s->buf, sizeof s->buf, NULL, &s->ov) &&
                 GetLastError() == ERROR_IO_PENDING;
    return error_unless(s->pending);
}

#endif
