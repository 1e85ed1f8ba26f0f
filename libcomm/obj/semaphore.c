/* SPDX-License-Identifier: MIT */
/* The count is all there is; releasing more than the maximum allows changes nothing. */
#include "libcomm/obj/semaphore.h"

#include <libcomm/comm.h>

#include "libcomm/obj/handle.h"
#include "libcomm/obj/name.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/trace.h"

struct semaphore {
    struct ci_obj obj;
    int32_t count; /* guarded by obj.lock */
    int32_t most;  /* fixed at creation */
};

static struct semaphore *semaphore_of(struct ci_obj *obj)
{
    return CI_CONTAINER(obj, struct semaphore, obj);
}

static bool semaphore_signaled(const struct ci_obj *obj, const struct ci_thread *taker)
{
    (void)taker;
    return CI_CONTAINER(obj, const struct semaphore, obj)->count > 0;
}

static void semaphore_consume(struct ci_obj *obj, struct ci_thread *taker)
{
    (void)taker;
    semaphore_of(obj)->count--;
}

uint32_t ci_semaphore_raise(struct ci_obj *obj, void *arg)
{
    struct semaphore *semaphore = semaphore_of(obj);
    struct ci_semaphore_release *release = arg;
    int32_t add = release == NULL ? 1 : release->add;

    if (add > semaphore->most - semaphore->count)
        return ERROR_TOO_MANY_POSTS;
    if (release != NULL)
        release->before = semaphore->count;
    semaphore->count += add;
    return 0;
}

const struct ci_obj_ops ci_semaphore_ops = {
    .name = "semaphore",
    .size = sizeof(struct semaphore),
    .full_access = SEMAPHORE_ALL_ACCESS,
    .signaled = semaphore_signaled,
    .consume = semaphore_consume,
};

/* ---- the public calls ---- */

static HANDLE semaphore_create(const SECURITY_ATTRIBUTES *attributes, int32_t initial, int32_t most,
                               const char *name, const WCHAR *wide, uint32_t access)
{
    struct ci_obj *obj;

    if (initial < 0 || most < 1 || initial > most) {
        ci_fail(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    obj = ci_obj_new(&ci_semaphore_ops);
    if (obj != NULL) {
        semaphore_of(obj)->count = initial;
        semaphore_of(obj)->most = most;
    }
    return ci_name_create(obj, name, wide, access, attributes);
}

HANDLE CreateSemaphoreA(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG most, LPCSTR name)
{
    CI_TRACED_HANDLE(semaphore_create(attributes, initial, most, name, NULL, SEMAPHORE_ALL_ACCESS),
                     "CreateSemaphore %d of %d", initial, most);
}

HANDLE CreateSemaphoreW(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG most, LPCWSTR name)
{
    CI_TRACED_HANDLE(semaphore_create(attributes, initial, most, NULL, name, SEMAPHORE_ALL_ACCESS),
                     "CreateSemaphore %d of %d", initial, most);
}

HANDLE CreateSemaphoreExA(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG most, LPCSTR name,
                          DWORD flags, DWORD access)
{
    (void)flags; /* reserved */
    CI_TRACED_HANDLE(semaphore_create(attributes, initial, most, name, NULL, access),
                     "CreateSemaphoreEx %d of %d", initial, most);
}

HANDLE CreateSemaphoreExW(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG most, LPCWSTR name,
                          DWORD flags, DWORD access)
{
    (void)flags; /* reserved */
    CI_TRACED_HANDLE(semaphore_create(attributes, initial, most, NULL, name, access),
                     "CreateSemaphoreEx %d of %d", initial, most);
}

HANDLE OpenSemaphoreA(DWORD access, BOOL inherit, LPCSTR name)
{
    CI_TRACED_HANDLE(ci_name_open(&ci_semaphore_ops, name, NULL, access, inherit != 0),
                     "OpenSemaphore %s", name);
}

HANDLE OpenSemaphoreW(DWORD access, BOOL inherit, LPCWSTR name)
{
    CI_TRACED_HANDLE(ci_name_open(&ci_semaphore_ops, NULL, name, access, inherit != 0),
                     "OpenSemaphore");
}

static bool semaphore_release(HANDLE handle, int32_t count, LONG *before)
{
    struct ci_obj *obj = ci_handle_get(handle, &ci_semaphore_ops, SEMAPHORE_MODIFY_STATE);
    struct ci_semaphore_release release = {.add = count};
    uint32_t error;

    if (obj == NULL)
        return false;
    error = count <= 0 ? ERROR_INVALID_PARAMETER : ci_signal(obj, ci_semaphore_raise, &release);
    ci_obj_put(obj);
    if (error != 0)
        return ci_fail(error);
    if (before != NULL)
        *before = release.before;
    return true;
}

BOOL ReleaseSemaphore(HANDLE handle, LONG count, LPLONG before)
{
    CI_TRACED_BOOL(semaphore_release(handle, count, before), "ReleaseSemaphore %s %d",
                   ci_trace_handle(handle), count);
}
