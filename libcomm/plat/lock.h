/* SPDX-License-Identifier: MIT */
/* A 32-bit mutex that spins briefly and then sleeps, and the one order in which locks may be taken.
 * Debug builds check the order on every lock; a thread may only go down this list. */
#ifndef CI_PLAT_LOCK_H
#define CI_PLAT_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Outermost first.  A thread that holds a lock may take only locks of a later rank.  One exception:
 * a wait for all takes several OBJECT locks in address order (ci_lock_next()). */
enum ci_rank {
    CI_RANK_NAMES = 1, /* names of objects, of pipes, of COM ports */
    CI_RANK_HANDLES,   /* growing and shrinking the handle table */
    CI_RANK_FILE,      /* one file: its queues, lanes, sources.  Never two of them */
    CI_RANK_INODE,     /* who has a regular file open and locked: asked by a transfer */
    CI_RANK_GATE,      /* a completion port as the engine sees it */
    CI_RANK_ENGINE,    /* undriven lanes, timers, sources by number, workers */
    CI_RANK_PORT,      /* a completion port's packets and waiting threads */
    CI_RANK_ALLWAIT,   /* every wait for all in the process */
    CI_RANK_OBJECT,    /* one object's state and waiters */
    CI_RANK_APC,       /* one thread's APCs, operations and mutexes */
    CI_RANK_LEAF,      /* slabs, pools: nothing is taken inside */
};

struct ci_lock {
    _Atomic uint32_t word; /* 0 free, 1 held, 2 held and perhaps waited for */
    uint32_t rank;
};

void ci_lock_slow(struct ci_lock *lock) __attribute__((cold));
void ci_unlock_slow(struct ci_lock *lock) __attribute__((cold));

#ifdef NDEBUG
static inline void ci_lock_note(struct ci_lock *lock, bool same_rank)
{
    (void)lock;
    (void)same_rank;
}
static inline void ci_unlock_note(struct ci_lock *lock)
{
    (void)lock;
}
#else
void ci_lock_note(struct ci_lock *lock, bool same_rank);
void ci_unlock_note(struct ci_lock *lock);
#endif

#define CI_LOCK_INIT(lock_rank)        \
    {                                  \
        .word = 0, .rank = (lock_rank) \
    }

static inline void ci_lock_init(struct ci_lock *lock, enum ci_rank rank)
{
    atomic_store_explicit(&lock->word, 0, memory_order_relaxed);
    lock->rank = rank;
}

static inline void ci_lock_take(struct ci_lock *lock)
{
    uint32_t free = 0;

    /* acquire: sees everything written under the lock before */
    if (!atomic_compare_exchange_strong_explicit(&lock->word, &free, 1, memory_order_acquire,
                                                 memory_order_relaxed))
        ci_lock_slow(lock);
}

static inline void ci_lock(struct ci_lock *lock)
{
    ci_lock_note(lock, false);
    ci_lock_take(lock);
}

/* One more lock of the rank the thread holds already, at a higher address. */
static inline void ci_lock_next(struct ci_lock *lock)
{
    ci_lock_note(lock, true);
    ci_lock_take(lock);
}

static inline void ci_unlock(struct ci_lock *lock)
{
    ci_unlock_note(lock);
    /* release: what was written under the lock is seen by the next holder */
    if (atomic_exchange_explicit(&lock->word, 0, memory_order_release) == 2)
        ci_unlock_slow(lock);
}

/* Whether the calling thread holds any lock; debug builds only, else always false. */
bool ci_lock_holding(void);

/* ---- fork ---- */

/* For a lock of static storage, from a constructor: fork() holds it, so that what it guards is
 * whole in the child. */
void ci_fork_lock_add(struct ci_lock *lock);
/* Around fork: takes those with from <= rank < to, outermost first; gives all of them back. */
void ci_fork_locks_take(uint32_t from, uint32_t to);
void ci_fork_locks_give(void);
/* In the child, before anything else: this thread holds nothing, and nobody holds those. */
void ci_fork_locks_forget(void);

#endif
