/* SPDX-License-Identifier: MIT */
/* Unix stream sockets, from either side: wrapped, and so read and written like all the rest. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tools/common/endpoint/kind.h"

struct unix_end {
    struct tool_end end; /* first */
    HANDLE listener;     /* NULL: the client's side */
    char path[sizeof((struct sockaddr_un *)NULL)->sun_path];
};

static struct unix_end *unix_of(struct tool_end *end)
{
    return (struct unix_end *)(void *)end;
}

static const char suffix[] = "?listen";

/* The path without the option. */
static size_t path_len(const char *rest, bool *listens)
{
    size_t len = strlen(rest), tail = sizeof suffix - 1;

    *listens = len > tail && strcmp(rest + len - tail, suffix) == 0;
    return *listens ? len - tail : len;
}

static enum tool_status unix_check(const char *rest, struct tool_fail *fail)
{
    bool listens;
    size_t len = path_len(rest, &listens);

    if (len == 0)
        return tool_fail(fail, TOOL_USAGE, "unix: it takes the path of a socket");
    if (len >= sizeof((struct unix_end *)NULL)->path)
        return tool_fail(fail, TOOL_USAGE, "unix:%s: a socket's path has at most %zu bytes", rest,
                         sizeof((struct unix_end *)NULL)->path - 1);
    return TOOL_OK;
}

static enum tool_status refused(const char *name, int error, struct tool_fail *fail)
{
    switch (error) {
    case ENOENT:
        return tool_fail(fail, TOOL_NOT_FOUND, "%s: there is no such socket", name);
    case ECONNREFUSED:
        return tool_fail(fail, TOOL_NOT_FOUND, "%s: nobody listens there", name);
    case EAGAIN:
        return tool_fail(fail, TOOL_BUSY, "%s: too many wait to be let in", name);
    case EACCES:
    case EPERM:
        return tool_fail(fail, TOOL_DENIED, "%s: no permission", name);
    case EADDRINUSE:
        return tool_fail(fail, TOOL_OWNED, "%s: somebody listens there already", name);
    default:
        return tool_fail(fail, TOOL_NOT_FOUND, "%s: %s", name, strerror(error));
    }
}

static int make_socket(const char *path, struct sockaddr_un *at)
{
    *at = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(at->sun_path, path, strlen(path) + 1);
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* 0, with *fd connected, or an errno. */
static int connect_to(const char *path, int *fd)
{
    struct sockaddr_un at;
    int error;

    *fd = make_socket(path, &at);
    if (*fd < 0)
        return errno;
    if (connect(*fd, (struct sockaddr *)&at, sizeof at) == 0)
        return 0;
    error = errno;
    close(*fd);
    return error;
}

/* What a process left behind that did not clean up is no socket any more. */
static void remove_stale(const char *path)
{
    int fd, error = connect_to(path, &fd);

    if (error == 0)
        close(fd);
    else if (error == ECONNREFUSED)
        unlink(path);
}

static int listen_at(const char *path, int *fd)
{
    struct sockaddr_un at;
    int error;

    remove_stale(path);
    *fd = make_socket(path, &at);
    if (*fd < 0)
        return errno;
    if (bind(*fd, (struct sockaddr *)&at, sizeof at) == 0 && listen(*fd, 8) == 0)
        return 0;
    error = errno;
    close(*fd);
    return error;
}

static enum tool_status client_open(struct tool_end *end, struct tool_fail *fail)
{
    int fd, error = connect_to(unix_of(end)->path, &fd);

    if (error != 0)
        return refused(end->name, error, fail);
    return tool_end_wrap(end, fd, COMM_KIND_STREAM, fail);
}

static enum tool_status server_open(struct tool_end *end, struct tool_fail *fail)
{
    struct unix_end *own = unix_of(end);
    int fd, error = listen_at(own->path, &fd);
    enum tool_status status;

    if (error != 0)
        return refused(end->name, error, fail);
    status = tool_end_wrap(end, fd, COMM_KIND_STREAM, fail);
    if (status != TOOL_OK)
        return status;
    own->listener = end->file;
    end->file = NULL;
    snprintf(end->address, sizeof end->address, "%s", own->path);
    if (tool_loop_join(end->loop, own->listener))
        return TOOL_OK;
    CloseHandle(own->listener);
    unlink(own->path);
    return tool_fail_error(fail, TOOL_INTERNAL, end->name, GetLastError());
}

static enum tool_status unix_open(struct tool_end *end, const char *rest, struct tool_fail *fail)
{
    size_t len = path_len(rest, &end->listens);

    memcpy(unix_of(end)->path, rest, len);
    return end->listens ? server_open(end, fail) : client_open(end, fail);
}

/* A read of no bytes waits for a connection; it is accepted when something is to be done with it.
 */
static void unix_connect(struct tool_end *end, struct tool_op *op)
{
    if (end->file != NULL)
        CloseHandle(end->file);
    end->file = NULL;
    tool_read(end->loop, op, unix_of(end)->listener, NULL, 0);
}

static void unix_arrive(struct tool_end *end)
{
    struct tool_fail fail;
    int fd;

    if (unix_of(end)->listener == NULL)
        return;
    fd = accept4(CommGetFd(unix_of(end)->listener), NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0 || tool_end_wrap(end, fd, COMM_KIND_STREAM, &fail) != TOOL_OK)
        return;
    if (tool_loop_join(end->loop, end->file))
        return;
    CloseHandle(end->file);
    end->file = NULL;
}

static bool unix_close(struct tool_end *end)
{
    struct unix_end *own = unix_of(end);

    if (end->file != NULL)
        CloseHandle(end->file);
    if (own->listener != NULL) {
        unlink(own->path);
        CloseHandle(own->listener);
    }
    return true;
}

const struct tool_end_kind tool_end_unix = {
    .prefix = "unix:",
    .size = sizeof(struct unix_end),
    .check = unix_check,
    .open = unix_open,
    .connect = unix_connect,
    .arrive = unix_arrive,
    .close = unix_close,
};
