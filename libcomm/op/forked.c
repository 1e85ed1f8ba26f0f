/* SPDX-License-Identifier: MIT */
/* fork(): the child starts anew.  Its handles are good for new I/O; the parent's waits, operations,
 * timers and threads are the parent's, and its epoll sets and kicks are let go of unheard. */
#include <pthread.h>

#include "libcomm/obj/object.h"
#include "libcomm/obj/thread.h"
#include "libcomm/op/live.h"
#include "libcomm/plat/engine.h"
#include "libcomm/plat/lock.h"
#include "libcomm/plat/park.h"

/* The locks held over fork, so that the child finds whole: the handle table, the names, the timer
 * heap and the sources, slabs and pools, and what this thread owns.  Everything else the child
 * empties without looking.  References that other threads and the parent's operations hold stay
 * counted in the child: such an object is never freed there, and a file of that kind keeps its
 * descriptor open until the child ends or executes something. */
static void forking(void)
{
    ci_fork_locks_take(0, CI_RANK_APC);
    if (ci_thread_self != NULL)
        ci_lock(&ci_thread_self->apclock);
    ci_fork_locks_take(CI_RANK_LEAF, CI_RANK_LEAF + 1);
}

static void forked_parent(void)
{
    ci_fork_locks_give();
    if (ci_thread_self != NULL)
        ci_unlock(&ci_thread_self->apclock);
}

/* The engine first: a port gives its source's number back, which must not touch the parent's set.
 */
static void forked_child(void)
{
    ci_fork_locks_forget();
    ci_engine_forget();
    ci_kicks_forget();
    ci_threads_forget();
    ci_live_forget();
    ci_obj_each(ci_obj_forked);
}

/* The first of all constructors: its handler is the first in a child, where the locks it held are
 * free again before others' handlers use the library. */
__attribute__((constructor(101))) static void fork_setup(void)
{
    pthread_atfork(forking, forked_parent, forked_child);
}
