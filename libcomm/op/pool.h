/* SPDX-License-Identifier: MIT */
/* The process-wide pool: threads made on demand that call functions - of work items, of bound
 * files' completions, of registered waits.  What they take from is a completion port, so a packet
 * reaches the thread that ran last, and an idle worker performs the I/O of the bound files.
 *
 * A worker ends after a while with nothing to do.  While files are bound one of them always stays;
 * the pool then sees to it that a worker waits at the port even if callbacks never return.  In a
 * forked child there are no workers until something is called or bound there. */
#ifndef CI_OP_POOL_H
#define CI_OP_POOL_H

#include <stdint.h>

#include "libcomm/op/file.h"
#include "libcomm/wait/iocp.h"

#define CI_POOL_WORKERS_MOST 64u
/* How long a thread of the pool stays with nothing to do. */
#define CI_POOL_LINGER_MS 200u

/* Something to be called once by a worker.  Lies in what it is for; run() disposes of it. */
struct ci_call {
    struct ci_packet packet;
    void (*run)(struct ci_call *call);
};

/* Has run() called on a worker.  0; or 8 when there is no worker and none can be made, and then the
 * call is still the caller's.  No lock may be held. */
uint32_t ci_pool_call(struct ci_call *call, void (*run)(struct ci_call *call));

/* Completions of this file call `routine` on a worker, for good.  0 or an error code; then nothing
 * has changed. */
uint32_t ci_pool_bind(struct ci_file *file, LPOVERLAPPED_COMPLETION_ROUTINE routine);

/* One more thread that belongs to the pool but not to the port: `run` is called on it, once it is
 * ready to make any call of the library.  Negative errno.  Locks of the last rank may be held;
 * run() must not end before this has returned. */
int ci_pool_thread(void (*run)(void *arg), void *arg, const char *name);

#ifdef CI_TESTING
/* Threads made by ci_pool_thread() that have not ended yet; those of them that are workers. */
unsigned ci_testing_pool_threads(void);
unsigned ci_testing_pool_workers(void);
#endif

#endif
