/* SPDX-License-Identifier: MIT */
/* The heap lives in the engine, under its lock.  A timer that fires was taken out of the heap
 * together with a reference to its owner, so disarming on the way to destruction always wins or
 * waits for nothing. */
#include "libcomm/plat/timer.h"

#include <errno.h>
#include <string.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/engine.h"
#include "libcomm/plat/sys.h"

#define HEAP ci_engine.timers

/* ---- the heap; all under the engine's lock ---- */

static void heap_put(uint32_t place, struct ci_timer *timer)
{
    HEAP[place] = timer;
    timer->place = place;
}

static void heap_up(uint32_t place, struct ci_timer *timer)
{
    while (place > 1 && HEAP[place / 2]->deadline_ns > timer->deadline_ns) {
        heap_put(place, HEAP[place / 2]);
        place /= 2;
    }
    heap_put(place, timer);
}

static void heap_down(uint32_t place, struct ci_timer *timer)
{
    uint32_t count = ci_engine.timer_count;

    for (;;) {
        uint32_t child = place * 2;

        if (child > count)
            break;
        if (child < count && HEAP[child + 1]->deadline_ns < HEAP[child]->deadline_ns)
            child++;
        if (HEAP[child]->deadline_ns >= timer->deadline_ns)
            break;
        heap_put(place, HEAP[child]);
        place = child;
    }
    heap_put(place, timer);
}

static void heap_remove(struct ci_timer *timer)
{
    uint32_t place = timer->place;
    struct ci_timer *last = HEAP[ci_engine.timer_count--];

    timer->place = 0;
    if (last == timer)
        return;
    if (place > 1 && HEAP[place / 2]->deadline_ns > last->deadline_ns)
        heap_up(place, last);
    else
        heap_down(place, last);
}

static int heap_reserve_locked(void)
{
    uint32_t room = ci_engine.timer_room == 0 ? 64 : ci_engine.timer_room * 2;
    struct ci_timer **bigger;

    if (ci_engine.timer_reserved < ci_engine.timer_room) {
        ci_engine.timer_reserved++;
        return 0;
    }
    bigger = ci_sys_alloc((room + 1) * sizeof(struct ci_timer *)); /* places count from 1 */
    if (bigger == NULL)
        return -ENOMEM;
    if (HEAP != NULL)
        memcpy(bigger, HEAP, (ci_engine.timer_count + 1) * sizeof(struct ci_timer *));
    ci_sys_free(HEAP);
    HEAP = bigger;
    ci_engine.timer_room = room;
    ci_engine.timer_reserved++;
    return 0;
}

/* ---- one timer's life ---- */

int ci_timer_init(struct ci_timer *timer, bool (*hold)(struct ci_timer *),
                  void (*fire)(struct ci_timer *))
{
    int error;

    *timer = (struct ci_timer){.hold = hold, .fire = fire};
    ci_lock(&ci_engine.lock);
    error = heap_reserve_locked();
    ci_unlock(&ci_engine.lock);
    return error;
}

void ci_timer_fini(struct ci_timer *timer)
{
    ci_timer_disarm(timer);
    ci_lock(&ci_engine.lock);
    ci_engine.timer_reserved--;
    ci_unlock(&ci_engine.lock);
}

int ci_timer_arm(struct ci_timer *timer, uint64_t deadline_ns)
{
    int error = ci_engine_enter();
    bool was_armed;

    if (error != 0)
        return error;
    ci_lock(&ci_engine.lock);
    was_armed = timer->place != 0;
    if (was_armed)
        heap_remove(timer);
    timer->deadline_ns = deadline_ns;
    heap_up(++ci_engine.timer_count, timer);
    if (timer->place == 1)
        ci_engine_wake_locked(deadline_ns);
    ci_unlock(&ci_engine.lock);
    if (was_armed)
        ci_engine_exit(); /* one use per armed timer */
    return 0;
}

void ci_timer_disarm(struct ci_timer *timer)
{
    bool was_armed;

    ci_lock(&ci_engine.lock);
    was_armed = timer->place != 0;
    if (was_armed)
        heap_remove(timer);
    ci_unlock(&ci_engine.lock);
    if (was_armed)
        ci_engine_exit();
}

/* ---- the engine's side ---- */

uint64_t ci_timers_next_locked(void)
{
    return ci_engine.timer_count == 0 ? CI_NEVER : HEAP[1]->deadline_ns;
}

static struct ci_timer *timer_take_due(uint64_t now_ns, bool *dying)
{
    struct ci_timer *timer = NULL;

    *dying = false;
    ci_lock(&ci_engine.lock);
    if (ci_engine.timer_count > 0 && HEAP[1]->deadline_ns <= now_ns) {
        timer = HEAP[1];
        heap_remove(timer);
        *dying = !timer->hold(timer);
    }
    ci_unlock(&ci_engine.lock);
    return timer;
}

uint64_t ci_timers_run(void)
{
    struct ci_timer *timer;
    uint64_t next;
    bool dying;

    while ((timer = timer_take_due(ci_now_ns(), &dying)) != NULL) {
        if (!dying)
            timer->fire(timer);
        ci_engine_exit();
    }
    ci_lock(&ci_engine.lock);
    next = ci_timers_next_locked();
    ci_unlock(&ci_engine.lock);
    return next;
}

void ci_timers_forget(void)
{
    for (uint32_t i = 1; i <= ci_engine.timer_count; i++)
        HEAP[i]->place = 0;
    ci_engine.timer_count = 0;
}
