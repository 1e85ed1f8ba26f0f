/* SPDX-License-Identifier: MIT */
/* Standard input and output in the loop, whatever they are: a terminal, a pipe, a file, nothing.
 * The shell finds its descriptors as they were, and a file's position behind what was moved. */
#ifndef TOOLS_STANDARD_H
#define TOOLS_STANDARD_H

#include "tools/common/loop.h"
#include "tools/common/status.h"

struct tool_standard {
    struct tool_op op;
    struct tool_loop *loop;
    HANDLE file; /* NULL: there is none */
    int fd;
    bool disk, appends;
    uint64_t at; /* in a file on disk */
    const char *rest;
    size_t left; /* of what is being written */
    void (*done)(struct tool_standard *standard);
    void *owner; /* the user's */
    /* what came of it, when done is called */
    enum tool_status status; /* TOOL_OK; TOOL_OUTPUT */
    size_t count;            /* bytes that were moved */
    bool ended;              /* input: there is no more */
    bool gone;               /* output: nobody reads it any more, which is no fault of anybody's */
};

/* Before anything else in main(): what is closed of 0, 1 and 2 is opened so that using it fails,
 * lest something else get the number. */
void tool_standard_ensure(void);

/* fd: 0, 1 or 2.  One operation at a time. */
void tool_standard_open(struct tool_standard *standard, struct tool_loop *loop, int fd,
                        void (*done)(struct tool_standard *standard), void *owner);
/* Some bytes, or the end. */
void tool_standard_read(struct tool_standard *standard, void *buf, size_t room);
/* All of them, or what could be until it failed. */
void tool_standard_write(struct tool_standard *standard, const void *buf, size_t len);
/* `done` is called no more; the memory is the loop's until op is not pending. */
void tool_standard_close(struct tool_standard *standard);

#endif
