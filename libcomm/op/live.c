/* SPDX-License-Identifier: MIT */
/* A hash of pending operations by the address of their OVERLAPPED.  Release builds have no table
 * and no cost. */
#include "libcomm/op/live.h"

#include "libcomm/op/file.h"
#include "libcomm/plat/trace.h"

const char *ci_op_name(const struct ci_op *op)
{
    switch ((enum ci_op_kind)op->kind) {
    case CI_OP_READ:
        return op->segments > 0      ? "ReadFileScatter"
               : op->routine != NULL ? "ReadFileEx"
                                     : "ReadFile";
    case CI_OP_WRITE:
        return op->segments > 0      ? "WriteFileGather"
               : op->routine != NULL ? "WriteFileEx"
                                     : "WriteFile";
    case CI_OP_IOCTL:
        return "DeviceIoControl";
    case CI_OP_LOCK:
        return "LockFileEx";
    case CI_OP_CONNECT:
        return "ConnectNamedPipe";
    case CI_OP_TRANSACT:
        return "TransactNamedPipe";
    case CI_OP_FLUSH:
        return "FlushFileBuffers";
    case CI_OP_KINDS:
        break;
    }
    return "an operation";
}

#ifndef NDEBUG
#define BUCKETS 1024u

static struct {
    struct ci_lock lock;
    struct ci_list bucket[BUCKETS]; /* guarded by lock; a NULL next is a bucket never used */
} live = {.lock = CI_LOCK_INIT(CI_RANK_LEAF)};

static struct ci_list *bucket_of(const OVERLAPPED *ov)
{
    struct ci_list *bucket = &live.bucket[((uintptr_t)ov >> 4) * 2654435761u % BUCKETS];

    if (bucket->next == NULL)
        ci_list_init(bucket);
    return bucket;
}

static const struct ci_op *find_locked(const OVERLAPPED *ov)
{
    CI_LIST_EACH (link, after, bucket_of(ov)) {
        const struct ci_op *op = CI_CONTAINER(link, struct ci_op, live);

        if (op->ov == ov)
            return op;
    }
    return NULL;
}

void ci_live_add(struct ci_op *op)
{
    const char *other = NULL;

    ci_list_init(&op->live);
    if (op->ov == NULL)
        return;
    ci_lock(&live.lock);
    if (find_locked(op->ov) != NULL)
        other = ci_op_name(find_locked(op->ov));
    ci_list_append(bucket_of(op->ov), &op->live);
    ci_unlock(&live.lock);
    if (other != NULL)
        ci_trace_misuse("%s on fd %d: its OVERLAPPED %p is still in use by %s", ci_op_name(op),
                        op->file->fd, (void *)op->ov, other);
}

void ci_live_remove(struct ci_op *op)
{
    ci_lock(&live.lock);
    ci_list_del(&op->live);
    ci_unlock(&live.lock);
}

void ci_live_forget(void)
{
    ci_lock_init(&live.lock, CI_RANK_LEAF);
    for (unsigned i = 0; i < BUCKETS; i++)
        live.bucket[i].next = NULL;
}
#endif
