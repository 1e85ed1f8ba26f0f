/* SPDX-License-Identifier: MIT */
/* The port's own lock guards packets, the stack of waiting threads and who leads.  Who hands a
 * packet to a sleeping thread does it under that lock and then ends the thread's wait, so no packet
 * is given twice or to nobody. */
#include "libcomm/wait/iocp.h"

#include <poll.h>
#include <sys/epoll.h>

#include <libcomm/comm.h>

#include "libcomm/obj/handle.h"
#include "libcomm/obj/thread.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/drive.h"
#include "libcomm/plat/engine.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"
#include "libcomm/wait/wait.h"

#define BATCH 64
/* What a waiting thread's word is satisfied with. */
#define GOT_PACKET (CI_PARK_SATISFIED + 0u)
#define PORT_CLOSED (CI_PARK_SATISFIED + 1u)

struct ci_port {
    struct ci_obj obj;
    struct ci_lock lock;
    struct ci_list packets; /* guarded by lock: oldest first */
    _Atomic uint32_t
        queued;          /* their number; changed under lock, read by waits for the port itself */
    struct ci_list idle; /* guarded by lock: sleeping followers, most recent first */
    struct ci_thread *leader; /* guarded by lock */
    uint32_t active, limit;   /* guarded by lock: threads that run with a packet; how many should */
    bool closed;              /* guarded by lock */
    struct ci_lock gate;      /* guards the pump */
    struct ci_pump pump;
    _Atomic uint32_t inflight;              /* operations pending on its files */
    _Atomic uint32_t files;                 /* that belong to it */
    void (*deserted)(struct ci_port *port); /* fixed before the first file joins; or NULL */
    _Atomic int epoll;                      /* -1 until the first file joins; made under gate */
    int kick; /* in epoll, level-triggered; of the pool; fixed once epoll is */
};

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
static int port_serve(struct ci_port *port, uint64_t timeout_ns, struct ci_park *park)
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

static void port_step(struct ci_pump *pump, unsigned lanes, struct ci_wakes *wakes)
{
    (void)lanes;
    (void)wakes; /* each file delivers its own */
    if (atomic_load(&port_of_pump(pump)->epoll) < 0)
        return;
    while (port_serve(port_of_pump(pump), 0, NULL) == BATCH)
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
    .step = port_step,
    .hold = port_hold,
    .release = port_release,
};

/* ---- life ---- */

static bool port_signaled(const struct ci_obj *obj, const struct ci_thread *taker)
{
    (void)taker;
    return atomic_load(&CI_CONTAINER(obj, const struct ci_port, obj)->queued) > 0;
}

static void packets_discard(struct ci_list *packets)
{
    struct ci_list *link;

    while ((link = ci_list_pop(packets)) != NULL) {
        struct ci_packet *packet = CI_CONTAINER(link, struct ci_packet, link);

        packet->release(packet);
    }
}

static void thread_unlink(struct ci_thread *self);

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
        ci_park_end(&CI_CONTAINER(link, struct ci_thread, port_link)->park, PORT_CLOSED, &wakes);
    if (port->leader != NULL)
        ci_park_end(&port->leader->park, PORT_CLOSED, &wakes);
    ci_unlock(&port->lock);
    ci_wakes_deliver(&wakes);
    packets_discard(&packets);
    if (ci_thread_self != NULL && ci_thread_self->port == port)
        thread_unlink(ci_thread_self);
}

static void port_destroy(struct ci_obj *obj)
{
    struct ci_port *port = ci_port_of(obj);
    int epoll = atomic_load(&port->epoll);

    packets_discard(&port->packets);
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

static struct ci_packet *packet_pop(struct ci_port *port)
{
    struct ci_list *link = ci_list_pop(&port->packets);

    if (link == NULL)
        return NULL;
    atomic_fetch_sub(&port->queued, 1);
    return CI_CONTAINER(link, struct ci_packet, link);
}

static void thread_count(struct ci_port *port, struct ci_thread *thread)
{
    thread->port = port;
    thread->port_counted = true;
    port->active++;
}

static void thread_uncount(struct ci_port *port, struct ci_thread *thread)
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
        follower->port_packet = packet_pop(port);
        thread_count(port, follower);
        if (!ci_park_end(&follower->park, GOT_PACKET,
                         wakes)) { /* timed out, or an APC came first */
            thread_uncount(port, follower);
            ci_list_push(&port->packets, &follower->port_packet->link);
            atomic_fetch_add(&port->queued, 1);
            follower->port_packet = NULL;
        }
    }
}

static void hand_out(struct ci_port *port, struct ci_wakes *wakes)
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
        hand_out(port, wakes);
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

    if (port == NULL)
        return;
    ci_wakes_init(&wakes);
    ci_lock(&port->lock);
    closed = port->closed;
    if (self->port_counted && !closed) {
        port->active--;
        hand_out(port, &wakes);
    }
    ci_unlock(&port->lock);
    ci_wakes_deliver(&wakes);
    if (closed)
        thread_unlink(self);
}

void ci_port_resumes(struct ci_thread *self)
{
    if (self->port == NULL)
        return;
    ci_lock(&self->port->lock);
    if (self->port_counted)
        self->port->active++; /* perhaps over the limit for a while, as on Windows */
    ci_unlock(&self->port->lock);
}

/* A thread belongs to the port it last took from, and holds a reference to it.  When it leaves,
 * there may be room for another. */
static void thread_unlink(struct ci_thread *self)
{
    struct ci_port *port = self->port;
    struct ci_wakes wakes;

    if (port == NULL)
        return;
    ci_wakes_init(&wakes);
    ci_lock(&port->lock);
    thread_uncount(port, self);
    hand_out(port, &wakes);
    ci_unlock(&port->lock);
    ci_wakes_deliver(&wakes);
    self->port = NULL;
    ci_obj_put(&port->obj);
}

static void thread_link(struct ci_thread *self, struct ci_port *port)
{
    if (self->port == port)
        return;
    thread_unlink(self);
    ci_obj_get(&port->obj);
    self->port = port;
    self->port_counted = false;
}

__attribute__((constructor)) static void port_setup(void)
{
    ci_thread_at_exit(CI_EXIT_PORT, thread_unlink);
}

/* ---- taking packets ---- */

/* One GetQueuedCompletionStatus in progress. */
struct taking {
    struct ci_port *port;
    struct ci_thread *self;
    OVERLAPPED_ENTRY *entries;
    uint32_t room, got;
    bool alertable;
    uint64_t deadline_ns;
    uint32_t error; /* 0: packets; 258, 192 or 735 */
};

static void entry_fill(struct taking *t, struct ci_packet *packet)
{
    OVERLAPPED_ENTRY *entry = &t->entries[t->got++];

    entry->lpCompletionKey = packet->key;
    entry->lpOverlapped = packet->overlapped;
    entry->Internal = packet->status;
    entry->dwNumberOfBytesTransferred = packet->bytes;
}

/* The port's lock is held.  Packets are released after it: a release may free what the next one
 * needs no more. */
static void take_queued(struct taking *t, struct ci_list *taken)
{
    struct ci_packet *packet;

    while (t->got < t->room && (packet = packet_pop(t->port)) != NULL) {
        entry_fill(t, packet);
        ci_list_append(taken, &packet->link);
    }
    if (t->got > 0 && !t->self->port_counted)
        thread_count(t->port, t->self);
}

static bool take_now(struct taking *t)
{
    struct ci_list taken;
    struct ci_wakes wakes;

    ci_list_init(&taken);
    ci_wakes_init(&wakes);
    ci_lock(&t->port->lock);
    thread_uncount(t->port, t->self);
    take_queued(t, &taken);
    if (t->got > 0)
        hand_out(t->port, &wakes);
    ci_unlock(&t->port->lock);
    ci_wakes_deliver(&wakes);
    packets_discard(&taken);
    return t->got > 0;
}

static void take_handed(struct taking *t)
{
    struct ci_packet *packet = t->self->port_packet;

    t->self->port_packet = NULL;
    entry_fill(t, packet);
    packet->release(packet);
}

/* ---- sleeping ---- */

static bool out_of_time(const struct taking *t)
{
    return t->deadline_ns != CI_NEVER && ci_now_ns() >= t->deadline_ns;
}

static void follow(struct taking *t)
{
    struct ci_park *park = &t->self->park;

    while (!ci_park_ended(ci_park_word(park))) {
        if (ci_park_move(park, CI_PARK_STALE, CI_PARK_ARMED))
            return; /* the leader is gone: perhaps it is our turn */
        if (!out_of_time(t))
            ci_park_sleep(park, t->deadline_ns);
        else if (ci_park_give_up(park))
            return;
    }
}

/* The port's lock is held.  Takes packets if there are any for the leader, or lets it go to sleep.
 */
static bool lead_may_sleep(struct taking *t, struct ci_list *taken)
{
    struct ci_port *port = t->port;
    struct ci_park *park = &t->self->park;

    ci_park_move(park, CI_PARK_STALE, CI_PARK_ARMED);
    if (port->active < port->limit && !ci_list_empty(&port->packets)) {
        if (ci_park_give_up(park))
            take_queued(t, taken);
        return false;
    }
    return ci_park_move(park, CI_PARK_ARMED, CI_PARK_POLLING);
}

/* While the engine is exported a waiting thread may be the very one that runs the foreign loop:
 * then it looks after the engine as well. */
static void lead_watch_engine(struct taking *t, uint64_t *timeout_ns)
{
    struct pollfd fds[2];

    if (!atomic_load(&ci_engine.exported))
        return; /* only then is the engine's set there for good */
    fds[0] = (struct pollfd){.fd = atomic_load(&t->port->epoll), .events = POLLIN};
    fds[1] = (struct pollfd){.fd = ci_engine.epoll, .events = POLLIN};
    ci_sys_poll(fds, 2, *timeout_ns);
    *timeout_ns = 0;
    if (fds[1].revents != 0)
        ci_engine_dispatch();
}

static void lead_once(struct taking *t)
{
    uint64_t timeout_ns =
        t->deadline_ns == CI_NEVER ? CI_NEVER : ci_left_ns(t->deadline_ns, ci_now_ns());

    lead_watch_engine(t, &timeout_ns);
    port_serve(t->port, timeout_ns, &t->self->park);
}

/* While it leads, a thread sleeps in the port's set, so the port's kick stands in for its own. */
static void lead(struct taking *t)
{
    struct ci_park *park = &t->self->park;
    struct ci_list taken;
    struct ci_wakes wakes;
    bool sleeping = true;
    int own = atomic_exchange(&park->kick, t->port->kick);

    ci_list_init(&taken);
    ci_wakes_init(&wakes);
    while (sleeping && !ci_park_ended(ci_park_word(park))) {
        if (out_of_time(t) && ci_park_give_up(park))
            break;
        ci_lock(&t->port->lock);
        sleeping = lead_may_sleep(t, &taken);
        ci_unlock(&t->port->lock);
        if (sleeping)
            lead_once(t);
        else
            sleeping = t->got == 0 && !ci_park_ended(ci_park_word(park));
    }
    atomic_store(&park->kick, own);
    ci_lock(&t->port->lock);
    t->port->leader = NULL;
    hand_out(t->port, &wakes);
    if (t->got == 0 && !ci_list_empty(&t->port->idle)) /* somebody else must lead */
        ci_park_disturb(&CI_CONTAINER(t->port->idle.prev, struct ci_thread, port_link)->park,
                        &wakes);
    ci_unlock(&t->port->lock);
    ci_wakes_deliver(&wakes);
    packets_discard(&taken);
}

/* The leader's seat: while somebody sits there the engine leaves the port alone. */
static void seat_take(struct ci_port *port, struct ci_seat_link *seat, struct ci_park *park)
{
    seat->park = park;
    ci_lock(&port->gate);
    ci_list_append(&port->pump.lane[CI_LANE_READ].drivers, &seat->in_lane);
    ci_unlock(&port->gate);
}

static void seat_leave(struct ci_port *port, struct ci_seat_link *seat)
{
    struct ci_lane *lane = &port->pump.lane[CI_LANE_READ];

    ci_lock(&port->gate);
    ci_list_del(&seat->in_lane);
    if (ci_list_empty(&lane->drivers)) {
        ci_lane_pending(&port->pump, CI_LANE_READ, atomic_load(&port->inflight) > 0);
        ci_lane_refresh(&port->pump, CI_LANE_READ);
        if (lane->pending)
            ci_pump_settle(&port->pump);
        else
            lane->eager = false;
    }
    ci_unlock(&port->gate);
}

static bool may_lead(const struct ci_port *port)
{
    return port->leader == NULL && atomic_load(&port->epoll) >= 0 && !ci_engine_hands_off();
}

/* Joins as leader or follower.  False: there was a packet after all.  Who only changes places,
 * `again`, takes one no sooner than it would have been handed one. */
static bool join(struct taking *t, bool again, bool *leads, struct ci_list *taken)
{
    struct ci_port *port = t->port;
    bool waits;

    ci_lock(&port->lock);
    if (!again || port->active < port->limit)
        take_queued(t, taken);
    waits = t->got == 0;
    *leads = waits && may_lead(port);
    if (*leads)
        port->leader = t->self;
    else if (waits && port->closed)
        ci_park_end(&t->self->park, PORT_CLOSED, NULL);
    else if (waits)
        ci_list_push(&port->idle, &t->self->port_link);
    ci_unlock(&port->lock);
    return waits;
}

static void unjoin(struct taking *t)
{
    ci_lock(&t->port->lock);
    ci_list_del(&t->self->port_link);
    ci_unlock(&t->port->lock);
}

/* Sleeps as leader or follower until a packet, an APC, the time or the end of the port. */
static void sleep_on_port(struct taking *t)
{
    struct ci_park *park = &t->self->park;
    struct ci_seat_link seat;
    struct ci_list taken;
    bool leads, again = false;

    do {
        ci_list_init(&taken);
        if (!join(t, again, &leads, &taken)) {
            ci_park_give_up(park);
            packets_discard(&taken);
            return;
        }
        if (leads) {
            seat_take(t->port, &seat, park);
            lead(t);
            seat_leave(t->port, &seat);
        } else {
            follow(t);
            unjoin(t);
        }
        again = true;
    } while (t->got == 0 && ci_park_open(ci_park_word(park)));
}

static void wait_for_packet(struct taking *t)
{
    struct ci_thread *self = t->self;
    uint32_t word;
    int cancel_state;

    ci_park_arm(&self->park);
    cancel_state = ci_sys_cancel_off();
    if (t->alertable && !ci_alertable_begin(self))
        ci_park_end(&self->park, CI_PARK_APC, NULL);
    else
        sleep_on_port(t);
    ci_sys_cancel_restore(cancel_state);
    if (t->alertable)
        ci_alertable_end(self);
    word = ci_park_word(&self->park);
    ci_park_leave(&self->park);
    if (word == GOT_PACKET)
        take_handed(t);
    /* a packet that was there before the APC wins, and the APC stays queued */
    if (t->got > 0 || (word == CI_PARK_APC && take_now(t)))
        return;
    t->error = word == CI_PARK_APC   ? WAIT_IO_COMPLETION
               : word == PORT_CLOSED ? ERROR_ABANDONED_WAIT_0
                                     : WAIT_TIMEOUT;
}

/* With nothing queued and no time to wait: one look at the files, unless somebody is at it. */
static void poll_for_packet(struct taking *t)
{
    struct ci_wakes wakes;

    ci_wakes_init(&wakes);
    if (!ci_engine_hands_off())
        port_step(&t->port->pump, CI_LANES_ALL, &wakes);
    if (take_now(t))
        return;
    t->error = WAIT_TIMEOUT;
    if (t->alertable && ci_apcs_waiting(t->self))
        t->error = WAIT_IO_COMPLETION;
}

uint32_t ci_port_take(struct ci_port *port, struct ci_thread *self, OVERLAPPED_ENTRY *entries,
                      uint32_t room, uint32_t *got, uint32_t timeout_ms, bool alertable)
{
    struct taking t = {
        .port = port, .self = self, .entries = entries, .room = room, .alertable = alertable};

    thread_link(self, port);
    if (!take_now(&t)) {
        if (timeout_ms == 0) {
            poll_for_packet(&t);
        } else {
            t.deadline_ns = ci_deadline_ns(timeout_ms);
            wait_for_packet(&t);
        }
    }
    *got = t.got;
    if (t.error == ERROR_ABANDONED_WAIT_0)
        thread_unlink(self);
    return t.error;
}

static uint32_t port_take(HANDLE handle, OVERLAPPED_ENTRY *entries, uint32_t room, uint32_t *got,
                          uint32_t timeout_ms, bool alertable)
{
    struct ci_thread *self = ci_self();
    struct ci_obj *obj = self == NULL ? NULL : ci_handle_get(handle, &ci_port_ops, 0);
    uint32_t error;

    if (obj == NULL)
        return ci_last_error();
    error = ci_port_take(ci_port_of(obj), self, entries, room, got, timeout_ms, alertable);
    ci_obj_put(obj);
    if (error == WAIT_IO_COMPLETION)
        ci_apcs_run(self);
    return error;
}

/* ---- the public calls ---- */

static bool status_get(HANDLE handle, DWORD *bytes, ULONG_PTR *key, OVERLAPPED **overlapped,
                       uint32_t timeout_ms)
{
    OVERLAPPED_ENTRY entry;
    uint32_t got = 0, error;

    if (bytes == NULL || key == NULL || overlapped == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    *overlapped = NULL;
    error = port_take(handle, &entry, 1, &got, timeout_ms, false);
    if (error != 0)
        return ci_fail(error);
    *bytes = entry.dwNumberOfBytesTransferred;
    *key = entry.lpCompletionKey;
    *overlapped = entry.lpOverlapped;
    error = ci_status_error((uint32_t)entry.Internal);
    return error == 0 || ci_fail(error);
}

BOOL GetQueuedCompletionStatus(HANDLE port, LPDWORD bytes, PULONG_PTR key, LPOVERLAPPED *overlapped,
                               DWORD timeout_ms)
{
    CI_TRACED_BOOL(status_get(port, bytes, key, overlapped, timeout_ms),
                   "GetQueuedCompletionStatus %s %s", ci_trace_handle(port),
                   ci_trace_ms(timeout_ms));
}

/* A wait that brings nothing says one entry was removed: so does Windows, and nobody may look. */
static bool statuses_get(HANDLE handle, OVERLAPPED_ENTRY *entries, uint32_t room, ULONG *removed,
                         uint32_t timeout_ms, bool alertable)
{
    uint32_t got = 0, error;

    if (entries == NULL || removed == NULL || room == 0)
        return ci_fail(ERROR_INVALID_PARAMETER);
    error = port_take(handle, entries, room, &got, timeout_ms, alertable);
    *removed = error == WAIT_TIMEOUT || error == WAIT_IO_COMPLETION ? 1 : got;
    return error == 0 || ci_fail(error);
}

BOOL GetQueuedCompletionStatusEx(HANDLE port, LPOVERLAPPED_ENTRY entries, ULONG room,
                                 PULONG removed, DWORD timeout_ms, BOOL alertable)
{
    CI_TRACED_BOOL(statuses_get(port, entries, room, removed, timeout_ms, alertable != 0),
                   "GetQueuedCompletionStatusEx %s up to %u, %s", ci_trace_handle(port), room,
                   ci_trace_ms(timeout_ms));
}

static void posted_release(struct ci_packet *packet)
{
    ci_sys_free(packet);
}

static bool status_post(HANDLE handle, uint32_t bytes, uintptr_t key, OVERLAPPED *overlapped)
{
    struct ci_obj *obj = ci_handle_get(handle, &ci_port_ops, 0);
    struct ci_packet *packet = obj == NULL ? NULL : ci_sys_alloc(sizeof *packet);
    struct ci_wakes wakes;

    if (obj == NULL)
        return false;
    if (packet == NULL) {
        ci_obj_put(obj);
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    *packet = (struct ci_packet){
        .key = key, .overlapped = overlapped, .bytes = bytes, .release = posted_release};
    ci_list_init(&packet->link);
    ci_wakes_init(&wakes);
    ci_port_push(ci_port_of(obj), packet, &wakes);
    ci_wakes_deliver(&wakes);
    ci_obj_put(obj);
    return true;
}

BOOL PostQueuedCompletionStatus(HANDLE port, DWORD bytes, ULONG_PTR key, LPOVERLAPPED overlapped)
{
    CI_TRACED_BOOL(status_post(port, bytes, key, overlapped),
                   "PostQueuedCompletionStatus %s bytes %u key 0x%zx", ci_trace_handle(port), bytes,
                   (size_t)key);
}
