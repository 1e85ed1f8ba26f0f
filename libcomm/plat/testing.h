/* SPDX-License-Identifier: MIT */
/* What tests may ask of the library's inside: to fail the nth request for something, to come to
 * rest, and what is still alive.  In the normal build a fault is a constant, so nothing of this is
 * compiled in. */
#ifndef CI_PLAT_TESTING_H
#define CI_PLAT_TESTING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ci_fault_kind {
    CI_FAULT_MEMORY = 1,
    CI_FAULT_DESCRIPTOR = 2,
    CI_FAULT_THREAD = 4,
    CI_FAULT_WATCH = 8, /* no room for one more epoll entry */
    CI_FAULT_ROOM = 16, /* in a file system, or for one more descriptor on its way in a socket */
};

#ifdef CI_TESTING
/* Asks whether this request is to fail; counts it. */
bool ci_fault(enum ci_fault_kind kind);
/* Whether the last ci_fault() of this thread said yes. */
bool ci_faulted(void);
/* The nth request (from 0) of one of `kinds` made by the calling thread fails, as do all after it
 * when `sticky`.  kinds 0 ends it. */
void ci_testing_fail(unsigned kinds, unsigned nth, bool sticky);
/* The same for every thread of the process, the library's own included, and counted together.
 * Threads with a plan of their own follow that one. */
void ci_testing_fail_all(unsigned kinds, unsigned nth, bool sticky);
/* Requests of the kinds given to ci_testing_fail(), else to ci_testing_fail_all(), seen since. */
unsigned ci_testing_requests(void);

/* Waits until the library's own threads have nothing to do and have ended (5 s at most). */
void ci_testing_quiesce(void);
/* From a constructor: `rest` is part of that, before the engine; it gives up what only stands by
 * and waits. */
void ci_testing_at_quiesce(void (*rest)(void));
/* Descriptors the library keeps by design while nothing is open: its epoll set, pooled kicks. */
size_t ci_testing_held_fds(void);
size_t ci_testing_live_objects(void);
size_t ci_testing_live_ops(void);
#else
static inline bool ci_fault(enum ci_fault_kind kind)
{
    (void)kind;
    return false;
}
static inline bool ci_faulted(void)
{
    return false;
}
#endif

#endif
