/* SPDX-License-Identifier: MIT */
/* Packets in, calls out.  An operation that fails at once posts its own packet, so that a caller
 * has one place where it learns how things went; timers come as routines of the alertable wait and
 * are called after it, so that no user code runs inside the library. */
#include "tools/common/loop.h"

#include <assert.h>
#include <pthread.h>

#include "tools/common/timer.h"

enum {
    PACKETS = 64, /* taken at once; timers are looked after between */
};

/* Keys of packets. */
enum { BY_LIBRARY, BY_US };

bool tool_loop_init(struct tool_loop *loop, const sigset_t *signals)
{
    sigset_t none;

    sigemptyset(&none);
    *loop = (struct tool_loop){.port = NULL};
    pthread_sigmask(SIG_BLOCK, signals == NULL ? &none : signals, &loop->mask);
    loop->port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 1);
    if (loop->port != NULL)
        return true;
    pthread_sigmask(SIG_SETMASK, &loop->mask, NULL);
    return false;
}

bool tool_loop_join(struct tool_loop *loop, HANDLE file)
{
    return CreateIoCompletionPort(file, loop->port, BY_LIBRARY, 0) != NULL;
}

/* ---- operations ---- */

static void op_link(struct tool_loop *loop, struct tool_op *op)
{
    op->before = NULL;
    op->after = loop->ops;
    if (loop->ops != NULL)
        loop->ops->before = op;
    loop->ops = op;
    op->pending = true;
}

static void op_unlink(struct tool_op *op)
{
    if (op->before != NULL)
        op->before->after = op->after;
    else
        op->loop->ops = op->after;
    if (op->after != NULL)
        op->after->before = op->before;
    op->pending = false;
}

bool tool_op_begin(struct tool_loop *loop, struct tool_op *op, HANDLE file)
{
    assert(!op->pending);
    if (loop->ending)
        return false;
    op->ov = (OVERLAPPED){.hEvent = NULL};
    op->loop = loop;
    op->file = file;
    op->error = ERROR_SUCCESS;
    op->count = 0;
    op->stamp_ns = 0;
    op->cancelled = false;
    op_link(loop, op);
    return true;
}

/* A packet of our own.  Without memory for one there is no loop any more: the operation stays
 * pending, and the ending will find it. */
static void op_post(struct tool_op *op, uint32_t error)
{
    op->error = error;
    if (!PostQueuedCompletionStatus(op->loop->port, 0, BY_US, &op->ov))
        tool_loop_stop(op->loop);
}

void tool_op_issued(struct tool_op *op, BOOL ok)
{
    uint32_t error = ok ? ERROR_SUCCESS : GetLastError();

    if (error == ERROR_PIPE_CONNECTED)
        op_post(op, ERROR_SUCCESS); /* a success that tells nobody */
    else if (!ok && error != ERROR_IO_PENDING)
        op_post(op, error);
}

static void place(struct tool_op *op, uint64_t at)
{
    op->ov.Offset = (DWORD)at;
    op->ov.OffsetHigh = (DWORD)(at >> 32);
}

static DWORD length(size_t len)
{
    return len > 0x40000000 ? 0x40000000 : (DWORD)len;
}

void tool_read_at(struct tool_loop *loop, struct tool_op *op, HANDLE file, uint64_t at, void *buf,
                  size_t room)
{
    if (!tool_op_begin(loop, op, file))
        return;
    place(op, at);
    tool_op_issued(op, ReadFile(file, buf, length(room), NULL, &op->ov));
}

void tool_write_at(struct tool_loop *loop, struct tool_op *op, HANDLE file, uint64_t at,
                   const void *buf, size_t len)
{
    if (!tool_op_begin(loop, op, file))
        return;
    place(op, at);
    tool_op_issued(op, WriteFile(file, buf, length(len), NULL, &op->ov));
}

void tool_read(struct tool_loop *loop, struct tool_op *op, HANDLE file, void *buf, size_t room)
{
    tool_read_at(loop, op, file, 0, buf, room);
}

void tool_write(struct tool_loop *loop, struct tool_op *op, HANDLE file, const void *buf,
                size_t len)
{
    tool_write_at(loop, op, file, 0, buf, len);
}

void tool_later(struct tool_loop *loop, struct tool_op *op, uint32_t error)
{
    if (tool_op_begin(loop, op, NULL))
        op_post(op, error);
}

void tool_op_cancel(struct tool_op *op)
{
    if (!op->pending)
        return;
    op->cancelled = true;
    if (op->file != NULL)
        CancelIoEx(op->file, &op->ov);
}

/* ---- rounds ---- */

static void op_finish(struct tool_op *op, bool by_us)
{
    DWORD count = 0;

    if (!by_us && !GetOverlappedResult(op->file, &op->ov, &count, FALSE))
        op->error = GetLastError();
    op->count = count;
    op->stamp_ns = (uint64_t)op->ov.OffsetHigh << 32 | op->ov.Offset;
    op_unlink(op);
    op->done(op);
}

static bool fire_due(struct tool_loop *loop)
{
    bool any = loop->due != NULL;

    while (loop->due != NULL)
        tool_timer_fire(loop->due);
    return any;
}

bool tool_loop_round(struct tool_loop *loop, DWORD timeout_ms)
{
    OVERLAPPED_ENTRY packets[PACKETS];
    ULONG count = 0;

    if (!GetQueuedCompletionStatusEx(loop->port, packets, PACKETS, &count, timeout_ms, TRUE))
        count = 0;
    for (ULONG i = 0; i < count; i++)
        op_finish((struct tool_op *)(void *)packets[i].lpOverlapped,
                  packets[i].lpCompletionKey == BY_US);
    return fire_due(loop) || count > 0;
}

void tool_loop_run(struct tool_loop *loop)
{
    while (!loop->stopped)
        tool_loop_round(loop, INFINITE);
    loop->stopped = false; /* it may be run again */
}

void tool_loop_stop(struct tool_loop *loop)
{
    loop->stopped = true;
}

/* ---- the end ---- */

static void cancel_all(struct tool_loop *loop)
{
    for (struct tool_op *op = loop->ops; op != NULL; op = op->after)
        tool_op_cancel(op);
}

void tool_loop_fini(struct tool_loop *loop)
{
    loop->ending = true;
    cancel_all(loop);
    while (loop->ops != NULL)
        tool_loop_round(loop, INFINITE);
    CloseHandle(loop->port);
    pthread_sigmask(SIG_SETMASK, &loop->mask, NULL);
}
