/* SPDX-License-Identifier: MIT */
/* Threads that wait on behalf of registrations.  A waiter begins each round with what is armed in
 * its list, waits for any of it, lets go of all of it, and only then fires. */
#include "libcomm/op/registered.h"

#include <pthread.h>

#include "libcomm/obj/thread.h"
#include "libcomm/plat/clock.h"
#include "libcomm/wait/wait.h"

#define WATCHED_MOST (CI_WAIT_MOST - 1)

static struct ci_list waiters = {&waiters, &waiters}; /* guarded by ci_registered: with a thread */

static __thread struct ci_waiter *waiting; /* the waiter this thread belongs to */

/* ---- the waiter as an object ---- */

static struct ci_waiter *waiter_of(struct ci_obj *obj)
{
    return CI_CONTAINER(obj, struct ci_waiter, obj);
}

static bool waiter_signaled(const struct ci_obj *obj, const struct ci_thread *taker)
{
    (void)taker;
    return CI_CONTAINER(obj, const struct ci_waiter, obj)->changed;
}

static void waiter_consume(struct ci_obj *obj, struct ci_thread *taker)
{
    (void)taker;
    waiter_of(obj)->changed = false;
}

static uint32_t waiter_raise(struct ci_obj *obj, void *unused)
{
    (void)unused;
    waiter_of(obj)->changed = true;
    return 0;
}

static const struct ci_obj_ops waiter_ops = {
    .name = "waiter",
    .size = sizeof(struct ci_waiter),
    .signaled = waiter_signaled,
    .consume = waiter_consume,
};

static struct ci_waiter *waiter_new(void)
{
    struct ci_obj *obj = ci_obj_new(&waiter_ops);

    if (obj == NULL)
        return NULL;
    ci_list_init(&waiter_of(obj)->link);
    ci_list_init(&waiter_of(obj)->registrations);
    return waiter_of(obj);
}

void ci_waiter_tell(struct ci_waiter *waiter)
{
    if (waiter == NULL)
        return;
    if (waiter != waiting) /* it looks anyway before it waits */
        ci_signal(&waiter->obj, waiter_raise, NULL);
    ci_obj_put(&waiter->obj);
}

/* ---- one round of a waiter ---- */

struct round {
    unsigned count;
    struct ci_obj *objs[CI_WAIT_MOST]; /* the waiter, then what the registrations watch */
    struct ci_registration *of[CI_WAIT_MOST];
    uint64_t due_ns[CI_WAIT_MOST];
    uint64_t until_ns; /* the earliest of these */
    bool empty;        /* the waiter has no registrations, armed or not */
};

static void round_add_locked(struct round *round, struct ci_registration *r)
{
    unsigned i = round->count++;

    r->watched = true;
    ci_obj_get(&r->obj);
    round->of[i] = r;
    round->objs[i] = r->watch;
    round->due_ns[i] = r->deadline_ns;
    if (r->deadline_ns < round->until_ns)
        round->until_ns = r->deadline_ns;
}

/* False: the waiter has no registrations, and `lingered` says that this has been so for a while; it
 * is no more. */
static bool round_begin(struct ci_waiter *w, struct round *round, bool lingered)
{
    bool goes_on;

    round->count = 1;
    round->objs[0] = &w->obj;
    round->until_ns = CI_NEVER;
    ci_lock(&ci_registered);
    CI_LIST_EACH (link, after, &w->registrations) {
        struct ci_registration *r = CI_CONTAINER(link, struct ci_registration, link);

        if (r->armed)
            round_add_locked(round, r);
    }
    round->empty = w->count == 0;
    goes_on = !round->empty || !lingered;
    if (round->empty)
        round->until_ns = ci_deadline_ns(CI_POOL_LINGER_MS);
    if (!goes_on)
        ci_list_del(&w->link); /* under the lock: nobody joins it from now on */
    ci_unlock(&ci_registered);
    return goes_on;
}

/* Never early: the part of a millisecond counts as a whole one. */
static uint32_t round_timeout_ms(const struct round *round)
{
    uint64_t left_ns = ci_left_ns(round->until_ns, ci_now_ns());
    uint64_t left_ms = left_ns / CI_NS_PER_MS + (left_ns % CI_NS_PER_MS != 0);

    if (left_ns == CI_NEVER)
        return INFINITE;
    return left_ms < INFINITE ? (uint32_t)left_ms : INFINITE - 1;
}

/* It was signalled, or its time is up.  It goes to the end of the list, behind those that were not
 * looked at. */
static void fire(struct ci_registration *r, bool timed_out)
{
    struct ci_waiter *waiter = NULL;
    bool gone;

    ci_lock(&ci_registered);
    gone = r->gone || r->waiter == NULL;
    if (!gone) {
        r->armed = false;
        r->timed_out = timed_out;
        r->deadline_ns = ci_deadline_ns(r->timeout_ms); /* from this firing */
        ci_list_del(&r->link);
        ci_list_append(&r->waiter->registrations, &r->link);
        if (r->once)
            waiter = ci_waiter_detach_locked(r);
    }
    ci_unlock(&ci_registered);
    if (waiter != NULL) {
        ci_obj_put(&waiter->obj);
        ci_obj_put(&r->obj);
    }
    if (gone)
        return;
    ci_registration_fire(r);
}

/* Who is due without having been signalled in this wait is asked once more: a signal goes before
 * the time. */
static void round_look(struct round *round, uint32_t result, bool fired[CI_WAIT_MOST],
                       bool late[CI_WAIT_MOST])
{
    uint64_t now_ns = ci_now_ns();

    for (unsigned i = 1; i < round->count; i++) {
        fired[i] = result == WAIT_OBJECT_0 + i || result == WAIT_ABANDONED_0 + i;
        late[i] = false;
        if (fired[i] || now_ns < round->due_ns[i])
            continue;
        fired[i] = true;
        late[i] = ci_wait(ci_self(), &round->objs[i], 1, 0, 0) == WAIT_TIMEOUT;
    }
}

static void round_leave(struct round *round)
{
    struct ci_settling s[CI_WAIT_MOST];

    ci_lock(&ci_registered);
    for (unsigned i = 1; i < round->count; i++) {
        round->of[i]->watched = false;
        s[i] = ci_registration_settle_locked(round->of[i]);
    }
    ci_unlock(&ci_registered);
    for (unsigned i = 1; i < round->count; i++)
        ci_registration_settle(round->of[i], s[i]);
}

static void round_end(struct round *round, uint32_t result)
{
    bool fired[CI_WAIT_MOST], late[CI_WAIT_MOST];

    round_look(round, result, fired, late);
    round_leave(round);
    for (unsigned i = 1; i < round->count; i++) {
        if (fired[i])
            fire(round->of[i], late[i]);
        ci_obj_put(&round->of[i]->obj);
    }
}

/* A callback has ended the waiter's thread, which no callback may do: those that are in its list
 * will hear no more, but nobody else joins them. */
static void waiter_lost(void *arg)
{
    struct ci_waiter *w = arg;

    waiting = NULL;
    ci_lock(&ci_registered);
    ci_list_del(&w->link);
    ci_unlock(&ci_registered);
    ci_obj_put(&w->obj);
}

static void waiter_run(void *arg)
{
    struct ci_thread *self = ci_self();
    struct round round;
    bool lingered = false;

    pthread_cleanup_push(waiter_lost, arg);
    waiting = arg;
    while (round_begin(arg, &round, lingered)) {
        uint32_t result = ci_wait(self, round.objs, round.count, 0, round_timeout_ms(&round));

        lingered = round.empty && result == WAIT_TIMEOUT;
        round_end(&round, result);
    }
    pthread_cleanup_pop(1);
}

/* ---- which waiter ---- */

static struct ci_waiter *waiter_find_locked(void)
{
    CI_LIST_EACH (link, after, &waiters) {
        struct ci_waiter *w = CI_CONTAINER(link, struct ci_waiter, link);

        if (w->count < WATCHED_MOST)
            return w;
    }
    return NULL;
}

/* A new waiter gets its thread under the lock, so that nobody joins one that then has none. */
static struct ci_waiter *waiter_start_locked(struct ci_waiter *spare)
{
    ci_obj_get(&spare->obj); /* the thread's */
    if (ci_pool_thread(waiter_run, spare, "comm-wait") != 0) {
        ci_obj_put(&spare->obj); /* not the last */
        return NULL;
    }
    ci_list_append(&waiters, &spare->link);
    return spare;
}

/* The waiter it now belongs to, with a reference for telling it; NULL: there is none with room. */
static struct ci_waiter *attach_locked(struct ci_registration *r, struct ci_waiter *spare)
{
    struct ci_waiter *w = waiter_find_locked();

    if (w == NULL && spare != NULL)
        w = waiter_start_locked(spare);
    if (w == NULL)
        return NULL;
    ci_obj_get(&w->obj); /* the registration's, while it is in the list */
    ci_obj_get(&w->obj);
    ci_obj_get(&r->obj); /* the list's */
    r->waiter = w;
    ci_list_append(&w->registrations, &r->link);
    w->count++;
    return w;
}

bool ci_waiter_attach(struct ci_registration *r)
{
    struct ci_waiter *waiter, *spare = NULL;

    ci_lock(&ci_registered);
    waiter = attach_locked(r, NULL);
    ci_unlock(&ci_registered);
    if (waiter == NULL) {
        spare = waiter_new();
        ci_lock(&ci_registered);
        waiter = attach_locked(r, spare);
        ci_unlock(&ci_registered);
    }
    ci_waiter_tell(waiter);
    if (spare != NULL)
        ci_obj_put(&spare->obj);
    return waiter != NULL;
}

struct ci_waiter *ci_waiter_detach_locked(struct ci_registration *r)
{
    struct ci_waiter *waiter = r->waiter;

    if (waiter == NULL)
        return NULL;
    ci_list_del(&r->link);
    r->waiter = NULL;
    waiter->count--;
    return waiter;
}

/* ---- fork ---- */

/* If a callback on the waiter itself has forked, the waiter goes on in the child, with nothing to
 * wait for. */
static void waiters_forget(void)
{
    ci_lock_init(&ci_registered, CI_RANK_LEAF);
    ci_list_init(&waiters);
    if (waiting == NULL)
        return;
    ci_list_init(&waiting->registrations);
    waiting->count = 0;
    ci_list_init(&waiting->link);
    ci_list_append(&waiters, &waiting->link);
}

__attribute__((constructor)) static void waiters_setup(void)
{
    pthread_atfork(NULL, NULL, waiters_forget);
}
