/* SPDX-License-Identifier: MIT */
/* Taking operations back: by address, by thread, all of a file, the blocking call of another
 * thread, and everything a thread leaves behind when it ends.  Each is a search in the file's
 * queues under the file's lock. */
#include <libcomm/comm.h>

#include "libcomm/obj/handle.h"
#include "libcomm/op/file.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/trace.h"

static bool match_thread(struct ci_op *op, const void *thread)
{
    return op->thread == thread && !op->sync;
}

static bool match_overlapped(struct ci_op *op, const void *ov)
{
    return ov == NULL || op->ov == ov;
}

static bool match_op(struct ci_op *op, const void *wanted)
{
    return op == wanted && op->sync; /* its record may have a new use by now */
}

static unsigned withdraw(struct ci_file *file, bool (*match)(struct ci_op *op, const void *what),
                         const void *what)
{
    struct ci_done done;
    unsigned count;

    ci_done_init(&done);
    ci_lock(&file->lock);
    count = ci_file_withdraw(file, match, what, STATUS_CANCELLED, &done);
    ci_unlock(&file->lock);
    ci_done_settle(&done);
    if (count > 0 && file->ops->stepped != NULL)
        file->ops->stepped(file);
    return count;
}

static bool cancel_mine(HANDLE handle)
{
    struct ci_thread *self = ci_self();
    struct ci_file *file = self == NULL ? NULL : ci_file_get(handle, 0);

    if (file == NULL)
        return false;
    withdraw(file, match_thread, self);
    ci_file_put(file);
    return true;
}

BOOL CancelIo(HANDLE handle)
{
    CI_TRACED_BOOL(cancel_mine(handle), "CancelIo %s", ci_trace_handle(handle));
}

static bool cancel_these(HANDLE handle, const OVERLAPPED *ov)
{
    struct ci_file *file = ci_file_get(handle, 0);
    unsigned count;

    if (file == NULL)
        return false;
    count = withdraw(file, match_overlapped, ov);
    ci_file_put(file);
    return count > 0 || ci_fail(ERROR_NOT_FOUND);
}

BOOL CancelIoEx(HANDLE handle, LPOVERLAPPED ov)
{
    CI_TRACED_BOOL(cancel_these(handle, ov), "CancelIoEx %s%s", ci_trace_handle(handle),
                   ov == NULL ? " all" : "");
}

/* ---- the blocking call of another thread ---- */

struct sync_found {
    struct ci_op *op; /* only compared: it may be over by the time it is looked for */
    struct ci_file *file;
};

static void sync_find(struct ci_thread *thread, void *arg)
{
    struct sync_found *found = arg;

    ci_lock(&thread->apclock);
    found->op = thread->sync_op;
    /* in this list, under this lock, an operation still keeps its file */
    if (found->op != NULL && ci_list_linked(&found->op->link.by_thread)) {
        found->file = found->op->file;
        ci_obj_get(&found->file->obj);
    }
    ci_unlock(&thread->apclock);
}

static bool cancel_sync(HANDLE handle)
{
    struct ci_obj *obj = ci_handle_get_pseudo(handle, &ci_thread_ops, 0);
    struct sync_found found = {NULL, NULL};
    unsigned count = 0;

    if (obj == NULL)
        return false;
    ci_thread_visit(obj, sync_find, &found);
    ci_obj_put(obj);
    if (found.file != NULL) {
        count = withdraw(found.file, match_op, found.op);
        ci_file_put(found.file);
    }
    return count > 0 || ci_fail(ERROR_NOT_FOUND);
}

BOOL CancelSynchronousIo(HANDLE thread)
{
    CI_TRACED_BOOL(cancel_sync(thread), "CancelSynchronousIo %s", ci_trace_handle(thread));
}

/* ---- a thread ends ---- */

/* What a port will report, and nobody's stack holds, goes on without its thread. */
static bool survives(const struct ci_op *op)
{
    return op->file->port != NULL && op->routine == NULL && op->event == NULL && !op->tagged;
}

static void op_orphan(struct ci_op *op, struct ci_thread *self)
{
    ci_lock(&self->apclock);
    ci_list_del(&op->link.by_thread);
    ci_unlock(&self->apclock);
    op->thread = NULL;
}

static void file_let_go(struct ci_file *file, struct ci_thread *self)
{
    struct ci_done done;

    ci_done_init(&done);
    ci_lock(&file->lock);
    for (int i = 0; i < CI_LANES; i++) {
        CI_LIST_EACH (link, after, &file->queue[i]) {
            struct ci_op *op = CI_CONTAINER(link, struct ci_op, queue);

            if (op->thread == self && survives(op))
                op_orphan(op, self);
        }
    }
    ci_file_withdraw(file, match_thread, self, STATUS_CANCELLED, &done);
    ci_unlock(&file->lock);
    ci_done_settle(&done);
    if (file->ops->stepped != NULL)
        file->ops->stepped(file);
}

static struct ci_file *file_any(struct ci_list *ops)
{
    struct ci_list *link = ci_list_first(ops);

    return link == NULL ? NULL : CI_CONTAINER(link, struct ci_op, link.by_thread)->file;
}

/* Only the thread itself fills its places.  One that is still filled after the reference was taken
 * has been so all along, and the operation kept the file; otherwise the reference may be to a
 * stranger, and is given back. */
static struct ci_file *file_placed(struct ci_thread *self)
{
    for (unsigned i = 0; i < CI_THREAD_PLACES; i++) {
        struct ci_file *file = atomic_load_explicit(&self->place[i], memory_order_acquire);

        if (file == NULL || !ci_obj_try_get(&file->obj))
            continue;
        if (atomic_load_explicit(&self->place[i], memory_order_acquire) == file)
            return file;
        ci_file_put(file);
    }
    return NULL;
}

/* A file on which this thread still has something, with a reference. */
static struct ci_file *file_left(struct ci_thread *self)
{
    struct ci_file *file = file_placed(self);

    if (file != NULL)
        return file;
    ci_lock(&self->apclock);
    file = file_any(&self->ops);
    if (file == NULL)
        file = file_any(&self->apc_ops);
    if (file != NULL)
        ci_obj_get(&file->obj);
    ci_unlock(&self->apclock);
    return file;
}

static void io_end(struct ci_thread *self)
{
    struct ci_file *file;

    while ((file = file_left(self)) != NULL) {
        file_let_go(file, self);
        if (file->ops->wait_running != NULL)
            file->ops->wait_running(file, self); /* its memory is in use until then */
        ci_file_put(file);
    }
    ci_op_cache_drop(self);
}

__attribute__((constructor)) static void cancel_setup(void)
{
    ci_thread_at_exit(CI_EXIT_IO, io_end);
}
