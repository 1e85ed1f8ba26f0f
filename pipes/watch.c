/* SPDX-License-Identifier: MIT */
/* A pump with one lane that is pending as long as it is wanted, and armed at once each time. */
#include "pipes/watch.h"

#include <pthread.h>
#include <sys/epoll.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/engine.h"
#include "libcomm/plat/sys.h"

static struct {
    struct ci_lock lock;
    struct ci_list list; /* guarded by lock */
} watches = {
    CI_LOCK_INIT(CI_RANK_LEAF), {&watches.list, &watches.list}
};

/* A forked child serves nobody: while it kept a copy, a listener would go on listening and a caller
 * would not hear that its server is gone. */
static void watches_forget(void)
{
    CI_LIST_EACH (link, after, &watches.list) {
        struct pi_watch *watch = CI_CONTAINER(link, struct pi_watch, all);

        ci_sys_close(watch->fd);
        ci_list_init(link);
    }
    ci_list_init(&watches.list);
}

__attribute__((constructor)) static void watches_setup(void)
{
    ci_fork_lock_add(&watches.lock);
    pthread_atfork(NULL, NULL, watches_forget);
}

static struct pi_watch *watch_of(struct ci_pump *pump)
{
    return CI_CONTAINER(pump, struct pi_watch, pump);
}

static void watch_interest(struct ci_pump *pump, unsigned lanes, struct ci_want *want)
{
    (void)lanes;
    want->on[want->count].source = &pump->source[0];
    want->on[want->count].events = EPOLLIN;
    want->count++;
}

static void watch_step(struct ci_pump *pump, unsigned lanes, struct ci_seat *seat)
{
    (void)lanes;
    (void)seat; /* nobody drives it */
    watch_of(pump)->ready(watch_of(pump));
}

static bool watch_hold(struct ci_pump *pump)
{
    uint32_t refs = atomic_load_explicit(&watch_of(pump)->refs, memory_order_relaxed);

    while (refs != 0) /* acquire: who holds it sees it whole */
        if (atomic_compare_exchange_weak_explicit(&watch_of(pump)->refs, &refs, refs + 1,
                                                  memory_order_acquire, memory_order_relaxed))
            return true;
    return false;
}

static void watch_release(struct ci_pump *pump)
{
    pi_watch_put(watch_of(pump));
}

static const struct ci_pump_ops watch_ops = {
    .interest = watch_interest,
    .step = watch_step,
    .hold = watch_hold,
    .release = watch_release,
};

/* ---- resting ---- */

#define REST_MS 20u

static void pending_locked(struct pi_watch *watch, bool pending)
{
    watch->pump.lane[CI_LANE_READ].eager = true; /* nobody else will drive it */
    ci_lane_pending(&watch->pump, CI_LANE_READ, pending);
    ci_pump_settle(&watch->pump);
}

static bool nap_hold(struct ci_timer *timer)
{
    return watch_hold(&CI_CONTAINER(timer, struct pi_watch, nap)->pump);
}

static void nap_over(struct ci_timer *timer)
{
    struct pi_watch *watch = CI_CONTAINER(timer, struct pi_watch, nap);

    ci_lock(&watch->lock);
    if (watch->wanted)
        pending_locked(watch, true);
    ci_unlock(&watch->lock);
    pi_watch_put(watch);
}

/* First not watched, then the timer: it may fire at once, and what it sets must last. */
void pi_watch_rest(struct pi_watch *watch)
{
    ci_lock(&watch->lock);
    pending_locked(watch, false);
    ci_unlock(&watch->lock);
    if (ci_timer_arm(&watch->nap, ci_deadline_ns(REST_MS)) == 0)
        return;
    ci_lock(&watch->lock); /* it is looked at again at once, then */
    if (watch->wanted)
        pending_locked(watch, true);
    ci_unlock(&watch->lock);
}

/* ---- life ---- */

/* All of it before the source has a number, by which the engine finds it. */
int pi_watch_init(struct pi_watch *watch, int fd, void (*ready)(struct pi_watch *),
                  void (*destroy)(struct pi_watch *))
{
    int error = ci_timer_init(&watch->nap, nap_hold, nap_over);

    if (error != 0)
        return error;
    ci_lock_init(&watch->lock, CI_RANK_FILE);
    ci_pump_init(&watch->pump, &watch_ops, &watch->lock);
    atomic_store_explicit(&watch->refs, 1, memory_order_release);
    watch->fd = fd;
    watch->wanted = watch->counted = false;
    watch->ready = ready;
    watch->destroy = destroy;
    error = ci_pump_add_source(&watch->pump, 0, fd);
    if (error != 0) {
        ci_timer_fini(&watch->nap);
        return error;
    }
    ci_lock(&watches.lock);
    ci_list_append(&watches.list, &watch->all);
    ci_unlock(&watches.lock);
    return 0;
}

int pi_watch_want(struct pi_watch *watch, bool wanted)
{
    int error = 0;

    ci_lock(&watch->lock);
    if (wanted && !watch->counted) {
        error = ci_engine_enter();
        watch->counted = error == 0;
    }
    if (error == 0) {
        watch->wanted = wanted;
        pending_locked(watch, wanted);
    }
    if (!wanted && watch->counted) {
        watch->counted = false;
        ci_engine_exit();
    }
    ci_unlock(&watch->lock);
    return error;
}

void pi_watch_put(struct pi_watch *watch)
{
    /* acq_rel: the last one sees what the others did with it */
    if (atomic_fetch_sub_explicit(&watch->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (watch->counted)
        ci_engine_exit();
    ci_lock(&watches.lock);
    ci_list_del(&watch->all);
    ci_unlock(&watches.lock);
    ci_timer_fini(&watch->nap);
    ci_pump_fini(&watch->pump);
    ci_sys_close(watch->fd);
    watch->destroy(watch);
}
