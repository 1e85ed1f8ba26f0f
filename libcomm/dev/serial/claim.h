/* SPDX-License-Identifier: MIT */
/* One port, one user.  No single means keeps everybody out: this process itself is kept out by a
 * table, programs that ask by flock(2), ordinary users by TIOCEXCL, and older programs by a file in
 * /var/lock. */
#ifndef CI_DEV_SERIAL_CLAIM_H
#define CI_DEV_SERIAL_CLAIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libcomm/plat/list.h"

struct ci_claim {
    struct ci_list link; /* in the table, guarded by its lock; on no list: nothing is claimed */
    uint64_t device;     /* st_rdev */
    uint32_t owner;      /* the process that claimed it; in a child of it only the table counts */
    bool excludes;       /* TIOCEXCL is ours */
    char lock_path[80];  /* of our file in /var/lock; empty: none */
};

/* All of it or nothing: 0, -EBUSY, or another negative errno.  `device`: st_rdev of fd.  `lasting`:
 * the tty outlives its users, as a pty does; then what nobody takes back when a program dies is not
 * done to it. */
int ci_claim_take(struct ci_claim *claim, int fd, uint64_t device, bool lasting);
/* Gives it up, once, before fd is closed. */
void ci_claim_give(struct ci_claim *claim, int fd);

/* The lock file of a device, from its path without links; false: it has none.  The process it
 * names: 0 when there is no file, or no such process any more. */
bool ci_claim_lock_path(const char *real, char *path, size_t room);
int ci_claim_lock_owner(const char *path);

#endif
