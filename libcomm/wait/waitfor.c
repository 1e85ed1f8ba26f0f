/* SPDX-License-Identifier: MIT */
/* The public waits and sleeps: handles become objects, all of them before anything is touched, and
 * every wait holds its objects until it returns. */
#include <libcomm/comm.h>

#include "libcomm/obj/event.h"
#include "libcomm/obj/handle.h"
#include "libcomm/obj/mutex.h"
#include "libcomm/obj/semaphore.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"
#include "libcomm/wait/wait.h"

static unsigned flags_of(BOOL all, BOOL alertable)
{
    return (all ? CI_WAIT_ALL : 0u) | (alertable ? CI_WAIT_ALERTABLE : 0u);
}

static uint32_t wait_fail(uint32_t error)
{
    ci_fail(error);
    return WAIT_FAILED;
}

/* ---- one ---- */

static uint32_t wait_single(HANDLE handle, uint32_t timeout_ms, BOOL alertable)
{
    struct ci_thread *self = ci_self();
    struct ci_obj *obj = self == NULL ? NULL : ci_handle_get_pseudo(handle, NULL, SYNCHRONIZE);
    uint32_t result;

    if (obj == NULL)
        return WAIT_FAILED;
    result = ci_wait(self, &obj, 1, flags_of(FALSE, alertable), timeout_ms);
    ci_obj_put(obj);
    return result;
}

DWORD WaitForSingleObject(HANDLE handle, DWORD timeout_ms)
{
    CI_TRACED_DWORD(wait_single(handle, timeout_ms, FALSE), "WaitForSingleObject %s %s",
                    ci_trace_handle(handle), ci_trace_ms(timeout_ms));
}

DWORD WaitForSingleObjectEx(HANDLE handle, DWORD timeout_ms, BOOL alertable)
{
    CI_TRACED_DWORD(wait_single(handle, timeout_ms, alertable), "WaitForSingleObjectEx %s %s%s",
                    ci_trace_handle(handle), ci_trace_ms(timeout_ms),
                    alertable ? " alertable" : "");
}

/* ---- several ---- */

static bool any_twice(struct ci_obj *const *objs, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        for (unsigned j = i + 1; j < count; j++)
            if (objs[i] == objs[j])
                return true;
    return false;
}

static void objs_put(struct ci_obj *const *objs, unsigned count)
{
    while (count > 0)
        ci_obj_put(objs[--count]);
}

static uint32_t wait_several(unsigned count, const HANDLE *handles, BOOL all, uint32_t timeout_ms,
                             BOOL alertable)
{
    struct ci_thread *self = ci_self();
    struct ci_obj *objs[CI_WAIT_MOST];
    uint32_t result;

    if (self == NULL)
        return WAIT_FAILED;
    if (count == 0 || count > CI_WAIT_MOST || handles == NULL)
        return wait_fail(ERROR_INVALID_PARAMETER);
    for (unsigned i = 0; i < count; i++) {
        objs[i] = ci_handle_get(handles[i], NULL, SYNCHRONIZE);
        if (objs[i] == NULL) {
            objs_put(objs, i);
            return WAIT_FAILED;
        }
    }
    if (all && any_twice(objs, count))
        result = wait_fail(ERROR_INVALID_PARAMETER);
    else
        result = ci_wait(self, objs, count, flags_of(all, alertable), timeout_ms);
    objs_put(objs, count);
    return result;
}

DWORD WaitForMultipleObjects(DWORD count, const HANDLE *handles, BOOL all, DWORD timeout_ms)
{
    CI_TRACED_DWORD(wait_several(count, handles, all, timeout_ms, FALSE),
                    "WaitForMultipleObjects %s of %u %s", all ? "all" : "any", count,
                    ci_trace_ms(timeout_ms));
}

DWORD WaitForMultipleObjectsEx(DWORD count, const HANDLE *handles, BOOL all, DWORD timeout_ms,
                               BOOL alertable)
{
    CI_TRACED_DWORD(wait_several(count, handles, all, timeout_ms, alertable),
                    "WaitForMultipleObjectsEx %s of %u %s%s", all ? "all" : "any", count,
                    ci_trace_ms(timeout_ms), alertable ? " alertable" : "");
}

/* ---- signal and wait ---- */

static ci_raise *raise_for(const struct ci_obj *obj)
{
    if (obj->ops == &ci_event_ops)
        return ci_event_raise;
    if (obj->ops == &ci_mutex_ops)
        return ci_mutex_release;
    if (obj->ops == &ci_semaphore_ops)
        return ci_semaphore_raise;
    return NULL;
}

static uint32_t signal_and_wait(struct ci_thread *self, struct ci_obj *first, struct ci_obj *second,
                                uint32_t timeout_ms, BOOL alertable)
{
    ci_raise *raise = raise_for(first);
    void *arg = raise == ci_mutex_release ? self : NULL;
    uint32_t error = ERROR_INVALID_HANDLE, result = WAIT_FAILED;

    if (raise != NULL)
        result = ci_signal_and_wait(self, first, raise, arg, second, flags_of(FALSE, alertable),
                                    timeout_ms, &error);
    return error != 0 ? wait_fail(error) : result;
}

static uint32_t signal_object_and_wait(HANDLE signal, HANDLE wait, uint32_t timeout_ms,
                                       BOOL alertable)
{
    struct ci_thread *self = ci_self();
    struct ci_obj *first = self == NULL ? NULL : ci_handle_get_pseudo(signal, NULL, 0);
    struct ci_obj *second = first == NULL ? NULL : ci_handle_get_pseudo(wait, NULL, SYNCHRONIZE);
    uint32_t result = WAIT_FAILED;

    if (second != NULL) {
        result = signal_and_wait(self, first, second, timeout_ms, alertable);
        ci_obj_put(second);
    }
    if (first != NULL)
        ci_obj_put(first);
    return result;
}

DWORD SignalObjectAndWait(HANDLE signal, HANDLE wait, DWORD timeout_ms, BOOL alertable)
{
    CI_TRACED_DWORD(signal_object_and_wait(signal, wait, timeout_ms, alertable),
                    "SignalObjectAndWait %s, %s %s", ci_trace_handle(signal), ci_trace_handle(wait),
                    ci_trace_ms(timeout_ms));
}

/* ---- sleeping ---- */

static uint32_t sleep_ex(uint32_t timeout_ms, BOOL alertable)
{
    struct ci_thread *self = ci_self();
    uint32_t result;

    if (self == NULL)
        return 0;
    if (timeout_ms == 0 && !alertable) {
        ci_sys_yield();
        return 0;
    }
    result = ci_wait(self, NULL, 0, flags_of(FALSE, alertable), timeout_ms);
    return result == WAIT_IO_COMPLETION ? result : 0;
}

VOID Sleep(DWORD timeout_ms)
{
    (void)sleep_ex(timeout_ms, FALSE);
}

DWORD SleepEx(DWORD timeout_ms, BOOL alertable)
{
    CI_TRACED_DWORD(sleep_ex(timeout_ms, alertable), "SleepEx %s%s", ci_trace_ms(timeout_ms),
                    alertable ? " alertable" : "");
}

BOOL SwitchToThread(void)
{
    ci_sys_yield();
    return TRUE;
}
