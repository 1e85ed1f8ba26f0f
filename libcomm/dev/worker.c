/* SPDX-License-Identifier: MIT */
/* The pool: a queue of work, and up to four threads that take from it.  Idle threads sleep on one
 * word that changes with every submission; a thread that has slept for 200 ms in vain ends. */
#include "libcomm/dev/worker.h"

#include <pthread.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/lock.h"
#include "libcomm/plat/sys.h"

#define WORKERS_MOST 4u
#define IDLE_NS (200 * CI_NS_PER_MS)

static struct {
    struct ci_lock lock;
    struct ci_list ready;  /* guarded by lock: oldest first */
    unsigned waiting;      /* guarded by lock: how many are in `ready` */
    unsigned threads;      /* guarded by lock */
    unsigned idle;         /* guarded by lock: of the threads, those that sleep or are about to */
    _Atomic uint32_t bell; /* changed under lock by each submission; idle threads sleep on it */
} pool = {
    .lock = CI_LOCK_INIT(CI_RANK_ENGINE),
    .ready = {&pool.ready, &pool.ready},
};

/* ---- a worker's life ---- */

/* The next work, or NULL when it is time to end; then the thread is no longer counted. */
static struct ci_work *work_wait(void)
{
    uint64_t until_ns = ci_add_ns(ci_now_ns(), IDLE_NS);
    struct ci_list *link;

    ci_lock(&pool.lock);
    while ((link = ci_list_pop(&pool.ready)) == NULL && ci_now_ns() < until_ns) {
        uint32_t seen = atomic_load_explicit(&pool.bell, memory_order_relaxed);

        pool.idle++;
        ci_unlock(&pool.lock);
        ci_sys_futex_wait(&pool.bell, seen, until_ns);
        ci_lock(&pool.lock);
        pool.idle--;
    }
    if (link != NULL)
        pool.waiting--;
    else
        pool.threads--;
    ci_unlock(&pool.lock);
    return link == NULL ? NULL : CI_CONTAINER(link, struct ci_work, link);
}

static void *worker_main(void *unused)
{
    struct ci_work *work;

    (void)unused;
    while ((work = work_wait()) != NULL) {
        struct ci_obj *obj = work->obj;

        work->run(work);
        ci_obj_put(obj);
    }
    return NULL;
}

/* Under the lock, so that nobody counts on a thread that then does not come into being. */
static void workers_grow_locked(void)
{
    if (pool.waiting <= pool.idle || pool.threads == WORKERS_MOST)
        return;
    if (ci_sys_thread(worker_main, NULL, 0, true, "comm-worker") == 0)
        pool.threads++;
}

/* ---- for those who have work ---- */

void ci_work_init(struct ci_work *work, struct ci_obj *obj, void (*run)(struct ci_work *work))
{
    ci_list_init(&work->link);
    work->obj = obj;
    work->run = run;
}

bool ci_work_submit(struct ci_work *work)
{
    bool accepted = true, ring = false;

    ci_lock(&pool.lock);
    if (!ci_list_linked(&work->link)) {
        pool.waiting++;
        workers_grow_locked();
        accepted = pool.threads > 0;
        if (accepted) {
            ci_obj_get(work->obj);
            ci_list_append(&pool.ready, &work->link);
            atomic_fetch_add_explicit(&pool.bell, 1, memory_order_relaxed);
            ring = pool.idle > 0;
        } else {
            pool.waiting--;
        }
    }
    ci_unlock(&pool.lock);
    if (ring)
        ci_sys_futex_wake(&pool.bell, 1);
    return accepted;
}

/* ---- fork ---- */

void ci_workers_forget(void)
{
    ci_lock_init(&pool.lock, CI_RANK_ENGINE);
    ci_list_init(&pool.ready);
    pool.waiting = pool.threads = pool.idle = 0;
}

/* The pool outlives every file, so it cannot rely on a file to be told. */
__attribute__((constructor)) static void workers_setup(void)
{
    pthread_atfork(NULL, NULL, ci_workers_forget);
}

#ifdef CI_TESTING
unsigned ci_testing_workers(void)
{
    unsigned threads;

    ci_lock(&pool.lock);
    threads = pool.threads;
    ci_unlock(&pool.lock);
    return threads;
}
#endif
