/* SPDX-License-Identifier: MIT */
/* The public calls of a server: making an instance, waiting for its client, sending it away. */
#include <libcomm/pipes.h>

#include "libcomm/dev/path.h"
#include "libcomm/obj/handle.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"
#include "pipes/pipe.h"

/* ---- CreateNamedPipe ---- */

#define OPEN_FLAGS                                                                                \
    (FILE_FLAG_FIRST_PIPE_INSTANCE | FILE_FLAG_OVERLAPPED | FILE_FLAG_WRITE_THROUGH | WRITE_DAC | \
     ACCESS_SYSTEM_SECURITY)
#define MODE_FLAGS \
    (PIPE_NOWAIT | PIPE_READMODE_MESSAGE | PIPE_TYPE_MESSAGE | PIPE_REJECT_REMOTE_CLIENTS)
#define DEFAULT_TIMEOUT_MS 50u

static uint32_t name_error(enum pi_name_kind kind)
{
    switch (kind) {
    case PI_NAME_FOREIGN:
    case PI_NAME_ROOT:
    case PI_NAME_REMOTE: /* a server is made where it runs */
        return ERROR_INVALID_NAME;
    case PI_NAME_LONG:
        return ERROR_FILENAME_EXCED_RANGE;
    case PI_NAME_GOOD:
        break;
    }
    return 0;
}

static uint32_t ask_error(const struct pi_create *ask)
{
    if (ask->direction == 0 || (ask->open_mode & ~(uint32_t)(PIPE_ACCESS_DUPLEX | OPEN_FLAGS)) != 0)
        return ERROR_INVALID_PARAMETER;
    if ((ask->pipe_mode & ~(uint32_t)MODE_FLAGS) != 0)
        return ERROR_INVALID_PARAMETER;
    if ((ask->pipe_mode & PIPE_READMODE_MESSAGE) != 0 && (ask->pipe_mode & PIPE_TYPE_MESSAGE) == 0)
        return ERROR_INVALID_PARAMETER;
    if (ask->max_instances == 0 || ask->max_instances > PIPE_UNLIMITED_INSTANCES)
        return ERROR_INVALID_PARAMETER;
    return 0;
}

/* No list of rights at all lets everybody in; any other list is only for its user. */
static unsigned mode_of(const SECURITY_ATTRIBUTES *security)
{
    const SECURITY_DESCRIPTOR *d = security == NULL ? NULL : security->lpSecurityDescriptor;

    return d != NULL && (d->Control & SE_DACL_PRESENT) != 0 && d->Dacl == NULL ? 0666 : 0600;
}

static uint32_t granted(const struct pi_create *ask)
{
    uint32_t access = SYNCHRONIZE | (ask->open_mode & (WRITE_DAC | ACCESS_SYSTEM_SECURITY));

    if ((ask->direction & PIPE_ACCESS_INBOUND) != 0)
        access |= FILE_GENERIC_READ;
    if ((ask->direction & PIPE_ACCESS_OUTBOUND) != 0)
        access |= FILE_GENERIC_WRITE;
    if ((ask->open_mode & FILE_FLAG_FIRST_PIPE_INSTANCE) != 0)
        access |= WRITE_OWNER; /* the same bit */
    return access;
}

static HANDLE refuse(uint32_t error)
{
    ci_fail(error);
    return INVALID_HANDLE_VALUE;
}

static HANDLE create(const char *path, struct pi_create *ask, const SECURITY_ATTRIBUTES *security)
{
    struct pi_name name;
    struct pi_end *end;
    HANDLE handle;
    uint32_t error;

    if (path == NULL || path[0] == '\0')
        return refuse(ERROR_PATH_NOT_FOUND);
    ask->mode = mode_of(security);
    ask->where = ask->mode == 0600 ? PI_DIR_OWN : pi_dir_for_all();
    error = name_error(pi_name_parse(path, &name));
    if (error == 0)
        error = ask_error(ask);
    if (error == 0)
        error = pi_pipe_create(&name, ask, &end);
    if (error != 0)
        return refuse(error);
    pi_end_hold(end);
    handle = ci_handle_give(&end->file.obj, granted(ask),
                            security != NULL && security->bInheritHandle != 0);
    if (handle == NULL)
        pi_end_unname(end);
    else
        ci_set_last_error(0);
    pi_end_put(end);
    return handle == NULL ? INVALID_HANDLE_VALUE : handle;
}

static struct pi_create asked(uint32_t open_mode, uint32_t pipe_mode, uint32_t max_instances,
                              uint32_t out, uint32_t in, uint32_t timeout_ms)
{
    return (struct pi_create){
        .direction = open_mode & PIPE_ACCESS_DUPLEX,
        .open_mode = open_mode,
        .pipe_mode = pipe_mode,
        .max_instances = max_instances,
        .quota = {in, out},
        .timeout_ms = timeout_ms == 0 ? DEFAULT_TIMEOUT_MS : timeout_ms,
    };
}

HANDLE CreateNamedPipeA(LPCSTR name, DWORD open_mode, DWORD pipe_mode, DWORD max_instances,
                        DWORD out, DWORD in, DWORD timeout_ms, LPSECURITY_ATTRIBUTES security)
{
    struct pi_create ask = asked(open_mode, pipe_mode, max_instances, out, in, timeout_ms);

    CI_TRACED_HANDLE(create(name, &ask, security), "CreateNamedPipe %s open %08x mode %x max %u",
                     name == NULL ? "(null)" : name, open_mode, pipe_mode, max_instances);
}

HANDLE CreateNamedPipeW(LPCWSTR name, DWORD open_mode, DWORD pipe_mode, DWORD max_instances,
                        DWORD out, DWORD in, DWORD timeout_ms, LPSECURITY_ATTRIBUTES security)
{
    char *narrow = name == NULL ? NULL : ci_path_narrow(name);
    HANDLE handle;

    if (name != NULL && narrow == NULL)
        return refuse(ERROR_NOT_ENOUGH_MEMORY);
    handle = CreateNamedPipeA(narrow, open_mode, pipe_mode, max_instances, out, in, timeout_ms,
                              security);
    ci_sys_free(narrow);
    return handle;
}

/* ---- ConnectNamedPipe ---- */

static bool connect_pipe(HANDLE handle, OVERLAPPED *ov)
{
    struct ci_request request = {
        .handle = handle, .kind = CI_OP_CONNECT, .lane = CI_LANE_CONTROL, .ov = ov};
    struct pi_end *end = pi_end_of_handle(handle, 0);

    if (end == NULL)
        return false;
    pi_end_put(end);
    return ci_issue(&request);
}

BOOL ConnectNamedPipe(HANDLE handle, LPOVERLAPPED ov)
{
    CI_TRACED_BOOL(connect_pipe(handle, ov), "ConnectNamedPipe %s%s", ci_trace_handle(handle),
                   ov == NULL ? "" : " overlapped");
}

/* ---- DisconnectNamedPipe ---- */

static bool disconnect_pipe(HANDLE handle)
{
    struct pi_end *end = pi_end_of_handle(handle, 0);
    uint32_t error;

    if (end == NULL)
        return false;
    pi_end_unlist(end); /* first: a client that comes now must not be lost */
    error = pi_end_disconnect(end);
    pi_end_put(end);
    return error == 0 || ci_fail(error);
}

BOOL DisconnectNamedPipe(HANDLE handle)
{
    CI_TRACED_BOOL(disconnect_pipe(handle), "DisconnectNamedPipe %s", ci_trace_handle(handle));
}
