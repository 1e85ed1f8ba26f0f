/* SPDX-License-Identifier: MIT */
/* The public calls of a client: CreateFile on a pipe's name, WaitNamedPipe, CallNamedPipe. */
#include <libcomm/pipes.h>

#include "libcomm/dev/open.h"
#include "libcomm/dev/path.h"
#include "libcomm/obj/handle.h"
#include "libcomm/obj/thread.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"
#include "libcomm/wait/wait.h"
#include "pipes/foreign.h"
#include "pipes/pipe.h"
#include "pipes/remote.h"

/* ---- CreateFile ---- */

static uint32_t open_name_error(enum pi_name_kind kind)
{
    switch (kind) {
    case PI_NAME_FOREIGN:
    case PI_NAME_ROOT:
        return ERROR_INVALID_NAME;
    case PI_NAME_REMOTE:
        return ERROR_BAD_NETPATH;
    case PI_NAME_LONG:
        return ERROR_FILENAME_EXCED_RANGE;
    case PI_NAME_GOOD:
        break;
    }
    return 0;
}

static void opened_close(struct pi_opened *opened)
{
    ci_sys_close(opened->fd);
    if (opened->link != NULL)
        pi_link_put(opened->link);
}

/* An end of what was opened, with one reference, or NULL; `opened` is used up. */
static struct pi_end *client_new(struct pi_opened *opened, const struct pi_name *name,
                                 bool overlapped)
{
    struct pi_end_shape shape = {
        .side = PI_CLIENT,
        .message = opened->message,
        .duplex = opened->duplex,
        .overlapped = overlapped,
        .quota = {opened->quota[0], opened->quota[1]},
        .server_pid = opened->server_pid,
    };
    struct ci_peer self = {ci_sys_pid(), ci_sys_uid(), ci_sys_gid()};
    struct pi_end *end = pi_end_new(&shape);
    struct ci_done done;

    ci_done_init(&done);
    if (end == NULL) {
        opened_close(opened);
        return NULL;
    }
    end->key = pi_name_key(name);
    if (end->key != NULL && pi_end_connect(end, opened->fd, opened->link, &self, &done) == 0)
        return end;
    opened_close(opened);
    pi_end_put(end);
    return NULL;
}

static HANDLE refuse(uint32_t error)
{
    ci_fail(error);
    return INVALID_HANDLE_VALUE;
}

#define RETURN_MS 1000u /* a name whose owner has died, and that has an heir */

/* After a call found nobody who serves the name: whether to ask again, a moment later. */
static bool name_returns(const struct pi_name *name, uint64_t *deadline_ns)
{
    if (!pi_pipe_returns(name))
        return false;
    if (*deadline_ns == 0)
        *deadline_ns = ci_deadline_ns(RETURN_MS);
    ci_sys_poll(NULL, 0, CI_NS_PER_MS);
    return ci_now_ns() < *deadline_ns;
}

static uint32_t open_owned(const struct pi_name *name, const struct pi_caller *caller,
                           struct pi_opened *opened)
{
    uint64_t deadline_ns = 0;
    uint32_t error;

    do {
        error = pi_pipe_open(name, caller, opened);
        if (error == ERROR_FILE_NOT_FOUND)
            error = pi_remote_open(name, caller, opened);
    } while (error == ERROR_FILE_NOT_FOUND && name_returns(name, &deadline_ns));
    return error;
}

static uint32_t open_somewhere(const struct pi_name *name, const struct pi_caller *caller,
                               struct pi_opened *opened)
{
    uint32_t error = open_owned(name, caller, opened);

    return error == ERROR_FILE_NOT_FOUND ? pi_foreign_open(name, opened) : error;
}

/* Without a word about it, a server may act as its client. */
static bool withholds(uint32_t flags)
{
    return (flags & SECURITY_SQOS_PRESENT) != 0 &&
           (flags & SECURITY_DELEGATION) < SECURITY_IMPERSONATION;
}

static HANDLE pipe_open(const struct ci_open *request)
{
    uint32_t access = ci_file_access_map(request->access) | FILE_READ_ATTRIBUTES;
    struct pi_caller caller = {
        .access = access,
        .who = {ci_sys_pid(), ci_sys_uid(), ci_sys_gid()},
        .withheld = withholds(request->flags)
    };
    struct pi_opened opened;
    struct pi_name name;
    struct pi_end *end;
    HANDLE handle;
    uint32_t error = open_name_error(pi_name_parse(request->name, &name));

    if (error == 0)
        error = open_somewhere(&name, &caller, &opened);
    if (error != 0)
        return refuse(error);
    end = client_new(&opened, &name, (request->flags & FILE_FLAG_OVERLAPPED) != 0);
    if (end == NULL)
        return refuse(ERROR_NOT_ENOUGH_MEMORY);
    handle = ci_handle_give(&end->file.obj, access, ci_open_inherits(request));
    if (handle == NULL)
        return INVALID_HANDLE_VALUE;
    if (request->disposition == OPEN_ALWAYS)
        ci_set_last_error(ERROR_ALREADY_EXISTS);
    return handle;
}

static struct ci_opener opener = {.claims = pi_name_claims, .open = pipe_open};

__attribute__((constructor)) static void client_setup(void)
{
    ci_opener_register(&opener);
}

/* ---- WaitNamedPipe ---- */

/* A thread of this process that waits, on its private flag. */
struct sleeper {
    struct pi_waiter waiter;
    struct ci_thread *thread;
    uint32_t error;
};

static void sleeper_tell(struct pi_waiter *waiter, uint32_t error, struct ci_wakes *wakes)
{
    struct sleeper *s = CI_CONTAINER(waiter, struct sleeper, waiter);

    s->error = error;
    ci_signal_owing(&s->thread->flag.obj, ci_flag_raise, NULL, wakes);
}

static uint32_t wait_here(struct ci_thread *self, const struct pi_name *name, uint32_t timeout_ms)
{
    struct sleeper s = {.waiter = {.tell = sleeper_tell}, .thread = self};
    struct ci_obj *flag = &self->flag.obj;
    uint32_t default_ms = 0, error;

    ci_flag_lower(&self->flag);
    error = pi_pipe_wait(name, &s.waiter, &default_ms);
    if (error != ERROR_PIPE_BUSY)
        return error;
    if (timeout_ms == NMPWAIT_USE_DEFAULT_WAIT)
        timeout_ms = default_ms;
    if (ci_wait(self, &flag, 1, 0, timeout_ms) == WAIT_TIMEOUT && pi_waiter_leave(&s.waiter))
        return ERROR_SEM_TIMEOUT;
    return s.error;
}

static uint32_t wait_name_error(const char *path, struct pi_name *name)
{
    switch (path == NULL ? PI_NAME_FOREIGN : pi_name_parse(path, name)) {
    case PI_NAME_FOREIGN:
        return ERROR_PATH_NOT_FOUND;
    case PI_NAME_ROOT:
        return ERROR_INVALID_PARAMETER;
    case PI_NAME_REMOTE:
        return ERROR_BAD_NETPATH;
    case PI_NAME_LONG:
        return ERROR_FILENAME_EXCED_RANGE;
    case PI_NAME_GOOD:
        break;
    }
    return 0;
}

static uint32_t wait_owned(struct ci_thread *self, const struct pi_name *name, uint32_t timeout_ms)
{
    uint64_t deadline_ns = 0;
    uint32_t error;

    do {
        error = wait_here(self, name, timeout_ms);
        if (error == ERROR_FILE_NOT_FOUND)
            error = pi_remote_wait(name, timeout_ms);
    } while (error == ERROR_FILE_NOT_FOUND && name_returns(name, &deadline_ns));
    return error;
}

static bool wait_pipe(const char *path, uint32_t timeout_ms)
{
    struct ci_thread *self = ci_self();
    struct pi_name name;
    uint32_t error;

    if (self == NULL)
        return false;
    error = wait_name_error(path, &name);
    if (error == 0)
        error = wait_owned(self, &name, timeout_ms);
    if (error == ERROR_FILE_NOT_FOUND)
        error = pi_foreign_wait(&name);
    return error == 0 || ci_fail(error);
}

BOOL WaitNamedPipeA(LPCSTR name, DWORD timeout_ms)
{
    CI_TRACED_BOOL(wait_pipe(name, timeout_ms), "WaitNamedPipe %s %s",
                   name == NULL ? "(null)" : name, ci_trace_ms(timeout_ms));
}

BOOL WaitNamedPipeW(LPCWSTR name, DWORD timeout_ms)
{
    char *narrow = name == NULL ? NULL : ci_path_narrow(name);
    BOOL ok;

    if (name != NULL && narrow == NULL)
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    ok = WaitNamedPipeA(narrow, timeout_ms);
    ci_sys_free(narrow);
    return ok;
}

/* ---- CallNamedPipe ---- */

#define CALL_ACCESS (GENERIC_READ | GENERIC_WRITE)

static HANDLE call_open(const char *name, uint32_t timeout_ms)
{
    HANDLE pipe = CreateFileA(name, CALL_ACCESS, 0, NULL, OPEN_EXISTING, 0, NULL);

    if (pipe != INVALID_HANDLE_VALUE || GetLastError() != ERROR_PIPE_BUSY)
        return pipe;
    return WaitNamedPipeA(name, timeout_ms)
               ? CreateFileA(name, CALL_ACCESS, 0, NULL, OPEN_EXISTING, 0, NULL)
               : INVALID_HANDLE_VALUE;
}

static bool call_pipe(const char *name, void *in, DWORD in_len, void *out, DWORD out_len,
                      DWORD *count, uint32_t timeout_ms)
{
    DWORD mode = PIPE_READMODE_MESSAGE, before = GetLastError(), error;
    HANDLE pipe = call_open(name, timeout_ms);
    bool ok;

    if (pipe == INVALID_HANDLE_VALUE)
        return false;
    ok = SetNamedPipeHandleState(pipe, &mode, NULL, NULL) &&
         TransactNamedPipe(pipe, in, in_len, out, out_len, count, NULL);
    error = ok ? before : GetLastError(); /* that it was busy for a while is no error */
    CloseHandle(pipe);
    ci_set_last_error(error);
    return ok;
}

BOOL CallNamedPipeA(LPCSTR name, LPVOID in, DWORD in_len, LPVOID out, DWORD out_len, LPDWORD count,
                    DWORD timeout_ms)
{
    CI_TRACED_BOOL(call_pipe(name, in, in_len, out, out_len, count, timeout_ms),
                   "CallNamedPipe %s %u", name == NULL ? "(null)" : name, in_len);
}

BOOL CallNamedPipeW(LPCWSTR name, LPVOID in, DWORD in_len, LPVOID out, DWORD out_len, LPDWORD count,
                    DWORD timeout_ms)
{
    char *narrow = name == NULL ? NULL : ci_path_narrow(name);
    BOOL ok;

    if (name != NULL && narrow == NULL)
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    ok = CallNamedPipeA(narrow, in, in_len, out, out_len, count, timeout_ms);
    ci_sys_free(narrow);
    return ok;
}
