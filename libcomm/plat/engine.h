/* SPDX-License-Identifier: MIT */
/* The engine: one epoll set, one timer heap and one thread that serves whatever no waiting thread
 * serves. The thread exists only while something is pending; who makes something pending "uses" the
 * engine. */
#ifndef CI_PLAT_ENGINE_H
#define CI_PLAT_ENGINE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "libcomm/plat/list.h"
#include "libcomm/plat/lock.h"

struct ci_timer;

enum ci_engine_mode {
    CI_ENGINE_LAZY,       /* waiters drive, the thread takes over what nobody waits for */
    CI_ENGINE_BACKGROUND, /* LIBCOMM_ENGINE=background: the thread does everything */
    CI_ENGINE_DRIVER,     /* LIBCOMM_ENGINE=driver: the thread takes over late */
};

enum ci_engine_state { CI_ENGINE_STOPPED, CI_ENGINE_RUNNING };

struct ci_engine {
    struct ci_lock lock;
    enum ci_engine_mode mode; /* fixed on first use */
    /* users and state form a handshake (tests/model/engine_thread.pml): a user counts itself and
     * then looks at the state; the thread says STOPPED and then looks at the users.  Both seq_cst,
     * so one sees the other. */
    _Atomic uint32_t users; /* lanes with something pending, armed timers, standing sources */
    _Atomic int state;
    _Atomic uint32_t
        epoch; /* ticks of the thread; the age of an undriven lane is counted in these */
    _Atomic bool exported;     /* a foreign loop dispatches; set once */
    _Atomic uint32_t io_wakes; /* descriptors served by the thread, for tests and the bench */
    int epoll;                 /* made under lock, read freely by users afterwards */
    int kick;                  /* the same; in `epoll`, level-triggered */
    int timerfd;               /* while exported: carries the heap's earliest deadline */
    struct ci_list undriven;   /* guarded by lock: lanes, oldest first */
    /* Until when the thread sleeps; 0 awake.  Written under lock; CI_NEVER is part of the handshake
     * with `users`: the last user to leave wakes a thread that would sleep for ever. */
    _Atomic uint64_t wakes_at_ns;
    struct ci_timer **timers; /* guarded by lock: binary heap, earliest first */
    uint32_t timer_count, timer_room, timer_reserved; /* guarded by lock */
};

extern struct ci_engine ci_engine;

/* What the kicks's own entry in the epoll set carries; no source has this number. */
#define CI_ENGINE_KICK_DATA UINT64_MAX
#define CI_ENGINE_TIMER_DATA (UINT64_MAX - 1)

enum ci_engine_mode ci_engine_mode(void);
/* Waiters leave all I/O to the thread - unless a foreign loop has taken its place, which may be the
 * very thread that waits. */
static inline bool ci_engine_hands_off(void)
{
    return ci_engine.mode == CI_ENGINE_BACKGROUND &&
           !atomic_load_explicit(&ci_engine.exported, memory_order_acquire);
}
/* Whatever becomes pending is armed at once. */
static inline bool ci_engine_arms_early(void)
{
    return ci_engine.mode == CI_ENGINE_BACKGROUND ||
           atomic_load_explicit(&ci_engine.exported, memory_order_acquire);
}

/* Something becomes pending.  0, or a negative errno, and then it must not.  Pairs with exit. */
int ci_engine_enter(void);
void ci_engine_exit(void);

/* The engine's lock is held: the thread has new work that starts at `at_ns` (0: a tick is wanted).
 */
void ci_engine_wake_locked(uint64_t at_ns);

/* For a foreign loop: the descriptor to poll, and what to do when it is readable (never blocks). */
int ci_engine_export(void);
void ci_engine_dispatch(void);

/* In a child after fork. */
void ci_engine_forget(void);
/* Waits until the thread has ended; false after 5 s.  For tests and for the library's unloading. */
bool ci_engine_quiesce(void);

#endif
