/* SPDX-License-Identifier: MIT */
/* A command of the shell: what is written goes to its input, its output is read, and what it says
 * on its standard error goes where ours goes. */
#include <string.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/common/child.h"
#include "tools/common/endpoint/kind.h"

struct exec_end {
    struct tool_end end; /* first */
    struct tool_child child;
};

static enum tool_status exec_check(const char *rest, struct tool_fail *fail)
{
    if (rest[0] == '\0')
        return tool_fail(fail, TOOL_USAGE, "exec: it takes a command");
    return TOOL_OK;
}

static enum tool_status exec_open(struct tool_end *end, const char *rest, struct tool_fail *fail)
{
    struct exec_end *exec = (struct exec_end *)(void *)end;
    char sh[] = "/bin/sh", c[] = "-c", command[sizeof end->name];
    char *argv[] = {sh, c, command, NULL};
    int fd[2], error;
    enum tool_status status;

    memcpy(command, rest, strlen(rest) + 1);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0)
        return tool_fail(fail, TOOL_INTERNAL, "%s: no socket to be had", end->name);
    status = tool_end_wrap(end, fd[0], COMM_KIND_STREAM, fail);
    if (status == TOOL_OK) {
        error = tool_child_start(&exec->child, end->loop, argv, fd[1], fd[1], -1);
        if (error != 0) {
            CloseHandle(end->file);
            status = tool_fail(fail, TOOL_NOT_FOUND, "%s: %s", end->name, strerror(error));
        }
    }
    close(fd[1]);
    return status;
}

static void watch_came_back(struct tool_watch *watch)
{
    struct tool_child *child = watch->owner;

    free((char *)child - offsetof(struct exec_end, child));
}

static bool exec_close(struct tool_end *end)
{
    struct exec_end *exec = (struct exec_end *)(void *)end;

    CloseHandle(end->file);
    tool_child_close(&exec->child);
    exec->child.watch.closed = watch_came_back;
    return !exec->child.watch.op.pending;
}

const struct tool_end_kind tool_end_exec = {
    .prefix = "exec:",
    .size = sizeof(struct exec_end),
    .check = exec_check,
    .open = exec_open,
    .close = exec_close,
};
