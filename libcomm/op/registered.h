/* SPDX-License-Identifier: MIT */
/* Registered waits from the inside: registrations, and the threads that wait for up to 63 objects
 * each on their behalf.
 *
 * A registration stands in its waiter's list until it is unregistered, or has called once for all.
 * It is armed while the waiter waits for its object; when that ends it has fired, and it is armed
 * again the moment its callback begins, so callbacks may overlap but never pile up.  A callback
 * that has not begun when its registration is unregistered is dropped, in every variant;
 * unregistering returns after the waiter has let go of the object, so no later signal is taken away
 * by it. */
#ifndef CI_OP_REGISTERED_H
#define CI_OP_REGISTERED_H

#include <libcomm/types.h>

#include "libcomm/obj/object.h"
#include "libcomm/op/pool.h"

extern struct ci_lock ci_registered;

/* A thread that waits; it is itself what the thread waits for first: set when its list changed. */
struct ci_waiter {
    struct ci_obj obj;
    bool changed;                 /* guarded by obj.lock */
    struct ci_list link;          /* in the list of waiters; guarded by ci_registered */
    struct ci_list registrations; /* guarded by ci_registered */
    unsigned count;               /* guarded by ci_registered: how many those are */
};

/* What has no word of its own is guarded by ci_registered. */
struct ci_registration {
    struct ci_obj obj;    /* signalled when it is gone as far as its unregistering waits for */
    bool settled;         /* guarded by obj.lock */
    struct ci_obj *watch; /* fixed: a reference */
    WAITORTIMERCALLBACK callback; /* fixed */
    void *context;                /* fixed */
    uint32_t timeout_ms;          /* fixed */
    bool once, in_waiter;         /* fixed: WT_EXECUTE* */
    struct ci_list link;          /* in the waiter's list, which then holds a reference */
    struct ci_waiter *waiter;     /* a reference while in its list */
    uint64_t deadline_ns;
    bool armed;       /* else it has fired, and its callback has not begun */
    bool timed_out;   /* why it fired */
    bool watched;     /* the waiter is waiting for `watch` right now */
    bool gone;        /* unregistered: no callback begins any more */
    bool until_over;  /* and that waits for running callbacks, not only for the waiter */
    unsigned running; /* callbacks */
    /* An event to be set when the last of them is over: a reference, or NULL. */
    struct ci_obj *over;
    struct ci_call call;
};

/* ---- registrations ---- */

/* The waiter has let go of it: its callback is to run, on a worker or, when there is none to be had
 * or it was asked for, on this thread.  Takes a reference of its own. */
void ci_registration_fire(struct ci_registration *r);

/* What is to be done for a registration after unlocking. */
struct ci_settling {
    bool settled;        /* who unregisters it may return */
    struct ci_obj *over; /* to be set; a reference */
};
/* After any change of what unregistering waits for: the lock is held; then it is not. */
struct ci_settling ci_registration_settle_locked(struct ci_registration *r);
void ci_registration_settle(struct ci_registration *r, struct ci_settling s);

/* ---- waiters ---- */

/* Gives a registration to a waiter, and makes one if need be.  False: it cannot be made. */
bool ci_waiter_attach(struct ci_registration *r);
/* The lock is held.  Takes the registration off its waiter's list; that reference to the waiter is
 * the caller's then, and so is the list's to the registration.  NULL: it is on none. */
struct ci_waiter *ci_waiter_detach_locked(struct ci_registration *r);
/* The waiter looks at its list again.  Drops a reference to it; NULL is nobody. */
void ci_waiter_tell(struct ci_waiter *waiter);

#endif
