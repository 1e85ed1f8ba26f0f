/* SPDX-License-Identifier: MIT */
/* A program the tool starts: with a clean signal mask, a process group of its own, and its end as
 * a call from the loop. */
#ifndef TOOLS_CHILD_H
#define TOOLS_CHILD_H

#include <sys/types.h>

#include "tools/common/watch.h"

struct tool_child {
    pid_t pid;
    int pidfd; /* -1: not running */
    struct tool_watch watch;
    void (*ended)(struct tool_child *child, int status); /* as waitpid has it; may be NULL */
    void *owner;                                         /* the user's */
};

/* argv[0] is looked for in PATH.  `in` and `out` become its standard input and output, and so does
 * `err` (-1: each stays the tool's); they stay the caller's.  0 or an errno. */
int tool_child_start(struct tool_child *child, struct tool_loop *loop, char *const argv[], int in,
                     int out, int err);
void tool_child_signal(struct tool_child *child, int number);
/* If it still runs: SIGTERM for its group, SIGKILL 200 ms later, and it is waited for.  `ended` is
 * called no more. */
void tool_child_close(struct tool_child *child);

#endif
