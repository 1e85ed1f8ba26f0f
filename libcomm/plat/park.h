/* SPDX-License-Identifier: MIT */
/* One thread's sleep.  The word says where the thread is in its wait and, in the end, who ended it:
 * whoever moves it out of an open state has decided the wait, and nobody else can.
 *
 *   RUNNING --owner--> ARMED --owner--> ASLEEP (futex) | POLLING (ppoll, with its kick)
 *   ARMED, ASLEEP, POLLING --someone added work to what it waits for--> STALE --owner--> ARMED
 *   any open state --signaller--> SATISFIED + result | --APC--> APC | --owner, timeout--> RUNNING
 *
 * STALE is an open state: a wait that is to look again at what it drives can still be satisfied.
 * The states bear the same names in tests/model. */
#ifndef CI_PLAT_PARK_H
#define CI_PLAT_PARK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

enum ci_park_state {
    CI_PARK_RUNNING = 0,
    CI_PARK_ARMED = 1,      /* open: in a wait, awake */
    CI_PARK_ASLEEP = 2,     /* open: in a futex wait on the word */
    CI_PARK_POLLING = 3,    /* open: in ppoll or epoll_wait together with the kick */
    CI_PARK_APC = 4,        /* ended: run the APCs */
    CI_PARK_STALE = 5,      /* open: must look at its drive set again before it sleeps */
    CI_PARK_SATISFIED = 16, /* ended: 16 + result of the wait */
};

/* Lives in memory that is never unmapped: a wake may arrive long after the wait it was for. */
struct ci_park {
    /* Every change is a seq_cst CAS or exchange.  Leaving an open state releases what the changer
     * wrote before (the consumed object, the packet handed over); the owner's load of an ended
     * state acquires it. */
    _Atomic uint32_t word;
    /* An eventfd, -1 until first needed.  Written by the owner only, before POLLING is entered. */
    _Atomic int kick;
};

/* Wake-ups that are owed, collected under locks and delivered when none is held. */
#define CI_WAKES_ROOM 32
struct ci_wakes {
    unsigned count;
    struct {
        struct ci_park *park;
        uint32_t was;
    } owed[CI_WAKES_ROOM];
};

static inline void ci_wakes_init(struct ci_wakes *wakes)
{
    wakes->count = 0;
}

void ci_park_init(struct ci_park *park);

/* For those who end or disturb somebody's wait.  True: this call did it, and the wake-up is owed in
 * `wakes`. */
bool ci_park_end(struct ci_park *park, uint32_t ended, struct ci_wakes *wakes);
void ci_park_disturb(struct ci_park *park, struct ci_wakes *wakes);
/* Delivers.  No lock may be held.  (A 33rd wake-up is delivered where it is found; that costs the
 * woken thread a second switch and nothing else.) */
void ci_wakes_deliver_all(struct ci_wakes *wakes);
static inline void ci_wakes_deliver(struct ci_wakes *wakes)
{
    if (wakes->count > 0) /* a driver that ended its own wait owes nothing */
        ci_wakes_deliver_all(wakes);
}
void ci_wake_owed(struct ci_wakes *wakes, struct ci_park *park, uint32_t was);

/* For the owner.  Who ends or disturbs the wait finds it through a list under a lock the owner
 * takes after arming, so release is enough here; and after the end nobody else has any business
 * with the word. */
static inline void ci_park_arm(struct ci_park *park)
{
    atomic_store_explicit(&park->word, CI_PARK_ARMED, memory_order_release);
}

static inline uint32_t ci_park_word(struct ci_park *park)
{
    return atomic_load(&park->word);
}

static inline bool ci_park_ended(uint32_t word)
{
    return word >= CI_PARK_SATISFIED || word == CI_PARK_APC;
}

static inline bool ci_park_open(uint32_t word)
{
    return word != CI_PARK_RUNNING && !ci_park_ended(word);
}

/* from -> to, if the word is still `from`. */
static inline bool ci_park_move(struct ci_park *park, uint32_t from, uint32_t to)
{
    return atomic_compare_exchange_strong(&park->word, &from, to);
}

/* Gives the wait up.  False: somebody ended it first, and that is its result. */
bool ci_park_give_up(struct ci_park *park);
static inline void ci_park_leave(struct ci_park *park)
{
    atomic_store_explicit(&park->word, CI_PARK_RUNNING, memory_order_release);
}
/* ARMED -> ASLEEP, sleep until woken or the deadline, -> ARMED unless ended.  May return early for
 * no reason. */
void ci_park_sleep(struct ci_park *park, uint64_t deadline_ns);
/* The kick, made on first use; negative errno if there is none to be had. */
int ci_park_kick(struct ci_park *park);

/* Kicks are pooled and never closed: a late write must not hit a stranger's descriptor. */
int ci_kick_get(void);
void ci_kick_put(int fd);
void ci_kick_ring(int fd);
void ci_kick_clear(int fd);
unsigned ci_kicks_made(void);
/* In a child after fork: the parent's kicks are closed and forgotten. */
void ci_kicks_forget(void);

#endif
