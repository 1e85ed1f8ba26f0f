/* SPDX-License-Identifier: MIT */
/* A few threads for what may block in the kernel: long transfers on disk files, and any transfer on
 * a file system that lives behind a network or a process.  Threads are made on demand and end when
 * there was nothing to do for a while. */
#ifndef CI_DEV_WORKER_H
#define CI_DEV_WORKER_H

#include <stdbool.h>

#include "libcomm/obj/object.h"
#include "libcomm/plat/list.h"

/* Something that has work for a worker.  Lies in what it is for. */
struct ci_work {
    struct ci_list link; /* guarded by the pool's lock */
    struct ci_obj *obj;  /* kept from submitting until run() has returned; fixed */
    /* On a worker, without locks.  May submit itself again. */
    void (*run)(struct ci_work *work);
};

void ci_work_init(struct ci_work *work, struct ci_obj *obj, void (*run)(struct ci_work *work));

/* Has run() called soon; once, however often it is submitted before that.  False when there is no
 * worker and none can be made: the caller must do without.  May be called with a file's lock held.
 */
bool ci_work_submit(struct ci_work *work);

/* In a forked child, where no worker lives; any number of times. */
void ci_workers_forget(void);

#ifdef CI_TESTING
#define CI_WORKERS_MOST 4
/* Threads that exist now. */
unsigned ci_testing_workers(void);
#endif

#endif
