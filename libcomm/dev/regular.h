/* SPDX-License-Identifier: MIT */
/* Disk files and directories, block devices, the null device: what has offsets and never makes a
 * reader wait for somebody else.  Transfers are made in the issuing call; long ones, and those on
 * slow file systems, by a worker. */
#ifndef CI_DEV_REGULAR_H
#define CI_DEV_REGULAR_H

#include <stdbool.h>
#include <stdint.h>

#include "libcomm/dev/inode.h"
#include "libcomm/dev/worker.h"
#include "libcomm/op/file.h"
#include "libcomm/plat/timer.h"

struct stat;

struct regular {
    struct ci_file file; /* first: a handle leads here */
    struct ci_share share;
    struct ci_work work;    /* transfers that wait for a worker */
    struct ci_timer retry;  /* tries locks again that another process is in the way of */
    uint64_t retry_ns;      /* guarded by file.lock: how long until the next try; 0: none is due */
    int64_t position;       /* guarded by file.lock; not used when `borrowed` */
    _Atomic uint32_t ended; /* counts what workers finished; those who wait for that sleep on it */
    bool moving;            /* guarded by file.lock: a worker is using the position */
    /* fixed: */
    bool directory;
    bool seekable;
    bool appends;    /* the handle may add to the file and not change it */
    bool unbuffered; /* FILE_FLAG_NO_BUFFERING: only whole sectors */
    bool slow;       /* behind a network or another process */
    bool borrowed; /* a standard descriptor: the kernel's position counts, and it is never closed */
};

static inline struct regular *ci_regular_of(struct ci_file *file)
{
    return CI_CONTAINER(file, struct regular, file);
}
/* Whether a file is one of these. */
bool ci_is_regular(const struct ci_file *file);

/* How a regular file is opened. */
struct ci_regular_open {
    int fd;
    const struct stat *st;
    uint32_t access; /* granted */
    uint32_t asking; /* of the others who have it open */
    uint32_t share;
    bool overlapped, unbuffered, deletes, borrowed;
    bool readable, writable; /* the descriptor */
};
/* A file over how->fd, which it owns from now on; 0 or a Win32 error, and then fd is still the
 * caller's. */
uint32_t ci_regular_new(const struct ci_regular_open *how, struct ci_file **made);

/* The size as Windows sees it: of a file or block device; 0 else.  Negative errno. */
int64_t ci_regular_size(const struct regular *r);
/* The file's lock is held. */
int64_t ci_regular_position(struct regular *r);
void ci_regular_seek(struct regular *r, int64_t position);

/* ---- reading and writing (transfer.c).  The file's lock is held, but for the last two. ---- */

uint32_t ci_transfer_admit(struct regular *r, struct ci_op *op);
bool ci_transfer_attempt(struct regular *r, struct ci_op *op);
void ci_transfer_work(struct ci_work *work);
/* Blocks until no worker has a transfer of this issuer (NULL: of anybody) any more. */
void ci_transfer_wait(struct ci_file *file, const struct ci_thread *issuer);

/* ---- byte-range locks of such a file (bytelock.c).  The file's lock is held. ---- */

uint32_t ci_lock_admit(struct regular *r, const struct ci_op *op);
bool ci_lock_attempt(struct regular *r, struct ci_op *op);
void ci_lock_step(struct regular *r, struct ci_done *done);
void ci_lock_withdrawn(struct regular *r);
bool ci_lock_hold(struct ci_timer *timer);
void ci_lock_retry(struct ci_timer *timer);

#ifdef CI_TESTING
/* Called by a worker that has taken a transfer and not begun it. */
extern void (*ci_testing_transfer)(void);
#endif

#endif
