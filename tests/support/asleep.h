/* SPDX-License-Identifier: MIT */
/* Knowing that a thread really sleeps inside the library - on an object, in a blocking call, on a
 * completion port - instead of hoping so after a while.  The thread announces itself; its park word
 * says the rest. */
#ifndef COMM_TESTS_SUPPORT_ASLEEP_H
#define COMM_TESTS_SUPPORT_ASLEEP_H

#include <stdatomic.h>
#include <stdbool.h>

#include "harness.h"
#include "libcomm/obj/thread.h"

/* One thread, for one sleep at a time. */
struct sleeper {
    struct ci_thread *_Atomic thread; /* NULL: not yet announced */
};

/* By the thread itself, right before the call it will sleep in. */
static inline void sleeper_announce(struct sleeper *sleeper)
{
    atomic_store(&sleeper->thread, ci_self());
}

/* Whether it sleeps now, and nobody has ended that. */
static inline bool is_asleep(void *arg)
{
    struct ci_thread *thread = atomic_load(&((struct sleeper *)arg)->thread);
    uint32_t word = thread == NULL ? CI_PARK_RUNNING : ci_park_word(&thread->park);

    return word == CI_PARK_ASLEEP || word == CI_PARK_POLLING;
}

static inline bool wait_until_asleep(struct sleeper *sleeper)
{
    return comm_wait_until(is_asleep, sleeper);
}

#endif
