/* SPDX-License-Identifier: MIT */
/* Life of the fallback thread: started by the first operation that finds it STOPPED, gone when idle with no users.
 * Shows that no operation stays without a thread and that there are never two; all accesses are seq_cst. */
#define STOPPED  0
#define STARTED  1 /* RUNNING in the engine: `state`, not the thread word */

bit lock;                /* the engine lock */
byte state = STOPPED;    /* written under lock, read without */
byte users;              /* lanes with something pending, and timers */
bit pending[2]; /* such a lane: an operation waits to be finished */
byte threads;

inline acquire(l)
{
    atomic { !l -> l = 1 }
}

inline release(l)
{
    l = 0
}

proctype engine()
{
    byte i;

    do
    :: atomic { pending[0] -> pending[0] = 0 }; users--
    :: atomic { pending[1] -> pending[1] = 0 }; users--
    :: !pending[0] && !pending[1] -> /* idle for long enough */
        acquire(lock);
#ifdef BUG_LOOK_THEN_STOP
        if
        :: users != 0 -> release(lock)
        :: else -> state = STOPPED; threads--; release(lock); break
        fi
#else
        state = STOPPED;
        if
        :: users != 0 -> state = STARTED; release(lock)
        :: else -> threads--; release(lock); break /* touches nothing any more */
        fi
#endif
    od
}

inline start_if_stopped()
{
    if
    :: state != STARTED ->
        acquire(lock);
        if
#ifdef BUG_NO_SECOND_LOOK
        :: true ->
#else
        :: state != STARTED ->
#endif
            state = STARTED;
            threads++;
            assert(threads == 1);
            run engine()
        :: else
        fi;
        release(lock)
    :: else
    fi
}

inline count_user() /* before the operation can be seen, so that nobody ends it first */
{
#ifdef BUG_COUNT_LATE
    start_if_stopped();
    users++
#else
    users++;
    start_if_stopped()
#endif
}

proctype issuer(byte i)
{
    byte round;

    for (round : 1 .. 2) {
        count_user();
        pending[i] = 1;
        if
        :: !pending[i] /* the fallback thread finished it */
        :: atomic { pending[i] -> pending[i] = 0 }; users-- /* a driver or a cancel did */
        fi
    }
}

proctype sleeper() /* an operation only the fallback thread can finish */
{
    count_user();
    pending[1] = 1;
    !pending[1] /* or stuck: no thread came */
}

init
{
    atomic {
        run issuer(0);
        run sleeper()
    }
}
