/* SPDX-License-Identifier: MIT */
/* Operation records and the one way an operation ends.  Records come from a slab through a small
 * cache per thread, so that issuing in a loop touches no shared memory for them. */
#include "libcomm/op/op.h"

#include <string.h>

#include "libcomm/obj/event.h"
#include "libcomm/op/file.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/slab.h"
#include "libcomm/plat/sys.h"
#include "libcomm/wait/iocp.h"

#ifdef NDEBUG
_Static_assert(sizeof(struct ci_op) <= 256, "a pending operation costs at most 256 bytes");
#endif

#define CACHE_MOST 32

static struct ci_slab slab = CI_SLAB_INIT((sizeof(struct ci_op) + 15) / 16 * 16);

/* ---- records ---- */

static void op_init(struct ci_op *op)
{
    memset(&op->file, 0,
           sizeof *op - offsetof(struct ci_op, file)); /* before it: filled in later */
    ci_list_init(&op->queue);
    ci_list_init(&op->link.by_obj);
    ci_list_init(&op->link.by_thread);
    atomic_store_explicit(&op->refs, 1, memory_order_relaxed);
}

struct ci_op *ci_op_new(struct ci_thread *self)
{
    struct ci_list *link = ci_list_pop(&self->op_cache);
    struct ci_op *op;

    if (link != NULL) {
        self->op_cached--;
        op = CI_CONTAINER(link, struct ci_op, queue);
    } else {
        op = ci_slab_get(&slab);
    }
    if (op != NULL)
        op_init(op);
    return op;
}

void ci_op_put(struct ci_op *op)
{
    struct ci_thread *self = ci_thread_self;

    /* acq_rel: the last one sees what the others did with it.  A count of 1 is this caller's own,
     * which nobody else can raise or drop. */
    if (atomic_load_explicit(&op->refs, memory_order_acquire) != 1 &&
        atomic_fetch_sub_explicit(&op->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (op->segments > 0)
        ci_sys_free(op->iov);
    if (self == NULL || self->op_cached == CACHE_MOST) {
        ci_slab_put(&slab, op);
        return;
    }
    ci_list_push(&self->op_cache, &op->queue);
    self->op_cached++;
}

void ci_op_cache_drop(struct ci_thread *self)
{
    struct ci_list *link;

    while ((link = ci_list_pop(&self->op_cache)) != NULL)
        ci_slab_put(&slab, CI_CONTAINER(link, struct ci_op, queue));
    self->op_cached = CACHE_MOST; /* what is still put on the way out goes to the slab */
}

size_t ci_ops_live(void)
{
    return ci_slab_live(&slab);
}

__attribute__((constructor)) static void ops_setup(void)
{
    ci_fork_lock_add(&slab.lock);
}

/* ---- the end of an operation ---- */

void ci_ov_publish(OVERLAPPED *ov, uint32_t status, size_t bytes)
{
    if (ov == NULL)
        return;
    ov->InternalHigh = bytes;
    /* release: who reads a final status also sees the bytes and the count, and owns the structure
     * again */
    __atomic_store_n(&ov->Internal, (ULONG_PTR)status, __ATOMIC_RELEASE);
}

/* Under the lock of what is signalled: publication and signal are one step. */
static uint32_t raise_event(struct ci_obj *obj, void *arg)
{
    struct ci_op *op = arg;

    ci_list_del(&op->link.by_obj);
    ci_ov_publish(op->ov, op->status, op->done);
    return obj->ops == &ci_event_ops ? ci_event_raise(obj, NULL) : ci_flag_raise(obj, NULL);
}

static uint32_t raise_file(struct ci_obj *obj, void *arg)
{
    struct ci_op *op = arg;

    ci_ov_publish(op->ov, op->status, op->done);
    atomic_store_explicit(&ci_file_of(obj)->signaled, true, memory_order_release);
    return 0;
}

static void signal_end(struct ci_op *op, struct ci_wakes *wakes)
{
    if (op->event != NULL)
        ci_signal_owing(op->event, raise_event, op, wakes);
    else if ((op->file->modes & FILE_SKIP_SET_EVENT_ON_HANDLE) == 0)
        ci_signal_owing(&op->file->obj, raise_file, op, wakes);
    else
        ci_ov_publish(op->ov, op->status, op->done);
}

static void routine_run(struct ci_apc *apc)
{
    struct ci_op *op = CI_CONTAINER(apc, struct ci_op, apc);
    LPOVERLAPPED_COMPLETION_ROUTINE routine = op->routine;
    uint32_t error = ci_status_error(op->status);
    DWORD bytes = (DWORD)op->done;
    OVERLAPPED *ov = op->ov;

    ci_op_put(op); /* the routine may issue the next one */
    routine(error, bytes, ov);
}

static void routine_drop(struct ci_apc *apc)
{
    ci_op_put(CI_CONTAINER(apc, struct ci_op, apc));
}

static void packet_release(struct ci_packet *packet)
{
    ci_op_put(CI_CONTAINER(packet, struct ci_op, packet));
}

static bool posts_packet(const struct ci_op *op)
{
    if (op->file->port == NULL || op->ov == NULL || op->tagged)
        return false;
    return op->pended || (op->file->modes & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS) == 0;
}

/* The record now has two owners: the list of what is done, and whoever runs the routine or takes
 * the packet. */
static void hand_on(struct ci_op *op, struct ci_wakes *wakes)
{
    if (op->routine != NULL) {
        ci_list_init(&op->apc.link);
        op->apc.run = routine_run;
        op->apc.drop = routine_drop;
        atomic_fetch_add(&op->refs, 1);
        if (op->thread == NULL || !ci_apc_queue(op->thread, &op->apc, wakes))
            routine_drop(&op->apc);
    } else if (posts_packet(op)) {
        op->packet = (struct ci_packet){.key = op->file->key,
                                        .overlapped = op->ov,
                                        .status = op->status,
                                        .bytes = (uint32_t)op->done,
                                        .release = packet_release};
        ci_list_init(&op->packet.link);
        atomic_fetch_add(&op->refs, 1);
        ci_port_push(op->file->port, &op->packet, wakes);
    }
}

void ci_op_finish(struct ci_op *op, uint32_t status, size_t bytes, struct ci_done *done)
{
    op->status = status;
    op->done = bytes;
    signal_end(op, &done->wakes);
    hand_on(op, &done->wakes);
    ci_list_append(&done->ops, &op->queue);
}

/* References to one file, which nearly all of them are to, go in one step. */
void ci_done_settle(struct ci_done *done)
{
    struct ci_file *file = done->yielded;
    uint32_t refs = file != NULL;

    ci_wakes_deliver(&done->wakes);
    CI_LIST_EACH (link, after, &done->ops) { /* what is put goes to another list */
        struct ci_op *op = CI_CONTAINER(link, struct ci_op, queue);

        if (refs > 0 && op->file != file) {
            ci_obj_put_some(&file->obj, refs);
            refs = 0;
        }
        file = op->file;
        refs++;
        if (op->event != NULL && !op->sync)
            ci_obj_put(op->event);
        ci_op_put(op);
    }
    if (refs > 0)
        ci_obj_put_some(&file->obj, refs);
}

#ifdef CI_TESTING
#include "libcomm/plat/testing.h"

size_t ci_testing_live_ops(void)
{
    return ci_ops_live() - (ci_thread_self == NULL ? 0 : ci_thread_self->op_cached);
}
#endif
