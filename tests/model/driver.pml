/* SPDX-License-Identifier: MIT */
/* One file with two lanes: two operations, two waiters that drive and may time out, the fallback thread, the wire.
 * Shows that no operation stays undriven, whose data is there or not, and that each completes exactly once. */
#define THREADS 2
#include "word.pml"

/* Operation i is tied to event i, for which waiter i waits; operation 1 is on lane 0 too, or on lane 1. */
#define bit_of(i) (1 << (i))
bit apart; /* the lane of operation 1 */
#define lane_of(op) (op && apart)
#define ops_of_lane(l) (l -> 2 * apart : 3 - 2 * apart)
#define ops_of_event(e) bit_of(e)

bit F; /* the file lock: guards queue, drivers, queued, eager, armed */
byte queue, drivers[2], armed;
bit queued[2], eager[2];
byte ready[2];          /* what the wire offers per lane */
byte attached;          /* operations on their events' lists, guarded by the event's lock */
bit set[2], linked[2];  /* manual events; waiter t waits for event t */
byte dset[2];           /* lanes that waiter t drives */
byte times[2];          /* how often each operation completed */
byte kmask;             /* what the one-shot entry in epoll still reports */
byte fifo;              /* undriven lanes, with tickless and ekick: engine lock */
bit tickless, ekick;

hidden byte op, i; /* scratch of one atomic block */

#define readiness ((ready[0] > 0) | ((ready[1] > 0) << 1))
#define pending(l) (queue & ops_of_lane(l))

/* The library gives a seat back in the critical section of the step that ended its wait, where here a second one follows:
 * whatever it can do, this can.
 * Each atomic block below is one critical section: all it touches is guarded by the lock it names,
 * and readiness is level-triggered. */
inline arm(l)
{
    if
    :: !(armed & bit_of(l)) -> armed = armed | bit_of(l); kmask = armed
    :: else
    fi
}

inline settle(l) /* F held */
{
    if
    :: pending(l) && !drivers[l] ->
        if
        :: eager[l] -> arm(l)
        :: !eager[l] && !queued[l] -> queued[l] = 1; fifo = fifo | bit_of(l); ekick = ekick | tickless
        :: else
        fi
    :: else
    fi
}

inline step(l, is_eager) /* F held */
{
    do
    :: ready[l] && pending(l) ->
        op = (pending(l) & 1 -> 0 : 1);
        queue = queue & (3 - bit_of(op));
        attached = attached & (3 - bit_of(op));
        ready[l]--;
        times[op]++;
        assert(times[op] == 1);
        eager[l] = is_eager;
        done = done | bit_of(op)
    :: else -> break
    od
}

inline set_events() /* F released */
{
    do
    :: done ->
        atomic {
            e = (done & ops_of_event(0) -> 0 : 1);
            done = done & ops_of_event(1 - e);
            set[e] = 1;
            was = RUNNING;
            if
            :: linked[e] -> cas_open(e, SATISFIED, was)
            :: else
            fi
        }
        wake(e, was);
        e = 0
    :: else -> break
    od
}

proctype issuer()
{
    byte n, e, was, done;

    for (n : 0 .. 1) {
        acquire(F);
        if
        :: !pending(lane_of(n)) && ready[lane_of(n)] -> /* first in line tries now */
            atomic { ready[lane_of(n)]--; times[n]++; done = bit_of(n); F = 0 }
            set_events();
            goto next
        :: else
        fi;
        queue = queue | bit_of(n);
        attached = attached | bit_of(n);
        atomic { settle(lane_of(n)); F = 0 }
        e = n;
        was = RUNNING;
        d_step {
            if
            :: linked[e] && (word[e] == ARMED || word[e] == ASLEEP || word[e] == POLLING) ->
                was = word[e];
                word[e] = STALE
            :: else
            fi
        }
        wake(e, was);
        e = 0;
next:   skip
    }
}

inline drive(l) /* becomes or ceases to be a driver of lane l, as `want` says */
{
    atomic {
        if
        :: want & bit_of(l) & (3 - dset[t]) -> !F; drivers[l]++; dset[t] = dset[t] | bit_of(l)
        :: dset[t] & bit_of(l) & (3 - want) ->
            !F;
            drivers[l]--;
            dset[t] = dset[t] & (3 - bit_of(l));
#ifndef BUG_LEAVE_UNSETTLED
            settle(l)
#endif
        :: else
        fi
    }
}

proctype waiter(byte t; bit timed)
{
    byte want, e, was, done;
    bit expired;

    word[t] = ARMED;
    atomic {
        if
        :: set[t] -> word[t] = SATISFIED
        :: else -> linked[t] = 1
        fi
    }
    do
    :: word[t] >= SATISFIED || expired -> break
    :: else ->
        cas(t, STALE, ARMED);
        d_step {
            want = attached & ops_of_event(t);
            want = (want -> bit_of(lane_of(t)) : 0) /* its lanes */
        }
        drive(0);
        drive(1);
        d_step {
            want = 0;
            if
            :: word[t] == ARMED && dset[t] -> word[t] = POLLING
            :: word[t] == ARMED && !dset[t] -> word[t] = ASLEEP
            :: else
            fi
        }
        if
        :: word[t] != POLLING && word[t] != ASLEEP -> goto next
        :: word[t] == ASLEEP ->
            futex_enter(t);
end_asleep:
            if
            :: !asleep[t] -> cas(t, ASLEEP, ARMED)
            :: timed -> asleep[t] = 0; expired = 1
            fi
        :: word[t] == POLLING ->
end_polling:
            if
            :: kick[t] || (dset[t] & readiness) ->
                cas(t, POLLING, ARMED);
                kick[t] = 0;
                atomic {
                    !F ->
                    for (i : 0 .. 1) {
                        if
                        :: dset[t] & bit_of(i) -> step(i, 0)
                        :: else
                        fi
                    }
                }
                set_events()
            :: timed -> expired = 1
            fi
        fi;
        if
        :: expired ->
            cas_open(t, RUNNING, was);
            atomic { expired = is_open(was); was = RUNNING }
        :: else
        fi;
next:   skip
    od;
    want = 0;
    drive(0);
    drive(1);
    linked[t] = 0;
    word[t] = RUNNING
}

proctype fallback()
{
    byte l, e, was, done;

    do
    :: fifo -> /* tick: the entry is old enough */
        d_step { l = (fifo & 1 -> 0 : 1); fifo = fifo & (3 - bit_of(l)) }
        atomic {
            !F ->
            queued[l] = 0;
            if
            :: pending(l) && !drivers[l] -> eager[l] = 1; arm(l)
            :: else /* a driver has it, and settles when it leaves */
            fi;
            l = 0
        }
    :: !fifo && (kmask & readiness) -> /* the one-shot fires: spent for both lanes */
        kmask = 0;
        atomic {
            !F ->
#ifdef BUG_DRIVEN_STAYS_ARMED
            if
            :: drivers[0] + drivers[1] == 0 -> armed = 0
            :: else
            fi;
#else
            armed = 0;
#endif
            for (i : 0 .. 1) {
                if
                :: !drivers[i] -> step(i, 1); settle(i)
                :: else
                fi
            }
        }
        set_events()
#ifdef BUG_LOOK_THEN_SLEEP
    :: !fifo && !(kmask & readiness) -> tickless = 1;
#else
    :: atomic { !fifo && !(kmask & readiness) -> tickless = 1 }
#endif
end_tickless:
        atomic { ekick || (kmask & readiness) -> ekick = 0; tickless = 0 }
    od
}

proctype wire() /* one operation may be left over */
{
    ready[0] = 1;
    if
    :: skip
    :: atomic { apart -> ready[1]++ }
    :: atomic { !apart -> ready[0]++ }
    fi
}

#define polled(l) ((word[0] == POLLING && (dset[0] & bit_of(l))) || (word[1] == POLLING && (dset[1] & bit_of(l))))
#define watched(l) (!pending(l) || ((kmask & bit_of(l)) || polled(l)))

proctype judge()
{
    timeout ->
    assert(!(pending(0) && ready[0]) && !(pending(1) && ready[1]));
    assert(watched(0) && watched(1));
    assert(attached == queue);
    assert(!(linked[0] && set[0]) && !(linked[1] && set[1]))
}

init
{
    atomic {
        if
        :: apart = 1
        :: skip
        fi;
        run waiter(0, 1);
        run waiter(1, 0);
        run issuer();
        run fallback();
        run wire();
        run judge()
    }
}
