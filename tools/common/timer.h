/* SPDX-License-Identifier: MIT */
/* A timer of the loop: a waitable timer whose routine runs in the loop's wait. */
#ifndef TOOLS_TIMER_H
#define TOOLS_TIMER_H

#include "tools/common/loop.h"

struct tool_timer {
    HANDLE timer;
    struct tool_loop *loop;
    void (*fired)(struct tool_timer *timer);
    void *owner; /* the user's */
    bool due;    /* ran out, and was not called yet */
    struct tool_timer *after;
};

bool tool_timer_init(struct tool_timer *timer, struct tool_loop *loop,
                     void (*fired)(struct tool_timer *timer), void *owner);
/* Once, so long from now; what it was set to before is forgotten. */
void tool_timer_set(struct tool_timer *timer, uint64_t in_us);
void tool_timer_stop(struct tool_timer *timer);
void tool_timer_fini(struct tool_timer *timer);

/* Nanoseconds of CLOCK_MONOTONIC, as the stamps of what is received. */
uint64_t tool_now_ns(void);

/* The loop's: calls the first of the due ones. */
void tool_timer_fire(struct tool_timer *timer);

#endif
