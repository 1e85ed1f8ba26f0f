/* SPDX-License-Identifier: MIT */
/* Two connected ends of a byte pipe, and a request with its buffer: what most tests of operations
 * begin with.  The near end is a handle; the far one a plain descriptor, so that what the peer does
 * is no call of the library, or a handle too. */
#ifndef COMM_TESTS_SUPPORT_PAIR_H
#define COMM_TESTS_SUPPORT_PAIR_H

#include <stdbool.h>
#include <stddef.h>

#include <libcomm/native.h>

#include "harness.h"

/* Long enough never to be reached: a wait that ends so has failed. */
#define PATIENCE_MS 20000u
/* More than any socket's buffers hold. */
#define FLOOD_BYTES (4u << 20)

struct pair {
    HANDLE near;
    int far;     /* the other end; -1 when it is wrapped or closed */
    HANDLE peer; /* the other end wrapped, else NULL */
};

/* flags: 0 for an overlapped near end, COMM_WRAP_SYNC for a synchronous one. */
void pair_open(struct pair *pair, DWORD flags);
/* Both ends are overlapped handles. */
void pair_open_wrapped(struct pair *pair);
/* What the far end does. */
void pair_send(struct pair *pair, const char *bytes, size_t len);
void pair_receive(struct pair *pair, char *bytes, size_t len);
void pair_hang_up(struct pair *pair);
/* Ends that are still open. */
void pair_close(struct pair *pair);

/* Wrapped as overlapped, for reading and writing; the end of the file's run if that fails. */
HANDLE wrapped(int fd, DWORD kind, DWORD flags);

struct request {
    OVERLAPPED ov;
    char buf[16];
    DWORD count; /* what the call wrote */
};

/* A manual-reset event, unset; or none. */
void request_open(struct request *request, bool with_event);
void request_close(struct request *request);
/* Issues a read that is expected to pend. */
bool request_pends(struct request *request, HANDLE file, DWORD len);
/* Internal, as another thread may publish it. */
DWORD request_status(const struct request *request);
bool request_is_final(void *request);
/* Waits, without any call of the library, until it is final. */
bool request_finishes(struct request *request);
void request_ends(const char *when, const struct request *request, DWORD status, size_t bytes);

static inline bool is_set(HANDLE object)
{
    return WaitForSingleObject(object, 0) == WAIT_OBJECT_0;
}

/* A call that must fail, and how. */
#define CHECK_FAILS(call, error)         \
    do {                                 \
        SetLastError(0xC0DE);            \
        CHECK_EQ((call), FALSE);         \
        CHECK_EQ(GetLastError(), error); \
    } while (0)

#endif
