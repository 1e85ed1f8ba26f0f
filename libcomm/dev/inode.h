/* SPDX-License-Identifier: MIT */
/* What the opens of one disk file in this process know of each other: who shares what with whom,
 * that the file is to be deleted, and which ranges of bytes are locked.  A file is known by device
 * and inode number, so two names of it meet here too. */
#ifndef CI_DEV_INODE_H
#define CI_DEV_INODE_H

#include <stdbool.h>
#include <stdint.h>

#include "libcomm/plat/list.h"
#include "libcomm/plat/lock.h"

struct ci_file;
struct stat;

struct ci_inode {
    struct ci_list in_table; /* guarded by the table's lock */
    uint64_t device, number; /* fixed */
    unsigned refs;         /* guarded by the table's lock: one per open, and callers for a moment */
    uint32_t owner;        /* process; another one's are rebuilt after a fork */
    struct ci_lock lock;   /* rank INODE */
    struct ci_list opens;  /* guarded by lock: of struct ci_share */
    struct ci_list kicked; /* guarded by lock: opens whose pending locks are to be tried again */
    struct ci_list ranges; /* guarded by lock: of struct ci_range, oldest first */
    _Atomic uint32_t locked; /* how many ranges; changed under lock, read without it as a hint */
    bool doomed; /* guarded by lock: goes when its last open goes; nobody may open it any more */
    char *name;  /* guarded by lock: which of its names goes then */
};

#define CI_INODE_NAME_ROOM 4096

/* One open.  Lies in the file object. */
struct ci_share {
    struct ci_list link;    /* in inode->opens; guarded by inode->lock */
    struct ci_list kick;    /* in inode->kicked; guarded by inode->lock */
    struct ci_inode *inode; /* NULL: not joined, or left again */
    struct ci_file *file;   /* this is part of; fixed */
    uint32_t access;        /* granted, specific rights; fixed */
    uint32_t share;         /* FILE_SHARE_*; fixed */
    char
        *deletes; /* the file goes with this open: room for its name; NULL: it does not.  Its own */
    bool readable, writable; /* the descriptor, not the handle; fixed */
    unsigned
        waiting; /* changed under the file's lock and inode->lock: locks that wait; never too low */
    unsigned held;        /* guarded by inode->lock: ranges that are its own */
    unsigned spares;      /* guarded by inode->lock */
    struct ci_list spare; /* guarded by inode->lock: records for locks that wait, so that granting
                             cannot fail */
};

/* An open joins the others, or is refused: ERROR_SHARING_VIOLATION, ERROR_ACCESS_DENIED (it is to
 * be deleted) or ERROR_NOT_ENOUGH_MEMORY.  `access` is what is asked of the others; *share is
 * filled in by the caller. */
uint32_t ci_inode_join(struct ci_share *share, const struct stat *st, uint32_t access);
/* The open is over: its locks go, the file too if that is due.  No file's lock may be held: others
 * are stepped. Doing it twice is harmless. */
void ci_inode_leave(struct ci_share *share);
/* May the file be deleted by name now?  0 or an error code. */
uint32_t ci_inode_may_delete(const struct stat *st);
/* In a forked child: the open is the child's too, its locks and the deleting stay the parent's. */
void ci_inode_forked(struct ci_share *share);

/* After an unlock: a reference, taken under the file's lock while the file is open; and, with no
 * file's lock held, every open whose locks wait tries again.  That gives the reference back. */
struct ci_inode *ci_inode_hold(struct ci_share *share);
void ci_inode_kick(struct ci_inode *inode);

#endif
