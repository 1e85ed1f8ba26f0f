/* SPDX-License-Identifier: MIT */
/* How a serial port is to be set: rate, format, flow control, and what becomes of DTR and RTS. */
#ifndef TOOLS_LINE_H
#define TOOLS_LINE_H

#include <stdbool.h>
#include <stdint.h>

#include <libcomm/native.h>
#include <libcomm/serial.h>

#include "tools/common/fail.h"

enum tool_flow { TOOL_FLOW_NONE, TOOL_FLOW_RTSCTS, TOOL_FLOW_XONXOFF, TOOL_FLOW_DTRDSR };
enum tool_level { TOOL_KEEP, TOOL_ON, TOOL_OFF };

struct tool_line {
    uint32_t rate;
    uint8_t bits; /* 5 to 8 */
    char parity;  /* n o e m s */
    uint8_t stop; /* halves: 2 3 4 */
    enum tool_flow flow;
    enum tool_level dtr, rts; /* when it is opened */
    /* When it is closed: on and off are set before; what is not off stays as it is. */
    enum tool_level dtr_close, rts_close;
    bool no_touch;    /* open, and change nothing at all */
    bool low_latency; /* where the driver can; nothing is said where not */
    bool marks;       /* errors and line edges at their place in what is read: see marks.h */
    bool use_rs485;
    COMM_RS485 rs485;
};

/* 115200 8N1 without flow control, lines as they are. */
extern const struct tool_line tool_line_default;

/* `8n1`, `7e1.5`, ...; false, and nothing is changed, for anything else. */
bool tool_line_format(struct tool_line *line, const char *text);
bool tool_flow_of(const char *text, enum tool_flow *flow);

/* Sets an open port, all or nothing where the driver allows it.  `name` is for the message.
 * TOOL_REFUSED says what the driver does not take. */
enum tool_status tool_line_apply(HANDLE port, const struct tool_line *line, const char *name,
                                 struct tool_fail *fail);
/* The last thing before it is closed.  Where there is no driver, nothing is kept. */
void tool_line_leave(HANDLE port, const struct tool_line *line);

#endif
