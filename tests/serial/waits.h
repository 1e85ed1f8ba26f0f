/* SPDX-License-Identifier: MIT */
/* Waits for events at the near end of a port, writes there, and calls that block. */
#ifndef COMM_TESTS_SERIAL_WAITS_H
#define COMM_TESTS_SERIAL_WAITS_H

#include <string.h>

#include "asleep.h"
#include "port.h"

#define ALL_EVENTS 0x1FFFu
#define UNSEEN 0xE4E4E4E4u /* no event mask: the wait has not written it */

/* ---- WaitCommEvent ---- */

struct wait {
    struct request request;
    DWORD events;
};

/* Whether it is on its way: it is over already, or pending. */
static inline bool wait_start(const struct port *port, struct wait *wait)
{
    request_open(&wait->request, true);
    wait->events = UNSEEN;
    return CHECK(WaitCommEvent(port->near, &wait->events, &wait->request.ov) ||
                 GetLastError() == ERROR_IO_PENDING);
}

/* Until then `events` is the port's, and not to be looked at. */
static inline bool wait_is_pending(struct wait *wait)
{
    return !request_is_final(&wait->request);
}

/* It finds nothing that has happened already. */
static inline bool wait_pends(const struct port *port, struct wait *wait)
{
    return wait_start(port, wait) && CHECK(wait_is_pending(wait));
}

static inline void wait_ends(const char *when, const struct port *port, struct wait *wait,
                             DWORD events)
{
    port_ends(when, port, &wait->request, STATUS_SUCCESS, sizeof(DWORD));
    CHECK_EQ_WHEN(when, wait->events, events);
    CHECK(is_set(wait->request.ov.hEvent));
    request_close(&wait->request);
}

/* Nothing of it was reported. */
static inline void wait_cancel(const struct port *port, struct wait *wait)
{
    CHECK(CancelIoEx(port->near, &wait->request.ov));
    port_ends("cancelled", port, &wait->request, STATUS_CANCELLED, 0);
    CHECK_EQ(wait->events, UNSEEN);
    request_close(&wait->request);
}

/* What has happened since the last answer; 0: a wait would pend.  Forgets no errors. */
static inline DWORD latched(const struct port *port)
{
    struct wait wait;
    DWORD events;

    if (!wait_start(port, &wait))
        return UNSEEN;
    if (wait_is_pending(&wait)) {
        wait_cancel(port, &wait);
        return 0;
    }
    events = wait.events;
    wait_ends("at once", port, &wait, events);
    return events;
}

/* ---- transfers ---- */

static inline bool write_pends(const struct port *port, struct request *write, const void *bytes,
                               size_t len)
{
    request_open(write, true);
    SetLastError(0);
    return CHECK_EQ(WriteFile(port->near, bytes, (DWORD)len, NULL, &write->ov), FALSE) &&
           CHECK_EQ(GetLastError(), ERROR_IO_PENDING) && CHECK(port_pends(port, write));
}

static inline void transfer_ends(const char *when, const struct port *port, struct request *request,
                                 DWORD status, DWORD count)
{
    port_ends(when, port, request, status, count);
    request_close(request);
}

/* It goes through; peers receive it when they look. */
static inline void write_all(const struct port *port, const void *bytes, size_t len)
{
    struct request write;

    request_open(&write, true);
    CHECK(WriteFile(port->near, bytes, (DWORD)len, NULL, &write.ov) ||
          GetLastError() == ERROR_IO_PENDING);
    transfer_ends("a write", port, &write, STATUS_SUCCESS, (DWORD)len);
}

static inline bool read_pends(const struct port *port, struct request *read, DWORD len)
{
    request_open(read, true);
    return request_pends(read, port->near, len);
}

static inline void read_ends(const char *when, const struct port *port, struct request *read,
                             const char *bytes)
{
    DWORD len = (DWORD)strlen(bytes);

    port_ends(when, port, read, STATUS_SUCCESS, len);
    CHECK_EQ_WHEN(when, memcmp(read->buf, bytes, len), 0);
    request_close(read);
}

/* Takes `len` bytes, which are there, into `to`, which may be NULL. */
static inline void read_queued(const struct port *port, void *to, DWORD len)
{
    char sink[4096];
    struct request read;

    request_open(&read, true);
    CHECK(ReadFile(port->near, to == NULL ? sink : to, len, NULL, &read.ov) ||
          GetLastError() == ERROR_IO_PENDING);
    transfer_ends("what is queued", port, &read, STATUS_SUCCESS, len);
}

/* What is queued is exactly this, and is taken. */
static inline void expect_queued(const char *when, const struct port *port, const void *bytes,
                                 DWORD len)
{
    char got[64];

    CHECK_EQ_WHEN(when, port_queued(port), len);
    memset(got, 0xEE, sizeof got);
    if (len > 0)
        read_queued(port, got, len);
    CHECK_EQ_WHEN(when, memcmp(got, bytes, len), 0);
}

static inline COMSTAT status_of(const struct port *port)
{
    COMSTAT stat = {0};

    CHECK(ClearCommError(port->near, NULL, &stat));
    return stat;
}

static inline DWORD errors_of(const struct port *port)
{
    DWORD errors = UNSEEN;

    CHECK(ClearCommError(port->near, &errors, NULL));
    return errors;
}

/* ---- calls that block ---- */

/* A thread in one call on the port. */
struct blocking {
    const struct port *port;
    BOOL (*call)(const struct port *port);
    struct sleeper sleeper;
    pthread_t thread;
    HANDLE in; /* the thread, for CancelSynchronousIo; closed with it */
    BOOL ok;
    DWORD error;
    _Atomic bool returned;
};

static inline void *blocking_run(void *arg)
{
    struct blocking *b = arg;

    CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &b->in, 0,
                          FALSE, DUPLICATE_SAME_ACCESS));
    sleeper_announce(&b->sleeper);
    SetLastError(0);
    b->ok = b->call(b->port);
    b->error = GetLastError();
    atomic_store(&b->returned, true);
    return NULL;
}

static inline void blocking_begin(struct blocking *b, const struct port *port,
                                  BOOL (*call)(const struct port *port))
{
    memset(b, 0, sizeof *b);
    b->port = port;
    b->call = call;
    b->thread = comm_spawn(blocking_run, b);
}

/* Returns once the thread sleeps in its call. */
static inline void blocking_start(struct blocking *b, const struct port *port,
                                  BOOL (*call)(const struct port *port))
{
    blocking_begin(b, port, call);
    wait_until_asleep(&b->sleeper);
}

static inline bool blocking_is_in(struct blocking *b)
{
    return !atomic_load(&b->returned);
}

static inline bool blocking_is_over(void *arg)
{
    return !blocking_is_in(arg);
}

/* 0, or the error it failed with. */
static inline DWORD blocking_end(struct blocking *b)
{
    if (!comm_wait_until(blocking_is_over, b))
        CancelSynchronousIo(b->in);
    comm_join(b->thread);
    CHECK(CloseHandle(b->in));
    return b->ok ? 0 : b->error;
}

/* ---- settings ---- */

static inline void xoff_out(DCB *dcb)
{
    dcb->fOutX = TRUE;
}

static inline void cts_out(DCB *dcb)
{
    dcb->fOutxCtsFlow = TRUE;
}

#endif
