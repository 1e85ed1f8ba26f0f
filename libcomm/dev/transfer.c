/* SPDX-License-Identifier: MIT */
/* Reading and writing disk files.  A synchronous handle has a position that its transfers use and
 * move; an overlapped one goes by the offsets it is given.  The kernel may do less than it was
 * asked for; a request is done whole. */
#include "libcomm/dev/regular.h"

#include <limits.h>
#include <sys/uio.h>

#include "libcomm/dev/range.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"

#define LONG_TRANSFER                                                          \
    (1u << 20) /* from here on a copy takes longer than handing it to a worker \
                */
#define SECTOR 512u
#define AT_END (-1)      /* OffsetHigh:Offset of all ones: append */
#define AT_POSITION (-2) /* where the position is */

#ifdef CI_TESTING
void (*ci_testing_transfer)(void);
#endif

/* ---- may it be issued? ---- */

static uint32_t offset_admit(struct regular *r, struct ci_op *op)
{
    int64_t offset = (int64_t)op->offset;
    bool write = op->kind == CI_OP_WRITE;

    op->append = write && r->appends;
    op->misc = op->ov == NULL; /* at the position */
    if (op->ov == NULL || op->append)
        return STATUS_SUCCESS;
    if (offset == AT_POSITION && !r->file.overlapped) {
        op->misc = true;
        return STATUS_SUCCESS;
    }
    if (offset == AT_END && write) {
        op->append = true;
        return STATUS_SUCCESS;
    }
    if (offset < 0 || op->len > (uint64_t)(INT64_MAX - offset))
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static bool sectors_only(const struct ci_op *op)
{
    if (op->len % SECTOR != 0)
        return false;
    if (!op->append && !op->misc && op->offset % SECTOR != 0)
        return false;
    return op->segments > 0 || (uintptr_t)op->buf % SECTOR == 0;
}

static uint64_t start_of(struct regular *r, const struct ci_op *op)
{
    int64_t at = (int64_t)op->offset;

    if (op->append)
        at = ci_regular_size(r);
    else if (op->misc)
        at = ci_regular_position(r);
    return at < 0 ? 0 : (uint64_t)at;
}

static bool locked_out(struct regular *r, const struct ci_op *op)
{
    if (r->share.inode == NULL || atomic_load(&r->share.inode->locked) == 0)
        return false; /* the usual case asks nothing more */
    return ci_range_forbids(&r->share, start_of(r, op), op->len, op->kind == CI_OP_WRITE);
}

uint32_t ci_transfer_admit(struct regular *r, struct ci_op *op)
{
    uint32_t status;

    if (r->directory)
        return STATUS_INVALID_DEVICE_REQUEST;
    status = offset_admit(r, op);
    if (status != STATUS_SUCCESS)
        return status;
    if (r->unbuffered && !sectors_only(op))
        return STATUS_INVALID_PARAMETER;
    return locked_out(r, op) ? STATUS_FILE_LOCK_CONFLICT : STATUS_SUCCESS;
}

/* ---- the transfer itself ---- */

#define WINDOW 64 /* pieces of a scattered request that are given to the kernel at once */

/* What is left of a request, as the kernel takes it. */
static int window_of(const struct ci_op *op, struct iovec *piece)
{
    size_t skip = op->done;
    int count = 0;

    if (op->segments == 0) {
        piece[0] = (struct iovec){op->buf + skip, op->len - skip};
        return 1;
    }
    for (uint32_t i = 0; i < op->segments && count < WINDOW; i++) {
        if (skip >= op->iov[i].iov_len) {
            skip -= op->iov[i].iov_len;
            continue;
        }
        piece[count].iov_base = (char *)op->iov[i].iov_base + skip;
        piece[count].iov_len = op->iov[i].iov_len - skip;
        skip = 0;
        count++;
    }
    return count;
}

static ssize_t piece_move(struct regular *r, struct ci_op *op, int64_t offset)
{
    struct iovec piece[WINDOW];
    int count = window_of(op, piece);
    int64_t at = offset + (int64_t)op->done;

    if (r->borrowed && op->misc) /* whoever shares the descriptor shares its position */
        return op->kind == CI_OP_READ
                   ? ci_sys_read(r->file.fd, piece[0].iov_base, piece[0].iov_len)
                   : ci_sys_write(r->file.fd, piece[0].iov_base, piece[0].iov_len);
    return op->kind == CI_OP_READ ? ci_sys_preadv(r->file.fd, piece, count, at)
                                  : ci_sys_pwritev(r->file.fd, piece, count, at, op->append);
}

/* Moves all there is to move.  Without locks in a worker, under the file's lock in the issuing
 * call. */
static uint32_t transfer(struct regular *r, struct ci_op *op, int64_t offset)
{
    while (op->done < op->len) {
        ssize_t n = piece_move(r, op, offset);

        if (n < 0)
            return ci_errno_status(CI_DOM_FILE, (int)-n);
        if (n == 0)
            break;
        op->done += (size_t)n;
    }
    if (op->done > 0 || op->len == 0)
        return STATUS_SUCCESS;
    if (op->kind == CI_OP_WRITE)
        return STATUS_DISK_FULL; /* a write that moves nothing and says nothing */
    return r->file.overlapped || op->ov != NULL ? STATUS_END_OF_FILE : STATUS_SUCCESS;
}

static bool uses_position(const struct regular *r)
{
    return !r->file.overlapped;
}

/* Lock held: the position follows what a synchronous handle did. */
static void position_follow(struct regular *r, const struct ci_op *op, int64_t offset)
{
    if (!uses_position(r) || op->status != STATUS_SUCCESS || (r->borrowed && op->misc))
        return;
    if (op->append) {
        int64_t end = ci_regular_size(r);

        ci_regular_seek(r, end < 0 ? 0 : end);
    } else {
        ci_regular_seek(r, offset + (int64_t)op->done);
    }
}

static bool transfer_now(struct regular *r, struct ci_op *op)
{
    int64_t offset = (int64_t)start_of(r, op);

    op->status = transfer(r, op, offset);
    position_follow(r, op, offset);
    if (op->status != STATUS_SUCCESS)
        op->done = 0; /* what had moved before the error does not count */
    return true;
}

/* ---- by a worker ---- */

static bool wants_worker(const struct regular *r, const struct ci_op *op)
{
    return r->slow || (r->file.overlapped && op->len >= LONG_TRANSFER);
}

/* Lock held: the oldest transfer nobody has taken; one at a time where the position is used. */
static struct ci_op *work_next(struct regular *r)
{
    static const enum ci_lane_id lanes[] = {CI_LANE_READ, CI_LANE_WRITE};

    for (unsigned i = 0; i < 2 && !r->moving; i++) {
        CI_LIST_EACH (link, after, &r->file.queue[lanes[i]]) {
            struct ci_op *op = CI_CONTAINER(link, struct ci_op, queue);

            if (!op->running)
                return op;
        }
    }
    return NULL;
}

/* Lock held: QUEUED -> RUNNING.  From here on only this worker finishes it. */
static struct ci_op *work_take(struct regular *r, int64_t *offset)
{
    struct ci_op *op = work_next(r);

    if (op == NULL)
        return NULL; /* cancelled meanwhile */
    *offset = (int64_t)start_of(r, op);
    op->running = true;
    r->moving = uses_position(r);
    if (work_next(r) != NULL)
        ci_work_submit(&r->work);
    return op;
}

static void work_end(struct regular *r, struct ci_op *op, int64_t offset)
{
    struct ci_done done;

    ci_done_init(&done);
    ci_lock(&r->file.lock);
    op->running = false;
    r->moving = false;
    position_follow(r, op, offset);
    ci_file_finish(&r->file, op, op->status, op->status == STATUS_SUCCESS ? op->done : 0, &done);
    if (work_next(r) != NULL)
        ci_work_submit(&r->work);
    /* release: who sees the count sees the operation finished */
    atomic_fetch_add_explicit(&r->ended, 1, memory_order_release);
    ci_unlock(&r->file.lock);
    ci_done_settle(&done);
    ci_sys_futex_wake(&r->ended, INT_MAX);
}

void ci_transfer_work(struct ci_work *work)
{
    struct regular *r = CI_CONTAINER(work, struct regular, work);
    struct ci_op *op;
    int64_t offset;

    ci_lock(&r->file.lock);
    op = work_take(r, &offset);
    ci_unlock(&r->file.lock);
    if (op == NULL)
        return;
#ifdef CI_TESTING
    if (ci_testing_transfer != NULL)
        ci_testing_transfer();
#endif
    op->status = transfer(r, op, offset);
    work_end(r, op, offset);
}

static bool any_running(const struct ci_file *file, const struct ci_thread *issuer)
{
    for (int i = 0; i < CI_LANES; i++) {
        CI_LIST_EACH (link, after, &file->queue[i]) {
            const struct ci_op *op = CI_CONTAINER(link, struct ci_op, queue);

            if (op->running && (issuer == NULL || op->thread == issuer))
                return true;
        }
    }
    return false;
}

void ci_transfer_wait(struct ci_file *file, const struct ci_thread *issuer)
{
    struct regular *r = ci_regular_of(file);

    for (;;) {
        uint32_t seen = atomic_load_explicit(&r->ended, memory_order_acquire);
        bool running;

        ci_lock(&file->lock);
        running = any_running(file, issuer);
        ci_unlock(&file->lock);
        if (!running)
            return;
        ci_sys_futex_wait(&r->ended, seen, UINT64_MAX);
    }
}

bool ci_transfer_attempt(struct regular *r, struct ci_op *op)
{
    if (wants_worker(r, op) && ci_work_submit(&r->work))
        return false; /* the worker waits for the lock that is held here */
    return transfer_now(r, op);
}
