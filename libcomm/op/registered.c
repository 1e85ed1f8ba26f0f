/* SPDX-License-Identifier: MIT */
/* Registrations as programs see them: made, called back, unregistered.  Who waits for their objects
 * is in waiter.c. */
#include "libcomm/op/registered.h"

#include <pthread.h>

#include <libcomm/comm.h>

#include "libcomm/obj/event.h"
#include "libcomm/obj/handle.h"
#include "libcomm/obj/thread.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/trace.h"
#include "libcomm/wait/wait.h"

struct ci_lock ci_registered = CI_LOCK_INIT(CI_RANK_LEAF);

static __thread struct ci_registration *calling; /* whose callback this thread is in */

/* ---- the registration as an object ---- */

static struct ci_registration *registration_of(struct ci_obj *obj)
{
    return CI_CONTAINER(obj, struct ci_registration, obj);
}

static bool registration_signaled(const struct ci_obj *obj, const struct ci_thread *taker)
{
    (void)taker;
    return CI_CONTAINER(obj, const struct ci_registration, obj)->settled;
}

static uint32_t registration_raise(struct ci_obj *obj, void *unused)
{
    (void)unused;
    registration_of(obj)->settled = true;
    return 0;
}

static void registration_destroy(struct ci_obj *obj)
{
    struct ci_registration *r = registration_of(obj);

    ci_obj_put(r->watch);
    if (r->over != NULL)
        ci_obj_put(r->over);
}

/* The waiters are the parent's, and so are callbacks, but for the one that has forked.  A child may
 * unregister what it inherited. */
static void registration_forked(struct ci_obj *obj)
{
    struct ci_registration *r = registration_of(obj);

    ci_list_init(&r->link);
    r->waiter = NULL;
    r->armed = r->watched = false;
    r->running = calling == r ? 1 : 0;
}

static void registration_closing(struct ci_obj *obj);

static const struct ci_obj_ops registration_ops = {
    .name = "registration",
    .size = sizeof(struct ci_registration),
    .signaled = registration_signaled,
    .closing = registration_closing,
    .destroy = registration_destroy,
    .forked = registration_forked,
};

/* ---- leaving ---- */

struct ci_settling ci_registration_settle_locked(struct ci_registration *r)
{
    struct ci_settling s = {false, NULL};

    if (!r->gone || r->watched)
        return s;
    s.settled = r->running == 0 || !r->until_over;
    if (r->running == 0) {
        s.over = r->over;
        r->over = NULL;
    }
    return s;
}

/* The event first: who unregisters finds it set if nothing runs any more. */
void ci_registration_settle(struct ci_registration *r, struct ci_settling s)
{
    if (s.over != NULL) {
        ci_signal(s.over, ci_event_raise, NULL);
        ci_obj_put(s.over);
    }
    if (s.settled)
        ci_signal(&r->obj, registration_raise, NULL);
}

/* ---- calling back ---- */

/* Whether the callback is to begin; re-armed at this moment. */
static bool callback_begin(struct ci_registration *r, bool *timed_out)
{
    struct ci_waiter *waiter = NULL;
    bool begins;

    ci_lock(&ci_registered);
    begins = !r->gone;
    if (begins) {
        r->running++;
        *timed_out = r->timed_out;
        r->armed = !r->once;
        waiter = r->waiter;
        if (waiter != NULL)
            ci_obj_get(&waiter->obj);
    }
    ci_unlock(&ci_registered);
    ci_waiter_tell(waiter);
    return begins;
}

static void callback_end(void *arg)
{
    struct ci_registration *r = arg;
    struct ci_settling s;

    calling = NULL;
    ci_lock(&ci_registered);
    r->running--;
    s = ci_registration_settle_locked(r);
    ci_unlock(&ci_registered);
    ci_registration_settle(r, s);
    ci_obj_put(&r->obj);
}

/* Ends even if the callback ends its thread. */
static void callback_run(struct ci_registration *r, bool timed_out)
{
    pthread_cleanup_push(callback_end, r);
    calling = r;
    r->callback(r->context, timed_out);
    pthread_cleanup_pop(1);
}

/* With a reference to the registration, which is dropped. */
static void callback_call(struct ci_registration *r)
{
    bool timed_out;

    if (callback_begin(r, &timed_out))
        callback_run(r, timed_out);
    else
        ci_obj_put(&r->obj);
}

static void call_run(struct ci_call *call)
{
    callback_call(CI_CONTAINER(call, struct ci_registration, call));
}

/* Without a worker the waiter calls: a firing is never lost. */
void ci_registration_fire(struct ci_registration *r)
{
    ci_obj_get(&r->obj);
    if (r->in_waiter || ci_pool_call(&r->call, call_run) != 0)
        callback_call(r);
}

/* ---- registering ---- */

/* `watch` becomes the registration's. */
static struct ci_registration *registration_new(struct ci_obj *watch, WAITORTIMERCALLBACK callback,
                                                void *context, uint32_t timeout_ms, uint32_t flags)
{
    struct ci_obj *obj = ci_obj_new(&registration_ops);
    struct ci_registration *r;

    if (obj == NULL) {
        ci_obj_put(watch);
        return NULL;
    }
    r = registration_of(obj);
    ci_list_init(&r->link);
    r->watch = watch;
    r->callback = callback;
    r->context = context;
    r->timeout_ms = timeout_ms;
    r->deadline_ns = ci_deadline_ns(timeout_ms);
    r->once = (flags & WT_EXECUTEONLYONCE) != 0;
    r->in_waiter = (flags & WT_EXECUTEINWAITTHREAD) != 0;
    r->armed = true;
    return r;
}

/* The caller has its handle before a callback can begin. */
static bool registration_open(struct ci_registration *r, HANDLE *handle)
{
    bool attached = false;

    ci_obj_get(&r->obj);
    *handle = ci_handle_give(&r->obj, registration_ops.full_access, false);
    if (*handle != NULL) {
        attached = ci_waiter_attach(r);
        if (!attached) {
            CloseHandle(*handle);
            *handle = NULL;
            ci_fail(ERROR_NOT_ENOUGH_MEMORY);
        }
    }
    ci_obj_put(&r->obj);
    return attached;
}

static bool wait_register(HANDLE *handle, HANDLE object, WAITORTIMERCALLBACK callback,
                          void *context, uint32_t timeout_ms, uint32_t flags)
{
    struct ci_registration *r;
    struct ci_obj *watch;

    if (handle == NULL || callback == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    watch = ci_handle_get_pseudo(object, NULL, SYNCHRONIZE);
    if (watch == NULL)
        return false;
    r = registration_new(watch, callback, context, timeout_ms, flags);
    if (r == NULL)
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    return registration_open(r, handle);
}

/* Other flags than those two choose among kinds of pool threads, see QueueUserWorkItem. */
BOOL RegisterWaitForSingleObject(PHANDLE handle, HANDLE object, WAITORTIMERCALLBACK callback,
                                 PVOID context, ULONG timeout_ms, ULONG flags)
{
    CI_TRACED_BOOL(wait_register(handle, object, callback, context, timeout_ms, flags),
                   "RegisterWaitForSingleObject %s %s flags 0x%x", ci_trace_handle(object),
                   ci_trace_ms(timeout_ms), flags);
}

/* ---- unregistering ---- */

enum unregistered { ALREADY_GONE, NOTHING_RUNS, CALLBACK_RUNS };

static enum unregistered withdraw_locked(struct ci_registration *r, bool until_over,
                                         struct ci_obj *over)
{
    if (r->gone)
        return ALREADY_GONE;
    r->gone = true;
    r->armed = false;
    r->until_over = until_over;
    r->over = over;
    return r->running > 0 ? CALLBACK_RUNS : NOTHING_RUNS;
}

/* Ends a registration and waits until its waiter has let go of the object, which is at once; with
 * `until_over` also until no callback runs.  `over`, if any, becomes the registration's unless it
 * is gone already. */
static enum unregistered withdraw(struct ci_registration *r, bool until_over, struct ci_obj *over)
{
    struct ci_thread *self = ci_self();
    struct ci_obj *obj = &r->obj;
    struct ci_waiter *waiter = NULL;
    struct ci_settling s;
    enum unregistered was;

    ci_lock(&ci_registered);
    was = withdraw_locked(r, until_over, over);
    if (was != ALREADY_GONE)
        waiter = ci_waiter_detach_locked(r);
    s = ci_registration_settle_locked(r);
    ci_unlock(&ci_registered);
    ci_registration_settle(r, s);
    if (waiter != NULL) {
        ci_waiter_tell(waiter);
        ci_obj_put(obj); /* the list's; the caller has another */
    }
    if (was != ALREADY_GONE && self != NULL)
        ci_wait(self, &obj, 1, 0, INFINITE);
    return was;
}

static void registration_closing(struct ci_obj *obj)
{
    withdraw(registration_of(obj), false, NULL);
}

/* A callback cannot wait for itself: blocking is refused there as if it had not been asked for. */
static bool unregister_with(HANDLE handle, struct ci_registration *r, bool until_over,
                            struct ci_obj *over)
{
    enum unregistered was;

    until_over = until_over && calling != r;
    was = withdraw(r, until_over, over);
    if (was == ALREADY_GONE) {
        if (over != NULL)
            ci_obj_put(over);
        return ci_fail(ERROR_INVALID_HANDLE);
    }
    CloseHandle(handle);
    return was == NOTHING_RUNS || until_over || ci_fail(ERROR_IO_PENDING);
}

static bool unregister(HANDLE handle, HANDLE completion)
{
    bool blocks = completion == INVALID_HANDLE_VALUE, done = false;
    struct ci_obj *obj = ci_self() == NULL ? NULL : ci_handle_get(handle, &registration_ops, 0);
    struct ci_obj *over = NULL;

    if (obj == NULL)
        return false;
    if (completion != NULL && !blocks)
        over = ci_handle_get(completion, &ci_event_ops, EVENT_MODIFY_STATE);
    if (completion == NULL || blocks || over != NULL)
        done = unregister_with(handle, registration_of(obj), blocks, over);
    ci_obj_put(obj);
    return done;
}

BOOL UnregisterWait(HANDLE handle)
{
    CI_TRACED_BOOL(unregister(handle, NULL), "UnregisterWait %s", ci_trace_handle(handle));
}

BOOL UnregisterWaitEx(HANDLE handle, HANDLE completion)
{
    CI_TRACED_BOOL(unregister(handle, completion), "UnregisterWaitEx %s", ci_trace_handle(handle));
}
