/* SPDX-License-Identifier: MIT */
/* The locks of the everyday calls, in one place because of fork: all of them are held across it, so
 * that a child finds what they guard whole, whatever other threads were doing. */
#ifndef CI_COMPAT_LOCKS_H
#define CI_COMPAT_LOCKS_H

#include "libcomm/plat/lock.h"

enum ci_compat_lock {
    CI_LOCK_HEAPS, /* blocks of heaps from HeapCreate */
    CI_LOCK_REGIONS,
    CI_LOCK_ENVIRONMENT,
    CI_LOCK_COMMAND_LINE,
    CI_LOCK_CONSOLE,
    CI_COMPAT_LOCKS
};

extern struct ci_lock ci_compat_locks[CI_COMPAT_LOCKS];

static inline void ci_compat_lock(enum ci_compat_lock which)
{
    ci_lock(&ci_compat_locks[which]);
}

static inline void ci_compat_unlock(enum ci_compat_lock which)
{
    ci_unlock(&ci_compat_locks[which]);
}

#endif
