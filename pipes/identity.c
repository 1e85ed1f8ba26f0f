/* SPDX-License-Identifier: MIT */
/* Who is at the other end, and acting as he. */
#include <libcomm/pipes.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_socket.h"
#include "libcomm/plat/trace.h"
#include "pipes/end.h"

/* ---- processes ---- */

/* 0 and *pid, or an error code. */
static uint32_t pid_of(struct pi_end *end, enum pi_side whose, uint32_t *pid)
{
    uint32_t error = 0;

    ci_lock(&end->file.lock);
    if (end->side == PI_CLIENT && pi_end_fate(end) == PI_PAGE_DISCONNECTED)
        error = ERROR_PIPE_NOT_CONNECTED;
    *pid = whose == PI_CLIENT ? end->client.pid : end->server_pid;
    ci_unlock(&end->file.lock);
    return error == 0 && *pid == 0 ? ERROR_NOT_FOUND : error;
}

/* A number nobody set is 0 for services and 1 for everybody else. */
static uint32_t session_of(uint32_t pid)
{
    char path[40], text[16] = "";
    int fd;
    unsigned long session;

    snprintf(path, sizeof path, "/proc/%u/sessionid", pid);
    fd = ci_sys_open(path, 0, 0);
    if (fd >= 0) {
        (void)ci_sys_read(fd, text, sizeof text - 1);
        ci_sys_close(fd);
    }
    session = strtoul(text, NULL, 10);
    if (text[0] != '\0' && session < UINT32_MAX)
        return (uint32_t)session;
    return ci_sys_uid() == 0 ? 0 : 1;
}

static bool number_get(HANDLE handle, enum pi_side whose, bool session, ULONG *to)
{
    struct pi_end *end = pi_end_of_handle(handle, 0);
    uint32_t pid, error;

    if (end == NULL)
        return false;
    error = to == NULL ? ERROR_INSUFFICIENT_BUFFER : pid_of(end, whose, &pid);
    pi_end_put(end);
    if (error != 0)
        return ci_fail(error);
    *to = session ? session_of(pid) : pid;
    return true;
}

BOOL GetNamedPipeClientProcessId(HANDLE handle, PULONG pid)
{
    CI_TRACED_BOOL(number_get(handle, PI_CLIENT, false, pid), "GetNamedPipeClientProcessId %s",
                   ci_trace_handle(handle));
}

BOOL GetNamedPipeServerProcessId(HANDLE handle, PULONG pid)
{
    CI_TRACED_BOOL(number_get(handle, PI_SERVER, false, pid), "GetNamedPipeServerProcessId %s",
                   ci_trace_handle(handle));
}

BOOL GetNamedPipeClientSessionId(HANDLE handle, PULONG session)
{
    CI_TRACED_BOOL(number_get(handle, PI_CLIENT, true, session), "GetNamedPipeClientSessionId %s",
                   ci_trace_handle(handle));
}

BOOL GetNamedPipeServerSessionId(HANDLE handle, PULONG session)
{
    CI_TRACED_BOOL(number_get(handle, PI_SERVER, true, session), "GetNamedPipeServerSessionId %s",
                   ci_trace_handle(handle));
}

static bool computer_name(HANDLE handle)
{
    struct pi_end *end = pi_end_of_handle(handle, 0);
    uint32_t pid, error;

    if (end == NULL)
        return false;
    error = pid_of(end, PI_CLIENT, &pid);
    pi_end_put(end);
    return ci_fail(error != 0 ? error : ERROR_PIPE_LOCAL);
}

BOOL GetNamedPipeClientComputerNameA(HANDLE handle, LPSTR name, ULONG room)
{
    (void)name;
    (void)room;
    CI_TRACED_BOOL(computer_name(handle), "GetNamedPipeClientComputerName %s",
                   ci_trace_handle(handle));
}

BOOL GetNamedPipeClientComputerNameW(HANDLE handle, LPWSTR name, ULONG room)
{
    (void)name;
    (void)room;
    CI_TRACED_BOOL(computer_name(handle), "GetNamedPipeClientComputerName %s",
                   ci_trace_handle(handle));
}

/* ---- impersonation ---- */

/* The sender of what was read last, where the carrier tells; else who opened the pipe.  Whether he
 * allows it, only a client that has a page can say. */
static uint32_t sender_of(struct pi_end *end, struct ci_peer *who, bool *withheld)
{
    uint32_t error = 0;

    ci_lock(&end->file.lock);
    if (end->side == PI_CLIENT)
        error = ERROR_INVALID_FUNCTION;
    else if (end->state != PI_CONNECTED || !end->was_read)
        error = ERROR_CANNOT_IMPERSONATE;
    *who = end->carrier.senders ? end->carrier.sender : end->client;
    *withheld = end->link != NULL && end->link->page->withheld != 0;
    ci_unlock(&end->file.lock);
    return error;
}

static bool impersonate(HANDLE handle)
{
    struct pi_end *end = pi_end_of_handle(handle, 0);
    struct ci_peer who;
    uint32_t error;
    bool withheld;

    if (end == NULL)
        return false;
    error = sender_of(end, &who, &withheld);
    pi_end_put(end);
    if (error != 0)
        return ci_fail(error);
    if (who.uid == ci_sys_uid() && who.gid == ci_sys_gid())
        return true; /* it is us */
    if (withheld)
        return ci_fail(ERROR_PRIVILEGE_NOT_HELD);
    return ci_sys_thread_become(who.uid, who.gid) == 0 || ci_fail(ERROR_PRIVILEGE_NOT_HELD);
}

BOOL ImpersonateNamedPipeClient(HANDLE handle)
{
    CI_TRACED_BOOL(impersonate(handle), "ImpersonateNamedPipeClient %s", ci_trace_handle(handle));
}

BOOL RevertToSelf(void)
{
    CI_TRACED_BOOL(ci_sys_thread_revert() == 0 || ci_fail(ERROR_PRIVILEGE_NOT_HELD),
                   "RevertToSelf");
}
