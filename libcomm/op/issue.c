/* SPDX-License-Identifier: MIT */
/* How an operation begins.  One non-blocking try under the file's lock when nobody is ahead; only
 * what could not be done at once gets a place in the queue, on its event and on its thread, and
 * somebody who will look after it. */
#include <libcomm/comm.h>

#include "libcomm/obj/event.h"
#include "libcomm/obj/handle.h"
#include "libcomm/op/file.h"
#include "libcomm/op/live.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/hint.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"
#include "libcomm/wait/iocp.h"
#include "libcomm/wait/wait.h"

/* One call in progress. */
struct issue {
    const struct ci_request *request;
    struct ci_thread *self;
    struct ci_file *file;
    struct ci_obj *event; /* of the caller; a reference, or NULL */
    struct ci_op *op;
    bool taken;  /* the request's segments are the operation's now */
    bool tried;  /* the checks are over: from here on a failure leaves the event unset */
    bool queued; /* the operation, and the references to file and event, went to the queue */
    struct ci_done done;
};

static bool severe(uint32_t status)
{
    return status >> 30 == 3;
}

/* ---- checks, before anything happens ---- */

/* ReadFile and its family: what the rules for OVERLAPPED on disk files and ttys are about. */
static bool is_transfer(uint32_t kind)
{
    return kind == CI_OP_READ || kind == CI_OP_WRITE;
}

static uint32_t shape_error(const struct issue *i)
{
    const struct ci_request *r = i->request;

    if (r->ex && (!i->file->overlapped || r->routine == NULL || r->ov == NULL))
        return ERROR_INVALID_PARAMETER;
    if (i->file->overlapped && r->ov == NULL && i->file->ops->needs_overlapped &&
        is_transfer(r->kind))
        return ERROR_INVALID_PARAMETER;
    return 0;
}

/* hEvent's low bit only says that no packet is wanted. */
static bool event_get(struct issue *i)
{
    const struct ci_request *r = i->request;
    uintptr_t value;

    if (r->ov == NULL || r->ex)
        return true;
    value = (uintptr_t)r->ov->hEvent & ~(uintptr_t)1;
    if (value == 0)
        return true;
    i->event = ci_handle_get((HANDLE)value, &ci_event_ops, EVENT_MODIFY_STATE);
    if (i->event == NULL)
        ci_trace_misuse("hEvent 0x%zx of an operation on fd %d is no event: closed already?",
                        (size_t)value, i->file->fd);
    return i->event != NULL;
}

static void op_fill(struct issue *i)
{
    const struct ci_request *r = i->request;
    struct ci_op *op = i->op;

    op->file = i->file;
    op->thread = i->self;
    op->ov = r->ov;
    op->routine = r->routine;
    op->kind = (uint8_t)r->kind;
    op->lane = (uint8_t)r->lane;
    op->len = r->len;
    op->code = r->code;
    op->out = r->out;
    op->out_len = r->out_len;
    op->link.pump = &i->file->pump;
    op->link.lanes = i->file->ops->whole ? CI_LANES_ALL : CI_LANE_BIT(r->lane);
    if (r->iov != NULL) {
        op->iov = r->iov;
        op->segments = r->segments;
    } else {
        op->buf = r->buf;
    }
    if (r->ov != NULL) {
        op->offset = (uint64_t)r->ov->OffsetHigh << 32 | r->ov->Offset;
        op->tagged = ((uintptr_t)r->ov->hEvent & 1) != 0 && !r->ex;
    }
    op->event = i->event;
}

/* ---- waiting in the queue ---- */

/* Resets what the operation will signal, and hangs it there.  Whoever sleeps on that already must
 * look again at what to drive. */
static void op_join_object(struct ci_op *op, struct ci_wakes *wakes)
{
    struct ci_obj *obj = op->event != NULL ? op->event : &op->file->obj;
    bool all = ci_obj_lock(obj);
    bool sleepers;

    if (op->event != NULL) {
        ci_list_append(&obj->drives, &op->link.by_obj);
        if (!op->sync)
            ci_event_lower(obj);
    }
    sleepers = !ci_list_empty(&obj->any) || !ci_list_empty(&obj->all);
    ci_obj_unlock(obj, all);
    if (sleepers)
        ci_wait_disturb(obj, wakes);
}

/* An empty place of the thread's own, if there is one.  Relaxed: who empties it comes after this
 * under the file's lock. */
static bool op_take_place(struct ci_op *op, struct ci_thread *self)
{
    for (unsigned i = 0; i < CI_THREAD_PLACES; i++) {
        if (atomic_load_explicit(&self->place[i], memory_order_relaxed) != NULL)
            continue;
        op->place = (uint8_t)i;
        atomic_store_explicit(&self->place[i], op->file, memory_order_relaxed);
        return true;
    }
    return false;
}

/* Where the thread finds it again when it ends.  Lists are for those whom others look for: to drive
 * what has a routine, to cancel what is synchronous, to let go of what only a port hears of. */
static void op_join_thread(struct ci_op *op, struct ci_thread *self)
{
    if (op->event != NULL && !op->sync && op_take_place(op, self))
        return;
    op->place = CI_THREAD_PLACES;
    ci_lock(&self->apclock);
    ci_list_append(op->routine != NULL ? &self->apc_ops : &self->ops, &op->link.by_thread);
    if (op->sync)
        self->sync_op = op;
    ci_unlock(&self->apclock);
}

static void file_unsignal(struct ci_file *file)
{
    bool all = ci_obj_lock(&file->obj);

    atomic_store_explicit(&file->signaled, false, memory_order_release);
    ci_obj_unlock(&file->obj, all);
}

/* IDLE -> QUEUED.  The file's lock is held.  From here on others may finish the operation. */
static uint32_t op_queue(struct issue *i)
{
    struct ci_file *file = i->file;
    struct ci_op *op = i->op;
    enum ci_lane_id lane = (enum ci_lane_id)op->lane;
    bool first = ci_list_empty(&file->queue[lane]);
    uint32_t status = file->ops->pend != NULL ? file->ops->pend(file, op) : 0;
    int error = severe(status) ? 0 : ci_lane_engage(&file->pump.lane[lane]);

    if (error != 0) {
        if (file->ops->withdrawn != NULL)
            file->ops->withdrawn(file, op);
        return ci_errno_status(CI_DOM_SYSTEM, -error);
    }
    if (severe(status))
        return status;
    op->pended = !op->sync;
    i->queued = true;
    ci_list_append(&file->queue[lane], &op->queue);
    ci_live_add(op);
    op_join_object(op, &i->done.wakes);
    op_join_thread(op, i->self);
    if (file->port != NULL) {
        op->counted = true;
        ci_port_inflight(file->port, 1);
    }
    if (first) {
        ci_lane_pending(&file->pump, lane, true);
        ci_lane_refresh(&file->pump, lane);
        if (!ci_list_empty(&file->pump.lane[lane].drivers))
            ci_lane_disturb(&file->pump.lane[lane], &i->done.wakes);
    }
    ci_pump_settle(&file->pump);
    return STATUS_PENDING;
}

/* ---- done at once ---- */

/* The issuing call's own success: the same end as any other's, but the operation was never on a
 * list. */
static void finish_now(struct issue *i, uint32_t status)
{
    struct ci_op *op = i->op;

    i->queued = true; /* as far as the references are concerned */
    ci_op_finish(op, status, op->done, &i->done);
}

/* Publishes without touching the event when it is set already and setting it again would change
 * nothing. */
static bool finish_quietly(struct issue *i, uint32_t status)
{
    struct ci_op *op = i->op;

    if (op->sync || op->routine != NULL || i->file->port != NULL || op->event == NULL ||
        !ci_event_stays_set(op->event))
        return false;
    ci_ov_publish(op->ov, status, op->done);
    return true;
}

static uint32_t attempt(struct issue *i)
{
    struct ci_file *file = i->file;
    struct ci_op *op = i->op;
    uint32_t status = file->ops->admit != NULL ? file->ops->admit(file, op) : 0;

    if (severe(status))
        return status;
    i->tried = true;
    if ((!file->ops->unordered && !ci_list_empty(&file->queue[op->lane])) ||
        !ci_file_attempt(file, op))
        return op_queue(i);
    status = op->status;
    if (file->ops->always_pends && file->overlapped && op->ov != NULL && is_transfer(op->kind))
        op->pended = true; /* what Windows says of a disk file, although it is over */
    else if (severe(status))
        return status;
    if (!op->sync && !finish_quietly(i, status))
        finish_now(i, status);
    return status;
}

static uint32_t start(struct issue *i)
{
    uint32_t status;

    if (ci_file_peek(&i->file->obj))
        file_unsignal(i->file);
    ci_lock(&i->file->lock);
    i->file->done = &i->done;
    if (i->file->closing)
        status = STATUS_INVALID_HANDLE;
    else if (i->request->ex && i->file->port != NULL)
        status = STATUS_INVALID_PARAMETER;
    else
        status = attempt(i);
    ci_unlock(&i->file->lock);
    return status;
}

/* ---- the overlapped call ---- */

/* Both ends in one process: what the other end had pending and this transfer satisfied is final
 * before the call returns, whoever drives it. */
static void peer_step(struct ci_file *file)
{
    struct ci_file *peer = file->ops->peer == NULL ? NULL : file->ops->peer(file);

    if (peer == NULL)
        return;
    ci_file_step(peer, CI_LANES_ALL, NULL);
    ci_file_put(peer);
}

static bool issue_result(const struct issue *i, uint32_t status, bool pended, size_t bytes)
{
    if (pended || status == STATUS_PENDING)
        return i->request->ex || ci_fail(ERROR_IO_PENDING);
    if (severe(status))
        return ci_fail(ci_status_error(status));
    if (i->request->ex) {
        ci_set_last_error(ci_status_error(status)); /* TRUE, and perhaps a warning */
        return true;
    }
    if (ci_status_error(status) != 0)
        return ci_fail(ci_status_error(status));
    if (i->request->count != NULL)
        *i->request->count = (DWORD)bytes;
    return true;
}

/* After start() a pending operation is somebody else's: nothing of it, its file or its event is
 * looked at any more. */
static bool issue_overlapped(struct issue *i)
{
    struct ci_file *file = i->file;
    const struct ci_file_ops *ops = file->ops;
    uint32_t status;
    bool pended = true;
    size_t bytes = 0;

    if (ops->issued != NULL)
        ci_obj_get(&file->obj); /* the operation and its reference may be gone by then */
    status = start(i);
    if (status != STATUS_PENDING) {
        pended = i->op->pended;
        bytes = i->op->done;
        if (!i->queued)
            ci_op_put(i->op);
        if (severe(status) && !pended && i->tried && i->event != NULL)
            ci_event_reset(i->event); /* an error at once leaves the event unset */
        if (ops->peer != NULL)
            peer_step(file);
    }
    ci_done_settle(&i->done);
    if (ops->issued != NULL) {
        ops->issued(file);
        ci_file_put(file);
    }
    return issue_result(i, status, pended, bytes);
}

/* ---- the blocking call ---- */

static void sync_end(struct ci_thread *self)
{
    ci_lock(&self->apclock);
    self->sync_op = NULL;
    ci_unlock(&self->apclock);
}

/* What a caller finds who gave an OVERLAPPED to a synchronous handle, or waits for the handle
 * itself. */
static void sync_signal(struct issue *i)
{
    if (i->event != NULL)
        ci_signal(i->event, ci_event_raise, NULL);
    else
        ci_signal(&i->file->obj, ci_file_raise, NULL);
}

CI_APART static bool issue_blocking(struct issue *i)
{
    struct ci_op *op = i->op;
    struct ci_obj *flag = &i->self->flag.obj;
    uint32_t status;
    bool ok;

    op->sync = true;
    op->event = flag; /* no reference: the operation is over before the thread's record is */
    ci_obj_get(&i->file->obj);
    atomic_store_explicit(&op->refs, 2, memory_order_relaxed); /* one to look at the outcome */
    ci_flag_lower(&i->self->flag);
    if (i->event != NULL)
        ci_event_reset(i->event);
    status = start(i);
    ci_done_settle(&i->done); /* what ended along with it, and who must know of a new operation */
    if (status == STATUS_PENDING) {
        if (i->file->ops->issued != NULL)
            i->file->ops->issued(i->file);
        ci_wait(i->self, &flag, 1, 0, INFINITE);
        sync_end(i->self);
        status = op->status;
        sync_signal(i);
    } else {
        if (!severe(status)) {
            ci_ov_publish(op->ov, status, op->done);
            sync_signal(i);
        }
        ci_op_put(op);
        ci_obj_put(&i->file->obj);
    }
    i->queued = false; /* this call kept references of its own */
    if (i->file->ops->peer != NULL)
        peer_step(i->file);
    if (i->file->ops->issued != NULL)
        i->file->ops->issued(i->file);
    ok = !severe(status) && ci_status_error(status) == 0;
    /* the count of a part goes where the rest of the result goes */
    if (i->request->count != NULL && (ok || (!severe(status) && i->request->ov == NULL)))
        *i->request->count = (DWORD)op->done;
    if (!ok)
        ci_fail(ci_status_error(status));
    ci_op_put(op);
    return ok;
}

/* ---- the call ---- */

static bool issue_checked(struct issue *i)
{
    uint32_t error = shape_error(i);

    if (error != 0)
        return ci_fail(error);
    if (!event_get(i))
        return false;
    if (i->file->ops->entered != NULL)
        i->file->ops->entered(i->file);
    i->op = ci_op_new(i->self);
    if (i->op == NULL)
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    i->taken = true;
    op_fill(i);
    return !i->file->overlapped || i->request->ov == NULL ? issue_blocking(i) : issue_overlapped(i);
}

static bool issue(struct issue *i)
{
    const struct ci_request *request = i->request;
    bool ok;

    if (request->count != NULL)
        *request->count = 0;
    i->self = ci_self();
    if (i->self == NULL)
        return false;
    if (request->ov != NULL)
        __atomic_store_n(&request->ov->Internal, STATUS_PENDING, __ATOMIC_RELAXED);
    i->file = ci_file_get(request->handle, request->access);
    if (i->file == NULL)
        return false;
    i->event = NULL;
    i->queued = false;
    i->tried = false;
    ci_done_init(&i->done);
    ok = issue_checked(i);
    if (i->queued)
        return ok;
    if (i->event != NULL)
        ci_obj_put(i->event);
    ci_file_put(i->file);
    return ok;
}

bool ci_issue(const struct ci_request *request)
{
    struct issue i;
    bool ok;

    i.request = request;
    i.taken = false;
    ok = issue(&i);
    if (!i.taken)
        ci_sys_free(request->iov);
    return ok;
}
