/* SPDX-License-Identifier: MIT */
/* The pool's threads: made so that they can use the library or not at all, and counted until they
 * own nothing of it any more. */
#include "libcomm/op/pool.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include "libcomm/obj/thread.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/testing.h"

static _Atomic unsigned threads; /* that have not ended yet; nothing else is ordered by it */
static __thread bool is_thread;

enum start_state { STARTING, STARTED, FAILED };

/* On the creator's stack, who waits. */
struct start {
    void (*run)(void *arg);
    void *arg;
    _Atomic uint32_t state; /* futex word; carries everything the thread has prepared */
};

static pthread_key_t end_key;
static bool end_key_made;

/* Made after the key of thread records, and therefore called after it in each round: in the last
 * one the thread's record is gone, and the thread owns nothing of the library any more. */
static void thread_end(void *value)
{
    uintptr_t round = (uintptr_t)value;

    if (round < CI_EXIT_ROUND)
        pthread_setspecific(end_key, (void *)(round + 1));
    else
        atomic_fetch_sub(&threads, 1);
}

static void end_key_make(void)
{
    end_key_made = pthread_key_create(&end_key, thread_end) == 0;
}

static void start_say(struct start *start, enum start_state state)
{
    atomic_store(&start->state, state);
    ci_sys_futex_wake(&start->state, 1); /* the word may be gone: then this wakes nobody */
}

static void *thread_main(void *arg)
{
    struct start *start = arg;
    void (*run)(void *) = start->run;

    arg = start->arg;
    if (ci_self() == NULL || pthread_setspecific(end_key, (void *)1) != 0) {
        atomic_fetch_sub(&threads, 1);
        start_say(start, FAILED);
        return NULL;
    }
    is_thread = true;
    start_say(start, STARTED);
    run(arg);
    return NULL;
}

int ci_pool_thread(void (*run)(void *arg), void *arg, const char *name)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct start start = {.run = run, .arg = arg, .state = STARTING};
    int error;

    pthread_once(&once, end_key_make);
    if (!end_key_made)
        return -EAGAIN;
    atomic_fetch_add(&threads, 1);
    error = ci_sys_thread(thread_main, &start, 0, true, name);
    if (error != 0) {
        atomic_fetch_sub(&threads, 1);
        return error;
    }
    while (atomic_load(&start.state) == STARTING)
        ci_sys_futex_wait(&start.state, STARTING, CI_NEVER);
    return atomic_load(&start.state) == STARTED ? 0 : -ENOMEM;
}

/* ---- fork ---- */

static void threads_forget(void)
{
    atomic_store(&threads, is_thread ? 1 : 0);
}

__attribute__((constructor)) static void threads_setup(void)
{
    pthread_atfork(NULL, NULL, threads_forget);
}

/* ---- tests ---- */

#ifdef CI_TESTING
unsigned ci_testing_pool_threads(void)
{
    return atomic_load(&threads);
}

static void threads_rest(void)
{
    uint64_t deadline_ns = ci_deadline_ns(5000);

    while (ci_testing_pool_threads() > 0 && ci_now_ns() < deadline_ns)
        ci_sys_poll(NULL, 0, CI_NS_PER_MS);
}

__attribute__((constructor)) static void threads_testing_setup(void)
{
    ci_testing_at_quiesce(threads_rest);
}
#endif
