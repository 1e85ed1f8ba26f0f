/* SPDX-License-Identifier: MIT */
/* Workers, their number and their end.  Three counts decide: who is idle, which calls nobody has
 * taken yet, and how many files are bound; whoever changes one of them under the lock looks whether
 * a worker is missing. */
#include "libcomm/op/pool.h"

#include <pthread.h>

#include <libcomm/comm.h>

#include "libcomm/obj/thread.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

static struct {
    struct ci_lock lock;
    /* Guarded by lock: a reference while there are workers, pins, calls or files; else NULL. */
    struct ci_port *port;
    unsigned pins;             /* guarded by lock: calls of the library that are using the port */
    unsigned workers;          /* guarded by lock */
    unsigned idle;             /* guarded by lock: of the workers, those that wait or soon will */
    unsigned owed;             /* guarded by lock: calls no worker has taken yet */
    unsigned staying;          /* guarded by lock: workers that wait without end, for bound files */
    struct ci_packet deserted; /* wakes the worker that stayed for the bound files; guarded by
                                  `waking` */
    _Atomic bool waking;       /* `deserted` is queued */
} pool = {.lock = CI_LOCK_INIT(CI_RANK_LEAF)};

static __thread bool is_worker;

/* ---- the port ---- */

static void packet_keep(struct ci_packet *packet)
{
    (void)packet; /* lies in the call, which its run() disposes of */
}

static void deserted_release(struct ci_packet *packet)
{
    (void)packet;
    atomic_store(&pool.waking, false);
}

static void pool_deserted(struct ci_port *port);

/* Pins the port, made if there is none; NULL: no memory. */
static struct ci_port *pool_enter(void)
{
    struct ci_port *port, *spare = NULL;

    ci_lock(&pool.lock);
    port = pool.port;
    if (port == NULL) {
        ci_unlock(&pool.lock);
        spare = ci_port_new(CI_POOL_WORKERS_MOST);
        if (spare == NULL)
            return NULL;
        ci_port_watch_files(spare, pool_deserted);
        ci_lock(&pool.lock);
        if (pool.port == NULL) {
            pool.port = spare;
            spare = NULL;
        }
        port = pool.port;
    }
    pool.pins++;
    ci_unlock(&pool.lock);
    if (spare != NULL)
        ci_port_put(spare);
    return port;
}

/* What the pool's reference becomes when nobody needs it: the caller's, to be dropped after
 * unlocking. */
static struct ci_port *port_unneeded_locked(void)
{
    struct ci_port *port = pool.port;

    if (port == NULL || pool.pins > 0 || pool.workers > 0 || pool.owed > 0 ||
        ci_port_files(port) > 0)
        return NULL;
    pool.port = NULL;
    return port;
}

/* ---- how many workers ---- */

static void worker_run(void *port);

static bool worker_missing_locked(void)
{
    if (pool.workers == CI_POOL_WORKERS_MOST)
        return false;
    return pool.owed > pool.idle || (pool.idle == 0 && ci_port_files(pool.port) > 0);
}

/* Under the lock, so that nobody counts on a worker that then does not come into being. */
static void worker_add_locked(void)
{
    if (ci_pool_thread(worker_run, pool.port, "comm-pool") != 0)
        return; /* those that are there will do it, later */
    pool.workers++;
    pool.idle++;
}

static void workers_grow_locked(void)
{
    if (worker_missing_locked())
        worker_add_locked();
}

static void pool_leave(void)
{
    struct ci_port *port;

    ci_lock(&pool.lock);
    pool.pins--;
    workers_grow_locked();
    port = port_unneeded_locked();
    ci_unlock(&pool.lock);
    if (port != NULL)
        ci_port_put(port);
}

/* Whether somebody is there to be woken; then the port is pinned, so that it is the pool's until
 * the packet is in it. */
static bool pool_pin_for_wake(const struct ci_port *port)
{
    bool mine;

    ci_lock(&pool.lock);
    mine = pool.port == port;
    if (mine)
        pool.pins++;
    ci_unlock(&pool.lock);
    return mine;
}

/* The last bound file is gone: the worker that waits without end for its completions may go.  A
 * packet that is queued already will do. */
static void pool_deserted(struct ci_port *port)
{
    struct ci_wakes wakes;

    if (!pool_pin_for_wake(port))
        return;
    if (!atomic_exchange(&pool.waking, true)) {
        pool.deserted = (struct ci_packet){.release = deserted_release};
        ci_list_init(&pool.deserted.link);
        ci_wakes_init(&wakes);
        ci_port_push(port, &pool.deserted, &wakes);
        ci_wakes_deliver(&wakes);
    }
    pool_leave();
}

/* ---- a worker ---- */

/* The one who stays for the bound files waits until it is told that they are gone. */
static uint32_t patience_begin(void)
{
    bool stays;

    ci_lock(&pool.lock);
    stays = pool.idle == 1 && ci_port_files(pool.port) > 0;
    if (stays)
        pool.staying++;
    ci_unlock(&pool.lock);
    return stays ? INFINITE : CI_POOL_LINGER_MS;
}

static void patience_end(uint32_t patience_ms)
{
    if (patience_ms != INFINITE)
        return;
    ci_lock(&pool.lock);
    pool.staying--;
    ci_unlock(&pool.lock);
}

/* The word that the files are gone may have reached another worker than the one it was for: who
 * goes passes it on. */
static void pass_on(struct ci_port *port)
{
    bool wanted;

    ci_lock(&pool.lock);
    wanted = pool.port == port && pool.staying > 0 && ci_port_files(port) == 0;
    ci_unlock(&pool.lock);
    if (wanted)
        pool_deserted(port);
}

/* Requests that would be cancelled by the end of the thread they were made on, which in a pool
 * nobody can foresee.  (Those without event and routine belong to a port, or to a file nobody asks
 * about.) */
static bool requests_pend(struct ci_thread *self)
{
    bool pend = false;

    for (unsigned i = 0; i < CI_THREAD_PLACES; i++)
        pend |= atomic_load_explicit(&self->place[i], memory_order_acquire) != NULL;
    ci_lock(&self->apclock);
    pend |= !ci_list_empty(&self->apc_ops);
    CI_LIST_EACH (link, after, &self->ops)
        pend |= CI_CONTAINER(link, struct ci_op, link.by_thread)->event != NULL;
    ci_unlock(&self->apclock);
    return pend;
}

/* Of an idle worker that found nothing: whether it is the pool's no more.  A file that is being
 * bound has pinned the port.  The files are looked at before the packets: a file's last packet is
 * queued before the file is gone. */
static bool worker_may_end(struct ci_thread *self)
{
    struct ci_port *unneeded = NULL;
    bool ends;

    if (requests_pend(self))
        return false;
    ci_lock(&pool.lock);
    ends = pool.owed < pool.idle &&
           (pool.idle > 1 ||
            (pool.pins == 0 && ci_port_files(pool.port) == 0 && ci_port_packets(pool.port) == 0));
    if (ends) {
        pool.idle--;
        pool.workers--;
        unneeded = port_unneeded_locked();
    }
    ci_unlock(&pool.lock);
    if (unneeded != NULL)
        ci_port_put(unneeded);
    return ends;
}

static void worker_busy(bool took_call)
{
    ci_lock(&pool.lock);
    pool.idle--;
    if (took_call)
        pool.owed--;
    workers_grow_locked();
    ci_unlock(&pool.lock);
}

static void worker_idle(void)
{
    ci_lock(&pool.lock);
    pool.idle++;
    ci_unlock(&pool.lock);
}

/* A packet without an OVERLAPPED is a call, or the wake-up, which has no key either. */
static void packet_serve(const OVERLAPPED_ENTRY *entry)
{
    LPOVERLAPPED_COMPLETION_ROUTINE routine;
    struct ci_call *call;

    if (entry->lpOverlapped != NULL) {
        routine = (LPOVERLAPPED_COMPLETION_ROUTINE)entry->lpCompletionKey;
        routine(ci_status_error((uint32_t)entry->Internal), entry->dwNumberOfBytesTransferred,
                entry->lpOverlapped);
    } else if (entry->lpCompletionKey != 0) {
        call = (struct ci_call *)entry->lpCompletionKey;
        call->run(call);
    }
}

/* False: the worker has ended. */
static bool worker_step(struct ci_thread *self, struct ci_port *port)
{
    OVERLAPPED_ENTRY entry;
    uint32_t got = 0, patience_ms = patience_begin();
    uint32_t error = ci_port_take(port, self, &entry, 1, &got, patience_ms, true);

    patience_end(patience_ms);
    if (error == WAIT_TIMEOUT) {
        if (!worker_may_end(self))
            return true;
        pass_on(port);
        return false;
    }
    worker_busy(got > 0 && entry.lpOverlapped == NULL && entry.lpCompletionKey != 0);
    if (got > 0)
        packet_serve(&entry);
    else
        ci_apcs_run(self);
    worker_idle();
    return true;
}

/* A callback has called ExitThread: the worker goes, and is counted no more.  Its thread still
 * holds the port. */
static void worker_lost(void *port)
{
    struct ci_port *unneeded;

    ci_lock(&pool.lock);
    pool.workers--;
    workers_grow_locked();
    unneeded = port_unneeded_locked();
    ci_unlock(&pool.lock);
    if (unneeded != NULL)
        ci_port_put(unneeded);
    pass_on(port);
}

static void worker_run(void *port)
{
    is_worker = true;
    pthread_cleanup_push(worker_lost, port);
    while (worker_step(ci_self(), port))
        ;
    pthread_cleanup_pop(0);
}

/* ---- calls ---- */

/* The call is promised before it is queued, so that no worker ends between the two. */
static uint32_t call_promise(void)
{
    uint32_t error = 0;

    ci_lock(&pool.lock);
    pool.owed++;
    workers_grow_locked();
    if (pool.workers == 0) {
        pool.owed--;
        error = ERROR_NOT_ENOUGH_MEMORY;
    }
    ci_unlock(&pool.lock);
    return error;
}

uint32_t ci_pool_call(struct ci_call *call, void (*run)(struct ci_call *call))
{
    struct ci_port *port = pool_enter();
    struct ci_wakes wakes;
    uint32_t error;

    if (port == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    error = call_promise();
    if (error == 0) {
        call->run = run;
        call->packet = (struct ci_packet){.key = (uintptr_t)call, .release = packet_keep};
        ci_list_init(&call->packet.link);
        ci_wakes_init(&wakes);
        ci_port_push(port, &call->packet, &wakes);
        ci_wakes_deliver(&wakes);
    }
    pool_leave();
    return error;
}

/* ---- bound files ---- */

static uint32_t worker_ensure(void)
{
    bool any;

    ci_lock(&pool.lock);
    if (pool.workers == 0)
        worker_add_locked();
    any = pool.workers > 0;
    ci_unlock(&pool.lock);
    return any ? 0 : ERROR_NOT_ENOUGH_MEMORY;
}

/* When the file has joined, pool_leave() finds out whether a worker is there that is not busy. */
uint32_t ci_pool_bind(struct ci_file *file, LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct ci_port *port = file->overlapped ? pool_enter() : NULL;
    uint32_t error;

    if (port == NULL)
        return file->overlapped ? ERROR_NOT_ENOUGH_MEMORY : ERROR_INVALID_PARAMETER;
    error = worker_ensure();
    if (error == 0)
        error = ci_file_associate(file, port, (uintptr_t)routine);
    pool_leave();
    return error;
}

/* ---- the public calls ---- */

static bool callback_bind(HANDLE handle, LPOVERLAPPED_COMPLETION_ROUTINE routine, uint32_t flags)
{
    struct ci_file *file;
    uint32_t error;

    if (routine == NULL || flags != 0)
        return ci_fail(ERROR_INVALID_PARAMETER);
    file = ci_file_get(handle, 0);
    if (file == NULL)
        return false;
    error = ci_pool_bind(file, routine);
    ci_file_put(file);
    return error == 0 || ci_fail(error);
}

BOOL BindIoCompletionCallback(HANDLE file, LPOVERLAPPED_COMPLETION_ROUTINE routine, ULONG flags)
{
    CI_TRACED_BOOL(callback_bind(file, routine, flags), "BindIoCompletionCallback %s",
                   ci_trace_handle(file));
}

struct user_call {
    struct ci_call call;
    LPTHREAD_START_ROUTINE function;
    void *context;
};

static void user_call_run(struct ci_call *call)
{
    struct user_call mine = *CI_CONTAINER(call, struct user_call, call);

    ci_sys_free(call);
    (void)mine.function(mine.context);
}

static bool user_call_queue(LPTHREAD_START_ROUTINE function, void *context)
{
    struct user_call *mine = function == NULL ? NULL : ci_sys_alloc(sizeof *mine);
    uint32_t error;

    if (mine == NULL)
        return ci_fail(function == NULL ? ERROR_INVALID_PARAMETER : ERROR_NOT_ENOUGH_MEMORY);
    mine->function = function;
    mine->context = context;
    error = ci_pool_call(&mine->call, user_call_run);
    if (error == 0)
        return true;
    ci_sys_free(mine);
    return ci_fail(error);
}

/* The flags choose among kinds of threads; ours are of one kind, which is alertable when idle,
 * keeps its requests and may be kept busy for as long as one likes. */
BOOL QueueUserWorkItem(LPTHREAD_START_ROUTINE function, PVOID context, ULONG flags)
{
    CI_TRACED_BOOL(user_call_queue(function, context), "QueueUserWorkItem flags 0x%x", flags);
}

/* ---- fork ---- */

/* Only the forking thread is left, which may be a worker.  The port has been emptied or will be. */
static void pool_forget(void)
{
    ci_lock_init(&pool.lock, CI_RANK_LEAF);
    pool.pins = 0;
    pool.workers = is_worker ? 1 : 0;
    pool.idle = 0;
    pool.owed = 0;
    pool.staying = 0;
    atomic_store(&pool.waking, false);
}

__attribute__((constructor)) static void pool_setup(void)
{
    pthread_atfork(NULL, NULL, pool_forget);
}

#ifdef CI_TESTING
unsigned ci_testing_pool_workers(void)
{
    unsigned workers;

    ci_lock(&pool.lock);
    workers = pool.workers;
    ci_unlock(&pool.lock);
    return workers;
}
#endif
