/* SPDX-License-Identifier: MIT */
/* Fixed-size pieces of memory that stay what they are: a piece may be reused for the same kind of
 * thing but never goes back to malloc.  A pointer that lost a race therefore still points to a
 * valid header. */
#ifndef CI_PLAT_SLAB_H
#define CI_PLAT_SLAB_H

#include <stddef.h>

#include "libcomm/plat/lock.h"

struct ci_slab {
    struct ci_lock lock;
    size_t size;  /* of a piece, fixed */
    void *free;   /* guarded by lock; linked through the first word of each piece */
    size_t live;  /* guarded by lock */
    void *chunks; /* guarded by lock; every chunk ever made, linked through its first word */
};

#define CI_SLAB_INIT(piece_size)                                 \
    {                                                            \
        .lock = CI_LOCK_INIT(CI_RANK_LEAF), .size = (piece_size) \
    }

/* A piece with unspecified content (zero the first time), or NULL. */
void *ci_slab_get(struct ci_slab *slab);
void ci_slab_put(struct ci_slab *slab, void *piece);
size_t ci_slab_live(struct ci_slab *slab);
/* Calls `visit` for every piece ever made, in use or not.  Only where no other thread runs (after
 * fork). */
void ci_slab_each(struct ci_slab *slab, void (*visit)(void *piece));

#endif
