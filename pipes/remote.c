/* SPDX-License-Identifier: MIT */
/* The visitor's side of a control door: one connection, one request, one answer. */
#include "pipes/remote.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_socket.h"
#include "pipes/control.h"
#include "pipes/dir.h"

#define PATIENCE_MS 30000u /* with an owner that does not answer: it is stopped, perhaps */
#define QUEUE_NAP_NS (CI_NS_PER_MS)

/* ---- reaching the door ---- */

/* A socket's address is short, a name need not be: the door is opened first and reached through its
 * descriptor. */
static int door_connect(int dir, const char *name, uint64_t deadline_ns)
{
    char path[40];
    int door = ci_sys_open_at(dir, name, O_PATH | O_NOFOLLOW, 0), fd, error;

    if (door < 0)
        return door;
    fd = ci_sys_unix_socket(SOCK_SEQPACKET);
    if (fd < 0) {
        ci_sys_close(door);
        return fd;
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", door);
    /* EAGAIN: too many wait to be let in already, and nothing tells when there is room */
    while ((error = ci_sys_unix_connect(fd, path)) == -EAGAIN && ci_now_ns() < deadline_ns)
        ci_sys_poll(NULL, 0, QUEUE_NAP_NS);
    ci_sys_close(door);
    if (error == 0)
        return fd;
    ci_sys_close(fd);
    return error;
}

static int owner_connect(enum pi_dir where, const char *key, uint64_t deadline_ns)
{
    char door[PI_KEY_ROOM + 8];
    int dir = pi_dir_open(where, false), fd;

    if (dir < 0)
        return dir;
    snprintf(door, sizeof door, "%s:ctl", key);
    fd = door_connect(dir, door, deadline_ns);
    ci_sys_close(dir);
    return fd;
}

static bool is_unserved(int error)
{
    return error == -ENOENT || error == -ECONNREFUSED;
}

/* This user's own pipe goes before the machine's of the same name. */
static int any_owner_connect(const char *key, uint64_t deadline_ns)
{
    int fd = owner_connect(PI_DIR_OWN, key, deadline_ns), other;

    if (!is_unserved(fd))
        return fd;
    other = owner_connect(PI_DIR_MACHINE, key, deadline_ns);
    return is_unserved(other) ? fd : other;
}

static uint32_t connect_error(int error)
{
    switch (error) {
    case -ENOENT:
    case -ECONNREFUSED:
        return ERROR_FILE_NOT_FOUND;
    case -EAGAIN:
        return ERROR_SEM_TIMEOUT;
    case -EACCES:
    case -ELOOP:
        return ERROR_ACCESS_DENIED;
    default:
        return ci_errno_error(CI_DOM_SYSTEM, -error);
    }
}

/* ---- asking ---- */

static int answer_await(int fd, struct pi_ctl *reply, int *fds, unsigned count,
                        uint64_t deadline_ns)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    int error;

    while ((error = pi_ctl_recv(fd, reply, fds, count)) == -EAGAIN) {
        uint64_t now_ns = ci_now_ns();

        if (now_ns >= deadline_ns)
            return -ETIMEDOUT;
        ci_sys_poll(&p, 1, deadline_ns == CI_NEVER ? CI_NEVER : deadline_ns - now_ns);
    }
    return error;
}

/* As pi_ctl_recv gives it, or -ETIMEDOUT. */
static int ask_on(int fd, struct pi_ctl *record, int *fds, unsigned count, uint64_t deadline_ns)
{
    int error = pi_ctl_send(fd, record, NULL, 0);

    if (error != 0 && error != -EPIPE) /* a peer that went may have said why before */
        return error;
    return answer_await(fd, record, fds, count, deadline_ns);
}

static uint32_t ask_error(int error, uint16_t op, const struct pi_ctl *reply)
{
    if (error == -EPIPE || error == -ECONNRESET)
        return ERROR_FILE_NOT_FOUND; /* the owner went away */
    if (error == -ETIMEDOUT)
        return ERROR_SEM_TIMEOUT;
    if (error != 0)
        return ci_errno_error(CI_DOM_SYSTEM, -error);
    if (reply->op != (op | PI_CTL_REPLY) && reply->op != PI_CTL_REPLY)
        return ERROR_INVALID_PARAMETER;
    return reply->op != PI_CTL_REPLY || reply->status != 0 ? reply->status
                                                           : ERROR_INVALID_PARAMETER;
}

static uint32_t ask(const char *key, struct pi_ctl *record, int *fds, unsigned count,
                    uint64_t deadline_ns)
{
    uint16_t op = record->op;
    int fd = any_owner_connect(key, deadline_ns), error;

    if (fd < 0)
        return connect_error(fd);
    error = ask_on(fd, record, fds, count, deadline_ns);
    ci_sys_close(fd);
    return ask_error(error, op, record);
}

uint32_t pi_remote_ask(enum pi_dir where, const char *key, struct pi_ctl *record,
                       uint32_t patience_ms, int *fd)
{
    uint64_t deadline_ns = ci_deadline_ns(patience_ms);
    uint16_t op = record->op;
    uint32_t error;

    *fd = owner_connect(where, key, deadline_ns);
    if (*fd < 0)
        return connect_error(*fd);
    error = ask_error(ask_on(*fd, record, NULL, 0, deadline_ns), op, record);
    if (error != 0)
        ci_sys_close(*fd);
    return error;
}

/* ---- the requests ---- */

static uint32_t adopt(const struct pi_ctl *reply, const int fds[PI_CTL_FDS],
                      struct pi_opened *opened)
{
    int error = pi_link_adopt(fds[1], &fds[2], &opened->link);

    if (error != 0) {
        ci_sys_close(fds[0]);
        return ci_errno_error(CI_DOM_SYSTEM, -error);
    }
    opened->fd = fds[0];
    opened->message = reply->pipe_mode == PIPE_TYPE_MESSAGE;
    opened->duplex = reply->access != 0;
    opened->quota[0] = reply->quota[0];
    opened->quota[1] = reply->quota[1];
    opened->server_pid = reply->server_pid;
    return 0;
}

uint32_t pi_remote_open(const struct pi_name *name, const struct pi_caller *caller,
                        struct pi_opened *opened)
{
    struct pi_ctl record = {.op = PI_CTL_OPEN,
                            .access = caller->access,
                            .flags = caller->withheld ? PI_CTL_WITHHELD : 0};
    int fds[PI_CTL_FDS];
    uint32_t error = ask(name->key, &record, fds, PI_CTL_FDS, ci_deadline_ns(PATIENCE_MS));

    return error != 0 ? error : adopt(&record, fds, opened);
}

uint32_t pi_remote_wait(const struct pi_name *name, uint32_t timeout_ms)
{
    struct pi_ctl record = {.op = PI_CTL_WAIT, .timeout_ms = timeout_ms};
    uint64_t deadline_ns = CI_NEVER;

    if (timeout_ms != NMPWAIT_USE_DEFAULT_WAIT && timeout_ms != NMPWAIT_WAIT_FOREVER)
        deadline_ns = ci_deadline_ns(
            timeout_ms < UINT32_MAX - PATIENCE_MS - 1 ? timeout_ms + PATIENCE_MS : timeout_ms);
    return ask(name->key, &record, NULL, 0, deadline_ns);
}

uint32_t pi_remote_counts(const char *key, uint32_t *count, uint32_t *most)
{
    struct pi_ctl record = {.op = PI_CTL_QUERY};
    uint32_t error = ask(key, &record, NULL, 0, ci_deadline_ns(PATIENCE_MS));

    *count = record.instances;
    *most = record.max_instances;
    return error;
}
