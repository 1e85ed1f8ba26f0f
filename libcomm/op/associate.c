/* SPDX-License-Identifier: MIT */
/* A file joins a completion port, once and for good, and says which of its completions it wants
 * reported. */
#include <libcomm/comm.h>

#include "libcomm/obj/handle.h"
#include "libcomm/op/file.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/trace.h"
#include "libcomm/wait/iocp.h"

/* The file's lock is held: what is pending already will post too. */
static void pending_count(struct ci_file *file)
{
    for (int i = 0; i < CI_LANES; i++) {
        CI_LIST_EACH (link, after, &file->queue[i]) {
            CI_CONTAINER(link, struct ci_op, queue)->counted = true;
            ci_port_inflight(file->port, 1);
        }
    }
}

uint32_t ci_file_associate(struct ci_file *file, struct ci_port *port, uintptr_t key)
{
    int epoll = ci_port_epoll(port);
    uint32_t error = 0;

    if (epoll < 0)
        return ci_errno_error(CI_DOM_SYSTEM, -epoll);
    ci_lock(&file->lock);
    if (!file->overlapped || file->port != NULL) {
        error = ERROR_INVALID_PARAMETER;
    } else {
        ci_obj_get((struct ci_obj *)port);
        file->key = key;
        ci_port_file_joins(port);
        file->port = port; /* last: a child forked at this moment has a port and its reference */
        pending_count(file);
        /* no room in the kernel: then the engine watches this file, and the port only gets the
         * packets */
        (void)ci_pump_attach(&file->pump, ci_port_pump(port), epoll);
    }
    ci_unlock(&file->lock);
    return error;
}

static HANDLE join(HANDLE file_handle, struct ci_port *port, uintptr_t key, HANDLE result)
{
    struct ci_file *file = ci_file_get(file_handle, 0);
    uint32_t error;

    if (file == NULL)
        return NULL;
    error = ci_file_associate(file, port, key);
    ci_file_put(file);
    if (error == 0)
        return result;
    ci_fail(error);
    return NULL;
}

static HANDLE join_existing(HANDLE file, HANDLE existing, uintptr_t key)
{
    struct ci_obj *obj = ci_handle_get(existing, &ci_port_ops, 0);
    HANDLE result;

    if (obj == NULL)
        return NULL;
    result = join(file, ci_port_of(obj), key, existing);
    ci_obj_put(obj);
    return result;
}

static HANDLE join_new(HANDLE file, uintptr_t key, uint32_t concurrency)
{
    struct ci_port *port = ci_port_new(concurrency);
    struct ci_obj *obj = (struct ci_obj *)port;
    HANDLE handle, result;

    if (port == NULL) {
        ci_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    ci_obj_get(obj);
    handle = ci_handle_give(obj, ci_port_ops.full_access, false);
    result = handle;
    if (handle != NULL && file != INVALID_HANDLE_VALUE) {
        result = join(file, port, key, handle);
        if (result == NULL) {
            uint32_t error = ci_last_error();

            CloseHandle(handle);
            ci_set_last_error(error);
        }
    }
    ci_obj_put(obj);
    return result;
}

static HANDLE port_create(HANDLE file, HANDLE existing, uintptr_t key, uint32_t concurrency)
{
    if (existing == NULL)
        return join_new(file, key, concurrency);
    if (file == INVALID_HANDLE_VALUE) {
        ci_fail(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return join_existing(file, existing, key);
}

HANDLE CreateIoCompletionPort(HANDLE file, HANDLE existing, ULONG_PTR key, DWORD concurrency)
{
    CI_TRACED_HANDLE(port_create(file, existing, key, concurrency),
                     "CreateIoCompletionPort %s key 0x%zx", ci_trace_handle(file), (size_t)key);
}

/* ---- notification modes ---- */

static uint32_t modes_add(struct ci_file *file, uint8_t modes)
{
    bool all;

    if ((modes & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS) != 0 && !file->overlapped)
        return ERROR_INVALID_PARAMETER;
    ci_lock(&file->lock);
    file->modes |= modes & (FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE);
    if ((file->modes & FILE_SKIP_SET_EVENT_ON_HANDLE) != 0) {
        all = ci_obj_lock(&file->obj);
        atomic_store_explicit(&file->signaled, false, memory_order_release);
        ci_obj_unlock(&file->obj, all);
    }
    ci_unlock(&file->lock);
    return 0;
}

static bool modes_set(HANDLE handle, uint8_t modes)
{
    struct ci_file *file = ci_file_get(handle, 0);
    uint32_t error;

    if (file == NULL)
        return false;
    error = modes_add(file, modes);
    ci_file_put(file);
    return error == 0 || ci_fail(error);
}

BOOL SetFileCompletionNotificationModes(HANDLE handle, UCHAR modes)
{
    CI_TRACED_BOOL(modes_set(handle, modes), "SetFileCompletionNotificationModes %s %u",
                   ci_trace_handle(handle), modes);
}
