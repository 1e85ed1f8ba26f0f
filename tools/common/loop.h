/* SPDX-License-Identifier: MIT */
/* The one loop of a tool: one thread, one completion port.  Whatever a tool does that may take time
 * is an operation posted to the port, and comes back as a call of its `done`; at rest nothing runs.
 *
 * Nothing here is called from another thread than the one that made the loop. */
#ifndef TOOLS_LOOP_H
#define TOOLS_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libcomm/comm.h>

struct tool_timer;

/* One operation.  It lies in its user's memory, zero at first but for `done` and `owner`, and stays
 * there while it is pending. */
struct tool_op {
    OVERLAPPED ov; /* first: a packet leads here */
    void (*done)(struct tool_op *op);
    void *owner; /* the user's */
    /* what came of it, when done is called */
    uint32_t error;    /* ERROR_SUCCESS, or why not */
    size_t count;      /* bytes that were moved */
    uint64_t stamp_ns; /* when the first byte was received, where the file tells that */
    bool cancelled;    /* by tool_op_cancel */
    /* the loop's */
    bool pending;
    struct tool_loop *loop;
    HANDLE file;
    struct tool_op *before, *after;
};

struct tool_loop {
    HANDLE port;
    struct tool_op *ops;    /* pending ones */
    struct tool_timer *due; /* timers that ran out, oldest first */
    bool stopped, ending;
    sigset_t mask; /* of the thread, before */
};

/* Blocks `signals` (NULL: none) before anything else, so that no thread of the library ever takes
 * one; see signals.h.  FALSE: the last error says why. */
bool tool_loop_init(struct tool_loop *loop, const sigset_t *signals);

/* Each overlapped handle joins once, before its first operation. */
bool tool_loop_join(struct tool_loop *loop, HANDLE file);

/* Start an operation: `done` is called later, never from inside, also when it failed at once. While
 * the loop ends nothing is started, and nothing is called back. */
void tool_read(struct tool_loop *loop, struct tool_op *op, HANDLE file, void *buf, size_t room);
void tool_write(struct tool_loop *loop, struct tool_op *op, HANDLE file, const void *buf,
                size_t len);
/* The same at a position, for files that have one; TOOL_AT_END appends. */
#define TOOL_AT_END UINT64_MAX
void tool_read_at(struct tool_loop *loop, struct tool_op *op, HANDLE file, uint64_t at, void *buf,
                  size_t room);
void tool_write_at(struct tool_loop *loop, struct tool_op *op, HANDLE file, uint64_t at,
                   const void *buf, size_t len);
/* Any other call that takes an OVERLAPPED:
 *     if (tool_op_begin(loop, op, file))
 *         tool_op_issued(op, WaitCommEvent(file, &mask, &op->ov)); */
bool tool_op_begin(struct tool_loop *loop, struct tool_op *op, HANDLE file);
void tool_op_issued(struct tool_op *op, BOOL ok);
/* No operation at all: `done` is called in the next round, with `error`. */
void tool_later(struct tool_loop *loop, struct tool_op *op, uint32_t error);
/* A request: done is called all the same, with ERROR_OPERATION_ABORTED unless it was faster. */
void tool_op_cancel(struct tool_op *op);

/* Rounds until somebody stops the loop. */
void tool_loop_run(struct tool_loop *loop);
void tool_loop_stop(struct tool_loop *loop);
/* One round: waits for something, timeout_ms at most; false when nothing came. */
bool tool_loop_round(struct tool_loop *loop, DWORD timeout_ms);

/* Cancels what is pending and calls back each; then the port is gone and the signals are as before.
 * Handles are closed by their owners, before or after. */
void tool_loop_fini(struct tool_loop *loop);

#endif
