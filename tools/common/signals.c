/* SPDX-License-Identifier: MIT */
/* One record is read at a time, so a signal is told of before the next is taken. */
#include "tools/common/signals.h"

#include <libcomm/native.h>
#include <unistd.h>

static void signals_next(struct tool_signals *signals)
{
    tool_read(signals->loop, &signals->op, signals->file, &signals->info, sizeof signals->info);
}

static void signals_done(struct tool_op *op)
{
    struct tool_signals *signals = op->owner;

    if (signals->file == NULL || op->error != ERROR_SUCCESS)
        return;
    signals->came(signals, (int)signals->info.ssi_signo);
    if (signals->file != NULL)
        signals_next(signals);
}

bool tool_signals_init(struct tool_signals *signals, struct tool_loop *loop, const sigset_t *set,
                       void (*came)(struct tool_signals *signals, int number), void *owner)
{
    int fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);

    *signals = (struct tool_signals){.loop = loop, .came = came, .owner = owner};
    signals->op.done = signals_done;
    signals->op.owner = signals;
    signals->file = CommWrapFd(fd, COMM_KIND_STREAM, GENERIC_READ, 0);
    if (signals->file == INVALID_HANDLE_VALUE) {
        signals->file = NULL;
        if (fd >= 0)
            close(fd);
        return false;
    }
    if (!tool_loop_join(loop, signals->file)) {
        tool_signals_close(signals);
        return false;
    }
    signals_next(signals);
    return true;
}

void tool_signals_close(struct tool_signals *signals)
{
    HANDLE file = signals->file;

    signals->file = NULL;
    if (file != NULL)
        CloseHandle(file);
}
