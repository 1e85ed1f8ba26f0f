/* SPDX-License-Identifier: MIT */
/* GetOverlappedResult: a finished operation is read from the caller's own structure, without any
 * handle; only a pending one is waited for. */
#include <libcomm/comm.h>

#include "libcomm/obj/event.h"
#include "libcomm/obj/handle.h"
#include "libcomm/op/file.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/hint.h"
#include "libcomm/plat/trace.h"
#include "libcomm/wait/wait.h"

static uint32_t status_of(const OVERLAPPED *ov)
{
    return (uint32_t)__atomic_load_n(&ov->Internal, __ATOMIC_ACQUIRE);
}

static bool result_report(const OVERLAPPED *ov, uint32_t status, DWORD *bytes)
{
    uint32_t error = ci_status_error(status);

    *bytes = (DWORD)ov->InternalHigh;
    return error == 0 || ci_fail(error);
}

/* What a caller waits on: the event of the operation, or the file itself. */
static struct ci_obj *waitable_get(HANDLE handle, const OVERLAPPED *ov)
{
    uintptr_t event = (uintptr_t)ov->hEvent & ~(uintptr_t)1;

    return ci_handle_get(event != 0 ? (HANDLE)event : handle, NULL, 0);
}

/* Polling callers make progress: one step of what is pending, without sleeping. */
CI_APART static void result_probe(HANDLE handle, const OVERLAPPED *ov)
{
    uint32_t error = ci_last_error();
    struct ci_thread *self = ci_self();
    struct ci_obj *obj = self == NULL ? NULL : waitable_get(handle, ov);

    if (obj != NULL) {
        ci_wait_probe(self, obj);
        ci_obj_put(obj);
    }
    ci_set_last_error(error);
}

#ifndef NDEBUG
static void warn_auto_reset(struct ci_obj *obj, HANDLE handle)
{
    if (obj->ops == &ci_event_ops && !ci_event_manual(obj))
        ci_trace_misuse("GetOverlappedResult %s waits on an auto-reset event: the wait takes it",
                        ci_trace_handle(handle));
}
#else
static void warn_auto_reset(struct ci_obj *obj, HANDLE handle)
{
    (void)obj;
    (void)handle;
}
#endif

CI_APART static bool result_wait(HANDLE handle, OVERLAPPED *ov, DWORD *bytes, uint32_t timeout_ms,
                                 bool alertable)
{
    struct ci_thread *self = ci_self();
    struct ci_obj *obj = self == NULL ? NULL : waitable_get(handle, ov);
    uint32_t waited, status;

    if (obj == NULL)
        return false;
    warn_auto_reset(obj, handle);
    waited = ci_wait(self, &obj, 1, alertable ? CI_WAIT_ALERTABLE : 0, timeout_ms);
    ci_obj_put(obj);
    if (waited == WAIT_TIMEOUT || waited == WAIT_IO_COMPLETION)
        return ci_fail(waited);
    status = status_of(ov);
    if (status == STATUS_PENDING) /* somebody else signalled: Windows calls that success */
        status = STATUS_SUCCESS;
    return result_report(ov, status, bytes);
}

static bool result_get(HANDLE handle, OVERLAPPED *ov, DWORD *bytes, uint32_t timeout_ms,
                       bool alertable)
{
    uint32_t status;

    if (ov == NULL || bytes == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    status = status_of(ov);
    if (status == STATUS_PENDING && timeout_ms == 0) {
        result_probe(handle, ov);
        status = status_of(ov);
        if (status == STATUS_PENDING)
            return ci_fail(ERROR_IO_INCOMPLETE);
    }
    if (status != STATUS_PENDING)
        return result_report(ov, status, bytes);
    return result_wait(handle, ov, bytes, timeout_ms, alertable);
}

BOOL GetOverlappedResult(HANDLE handle, LPOVERLAPPED ov, LPDWORD bytes, BOOL wait)
{
    CI_TRACED_BOOL(result_get(handle, ov, bytes, wait ? INFINITE : 0, false),
                   "GetOverlappedResult %s%s", ci_trace_handle(handle), wait ? " wait" : "");
}

BOOL GetOverlappedResultEx(HANDLE handle, LPOVERLAPPED ov, LPDWORD bytes, DWORD timeout_ms,
                           BOOL alertable)
{
    CI_TRACED_BOOL(result_get(handle, ov, bytes, timeout_ms, alertable != 0),
                   "GetOverlappedResultEx %s %s%s", ci_trace_handle(handle),
                   ci_trace_ms(timeout_ms), alertable ? " alertable" : "");
}
