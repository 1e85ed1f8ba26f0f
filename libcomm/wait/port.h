/* SPDX-License-Identifier: MIT */
/* The inside of a completion port, for the two files that share it: port.c hands packets out,
 * iocp.c takes them. */
#ifndef CI_WAIT_PORT_H
#define CI_WAIT_PORT_H

#include "libcomm/obj/thread.h"
#include "libcomm/wait/iocp.h"

/* What a waiting thread's word is satisfied with. */
#define CI_PORT_PACKET (CI_PARK_SATISFIED + 0u)
#define CI_PORT_CLOSED (CI_PARK_SATISFIED + 1u)

struct ci_port {
    struct ci_obj obj;
    struct ci_lock lock;
    struct ci_list packets; /* guarded by lock: oldest first */
    /* Their number; changed under lock, read by waits for the port itself. */
    _Atomic uint32_t queued;
    struct ci_list idle;      /* guarded by lock: sleeping followers, most recent first */
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

/* The oldest packet, or NULL.  The lock of the port is held for the first four. */
struct ci_packet *ci_packet_pop(struct ci_port *port);
/* The thread runs with a packet from now on; it does not any more. */
void ci_port_count(struct ci_port *port, struct ci_thread *thread);
void ci_port_uncount(struct ci_port *port, struct ci_thread *thread);
/* Gives what is queued to sleeping threads, as far as the limit allows. */
void ci_port_hand_out(struct ci_port *port, struct ci_wakes *wakes);
/* Releases packets that were taken, or that nobody will take.  No lock is held. */
void ci_packets_discard(struct ci_list *packets);
/* Performs the I/O of the files that are ready, after waiting up to timeout_ns.  `park`: of the
 * leader, who is ARMED again before it steps, so that its own completions cost no kick; or NULL. */
int ci_port_serve(struct ci_port *port, uint64_t timeout_ns, struct ci_park *park);
void ci_port_step(struct ci_pump *pump, unsigned lanes, struct ci_seat *seat);
/* A thread belongs to the port it last took from, and holds a reference to it. */
void ci_port_link(struct ci_thread *self, struct ci_port *port);
void ci_port_unlink(struct ci_thread *self);

#endif
