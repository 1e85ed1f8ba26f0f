/* SPDX-License-Identifier: MIT */
/* The slow half of the lock, and in debug builds the check of its rank: a lock taken out of order
 * is a deadlock that has not happened yet, so it stops the program where it is made. */
#include "libcomm/plat/lock.h"

#include <stdio.h>
#include <stdlib.h>

#include "libcomm/plat/sys.h"

#define SPINS 100

static inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    atomic_signal_fence(memory_order_seq_cst);
#endif
}

void ci_lock_slow(struct ci_lock *lock)
{
    for (int i = 0; i < SPINS; i++) {
        uint32_t word = atomic_load_explicit(&lock->word, memory_order_relaxed);

        if (word == 0 && atomic_compare_exchange_strong_explicit(
                             &lock->word, &word, 1, memory_order_acquire, memory_order_relaxed))
            return;
        cpu_relax();
    }
    while (atomic_exchange_explicit(&lock->word, 2, memory_order_acquire) != 0)
        ci_sys_futex_wait(&lock->word, 2, UINT64_MAX);
}

void ci_unlock_slow(struct ci_lock *lock)
{
    ci_sys_futex_wake(&lock->word, 1);
}

#ifdef NDEBUG
bool ci_lock_holding(void)
{
    return false;
}

static void notes_forget(void)
{
}
#else
#define DEPTH 80 /* a wait for all holds 64 object locks and a few above them */

static __thread struct {
    struct ci_lock *held[DEPTH];
    unsigned count;
} mine __attribute__((tls_model("initial-exec")));

static void complain(const char *what, const struct ci_lock *lock)
{
    fprintf(stderr, "libcomm: %s: lock of rank %u, holding", what, (unsigned)lock->rank);
    for (unsigned i = 0; i < mine.count; i++)
        fprintf(stderr, " %u", (unsigned)mine.held[i]->rank);
    fprintf(stderr, "\n");
    abort();
}

void ci_lock_note(struct ci_lock *lock, bool same_rank)
{
    if (mine.count > 0) {
        const struct ci_lock *last = mine.held[mine.count - 1];
        bool next = same_rank && last->rank == lock->rank && (uintptr_t)last < (uintptr_t)lock;

        if (!next && last->rank >= lock->rank)
            complain("lock order", lock);
    }
    if (mine.count == DEPTH)
        complain("too many locks", lock);
    mine.held[mine.count++] = lock;
}

void ci_unlock_note(struct ci_lock *lock)
{
    unsigned i = mine.count;

    while (i > 0 && mine.held[i - 1] != lock)
        i--;
    if (i == 0)
        complain("unlock of a lock not held", lock);
    for (; i < mine.count; i++)
        mine.held[i - 1] = mine.held[i];
    mine.count--;
}

bool ci_lock_holding(void)
{
    return mine.count > 0;
}

static void notes_forget(void)
{
    mine.count = 0;
}
#endif

/* ---- fork ---- */

#define FORK_LOCKS 24

/* Written before main only; in the order in which they may be taken. */
static struct {
    struct ci_lock *lock[FORK_LOCKS];
    unsigned count;
} over_fork;

static bool goes_before(const struct ci_lock *a, const struct ci_lock *b)
{
    return a->rank != b->rank ? a->rank < b->rank : (uintptr_t)a < (uintptr_t)b;
}

void ci_fork_lock_add(struct ci_lock *lock)
{
    unsigned at = over_fork.count;

    if (over_fork.count == FORK_LOCKS)
        abort(); /* before main, on the first run after somebody added one too many */
    for (; at > 0 && goes_before(lock, over_fork.lock[at - 1]); at--)
        over_fork.lock[at] = over_fork.lock[at - 1];
    over_fork.lock[at] = lock;
    over_fork.count++;
}

void ci_fork_locks_take(uint32_t from, uint32_t to)
{
    for (unsigned i = 0; i < over_fork.count; i++) {
        struct ci_lock *lock = over_fork.lock[i];

        if (lock->rank < from || lock->rank >= to)
            continue;
        if (i > 0 && over_fork.lock[i - 1]->rank == lock->rank)
            ci_lock_next(lock);
        else
            ci_lock(lock);
    }
}

void ci_fork_locks_give(void)
{
    for (unsigned i = over_fork.count; i-- > 0;)
        ci_unlock(over_fork.lock[i]);
}

void ci_fork_locks_forget(void)
{
    notes_forget();
    for (unsigned i = 0; i < over_fork.count; i++)
        atomic_store_explicit(&over_fork.lock[i]->word, 0, memory_order_relaxed);
}
