/* SPDX-License-Identifier: MIT */
/* Tells when threads really sleep in a wait, so that a test need not guess how long that takes.  It
 * looks at the library's own lists; a public call could not know. */
#ifndef COMM_TESTS_SUPPORT_BLOCKED_H
#define COMM_TESTS_SUPPORT_BLOCKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libcomm/comm.h>

#include "harness.h"
#include "libcomm/obj/handle.h"
#include "libcomm/obj/object.h"
#include "libcomm/obj/thread.h"

static inline bool blocked_asleep(struct ci_thread *thread)
{
    uint32_t word = ci_park_word(&thread->park);

    return word == CI_PARK_ASLEEP || word == CI_PARK_POLLING;
}

static inline size_t blocked_in(struct ci_list *blocks)
{
    size_t count = 0;

    CI_LIST_EACH (link, after, blocks)
        count += blocked_asleep(CI_CONTAINER(link, struct ci_wait_block, link)->thread);
    return count;
}

/* How many wait blocks of sleeping threads are in the object's lists at this moment. */
static inline size_t blocked_on(HANDLE handle)
{
    struct ci_obj *obj = ci_handle_get_pseudo(handle, NULL, 0);
    size_t count;

    if (obj == NULL)
        return 0;
    ci_lock(&obj->lock);
    count = blocked_in(&obj->any) + blocked_in(&obj->all);
    ci_unlock(&obj->lock);
    ci_obj_put(obj);
    return count;
}

struct blocked {
    HANDLE handle;
    size_t count;
};

static inline bool blocked_enough(void *arg)
{
    struct blocked *blocked = arg;

    return blocked_on(blocked->handle) >= blocked->count;
}

/* Until `count` waits for the object sleep.  False, and the test has failed, if that takes too
 * long. */
static inline bool blocked_wait(HANDLE handle, size_t count)
{
    struct blocked blocked = {handle, count};

    return comm_wait_until(blocked_enough, &blocked);
}

static inline void blocked_ask(struct ci_thread *thread, void *asleep)
{
    *(bool *)asleep = blocked_asleep(thread);
}

static inline bool blocked_is_asleep(void *thread)
{
    struct ci_obj *obj = ci_handle_get_pseudo(thread, &ci_thread_ops, 0);
    bool asleep = false;

    if (obj == NULL)
        return false;
    ci_thread_visit(obj, blocked_ask, &asleep);
    ci_obj_put(obj);
    return asleep;
}

/* The same for a thread in any wait or sleep of the library, whatever it waits for. */
static inline bool blocked_thread_wait(HANDLE thread)
{
    return comm_wait_until(blocked_is_asleep, thread);
}

#endif
