/* SPDX-License-Identifier: MIT */
/* Locked ranges of a disk file: a list per inode decides within the process, open-file-description
 * locks against other processes.  Every function may be called with a file's lock held. */
#ifndef CI_DEV_RANGE_H
#define CI_DEV_RANGE_H

#include <stdbool.h>
#include <stdint.h>

#include "libcomm/dev/inode.h"

struct ci_range {
    struct ci_list link;    /* in inode->ranges, or spare; guarded by inode->lock */
    struct ci_share *owner; /* fixed while held */
    uint64_t start, len;    /* start + len is at most 2^64 */
    bool exclusive;
};

/* Makes sure that one more lock can be taken or wait without further memory. */
bool ci_range_reserve(struct ci_share *share);
/* Takes the range: 0, STATUS_FILE_LOCK_CONFLICT (somebody of this process is in the way),
 * STATUS_LOCK_NOT_GRANTED (another process), or what else went wrong.  `will_wait`: on those two
 * the caller will wait, and is counted. */
uint32_t ci_range_take(struct ci_share *share, uint64_t start, uint64_t len, bool exclusive,
                       bool will_wait);
/* This many locks of the open wait more, or fewer, than before.  The file's lock is held. */
void ci_range_waiting(struct ci_share *share, int change);
/* Gives back one lock of exactly this range, an exclusive one first; STATUS_RANGE_NOT_LOCKED if
 * there is none. */
uint32_t ci_range_give(struct ci_share *share, uint64_t start, uint64_t len);
/* inode->lock is held: all of them, and the spare records.  Returns whether there were any locks.
 */
bool ci_range_give_all_locked(struct ci_inode *inode, struct ci_share *share);

/* Whether locks forbid this open to read or write these bytes. */
bool ci_range_forbids(struct ci_share *share, uint64_t start, uint64_t len, bool write);

#endif
