/* SPDX-License-Identifier: MIT */
/* What each kind of endpoint has to say for itself; everything else is the same for all. */
#ifndef TOOLS_ENDPOINT_KIND_H
#define TOOLS_ENDPOINT_KIND_H

#include "tools/common/endpoint.h"

struct tool_end_kind {
    const char *prefix; /* with its colon; "": a serial port by name or path */
    size_t size;        /* of the kind's structure, which begins with a struct tool_end */
    /* `rest` is what stands behind the prefix. */
    enum tool_status (*check)(const char *rest, struct tool_fail *fail);
    /* Fills in `file` (overlapped, and not in the loop yet; NULL: nobody came yet) and what it
     * knows; end->name, loop and line are there.  On failure it leaves nothing behind. */
    enum tool_status (*open)(struct tool_end *end, const char *rest, struct tool_fail *fail);
    void (*connect)(struct tool_end *end, struct tool_op *op); /* NULL: nobody to wait for */
    /* Asked for `file` before a read or write when there is none yet; may be NULL. */
    void (*arrive)(struct tool_end *end);
    /* NULL: CloseHandle(file) is all.  The memory is freed after it, unless it says false. */
    bool (*close)(struct tool_end *end);
};

extern const struct tool_end_kind tool_end_port, tool_end_usb, tool_end_topology, tool_end_pipe,
    tool_end_unix, tool_end_pty, tool_end_exec, tool_end_loop, tool_end_sim;

/* Opens the device or port of that name and sets it; shared by the kinds that find one. */
enum tool_status tool_port_open(struct tool_end *end, const char *device, struct tool_fail *fail);

/* A wrapped unix stream socket as end->file, which owns it from then on. */
enum tool_status tool_end_wrap(struct tool_end *end, int fd, DWORD kind, struct tool_fail *fail);

#endif
