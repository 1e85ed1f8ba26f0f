/* SPDX-License-Identifier: MIT */
/* ReadFile and its family: each call is a request, and the request is issued. */
#include <libcomm/comm.h>

#include <limits.h>
#include <sys/uio.h>

#include "libcomm/op/file.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

#define SEGMENT 4096u

static bool transfer(HANDLE handle, bool write, const void *buf, DWORD len, DWORD *count,
                     OVERLAPPED *ov)
{
    struct ci_request request = {
        .handle = handle,
        .access = write ? FILE_WRITE_DATA | FILE_APPEND_DATA : FILE_READ_DATA,
        .kind = write ? CI_OP_WRITE : CI_OP_READ,
        .lane = write ? CI_LANE_WRITE : CI_LANE_READ,
        .ov = ov,
        .buf = (void *)(uintptr_t)buf, /* a write only reads it */
        .len = len,
        .count = count,
    };

    return ci_issue(&request);
}

static const char *ov_name(const OVERLAPPED *ov)
{
    return ov == NULL ? "" : " overlapped";
}

BOOL ReadFile(HANDLE handle, LPVOID buf, DWORD len, LPDWORD count, LPOVERLAPPED ov)
{
    CI_TRACED_BOOL(transfer(handle, false, buf, len, count, ov), "ReadFile %s %u%s",
                   ci_trace_handle(handle), len, ov_name(ov));
}

BOOL WriteFile(HANDLE handle, LPCVOID buf, DWORD len, LPDWORD count, LPOVERLAPPED ov)
{
    CI_TRACED_BOOL(transfer(handle, true, buf, len, count, ov), "WriteFile %s %u%s",
                   ci_trace_handle(handle), len, ov_name(ov));
}

/* ---- with a routine ---- */

static bool transfer_ex(HANDLE handle, bool write, const void *buf, DWORD len, OVERLAPPED *ov,
                        LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct ci_request request = {
        .handle = handle,
        .access = write ? FILE_WRITE_DATA | FILE_APPEND_DATA : FILE_READ_DATA,
        .kind = write ? CI_OP_WRITE : CI_OP_READ,
        .lane = write ? CI_LANE_WRITE : CI_LANE_READ,
        .ov = ov,
        .routine = routine,
        .ex = true,
        .buf = (void *)(uintptr_t)buf,
        .len = len,
    };

    return ci_issue(&request);
}

BOOL ReadFileEx(HANDLE handle, LPVOID buf, DWORD len, LPOVERLAPPED ov,
                LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    CI_TRACED_BOOL(transfer_ex(handle, false, buf, len, ov, routine), "ReadFileEx %s %u",
                   ci_trace_handle(handle), len);
}

BOOL WriteFileEx(HANDLE handle, LPCVOID buf, DWORD len, LPOVERLAPPED ov,
                 LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    CI_TRACED_BOOL(transfer_ex(handle, true, buf, len, ov, routine), "WriteFileEx %s %u",
                   ci_trace_handle(handle), len);
}

/* ---- in pages ---- */

/* The caller's array may go away after the call, and a page is always whole. */
static struct iovec *segments_copy(FILE_SEGMENT_ELEMENT *segment, unsigned count)
{
    struct iovec *iov = ci_sys_alloc(count * sizeof *iov);

    for (unsigned i = 0; iov != NULL && i < count; i++) {
        iov[i].iov_base = segment[i].Buffer;
        iov[i].iov_len = SEGMENT;
    }
    return iov;
}

static bool segments_fit(const FILE_SEGMENT_ELEMENT *segment, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (segment[i].Buffer == NULL || (uintptr_t)segment[i].Buffer % SEGMENT != 0)
            return false;
    return true;
}

static bool transfer_pages(HANDLE handle, bool write, FILE_SEGMENT_ELEMENT *segment, DWORD len,
                           DWORD *reserved, OVERLAPPED *ov)
{
    unsigned count = len / SEGMENT;
    struct ci_request request = {
        .handle = handle,
        .access = write ? FILE_WRITE_DATA | FILE_APPEND_DATA : FILE_READ_DATA,
        .kind = write ? CI_OP_WRITE : CI_OP_READ,
        .lane = write ? CI_LANE_WRITE : CI_LANE_READ,
        .ov = ov,
        .len = len,
        .segments = count,
    };

    if (segment == NULL || reserved != NULL || ov == NULL || len % SEGMENT != 0 || count == 0 ||
        !segments_fit(segment, count))
        return ci_fail(ERROR_INVALID_PARAMETER);
    request.iov = segments_copy(segment, count);
    if (request.iov == NULL)
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    return ci_issue(&request);
}

BOOL ReadFileScatter(HANDLE handle, FILE_SEGMENT_ELEMENT segment[], DWORD len, LPDWORD reserved,
                     LPOVERLAPPED ov)
{
    CI_TRACED_BOOL(transfer_pages(handle, false, segment, len, reserved, ov),
                   "ReadFileScatter %s %u", ci_trace_handle(handle), len);
}

BOOL WriteFileGather(HANDLE handle, FILE_SEGMENT_ELEMENT segment[], DWORD len, LPDWORD reserved,
                     LPOVERLAPPED ov)
{
    CI_TRACED_BOOL(transfer_pages(handle, true, segment, len, reserved, ov),
                   "WriteFileGather %s %u", ci_trace_handle(handle), len);
}
