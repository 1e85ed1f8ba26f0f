/* SPDX-License-Identifier: MIT */
/* How both tools end.  Who is at fault is told by the number: 1 the device, 2 the caller, 3 to 6
 * the rig, 7 the link. */
#ifndef TOOLS_STATUS_H
#define TOOLS_STATUS_H

enum tool_status {
    TOOL_OK = 0,
    TOOL_UNMET = 1,      /* no answer, or an expectation was not met */
    TOOL_USAGE = 2,      /* wrong usage or configuration */
    TOOL_NOT_FOUND = 3,  /* no such port or pipe */
    TOOL_BUSY = 4,       /* somebody has it */
    TOOL_DENIED = 5,     /* no permission */
    TOOL_LOST = 6,       /* the device or peer went, or is absent */
    TOOL_LINK = 7,       /* a link event that was to fail the run, or bytes were lost */
    TOOL_REFUSED = 8,    /* the driver does not take a setting */
    TOOL_TRANSFER = 9,   /* a file transfer failed, or a replay diverged */
    TOOL_OUTPUT = 10,    /* output could not be written */
    TOOL_INTERNAL = 11,  /* a bug of ours */
    TOOL_SLO = 12,       /* a service level was broken */
    TOOL_NO_DAEMON = 13, /* the daemon does not run */
    TOOL_OWNED = 14,     /* the name has an owner already */
    TOOL_TIME = 124,     /* the limit of the whole run was reached */
    TOOL_LEASE = 125,    /* `lease -- CMD` itself failed */
    TOOL_SIGNAL = 128,   /* plus the number of the signal */
};

#endif
