/* SPDX-License-Identifier: MIT */
/* A file's queues and its life.  Everything here that touches a queue holds the file's lock; what
 * finished is settled after it is released. */
#include "libcomm/op/file.h"

#include "libcomm/op/live.h"

#include "libcomm/obj/handle.h"
#include "libcomm/plat/drive.h"
#include "libcomm/plat/sys.h"
#include "libcomm/wait/iocp.h"

/* ---- the file as a pump ---- */

static struct ci_file *file_of_pump(struct ci_pump *pump)
{
    return CI_CONTAINER(pump, struct ci_file, pump);
}

static void file_interest(struct ci_pump *pump, unsigned lanes, struct ci_want *want)
{
    struct ci_file *file = file_of_pump(pump);

    if (file->ops->interest != NULL)
        file->ops->interest(file, lanes, want);
}

static void file_step(struct ci_pump *pump, unsigned lanes, struct ci_seat *seat)
{
    struct ci_file *file = file_of_pump(pump);

    if (file->ops->stepped == NULL) {
        ci_file_step(file, lanes, seat);
        return;
    }
    ci_obj_get(&file->obj); /* the driver's own may go with its seat */
    ci_file_step(file, lanes, seat);
    file->ops->stepped(file);
    ci_file_put(file);
}

static bool file_hold(struct ci_pump *pump)
{
    return ci_obj_try_get(&file_of_pump(pump)->obj);
}

static void file_release(struct ci_pump *pump)
{
    ci_file_put(file_of_pump(pump));
}

static const struct ci_pump_ops file_pump_ops = {
    .interest = file_interest,
    .step = file_step,
    .hold = file_hold,
    .release = file_release,
};

/* ---- the file as an object ---- */

bool ci_file_signaled(const struct ci_obj *obj, const struct ci_thread *taker)
{
    (void)taker;
    return ci_file_peek(obj);
}

bool ci_file_peek(const struct ci_obj *obj)
{
    const struct ci_file *file = CI_CONTAINER(obj, const struct ci_file, obj);

    return atomic_load_explicit(&file->signaled, memory_order_acquire) &&
           (file->ops->dead == NULL || !file->ops->dead(file));
}

uint32_t ci_file_raise(struct ci_obj *obj, void *unused)
{
    (void)unused;
    atomic_store_explicit(&ci_file_of(obj)->signaled, true, memory_order_release);
    return 0;
}

struct ci_file *ci_file_get(HANDLE handle, uint32_t any_of)
{
    uint32_t granted = 0, error = 0;
    struct ci_obj *obj = ci_handle_find(handle, &granted);

    if (obj == NULL || !ci_is_file(obj))
        error = ERROR_INVALID_HANDLE;
    else if (any_of != 0 && (granted & any_of) == 0)
        error = ERROR_ACCESS_DENIED;
    if (error == 0)
        return ci_file_of(obj);
    if (obj != NULL)
        ci_obj_put(obj);
    ci_fail(error);
    return NULL;
}

uint32_t ci_file_access_map(uint32_t access)
{
    uint32_t specific = (access & CI_FILE_ALL_ACCESS) | SYNCHRONIZE; /* opening always grants it */

    if ((access & (GENERIC_READ | GENERIC_ALL | MAXIMUM_ALLOWED)) != 0)
        specific |= FILE_GENERIC_READ;
    if ((access & (GENERIC_WRITE | GENERIC_ALL | MAXIMUM_ALLOWED)) != 0)
        specific |= FILE_GENERIC_WRITE;
    if ((access & GENERIC_EXECUTE) != 0)
        specific |= FILE_GENERIC_EXECUTE;
    if ((access & GENERIC_ALL) != 0)
        specific |= CI_FILE_ALL_ACCESS;
    return specific;
}

void ci_file_inherit(struct ci_obj *obj, bool inherit)
{
    struct ci_file *file = ci_file_of(obj);

    if (file->ops->inherit != NULL)
        file->ops->inherit(file, inherit);
}

void ci_file_init(struct ci_file *file, const struct ci_file_ops *ops, int fd, bool overlapped)
{
    file->ops = ops;
    file->fd = fd;
    file->overlapped = overlapped;
    ci_lock_init(&file->lock, CI_RANK_FILE);
    ci_pump_init(&file->pump, &file_pump_ops, &file->lock);
    for (int i = 0; i < CI_LANES; i++)
        ci_list_init(&file->queue[i]);
    atomic_store(&file->signaled, true); /* before its first I/O a file counts as signalled */
    file->obj.pump = &file->pump;
}

void ci_file_destroy(struct ci_obj *obj)
{
    struct ci_file *file = ci_file_of(obj);

    ci_pump_fini(&file->pump);
    if (file->ops->destroy != NULL)
        file->ops->destroy(file);
    else if (file->fd >= 0)
        ci_sys_close(file->fd);
    if (file->port == NULL)
        return;
    ci_port_file_leaves(file->port);
    ci_port_put(file->port);
}

/* The parent's operations stay the parent's; the descriptor is ours too.  The port has lost its
 * set, so the engine watches the file from now on, and the port gets the packets. */
void ci_file_forked(struct ci_obj *obj)
{
    struct ci_file *file = ci_file_of(obj);

    if (file->ops == NULL)
        return; /* half made */
    ci_lock_init(&file->lock, CI_RANK_FILE);
    file->pump.via = NULL;
    file->pump.via_epoll = -1;
    file->pump.pending = 0;
    if (file->pump.clock != NULL)
        file->pump.clock->at_ns = CI_NEVER;
    for (int i = 0; i < CI_LANES; i++) {
        struct ci_lane *lane = &file->pump.lane[i];

        ci_list_init(&file->queue[i]);
        ci_list_init(&lane->drivers);
        ci_list_init(&lane->undriven);
        lane->queued = lane->engaged = lane->eager = false;
    }
    if (file->ops->forked != NULL)
        file->ops->forked(file);
}

/* ---- queues ---- */

static void lane_note(struct ci_file *file, enum ci_lane_id lane)
{
    bool busy = file->ops->busy != NULL && file->ops->busy(file, lane);

    ci_lane_pending(&file->pump, lane, busy || !ci_list_empty(&file->queue[lane]));
}

static void op_leave_thread(struct ci_op *op)
{
    struct ci_thread *thread = op->thread;

    if (thread == NULL)
        return;
    if (op->place < CI_THREAD_PLACES) {
        /* release: the thread that sees it empty also sees the operation finished */
        atomic_store_explicit(&thread->place[op->place], NULL, memory_order_release);
        return;
    }
    ci_lock(&thread->apclock);
    ci_list_del(&op->link.by_thread);
    ci_unlock(&thread->apclock);
}

void ci_file_finish(struct ci_file *file, struct ci_op *op, uint32_t status, size_t bytes,
                    struct ci_done *done)
{
    ci_list_del(&op->queue); /* QUEUED -> FINISHED: nobody else can find it now */
    ci_live_remove(op);
    lane_note(file, op->lane);
    if (op->counted)
        ci_port_inflight(file->port, -1);
    ci_op_finish(op, status, bytes, done);
    op_leave_thread(op); /* last: until then the thread cannot end, nor its record serve another */
}

bool ci_file_attempt(struct ci_file *file, struct ci_op *op)
{
    if (op->kind != CI_OP_IOCTL)
        return file->ops->attempt(file, op);
    if (file->ops->ioctl != NULL)
        return file->ops->ioctl(file, op);
    op->status = STATUS_INVALID_DEVICE_REQUEST;
    op->done = 0;
    return true;
}

static void queue_run(struct ci_file *file, enum ci_lane_id lane, struct ci_done *done)
{
    struct ci_list *link;

    while ((link = ci_list_first(&file->queue[lane])) != NULL) {
        struct ci_op *op = CI_CONTAINER(link, struct ci_op, queue);

        if (!ci_file_attempt(file, op))
            break; /* stays QUEUED: whoever drives the lane comes back here */
        ci_file_finish(file, op, op->status, op->done, done);
    }
}

static void lanes_run(struct ci_file *file, unsigned lanes, struct ci_done *done)
{
    if (file->ops->step != NULL) {
        file->ops->step(file, lanes, done);
    } else {
        CI_LANE_EACH (i, lanes)
            queue_run(file, (enum ci_lane_id)i, done);
    }
}

void ci_file_step(struct ci_file *file, unsigned lanes, struct ci_seat *seat)
{
    struct ci_done done;

    ci_done_init(&done);
    ci_lock(&file->lock);
    lanes_run(file, lanes, &done);
    if (seat != NULL && ci_seat_yield(seat))
        done.yielded = file;
    ci_unlock(&file->lock);
    ci_done_settle(&done);
}

unsigned ci_file_withdraw(struct ci_file *file, bool (*match)(struct ci_op *op, const void *what),
                          const void *what, uint32_t status, struct ci_done *done)
{
    unsigned count = 0;

    for (int i = 0; i < CI_LANES; i++) {
        CI_LIST_EACH (link, after, &file->queue[i]) {
            struct ci_op *op = CI_CONTAINER(link, struct ci_op, queue);

            if (op->running || !match(op, what))
                continue;
            if (file->ops->withdrawn != NULL)
                file->ops->withdrawn(file, op);
            ci_file_finish(file, op, status, 0, done);
            count++;
        }
    }
    if (count > 0 && file->ops->withdrew != NULL)
        file->ops->withdrew(file, done);
    return count;
}

/* ---- the last handle ---- */

static bool match_all(struct ci_op *op, const void *what)
{
    (void)op;
    (void)what;
    return true;
}

static bool match_write(struct ci_op *op, const void *what)
{
    (void)what;
    return op->kind == CI_OP_WRITE;
}

void ci_file_closing(struct ci_obj *obj)
{
    struct ci_file *file = ci_file_of(obj);
    struct ci_done done;

    ci_done_init(&done);
    ci_lock(&file->lock);
    file->closing = true;
    if (file->ops->domain == CI_DOM_STREAM) /* a pipe's own writes are cancelled, not broken */
        ci_file_withdraw(file, match_write, NULL, STATUS_CANCELLED, &done);
    ci_file_withdraw(file, match_all, NULL, file->ops->closing_status, &done);
    ci_pump_withdraw(&file->pump);
    ci_unlock(&file->lock);
    ci_done_settle(&done);
    if (file->ops->closed != NULL)
        file->ops->closed(file);
}
