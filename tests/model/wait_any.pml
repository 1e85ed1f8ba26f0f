/* SPDX-License-Identifier: MIT */
/* Two auto-reset events, two wait-any waiters (one may time out, one waits twice), setters and a zero wait.
 * Shows that no set is lost, doubled, or taken by a wait that reports a timeout. */
#define THREADS 2
#include "word.pml"

bit lock[2], set[2];  /* set and the wait list are guarded by lock */
bit linked[4];        /* wait block of thread t on event e: [e * 2 + t] */
byte raised[2];       /* times the event went 0 -> 1 */
byte got[2];          /* times a wait reported it */

proctype waiter(byte t; byte first; bit timed)
{
    byte e, was;
    bit expired;

again:
    word[t] = ARMED;
    for (e : first .. 1) {
#ifdef BUG_LINK_UNLOCKED
        if
        :: set[e] -> acquire(lock[e])
        :: else -> acquire(lock[e]); linked[e * 2 + t] = 1; goto next
        fi;
#else
        acquire(lock[e]);
#endif
        if
        :: set[e] ->
            cas_open(t, SATISFIED + e, was);
#ifdef BUG_CONSUME_ANYWAY
            set[e] = 0;
#else
            if
            :: is_open(was) -> set[e] = 0
            :: else /* an earlier event already ended this wait */
            fi;
#endif
            release(lock[e]);
            break
        :: else -> linked[e * 2 + t] = 1
        fi;
next:   release(lock[e])
    }
    do
    :: word[t] >= SATISFIED -> break
    :: else ->
        cas(t, ARMED, ASLEEP);
        futex_enter(t);
end_asleep:
        if
        :: !asleep[t]
        :: timed -> asleep[t] = 0; expired = 1
        fi;
        if
        :: expired ->
#ifdef BUG_TIMEOUT_STORE
            word[t] = RUNNING;
            break
#else
            cas_open(t, RUNNING, was);
            if
            :: is_open(was) -> break
            :: else /* somebody was faster: the wait is satisfied */
            fi
#endif
        :: else -> cas(t, ASLEEP, ARMED)
        fi
    od;
    for (e : first .. 1) {
        acquire(lock[e]);
        linked[e * 2 + t] = 0;
        release(lock[e])
    }
    if
    :: word[t] >= SATISFIED ->
        e = word[t] - SATISFIED;
        assert(e >= first);
        got[e]++
    :: else
    fi;
    word[t] = RUNNING;
    if
    :: !timed -> timed = 1; first = 1; goto again /* a second wait reuses the word */
    :: else
    fi
}

inline set_event(e)
{
    acquire(lock[e]);
    raised[e] = raised[e] + (1 - set[e]);
    set[e] = 1;
    t = 0;
    do
    :: t == 2 -> break
    :: t < 2 && !linked[e * 2 + t] -> t++
    :: t < 2 && linked[e * 2 + t] ->
        cas_open(t, SATISFIED + e, was);
        if
        :: is_open(was) -> linked[e * 2 + t] = 0; set[e] = 0; break
        :: else -> t++
        fi
    od;
    release(lock[e]);
    if
    :: t < 2 -> wake(t, was)
    :: else
    fi
}

proctype setter(byte e)
{
    byte t, was;

    set_event(e);
    if
    :: e == 0 -> e = 1; set_event(e)
    :: else
    fi
}

proctype taker() /* WaitForSingleObject(event 1, 0) */
{
    acquire(lock[1]);
    if
    :: set[1] -> set[1] = 0; got[1]++
    :: else
    fi;
    release(lock[1])
}

#define lost(e, t) (set[e] && linked[e * 2 + t] && is_open(word[t]))

proctype judge()
{
    timeout ->
    assert(!lost(0, 0) && !lost(0, 1) && !lost(1, 0) && !lost(1, 1));
    assert(raised[0] == got[0] + set[0]);
    assert(raised[1] == got[1] + set[1])
}

init
{
    atomic {
        run waiter(0, 0, 0);
        run waiter(1, 0, 1);
        run setter(0);
        run setter(1);
        run taker();
        run judge()
    }
}
