/* SPDX-License-Identifier: MIT */
/* Two auto-reset events, a wait-all that may time out, a wait-any, and threads that set, reset and take.
 * Shows that SetEvent decides the wait-all before it returns (O186, O187) and that no subset is ever consumed. */
#define THREADS 2
#define ALL 0 /* the thread that waits for both */
#define ANY 1 /* the thread that waits for event 0 */
#include "word.pml"

#define ALONE 0   /* the setter and the wait-all */
#define RESET 1   /* and somebody resets event 0 meanwhile */
#define TAKE  2   /* or takes event 0 with a zero wait */
#define CROWD 3   /* everybody, with a timeout; nothing is promised but the count */
byte scene;

bit allwait;           /* ranks outside lock[] */
bit lock[2], set[2];
bit all_linked;        /* guarded by allwait */
bit any_linked;        /* guarded by lock[0] */
byte all_waiters[2];   /* written under allwait and lock, read without as a hint */
byte raised[2], got[2];

/* Every change of an event that has all-waiters happens under allwait: a reset or take that slipped in
 * between a set and its evaluation would undo the set before the wait-all was decided. */
inline enter(e)
{
    held = all_waiters[e] > 0;
    if
    :: held -> acquire(allwait)
    :: else
    fi;
    acquire(lock[e]);
#ifndef BUG_HINT_ONLY
    if
    :: !held && all_waiters[e] > 0 -> release(lock[e]); acquire(allwait); acquire(lock[e]); held = 1
    :: else
    fi
#endif
}

inline leave(e)
{
    release(lock[e]);
    if
    :: held -> release(allwait)
    :: else
    fi
}

inline evaluate() /* allwait held */
{
    acquire(lock[0]);
    acquire(lock[1]);
    ok = set[0] && set[1];
    all_was = RUNNING;
    if
    :: ok ->
        cas_open(ALL, SATISFIED, all_was);
        if
        :: is_open(all_was) -> set[0] = 0; set[1] = 0
        :: else
        fi
    :: else
    fi;
    release(lock[1]);
    release(lock[0])
}

inline set_event(e)
{
    enter(e);
    raised[e] = raised[e] + (1 - set[e]);
    set[e] = 1;
    was = RUNNING;
    if
    :: e == 0 && any_linked ->
        cas_open(ANY, SATISFIED, was);
        if
        :: is_open(was) -> any_linked = 0; set[e] = 0
        :: else
        fi
    :: else
    fi;
    release(lock[e]);
    all_was = RUNNING;
    if
    :: held ->
        if
        :: all_linked -> evaluate()
        :: else
        fi;
        release(allwait)
    :: else
    fi;
    wake(ANY, was);
    wake(ALL, all_was)
}

proctype all_waiter()
{
    byte all_was;
    bit ok, expired;

    word[ALL] = ARMED;
    acquire(allwait);
    all_linked = 1;
    all_waiters[0]++;
    all_waiters[1]++;
    evaluate();
    release(allwait);
    do
    :: word[ALL] >= SATISFIED -> break
    :: else ->
        cas(ALL, ARMED, ASLEEP);
        futex_enter(ALL);
end_asleep:
        if
        :: !asleep[ALL] -> cas(ALL, ASLEEP, ARMED)
        :: scene == CROWD ->
            asleep[ALL] = 0;
#ifdef BUG_TIMEOUT_STORE
            word[ALL] = RUNNING;
            break
#else
            cas_open(ALL, RUNNING, all_was);
            if
            :: is_open(all_was) -> break
            :: else
            fi
#endif
        fi
    od;
    acquire(allwait); /* also waits for a signaller that still looks at us */
    acquire(lock[0]);
    acquire(lock[1]);
    all_linked = 0;
    all_waiters[0]--;
    all_waiters[1]--;
    release(lock[1]);
    release(lock[0]);
    release(allwait);
    if
    :: word[ALL] == SATISFIED -> got[0]++; got[1]++
    :: else
    fi;
    word[ALL] = RUNNING
}

proctype any_waiter()
{
    byte was;
    bit held;

    word[ANY] = ARMED;
    enter(0);
    if
    :: set[0] -> cas_open(ANY, SATISFIED, was); set[0] = 0
    :: else -> any_linked = 1
    fi;
    leave(0);
    cas(ANY, ARMED, ASLEEP);
    futex_enter(ANY);
end_asleep:
    !asleep[ANY];
    assert(word[ANY] == SATISFIED);
    got[0]++
}

proctype setter()
{
    byte was, all_was;
    bit held, ok;

    set_event(1);
    if
    :: scene != CROWD -> all_linked && !allwait /* the wait-all is inside its wait */
    :: else
    fi;
    set_event(0);
    assert(scene == CROWD || !is_open(word[ALL]));
    enter(0); /* O186: ResetEvent at once; O187: a zero wait finds it taken */
    assert(scene == CROWD || !set[0]);
    raised[0] = raised[0] - set[0];
    set[0] = 0;
    leave(0)
}

proctype other(byte e; bit resets)
{
    bit held;

#ifdef BUG_RESET_BESIDE_ALLWAIT
    acquire(lock[e]);
#else
    enter(e);
#endif
    if
    :: set[e] && resets -> raised[e]--; set[e] = 0
    :: set[e] && !resets -> got[e]++; set[e] = 0
    :: else
    fi;
    leave(e)
}

proctype judge()
{
    timeout ->
    assert(raised[0] == got[0] + set[0] && raised[1] == got[1] + set[1]);
    assert(!(set[0] && set[1] && is_open(word[ALL])));
    assert(!(set[0] && any_linked && is_open(word[ANY])));
    assert(scene == CROWD || word[ALL] == RUNNING)
}

init
{
    select(scene : ALONE .. CROWD);
    atomic {
        run all_waiter();
        run setter();
        if
        :: scene == RESET -> run other(0, 1)
        :: scene == TAKE -> run other(0, 0)
        :: scene == CROWD -> run other(0, 0); run other(1, 0); run any_waiter()
        :: else
        fi;
        run judge()
    }
}
