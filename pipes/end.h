/* SPDX-License-Identifier: MIT */
/* One end of a pipe: a file whose bytes go through a carrier, and whose rules are Windows'.
 *
 *   LISTENING --a client opens--> CONNECTED --Disconnect--> DISCONNECTED --Connect--> LISTENING
 *
 * A client is born CONNECTED and ends DISCONNECTED when its server says so.  That the other end was
 * closed is no state of this one: it is asked for (pi_end_fate), since data may still be there. */
#ifndef PI_END_H
#define PI_END_H

#include <stdbool.h>
#include <stdint.h>

#include <libcomm/pipes.h>

#include "libcomm/op/file.h"
#include "libcomm/plat/list.h"
#include "pipes/carrier.h"
#include "pipes/link.h"

struct pi_pipe;

enum pi_state { PI_LISTENING, PI_CONNECTED, PI_DISCONNECTED };

struct pi_instance;
struct pi_line;

/* A server end's place in its name; guarded by the names' lock.  The end itself may be in another
 * process. */
struct pi_instance {
    /* Gives it a connection, under the names' lock.  fd is taken over on success; so is a reference
     * to the link (NULL: a raw client).  -EBUSY: it listens no more. */
    int (*assign)(struct pi_instance *instance, int fd, struct pi_link *link,
                  const struct ci_peer *client, struct ci_done *done);
    struct pi_pipe *pipe;     /* NULL: it has none, or has left it */
    struct ci_list in_pipe;   /* in pipe->instances */
    struct ci_list listening; /* in pipe->listening while LISTENING, oldest first */
    bool far;                 /* in another process; fixed */
    uint32_t quota[2];        /* fixed */
    uint32_t server_pid;      /* fixed */
};

/* Written data the program was told is done, but the kernel had no room for. */
struct pi_overflow {
    struct ci_list link; /* in end->overflow */
    uint32_t order;
    size_t len, sent;
    char data[];
};

#define PI_CUTS PI_RANGES
/* A write cancelled after it went to the kernel: what of it is not consumed counts as if it were.
 */
struct pi_cut {
    uint64_t start, end; /* of bytes; end 0: free */
    uint64_t record;     /* its number, on a message pipe */
    uint32_t slot;       /* of the page */
};

struct pi_end {
    struct ci_file file;        /* first: a handle leads here */
    struct ci_pump_clock clock; /* for an end that other processes have as well */
    struct pi_instance instance;
    struct pi_line *line; /* to the owner of its name, if that is another process; guarded by the
                             names' lock */
    enum pi_side side;    /* fixed */
    bool message;         /* type of the pipe; fixed */
    bool duplex;          /* fixed */
    uint32_t quota[2];    /* by direction; fixed */
    _Atomic bool enlists; /* it has begun to listen, and its name does not know; changed under the
                             lock */
    _Atomic bool inner; /* both ends are in this process; changed under the lock, read without it as
                           a hint */
    _Atomic(struct pi_link *) seen_link; /* of a client: link, for a look without the lock */

    _Atomic enum pi_state state; /* changed under the lock, read without it as a hint */

    /* all below guarded by file.lock */
    struct pi_link *link;      /* a reference; NULL: not connected, or to a raw peer */
    struct pi_carrier carrier; /* fd -1: not connected */
    uint32_t mode;             /* PIPE_READMODE_MESSAGE | PIPE_NOWAIT */
    bool contended;            /* another process was reading when this one wanted to */
    bool gone;                 /* the carrier said that the peer is gone */
    bool was_read;             /* something was read: its sender can be impersonated */
    uint32_t forks;            /* of this process when it was connected */
    bool lingers;              /* closed, but with overflow: a reference of its own keeps it */
    struct ci_peer client;     /* who opened it; pid 0: nobody since the last Disconnect */
    uint32_t server_pid;       /* fixed */
    uint64_t cut_ranges;       /* of the peer's cancelled ranges, how many are dealt with */
    uint64_t consumed_seen;    /* the peer's count never goes back */
    uint32_t order;            /* of the last write or copy; the kernel gets them in this order */
    struct ci_list overflow;   /* oldest first */
    struct pi_cut cut[PI_CUTS];
    char *key; /* of a pipe that another process may own, to ask it; NULL: none.  Fixed */
};

static inline struct pi_end *pi_end_of(const struct ci_file *file)
{
    return CI_CONTAINER(file, struct pi_end, file);
}

/* ---- life ---- */

struct pi_end_shape {
    enum pi_side side;
    bool message, overlapped, duplex;
    uint32_t mode;
    uint32_t quota[2];
    uint32_t server_pid;
};

/* A server end that listens, with one reference; NULL: no memory. */
struct pi_end *pi_end_new(const struct pi_end_shape *shape);
/* Gives it a connection, and with that its socket and its link (NULL: a raw peer), which are taken
 * over on success.  A server end must be LISTENING (else -EBUSY); pending ConnectNamedPipes are
 * done.  No lock is held but, for an end with a name, the names'.  The wake-ups are owed in `done`.
 */
int pi_end_connect(struct pi_end *end, int fd, struct pi_link *link, const struct ci_peer *client,
                   struct ci_done *done);
/* It is LISTENING, and may be given a connection. */
bool pi_end_listens(struct pi_end *end);
/* DisconnectNamedPipe: 0 or an error code. */
uint32_t pi_end_disconnect(struct pi_end *end);
/* Whether ConnectNamedPipe has made it LISTENING again and its name is to be told, by the caller.
 */
bool pi_end_enlists(struct pi_end *end);
/* A reference to the end behind a handle, or NULL with the last error set. */
struct pi_end *pi_end_of_handle(HANDLE handle, uint32_t any_of);
static inline void pi_end_hold(struct pi_end *end)
{
    ci_obj_get(&end->file.obj);
}
static inline void pi_end_put(struct pi_end *end)
{
    ci_file_put(&end->file);
}

/* ---- for the parts of an end; its lock is held ---- */

/* Why nothing can be done with the end at all: LISTENING, DISCONNECTED; or 0. */
uint32_t pi_end_gate(struct pi_end *end);
/* What a client's server, or a server's client, has made of the connection. */
enum pi_page_state pi_end_fate(const struct pi_end *end);
static inline enum pi_side pi_end_peer_side(const struct pi_end *end)
{
    return end->side == PI_SERVER ? PI_CLIENT : PI_SERVER;
}
/* Its own closing, while it lingers, is another state. */
static inline bool pi_end_peer_closed(const struct pi_end *end)
{
    return end->gone || pi_end_fate(end) == (end->side == PI_SERVER ? PI_PAGE_CLIENT_CLOSED
                                                                    : PI_PAGE_SERVER_CLOSED);
}
/* The direction it reads, and the one it writes; NULL for a raw peer. */
static inline struct pi_flow *pi_end_in(const struct pi_end *end)
{
    return end->link == NULL ? NULL : &end->link->page->flow[end->side == PI_SERVER ? 0 : 1];
}
static inline struct pi_flow *pi_end_out(const struct pi_end *end)
{
    return end->link == NULL ? NULL : &end->link->page->flow[end->side == PI_SERVER ? 1 : 0];
}
static inline uint32_t pi_end_out_quota(const struct pi_end *end)
{
    return end->quota[end->side == PI_SERVER ? 1 : 0];
}
static inline bool pi_finish(struct ci_op *op, uint32_t status, size_t bytes)
{
    op->status = status;
    op->done = bytes;
    return true;
}
static inline bool pi_op_waits(const struct ci_op *op)
{
    return ci_list_linked(&op->queue);
}

/* Whether a fork since has made this end two processes': then closing here does not close the end.
 */
bool pi_end_shared(const struct pi_end *end);
/* Ends, closed or not, that still have something to send. */
extern _Atomic uint32_t pi_ends_sending;
/* At exit: waits for them, 2 s at most. */
void pi_ends_finish(void);

/* read.c */
bool pi_read_attempt(struct pi_end *end, struct ci_op *op);
bool pi_transact_attempt(struct pi_end *end, struct ci_op *op);
void pi_read_step(struct pi_end *end, struct ci_done *done);
/* Around every look at the carrier, since other processes may have the end as well: -EAGAIN when
 * one of them is reading just now.  Nobody waits for that here; end->contended says to come back.
 */
int pi_read_enter(struct pi_end *end);
void pi_read_leave(struct pi_end *end);
/* What queued reads wait for has changed by so many bytes. */
void pi_read_demand(struct pi_end *end, int64_t change);
/* Inside that, before anything else: cancelled data at the head of what can be read goes away.  Up
 * to where one may read then; -EAGAIN when nothing is left. */
int pi_read_skip_cut(struct pi_end *end, size_t *room);

/* Bytes that can be seen but will never be read, behind those at the head. */
uint64_t pi_read_cut_ahead(const struct pi_end *end);

/* Bytes that are written but cannot be seen yet. */
uint64_t pi_read_waiting(const struct pi_end *end);

/* Nothing will come any more, whatever the kernel says of the socket. */
bool pi_read_ended(const struct pi_end *end);

/* write.c */
bool pi_write_attempt(struct pi_end *end, struct ci_op *op);
void pi_write_step(struct pi_end *end, struct ci_done *done);
bool pi_flush_attempt(struct pi_end *end, struct ci_op *op);
/* A queued write is taken back. */
void pi_write_withdrawn(struct pi_end *end, struct ci_op *op);
/* One message that is accepted whatever the quota says.  A status. */
uint32_t pi_write_message(struct pi_end *end, const void *data, size_t len);
void pi_overflow_drop(struct pi_end *end);
/* Whether something is not in the kernel yet, so that it is to be watched for room. */
bool pi_write_unsent(const struct pi_end *end);

#endif
