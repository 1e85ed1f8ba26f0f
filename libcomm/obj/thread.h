/* SPDX-License-Identifier: MIT */
/* A thread as waits, APCs and operations know it, and the object its handles lead to.  The record
 * outlives the thread in type-stable memory, because wake-ups and completions may be late; the
 * object is for those who wait. */
#ifndef CI_OBJ_THREAD_H
#define CI_OBJ_THREAD_H

#include <libcomm/types.h>

#include "libcomm/obj/object.h"
#include "libcomm/plat/park.h"

#define CI_WAIT_MOST 64u
#define CI_WAIT_ABANDONED 0x80u
#define CI_THREAD_PLACES 4u
#define CI_CURRENT_PROCESS ((HANDLE)(intptr_t)-1)
#define CI_CURRENT_THREAD ((HANDLE)(intptr_t)-2)

struct ci_all_wait;
struct ci_apc;
struct ci_file;
struct ci_op;
struct ci_packet;
struct ci_port;
struct thread_obj;

/* Something to be run by a thread in an alertable wait.  Lies in what it is for; run() disposes of
 * it. */
struct ci_apc {
    struct ci_list link;              /* guarded by the thread's apclock */
    void (*run)(struct ci_apc *apc);  /* on its thread, without locks */
    void (*drop)(struct ci_apc *apc); /* the thread is gone: never run */
};

/* A manual-reset event that is no handle: what a blocking call sleeps on. */
struct ci_flag {
    struct ci_obj obj;
    bool set; /* guarded by obj.lock */
};
extern const struct ci_obj_ops ci_flag_ops;
uint32_t ci_flag_raise(struct ci_obj *obj, void *unused);
void ci_flag_lower(struct ci_flag *flag);

struct ci_thread {
    struct ci_list all; /* link in the list of threads; its lock */
    struct ci_park park;
    struct ci_lock apclock;
    struct ci_list apcs; /* guarded by apclock: oldest first */
    /* Files on which operations with an event are pending that it issued, one place each.  Filled
     * by the thread itself and read by nobody else; emptied, with release, by whoever finishes the
     * operation: a thread that sees its places empty is not touched for their sake any more. */
    _Atomic(struct ci_file *) place[CI_THREAD_PLACES];
    struct ci_list
        ops; /* guarded by apclock: the others without a routine, and what had no place */
    struct ci_list apc_ops; /* guarded by apclock: those with one; driven by its alertable waits */
    struct ci_list timers;  /* guarded by apclock: waitable timers whose routine is to run here */
    struct ci_list mutexes; /* guarded by apclock: owned */
    bool alertable;         /* guarded by apclock: in an alertable wait that an APC may end */
    bool alive;             /* guarded by apclock */
    struct ci_op *sync_op;  /* guarded by apclock: the blocking file call it is in */
    struct ci_all_wait *all_wait; /* its wait for all; guarded by allwait */
    struct ci_flag flag;          /* for its own blocking calls, one at a time */
    struct thread_obj *obj;       /* a reference while alive */
    struct ci_list op_cache;      /* its own: free operation records */
    unsigned op_cached;
    struct ci_port *port; /* the port it last took a packet from; written by itself */
    bool port_counted;    /* it counts as running there; its own, changed under the port's lock */
    struct ci_list port_link;      /* guarded by the port's lock: in its stack of waiting threads */
    struct ci_packet *port_packet; /* handed over with SATISFIED */
    uint32_t tid;
    unsigned exit_rounds;
};

extern __thread struct ci_thread *ci_thread_self __attribute__((tls_model("initial-exec")));

struct ci_thread *ci_thread_adopt(void);
/* The calling thread's record; NULL with last error 8 when it is new here and there is no memory.
 */
static inline struct ci_thread *ci_self(void)
{
    return __builtin_expect(ci_thread_self != NULL, 1) ? ci_thread_self : ci_thread_adopt();
}

/* Hands an APC to a thread.  False when the thread is gone; the APC is then still the caller's. */
bool ci_apc_queue(struct ci_thread *thread, struct ci_apc *apc, struct ci_wakes *wakes);
/* Takes it back if it has not begun to run. */
bool ci_apc_take_back(struct ci_thread *thread, struct ci_apc *apc);
/* Runs what is queued, and what that queues, oldest first.  Whether there was anything. */
bool ci_apcs_run(struct ci_thread *self);
bool ci_apcs_waiting(struct ci_thread *self);

/* In which round of a thread's destructors its record ends.  Not the last: that is the thread
 * sanitizer's, and nothing that it watches may run in it. */
#define CI_EXIT_ROUND (PTHREAD_DESTRUCTOR_ITERATIONS - 1)
/* Called by an exiting thread, in this order, before its handle becomes signalled. */
enum ci_exit_step { CI_EXIT_IO, CI_EXIT_PORT, CI_EXIT_TIMERS, CI_EXIT_MUTEXES, CI_EXIT_STEPS };
void ci_thread_at_exit(enum ci_exit_step step, void (*run)(struct ci_thread *self));

/* References, for the pseudo handles. */
struct ci_obj *ci_thread_obj_get(void);
struct ci_obj *ci_process_get(void);
extern const struct ci_obj_ops ci_thread_ops;

/* The record behind a thread object, for as long as `use` runs; false when the thread has exited.
 */
bool ci_thread_visit(struct ci_obj *obj, void (*use)(struct ci_thread *thread, void *arg),
                     void *arg);

/* In a forked child: only the caller is left. */
void ci_threads_forget(void);

#endif
