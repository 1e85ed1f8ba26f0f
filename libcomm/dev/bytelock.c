/* SPDX-License-Identifier: MIT */
/* LockFile and its family.  A lock that is not free waits as any other operation does, in its
 * file's control lane; whoever unlocks has the files that wait look again.  Another process tells
 * nobody when it unlocks, so what it is in the way of is tried again by a timer, every 10 ms at
 * first and every 100 ms in the end. */
#include <libcomm/comm.h>

#include "libcomm/dev/range.h"
#include "libcomm/dev/regular.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/trace.h"

#define RETRY_FIRST_NS (10 * CI_NS_PER_MS)
#define RETRY_LAST_NS (100 * CI_NS_PER_MS)

static bool finish(struct ci_op *op, uint32_t status)
{
    op->status = status;
    op->done = 0;
    return true;
}

/* ---- as an operation; the file's lock is held ---- */

static uint32_t range_check(const struct regular *r, uint64_t start, uint64_t len)
{
    if (r->directory || !r->seekable)
        return STATUS_INVALID_PARAMETER;
    if (len > 0 && len - 1 > UINT64_MAX - start)
        return STATUS_INVALID_LOCK_RANGE; /* it would go on at 0 */
    return STATUS_SUCCESS;
}

uint32_t ci_lock_admit(struct regular *r, const struct ci_op *op)
{
    return range_check(r, op->offset, op->len);
}

/* Another process is in the way: look again in a while, soon after a new request. */
static bool retry_arm(struct regular *r, uint64_t in_ns)
{
    r->retry_ns = in_ns;
    return ci_timer_arm(&r->retry, ci_add_ns(ci_now_ns(), in_ns)) == 0;
}

static uint32_t take(struct regular *r, const struct ci_op *op, bool will_wait)
{
    return ci_range_take(&r->share, op->offset, op->len, (op->code & LOCKFILE_EXCLUSIVE_LOCK) != 0,
                         will_wait);
}

bool ci_lock_attempt(struct regular *r, struct ci_op *op)
{
    bool patient = (op->code & LOCKFILE_FAIL_IMMEDIATELY) == 0;
    uint32_t status;

    if (!ci_range_reserve(&r->share))
        return finish(op, STATUS_NO_MEMORY);
    status = take(r, op, patient);
    if (!patient || (status != STATUS_FILE_LOCK_CONFLICT && status != STATUS_LOCK_NOT_GRANTED))
        return finish(op, status);
    if (status == STATUS_LOCK_NOT_GRANTED && !retry_arm(r, RETRY_FIRST_NS))
        return finish(op, STATUS_INSUFFICIENT_RESOURCES);
    return false;
}

static uint64_t retry_next(const struct regular *r)
{
    uint64_t next = r->retry_ns * 2;

    if (next < RETRY_FIRST_NS)
        return RETRY_FIRST_NS;
    return next > RETRY_LAST_NS ? RETRY_LAST_NS : next;
}

void ci_lock_step(struct regular *r, struct ci_done *done)
{
    bool elsewhere = false;
    int left = 0;

    if (ci_list_empty(&r->file.queue[CI_LANE_CONTROL]))
        return;
    CI_LIST_EACH (link, after, &r->file.queue[CI_LANE_CONTROL]) {
        struct ci_op *op = CI_CONTAINER(link, struct ci_op, queue);
        uint32_t status = take(r, op, false);

        if (status == STATUS_FILE_LOCK_CONFLICT || status == STATUS_LOCK_NOT_GRANTED) {
            elsewhere |= status == STATUS_LOCK_NOT_GRANTED;
            left++;
        } else {
            ci_file_finish(&r->file, op, status, 0, done);
        }
    }
    ci_range_waiting(&r->share, left - (int)r->share.waiting);
    if (elsewhere)
        (void)retry_arm(r, retry_next(r)); /* an engine that serves pending operations takes it */
    else
        ci_timer_disarm(&r->retry);
}

void ci_lock_withdrawn(struct regular *r)
{
    ci_range_waiting(&r->share, -1);
}

bool ci_lock_hold(struct ci_timer *timer)
{
    return ci_obj_try_get(&CI_CONTAINER(timer, struct regular, retry)->file.obj);
}

void ci_lock_retry(struct ci_timer *timer)
{
    struct ci_file *file = &CI_CONTAINER(timer, struct regular, retry)->file;

    ci_file_step(file, CI_LANE_BIT(CI_LANE_CONTROL), NULL);
    ci_file_put(file);
}

/* ---- the public calls ---- */

static uint64_t join(DWORD low, DWORD high)
{
    return (uint64_t)high << 32 | low;
}

#define LOCKERS (FILE_READ_DATA | FILE_WRITE_DATA) /* either right will do */

static bool lock_ex(HANDLE handle, DWORD flags, DWORD reserved, uint64_t len, OVERLAPPED *ov)
{
    struct ci_request request = {
        .handle = handle,
        .access = LOCKERS,
        .kind = CI_OP_LOCK,
        .lane = CI_LANE_CONTROL,
        .ov = ov,
        .len = len,
        .code = flags,
    };

    if (reserved != 0 || ov == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    return ci_issue(&request);
}

BOOL LockFileEx(HANDLE handle, DWORD flags, DWORD reserved, DWORD low, DWORD high, OVERLAPPED *ov)
{
    CI_TRACED_BOOL(lock_ex(handle, flags, reserved, join(low, high), ov),
                   "LockFileEx %s flags %u length %llu", ci_trace_handle(handle), flags,
                   (unsigned long long)join(low, high));
}

/* A regular file that is still open, locked; or NULL with the last error set. */
static struct regular *file_lock(HANDLE handle)
{
    struct ci_file *file = ci_file_get(handle, LOCKERS);
    uint32_t error = ERROR_SUCCESS;

    if (file == NULL)
        return NULL;
    ci_lock(&file->lock);
    if (!ci_is_regular(file))
        error = ERROR_INVALID_FUNCTION;
    else if (file->closing)
        error = ERROR_INVALID_HANDLE;
    if (error == ERROR_SUCCESS)
        return ci_regular_of(file);
    ci_unlock(&file->lock);
    ci_file_put(file);
    ci_fail(error);
    return NULL;
}

static bool lock_now(HANDLE handle, uint64_t start, uint64_t len)
{
    struct regular *r = file_lock(handle);
    uint32_t status;

    if (r == NULL)
        return false;
    status = range_check(r, start, len);
    if (status == STATUS_SUCCESS && !ci_range_reserve(&r->share))
        status = STATUS_NO_MEMORY;
    if (status == STATUS_SUCCESS)
        status = ci_range_take(&r->share, start, len, true, false);
    ci_unlock(&r->file.lock);
    ci_file_put(&r->file);
    return status == STATUS_SUCCESS || ci_fail(ci_status_error(status));
}

/* Exclusive, and never waits; no operation, so no event and no packet. */
BOOL LockFile(HANDLE handle, DWORD offset_low, DWORD offset_high, DWORD low, DWORD high)
{
    CI_TRACED_BOOL(lock_now(handle, join(offset_low, offset_high), join(low, high)),
                   "LockFile %s length %llu", ci_trace_handle(handle),
                   (unsigned long long)join(low, high));
}

static bool unlock(HANDLE handle, uint64_t start, uint64_t len)
{
    struct regular *r = file_lock(handle);
    struct ci_inode *inode = NULL;
    uint32_t status;

    if (r == NULL)
        return false;
    status = range_check(r, start, len);
    if (status == STATUS_SUCCESS)
        status = ci_range_give(&r->share, start, len);
    if (status == STATUS_SUCCESS)
        inode =
            ci_inode_hold(&r->share); /* the handle may be closed as soon as the lock is not held */
    ci_unlock(&r->file.lock);
    if (inode != NULL)
        ci_inode_kick(inode);
    ci_file_put(&r->file);
    return status == STATUS_SUCCESS || ci_fail(ci_status_error(status));
}

static bool unlock_ex(HANDLE handle, DWORD reserved, uint64_t len, const OVERLAPPED *ov)
{
    if (reserved != 0 || ov == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    return unlock(handle, join(ov->Offset, ov->OffsetHigh), len);
}

BOOL UnlockFile(HANDLE handle, DWORD offset_low, DWORD offset_high, DWORD low, DWORD high)
{
    CI_TRACED_BOOL(unlock(handle, join(offset_low, offset_high), join(low, high)),
                   "UnlockFile %s length %llu", ci_trace_handle(handle),
                   (unsigned long long)join(low, high));
}

BOOL UnlockFileEx(HANDLE handle, DWORD reserved, DWORD low, DWORD high, OVERLAPPED *ov)
{
    CI_TRACED_BOOL(unlock_ex(handle, reserved, join(low, high), ov), "UnlockFileEx %s length %llu",
                   ci_trace_handle(handle), (unsigned long long)join(low, high));
}
