/* SPDX-License-Identifier: MIT */
/* One operation: a request on a file that may outlive the call that made it.
 *
 *   QUEUED --data, error, cancel, close, thread exit: whoever takes it off its queue--> FINISHED
 * --> freed RUNNING (in a worker: cannot be taken) --the worker--> FINISHED
 *
 * Membership of the file's queue, under the file's lock, decides every race: whoever takes the
 * operation off finishes it, once.  States as in tests/model/op_life.pml. */
#ifndef CI_OP_OP_H
#define CI_OP_OP_H

#include <libcomm/types.h>

#include "libcomm/obj/object.h"
#include "libcomm/obj/thread.h"
#include "libcomm/plat/poller.h"
#include "libcomm/wait/iocp.h"

struct ci_file;
struct ci_port;
struct iovec;

enum ci_op_kind {
    CI_OP_READ,
    CI_OP_WRITE,
    CI_OP_IOCTL,
    CI_OP_LOCK,
    CI_OP_CONNECT,  /* a pipe's server waits for a client */
    CI_OP_TRANSACT, /* a message out, one back */
    CI_OP_FLUSH,
    CI_OP_KINDS
};

struct ci_op {
#ifndef NDEBUG
    struct ci_list live; /* who uses which OVERLAPPED; see live.h */
#endif
    struct ci_list queue; /* in the lane's queue, then on a done list; guarded by the file's lock */
    struct ci_op_link link;
    union {
        struct ci_apc apc;       /* its routine */
        struct ci_packet packet; /* on a port */
    };
    struct ci_file *file; /* a reference while pending */
    struct ci_obj *event; /* what completion sets: hEvent (a reference), the issuer's flag (none),
                             or NULL: the file */
    struct ci_thread
        *thread; /* who issued it; NULL once that thread has let go of it.  Guarded by file->lock */
    OVERLAPPED *ov; /* the caller's, until Internal is published; NULL: none */
    LPOVERLAPPED_COMPLETION_ROUTINE routine;
    union {
        char *buf;
        const char *data;
        struct iovec *iov; /* `segments` of them, of its own memory */
    };
    void *out; /* of an ioctl: where the answer goes */
    uint32_t out_len;
    size_t len;      /* bytes asked for */
    size_t done;     /* bytes moved so far (write), or at the end */
    uint64_t offset; /* of a file */
    uint32_t status;
    uint32_t code;        /* of an ioctl; flags of a lock */
    uint32_t segments;    /* 0: buf */
    _Atomic uint8_t refs; /* the done list, and the packet or routine */
    uint8_t kind;
    uint8_t lane;
    uint8_t place; /* of its thread; CI_THREAD_PLACES: it is in a list instead.  Guarded by the
                      file's lock */
    bool tagged;   /* low bit of hEvent: no packet */
    bool counted;  /* it counts as in flight at the file's port; guarded by the file's lock */
    bool pended;   /* the call returned before it was finished */
    bool sync;     /* a thread is blocked in the call */
    bool append;
    bool running; /* a worker has it: nobody can take it off the queue but the worker.  Guarded by
                     the file's lock */
    bool misc;    /* for the device's own use */
};

/* A record, from this thread's cache when it has one; fields cleared,
 * one reference.  NULL: no memory. */
struct ci_op *ci_op_new(struct ci_thread *self);
void ci_op_put(struct ci_op *op);
size_t ci_ops_live(void);
/* The thread's cache goes back. */
void ci_op_cache_drop(struct ci_thread *self);

/* What finished under a file's lock; references are dropped and threads woken after it is released.
 */
struct ci_done {
    struct ci_list ops;
    struct ci_file *yielded; /* the reference of a driver that gave its seat back, or NULL */
    struct ci_wakes wakes;
};
static inline void ci_done_init(struct ci_done *done)
{
    ci_list_init(&done->ops);
    done->yielded = NULL;
    ci_wakes_init(&done->wakes);
}

/* The file's lock is held and the operation is on no queue any more.  Publishes the count, then the
 * status with release; hands the packet or the routine on; and sets the event in one step with the
 * publication, under the event's lock, so that whoever sees the status and uses the event for the
 * next operation cannot be signalled by this one. */
void ci_op_finish(struct ci_op *op, uint32_t status, size_t bytes, struct ci_done *done);
/* No lock is held: drops what the operations held and delivers the wake-ups. */
void ci_done_settle(struct ci_done *done);

/* Puts a result where the caller of Win32 looks for it. */
void ci_ov_publish(OVERLAPPED *ov, uint32_t status, size_t bytes);

#endif
