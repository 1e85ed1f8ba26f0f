/* SPDX-License-Identifier: MIT */
/* Any descriptor that can be polled, watched by the loop: for what is not read by operations
 * itself, such as a signalfd, a pidfd, a listening socket. */
#ifndef TOOLS_WATCH_H
#define TOOLS_WATCH_H

#include "tools/common/loop.h"

struct tool_watch {
    struct tool_op op;
    HANDLE file; /* over a duplicate: the descriptor stays the caller's */
    struct tool_loop *loop;
    void (*readable)(struct tool_watch *watch);
    void (*closed)(struct tool_watch *watch); /* may be NULL; see tool_watch_close */
    void *owner;                              /* the user's */
};

/* False: the last error says why. */
bool tool_watch_init(struct tool_watch *watch, struct tool_loop *loop, int fd,
                     void (*readable)(struct tool_watch *watch), void *owner);
/* Calls `readable` once, when there is something to read; then ask again.  watch->op.error says
 * whether it is the end. */
void tool_watch_next(struct tool_watch *watch);
/* It is called no more; the memory is the loop's while watch->op is pending, and `closed` is called
 * when it comes back. */
void tool_watch_close(struct tool_watch *watch);

#endif
