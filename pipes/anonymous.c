/* SPDX-License-Identifier: MIT */
/* CreatePipe: a byte pipe with one instance, inbound only, and no name. */
#include <libcomm/pipes.h>

#include <sys/socket.h>

#include "libcomm/obj/handle.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_socket.h"
#include "libcomm/plat/trace.h"
#include "pipes/end.h"

#define DEFAULT_QUOTA 4096u
#define READ_ACCESS (FILE_GENERIC_READ | FILE_WRITE_ATTRIBUTES | SYNCHRONIZE)
#define WRITE_ACCESS (FILE_GENERIC_WRITE | FILE_READ_ATTRIBUTES | SYNCHRONIZE)

static struct pi_end *end_make(enum pi_side side, uint32_t quota, int fd, struct pi_link *link)
{
    struct pi_end_shape shape = {
        .side = side, .quota = {quota, quota},
             .server_pid = ci_sys_pid()
    };
    struct ci_peer self = {ci_sys_pid(), ci_sys_uid(), ci_sys_gid()};
    struct pi_end *end = pi_end_new(&shape);
    struct ci_done done;

    ci_done_init(&done);
    if (end == NULL)
        return NULL;
    pi_link_get(link);
    if (pi_end_connect(end, fd, link, &self, &done) == 0)
        return end;
    pi_link_put(link);
    pi_end_put(end);
    return NULL;
}

static uint32_t ends_make(uint32_t quota, struct pi_end *end[2])
{
    struct pi_link_facts facts = {
        .type = PIPE_TYPE_BYTE,
        .quota = {quota, quota},
        .server_pid = ci_sys_pid(),
        .client_pid = ci_sys_pid()
    };
    struct pi_link *link;
    int fd[2], error = ci_sys_unix_pair(SOCK_STREAM, fd);

    if (error != 0)
        return ci_errno_error(CI_DOM_SYSTEM, -error);
    error = pi_link_new(&facts, false, &link);
    end[0] = error != 0 ? NULL : end_make(PI_SERVER, quota, fd[0], link);
    end[1] = error != 0 ? NULL : end_make(PI_CLIENT, quota, fd[1], link);
    if (error == 0)
        pi_link_put(link);
    if (end[0] != NULL && end[1] != NULL)
        return 0;
    for (int i = 0; i < 2; i++) {
        if (end[i] != NULL)
            pi_end_put(end[i]);
        else
            ci_sys_close(fd[i]);
    }
    return error != 0 ? ci_errno_error(CI_DOM_SYSTEM, -error) : ERROR_NOT_ENOUGH_MEMORY;
}

static bool create(HANDLE *read_end, HANDLE *write_end, const SECURITY_ATTRIBUTES *security,
                   uint32_t quota)
{
    bool inherit = security != NULL && security->bInheritHandle != 0;
    struct pi_end *end[2];
    HANDLE r, w;
    uint32_t error;

    if (read_end == NULL || write_end == NULL)
        return ci_fail(ERROR_INVALID_PARAMETER);
    error = ends_make(quota == 0 ? DEFAULT_QUOTA : quota, end);
    if (error != 0)
        return ci_fail(error);
    r = ci_handle_give(&end[0]->file.obj, READ_ACCESS, inherit);
    w = ci_handle_give(&end[1]->file.obj, WRITE_ACCESS, inherit);
    if (r != NULL && w != NULL) {
        *read_end = r;
        *write_end = w;
        return true;
    }
    if (r != NULL)
        CloseHandle(r);
    if (w != NULL)
        CloseHandle(w);
    return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
}

BOOL CreatePipe(PHANDLE read_end, PHANDLE write_end, LPSECURITY_ATTRIBUTES security, DWORD quota)
{
    CI_TRACED_BOOL(create(read_end, write_end, security, quota), "CreatePipe %u", quota);
}
