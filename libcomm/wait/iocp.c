/* SPDX-License-Identifier: MIT */
/* Taking packets: GetQueuedCompletionStatus and its kin.  A thread that must wait leads, if nobody
 * does, and performs the I/O of the port's files; or it follows, asleep on its word until a packet
 * is put into its hands. */
#include "libcomm/wait/iocp.h"

#include <poll.h>

#include <libcomm/comm.h>

#include "libcomm/obj/handle.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/drive.h"
#include "libcomm/plat/engine.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"
#include "libcomm/wait/port.h"
#include "libcomm/wait/wait.h"

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

    while (t->got < t->room && (packet = ci_packet_pop(t->port)) != NULL) {
        entry_fill(t, packet);
        ci_list_append(taken, &packet->link);
    }
    if (t->got > 0 && !t->self->port_counted)
        ci_port_count(t->port, t->self);
}

static bool take_now(struct taking *t)
{
    struct ci_list taken;
    struct ci_wakes wakes;

    ci_list_init(&taken);
    ci_wakes_init(&wakes);
    ci_lock(&t->port->lock);
    ci_port_uncount(t->port, t->self);
    take_queued(t, &taken);
    if (t->got > 0)
        ci_port_hand_out(t->port, &wakes);
    ci_unlock(&t->port->lock);
    ci_wakes_deliver(&wakes);
    ci_packets_discard(&taken);
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
    ci_port_serve(t->port, timeout_ns, &t->self->park);
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
    ci_port_hand_out(t->port, &wakes);
    if (t->got == 0 && !ci_list_empty(&t->port->idle)) /* somebody else must lead */
        ci_park_disturb(&CI_CONTAINER(t->port->idle.prev, struct ci_thread, port_link)->park,
                        &wakes);
    ci_unlock(&t->port->lock);
    ci_wakes_deliver(&wakes);
    ci_packets_discard(&taken);
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
        if (port->pump.pending != 0)
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
        ci_park_end(&t->self->park, CI_PORT_CLOSED, NULL);
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
            ci_packets_discard(&taken);
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
    if (word == CI_PORT_PACKET)
        take_handed(t);
    /* a packet that was there before the APC wins, and the APC stays queued */
    if (t->got > 0 || (word == CI_PARK_APC && take_now(t)))
        return;
    t->error = word == CI_PARK_APC      ? WAIT_IO_COMPLETION
               : word == CI_PORT_CLOSED ? ERROR_ABANDONED_WAIT_0
                                        : WAIT_TIMEOUT;
}

/* With nothing queued and no time to wait: one look at the files, unless somebody is at it. */
static void poll_for_packet(struct taking *t)
{
    if (!ci_engine_hands_off())
        ci_port_step(&t->port->pump, CI_LANES_ALL, NULL);
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

    ci_port_link(self, port);
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
        ci_port_unlink(self);
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
