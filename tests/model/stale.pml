/* SPDX-License-Identifier: MIT */
/* One waiter on a manual event while two threads attach operations to that event and a third sets and resets it.
 * Shows that SetEvent + ResetEvent always releases it, and that it never sleeps on an outdated drive set. */
#define THREADS 1
#include "word.pml"

bit lock, set, linked; /* the event: all guarded by lock, as is `ops` */
byte ops;              /* operations attached to the event */
byte driven;           /* how many of them the waiter saw when it last collected */
bit was_set, left;

active proctype waiter()
{
    byte was;

    word[0] = ARMED;
    acquire(lock);
    if
    :: set -> cas_open(0, SATISFIED, was)
    :: else -> linked = 1
    fi;
    release(lock);
    do
    :: word[0] >= SATISFIED -> break
    :: else ->
#ifndef BUG_CLEAR_AFTER_COLLECT
        cas(0, STALE, ARMED);
#endif
        acquire(lock);
        driven = ops;
        release(lock);
#ifdef BUG_CLEAR_AFTER_COLLECT
        cas(0, STALE, ARMED);
#endif
        if
        :: driven == 0 ->
            cas(0, ARMED, ASLEEP);
            futex_enter(0);
end_asleep: !asleep[0];
            cas(0, ASLEEP, ARMED)
        :: else ->
            cas(0, ARMED, POLLING);
            if
            :: word[0] == POLLING ->
end_polling:    kick[0];
                cas(0, POLLING, ARMED);
                kick[0] = 0
            :: else
            fi
        fi
    od;
    acquire(lock);
    linked = 0;
    release(lock);
    word[0] = RUNNING;
    left = 1
}

inline mark_stale()
{
    acquire(lock);
    d_step {
        was = RUNNING;
        if
        :: linked && (word[0] == ARMED || word[0] == ASLEEP || word[0] == POLLING) ->
            was = word[0];
            word[0] = STALE
        :: else
        fi
    }
    release(lock);
    wake(0, was)
}

active [2] proctype issuer()
{
    byte was;

#ifdef BUG_SCAN_FIRST
    mark_stale();
#endif
    acquire(lock);
    ops++;
    release(lock);
#ifndef BUG_SCAN_FIRST
    mark_stale()
#endif
}

active proctype setter()
{
    byte was;

    if
    :: linked /* the waiter is inside its wait */
    :: goto none
    fi;
    acquire(lock);
    set = 1;
#ifdef BUG_STALE_CLOSED
    d_step {
        was = word[0];
        if
        :: linked && is_open(was) && was != STALE -> word[0] = SATISFIED
        :: else -> was = RUNNING
        fi
    }
#else
    if
    :: linked -> cas_open(0, SATISFIED, was)
    :: else
    fi;
#endif
    release(lock);
    wake(0, was);
    acquire(lock); /* ResetEvent */
    set = 0;
    release(lock);
    was_set = 1;
none:
    skip
}

active proctype judge()
{
    timeout ->
    assert(left == was_set);
    assert(left || driven == ops)
}
