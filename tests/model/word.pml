/* SPDX-License-Identifier: MIT */
/* The thread word that every model shares: its states, the one compare-and-swap that ends a wait, and the
 * futex and the kick that end a sleep.  Included by the models, it checks nothing by itself. */
#define RUNNING   0  /* not in a wait */
#define ARMED     1  /* in a wait, awake */
#define ASLEEP    2  /* in a futex wait */
#define POLLING   3  /* in ppoll, with the private kick */
#define APC       4  /* an APC ended this alertable wait */
#define STALE     5  /* in a wait, must look at its drive set again before it sleeps */
#define SATISFIED 16 /* and above: 16 + wait result */

#define is_open(s) (s == ARMED || s == ASLEEP || s == POLLING || s == STALE)

byte word[THREADS];
bit asleep[THREADS]; /* the kernel has it on the futex's queue */
bit kick[THREADS];   /* the kick eventfd is readable */

/* Whoever gets from an open state to `to` decides the wait; `was` says whether and from where. */
inline cas_open(t, to, was)
{
    d_step {
        was = word[t];
        if
        :: is_open(was) -> word[t] = to
        :: else
        fi
    }
}

inline cas(t, from, to)
{
    d_step {
        if
        :: word[t] == from -> word[t] = to
        :: else
        fi
    }
}

/* After the last lock is released; a late wake hits whatever the thread does by then. */
inline wake(t, was)
{
    d_step {
        if
        :: was == ASLEEP -> asleep[t] = 0
        :: was == POLLING -> kick[t] = 1
        :: else
        fi;
        was = RUNNING
    }
}

/* FUTEX_WAIT(word == ASLEEP): looks and queues in one step. */
inline futex_enter(t)
{
    d_step {
        if
        :: word[t] == ASLEEP -> asleep[t] = 1
        :: else
        fi
    }
}

inline acquire(l)
{
    atomic { !l -> l = 1 }
}

inline release(l)
{
    l = 0
}
