/* SPDX-License-Identifier: MIT */
/* Completion ports: packets in, first to last; threads out, most recent first.  One waiting thread
 * leads: it sleeps in the port's epoll set and performs the I/O of every file of the port; the
 * others sleep on their words. */
#ifndef CI_WAIT_IOCP_H
#define CI_WAIT_IOCP_H

#include <libcomm/types.h>

#include "libcomm/obj/object.h"
#include "libcomm/plat/poller.h"

struct ci_port;
struct ci_thread;

/* Lies in what it reports; release() is called when it has been taken or discarded, perhaps under a
 * file's lock. */
struct ci_packet {
    struct ci_list link; /* guarded by the port's lock */
    uintptr_t key;
    void *overlapped;
    uint32_t status;
    uint32_t bytes;
    void (*release)(struct ci_packet *packet);
};

extern const struct ci_obj_ops ci_port_ops;
static inline struct ci_port *ci_port_of(struct ci_obj *obj)
{
    return (struct ci_port *)obj; /* it begins with its object */
}

/* A new port, with one reference, or NULL. */
struct ci_port *ci_port_new(uint32_t concurrency);
void ci_port_put(struct ci_port *port);
/* The set that watches files: made on first use.  Negative errno. */
int ci_port_epoll(struct ci_port *port);
struct ci_pump *ci_port_pump(struct ci_port *port);
/* An operation on one of the port's files is pending, is not any more. */
void ci_port_inflight(struct ci_port *port, int change);

/* Queues a packet; it is released at once when the port is closed.  A file's lock may be held. */
void ci_port_push(struct ci_port *port, struct ci_packet *packet, struct ci_wakes *wakes);

/* A thread that took a packet is about to sleep, or goes on: the port may let another run
 * meanwhile. */
void ci_port_blocks(struct ci_thread *self);
void ci_port_resumes(struct ci_thread *self);

#endif
