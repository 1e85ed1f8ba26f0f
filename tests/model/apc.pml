/* SPDX-License-Identifier: MIT */
/* A thread makes an alertable wait, then a plain one, while two APCs are queued to it and its events are set.
 * Shows that an APC neither gets lost, runs twice, ends a plain wait, nor overtakes an event that was set all along. */
#define THREADS 1
#include "word.pml"

bit lock, set[2], linked[2]; /* auto-reset, except that `always` keeps event 0 set */
bit apclock, alertable;      /* alertable is written and read under apclock */
byte fifo;                   /* queued APCs, guarded by apclock */
byte ran;
bit always;

inline allow_apcs()
{
    acquire(apclock);
    alertable = 1;
    if
    :: fifo > 0 -> cas_open(0, APC, was)
    :: else
    fi;
    release(apclock)
}

proctype waiter()
{
    byte was, e;

    for (e : 0 .. 1) {
#ifdef BUG_LOOK_FIRST
        if
        :: e == 0 && fifo > 0 && !set[0] -> word[0] = APC; goto leave
        :: else
        fi;
#endif
        word[0] = ARMED;
#ifdef BUG_ALERTABLE_EARLY
        if
        :: e == 0 -> allow_apcs()
        :: else
        fi;
#endif
        acquire(lock);
        if
        :: set[e] ->
            cas_open(0, SATISFIED + e, was);
            if
            :: is_open(was) -> set[e] = (e == 0 && always)
            :: else
            fi
        :: else -> linked[e] = 1
        fi;
        release(lock);
#ifdef BUG_LOOK_FIRST
        alertable = (e == 0);
#else
        if
        :: e == 0 -> allow_apcs() /* only now: an event that is set goes first */
        :: else
        fi;
#endif
        do
        :: word[0] >= SATISFIED || word[0] == APC -> break
        :: else ->
            cas(0, ARMED, ASLEEP);
            futex_enter(0);
            !asleep[0];
            cas(0, ASLEEP, ARMED)
        od;
leave:
        acquire(lock);
        linked[e] = 0;
        release(lock);
        acquire(apclock);
        alertable = 0;
        release(apclock);
        if
        :: word[0] == APC ->
            assert(e == 0);
            assert(!always);
            acquire(apclock);
            assert(fifo > 0);
            ran = ran + fifo;
            fifo = 0;
            release(apclock)
        :: else -> assert(word[0] == SATISFIED + e)
        fi;
        word[0] = RUNNING
    }
}

proctype queuer()
{
    byte was = RUNNING;

    acquire(apclock);
    fifo++;
#ifdef BUG_ALERTABLE_UNLOCKED
    release(apclock);
#endif
    if
    :: alertable -> cas_open(0, APC, was)
    :: else
    fi;
#ifndef BUG_ALERTABLE_UNLOCKED
    release(apclock);
#endif
    wake(0, was)
}

proctype setter(byte e)
{
    byte was = RUNNING;

    acquire(lock);
    set[e] = 1;
    if
    :: linked[e] ->
        cas_open(0, SATISFIED + e, was);
        if
        :: is_open(was) -> set[e] = 0
        :: else
        fi
    :: else
    fi;
    release(lock);
    wake(0, was)
}

proctype judge()
{
    timeout ->
    assert(word[0] == RUNNING);
    assert(ran + fifo == 2)
}

init
{
    atomic {
        if
        :: always = 1; set[0] = 1
        :: skip /* event 0 is set late or, with only APCs to end the wait, never */
        :: run setter(0)
        fi;
        run waiter();
        run queuer();
        run queuer();
        run setter(1);
        run judge()
    }
}
