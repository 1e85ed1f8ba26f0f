/* SPDX-License-Identifier: MIT */
/* Waits for an endpoint that is not there, or that was lost: for a notice if it is absent, and with
 * a timer only while somebody has it or permission is missing.  A port that was lost is opened
 * again only if it is the same device, wherever it is plugged in; another one at its path is
 * refused. */
#ifndef TOOLS_RECONNECT_H
#define TOOLS_RECONNECT_H

#include "tools/common/endpoint.h"
#include "tools/common/place.h"
#include "tools/common/timer.h"

struct tool_reconnect {
    struct tool_loop *loop;
    char name[256];
    struct tool_line line;
    bool again;                  /* after a loss */
    bool serial;                 /* and it was a port */
    struct tool_identity wanted; /* which one */
    void (*opened)(struct tool_reconnect *reconnect, struct tool_end *end);
    /* Something new is to be told: why it waits, what it refuses. */
    void (*told)(struct tool_reconnect *reconnect, const char *text);
    void *owner; /* the user's */
    /* its own */
    struct tool_op later;  /* the first try */
    struct tool_op notice; /* a read of `notices` */
    HANDLE notices;
    COMM_PORT_NOTICE news[4];
    DWORD mapped; /* the number its path was given, so that notices tell of it; 0: none */
    struct tool_place place;
    struct tool_timer timer;
    unsigned wait_s; /* of the next timer */
    bool running;
    struct tool_fail fail; /* of the last try, and what was told last */
    char last[sizeof((struct tool_fail *)NULL)->text];
};

/* Set loop, opened, told and owner before, with the rest zero.  It may be started again once it is
 * idle.  `lost` is what was there before (it may be closed after
 * this call); NULL: wait for `name` as it is.  The first try is made in the loop's next round. */
bool tool_reconnect_start(struct tool_reconnect *reconnect, const char *name,
                          const struct tool_line *line, const struct tool_end *lost);
/* Nothing is called any more; before `opened` is called it has stopped by itself.  The memory is
 * the loop's until tool_reconnect_idle. */
void tool_reconnect_stop(struct tool_reconnect *reconnect);
bool tool_reconnect_idle(const struct tool_reconnect *reconnect);

#endif
