/* SPDX-License-Identifier: MIT */
/* The port's own lock guards packets, the stack of waiting threads and who leads.  Who hands a
 * packet to a sleeping thread does it under that lock and then ends the thread's wait, so no packet
 * is given twice or to nobody. */
#include "libcomm/wait/port.h"

#include <sys/epoll.h>

#include "libcomm/plat/engine.h"
#include "libcomm/plat/sys.h"

#define BATCH 64

/* ---- the pump: the port as the engine and waits for its handle see it ---- */

static struct ci_port *port_of_pump(struct ci_pump *pump)
{
    return CI_CONTAINER(pump, struct ci_port, pump);
}

static void port_interest(struct ci_pump *pump, unsigned lanes, struct ci_want *want)
{
    struct ci_port *port = port_of_pump(pump);

    (void)lanes;
    if (atomic_load(&port->epoll) < 0 || atomic_load(&port->inflight) == 0) {
        ci_lane_pending(pump, CI_LANE_READ, false);
        return;
    }
    want->on[want->count].source = &pump->source[0];
    want->on[want->count].events = EPOLLIN;
    want->count++;
}

/* `park`: of the leader, who is ARMED again before it steps, so that its own completions cost no
 * kick. */
int ci_port_serve(struct ci_port *port, uint64_t timeout_ns, struct ci_park *park)
{
    struct epoll_event events[BATCH];
    int n = ci_sys_epoll_wait(atomic_load(&port->epoll), events, BATCH, timeout_ns);

    if (park != NULL)
        ci_park_move(park, CI_PARK_POLLING, CI_PARK_ARMED);
    for (int i = 0; i < n; i++)
        if (events[i].data.u64 == CI_ENGINE_KICK_DATA)
            ci_kick_clear(port->kick);
    if (n > 0)
        ci_sources_serve(events, n, false);
    return n;
}

void ci_port_step(struct ci_pump *pump, unsigned lanes, struct ci_seat *seat)
{
    (void)lanes;
    (void)seat; /* the lock is held here and there, and the seat is left in the ordinary way */
    if (atomic_load(&port_of_pump(pump)->epoll) < 0)
        return;
    while (ci_port_serve(port_of_pump(pump), 0, NULL) == BATCH)
        ;
}

static bool port_hold(struct ci_pump *pump)
{
    return ci_obj_try_get(&port_of_pump(pump)->obj);
}

static void port_release(struct ci_pump *pump)
{
    ci_obj_put(&port_of_pump(pump)->obj);
}

static const struct ci_pump_ops port_pump_ops = {
    .interest = port_interest,
    .step = ci_port_step,
    .hold = port_hold,
    .release = port_release,
};

/* ---- life ---- */

static bool port_signaled(const struct ci_obj *obj, const struct ci_thread *taker)
{
    (void)taker;
    return atomic_load(&CI_CONTAINER(obj, const struct ci_port, obj)->queued) > 0;
}

void ci_packets_discard(struct ci_list *packets)
{
    struct ci_list *link;

    while ((link = ci_list_pop(packets)) != NULL) {
        struct ci_packet *packet = CI_CONTAINER(link, struct ci_packet, link);

        packet->release(packet);
    }
}

/* The last handle: who waits is sent home, what is queued is dropped; files stay associated and
 * post to nobody.  Threads that belong to it let go of it here, or when they next wait. */
static void port_closing(struct ci_obj *obj)
{
    struct ci_port *port = ci_port_of(obj);
    struct ci_list packets, *link;
    struct ci_wakes wakes;

    ci_list_init(&packets);
    ci_wakes_init(&wakes);
    ci_lock(&port->lock);
    port->closed = true;
    ci_list_splice(&packets, &port->packets);
    atomic_store(&port->queued, 0);
    while ((link = ci_list_pop(&port->idle)) != NULL)
        ci_park_end(&CI_CONTAINER(link, struct ci_thread, port_link)->park, CI_PORT_CLOSED, &wakes);
    if (port->leader != NULL)
        ci_park_end(&port->leader->park, CI_PORT_CLOSED, &wakes);
    ci_unlock(&port->lock);
    ci_wakes_deliver(&wakes);
    ci_packets_discard(&packets);
    if (ci_thread_self != NULL && ci_thread_self->port == port)
        ci_port_unlink(ci_thread_self);
}

static void port_destroy(struct ci_obj *obj)
{
    struct ci_port *port = ci_port_of(obj);
    int epoll = atomic_load(&port->epoll);

    ci_packets_discard(&port->packets);
    if (epoll < 0)
        return;
    ci_pump_fini(&port->pump);
    ci_sys_close(epoll);
    ci_kick_put(port->kick);
}

/* Registrations belong to the open description, which the parent goes on using: the child lets go
 * of it. */
static void port_forked(struct ci_obj *obj)
{
    struct ci_port *port = ci_port_of(obj);
    int epoll = atomic_load(&port->epoll);

    if (port->pump.ops == NULL)
        return; /* half made */
    ci_lock_init(&port->lock, CI_RANK_PORT);
    ci_lock_init(&port->gate, CI_RANK_GATE);
    ci_list_init(&port->packets);
    ci_list_init(&port->idle);
    port->leader = NULL;
    port->active = 0;
    atomic_store(&port->queued, 0);
    atomic_store(&port->inflight, 0);
    ci_pump_fini(&port->pump);
    if (epoll >= 0)
        ci_sys_close(epoll);
    atomic_store(&port->epoll, -1);
    ci_pump_init(&port->pump, &port_pump_ops, &port->gate);
}

const struct ci_obj_ops ci_port_ops = {
    .name = "port",
    .size = sizeof(struct ci_port),
    .full_access = 0x1F0003,
    .signaled = port_signaled,
    .closing = port_closing,
    .destroy = port_destroy,
    .forked = port_forked,
};

struct ci_port *ci_port_new(uint32_t concurrency)
{
    struct ci_obj *obj = ci_obj_new(&ci_port_ops);
    struct ci_port *port = obj == NULL ? NULL : ci_port_of(obj);

    if (port == NULL)
        return NULL;
    ci_lock_init(&port->lock, CI_RANK_PORT);
    ci_lock_init(&port->gate, CI_RANK_GATE);
    ci_list_init(&port->packets);
    ci_list_init(&port->idle);
    port->limit = concurrency != 0 ? concurrency : (uint32_t)ci_sys_ncpu();
    atomic_store(&port->epoll, -1);
    ci_pump_init(&port->pump, &port_pump_ops, &port->gate);
    obj->pump = &port->pump;
    return port;
}

void ci_port_put(struct ci_port *port)
{
    ci_obj_put(&port->obj);
}

struct ci_pump *ci_port_pump(struct ci_port *port)
{
    return &port->pump;
}

void ci_port_inflight(struct ci_port *port, int change)
{
    atomic_fetch_add(&port->inflight, (uint32_t)change);
}

void ci_port_watch_files(struct ci_port *port, void (*deserted)(struct ci_port *port))
{
    port->deserted = deserted;
}

void ci_port_file_joins(struct ci_port *port)
{
    atomic_fetch_add(&port->files, 1);
}

void ci_port_file_leaves(struct ci_port *port)
{
    if (atomic_fetch_sub(&port->files, 1) == 1 && port->deserted != NULL)
        port->deserted(port);
}

uint32_t ci_port_files(const struct ci_port *port)
{
    return atomic_load(&port->files);
}

uint32_t ci_port_packets(const struct ci_port *port)
{
    return atomic_load(&port->queued);
}

static int watch_make(struct ci_port *port)
{
    int kick, epoll = ci_sys_epoll_create();
    int error;

    if (epoll < 0)
        return epoll;
    kick = ci_kick_get();
    error = kick < 0 ? kick
                     : ci_sys_epoll_ctl(epoll, EPOLL_CTL_ADD, kick, EPOLLIN, CI_ENGINE_KICK_DATA);
    if (error == 0)
        error = ci_pump_add_source(&port->pump, 0, epoll);
    if (error != 0) {
        ci_sys_close(epoll);
        if (kick >= 0)
            ci_kick_put(kick);
        return error;
    }
    port->kick = kick;
    return epoll;
}

/* Somebody among the followers may lead now: the oldest, since a leader comes last when packets are
 * handed out. */
static void lead_wanted(struct ci_port *port, struct ci_wakes *wakes)
{
    ci_lock(&port->lock);
    if (port->leader == NULL && !ci_list_empty(&port->idle))
        ci_park_disturb(&CI_CONTAINER(port->idle.prev, struct ci_thread, port_link)->park, wakes);
    ci_unlock(&port->lock);
}

int ci_port_epoll(struct ci_port *port)
{
    struct ci_wakes wakes;
    int epoll;

    ci_wakes_init(&wakes);
    ci_lock(&port->gate);
    epoll = atomic_load(&port->epoll);
    if (epoll < 0) {
        epoll = watch_make(port);
        if (epoll >= 0) {
            atomic_store(&port->epoll, epoll);
            lead_wanted(port, &wakes);
        }
    }
    ci_unlock(&port->gate);
    ci_wakes_deliver(&wakes);
    return epoll;
}

/* ---- handing packets out; the port's lock is held ---- */

struct ci_packet *ci_packet_pop(struct ci_port *port)
{
    struct ci_list *link = ci_list_pop(&port->packets);

    if (link == NULL)
        return NULL;
    atomic_fetch_sub(&port->queued, 1);
    return CI_CONTAINER(link, struct ci_packet, link);
}

void ci_port_count(struct ci_port *port, struct ci_thread *thread)
{
    thread->port = port;
    thread->port_counted = true;
    port->active++;
}

void ci_port_uncount(struct ci_port *port, struct ci_thread *thread)
{
    if (thread->port != port || !thread->port_counted)
        return;
    thread->port_counted = false;
    port->active--;
}

/* A leader that is awake looks at the packets itself before it sleeps, and hands out what it does
 * not take. */
static bool leader_awake(const struct ci_port *port)
{
    uint32_t word;

    if (port->leader == NULL)
        return false;
    word = ci_park_word(&port->leader->park);
    return word == CI_PARK_ARMED || word == CI_PARK_STALE;
}

static void hand_to_followers(struct ci_port *port, struct ci_wakes *wakes)
{
    struct ci_list *link;

    while (!ci_list_empty(&port->packets) && port->active < port->limit &&
           (link = ci_list_pop(&port->idle)) != NULL) {
        struct ci_thread *follower = CI_CONTAINER(link, struct ci_thread, port_link);

        /* counted before its wait ends: afterwards the fields are its own again */
        follower->port_packet = ci_packet_pop(port);
        ci_port_count(port, follower);
        if (!ci_park_end(&follower->park, CI_PORT_PACKET,
                         wakes)) { /* timed out, or an APC came first */
            ci_port_uncount(port, follower);
            ci_list_push(&port->packets, &follower->port_packet->link);
            atomic_fetch_add(&port->queued, 1);
            follower->port_packet = NULL;
        }
    }
}

void ci_port_hand_out(struct ci_port *port, struct ci_wakes *wakes)
{
    if (leader_awake(port))
        return;
    hand_to_followers(port, wakes);
    if (port->leader != NULL && !ci_list_empty(&port->packets) && port->active < port->limit)
        ci_park_disturb(&port->leader->park, wakes);
}

static uint32_t raise_nothing(struct ci_obj *obj, void *unused)
{
    (void)obj;
    (void)unused;
    return 0;
}

void ci_port_push(struct ci_port *port, struct ci_packet *packet, struct ci_wakes *wakes)
{
    bool closed;

    ci_lock(&port->lock);
    closed = port->closed;
    if (!closed) {
        ci_list_append(&port->packets, &packet->link);
        atomic_fetch_add(&port->queued, 1);
        ci_port_hand_out(port, wakes);
        ci_signal_owing(&port->obj, raise_nothing, NULL, wakes);
    }
    ci_unlock(&port->lock);
    if (closed)
        packet->release(packet);
}

/* ---- concurrency: a thread that blocks makes room for another ---- */

void ci_port_blocks(struct ci_thread *self)
{
    struct ci_port *port = self->port;
    struct ci_wakes wakes;
    bool closed;

    ci_wakes_init(&wakes);
    ci_lock(&port->lock);
    closed = port->closed;
    if (self->port_counted && !closed) {
        port->active--;
        ci_port_hand_out(port, &wakes);
    }
    ci_unlock(&port->lock);
    ci_wakes_deliver(&wakes);
    if (closed)
        ci_port_unlink(self);
}

void ci_port_resumes(struct ci_thread *self)
{
    ci_lock(&self->port->lock);
    if (self->port_counted)
        self->port->active++; /* perhaps over the limit for a while, as on Windows */
    ci_unlock(&self->port->lock);
}

/* A thread belongs to the port it last took from, and holds a reference to it.  When it leaves,
 * there may be room for another. */
void ci_port_unlink(struct ci_thread *self)
{
    struct ci_port *port = self->port;
    struct ci_wakes wakes;

    if (port == NULL)
        return;
    ci_wakes_init(&wakes);
    ci_lock(&port->lock);
    ci_port_uncount(port, self);
    ci_port_hand_out(port, &wakes);
    ci_unlock(&port->lock);
    ci_wakes_deliver(&wakes);
    self->port = NULL;
    ci_obj_put(&port->obj);
}

void ci_port_link(struct ci_thread *self, struct ci_port *port)
{
    if (self->port == port)
        return;
    ci_port_unlink(self);
    ci_obj_get(&port->obj);
    self->port = port;
    self->port_counted = false;
}

__attribute__((constructor)) static void port_setup(void)
{
    ci_thread_at_exit(CI_EXIT_PORT, ci_port_unlink);
}
