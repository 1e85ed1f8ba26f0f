/* SPDX-License-Identifier: MIT */
/* The testing build's faults: the nth request of this thread fails, the rest of the process goes
 * on.  Nothing of this file is in the library that programs get. */
#include "libcomm/plat/testing.h"

#ifdef CI_TESTING

#include "libcomm/plat/engine.h"
#include "libcomm/plat/park.h"

static __thread struct {
    unsigned kinds, nth, seen;
    bool sticky, failed;
} plan;

bool ci_fault(enum ci_fault_kind kind)
{
    plan.failed = false;
    if ((plan.kinds & kind) == 0)
        return false;
    plan.failed = plan.seen == plan.nth || (plan.sticky && plan.seen > plan.nth);
    plan.seen++;
    return plan.failed;
}

bool ci_faulted(void)
{
    return plan.failed;
}

void ci_testing_fail(unsigned kinds, unsigned nth, bool sticky)
{
    plan.kinds = kinds;
    plan.nth = nth;
    plan.seen = 0;
    plan.sticky = sticky;
    plan.failed = false;
}

unsigned ci_testing_requests(void)
{
    return plan.seen;
}

void ci_testing_quiesce(void)
{
    (void)ci_engine_quiesce();
}

size_t ci_testing_held_fds(void)
{
    size_t held = ci_kicks_made();

    held += ci_engine.epoll >= 0;
    held += ci_engine.kick >= 0;
    held += ci_engine.timerfd >= 0;
    return held;
}

#endif
