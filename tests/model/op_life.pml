/* SPDX-License-Identifier: MIT */
/* Two operations of one thread on one file, finished by data, a cancel, a close or the exit of their thread.
 * Shows that each is finished exactly once and that its event, or its APC for an alertable wait, is never lost. */
#define THREADS 1
#include "word.pml"

#define BOTH 3
bit F;                   /* the file lock */
byte queue;              /* QUEUED operations, one bit each, guarded by F */
byte finished[2];
bit high[2], internal[2]; /* InternalHigh and Internal as the user sees them */
bit apclock, alertable, exited; /* of the issuing thread, as is fifo */
byte fifo, ran, dropped; /* operation 0 has a completion routine */
byte event;              /* operation 1 has an event: times it was set */

/* Takes `mine` off the queue and finishes what was there: F held from look to publication. */
inline finish(mine)
{
    was = RUNNING;
#ifdef BUG_LOOK_THEN_LOCK
    taken = queue & mine;
    acquire(F);
#else
    acquire(F);
    taken = queue & mine;
#endif
    queue = queue & (BOTH - taken);
    op = 0;
    do
    :: op < 2 && (taken & (1 << op)) ->
        finished[op]++;
#ifdef BUG_INTERNAL_FIRST
        internal[op] = 1;
        high[op] = 1;
#else
        high[op] = 1;
        internal[op] = 1;
#endif
        if
        :: op == 0 -> queue_apc()
        :: else
        fi;
        op++
    :: op < 2 && !(taken & (1 << op)) -> op++
    :: op == 2 -> break
    od;
    release(F);
    if
    :: taken & 2 -> event++
    :: else
    fi;
    wake(0, was)
}

inline queue_apc()
{
    acquire(apclock);
    if
#ifndef BUG_EXIT_UNSEEN
    :: exited -> dropped++
#endif
    :: else ->
        fifo++;
        if
        :: alertable -> cas_open(0, APC, was)
        :: else
        fi
    fi;
    release(apclock)
}

proctype issuer()
{
    byte was, taken, op;

    queue = BOTH;
    if
    :: goto leave /* the thread ends with its operations in flight */
    :: skip
    fi;
    word[0] = ARMED; /* SleepEx(INFINITE, TRUE) */
    acquire(apclock);
    alertable = 1;
    if
    :: fifo > 0 -> cas_open(0, APC, was)
    :: else
    fi;
    release(apclock);
    do
    :: word[0] == APC -> break
    :: else ->
        cas(0, ARMED, ASLEEP);
        futex_enter(0);
        !asleep[0];
        cas(0, ASLEEP, ARMED)
    od;
    acquire(apclock);
    alertable = 0;
    ran = ran + fifo;
    fifo = 0;
    release(apclock);
    word[0] = RUNNING;
leave:
    if
    :: queue -> finish(BOTH) /* found in the file's queue by thread, not by address */
    :: else /* all off the queue: no reason to lock F, somebody may still be finishing them */
    fi;
    acquire(apclock);
    exited = 1;
    dropped = dropped + fifo;
    fifo = 0;
    release(apclock)
}

proctype finisher(byte mine)
{
    byte was, taken, op;

    queue == BOTH || finished[0] || finished[1]; /* issued */
    finish(mine)
}

proctype observer() /* HasOverlappedIoCompleted, then the count */
{
    internal[0] -> assert(high[0]);
    internal[1] -> assert(high[1])
}

proctype judge()
{
    timeout ->
    assert(finished[0] == 1 && finished[1] == 1);
    assert(exited);
    assert(fifo == 0 && ran + dropped == 1);
    assert(event == 1)
}

init
{
    atomic {
        run issuer();
        run finisher(BOTH); /* data arrived, a driver or the fallback thread steps */
        run finisher(1);    /* CancelIoEx(file, operation 0) */
        run finisher(BOTH); /* CloseHandle */
        run observer();
        run judge()
    }
}
