/* SPDX-License-Identifier: MIT */
#ifndef BENCH_OURS_H
#define BENCH_OURS_H

/* What the parts that use the library have in common; the floors do without this header. */

#include <libcomm/comm.h>
#include <libcomm/native.h>

#include <errno.h>

#include "bench.h"

/* For calls that tell the last error and not errno. */
static inline void bench_check(bool fine, const char *what)
{
    if (!fine)
        errno = 0;
    bench_need(fine, what);
}

static inline HANDLE bench_wrap(int fd)
{
    HANDLE file = CommWrapFd(fd, COMM_KIND_STREAM, GENERIC_READ | GENERIC_WRITE, 0);

    bench_check(file != INVALID_HANDLE_VALUE, "CommWrapFd");
    return file;
}

static inline HANDLE bench_event(BOOL manual)
{
    HANDLE event = CreateEvent(NULL, manual, FALSE, NULL);

    bench_check(event != NULL, "CreateEvent");
    return event;
}

/* Waits for the end of an overlapped call that has an event. */
static inline bool bench_finish(HANDLE file, OVERLAPPED *ov, BOOL done, DWORD *count)
{
    if (!done && GetLastError() != ERROR_IO_PENDING)
        return false;
    WaitForSingleObject(ov->hEvent, INFINITE);
    return GetOverlappedResult(file, ov, count, FALSE);
}

/* Issues a read that is expected to find nothing. */
static inline void bench_pend(HANDLE file, char *message, OVERLAPPED *ov)
{
    bench_check(!ReadFile(file, message, BENCH_BYTES, NULL, ov) &&
                    GetLastError() == ERROR_IO_PENDING,
                "ReadFile");
}

#endif
