/* SPDX-License-Identifier: MIT */
/* A loop-back plug: the far end of a pair gives back what it gets. */
#include <stdlib.h>

#include "tools/common/endpoint/kind.h"

struct loop_end {
    struct tool_end end; /* first */
    HANDLE far;
    struct tool_op op; /* reads and writes by turns */
    bool writing, closing;
    char buf[4096];
};

static enum tool_status loop_check(const char *rest, struct tool_fail *fail)
{
    if (rest[0] == '\0')
        return TOOL_OK;
    return tool_fail(fail, TOOL_USAGE, "loop:%s: it takes nothing more", rest);
}

static void turn(struct tool_op *op)
{
    struct loop_end *own = op->owner;

    if (own->closing) {
        free(own);
        return;
    }
    if (op->error != ERROR_SUCCESS)
        return;
    own->writing = !own->writing;
    if (own->writing)
        tool_write(own->end.loop, op, own->far, own->buf, op->count);
    else
        tool_read(own->end.loop, op, own->far, own->buf, sizeof own->buf);
}

static bool loop_close(struct tool_end *end)
{
    struct loop_end *own = (struct loop_end *)(void *)end;

    own->closing = true;
    CloseHandle(own->far);
    CloseHandle(end->file);
    return !own->op.pending;
}

static enum tool_status loop_open(struct tool_end *end, const char *rest, struct tool_fail *fail)
{
    struct loop_end *own = (struct loop_end *)(void *)end;

    (void)rest;
    if (!CommCreateStreamPair(&end->file, &own->far, 0))
        return tool_fail_error(fail, TOOL_INTERNAL, end->name, GetLastError());
    if (!tool_loop_join(end->loop, own->far)) {
        (void)loop_close(end);
        return tool_fail_error(fail, TOOL_INTERNAL, end->name, GetLastError());
    }
    own->op.done = turn;
    own->op.owner = own;
    tool_read(end->loop, &own->op, own->far, own->buf, sizeof own->buf);
    return TOOL_OK;
}

const struct tool_end_kind tool_end_loop = {
    .prefix = "loop:",
    .size = sizeof(struct loop_end),
    .check = loop_check,
    .open = loop_open,
    .close = loop_close,
};
