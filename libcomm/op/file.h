/* SPDX-License-Identifier: MIT */
/* A file: anything with ReadFile and WriteFile.  The core knows queues, lanes and results; what a
 * transfer is, and what to watch for it, the device says through its ops.
 *
 * A file is itself waitable: any start of an operation unsets it, a completion without an event
 * sets it. */
#ifndef CI_OP_FILE_H
#define CI_OP_FILE_H

#include <libcomm/types.h>

#include "libcomm/obj/object.h"
#include "libcomm/op/op.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/poller.h"

struct ci_file;

struct ci_file_ops {
    enum ci_domain domain;
    uint32_t type; /* FILE_TYPE_* */
    /* An overlapped handle with a NULL OVERLAPPED: files and ttys refuse (87), others wait for
     * their own. */
    bool needs_overlapped;
    /* Finished reads and writes never return TRUE from the issuing call but 997, as Windows does on
     * disk files. */
    bool always_pends;
    /* A new operation does not stand in line behind those of its lane: it is tried at once. */
    bool unordered;
    /* Its lanes are one: who waits for any of its operations drives them all. */
    bool whole;
    /* An operation is about to be issued: what is on its way to the file may arrive first.  Called
     * without locks.  Default: nothing. */
    void (*entered)(struct ci_file *file);
    uint32_t closing_status; /* of what is pending when the last handle goes */
    /* May this operation be issued at all now?  0 or a status of error severity.  Lock held.
     * Default: yes. */
    uint32_t (*admit)(struct ci_file *file, struct ci_op *op);
    /* Tries once, without blocking: true when the operation is over, with op->status and op->done
     * set (a status of error severity on the issuing call means nothing happened).  Lock held. */
    bool (*attempt)(struct ci_file *file, struct ci_op *op);
    /* What to watch for a lane that has operations queued.  Lock held.  Default: nothing. */
    void (*interest)(struct ci_file *file, unsigned lanes, struct ci_want *want);
    /* Instead of attempt() at the head of each lane.  Lock held; finished operations go on `done`.
     */
    void (*step)(struct ci_file *file, unsigned lanes, struct ci_done *done);
    /* An operation that attempt() left unfinished is about to wait: 0, or a status why it cannot.
     */
    uint32_t (*pend)(struct ci_file *file, struct ci_op *op);
    /* A pending operation is being taken off by cancel or close, or one cannot wait after all for
     * which pend() saw no reason.  Lock held.  Default: nothing. */
    void (*withdrawn)(struct ci_file *file, struct ci_op *op);
    /* Some were: what stood behind them may be able to go on.  Lock held.  Default: nothing. */
    void (*withdrew)(struct ci_file *file, struct ci_done *done);
    /* Whether a lane wants service although nothing is queued.  Lock held.  Default: no. */
    bool (*busy)(const struct ci_file *file, enum ci_lane_id lane);
    /* FlushFileBuffers; blocks.  0 or an error code.  Default: ERROR_INVALID_FUNCTION. */
    uint32_t (*flush)(struct ci_file *file);
    /* FlushFileBuffers is an operation of kind CI_OP_FLUSH, that can be cancelled. */
    bool flush_pends;
    /* An operation was issued, and is over or pending; called without locks, before a blocking call
     * begins to wait.  Instead of stepping the peer.  Default: nothing. */
    void (*issued)(struct ci_file *file);
    /* A waiter or the engine has stepped it, or something was taken back; called without locks.
     * Default: nothing. */
    void (*stepped)(struct ci_file *file);
    /* The file can never be signalled again.  Read without the lock.  Default: no. */
    bool (*dead)(const struct ci_file *file);
    /* The other end of this one in this process, with a reference, or NULL: it is stepped after a
     * transfer. */
    struct ci_file *(*peer)(struct ci_file *file);
    /* Blocks until no operation of `issuer` is RUNNING any more.  Default: nothing ever is. */
    void (*wait_running)(struct ci_file *file, const struct ci_thread *issuer);
    /* The last handle was closed; what was pending is finished, except what is RUNNING. */
    void (*closed)(struct ci_file *file);
    /* The last reference: gives the descriptor back.  The pump is already out of every set. */
    void (*destroy)(struct ci_file *file);
    void (*inherit)(struct ci_file *file, bool inherit);
    /* DeviceIoControl asked for something: like attempt().  Default: STATUS_INVALID_DEVICE_REQUEST.
     */
    bool (*ioctl)(struct ci_file *file, struct ci_op *op);
    void (*forked)(struct ci_file *file);
};

struct ci_file {
    struct ci_obj obj; /* first: a handle leads here */
    const struct ci_file_ops *ops;
    struct ci_lock lock;            /* rank FILE */
    struct ci_pump pump;            /* lanes' and sources' state is guarded by lock */
    struct ci_list queue[CI_LANES]; /* guarded by lock: operations, oldest first */
    bool overlapped;                /* fixed at creation */
    bool closing;                   /* guarded by lock: the last handle is gone */
    _Atomic bool signaled;          /* changed under obj.lock; read without it as a hint */
    struct ci_done *done; /* guarded by lock: during attempt(), ioctl() and admit() of a new
                             operation, where others go that finish because of it */
    uint8_t modes;        /* guarded by lock: FILE_SKIP_* */
    struct ci_port *port; /* guarded by lock: set once; a reference */
    uintptr_t key;        /* guarded by lock: of the port */
    int fd;               /* fixed while referenced */
};

/* Sets the common part up in zeroed memory made by ci_obj_new().  Sources are the device's to add.
 */
void ci_file_init(struct ci_file *file, const struct ci_file_ops *ops, int fd, bool overlapped);
static inline struct ci_file *ci_file_of(struct ci_obj *obj)
{
    return CI_CONTAINER(obj, struct ci_file, obj);
}
bool ci_file_signaled(const struct ci_obj *obj, const struct ci_thread *taker);
static inline bool ci_is_file(const struct ci_obj *obj)
{
    return obj->ops->signaled == ci_file_signaled;
}
/* A reference to the file behind a handle, or NULL with the last error set: 6, or 5 when none of
 * the rights in `any_of` was granted (0: none is needed). */
struct ci_file *ci_file_get(HANDLE handle, uint32_t any_of);
ci_raise ci_file_raise; /* becomes signalled */
static inline void ci_file_put(struct ci_file *file)
{
    ci_obj_put(&file->obj);
}

/* How a device declares its kind of object. */
#define CI_FILE_OBJ_OPS(type_name, struct_type)                                                   \
    {                                                                                             \
        .name = (type_name), .size = sizeof(struct_type), .full_access = CI_FILE_ALL_ACCESS,      \
        .signaled = ci_file_signaled, .peek = ci_file_peek, .closing = ci_file_closing,           \
        .destroy = ci_file_destroy, .access_map = ci_file_access_map, .inherit = ci_file_inherit, \
        .forked = ci_file_forked,                                                                 \
    }
#define CI_FILE_ALL_ACCESS 0x1F01FFu
bool ci_file_peek(const struct ci_obj *obj);
void ci_file_closing(struct ci_obj *obj);
void ci_file_destroy(struct ci_obj *obj);
uint32_t ci_file_access_map(uint32_t access);
void ci_file_inherit(struct ci_obj *obj, bool inherit);
void ci_file_forked(struct ci_obj *obj);

/* Lock held: one try at an operation of any kind; see attempt() and ioctl(). */
bool ci_file_attempt(struct ci_file *file, struct ci_op *op);
/* Runs the queues of some lanes as far as they go.  No lock is held.  `seat`: see ci_pump_ops. */
void ci_file_step(struct ci_file *file, unsigned lanes, struct ci_seat *seat);
/* Makes a file report to a port, for good.  0 or an error code. */
uint32_t ci_file_associate(struct ci_file *file, struct ci_port *port, uintptr_t key);
/* Lock held: takes `op` off its queue (QUEUED -> FINISHED) and finishes it. */
void ci_file_finish(struct ci_file *file, struct ci_op *op, uint32_t status, size_t bytes,
                    struct ci_done *done);
/* Lock held: finishes every queued operation that `match` picks.  Returns how many. */
unsigned ci_file_withdraw(struct ci_file *file, bool (*match)(struct ci_op *op, const void *what),
                          const void *what, uint32_t status, struct ci_done *done);

/* Issues an operation as ReadFile and the others do.  `op` describes it (kind, lane, buffer, len,
 * offset...). */
struct ci_request {
    HANDLE handle;
    uint32_t access; /* any of these */
    enum ci_op_kind kind;
    enum ci_lane_id lane;
    OVERLAPPED *ov;
    LPOVERLAPPED_COMPLETION_ROUTINE routine; /* the Ex calls */
    bool ex;
    void *buf;
    size_t len;
    struct iovec *iov; /* of its own memory, which is given up in any case */
    unsigned segments;
    uint32_t code;
    void *out;
    uint32_t out_len;
    DWORD *count; /* where the caller wants the bytes, or NULL */
};
bool ci_issue(const struct ci_request *request);

#endif
