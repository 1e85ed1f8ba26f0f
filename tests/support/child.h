/* SPDX-License-Identifier: MIT */
/* A test in a forked child: for what changes the whole process, and for what a child inherits.  The
 * child has a copy of CUnit's books that nobody reads, so it says where it failed by a line. */
#ifndef COMM_TESTS_SUPPORT_CHILD_H
#define COMM_TESTS_SUPPORT_CHILD_H

#include <sys/types.h>

/* In a child's body: ends it with this line's number unless the condition holds. */
#define NEED(condition)      \
    do {                     \
        if (!(condition))    \
            return __LINE__; \
    } while (0)

/* Forks; in the child runs body(arg) and exits.  child_line() waits for it: 0 when body returned
 * that, the line otherwise, -1 when it did not get so far. */
struct child {
    pid_t pid;
    int said;
};

struct child child_start(int (*body)(void *arg), void *arg);
int child_line(struct child *child);

#endif
