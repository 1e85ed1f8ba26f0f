/* SPDX-License-Identifier: MIT */
/* Ranges may overlap in ways the kernel does not know: a handle may hold two shared locks on the
 * same bytes, or a shared one over its own exclusive one.  So the list is the truth, and after each
 * change the kernel is told, piece by piece, the strongest lock that this open still has there. */
#include "libcomm/dev/range.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "libcomm/op/file.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"

/* ---- arithmetic that does not wrap ---- */

/* Whether `at` lies before the end of the range. */
static bool before_end(uint64_t at, uint64_t start, uint64_t len)
{
    return at < start || at - start < len;
}

/* An empty range meets what it lies strictly inside of. */
static bool meets(const struct ci_range *range, uint64_t start, uint64_t len)
{
    return before_end(range->start, start, len) && before_end(start, range->start, range->len);
}

static struct ci_range *range_of(struct ci_list *link)
{
    return CI_CONTAINER(link, struct ci_range, link);
}

/* ---- the kernel's view ---- */

/* Offsets the kernel can name: up to INT64_MAX. */
#define KERNEL_END ((uint64_t)INT64_MAX)

/* What this open holds at `at`; *until becomes where that may change. */
static short kernel_type_at(const struct ci_share *share, uint64_t at, uint64_t *until)
{
    struct ci_inode *inode = share->inode;
    short type = F_UNLCK;

    CI_LIST_EACH (link, after, &inode->ranges) {
        const struct ci_range *range = range_of(link);
        uint64_t end = range->start + range->len; /* 0: at 2^64 */

        if (range->owner != share || range->len == 0)
            continue;
        if (range->start > at && range->start < *until)
            *until = range->start;
        if (range->start > at || !before_end(at, range->start, range->len))
            continue;
        if (end != 0 && end < *until)
            *until = end;
        if (range->exclusive)
            type = share->writable ? F_WRLCK : F_RDLCK; /* the most a reader can ask for */
        else if (type == F_UNLCK && share->readable)
            type = F_RDLCK; /* a descriptor that only writes cannot hold a shared lock */
    }
    return type;
}

static int kernel_set(const struct ci_share *share, short type, uint64_t start, uint64_t end)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)start};

    lock.l_len = end >= KERNEL_END ? 0 : (off_t)(end - start); /* 0: as far as there are offsets */
    return ci_sys_ofd_lock(share->file->fd, F_OFD_SETLK, &lock);
}

/* A file system without locks: then those of this process are all there are. */
static bool lacks_locks(int error)
{
    return error == -EINVAL || error == -EOPNOTSUPP || error == -ENOSYS;
}

/* Tells the kernel what holds from `start` on for `len` bytes.  Negative errno, or 0. */
static int kernel_update(const struct ci_share *share, uint64_t start, uint64_t len)
{
    uint64_t end;

    if (start >= KERNEL_END)
        return 0;
    end = len > KERNEL_END - start ? KERNEL_END : start + len;
    while (start < end) {
        uint64_t until = end;
        short type = kernel_type_at(share, start, &until);
        int error = kernel_set(share, type, start, until);

        if (error != 0 && !lacks_locks(error))
            return error;
        start = until;
    }
    return 0;
}

/* ---- the list ---- */

static bool conflicts(struct ci_share *share, uint64_t start, uint64_t len, bool exclusive)
{
    struct ci_inode *inode = share->inode;

    CI_LIST_EACH (link, after, &inode->ranges) {
        const struct ci_range *range = range_of(link);

        if (!meets(range, start, len))
            continue;
        if (exclusive || (range->exclusive && range->owner != share))
            return true;
    }
    return false;
}

static struct ci_range *list_add(struct ci_share *share, uint64_t start, uint64_t len,
                                 bool exclusive)
{
    struct ci_range *range = range_of(ci_list_pop(&share->spare));

    share->spares--;
    range->owner = share;
    range->start = start;
    range->len = len;
    range->exclusive = exclusive;
    ci_list_append(&share->inode->ranges, &range->link);
    share->held++;
    /* release: who reads without the lock that nothing is locked has not been told of this one */
    atomic_fetch_add_explicit(&share->inode->locked, 1, memory_order_release);
    return range;
}

static void list_remove(struct ci_inode *inode, struct ci_range *range)
{
    ci_list_del(&range->link);
    range->owner->held--;
    atomic_fetch_sub_explicit(&inode->locked, 1, memory_order_release);
}

bool ci_range_reserve(struct ci_share *share)
{
    struct ci_range *range;
    bool enough;

    ci_lock(&share->inode->lock);
    enough = share->spares > share->waiting;
    ci_unlock(&share->inode->lock);
    if (enough)
        return true;
    range = ci_sys_alloc(sizeof *range);
    if (range == NULL)
        return false;
    ci_lock(&share->inode->lock);
    ci_list_append(&share->spare, &range->link);
    share->spares++;
    ci_unlock(&share->inode->lock);
    return true;
}

static uint32_t take_locked(struct ci_share *share, uint64_t start, uint64_t len, bool exclusive)
{
    struct ci_range *range;
    int error;

    if (conflicts(share, start, len, exclusive))
        return STATUS_FILE_LOCK_CONFLICT;
    range = list_add(share, start, len, exclusive);
    error = kernel_update(share, start, len);
    if (error == 0)
        return STATUS_SUCCESS;
    list_remove(share->inode, range);
    ci_list_append(&share->spare, &range->link);
    share->spares++;
    kernel_update(share, start, len); /* back to what it was: weaker, so it cannot fail */
    return error == -EAGAIN || error == -EACCES ? STATUS_LOCK_NOT_GRANTED
                                                : ci_errno_status(CI_DOM_FILE, -error);
}

uint32_t ci_range_take(struct ci_share *share, uint64_t start, uint64_t len, bool exclusive,
                       bool will_wait)
{
    uint32_t status;

    ci_lock(&share->inode->lock);
    status = take_locked(share, start, len, exclusive);
    if (will_wait && (status == STATUS_FILE_LOCK_CONFLICT || status == STATUS_LOCK_NOT_GRANTED))
        share->waiting++; /* in the same step: whoever unlocks after this look kicks this open */
    ci_unlock(&share->inode->lock);
    return status;
}

void ci_range_waiting(struct ci_share *share, int change)
{
    ci_lock(&share->inode->lock);
    share->waiting = (unsigned)((int)share->waiting + change);
    ci_unlock(&share->inode->lock);
}

/* ---- giving back ---- */

static struct ci_range *find_locked(struct ci_share *share, uint64_t start, uint64_t len)
{
    struct ci_inode *inode = share->inode;
    struct ci_range *shared = NULL;

    CI_LIST_EACH (link, after, &inode->ranges) {
        struct ci_range *range = range_of(link);

        if (range->owner != share || range->start != start || range->len != len)
            continue;
        if (range->exclusive)
            return range;
        if (shared == NULL)
            shared = range;
    }
    return shared;
}

uint32_t ci_range_give(struct ci_share *share, uint64_t start, uint64_t len)
{
    struct ci_range *range;

    ci_lock(&share->inode->lock);
    range = find_locked(share, start, len);
    if (range != NULL) {
        list_remove(share->inode, range);
        kernel_update(share, start, len);
    }
    ci_unlock(&share->inode->lock);
    if (range == NULL)
        return STATUS_RANGE_NOT_LOCKED;
    ci_sys_free(range);
    return STATUS_SUCCESS;
}

bool ci_range_give_all_locked(struct ci_inode *inode, struct ci_share *share)
{
    bool any = share->held > 0;
    struct ci_list *spare;

    if (any) {
        CI_LIST_EACH (link, after, &inode->ranges) {
            struct ci_range *range = range_of(link);

            if (range->owner != share)
                continue;
            list_remove(inode, range);
            ci_sys_free(range);
        }
        kernel_set(share, F_UNLCK, 0, KERNEL_END);
    }
    while ((spare = ci_list_pop(&share->spare)) != NULL)
        ci_sys_free(range_of(spare));
    share->spares = 0;
    return any;
}

/* ---- what a transfer asks ---- */

bool ci_range_forbids(struct ci_share *share, uint64_t start, uint64_t len, bool write)
{
    struct ci_inode *inode = share->inode;
    bool forbidden = false;

    if (inode == NULL || len == 0 ||
        atomic_load_explicit(&inode->locked, memory_order_acquire) == 0)
        return false;
    ci_lock(&inode->lock);
    CI_LIST_EACH (link, after, &inode->ranges) {
        const struct ci_range *range = range_of(link);

        if (!meets(range, start, len))
            continue;
        /* a shared lock keeps everybody from writing, its owner included */
        if (range->exclusive ? range->owner != share : write)
            forbidden = true;
    }
    ci_unlock(&inode->lock);
    return forbidden;
}
