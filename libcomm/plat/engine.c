/* SPDX-License-Identifier: MIT */
/* The engine's thread and its life.  It ticks only while undriven lanes are young, sleeps without a
 * timeout while everything pending is armed, and ends when nothing has been pending for a while. */
#include "libcomm/plat/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/park.h"
#include "libcomm/plat/poller.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/timer.h"

#define BATCH 64
#define TICK_NS CI_NS_PER_MS
#define LINGER_NS \
    (200 * CI_NS_PER_MS) /* a thread for an operation now and then costs more than this */

struct ci_engine ci_engine = {
    .lock = CI_LOCK_INIT(CI_RANK_ENGINE),
    .epoll = -1,
    .kick = -1,
    .timerfd = -1,
    .undriven = {&ci_engine.undriven, &ci_engine.undriven},
};

enum ci_engine_mode ci_engine_mode(void)
{
    return ci_engine.mode;
}

/* Before main, so that no lock and no branch is needed to know the mode later. */
__attribute__((constructor)) static void engine_choose_mode(void)
{
    const char *wish = getenv("LIBCOMM_ENGINE");

    ci_fork_lock_add(&ci_engine.lock);
    if (wish != NULL && strcmp(wish, "background") == 0)
        ci_engine.mode = CI_ENGINE_BACKGROUND;
    else if (wish != NULL && strcmp(wish, "driver") == 0)
        ci_engine.mode = CI_ENGINE_DRIVER;
}

/* ---- sleeping and waking ---- */

void ci_engine_wake_locked(uint64_t at_ns)
{
    uint64_t wakes_at_ns = atomic_load(&ci_engine.wakes_at_ns);

    if (ci_engine.timerfd >= 0) {
        uint64_t next_ns = ci_timers_next_locked();

        if (!ci_list_empty(&ci_engine.undriven)) /* the kernel had no room to arm them: tick */
            next_ns = ci_now_ns() + TICK_NS;
        ci_sys_timerfd_set(ci_engine.timerfd, next_ns);
        return;
    }
    /* 0 while the thread is awake: it looks again before it sleeps */
    if (wakes_at_ns > at_ns && (at_ns != 0 || wakes_at_ns == CI_NEVER)) {
        atomic_store(&ci_engine.wakes_at_ns, 0);
        ci_kick_ring(ci_engine.kick);
    }
}

/* How the thread paces its ticks; its own, no lock. */
struct pace {
    uint64_t next_tick_ns; /* CI_NEVER: no tick wanted */
    uint64_t idle_since_ns;
    unsigned young, empty; /* ticks in a row that found only young lanes, that found none */
};

static void pace_wants_tick(struct pace *pace, uint64_t now_ns)
{
    if (pace->next_tick_ns == CI_NEVER)
        pace->next_tick_ns = now_ns + TICK_NS;
}

/* Lanes that are always driven in time are looked at less often; but when nobody is seen to drive
 * one, again at once. */
static uint64_t pace_length(const struct pace *pace, bool bare)
{
    if (pace->young < 4 || (bare && pace->young >= 16))
        return TICK_NS;
    return (pace->young < 16 ? 2 : pace->young < 64 ? 4 : 8) * TICK_NS;
}

static void pace_tick(struct pace *pace, uint64_t now_ns)
{
    struct ci_tick tick;

    atomic_fetch_add_explicit(&ci_engine.epoch, 1, memory_order_relaxed);
    tick = ci_undriven_tick();
    pace->empty = tick.left ? 0 : pace->empty + 1;
    pace->young = tick.old ? 0 : pace->young + 1;
    pace->next_tick_ns = pace->empty >= 8 ? CI_NEVER : now_ns + pace_length(pace, tick.bare);
}

/* Decides how long to sleep, and says so where others look. */
static uint64_t engine_sleep_until(struct pace *pace, uint64_t now_ns)
{
    uint64_t until;

    ci_lock(&ci_engine.lock);
    if (!ci_list_empty(&ci_engine.undriven)) {
        if (pace->next_tick_ns == CI_NEVER)
            pace->empty = 0;
        pace_wants_tick(pace, now_ns);
    }
    until = ci_timers_next_locked();
    if (until == CI_NEVER && pace->next_tick_ns == CI_NEVER) {
        atomic_store(&ci_engine.wakes_at_ns, CI_NEVER);
        if (atomic_load(&ci_engine.users) == 0)
            until = pace->idle_since_ns + LINGER_NS;
    } else {
        if (pace->next_tick_ns < until)
            until = pace->next_tick_ns;
        /* with a tick ahead the list needs no kick; with only a timer ahead it does */
        atomic_store(&ci_engine.wakes_at_ns, pace->next_tick_ns == CI_NEVER ? CI_NEVER : until);
    }
    ci_unlock(&ci_engine.lock);
    return until;
}

static void engine_awake(void)
{
    ci_lock(&ci_engine.lock);
    atomic_store(&ci_engine.wakes_at_ns, 0);
    ci_unlock(&ci_engine.lock);
}

/* ---- serving ---- */

static int engine_serve(uint64_t timeout_ns)
{
    struct epoll_event events[BATCH];
    int n = ci_sys_epoll_wait(ci_engine.epoll, events, BATCH, timeout_ns);

    for (int i = 0; i < n; i++) {
        if (events[i].data.u64 == CI_ENGINE_KICK_DATA)
            ci_kick_clear(ci_engine.kick);
        else if (events[i].data.u64 == CI_ENGINE_TIMER_DATA)
            ci_kick_clear(ci_engine.timerfd); /* a timerfd is emptied like an eventfd */
    }
    if (n > 0)
        ci_sources_serve(events, n, true);
    return n;
}

/* ---- the thread ---- */

/* The handshake with ci_engine_enter(): true when the thread may end. */
static bool engine_may_stop(struct pace *pace, uint64_t now_ns)
{
    bool idle = atomic_load(&ci_engine.users) == 0 && pace->next_tick_ns == CI_NEVER;
    bool exported = atomic_load(&ci_engine.exported);
    bool stop = false;

    if (!exported && !idle) {
        pace->idle_since_ns = now_ns;
        return false;
    }
    if (!exported && now_ns - pace->idle_since_ns < LINGER_NS)
        return false;
    ci_lock(&ci_engine.lock);
    atomic_store(&ci_engine.state, CI_ENGINE_STOPPED);
    stop = exported || (atomic_load(&ci_engine.users) == 0 && ci_list_empty(&ci_engine.undriven));
    if (!stop)
        atomic_store(&ci_engine.state, CI_ENGINE_RUNNING);
    ci_unlock(&ci_engine.lock);
    return stop;
}

static void *engine_run(void *unused)
{
    struct pace pace = {.next_tick_ns = CI_NEVER, .idle_since_ns = ci_now_ns()};

    for (;;) {
        uint64_t now_ns = ci_now_ns();
        uint64_t until = engine_sleep_until(&pace, now_ns);

        engine_serve(ci_left_ns(until, now_ns));
        engine_awake();
        now_ns = ci_now_ns();
        if (now_ns >= pace.next_tick_ns)
            pace_tick(&pace, now_ns);
        ci_timers_run();
        if (engine_may_stop(&pace, now_ns))
            return unused;
    }
}

static int engine_open_locked(void)
{
    int epoll, kick, error;

    if (ci_engine.epoll >= 0)
        return 0;
    epoll = ci_sys_epoll_create();
    if (epoll < 0)
        return epoll;
    kick = ci_sys_eventfd();
    error = kick < 0 ? kick
                     : ci_sys_epoll_ctl(epoll, EPOLL_CTL_ADD, kick, EPOLLIN, CI_ENGINE_KICK_DATA);
    if (error != 0) {
        if (kick >= 0)
            ci_sys_close(kick);
        ci_sys_close(epoll);
        return error;
    }
    ci_engine.kick = kick;
    ci_engine.epoll = epoll;
    return 0;
}

static int engine_start(void)
{
    int error;

    ci_lock(&ci_engine.lock);
    error = engine_open_locked();
    if (error == 0 && atomic_load(&ci_engine.state) == CI_ENGINE_STOPPED &&
        !atomic_load(&ci_engine.exported)) {
        atomic_store(&ci_engine.state, CI_ENGINE_RUNNING);
        atomic_store(&ci_engine.wakes_at_ns, 0);
        error = ci_sys_thread(engine_run, NULL, 0, true, "comm-engine");
        if (error != 0)
            atomic_store(&ci_engine.state, CI_ENGINE_STOPPED);
    }
    ci_unlock(&ci_engine.lock);
    return error;
}

int ci_engine_enter(void)
{
    int error = 0;

    atomic_fetch_add(&ci_engine.users, 1);
    if (atomic_load(&ci_engine.state) != CI_ENGINE_RUNNING) {
        error = engine_start();
        if (error != 0)
            atomic_fetch_sub(&ci_engine.users, 1);
    }
    return error;
}

void ci_engine_exit(void)
{
    if (atomic_fetch_sub(&ci_engine.users, 1) > 1 ||
        atomic_load(&ci_engine.wakes_at_ns) != CI_NEVER)
        return;
    ci_lock(&ci_engine.lock);
    ci_engine_wake_locked(0); /* the thread would sleep for ever with nothing to do */
    ci_unlock(&ci_engine.lock);
}

/* ---- a foreign loop instead of the thread ---- */

int ci_engine_export(void)
{
    int error, timerfd = -1;

    ci_lock(&ci_engine.lock);
    error = engine_open_locked();
    if (error == 0 && !atomic_load(&ci_engine.exported)) {
        timerfd = ci_sys_timerfd();
        error = timerfd < 0 ? timerfd
                            : ci_sys_epoll_ctl(ci_engine.epoll, EPOLL_CTL_ADD, timerfd, EPOLLIN,
                                               CI_ENGINE_TIMER_DATA);
        if (error == 0) {
            ci_engine.timerfd = timerfd;
            /* release: whoever sees it finds the timerfd in place */
            atomic_store(&ci_engine.exported, true);
            ci_engine_wake_locked(0);
            ci_kick_ring(ci_engine.kick); /* the thread, if there is one, sees it and ends */
        } else if (timerfd >= 0) {
            ci_sys_close(timerfd);
        }
    }
    ci_unlock(&ci_engine.lock);
    if (error != 0)
        return error;
    /* a thread still in the set would take events that the foreign loop is never told of */
    while (atomic_load(&ci_engine.state) != CI_ENGINE_STOPPED) {
        ci_kick_ring(ci_engine.kick); /* again: a waiter that dispatches may have taken it */
        ci_sys_poll(NULL, 0, CI_NS_PER_MS / 10);
    }
    ci_undriven_arm_all();
    return ci_engine.epoll;
}

void ci_engine_dispatch(void)
{
    if (ci_engine.epoll < 0)
        return;
    while (engine_serve(0) == BATCH)
        ;
    atomic_fetch_add_explicit(&ci_engine.epoch, 1, memory_order_relaxed);
    ci_undriven_tick(); /* empty, unless the kernel had no room to arm something */
    ci_timers_run();
    if (ci_engine.timerfd >= 0) {
        ci_lock(&ci_engine.lock);
        ci_engine_wake_locked(0);
        ci_unlock(&ci_engine.lock);
    }
}

/* ---- ends ---- */

bool ci_engine_quiesce(void)
{
    uint64_t deadline_ns = ci_now_ns() + 5000 * CI_NS_PER_MS;

    while (atomic_load(&ci_engine.state) != CI_ENGINE_STOPPED) {
        if (ci_now_ns() > deadline_ns)
            return false;
        ci_sys_poll(NULL, 0, CI_NS_PER_MS);
    }
    return true;
}

void ci_engine_forget(void)
{
    if (ci_engine.epoll >= 0)
        ci_sys_close(ci_engine.epoll);
    if (ci_engine.kick >= 0)
        ci_sys_close(ci_engine.kick);
    if (ci_engine.timerfd >= 0)
        ci_sys_close(ci_engine.timerfd);
    ci_engine.epoll = ci_engine.kick = ci_engine.timerfd = -1;
    atomic_store(&ci_engine.wakes_at_ns, 0);
    ci_list_init(&ci_engine.undriven);
    atomic_store(&ci_engine.users, 0);
    atomic_store(&ci_engine.state, CI_ENGINE_STOPPED);
    atomic_store(&ci_engine.exported, false);
    ci_timers_forget();
    ci_sources_forget();
}
