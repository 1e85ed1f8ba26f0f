/* SPDX-License-Identifier: MIT */
/* Setting an event from a signal handler: the handler leaves the handle's value in a table of
 * atomics and rings an eventfd; the engine, which watches that like any other source, empties the
 * table.  An event that is in the table already is about to be set, and is not entered twice. */
#include <libcomm/native.h>

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/epoll.h>

#include "libcomm/obj/event.h"
#include "libcomm/obj/handle.h"
#include "libcomm/plat/engine.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/poller.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/testing.h"
#include "libcomm/plat/trace.h"

#define PLACES 256 /* different events between two looks of the engine */

static struct {
    struct ci_lock lock; /* guards the pump */
    struct ci_pump pump;
    /* The eventfd, -1 when not prepared; made under lock.  Release: who sees it may ring. */
    _Atomic int bell;
    /* Handle values; 0: free.  A handler fills, only the engine empties, all seq_cst: a handler
     * that finds its value here has written nothing the emptier will not see. */
    _Atomic uint32_t place[PLACES];
} signals = {.lock = CI_LOCK_INIT(CI_RANK_FILE), .bell = -1};

_Static_assert(ATOMIC_INT_LOCK_FREE == 2, "a handler may use it");

/* ---- the engine's side ---- */

static void event_raise(HANDLE handle)
{
    uint32_t granted = 0;
    struct ci_obj *obj = ci_handle_find(handle, &granted);

    if (obj != NULL && obj->ops == &ci_event_ops && (granted & EVENT_MODIFY_STATE) != 0)
        ci_signal(obj, ci_event_raise, NULL);
    else
        ci_trace_misuse("CommSetEventFromSignal of 0x%zx: no event", (size_t)(uintptr_t)handle);
    if (obj != NULL)
        ci_obj_put(obj);
}

static void bell_step(struct ci_pump *pump, unsigned lanes, struct ci_seat *seat)
{
    int bell = atomic_load(&signals.bell);

    (void)pump;
    (void)lanes;
    (void)seat; /* no wait is ever for the bell */
    if (bell < 0)
        return;
    ci_kick_clear(bell); /* first: what comes after this look rings again */
    for (unsigned i = 0; i < PLACES; i++) {
        uint32_t value = atomic_load(&signals.place[i]);

        if (value != 0 && (value = atomic_exchange(&signals.place[i], 0)) != 0)
            event_raise((HANDLE)(uintptr_t)value);
    }
}

static void bell_interest(struct ci_pump *pump, unsigned lanes, struct ci_want *want)
{
    if ((lanes & CI_LANE_BIT(CI_LANE_READ)) == 0)
        return;
    want->on[want->count].source = &pump->source[0];
    want->on[want->count].events = EPOLLIN;
    want->count++;
}

static bool bell_hold(struct ci_pump *pump)
{
    (void)pump; /* it is never freed */
    return true;
}

static void bell_release(struct ci_pump *pump)
{
    (void)pump;
}

static const struct ci_pump_ops bell_ops = {
    .interest = bell_interest,
    .step = bell_step,
    .hold = bell_hold,
    .release = bell_release,
};

/* ---- preparing ---- */

/* The lane is pending for ever and eager from the start: it never waits for a tick. */
static void bell_watch_locked(void)
{
    struct ci_lane *lane = &signals.pump.lane[CI_LANE_READ];

    ci_lane_refresh(&signals.pump, CI_LANE_READ);
    ci_lane_pending(&signals.pump, CI_LANE_READ, true);
    lane->eager = true;
    ci_pump_settle(&signals.pump);
}

/* A standing source is a user of the engine for as long as it stands.  Negative errno. */
static int bell_hang_locked(void)
{
    int bell, error;

    if (signals.pump.ops != NULL) /* in a child: the source's number from before the fork */
        ci_pump_fini(&signals.pump);
    ci_pump_init(&signals.pump, &bell_ops, &signals.lock);
    bell = ci_sys_eventfd();
    if (bell < 0)
        return bell;
    error = ci_pump_add_source(&signals.pump, 0, bell);
    if (error == 0)
        error = ci_engine_enter();
    if (error != 0) {
        ci_pump_fini(&signals.pump);
        ci_sys_close(bell);
        return error;
    }
    atomic_store_explicit(&signals.bell, bell, memory_order_release);
    bell_watch_locked();
    return 0;
}

static bool prepare(void)
{
    int error = 0;

    ci_lock(&signals.lock);
    if (atomic_load(&signals.bell) < 0)
        error = bell_hang_locked();
    ci_unlock(&signals.lock);
    return error == 0 || ci_fail(ci_errno_error(CI_DOM_SYSTEM, -error));
}

/* ---- the handler's side: nothing but atomics and write(2) ---- */

static bool place_take(uint32_t value)
{
    for (unsigned i = 0; i < PLACES; i++) {
        uint32_t there = atomic_load(&signals.place[i]);

        if (there == 0 && atomic_compare_exchange_strong(&signals.place[i], &there, value))
            return true;
        if (there == value)
            return true;
    }
    return false;
}

static bool ring(HANDLE event)
{
    int bell = atomic_load_explicit(&signals.bell, memory_order_acquire);
    uintptr_t value = (uintptr_t)event;
    int before = errno;

    if (bell < 0 || value > UINT32_MAX || !place_take((uint32_t)value))
        return false;
    ci_kick_ring(bell);
    errno = before;
    return true;
}

BOOL CommSetEventFromSignal(HANDLE event)
{
    return event != NULL ? ring(event) : prepare();
}

/* ---- fork ---- */

/* The bell is the parent's too: a child must not ring it. */
static void signals_forget(void)
{
    int bell = atomic_exchange(&signals.bell, -1);

    ci_lock_init(&signals.lock, CI_RANK_FILE);
    for (unsigned i = 0; i < PLACES; i++)
        atomic_store(&signals.place[i], 0);
    if (bell >= 0)
        ci_sys_close(bell);
}

__attribute__((constructor)) static void signals_setup(void)
{
    pthread_atfork(NULL, NULL, signals_forget);
}

/* ---- tests ---- */

#ifdef CI_TESTING
/* A process at rest has no standing source. */
static void signals_rest(void)
{
    int bell;

    ci_lock(&signals.lock);
    bell = atomic_exchange(&signals.bell, -1);
    if (bell >= 0) {
        ci_lane_pending(&signals.pump, CI_LANE_READ, false);
        ci_pump_withdraw(&signals.pump);
        ci_pump_fini(&signals.pump);
        ci_engine_exit();
        ci_sys_close(bell);
    }
    ci_unlock(&signals.lock);
}

__attribute__((constructor)) static void signals_testing_setup(void)
{
    ci_testing_at_quiesce(signals_rest);
}
#endif
