/* SPDX-License-Identifier: MIT */
/* The testing build's faults: the nth request of this thread fails, the rest of the process goes
 * on.  Nothing of this file is in the library that programs get. */
#include "libcomm/plat/testing.h"

#ifdef CI_TESTING

#include <stdatomic.h>
#include <stdlib.h>

#include "libcomm/plat/engine.h"
#include "libcomm/plat/park.h"

struct plan {
    unsigned kinds, nth;
    bool sticky;
};

static __thread struct plan mine;
static __thread unsigned mine_seen;
static __thread bool failed;

static struct plan everybodys; /* written while `everybodys_kinds` is 0 */
static _Atomic unsigned everybodys_kinds, everybodys_seen;

static bool is_the_one(const struct plan *plan, unsigned seen)
{
    return seen == plan->nth || (plan->sticky && seen > plan->nth);
}

bool ci_fault(enum ci_fault_kind kind)
{
    failed = false;
    if ((mine.kinds & kind) != 0)
        failed = is_the_one(&mine, mine_seen++);
    else if (mine.kinds == 0 && (atomic_load(&everybodys_kinds) & kind) != 0)
        failed = is_the_one(&everybodys, atomic_fetch_add(&everybodys_seen, 1));
    return failed;
}

bool ci_faulted(void)
{
    return failed;
}

void ci_testing_fail(unsigned kinds, unsigned nth, bool sticky)
{
    mine = (struct plan){.kinds = kinds, .nth = nth, .sticky = sticky};
    mine_seen = 0;
    failed = false;
}

void ci_testing_fail_all(unsigned kinds, unsigned nth, bool sticky)
{
    atomic_store(&everybodys_kinds, 0);
    if (kinds == 0)
        return; /* a thread may be looking at the rest of the plan */
    everybodys = (struct plan){.kinds = kinds, .nth = nth, .sticky = sticky};
    atomic_store(&everybodys_seen, 0);
    atomic_store(&everybodys_kinds, kinds);
}

unsigned ci_testing_requests(void)
{
    return mine.kinds != 0 ? mine_seen : atomic_load(&everybodys_seen);
}

#define RESTS_MOST 8

static struct {
    void (*run[RESTS_MOST])(void);
    unsigned count;
} rests;

void ci_testing_at_quiesce(void (*rest)(void))
{
    if (rests.count == RESTS_MOST)
        abort();
    rests.run[rests.count++] = rest;
}

void ci_testing_quiesce(void)
{
    for (unsigned i = 0; i < rests.count; i++)
        rests.run[i]();
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
