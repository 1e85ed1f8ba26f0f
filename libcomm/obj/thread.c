/* SPDX-License-Identifier: MIT */
/* Threads: made here or adopted on their first call, and their orderly end: I/O cancelled, routines
 * dropped, mutexes abandoned, exit code set, handle signalled. */
#include "libcomm/obj/thread.h"

#include <limits.h>
#include <pthread.h>
#include <string.h>

#include <libcomm/comm.h>

#include "libcomm/obj/handle.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/slab.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

struct thread_obj {
    struct ci_obj obj;
    struct ci_thread *record;   /* guarded by obj.lock; NULL once it has exited */
    bool exited;                /* guarded by obj.lock */
    uint32_t exit_code;         /* guarded by obj.lock */
    uint32_t tid;               /* fixed once started */
    _Atomic uint32_t suspended; /* futex word: made but not resumed */
    _Atomic uint32_t started;   /* futex word: the thread has said its tid */
    LPTHREAD_START_ROUTINE run;
    void *arg;
};

__thread struct ci_thread *ci_thread_self __attribute__((tls_model("initial-exec")));

static struct ci_slab records = CI_SLAB_INIT((sizeof(struct ci_thread) + 63) / 64 * 64);

static pthread_key_t exit_key;
static void (*exit_step[CI_EXIT_STEPS])(struct ci_thread *self);

/* ---- the object ---- */

static struct thread_obj *thread_of(struct ci_obj *obj)
{
    return CI_CONTAINER(obj, struct thread_obj, obj);
}

static bool thread_signaled(const struct ci_obj *obj, const struct ci_thread *taker)
{
    (void)taker;
    return CI_CONTAINER(obj, const struct thread_obj, obj)->exited;
}

#define THREAD_ALL_ACCESS_BITS 0x1FFFFF

/* In a child only the forking thread is there; the others are over and never end otherwise. */
static void thread_forked(struct ci_obj *obj)
{
    struct thread_obj *thread = thread_of(obj);

    if (thread->record != NULL && thread->record == ci_thread_self)
        return;
    thread->record = NULL;
    thread->exited = true;
}

const struct ci_obj_ops ci_thread_ops = {
    .name = "thread",
    .size = sizeof(struct thread_obj),
    .full_access = THREAD_ALL_ACCESS_BITS,
    .signaled = thread_signaled,
    .forked = thread_forked,
};

static struct thread_obj *thread_obj_new(void)
{
    struct ci_obj *obj = ci_obj_new(&ci_thread_ops);

    if (obj == NULL)
        return NULL;
    thread_of(obj)->exit_code = STILL_ACTIVE;
    return thread_of(obj);
}

/* ---- the flag ---- */

static bool flag_signaled(const struct ci_obj *obj, const struct ci_thread *taker)
{
    (void)taker;
    return CI_CONTAINER(obj, const struct ci_flag, obj)->set;
}

const struct ci_obj_ops ci_flag_ops = {
    .name = "flag", .size = sizeof(struct ci_flag), .signaled = flag_signaled};

uint32_t ci_flag_raise(struct ci_obj *obj, void *unused)
{
    (void)unused;
    CI_CONTAINER(obj, struct ci_flag, obj)->set = true;
    return 0;
}

void ci_flag_lower(struct ci_flag *flag)
{
    ci_lock(&flag->obj.lock);
    flag->set = false;
    ci_unlock(&flag->obj.lock);
}

/* ---- the record ---- */

static struct {
    struct ci_lock lock;
    struct ci_list list; /* guarded by lock: every living thread the library knows */
} threads = {
    .lock = CI_LOCK_INIT(CI_RANK_LEAF), .list = {&threads.list, &threads.list}
};

static void places_clear(struct ci_thread *t)
{
    for (unsigned i = 0; i < CI_THREAD_PLACES; i++)
        atomic_store_explicit(&t->place[i], NULL, memory_order_relaxed);
}

/* The memory is used again and again, but its kick stays: a late ring must find it. */
static void record_init(struct ci_thread *t, struct thread_obj *obj)
{
    int kick = atomic_load(&t->flag.obj.refs) != 0 ? atomic_load(&t->park.kick) : -1;

    ci_park_init(&t->park);
    atomic_store(&t->park.kick, kick);
    ci_lock_init(&t->apclock, CI_RANK_APC);
    ci_list_init(&t->apcs);
    places_clear(t);
    ci_list_init(&t->ops);
    ci_list_init(&t->apc_ops);
    ci_list_init(&t->timers);
    ci_list_init(&t->mutexes);
    ci_list_init(&t->op_cache);
    ci_list_init(&t->port_link);
    t->op_cached = 0;
    t->alertable = false;
    t->alive = true;
    t->sync_op = NULL;
    t->all_wait = NULL;
    t->port = NULL;
    t->port_counted = false;
    t->port_packet = NULL;
    t->exit_rounds = 0;
    ci_obj_init(&t->flag.obj, &ci_flag_ops);
    t->flag.set = false;
    t->obj = obj;
    t->tid = ci_sys_tid();
}

static struct ci_thread *record_new(struct thread_obj *obj)
{
    struct ci_thread *t = ci_slab_get(&records);

    if (t == NULL)
        return NULL;
    record_init(t, obj);
    obj->tid = t->tid;
    ci_lock(&obj->obj.lock);
    obj->record = t;
    ci_unlock(&obj->obj.lock);
    ci_lock(&threads.lock);
    ci_list_append(&threads.list, &t->all);
    ci_unlock(&threads.lock);
    ci_thread_self = t;
    pthread_setspecific(exit_key, t);
    return t;
}

struct ci_thread *ci_thread_adopt(void)
{
    struct thread_obj *obj = thread_obj_new();
    struct ci_thread *t = obj == NULL ? NULL : record_new(obj);

    if (t == NULL) {
        if (obj != NULL)
            ci_obj_put(&obj->obj);
        ci_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    atomic_store(&obj->started, 1);
    /* open as long as the thread lives, though nobody may have a handle yet */
    atomic_store(&obj->obj.handles, 1);
    return t;
}

/* ---- APCs ---- */

bool ci_apc_queue(struct ci_thread *thread, struct ci_apc *apc, struct ci_wakes *wakes)
{
    bool alive;

    ci_lock(&thread->apclock);
    alive = thread->alive;
    if (alive) {
        ci_list_append(&thread->apcs, &apc->link);
        if (thread->alertable)
            ci_park_end(&thread->park, CI_PARK_APC, wakes);
    }
    ci_unlock(&thread->apclock);
    return alive;
}

bool ci_apc_take_back(struct ci_thread *thread, struct ci_apc *apc)
{
    bool queued;

    ci_lock(&thread->apclock);
    queued = ci_list_linked(&apc->link);
    ci_list_del(&apc->link);
    ci_unlock(&thread->apclock);
    return queued;
}

static struct ci_apc *apc_next(struct ci_thread *self)
{
    struct ci_list *link;

    ci_lock(&self->apclock);
    link = ci_list_pop(&self->apcs);
    ci_unlock(&self->apclock);
    return link == NULL ? NULL : CI_CONTAINER(link, struct ci_apc, link);
}

bool ci_apcs_run(struct ci_thread *self)
{
    struct ci_apc *apc;
    bool any = false;

    while ((apc = apc_next(self)) != NULL) {
        any = true;
        apc->run(apc);
    }
    return any;
}

bool ci_apcs_waiting(struct ci_thread *self)
{
    bool waiting;

    ci_lock(&self->apclock);
    waiting = !ci_list_empty(&self->apcs);
    ci_unlock(&self->apclock);
    return waiting;
}

/* ---- the end of a thread ---- */

void ci_thread_at_exit(enum ci_exit_step step, void (*run)(struct ci_thread *self))
{
    exit_step[step] = run;
}

static void apcs_drop(struct ci_thread *self)
{
    struct ci_apc *apc;

    ci_lock(&self->apclock);
    self->alive = false; /* nobody can queue another */
    ci_unlock(&self->apclock);
    while ((apc = apc_next(self)) != NULL)
        apc->drop(apc);
}

static uint32_t thread_raise(struct ci_obj *obj, void *unused)
{
    (void)unused;
    thread_of(obj)->exited = true;
    return 0;
}

static void thread_end(struct ci_thread *self)
{
    struct thread_obj *obj = self->obj;

    for (int i = 0; i < CI_EXIT_STEPS; i++) {
        if (i == CI_EXIT_MUTEXES)
            apcs_drop(self);
        if (exit_step[i] != NULL)
            exit_step[i](self);
    }
    ci_lock(&threads.lock);
    ci_list_del(&self->all);
    ci_unlock(&threads.lock);
    ci_lock(&obj->obj.lock);
    obj->record = NULL;
    if (obj->exit_code == STILL_ACTIVE && obj->run == NULL)
        obj->exit_code = 0; /* adopted: it did not say */
    ci_unlock(&obj->obj.lock);
    ci_signal(&obj->obj, thread_raise, NULL);
    self->obj = NULL;
    ci_thread_self = NULL;
    ci_slab_put(&records, self);
    ci_obj_put(&obj->obj);
}

/* The C library runs destructors in rounds; ours waits for a late one, so that other destructors of
 * this thread may still use the library. */
static void thread_key_destroy(void *value)
{
    struct ci_thread *self = value;

    if (++self->exit_rounds < CI_EXIT_ROUND)
        pthread_setspecific(exit_key, self);
    else
        thread_end(self);
}

__attribute__((constructor)) static void exit_key_make(void)
{
    pthread_key_create(&exit_key, thread_key_destroy);
}

/* ---- making threads ---- */

static void exit_code_set(struct thread_obj *obj, uint32_t code)
{
    ci_lock(&obj->obj.lock);
    obj->exit_code = code;
    ci_unlock(&obj->obj.lock);
}

static void *thread_main(void *arg)
{
    struct thread_obj *obj = arg;
    struct ci_thread *self = obj->record;

    self->tid = ci_sys_tid();
    obj->tid = self->tid;
    ci_thread_self = self;
    pthread_setspecific(exit_key, self);
    atomic_store(&obj->started, 1);
    ci_sys_futex_wake(&obj->started, 1);
    while (atomic_load(&obj->suspended) != 0)
        ci_sys_futex_wait(&obj->suspended, 1, UINT64_MAX);
    ci_apcs_run(self);
    exit_code_set(obj, obj->run(obj->arg));
    return NULL;
}

/* The record is made by the creator, so that a thread that exists can always be used. */
static struct thread_obj *thread_make(LPTHREAD_START_ROUTINE run, void *arg, bool suspended)
{
    struct thread_obj *obj = thread_obj_new();
    struct ci_thread *t = obj == NULL ? NULL : ci_slab_get(&records);

    if (t == NULL) {
        if (obj != NULL)
            ci_obj_put(&obj->obj);
        return NULL;
    }
    record_init(t, obj);
    obj->run = run;
    obj->arg = arg;
    atomic_store(&obj->suspended, suspended);
    obj->record = t;
    ci_lock(&threads.lock);
    ci_list_append(&threads.list, &t->all);
    ci_unlock(&threads.lock);
    return obj;
}

static void thread_unmake(struct thread_obj *obj)
{
    struct ci_thread *t = obj->record;

    ci_lock(&threads.lock);
    ci_list_del(&t->all);
    ci_unlock(&threads.lock);
    obj->record = NULL;
    ci_slab_put(&records, t);
    ci_obj_put(&obj->obj);
}

static HANDLE thread_create(const SECURITY_ATTRIBUTES *attributes, size_t stack,
                            LPTHREAD_START_ROUTINE run, void *arg, uint32_t flags, DWORD *tid)
{
    struct thread_obj *obj;
    HANDLE handle;

    if (run == NULL) {
        ci_fail(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    obj = thread_make(run, arg, (flags & CREATE_SUSPENDED) != 0);
    if (obj == NULL) {
        ci_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    ci_obj_get(&obj->obj); /* one for the thread, one becomes the handle's */
    handle = ci_handle_give(&obj->obj, ci_thread_ops.full_access,
                            attributes != NULL && attributes->bInheritHandle);
    if (handle == NULL) {
        thread_unmake(obj);
        return NULL;
    }
    ci_obj_get(&obj->obj);
    if (ci_sys_thread(thread_main, obj, stack, false, NULL) != 0) {
        ci_obj_put(&obj->obj);
        CloseHandle(handle);
        thread_unmake(obj);
        ci_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    while (atomic_load(&obj->started) == 0)
        ci_sys_futex_wait(&obj->started, 0, UINT64_MAX);
    if (tid != NULL)
        *tid = obj->tid;
    ci_obj_put(&obj->obj);
    return handle;
}

HANDLE CreateThread(LPSECURITY_ATTRIBUTES attributes, SIZE_T stack, LPTHREAD_START_ROUTINE run,
                    LPVOID arg, DWORD flags, LPDWORD tid)
{
    CI_TRACED_HANDLE(thread_create(attributes, stack, run, arg, flags, tid),
                     "CreateThread flags %u", flags);
}

VOID ExitThread(DWORD code)
{
    struct ci_thread *self = ci_self();

    if (self != NULL)
        exit_code_set(self->obj, code);
    pthread_exit(NULL);
}

/* ---- asking about threads ---- */

static bool exit_code_get(HANDLE handle, DWORD *code)
{
    struct ci_obj *obj;

    if (code == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    obj = ci_handle_get_pseudo(handle, &ci_thread_ops, 0);
    if (obj == NULL)
        return false;
    ci_lock(&obj->lock);
    *code = thread_of(obj)->exited ? thread_of(obj)->exit_code : STILL_ACTIVE;
    ci_unlock(&obj->lock);
    ci_obj_put(obj);
    return true;
}

BOOL GetExitCodeThread(HANDLE handle, LPDWORD code)
{
    CI_TRACED_BOOL(exit_code_get(handle, code), "GetExitCodeThread %s", ci_trace_handle(handle));
}

DWORD ResumeThread(HANDLE handle)
{
    struct ci_obj *obj = ci_handle_get_pseudo(handle, &ci_thread_ops, 0);
    uint32_t was;

    if (obj == NULL)
        return UINT32_MAX;
    was = atomic_exchange(&thread_of(obj)->suspended, 0);
    if (was != 0)
        ci_sys_futex_wake(&thread_of(obj)->suspended, 1);
    ci_obj_put(obj);
    return was;
}

DWORD GetThreadId(HANDLE handle)
{
    struct ci_obj *obj = ci_handle_get_pseudo(handle, &ci_thread_ops, 0);
    uint32_t tid = 0;

    if (obj != NULL) {
        tid = thread_of(obj)->tid;
        ci_obj_put(obj);
    }
    return tid;
}

DWORD GetCurrentThreadId(void)
{
    return ci_thread_self != NULL ? ci_thread_self->tid : ci_sys_tid();
}

HANDLE GetCurrentThread(void)
{
    return CI_CURRENT_THREAD;
}

struct ci_obj *ci_thread_obj_get(void)
{
    struct ci_thread *self = ci_self();

    if (self == NULL)
        return NULL;
    ci_obj_get(&self->obj->obj);
    return &self->obj->obj;
}

bool ci_thread_visit(struct ci_obj *obj, void (*use)(struct ci_thread *thread, void *arg),
                     void *arg)
{
    struct ci_thread *record;

    ci_lock(&obj->lock);
    record = thread_of(obj)->record; /* it ends only after taking this lock */
    if (record != NULL)
        use(record, arg);
    ci_unlock(&obj->lock);
    return record != NULL;
}

/* ---- QueueUserAPC ---- */

struct user_apc {
    struct ci_apc apc;
    PAPCFUNC run;
    ULONG_PTR arg;
};

static void user_apc_drop(struct ci_apc *apc)
{
    ci_sys_free(CI_CONTAINER(apc, struct user_apc, apc));
}

static void user_apc_run(struct ci_apc *apc)
{
    struct user_apc *mine = CI_CONTAINER(apc, struct user_apc, apc);
    PAPCFUNC run = mine->run;
    ULONG_PTR arg = mine->arg;

    ci_sys_free(mine);
    run(arg);
}

struct apc_order {
    struct ci_apc *apc;
    struct ci_wakes *wakes;
    bool queued;
};

static void apc_order_place(struct ci_thread *thread, void *arg)
{
    struct apc_order *order = arg;

    order->queued = ci_apc_queue(thread, order->apc, order->wakes);
}

static bool apc_user_queue(struct ci_obj *obj, PAPCFUNC run, ULONG_PTR arg)
{
    struct user_apc *mine = ci_sys_alloc(sizeof *mine);
    struct ci_wakes wakes;
    struct apc_order order = {.wakes = &wakes};

    if (mine == NULL)
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    mine->apc.run = user_apc_run;
    mine->apc.drop = user_apc_drop;
    mine->run = run;
    mine->arg = arg;
    order.apc = &mine->apc;
    ci_wakes_init(&wakes);
    ci_thread_visit(obj, apc_order_place, &order);
    ci_wakes_deliver(&wakes);
    if (!order.queued) {
        ci_sys_free(mine);
        return ci_fail(ERROR_GEN_FAILURE);
    }
    return true;
}

static DWORD user_apc_queue(PAPCFUNC run, HANDLE handle, ULONG_PTR arg)
{
    struct ci_obj *obj = ci_handle_get_pseudo(handle, &ci_thread_ops, 0);
    bool queued;

    if (obj == NULL)
        return 0;
    queued = run == NULL ? ci_fail(ERROR_INVALID_PARAMETER) : apc_user_queue(obj, run, arg);
    ci_obj_put(obj);
    return queued;
}

DWORD QueueUserAPC(PAPCFUNC run, HANDLE thread, ULONG_PTR arg)
{
    CI_TRACED_BOOL(user_apc_queue(run, thread, arg), "QueueUserAPC %s", ci_trace_handle(thread));
}

/* ---- the process ---- */

static const struct ci_obj_ops process_ops = {
    .name = "process", .size = sizeof(struct ci_obj), .full_access = 0x1FFFFF};
static struct ci_obj process;

__attribute__((constructor)) static void process_make(void)
{
    ci_fork_lock_add(&threads.lock);
    ci_fork_lock_add(&records.lock);
    ci_obj_init(&process, &process_ops);
    atomic_store(&process.handles, 1);
}

struct ci_obj *ci_process_get(void)
{
    ci_obj_get(&process);
    return &process;
}

HANDLE GetCurrentProcess(void)
{
    return CI_CURRENT_PROCESS;
}

DWORD GetCurrentProcessId(void)
{
    return (DWORD)ci_sys_pid();
}

/* ---- after fork ---- */

/* Its kick is closed together with all others: it was an open description shared with the parent.
 */
static void record_forget(void *piece)
{
    struct ci_thread *t = piece;

    if (atomic_load(&t->flag.obj.refs) != 0)
        atomic_store(&t->park.kick, -1);
}

/* What it owns it keeps: mutexes, the port it belongs to, its spare records.  What was on its way
 * to it was the parent's. */
static void self_forget(struct ci_thread *self)
{
    self->tid = ci_sys_tid();
    self->obj->tid = self->tid;
    ci_park_init(&self->park);
    ci_lock_init(&self->apclock, CI_RANK_APC);
    ci_list_init(&self->apcs);
    places_clear(self);
    ci_list_init(&self->ops);
    ci_list_init(&self->apc_ops);
    ci_list_init(&self->timers);
    ci_list_init(&self->port_link);
    self->alertable = false;
    self->sync_op = NULL;
    self->all_wait = NULL;
    self->port_counted = false;
    self->port_packet = NULL;
    ci_obj_forked(&self->flag.obj);
    ci_list_append(&threads.list, &self->all);
}

void ci_threads_forget(void)
{
    ci_list_init(&threads.list);
    ci_slab_each(&records, record_forget);
    ci_obj_forked(&process);
    if (ci_thread_self != NULL)
        self_forget(ci_thread_self);
}

#ifdef CI_TESTING
#include "libcomm/plat/testing.h"

/* What a living thread needs for itself is not a leak. */
size_t ci_testing_live_objects(void)
{
    size_t living = 0;

    ci_lock(&threads.lock);
    CI_LIST_EACH (link, after, &threads.list)
        living++;
    ci_unlock(&threads.lock);
    return ci_obj_live() - living;
}
#endif
