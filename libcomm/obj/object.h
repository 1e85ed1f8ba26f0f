/* SPDX-License-Identifier: MIT */
/* What every waitable thing has in common: who refers to it, who waits for it, and the one way to
 * signal it.
 *
 * Handles keep an object open, references keep it allocated.  An object's memory is never unmapped:
 * a stale pointer still finds a reference count, and finds it zero.
 *
 * What survives a fork is scalars, each valid after any single store; lists are emptied in the
 * child.  (What fork()'s own locks guard - the table, names, slabs, timers - is whole there.) */
#ifndef CI_OBJ_OBJECT_H
#define CI_OBJ_OBJECT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcomm/plat/list.h"
#include "libcomm/plat/lock.h"
#include "libcomm/plat/park.h"

struct ci_name;
struct ci_obj;
struct ci_pump;
struct ci_thread;

#define CI_OBJ_MOST 1344u /* bytes of the largest object */

struct ci_obj_ops {
    const char *name;
    size_t size;             /* of the whole struct, CI_OBJ_MOST at most */
    uint32_t full_access;    /* what creating it grants */
    unsigned char fork_lost; /* nothing of it is of use in a forked child */
    /* Whether a wait by `taker` would be satisfied now.  Changes nothing.  Default: never. */
    bool (*signaled)(const struct ci_obj *obj, const struct ci_thread *taker);
    /* A look without the lock that may be wrong; the lock decides.  Default: always worth a look.
     */
    bool (*peek)(const struct ci_obj *obj);
    /* What a satisfied wait takes.  Only when signaled() holds.  Default: nothing. */
    void (*consume)(struct ci_obj *obj, struct ci_thread *taker);
    /* The wait about to be satisfied reports WAIT_ABANDONED.  Default: no. */
    bool (*abandoned)(const struct ci_obj *obj);
    /* The last handle was closed.  Called without locks, with a reference.  Default: nothing to do.
     */
    void (*closing)(struct ci_obj *obj);
    /* The last reference is gone.  Called without locks.  Default: only the memory. */
    void (*destroy)(struct ci_obj *obj);
    /* Rights asked for, generic ones included -> rights granted.  Default: generic means
     * everything. */
    uint32_t (*access_map)(uint32_t access);
    /* HANDLE_FLAG_INHERIT of one of its handles changed.  Default: nothing to do. */
    void (*inherit)(struct ci_obj *obj, bool inherit);
    /* In a forked child: empties what the object's own lists hold.  The object may be half made
     * (its fields still zero, no handle yet).  Default: nothing more than the header. */
    void (*forked)(struct ci_obj *obj);
};

struct ci_obj {
    const struct ci_obj_ops *ops;
    _Atomic uint32_t refs;    /* 0: free memory.  Taken from 0 by nobody but ci_obj_new() */
    _Atomic uint32_t handles; /* open handles; once it is 0 again it stays 0 */
    struct ci_lock lock;
    /* How many waits for all include it.  Changed under allwait and lock; read before taking lock
     * as a hint which locks will be needed, and again under it. */
    _Atomic uint32_t all_waiters;
    struct ci_list any;    /* guarded by lock: blocks of waits for any, oldest first */
    struct ci_list all;    /* guarded by allwait and lock: blocks of waits for all */
    struct ci_list drives; /* guarded by lock: operations that will signal it (struct ci_op_link) */
    struct ci_pump *pump;  /* a file: what a wait for it drives; fixed */
    struct ci_name *name;  /* guarded by the names' lock */
};

/* One object of one wait, on the waiter's stack.  Whoever satisfies the wait unlinks the block
 * first and does not touch it afterwards. */
struct ci_wait_block {
    struct ci_list link; /* in obj->any or obj->all */
    struct ci_obj *obj;
    struct ci_thread *thread;
    uint32_t index;
};

/* How an operation hangs on the object it will signal and on the thread it will run a routine on,
 * so that a wait of either finds the lanes to drive.  While it is linked, the operation keeps the
 * pump alive. */
struct ci_op_link {
    struct ci_list by_obj;    /* in obj->drives; guarded by obj->lock */
    struct ci_list by_thread; /* in thread->ops or ->apc_ops; guarded by thread->apclock */
    struct ci_pump *pump;     /* fixed */
    unsigned lanes;           /* fixed */
};

uint32_t ci_access_map(const struct ci_obj_ops *ops, uint32_t access);

/* ---- life ---- */

/* A zeroed object with one reference, which is the caller's, or NULL. */
struct ci_obj *ci_obj_new(const struct ci_obj_ops *ops);
/* For an object inside something else (a thread's private event): never freed. */
void ci_obj_init(struct ci_obj *obj, const struct ci_obj_ops *ops);
static inline void ci_obj_get(struct ci_obj *obj)
{
    atomic_fetch_add_explicit(&obj->refs, 1, memory_order_relaxed);
}
/* False when the object is already gone. */
static inline bool ci_obj_try_get(struct ci_obj *obj)
{
    uint32_t refs = atomic_load_explicit(&obj->refs, memory_order_relaxed);

    while (refs != 0)
        if (atomic_compare_exchange_weak_explicit(&obj->refs, &refs, refs + 1, memory_order_acquire,
                                                  memory_order_relaxed))
            return true;
    return false;
}
void ci_obj_destroy(struct ci_obj *obj) __attribute__((cold));
/* Made but not finished: only the memory goes back. */
void ci_obj_abandon(struct ci_obj *obj);
static inline void ci_obj_put_some(struct ci_obj *obj, uint32_t count)
{
    /* release what this thread did to it; acquire everything for the one who destroys */
    if (atomic_fetch_sub_explicit(&obj->refs, count, memory_order_acq_rel) == count)
        ci_obj_destroy(obj);
}
static inline void ci_obj_put(struct ci_obj *obj)
{
    ci_obj_put_some(obj, 1);
}
size_t ci_obj_live(void);
/* In a forked child: every object that was alive, perhaps one that another thread was just making
 * or giving up; and what it is to forget: who waits for it, who held its lock. */
void ci_obj_each(void (*visit)(struct ci_obj *obj));
void ci_obj_forked(struct ci_obj *obj);

/* ---- signalling ---- */

/* The lock of all waits for all; ranks just outside objects. */
extern struct ci_lock ci_allwait;

/* Locks an object to change or take its state.  While a wait for all includes it, allwait is taken
 * outside: between a signal and the evaluation of such a wait nobody may unset or take the object
 * (tests/model/wait_all.pml). Returns whether allwait was taken, for ci_obj_unlock(). */
bool ci_obj_lock_both(struct ci_obj *obj);
static inline bool ci_obj_lock(struct ci_obj *obj)
{
    /* The count may rise between the look and the lock: then both are taken in order. */
    if (atomic_load_explicit(&obj->all_waiters, memory_order_relaxed) == 0) {
        ci_lock(&obj->lock);
        if (atomic_load_explicit(&obj->all_waiters, memory_order_relaxed) == 0)
            return false;
        ci_unlock(&obj->lock);
    }
    return ci_obj_lock_both(obj);
}
static inline void ci_obj_unlock(struct ci_obj *obj, bool all)
{
    ci_unlock(&obj->lock);
    if (all)
        ci_unlock(&ci_allwait);
}

/* Locks what it must, raises, serves waiters oldest first.  `raise` changes the state under the
 * object's lock and returns 0, or an error code and then nothing has changed; ci_signal returns
 * that.  Waits for all are decided before it returns.  The wake-ups are owed. */
typedef uint32_t ci_raise(struct ci_obj *obj, void *arg);
uint32_t ci_signal_owing(struct ci_obj *obj, ci_raise *raise, void *arg, struct ci_wakes *wakes);
/* The same, and delivers. */
uint32_t ci_signal(struct ci_obj *obj, ci_raise *raise, void *arg);
/* Like ci_signal, then `lower` under the same locks: whoever waited at that moment has been
 * released. */
uint32_t ci_pulse(struct ci_obj *obj, ci_raise *raise, void (*lower)(struct ci_obj *obj));

/* The object's lock is held: whether `thread`'s wait would be satisfied, and taking it. */
static inline bool ci_obj_signaled(const struct ci_obj *obj, const struct ci_thread *thread)
{
    return obj->ops->signaled != NULL && obj->ops->signaled(obj, thread);
}
static inline bool ci_obj_abandoned(const struct ci_obj *obj)
{
    return obj->ops->abandoned != NULL && obj->ops->abandoned(obj);
}
static inline void ci_obj_consume(struct ci_obj *obj, struct ci_thread *thread)
{
    if (obj->ops->consume != NULL)
        obj->ops->consume(obj, thread);
}

/* SignalObjectAndWait: signals the first and, before anybody can react to that, lets `enter` take
 * or join the second.  Returns what `raise` returned; on an error `enter` is not called. */
uint32_t ci_signal_then(struct ci_obj *first, ci_raise *raise, void *arg, struct ci_obj *second,
                        void (*enter)(struct ci_obj *second, void *ctx), void *ctx,
                        struct ci_wakes *wakes);

/* A wait for all, as those who signal see it.  Lies on the waiter's stack. */
struct ci_all_wait {
    unsigned count;
    struct ci_wait_block *block; /* one per object, in address order of the objects */
};

enum ci_all_step {
    CI_ALL_PROBE, /* the waiter asks and does not stay */
    CI_ALL_ENTER, /* the waiter asks and, if it must wait, joins the objects' lists */
    CI_ALL_SERVE, /* a signaller asks for a waiter that has joined */
};
/* allwait is held.  Locks every object; if all are signalled consumes them, and for SERVE ends the
 * thread's wait. Returns whether it did; *result is 0 or CI_WAIT_ABANDONED. */
bool ci_all_try(struct ci_thread *thread, struct ci_all_wait *wait, enum ci_all_step step,
                uint32_t *result, struct ci_wakes *wakes);
/* allwait is held: the waiter leaves the lists it is still in. */
void ci_all_leave(struct ci_all_wait *wait);

#endif
