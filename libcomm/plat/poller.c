/* SPDX-License-Identifier: MIT */
/* Who watches what: sources by number, the undriven list, and the arming of one-shots in the
 * engine's epoll set. A descriptor that a waiting thread polls is kept out of the set; one that
 * nobody polls gets in after a tick. */
#include "libcomm/plat/poller.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>

#include "libcomm/plat/engine.h"
#include "libcomm/plat/sys.h"

/* ---- sources by number ---- */

/* Epoll carries {slot, generation}, never a pointer: an event may outlive what it was for. */
#define NO_SLOT UINT32_MAX
#define SLOTS_MOST (1u << 24)
#define GENERATION_MASK 0x3FFFFFFFu

static struct {
    struct slot {
        struct ci_source *source; /* NULL: free */
        uint32_t generation;
        uint32_t next_free;
    } * slot; /* all guarded by the engine's lock */
    uint32_t room, first_free;
} sources = {.first_free = NO_SLOT};

static int slots_grow_locked(void)
{
    uint32_t room = sources.room == 0 ? 64 : sources.room * 2;
    struct slot *bigger = room > SLOTS_MOST ? NULL : ci_sys_alloc(room * sizeof *bigger);

    if (bigger == NULL)
        return -ENOMEM;
    if (sources.room > 0)
        memcpy(bigger, sources.slot, sources.room * sizeof *bigger);
    for (uint32_t i = room; i-- > sources.room;) {
        bigger[i].next_free = sources.first_free;
        sources.first_free = i;
    }
    ci_sys_free(sources.slot);
    sources.slot = bigger;
    sources.room = room;
    return 0;
}

static int source_number(struct ci_source *source)
{
    int error = 0;

    ci_lock(&ci_engine.lock);
    if (sources.first_free == NO_SLOT)
        error = slots_grow_locked();
    if (error == 0) {
        uint32_t i = sources.first_free;
        struct slot *slot = &sources.slot[i];

        sources.first_free = slot->next_free;
        slot->source = source;
        source->number = (uint64_t)slot->generation << 32 | i;
    }
    ci_unlock(&ci_engine.lock);
    return error;
}

static void source_unnumber(struct ci_source *source)
{
    uint32_t i = (uint32_t)source->number;

    ci_lock(&ci_engine.lock);
    sources.slot[i].source = NULL;
    sources.slot[i].generation = (sources.slot[i].generation + 1) & GENERATION_MASK;
    sources.slot[i].next_free = sources.first_free;
    sources.first_free = i;
    ci_unlock(&ci_engine.lock);
}

/* The source an event is for, its pump held; NULL when it is gone.  The engine's lock is held. */
static struct ci_source *source_find_locked(uint64_t number)
{
    uint32_t i = (uint32_t)number;
    struct ci_source *source;

    if (i >= sources.room)
        return NULL;
    source = sources.slot[i].source;
    if (source == NULL || source->number != number || !source->pump->ops->hold(source->pump))
        return NULL;
    return source;
}

/* ---- pumps ---- */

void ci_pump_init(struct ci_pump *pump, const struct ci_pump_ops *ops, struct ci_lock *lock)
{
    pump->ops = ops;
    pump->clock = NULL;
    pump->standing = false;
    pump->lock = lock;
    pump->via = NULL;
    pump->via_epoll = -1;
    pump->pending = 0;
    for (int i = 0; i < CI_LANES; i++) {
        struct ci_lane *lane = &pump->lane[i];

        memset(lane, 0, sizeof *lane);
        ci_list_init(&lane->drivers);
        ci_list_init(&lane->undriven);
        lane->pump = pump;
    }
    for (int i = 0; i < CI_SOURCES; i++)
        pump->source[i] = (struct ci_source){.pump = pump, .fd = -1};
}

int ci_pump_add_source(struct ci_pump *pump, unsigned index, int fd)
{
    int error = source_number(&pump->source[index]);

    if (error == 0)
        pump->source[index].fd = fd;
    return error;
}

int ci_source_open(struct ci_pump *pump, unsigned index, int fd)
{
    return ci_pump_add_source(pump, index, fd);
}

/* DEL before close: a duplicate of the descriptor would go on reporting. */
static void source_fini(struct ci_source *source)
{
    if (source->fd < 0)
        return;
    if (source->known)
        ci_sys_epoll_ctl(ci_engine.epoll, EPOLL_CTL_DEL, source->fd, 0, 0);
    if (source->gated != 0)
        ci_sys_epoll_ctl(source->pump->via_epoll, EPOLL_CTL_DEL, source->fd, 0, 0);
    source_unnumber(source);
    source->fd = -1;
    source->armed = source->gated = 0;
    source->known = false;
}

void ci_source_close(struct ci_pump *pump, unsigned index)
{
    source_fini(&pump->source[index]);
}

void ci_pump_fini(struct ci_pump *pump)
{
    if (pump->clock != NULL)
        ci_timer_fini(&pump->clock->timer);
    for (int i = 0; i < CI_SOURCES; i++)
        source_fini(&pump->source[i]);
}

static unsigned lane_bit(const struct ci_lane *lane)
{
    return CI_LANE_BIT(lane - lane->pump->lane);
}

/* ---- using the engine ---- */

void ci_lane_disengage(struct ci_lane *lane)
{
    if (lane->queued || !lane->engaged || (lane->pump->pending & lane_bit(lane)) != 0)
        return;
    lane->engaged = false;
    ci_engine_exit();
}

/* ---- the undriven list ---- */

static void lane_enlist(struct ci_lane *lane)
{
    lane->queued = true;
    (void)lane->pump->ops->hold(lane->pump); /* cannot fail: the caller holds it */
    ci_lock(&ci_engine.lock);
    ci_list_append(&ci_engine.undriven, &lane->undriven);
    ci_engine_wake_locked(0);
    ci_unlock(&ci_engine.lock);
}

static void lane_queue(struct ci_lane *lane)
{
    if (!lane->queued)
        lane_enlist(lane);
}

static bool lane_unqueue(struct ci_lane *lane)
{
    bool mine;

    if (!lane->queued)
        return false;
    ci_lock(&ci_engine.lock);
    mine = ci_list_linked(&lane->undriven); /* else the tick has it in hand and will let go of it */
    ci_list_del(&lane->undriven);
    ci_unlock(&ci_engine.lock);
    if (mine) {
        lane->queued = false;
        ci_lane_disengage(lane);
    }
    return mine;
}

void ci_pump_withdraw(struct ci_pump *pump)
{
    for (int i = 0; i < CI_LANES; i++)
        if (lane_unqueue(&pump->lane[i]))
            pump->ops->release(pump); /* the caller holds another: this is never the last */
}

/* ---- arming ---- */

/* One-shot per descriptor: a source that fired for one direction reports nothing for the other, so
 * the mask is the source's and grows until it fires. */
static int source_arm(struct ci_source *source, uint32_t events)
{
    uint32_t mask = source->armed | events;
    int error;

    if (mask == source->armed)
        return 0;
    error = ci_sys_epoll_ctl(ci_engine.epoll, source->known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD,
                             source->fd, mask | EPOLLONESHOT, source->number);
    if (error != 0)
        return error;
    source->known = true;
    source->armed = mask;
    return 0;
}

/* An armed timer is only ever moved forward: one that fires early finds out and is armed again. */
static int clock_arm(struct ci_pump *pump, uint64_t deadline_ns)
{
    struct ci_pump_clock *clock = pump->clock;
    int error;

    if (clock == NULL || deadline_ns >= clock->at_ns)
        return 0;
    error = ci_timer_arm(&clock->timer, deadline_ns);
    if (error == 0)
        clock->at_ns = deadline_ns;
    return error;
}

static int lanes_arm(struct ci_pump *pump, unsigned lanes)
{
    struct ci_want want;
    int error = 0;

    ci_want_init(&want);
    pump->ops->interest(pump, lanes, &want);
    for (unsigned i = 0; i < want.count && error == 0; i++)
        error = source_arm(want.on[i].source, want.on[i].events);
    return error == 0 ? clock_arm(pump, want.deadline_ns) : error;
}

/* A port's set is edge-triggered and keeps a source until it goes; OUT joins only when a write
 * waits for it. */
static int source_gate(struct ci_source *source, uint32_t events)
{
    uint32_t mask = source->gated | events | EPOLLET;
    int error;

    if (mask == source->gated)
        return 0;
    error = ci_sys_epoll_ctl(source->pump->via_epoll,
                             source->gated != 0 ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, source->fd, mask,
                             source->number);
    if (error == 0)
        source->gated = mask;
    return error;
}

/* Every record a peer reads is an edge for OUT, so OUT leaves when the write it was for is done. */
static void source_ungate(struct ci_source *source)
{
    if ((source->gated & EPOLLOUT) == 0 ||
        (source->pump->pending & CI_LANE_BIT(CI_LANE_WRITE)) != 0)
        return;
    if (ci_sys_epoll_ctl(source->pump->via_epoll, EPOLL_CTL_MOD, source->fd,
                         source->gated & ~(uint32_t)EPOLLOUT, source->number) == 0)
        source->gated &= ~(uint32_t)EPOLLOUT;
}

static int lanes_gate(struct ci_pump *pump, unsigned lanes)
{
    struct ci_want want;
    int error = 0;

    ci_want_init(&want);
    pump->ops->interest(pump, lanes, &want);
    for (unsigned i = 0; i < want.count && error == 0; i++)
        error = source_gate(want.on[i].source, want.on[i].events);
    return error == 0 ? clock_arm(pump, want.deadline_ns) : error;
}

static void via_settle(struct ci_pump *via)
{
    ci_lock(via->lock);
    if (via->pending == 0)
        ci_lane_refresh(via, CI_LANE_READ);
    ci_lane_pending(via, CI_LANE_READ, true);
    ci_pump_settle(via);
    ci_unlock(via->lock);
}

static unsigned lanes_undriven(const struct ci_pump *pump)
{
    unsigned lanes = 0;

    CI_LANE_EACH (i, pump->pending)
        if (ci_list_empty(&pump->lane[i].drivers))
            lanes |= CI_LANE_BIT(i);
    return lanes;
}

/* With no room in the kernel the lanes stay listed, and are tried again, and stepped, at each tick.
 */
static void lanes_arm_or_queue(struct ci_pump *pump, unsigned lanes)
{
    if (lanes_arm(pump, lanes) == 0)
        return;
    CI_LANE_EACH (i, lanes)
        lane_queue(&pump->lane[i]);
}

static void lanes_settle(struct ci_pump *pump, unsigned undriven)
{
    unsigned arm = ci_engine_arms_early() ? undriven : 0;

    CI_LANE_EACH (i, undriven & ~arm) {
        if (pump->lane[i].eager)
            arm |= CI_LANE_BIT(i);
        else
            lane_queue(&pump->lane[i]);
    }
    if (arm != 0)
        lanes_arm_or_queue(pump, arm);
}

void ci_pump_settle(struct ci_pump *pump)
{
    if (pump->via != NULL && pump->pending != 0 && lanes_gate(pump, pump->pending) == 0)
        via_settle(pump->via);
    else
        lanes_settle(pump, lanes_undriven(pump));
}

int ci_pump_attach(struct ci_pump *pump, struct ci_pump *via, int via_epoll)
{
    int error;

    pump->via_epoll = via_epoll;
    error = pump->source[0].fd < 0 ? 0 : source_gate(&pump->source[0], EPOLLIN | EPOLLRDHUP);
    if (error != 0)
        return error;
    pump->via = via;
    ci_pump_settle(pump);
    return 0;
}

/* ---- deadlines ---- */

static bool clock_hold(struct ci_timer *timer)
{
    struct ci_pump *pump = CI_CONTAINER(timer, struct ci_pump_clock, timer)->pump;

    return pump->ops->hold(pump);
}

/* Who drives a lane keeps its deadlines; behind a port nobody does. */
static void clock_fire(struct ci_timer *timer)
{
    struct ci_pump_clock *clock = CI_CONTAINER(timer, struct ci_pump_clock, timer);
    struct ci_pump *pump = clock->pump;
    unsigned lanes;

    ci_lock(pump->lock);
    clock->at_ns = CI_NEVER;
    lanes = pump->via != NULL ? pump->pending : lanes_undriven(pump);
    ci_unlock(pump->lock);
    if (lanes != 0) {
        pump->ops->step(pump, lanes, NULL);
        ci_lock(pump->lock);
        ci_pump_settle(pump);
        ci_unlock(pump->lock);
    }
    pump->ops->release(pump);
}

int ci_pump_add_clock(struct ci_pump *pump, struct ci_pump_clock *clock)
{
    int error = ci_timer_init(&clock->timer, clock_hold, clock_fire);

    if (error != 0)
        return error;
    clock->pump = pump;
    clock->at_ns = CI_NEVER;
    pump->clock = clock;
    return 0;
}

/* ---- serving ---- */

static void source_fired(struct ci_source *source, bool from_engine)
{
    struct ci_pump *pump = source->pump;
    unsigned lanes;

    ci_lock(pump->lock);
    if (from_engine) {
        source->armed = 0;
        lanes = lanes_undriven(pump); /* a driver sees the same readiness itself */
    } else {
        lanes = pump->pending;
    }
    ci_unlock(pump->lock);
    if (lanes != 0)
        pump->ops->step(pump, lanes, NULL);
    if (from_engine || lanes != 0) {
        ci_lock(pump->lock);
        source_ungate(source);
        ci_pump_settle(pump);
        ci_unlock(pump->lock);
    }
    pump->ops->release(pump);
}

void ci_sources_serve(const struct epoll_event *events, int count, bool from_engine)
{
    struct ci_source *found[64];

    ci_lock(&ci_engine.lock);
    for (int i = 0; i < count; i++)
        found[i] = source_find_locked(events[i].data.u64);
    ci_unlock(&ci_engine.lock);
    for (int i = 0; i < count; i++) {
        if (found[i] == NULL)
            continue;
        if (from_engine)
            atomic_fetch_add_explicit(&ci_engine.io_wakes, 1, memory_order_relaxed);
        source_fired(found[i], from_engine);
    }
}

/* ---- the tick ---- */

static uint32_t takeover_ticks(void)
{
    return ci_engine.mode == CI_ENGINE_DRIVER ? 20 : 2; /* two ticks are one whole tick at least */
}

/* Takes a lane that is old enough over: arms it, and tries once in case arming cannot be done. */
static void lane_take_over(struct ci_lane *lane, bool now, struct ci_tick *tick)
{
    struct ci_pump *pump = lane->pump;
    unsigned bit = lane_bit(lane);
    uint32_t epoch = atomic_load_explicit(&ci_engine.epoch, memory_order_relaxed);
    bool old = false, armed = true;

    ci_lock(pump->lock);
    lane->queued = false;
    if ((pump->pending & bit) != 0 && ci_list_empty(&lane->drivers)) {
        old = now || epoch - lane->stamp >= takeover_ticks();
        if (old) {
            lane->eager = true;
            armed = lanes_arm(pump, bit) == 0;
        }
        if (!old || !armed)
            lane_queue(lane);
        tick->old |= old;
        tick->bare |= !old;
    }
    ci_lane_disengage(lane);
    ci_unlock(pump->lock);
    if (!armed)
        pump->ops->step(pump, bit, NULL);
    pump->ops->release(pump);
}

static struct ci_lane *undriven_pop(void)
{
    struct ci_list *link;

    ci_lock(&ci_engine.lock);
    link = ci_list_pop(&ci_engine.undriven);
    ci_unlock(&ci_engine.lock);
    return link == NULL ? NULL : CI_CONTAINER(link, struct ci_lane, undriven);
}

static size_t undriven_count(void)
{
    size_t count = 0;

    ci_lock(&ci_engine.lock);
    CI_LIST_EACH (link, after, &ci_engine.undriven)
        count++;
    ci_unlock(&ci_engine.lock);
    return count;
}

static struct ci_tick undriven_serve(bool now)
{
    struct ci_tick tick = {false, false, false};
    struct ci_lane *lane;

    /* as many as there are: what is too young goes back to the end of the list */
    for (size_t n = undriven_count(); n > 0 && (lane = undriven_pop()) != NULL; n--)
        lane_take_over(lane, now, &tick);
    tick.left = undriven_count() > 0;
    return tick;
}

struct ci_tick ci_undriven_tick(void)
{
    return undriven_serve(false);
}

void ci_undriven_arm_all(void)
{
    undriven_serve(true);
}

void ci_sources_forget(void)
{
    for (uint32_t i = 0; i < sources.room; i++) {
        struct ci_source *source = sources.slot[i].source;

        if (source == NULL)
            continue;
        source->armed = 0;
        source->gated = 0;
        source->known = false;
    }
}
