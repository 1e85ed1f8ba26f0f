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

/* A file belongs to the port from now on; is gone. */
void ci_port_file_joins(struct ci_port *port);
void ci_port_file_leaves(struct ci_port *port);
/* Files that belong to it, and packets that wait in it, at some moment of the call. */
uint32_t ci_port_files(const struct ci_port *port);
uint32_t ci_port_packets(const struct ci_port *port);
/* Before any file joins: `deserted` is called, without locks, whenever the last of them is gone. */
void ci_port_watch_files(struct ci_port *port, void (*deserted)(struct ci_port *port));

/* Queues a packet; it is released at once when the port is closed.  A file's lock may be held. */
void ci_port_push(struct ci_port *port, struct ci_packet *packet, struct ci_wakes *wakes);

/* Takes up to `room` packets, waiting for the first of them.  0, or WAIT_TIMEOUT,
 * WAIT_IO_COMPLETION (the APCs are the caller's to run) or ERROR_ABANDONED_WAIT_0.  The port stays
 * the caller's. */
uint32_t ci_port_take(struct ci_port *port, struct ci_thread *self, OVERLAPPED_ENTRY *entries,
                      uint32_t room, uint32_t *got, uint32_t timeout_ms, bool alertable);

/* A thread that belongs to a port is about to sleep, or goes on: the port may let another run
 * meanwhile. */
void ci_port_blocks(struct ci_thread *self);
void ci_port_resumes(struct ci_thread *self);

#endif
