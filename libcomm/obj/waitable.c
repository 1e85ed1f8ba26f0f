/* SPDX-License-Identifier: MIT */
/* Waitable timers.  Setting, cancelling and firing each look at the whole timer under its lock, so
 * a firing that comes after a new setting finds that it is too early and does nothing. */
#include <libcomm/comm.h>

#include "libcomm/obj/handle.h"
#include "libcomm/obj/name.h"
#include "libcomm/obj/thread.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/timer.h"
#include "libcomm/plat/trace.h"

struct waitable {
    struct ci_obj obj;
    struct ci_lock
        setting;  /* one SetWaitableTimer or CancelWaitableTimer at a time; outside the engine's */
    bool manual;  /* fixed at creation */
    bool set;     /* guarded by obj.lock */
    bool running; /* guarded by obj.lock: due_ns is ahead, or a firing is on its way */
    uint64_t due_ns;       /* guarded by obj.lock */
    uint64_t period_ns;    /* guarded by obj.lock; 0: once */
    uint64_t due_filetime; /* guarded by obj.lock: what the routine is told */
    struct ci_timer timer;
    struct ci_thread *thread; /* guarded by obj.lock: where the routine runs; NULL: no routine */
    struct ci_list by_thread; /* link in thread->timers; guarded by thread->apclock */
    PTIMERAPCROUTINE routine; /* guarded by obj.lock */
    void *arg;                /* guarded by obj.lock */
    struct ci_apc apc;        /* while queued it owns a reference to the timer */
};

static struct waitable *waitable_of(struct ci_obj *obj)
{
    return CI_CONTAINER(obj, struct waitable, obj);
}

static bool waitable_signaled(const struct ci_obj *obj, const struct ci_thread *taker)
{
    (void)taker;
    return CI_CONTAINER(obj, const struct waitable, obj)->set;
}

static void waitable_consume(struct ci_obj *obj, struct ci_thread *taker)
{
    (void)taker;
    if (!waitable_of(obj)->manual)
        waitable_of(obj)->set = false;
}

/* ---- the routine ---- */

static void waitable_apc_drop(struct ci_apc *apc)
{
    ci_obj_put(&CI_CONTAINER(apc, struct waitable, apc)->obj);
}

static void waitable_apc_run(struct ci_apc *apc)
{
    struct waitable *w = CI_CONTAINER(apc, struct waitable, apc);
    PTIMERAPCROUTINE routine;
    uint64_t due;
    void *arg;

    ci_lock(&w->obj.lock);
    routine = w->routine;
    arg = w->arg;
    due = w->due_filetime;
    ci_unlock(&w->obj.lock);
    ci_obj_put(&w->obj);
    if (routine != NULL)
        routine(arg, (DWORD)due, (DWORD)(due >> 32));
}

/* obj.lock is held.  A routine still queued from the last period stands for this one too. */
static void routine_queue(struct waitable *w, struct ci_wakes *wakes)
{
    bool queued;

    if (w->thread == NULL)
        return;
    ci_lock(&w->thread->apclock);
    queued = ci_list_linked(&w->apc.link);
    ci_unlock(&w->thread->apclock);
    if (queued)
        return;
    ci_obj_get(&w->obj);
    if (!ci_apc_queue(w->thread, &w->apc, wakes))
        atomic_fetch_sub(&w->obj.refs, 1); /* never the last: the caller holds one */
}

/* obj.lock is held.  Whether a reference became the caller's to put. */
static bool routine_take_back(struct waitable *w)
{
    struct ci_thread *thread = w->thread;
    bool queued;

    if (thread == NULL)
        return false;
    queued = ci_apc_take_back(thread, &w->apc);
    ci_lock(&thread->apclock);
    ci_list_del(&w->by_thread);
    ci_unlock(&thread->apclock);
    w->thread = NULL;
    w->routine = NULL;
    return queued;
}

/* ---- firing ---- */

struct firing {
    struct ci_wakes *wakes;
    uint64_t again_ns; /* out: the next deadline, or CI_NEVER */
};

static uint32_t waitable_raise(struct ci_obj *obj, void *arg)
{
    struct waitable *w = waitable_of(obj);
    struct firing *firing = arg;
    uint64_t now_ns = ci_now_ns();

    firing->again_ns = CI_NEVER;
    if (!w->running || w->due_ns > now_ns) {
        firing->again_ns = w->running ? w->due_ns : CI_NEVER;
        return ERROR_NOT_READY; /* set anew meanwhile: not this time */
    }
    w->set = true;
    w->due_filetime = ci_filetime_now();
    routine_queue(w, firing->wakes);
    w->running = w->period_ns != 0;
    if (w->running) {
        w->due_ns = ci_add_ns(w->due_ns, w->period_ns);
        if (w->due_ns <= now_ns) /* the machine slept: no burst of lost periods */
            w->due_ns = ci_add_ns(now_ns, w->period_ns);
        firing->again_ns = w->due_ns;
    }
    return 0;
}

static uint64_t due_now(struct waitable *w)
{
    uint64_t due_ns;

    ci_lock(&w->obj.lock);
    due_ns = w->running ? w->due_ns : CI_NEVER;
    ci_unlock(&w->obj.lock);
    return due_ns;
}

/* Meanwhile the timer may have been set anew, and armed, for an earlier time than this: looked at
 * again until what is armed is not too late.  Too early does no harm. */
static int arm_again(struct waitable *w, uint64_t again_ns)
{
    int error = 0;

    while (again_ns != CI_NEVER && error == 0) {
        uint64_t due_ns;

        error = ci_timer_arm(&w->timer, again_ns);
        due_ns = due_now(w);
        again_ns = due_ns < again_ns ? due_ns : CI_NEVER;
    }
    return error;
}

static int waitable_fire_now(struct waitable *w)
{
    struct ci_wakes wakes;
    struct firing firing = {.wakes = &wakes};
    int error;

    ci_wakes_init(&wakes);
    ci_signal_owing(&w->obj, waitable_raise, &firing, &wakes);
    error = arm_again(w, firing.again_ns);
    ci_wakes_deliver(&wakes);
    return error;
}

static bool waitable_hold(struct ci_timer *timer)
{
    return ci_obj_try_get(&CI_CONTAINER(timer, struct waitable, timer)->obj);
}

static void waitable_fire(struct ci_timer *timer)
{
    struct waitable *w = CI_CONTAINER(timer, struct waitable, timer);

    (void)waitable_fire_now(w); /* the engine is running: arming cannot fail */
    ci_obj_put(&w->obj);
}

/* ---- life ---- */

/* The last handle: it stops, and a routine that has not begun to run never will. */
static void waitable_closing(struct ci_obj *obj)
{
    struct waitable *w = waitable_of(obj);
    bool put;

    ci_lock(&obj->lock);
    w->running = false;
    put = routine_take_back(w);
    ci_unlock(&obj->lock);
    ci_timer_disarm(&w->timer);
    if (put)
        ci_obj_put(obj);
}

static void waitable_destroy(struct ci_obj *obj)
{
    ci_timer_fini(&waitable_of(obj)->timer);
}

static void waitable_forked(struct ci_obj *obj)
{
    struct waitable *w = waitable_of(obj);

    w->running = false;
    w->thread = NULL;
    ci_lock_init(&w->setting, CI_RANK_FILE);
    ci_list_init(&w->by_thread);
    ci_list_init(&w->apc.link);
}

static const struct ci_obj_ops waitable_ops = {
    .name = "timer",
    .size = sizeof(struct waitable),
    .full_access = TIMER_ALL_ACCESS,
    .signaled = waitable_signaled,
    .consume = waitable_consume,
    .closing = waitable_closing,
    .destroy = waitable_destroy,
    .forked = waitable_forked,
};

static struct ci_obj *waitable_new(bool manual)
{
    struct ci_obj *obj = ci_obj_new(&waitable_ops);
    struct waitable *w;

    if (obj == NULL)
        return NULL;
    w = waitable_of(obj);
    w->manual = manual;
    ci_lock_init(&w->setting, CI_RANK_FILE);
    ci_list_init(&w->by_thread);
    ci_list_init(&w->apc.link);
    w->apc.run = waitable_apc_run;
    w->apc.drop = waitable_apc_drop;
    if (ci_timer_init(&w->timer, waitable_hold, waitable_fire) != 0) {
        ci_obj_abandon(obj);
        return NULL;
    }
    return obj;
}

/* ---- setting and cancelling ---- */

/* Negative: relative; positive: a date, taken as that far from now; zero: now.  100 ns units. */
static uint64_t due_from(int64_t due, uint64_t now_ns)
{
    uint64_t ahead = 0;

    if (due < 0) {
        ahead = (uint64_t)0 - (uint64_t)due;
    } else {
        uint64_t now = ci_filetime_now();

        ahead = (uint64_t)due > now ? (uint64_t)due - now : 0;
    }
    return ci_add_ns(now_ns, ahead > CI_NEVER / 100 ? CI_NEVER : ahead * 100);
}

static void routine_set(struct waitable *w, struct ci_thread *self, PTIMERAPCROUTINE routine,
                        void *arg)
{
    if (routine == NULL)
        return;
    w->thread = self;
    w->routine = routine;
    w->arg = arg;
    ci_lock(&self->apclock);
    ci_list_append(&self->timers, &w->by_thread);
    ci_unlock(&self->apclock);
}

static int waitable_start(struct waitable *w, uint64_t due_ns, uint64_t now_ns)
{
    int error;

    if (due_ns <= now_ns)
        return waitable_fire_now(w);
    error = ci_timer_arm(&w->timer, due_ns);
    if (error != 0) {
        ci_lock(&w->obj.lock);
        w->running = false;
        ci_unlock(&w->obj.lock);
    }
    return error;
}

static bool waitable_set(HANDLE handle, const LARGE_INTEGER *due, int32_t period_ms,
                         PTIMERAPCROUTINE routine, void *arg)
{
    struct ci_thread *self = ci_self();
    struct ci_obj *obj =
        self == NULL ? NULL : ci_handle_get(handle, &waitable_ops, TIMER_MODIFY_STATE);
    uint64_t now_ns = ci_now_ns(), due_ns;
    struct waitable *w;
    bool put;
    int error;

    if (obj == NULL)
        return false;
    if (due == NULL || period_ms < 0) {
        ci_obj_put(obj);
        return ci_fail(ERROR_INVALID_PARAMETER);
    }
    w = waitable_of(obj);
    due_ns = due_from(due->QuadPart, now_ns);
    ci_lock(&w->setting);
    ci_timer_disarm(&w->timer);
    ci_lock(&obj->lock);
    put = routine_take_back(w);
    w->set = false;
    w->running = true;
    w->due_ns = due_ns;
    w->period_ns = (uint32_t)period_ms * CI_NS_PER_MS;
    routine_set(w, self, routine, arg);
    ci_unlock(&obj->lock);
    error = waitable_start(w, due_ns, now_ns);
    ci_unlock(&w->setting);
    if (put)
        ci_obj_put(obj);
    ci_obj_put(obj);
    return error == 0 || ci_fail(ci_errno_error(CI_DOM_SYSTEM, -error));
}

BOOL SetWaitableTimer(HANDLE handle, const LARGE_INTEGER *due, LONG period_ms,
                      PTIMERAPCROUTINE routine, LPVOID arg, BOOL resume)
{
    (void)resume; /* nothing here suspends the machine */
    CI_TRACED_BOOL(waitable_set(handle, due, period_ms, routine, arg),
                   "SetWaitableTimer %s period %d", ci_trace_handle(handle), period_ms);
}

/* `only`: if the routine is to run on this thread; NULL: in any case. */
static void waitable_stop(struct waitable *w, const struct ci_thread *only)
{
    bool stop, put = false;

    ci_lock(&w->setting);
    ci_lock(&w->obj.lock);
    stop = only == NULL || w->thread == only;
    if (stop) {
        put = routine_take_back(w);
        w->running = false; /* from here on a firing does nothing */
    }
    ci_unlock(&w->obj.lock);
    if (stop)
        ci_timer_disarm(&w->timer);
    ci_unlock(&w->setting);
    if (put)
        ci_obj_put(&w->obj);
}

static bool waitable_cancel(HANDLE handle)
{
    struct ci_obj *obj = ci_handle_get(handle, &waitable_ops, TIMER_MODIFY_STATE);

    if (obj == NULL)
        return false;
    waitable_stop(waitable_of(obj), NULL);
    ci_obj_put(obj);
    return true;
}

BOOL CancelWaitableTimer(HANDLE handle)
{
    CI_TRACED_BOOL(waitable_cancel(handle), "CancelWaitableTimer %s", ci_trace_handle(handle));
}

/* ---- a thread ends: its timers with a routine stop ---- */

static struct waitable *timer_any(struct ci_thread *self)
{
    struct waitable *w = NULL;

    ci_lock(&self->apclock);
    CI_LIST_EACH (link, after, &self->timers) {
        w = CI_CONTAINER(link, struct waitable, by_thread);
        if (ci_obj_try_get(&w->obj))
            break;
        w = NULL;
    }
    ci_unlock(&self->apclock);
    return w;
}

static void timers_stop(struct ci_thread *self)
{
    struct waitable *w;

    while ((w = timer_any(self)) != NULL) {
        waitable_stop(w, self); /* another thread may just have made it its own */
        ci_obj_put(&w->obj);
    }
}

__attribute__((constructor)) static void waitable_setup(void)
{
    ci_thread_at_exit(CI_EXIT_TIMERS, timers_stop);
}

/* ---- making and opening ---- */

HANDLE CreateWaitableTimerA(LPSECURITY_ATTRIBUTES attributes, BOOL manual, LPCSTR name)
{
    CI_TRACED_HANDLE(
        ci_name_create(waitable_new(manual != 0), name, NULL, TIMER_ALL_ACCESS, attributes),
        "CreateWaitableTimer %s", manual ? "manual" : "auto");
}

HANDLE CreateWaitableTimerW(LPSECURITY_ATTRIBUTES attributes, BOOL manual, LPCWSTR name)
{
    CI_TRACED_HANDLE(
        ci_name_create(waitable_new(manual != 0), NULL, name, TIMER_ALL_ACCESS, attributes),
        "CreateWaitableTimer %s", manual ? "manual" : "auto");
}

HANDLE CreateWaitableTimerExA(LPSECURITY_ATTRIBUTES attributes, LPCSTR name, DWORD flags,
                              DWORD access)
{
    bool manual = (flags & CREATE_WAITABLE_TIMER_MANUAL_RESET) != 0;

    CI_TRACED_HANDLE(ci_name_create(waitable_new(manual), name, NULL, access, attributes),
                     "CreateWaitableTimerEx flags %u", flags);
}

HANDLE CreateWaitableTimerExW(LPSECURITY_ATTRIBUTES attributes, LPCWSTR name, DWORD flags,
                              DWORD access)
{
    bool manual = (flags & CREATE_WAITABLE_TIMER_MANUAL_RESET) != 0;

    CI_TRACED_HANDLE(ci_name_create(waitable_new(manual), NULL, name, access, attributes),
                     "CreateWaitableTimerEx flags %u", flags);
}

HANDLE OpenWaitableTimerA(DWORD access, BOOL inherit, LPCSTR name)
{
    CI_TRACED_HANDLE(ci_name_open(&waitable_ops, name, NULL, access, inherit != 0),
                     "OpenWaitableTimer %s", name);
}

HANDLE OpenWaitableTimerW(DWORD access, BOOL inherit, LPCWSTR name)
{
    CI_TRACED_HANDLE(ci_name_open(&waitable_ops, NULL, name, access, inherit != 0),
                     "OpenWaitableTimer");
}
