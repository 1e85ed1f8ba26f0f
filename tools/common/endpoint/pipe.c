/* SPDX-License-Identifier: MIT */
/* Named pipes, from either side. */
#include <stdio.h>
#include <string.h>

#include <libcomm/pipes.h>

#include "tools/common/endpoint/kind.h"
#include "tools/common/suboptions.h"

enum { QUOTA = 64 * 1024 };

struct pipe_end {
    struct tool_end end; /* first */
    bool met;            /* somebody was connected: he is sent away before the next */
};

struct wish {
    char name[300];
    bool message, listen;
};

static bool take(void *arg, const char *key, const char *value)
{
    struct wish *wish = arg;

    if (value != NULL)
        return false;
    if (strcmp(key, "message") == 0)
        wish->message = true;
    else if (strcmp(key, "listen") == 0)
        wish->listen = true;
    else
        return strcmp(key, "byte") == 0;
    return true;
}

static enum tool_status parse(const char *rest, struct wish *wish, struct tool_fail *fail)
{
    size_t len = strcspn(rest, "?");

    *wish = (struct wish){.message = false};
    if (len == 0)
        return tool_fail(fail, TOOL_USAGE, "pipe: it takes the name of a pipe");
    snprintf(wish->name, sizeof wish->name, "%s%.*s",
             strncmp(rest, "\\\\", 2) == 0 ? "" : "\\\\.\\pipe\\", (int)len, rest);
    if (rest[len] == '?' && !tool_options(rest + len + 1, take, wish, fail))
        return fail->status;
    return TOOL_OK;
}

static enum tool_status pipe_check(const char *rest, struct tool_fail *fail)
{
    struct wish wish;

    return parse(rest, &wish, fail);
}

/* ---- the client's side ---- */

static enum tool_status refused(struct tool_end *end, DWORD error, struct tool_fail *fail)
{
    switch (error) {
    case ERROR_FILE_NOT_FOUND:
        return tool_fail(fail, TOOL_NOT_FOUND, "%s: nobody serves this pipe", end->name);
    case ERROR_PIPE_BUSY:
        return tool_fail(fail, TOOL_BUSY, "%s: all instances of this pipe are in use", end->name);
    case ERROR_ACCESS_DENIED:
        return tool_fail_error(fail, TOOL_DENIED, end->name, error);
    default:
        return tool_fail_error(fail, TOOL_NOT_FOUND, end->name, error);
    }
}

static enum tool_status client_open(struct tool_end *end, const struct wish *wish,
                                    struct tool_fail *fail)
{
    DWORD mode = PIPE_READMODE_MESSAGE;

    end->file = CreateFileA(wish->name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING,
                            FILE_FLAG_OVERLAPPED, NULL);
    if (end->file == INVALID_HANDLE_VALUE)
        return refused(end, GetLastError(), fail);
    if (!wish->message || SetNamedPipeHandleState(end->file, &mode, NULL, NULL))
        return TOOL_OK;
    CloseHandle(end->file);
    return tool_fail(fail, TOOL_REFUSED, "%s: this pipe has bytes and no messages", end->name);
}

/* ---- the server's side ---- */

static enum tool_status server_open(struct tool_end *end, const struct wish *wish,
                                    struct tool_fail *fail)
{
    DWORD type = wish->message ? PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE : PIPE_TYPE_BYTE;
    DWORD error;

    end->file = CreateNamedPipeA(
        wish->name, PIPE_ACCESS_DUPLEX | FILE_FLAG_OVERLAPPED | FILE_FLAG_FIRST_PIPE_INSTANCE, type,
        1, QUOTA, QUOTA, 0, NULL);
    if (end->file != INVALID_HANDLE_VALUE) {
        snprintf(end->address, sizeof end->address, "%.255s", wish->name);
        return TOOL_OK;
    }
    error = GetLastError();
    if (error == ERROR_ACCESS_DENIED || error == ERROR_PIPE_BUSY)
        return tool_fail(fail, TOOL_OWNED, "%s: somebody serves this pipe already", end->name);
    return tool_fail_error(fail, TOOL_INTERNAL, end->name, error);
}

static enum tool_status pipe_open(struct tool_end *end, const char *rest, struct tool_fail *fail)
{
    struct wish wish;

    if (parse(rest, &wish, fail) != TOOL_OK)
        return fail->status;
    end->messages = wish.message;
    end->listens = wish.listen;
    return wish.listen ? server_open(end, &wish, fail) : client_open(end, &wish, fail);
}

static void pipe_connect(struct tool_end *end, struct tool_op *op)
{
    struct pipe_end *pipe = (struct pipe_end *)(void *)end;

    if (pipe->met)
        DisconnectNamedPipe(end->file);
    pipe->met = true;
    if (tool_op_begin(end->loop, op, end->file))
        tool_op_issued(op, ConnectNamedPipe(end->file, &op->ov));
}

const struct tool_end_kind tool_end_pipe = {
    .prefix = "pipe:",
    .size = sizeof(struct pipe_end),
    .check = pipe_check,
    .open = pipe_open,
    .connect = pipe_connect,
};
