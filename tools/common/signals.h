/* SPDX-License-Identifier: MIT */
/* Signals as packets: blocked by tool_loop_init, read through a signalfd. */
#ifndef TOOLS_SIGNALS_H
#define TOOLS_SIGNALS_H

#include <sys/signalfd.h>

#include "tools/common/loop.h"

struct tool_signals {
    struct tool_op op;
    HANDLE file;
    struct tool_loop *loop;
    void (*came)(struct tool_signals *signals, int number);
    void *owner; /* the user's */
    struct signalfd_siginfo info;
};

/* `set` must be blocked: the one that tool_loop_init was given.  False: the last error says why. */
bool tool_signals_init(struct tool_signals *signals, struct tool_loop *loop, const sigset_t *set,
                       void (*came)(struct tool_signals *signals, int number), void *owner);
/* None is told of any more; the memory is the loop's until signals->op is not pending. */
void tool_signals_close(struct tool_signals *signals);

#endif
