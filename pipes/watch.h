/* SPDX-License-Identifier: MIT */
/* A descriptor that the engine's thread serves as long as it is open: a door, a caller at a door, a
 * provider's line.  Never driven by a waiter. */
#ifndef PI_WATCH_H
#define PI_WATCH_H

#include <stdbool.h>

#include "libcomm/plat/lock.h"
#include "libcomm/plat/poller.h"
#include "libcomm/plat/timer.h"

struct pi_watch {
    struct ci_pump pump;
    struct ci_list all;    /* every watch of the process */
    struct ci_lock lock;   /* rank FILE: the pump's */
    _Atomic uint32_t refs; /* 0: on its way out */
    int fd;                /* fixed; closed with the last reference */
    struct ci_timer nap;
    bool wanted;  /* guarded by lock: to be watched now */
    bool counted; /* guarded by lock: it uses the engine */
    /* It is readable.  Without locks, by the engine's thread, one at a time. */
    void (*ready)(struct pi_watch *watch);
    /* The last reference is gone; the descriptor is closed already. */
    void (*destroy)(struct pi_watch *watch);
};

/* Takes fd over on success; one reference.  Negative errno, or 0.  Not watched yet. */
int pi_watch_init(struct pi_watch *watch, int fd, void (*ready)(struct pi_watch *),
                  void (*destroy)(struct pi_watch *));
/* To be watched, or not: negative errno when the engine cannot be started.  Any lock of a rank
 * outside FILE may be held. */
int pi_watch_want(struct pi_watch *watch, bool wanted);
/* From ready(): what is there cannot be taken now, for want of descriptors; look again in a while.
 */
void pi_watch_rest(struct pi_watch *watch);
void pi_watch_put(struct pi_watch *watch);

#endif
