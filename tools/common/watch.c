/* SPDX-License-Identifier: MIT */
/* A read of no bytes waits and takes nothing. */
#include "tools/common/watch.h"

#include <libcomm/native.h>

static void watch_done(struct tool_op *op)
{
    struct tool_watch *watch = op->owner;

    if (watch->file != NULL)
        watch->readable(watch);
    else if (watch->closed != NULL)
        watch->closed(watch);
}

bool tool_watch_init(struct tool_watch *watch, struct tool_loop *loop, int fd,
                     void (*readable)(struct tool_watch *watch), void *owner)
{
    HANDLE file = CommWrapFd(fd, COMM_KIND_STREAM, GENERIC_READ, COMM_WRAP_DUP);

    *watch = (struct tool_watch){.loop = loop, .readable = readable, .owner = owner};
    watch->op.done = watch_done;
    watch->op.owner = watch;
    if (file == INVALID_HANDLE_VALUE)
        return false;
    if (!tool_loop_join(loop, file)) {
        CloseHandle(file);
        return false;
    }
    watch->file = file;
    return true;
}

void tool_watch_next(struct tool_watch *watch)
{
    tool_read(watch->loop, &watch->op, watch->file, NULL, 0);
}

void tool_watch_close(struct tool_watch *watch)
{
    HANDLE file = watch->file;

    watch->file = NULL;
    if (file != NULL)
        CloseHandle(file);
}
