/* SPDX-License-Identifier: MIT */
/* Makes pairs and requests.  What cannot be made ends the file as failed: no test could say
 * anything then. */
#include "pair.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void must(bool done, const char *what)
{
    if (done)
        return;
    fprintf(stderr, "%s failed, last error %u\n", what, GetLastError());
    exit(EXIT_FAILURE);
}

HANDLE wrapped(int fd, DWORD kind, DWORD flags)
{
    HANDLE handle = CommWrapFd(fd, kind, GENERIC_READ | GENERIC_WRITE, flags);

    must(handle != INVALID_HANDLE_VALUE, "CommWrapFd");
    return handle;
}

void pair_open(struct pair *pair, DWORD flags)
{
    int fd[2];

    must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0, "socketpair");
    pair->near = wrapped(fd[0], COMM_KIND_DEFAULT, flags);
    pair->far = fd[1];
    pair->peer = NULL;
}

void pair_open_wrapped(struct pair *pair)
{
    pair_open(pair, 0);
    pair->peer = wrapped(pair->far, COMM_KIND_DEFAULT, 0);
    pair->far = -1;
}

void pair_send(struct pair *pair, const char *bytes, size_t len)
{
    must(write(pair->far, bytes, len) == (ssize_t)len, "write by the peer");
}

void pair_receive(struct pair *pair, char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t got = read(pair->far, bytes, len);

        must(got > 0, "read by the peer");
        bytes += got;
        len -= (size_t)got;
    }
}

void pair_hang_up(struct pair *pair)
{
    if (pair->peer != NULL)
        CHECK(CloseHandle(pair->peer));
    else if (pair->far >= 0)
        close(pair->far);
    pair->peer = NULL;
    pair->far = -1;
}

void pair_close(struct pair *pair)
{
    pair_hang_up(pair);
    if (pair->near != NULL)
        CHECK(CloseHandle(pair->near));
    pair->near = NULL;
}

void request_open(struct request *request, bool with_event)
{
    memset(request, 0, sizeof *request);
    if (!with_event)
        return;
    request->ov.hEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    must(request->ov.hEvent != NULL, "CreateEvent");
}

void request_close(struct request *request)
{
    if (request->ov.hEvent != NULL)
        CHECK(CloseHandle((HANDLE)((ULONG_PTR)request->ov.hEvent & ~(ULONG_PTR)1)));
    request->ov.hEvent = NULL;
}

bool request_pends(struct request *request, HANDLE file, DWORD len)
{
    BOOL done;

    request->count = 99;
    SetLastError(0);
    done = ReadFile(file, request->buf, len, &request->count, &request->ov);
    return CHECK_EQ(done, FALSE) && CHECK_EQ(GetLastError(), ERROR_IO_PENDING) &&
           CHECK_EQ(request->count, 0);
}

DWORD request_status(const struct request *request)
{
    return (DWORD)__atomic_load_n(&request->ov.Internal, __ATOMIC_ACQUIRE);
}

bool request_is_final(void *request)
{
    return request_status(request) != STATUS_PENDING;
}

bool request_finishes(struct request *request)
{
    return comm_wait_until(request_is_final, request);
}

void request_ends(const char *when, const struct request *request, DWORD status, size_t bytes)
{
    CHECK_EQ_WHEN(when, request_status(request), status);
    CHECK_EQ_WHEN(when, request->ov.InternalHigh, bytes);
}
