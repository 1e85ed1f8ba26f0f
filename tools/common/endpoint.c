/* SPDX-License-Identifier: MIT */
/* From a name to its kind, and what all kinds have in common. */
#include "tools/common/endpoint.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/common/endpoint/kind.h"

/* ---- names ---- */

static const struct tool_end_kind *const kinds[] = {
    &tool_end_usb, &tool_end_topology, &tool_end_pipe, &tool_end_unix,
    &tool_end_pty, &tool_end_exec,     &tool_end_loop, &tool_end_sim,
};

static const struct tool_end_kind *kind_of(const char *name, const char **rest)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t len = strlen(kinds[i]->prefix);

        if (strncmp(name, kinds[i]->prefix, len) == 0) {
            *rest = name + len;
            return kinds[i];
        }
    }
    *rest = name;
    return &tool_end_port;
}

static enum tool_status check_kind(const char *name, const struct tool_end_kind **kind,
                                   const char **rest, struct tool_fail *fail)
{
    if (strlen(name) >= sizeof((struct tool_end *)NULL)->name)
        return tool_fail(fail, TOOL_USAGE, "%.40s...: a name this long leads nowhere", name);
    *kind = kind_of(name, rest);
    return (*kind)->check(*rest, fail);
}

enum tool_status tool_end_check(const char *name, struct tool_fail *fail)
{
    const struct tool_end_kind *kind;
    const char *rest;

    return check_kind(name, &kind, &rest, fail);
}

/* ---- life ---- */

enum tool_status tool_end_wrap(struct tool_end *end, int fd, DWORD kind, struct tool_fail *fail)
{
    end->file = CommWrapFd(fd, kind, GENERIC_READ | GENERIC_WRITE, 0);
    if (end->file != INVALID_HANDLE_VALUE)
        return TOOL_OK;
    end->file = NULL;
    close(fd);
    return tool_fail_error(fail, TOOL_INTERNAL, end->name, GetLastError());
}

struct tool_end *tool_end_open(struct tool_loop *loop, const char *name,
                               const struct tool_line *line, struct tool_fail *fail)
{
    const struct tool_end_kind *kind;
    struct tool_end *end;
    const char *rest;

    if (check_kind(name, &kind, &rest, fail) != TOOL_OK)
        return NULL;
    end = calloc(1, kind->size);
    if (end == NULL) {
        tool_fail(fail, TOOL_INTERNAL, "%s: no memory", name);
        return NULL;
    }
    end->kind = kind;
    end->loop = loop;
    end->line = line == NULL ? tool_line_default : *line;
    snprintf(end->name, sizeof end->name, "%s", name);
    if (kind->open(end, rest, fail) != TOOL_OK) {
        free(end);
        return NULL;
    }
    if (end->file == NULL || tool_loop_join(loop, end->file))
        return end;
    tool_fail_error(fail, TOOL_INTERNAL, name, GetLastError());
    tool_end_close(end);
    return NULL;
}

void tool_end_close(struct tool_end *end)
{
    bool gone = true;

    if (end->serial)
        tool_line_leave(end->file, &end->line);
    if (end->kind->close != NULL)
        gone = end->kind->close(end);
    else
        CloseHandle(end->file);
    if (gone)
        free(end);
}

/* ---- operations ---- */

void tool_end_connect(struct tool_end *end, struct tool_op *op)
{
    if (end->kind->connect != NULL && end->listens)
        end->kind->connect(end, op);
    else
        tool_later(end->loop, op, ERROR_SUCCESS);
}

static void arrive(struct tool_end *end)
{
    if (end->file == NULL && end->kind->arrive != NULL)
        end->kind->arrive(end);
}

void tool_end_read(struct tool_end *end, struct tool_op *op, void *buf, size_t room)
{
    arrive(end);
    tool_read(end->loop, op, end->file, buf, room);
}

void tool_end_write(struct tool_end *end, struct tool_op *op, const void *buf, size_t len)
{
    arrive(end);
    tool_write(end->loop, op, end->file, buf, len);
}

enum tool_status tool_end_status(const struct tool_end *end, const struct tool_op *op)
{
    (void)end;
    if (op->error == ERROR_SUCCESS || op->error == ERROR_MORE_DATA)
        return TOOL_OK;
    if (op->error == ERROR_OPERATION_ABORTED && op->cancelled)
        return TOOL_OK;
    return op->error == ERROR_NOT_ENOUGH_MEMORY ? TOOL_INTERNAL : TOOL_LOST;
}

/* ---- serial ports ---- */

enum tool_status tool_end_set(struct tool_end *end, const struct tool_line *line,
                              struct tool_fail *fail)
{
    enum tool_status status;

    if (!end->serial)
        return tool_fail(fail, TOOL_REFUSED, "%s is no serial port", end->name);
    status = tool_line_apply(end->file, line, end->name, fail);
    if (status == TOOL_OK)
        end->line = *line;
    return status;
}

bool tool_end_inputs(struct tool_end *end, DWORD *levels)
{
    return end->serial && GetCommModemStatus(end->file, levels);
}

bool tool_end_rate(struct tool_end *end, DWORD *rate)
{
    return end->serial && CommGetPortRate(end->file, rate);
}

bool tool_end_drive(struct tool_end *end, DWORD function)
{
    return end->serial && EscapeCommFunction(end->file, function);
}
