/* SPDX-License-Identifier: MIT */
/* A mutex knows its owner and how often it was taken.  Whoever satisfies a wait writes the waiter
 * in as owner, so the owner's list of mutexes is guarded by the owner's apclock and not by being
 * the owner's own. */
#include "libcomm/obj/mutex.h"

#include <libcomm/comm.h>

#include "libcomm/obj/handle.h"
#include "libcomm/obj/name.h"
#include "libcomm/obj/thread.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/trace.h"

struct mutex {
    struct ci_obj obj;
    struct ci_thread *owner; /* guarded by obj.lock; NULL: free */
    uint32_t count;          /* guarded by obj.lock: how often the owner has it */
    bool abandoned;          /* guarded by obj.lock: the next wait is told */
    struct ci_list owned;    /* link in owner->mutexes, guarded by owner->apclock */
};

static struct mutex *mutex_of(struct ci_obj *obj)
{
    return CI_CONTAINER(obj, struct mutex, obj);
}

static bool mutex_signaled(const struct ci_obj *obj, const struct ci_thread *taker)
{
    const struct mutex *mutex = CI_CONTAINER(obj, const struct mutex, obj);

    return mutex->owner == NULL || mutex->owner == taker;
}

static bool mutex_abandoned(const struct ci_obj *obj)
{
    return CI_CONTAINER(obj, const struct mutex, obj)->abandoned;
}

/* The list of an owner holds no references: the mutex leaves it when it is destroyed. */
static void mutex_consume(struct ci_obj *obj, struct ci_thread *taker)
{
    struct mutex *mutex = mutex_of(obj);

    mutex->abandoned = false;
    if (mutex->count++ > 0)
        return;
    mutex->owner = taker;
    ci_lock(&taker->apclock);
    ci_list_append(&taker->mutexes, &mutex->owned);
    ci_unlock(&taker->apclock);
}

static void mutex_disown(struct mutex *mutex)
{
    ci_lock(&mutex->owner->apclock);
    ci_list_del(&mutex->owned);
    ci_unlock(&mutex->owner->apclock);
    mutex->owner = NULL;
    mutex->count = 0;
}

uint32_t ci_mutex_release(struct ci_obj *obj, void *arg)
{
    struct mutex *mutex = mutex_of(obj);

    if (mutex->owner != arg || mutex->owner == NULL)
        return ERROR_NOT_OWNER;
    if (--mutex->count == 0)
        mutex_disown(mutex);
    return 0;
}

static void mutex_destroy(struct ci_obj *obj)
{
    struct mutex *mutex = mutex_of(obj);

    ci_lock(&obj->lock); /* its owner may be ending at this moment */
    if (mutex->owner != NULL)
        mutex_disown(mutex);
    ci_unlock(&obj->lock);
}

/* A mutex of a thread that was not copied into the child has no owner there and never will be
 * released. */
static void mutex_forked(struct ci_obj *obj)
{
    struct mutex *mutex = mutex_of(obj);

    if (mutex->owner != NULL && mutex->owner == ci_thread_self)
        return;
    mutex->abandoned |= mutex->owner != NULL;
    mutex->owner = NULL;
    mutex->count = 0; /* perhaps another thread was about to own it */
    ci_list_init(&mutex->owned);
}

const struct ci_obj_ops ci_mutex_ops = {
    .name = "mutex",
    .size = sizeof(struct mutex),
    .full_access = MUTEX_ALL_ACCESS,
    .signaled = mutex_signaled,
    .consume = mutex_consume,
    .abandoned = mutex_abandoned,
    .destroy = mutex_destroy,
    .forked = mutex_forked,
};

/* ---- a thread ends ---- */

static uint32_t mutex_abandon(struct ci_obj *obj, void *arg)
{
    struct mutex *mutex = mutex_of(obj);

    if (mutex->owner != arg)
        return ERROR_NOT_OWNER;
    mutex_disown(mutex);
    mutex->abandoned = true;
    return 0;
}

static struct ci_obj *owned_any(struct ci_thread *self)
{
    struct ci_obj *obj = NULL;

    ci_lock(&self->apclock);
    CI_LIST_EACH (link, after, &self->mutexes) {
        obj = &CI_CONTAINER(link, struct mutex, owned)->obj;
        if (ci_obj_try_get(obj))
            break;
        obj = NULL; /* being destroyed: leaves the list by itself */
    }
    ci_unlock(&self->apclock);
    return obj;
}

static void mutexes_abandon(struct ci_thread *self)
{
    struct ci_obj *obj;

    while ((obj = owned_any(self)) != NULL) {
        ci_signal(obj, mutex_abandon, self);
        ci_obj_put(obj);
    }
}

__attribute__((constructor)) static void mutex_setup(void)
{
    ci_thread_at_exit(CI_EXIT_MUTEXES, mutexes_abandon);
}

/* ---- the public calls ---- */

static HANDLE mutex_create(const SECURITY_ATTRIBUTES *attributes, bool owned, const char *name,
                           const WCHAR *wide, uint32_t access)
{
    struct ci_thread *self = ci_self();
    struct ci_obj *obj = self == NULL ? NULL : ci_obj_new(&ci_mutex_ops);

    if (obj != NULL) {
        ci_list_init(&mutex_of(obj)->owned);
        if (owned) {
            ci_lock(&obj->lock);
            mutex_consume(obj, self);
            ci_unlock(&obj->lock);
        }
    }
    return ci_name_create(obj, name, wide, access, attributes);
}

HANDLE CreateMutexA(LPSECURITY_ATTRIBUTES attributes, BOOL owned, LPCSTR name)
{
    CI_TRACED_HANDLE(mutex_create(attributes, owned != 0, name, NULL, MUTEX_ALL_ACCESS),
                     "CreateMutex%s", owned ? " owned" : "");
}

HANDLE CreateMutexW(LPSECURITY_ATTRIBUTES attributes, BOOL owned, LPCWSTR name)
{
    CI_TRACED_HANDLE(mutex_create(attributes, owned != 0, NULL, name, MUTEX_ALL_ACCESS),
                     "CreateMutex%s", owned ? " owned" : "");
}

HANDLE CreateMutexExA(LPSECURITY_ATTRIBUTES attributes, LPCSTR name, DWORD flags, DWORD access)
{
    CI_TRACED_HANDLE(
        mutex_create(attributes, (flags & CREATE_MUTEX_INITIAL_OWNER) != 0, name, NULL, access),
        "CreateMutexEx flags %u", flags);
}

HANDLE CreateMutexExW(LPSECURITY_ATTRIBUTES attributes, LPCWSTR name, DWORD flags, DWORD access)
{
    CI_TRACED_HANDLE(
        mutex_create(attributes, (flags & CREATE_MUTEX_INITIAL_OWNER) != 0, NULL, name, access),
        "CreateMutexEx flags %u", flags);
}

HANDLE OpenMutexA(DWORD access, BOOL inherit, LPCSTR name)
{
    CI_TRACED_HANDLE(ci_name_open(&ci_mutex_ops, name, NULL, access, inherit != 0), "OpenMutex %s",
                     name);
}

HANDLE OpenMutexW(DWORD access, BOOL inherit, LPCWSTR name)
{
    CI_TRACED_HANDLE(ci_name_open(&ci_mutex_ops, NULL, name, access, inherit != 0), "OpenMutex");
}

static bool mutex_give(HANDLE handle)
{
    struct ci_thread *self = ci_self();
    struct ci_obj *obj = self == NULL ? NULL : ci_handle_get(handle, &ci_mutex_ops, 0);
    uint32_t error;

    if (obj == NULL)
        return false;
    error = ci_signal(obj, ci_mutex_release, self);
    ci_obj_put(obj);
    return error == 0 || ci_fail(error);
}

BOOL ReleaseMutex(HANDLE handle)
{
    CI_TRACED_BOOL(mutex_give(handle), "ReleaseMutex %s", ci_trace_handle(handle));
}
