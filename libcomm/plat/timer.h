/* SPDX-License-Identifier: MIT */
/* Deadlines of the engine: one heap, earliest first.  A timer reserves its place when it is made,
 * so that arming never allocates; arming may still fail to start the engine's thread. */
#ifndef CI_PLAT_TIMER_H
#define CI_PLAT_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct ci_timer {
    uint64_t deadline_ns; /* guarded by the engine's lock while armed */
    uint32_t place;       /* in the heap, from 1; 0: not armed.  Guarded by the engine's lock */
    /* A reference to what the timer is part of; false when that is already on its way out.  Called
     * under the engine's lock. */
    bool (*hold)(struct ci_timer *timer);
    /* The deadline has passed.  Called without locks by the engine's thread, with the reference,
     * which it drops. The owner may have changed its mind meanwhile and must look. */
    void (*fire)(struct ci_timer *timer);
};

/* -ENOMEM or 0. */
int ci_timer_init(struct ci_timer *timer, bool (*hold)(struct ci_timer *),
                  void (*fire)(struct ci_timer *));
void ci_timer_fini(struct ci_timer *timer);
/* Arms, or moves, the timer.  Negative errno when the engine cannot be started, and then it is not
 * armed. */
int ci_timer_arm(struct ci_timer *timer, uint64_t deadline_ns);
void ci_timer_disarm(struct ci_timer *timer);

/* For the engine.  Fires what is due; returns the next deadline or CI_NEVER. */
uint64_t ci_timers_run(void);
uint64_t ci_timers_next_locked(void);
/* In a child after fork: nothing is armed any more. */
void ci_timers_forget(void);

#endif
