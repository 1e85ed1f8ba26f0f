/* SPDX-License-Identifier: MIT */
/* A simulated instrument at the other end of a simulated cable: a serial port with all that belongs
 * to one, and bytes that take their time at the speed it is set to. */
#include <stdio.h>

#include "tools/common/endpoint/kind.h"
#include "tools/common/sim/serve.h"

struct sim_end {
    struct tool_end end; /* first */
    HANDLE cable;
    struct sim_server *server;
};

static enum tool_status sim_check(const char *rest, struct tool_fail *fail)
{
    struct sim_options options;
    const char *model;

    return sim_parse(rest, &model, &options, fail);
}

static enum tool_status far_open(struct sim_end *own, const char *name, const char *rest,
                                 struct tool_fail *fail)
{
    struct tool_line line = own->end.line;
    struct sim_options options;
    struct tool_end *far;
    const char *model;
    struct sim *sim;

    sim_parse(rest, &model, &options, fail);
    if (options.baud != 0)
        line.rate = options.baud;
    options.baud = 0; /* the cable keeps the pace */
    far = tool_end_open(own->end.loop, name, &line, fail);
    if (far == NULL)
        return fail->status;
    sim = sim_new(model, &options);
    if (sim == NULL)
        tool_end_close(far);
    else
        own->server = sim_serve(far, sim);
    if (own->server != NULL)
        return TOOL_OK;
    return tool_fail(fail, TOOL_INTERNAL, "%s: no memory", own->end.name);
}

static enum tool_status sim_open(struct tool_end *end, const char *rest, struct tool_fail *fail)
{
    struct sim_end *own = (struct sim_end *)(void *)end;
    char near_name[32], far_name[32];
    enum tool_status status;
    DWORD near = 0, far = 0;

    own->cable = CommCreateNullModem(0, 0, COMM_CABLE_PACED);
    if (own->cable == NULL || !CommGetNullModemPorts(own->cable, &near, &far))
        return tool_fail_error(fail, TOOL_INTERNAL, end->name, GetLastError());
    snprintf(near_name, sizeof near_name, "\\\\.\\COM%u", (unsigned)near);
    snprintf(far_name, sizeof far_name, "\\\\.\\COM%u", (unsigned)far);
    status = far_open(own, far_name, rest, fail);
    if (status == TOOL_OK) {
        status = tool_port_open(end, near_name, fail);
        if (status != TOOL_OK)
            sim_server_close(own->server);
    }
    if (status != TOOL_OK)
        CloseHandle(own->cable);
    return status;
}

static bool sim_close(struct tool_end *end)
{
    struct sim_end *own = (struct sim_end *)(void *)end;

    CloseHandle(end->file);
    sim_server_close(own->server);
    CloseHandle(own->cable);
    return true;
}

const struct tool_end_kind tool_end_sim = {
    .prefix = "sim:",
    .size = sizeof(struct sim_end),
    .check = sim_check,
    .open = sim_open,
    .close = sim_close,
};
