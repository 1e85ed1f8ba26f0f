/* SPDX-License-Identifier: MIT */
/* Lives, waiters and signals.  Memory comes from slabs by size class, so that every piece of a
 * class begins with a ci_obj for ever, whatever it is at the moment. */
#include "libcomm/obj/object.h"

#include <string.h>

#include "libcomm/obj/thread.h"
#include "libcomm/plat/slab.h"

struct ci_lock ci_allwait = CI_LOCK_INIT(CI_RANK_ALLWAIT);

/* ---- memory ---- */

static struct ci_slab slabs[] = {
    CI_SLAB_INIT(192),
    CI_SLAB_INIT(320),
    CI_SLAB_INIT(640),
    CI_SLAB_INIT(CI_OBJ_MOST),
};
#define SLABS (sizeof slabs / sizeof slabs[0])

__attribute__((constructor)) static void objects_setup(void)
{
    ci_fork_lock_add(&ci_allwait);
    for (size_t i = 0; i < SLABS; i++)
        ci_fork_lock_add(&slabs[i].lock);
}

static struct ci_slab *slab_for(size_t size)
{
    for (size_t i = 0; i < SLABS; i++)
        if (size <= slabs[i].size)
            return &slabs[i];
    return NULL;
}

static void lists_init(struct ci_obj *obj)
{
    ci_lock_init(&obj->lock, CI_RANK_OBJECT);
    atomic_store_explicit(&obj->all_waiters, 0, memory_order_relaxed);
    ci_list_init(&obj->any);
    ci_list_init(&obj->all);
    ci_list_init(&obj->drives);
}

static void header_init(struct ci_obj *obj, const struct ci_obj_ops *ops)
{
    obj->ops = ops;
    obj->pump = NULL;
    obj->name = NULL;
    atomic_store_explicit(&obj->handles, 0, memory_order_relaxed);
    lists_init(obj);
}

struct ci_obj *ci_obj_new(const struct ci_obj_ops *ops)
{
    struct ci_obj *obj = ci_slab_get(slab_for(ops->size));

    if (obj == NULL)
        return NULL;
    /* the count is not cleared with the rest: a loser of a race may be looking at it */
    memset((char *)obj + sizeof *obj, 0, ops->size - sizeof *obj);
    header_init(obj, ops);
    /* release: who finds the count above 0 finds the object made */
    atomic_store_explicit(&obj->refs, 1, memory_order_release);
    return obj;
}

void ci_obj_init(struct ci_obj *obj, const struct ci_obj_ops *ops)
{
    header_init(obj, ops);
    atomic_store_explicit(&obj->refs, 1, memory_order_release);
}

void ci_obj_destroy(struct ci_obj *obj)
{
    struct ci_slab *slab = slab_for(obj->ops->size);

    if (obj->ops->destroy != NULL)
        obj->ops->destroy(obj);
    ci_slab_put(slab, obj);
}

void ci_obj_abandon(struct ci_obj *obj)
{
    atomic_store_explicit(&obj->refs, 0, memory_order_relaxed);
    ci_slab_put(slab_for(obj->ops->size), obj);
}

size_t ci_obj_live(void)
{
    size_t live = 0;

    for (size_t i = 0; i < SLABS; i++)
        live += ci_slab_live(&slabs[i]);
    return live;
}

void ci_obj_forked(struct ci_obj *obj)
{
    lists_init(obj);
    if (obj->ops->forked != NULL)
        obj->ops->forked(obj);
}

static void (*each_visit)(struct ci_obj *obj);

static void each_piece(void *piece)
{
    struct ci_obj *obj = piece;

    if (atomic_load(&obj->refs) != 0)
        each_visit(obj);
}

void ci_obj_each(void (*visit)(struct ci_obj *obj))
{
    each_visit = visit;
    for (size_t i = 0; i < SLABS; i++)
        ci_slab_each(&slabs[i], each_piece);
}

/* ---- waits for any ---- */

/* The object is locked and may be signalled: satisfies waits, oldest first, while it is.  A block
 * is unlinked before its wait is ended, because it lies on the stack of a thread that may be gone
 * the moment after. */
static void serve_any(struct ci_obj *obj, struct ci_wakes *wakes)
{
    CI_LIST_EACH (link, after, &obj->any) {
        struct ci_wait_block *block = CI_CONTAINER(link, struct ci_wait_block, link);
        struct ci_thread *thread = block->thread;
        uint32_t result = block->index;

        if (!ci_obj_signaled(obj, thread))
            break;
        if (ci_obj_abandoned(obj))
            result += CI_WAIT_ABANDONED;
        ci_list_del(link);
        if (ci_park_end(&thread->park, CI_PARK_SATISFIED + result, wakes))
            ci_obj_consume(obj, thread);
    }
}

/* ---- waits for all ---- */

static void all_lock(const struct ci_all_wait *wait)
{
    for (unsigned i = 0; i < wait->count; i++) {
        if (i == 0)
            ci_lock(&wait->block[i].obj->lock);
        else
            ci_lock_next(&wait->block[i].obj->lock);
    }
}

static void all_unlock(const struct ci_all_wait *wait)
{
    for (unsigned i = wait->count; i-- > 0;)
        ci_unlock(&wait->block[i].obj->lock);
}

static bool all_signaled(struct ci_thread *thread, const struct ci_all_wait *wait, uint32_t *result)
{
    *result = 0;
    for (unsigned i = 0; i < wait->count; i++) {
        const struct ci_obj *obj = wait->block[i].obj;

        if (!ci_obj_signaled(obj, thread))
            return false;
        if (ci_obj_abandoned(obj))
            *result = CI_WAIT_ABANDONED; /* the base value, whichever it was */
    }
    return true;
}

static void all_unlink(struct ci_wait_block *block)
{
    if (!ci_list_linked(&block->link))
        return;
    ci_list_del(&block->link);
    atomic_fetch_sub_explicit(&block->obj->all_waiters, 1, memory_order_relaxed);
}

static void all_link(struct ci_wait_block *block)
{
    ci_list_append(&block->obj->all, &block->link);
    atomic_fetch_add_explicit(&block->obj->all_waiters, 1, memory_order_relaxed);
}

/* The waiter cannot leave before it gets allwait, so its blocks stay readable even after its wait
 * has ended. */
bool ci_all_try(struct ci_thread *thread, struct ci_all_wait *wait, enum ci_all_step step,
                uint32_t *result, struct ci_wakes *wakes)
{
    bool done;

    all_lock(wait);
    done = all_signaled(thread, wait, result);
    if (done && step == CI_ALL_SERVE) {
        for (unsigned i = 0; i < wait->count; i++)
            all_unlink(&wait->block[i]);
        done = ci_park_end(&thread->park, CI_PARK_SATISFIED + *result, wakes);
    }
    for (unsigned i = 0; done && i < wait->count; i++)
        ci_obj_consume(wait->block[i].obj, thread);
    for (unsigned i = 0; !done && step == CI_ALL_ENTER && i < wait->count; i++)
        all_link(&wait->block[i]);
    all_unlock(wait);
    return done;
}

void ci_all_leave(struct ci_all_wait *wait)
{
    for (unsigned i = 0; i < wait->count; i++) {
        ci_lock(&wait->block[i].obj->lock);
        all_unlink(&wait->block[i]);
        ci_unlock(&wait->block[i].obj->lock);
    }
}

/* allwait is held, the object is not locked. */
static void serve_all(struct ci_obj *obj, struct ci_wakes *wakes)
{
    CI_LIST_EACH (link, after, &obj->all) {
        struct ci_thread *thread = CI_CONTAINER(link, struct ci_wait_block, link)->thread;
        uint32_t result;

        ci_all_try(thread, thread->all_wait, CI_ALL_SERVE, &result, wakes);
    }
}

/* ---- the one way to signal ---- */

bool ci_obj_lock_both(struct ci_obj *obj)
{
    ci_lock(&ci_allwait);
    ci_lock(&obj->lock);
    return true;
}

static uint32_t signal_lowering(struct ci_obj *obj, ci_raise *raise, void *arg,
                                void (*lower)(struct ci_obj *), struct ci_wakes *wakes)
{
    bool all = ci_obj_lock(obj);
    uint32_t error = raise(obj, arg);

    if (error == 0)
        serve_any(obj, wakes);
    if (lower != NULL && !all)
        lower(obj);
    ci_unlock(&obj->lock);
    if (!all)
        return error;
    if (error == 0)
        serve_all(obj, wakes);
    if (lower != NULL) { /* the object counts as signalled until the last of them was looked at */
        ci_lock(&obj->lock);
        lower(obj);
        ci_unlock(&obj->lock);
    }
    ci_unlock(&ci_allwait);
    return error;
}

uint32_t ci_signal_owing(struct ci_obj *obj, ci_raise *raise, void *arg, struct ci_wakes *wakes)
{
    return signal_lowering(obj, raise, arg, NULL, wakes);
}

uint32_t ci_signal(struct ci_obj *obj, ci_raise *raise, void *arg)
{
    struct ci_wakes wakes;
    uint32_t error;

    ci_wakes_init(&wakes);
    error = signal_lowering(obj, raise, arg, NULL, &wakes);
    ci_wakes_deliver(&wakes);
    return error;
}

uint32_t ci_pulse(struct ci_obj *obj, ci_raise *raise, void (*lower)(struct ci_obj *obj))
{
    struct ci_wakes wakes;
    uint32_t error;

    ci_wakes_init(&wakes);
    error = signal_lowering(obj, raise, NULL, lower, &wakes);
    ci_wakes_deliver(&wakes);
    return error;
}

/* ---- SignalObjectAndWait ---- */

static void both_lock(struct ci_obj *a, struct ci_obj *b)
{
    struct ci_obj *low = (uintptr_t)a < (uintptr_t)b ? a : b;
    struct ci_obj *high = low == a ? b : a;

    ci_lock(&low->lock);
    if (high != low)
        ci_lock_next(&high->lock);
}

static void both_unlock(struct ci_obj *a, struct ci_obj *b)
{
    ci_unlock(&a->lock);
    if (b != a)
        ci_unlock(&b->lock);
}

uint32_t ci_signal_then(struct ci_obj *first, ci_raise *raise, void *arg, struct ci_obj *second,
                        void (*enter)(struct ci_obj *second, void *ctx), void *ctx,
                        struct ci_wakes *wakes)
{
    uint32_t error;

    ci_lock(&ci_allwait); /* rare enough not to ask whether it is needed */
    both_lock(first, second);
    error = raise(first, arg);
    if (error == 0) {
        serve_any(first, wakes);
        enter(second, ctx);
    }
    both_unlock(first, second);
    if (error == 0)
        serve_all(first, wakes);
    ci_unlock(&ci_allwait);
    return error;
}
