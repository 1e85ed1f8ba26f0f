/* SPDX-License-Identifier: MIT */
/* Whatever a tool talks to, by one grammar and one interface.
 *
 *     /dev/ttyUSB0  ttyUSB0  COM3         a serial port
 *     usb:serial=..,vid=..,pid=..,if=..   the one that fits; several are refused and listed
 *     topology:1-2.3:1.0                  whatever is plugged in there
 *     pipe:NAME[?message][&listen]        a named pipe
 *     unix:PATH[?listen]                  a unix stream socket
 *     pty:[LINK]                          a new pseudo-terminal, for others to open
 *     exec:CMD                            a shell command's input and output
 *     loop:                               what is written is read
 *     sim:dmm[?OPTION&...]  sim:psu       a simulated instrument on a simulated serial line
 */
#ifndef TOOLS_ENDPOINT_H
#define TOOLS_ENDPOINT_H

#include "tools/common/fail.h"
#include "tools/common/identity.h"
#include "tools/common/line.h"
#include "tools/common/loop.h"

struct tool_end_kind;

struct tool_end {
    const struct tool_end_kind *kind;
    struct tool_loop *loop;
    HANDLE
    file; /* what is read and written, overlapped, in the loop; a kind's own calls may use it */
    char name[256];    /* as it was given */
    char address[256]; /* what others open to get to it (pty:, listening ends), or the device */
    struct tool_identity identity;
    struct tool_line line; /* of a serial port: as it was set last */
    bool serial;           /* calls of libcomm/serial.h work on `file` */
    bool messages;         /* reads and writes are messages */
    bool listens;          /* tool_end_connect waits for somebody */
};

/* Whether the name can be understood; nothing is opened.  TOOL_USAGE with a sentence if not. */
enum tool_status tool_end_check(const char *name, struct tool_fail *fail);

/* Never blocks.  `line` is for serial ports (NULL: the default one).  NULL: fail says why. */
struct tool_end *tool_end_open(struct tool_loop *loop, const char *name,
                               const struct tool_line *line, struct tool_fail *fail);

/* Comes back once somebody is at the other end: at once, unless it listens. */
void tool_end_connect(struct tool_end *end, struct tool_op *op);
/* At least one byte, or one message (op->error is ERROR_MORE_DATA when there is more of it). */
void tool_end_read(struct tool_end *end, struct tool_op *op, void *buf, size_t room);
void tool_end_write(struct tool_end *end, struct tool_op *op, const void *buf, size_t len);
/* What came of an operation: TOOL_OK, also when it was cancelled by us; TOOL_LOST when the other
 * end or the device is gone, and then the end is only good for closing. */
enum tool_status tool_end_status(const struct tool_end *end, const struct tool_op *op);

/* ---- serial ports; others answer TOOL_REFUSED ---- */

/* New settings, at once. */
enum tool_status tool_end_set(struct tool_end *end, const struct tool_line *line,
                              struct tool_fail *fail);
/* Whatever is known: MS_* of the inputs, the rate of the device. */
bool tool_end_inputs(struct tool_end *end, DWORD *levels);
bool tool_end_rate(struct tool_end *end, DWORD *rate);
/* SETDTR, CLRDTR, SETRTS, CLRRTS, SETBREAK, CLRBREAK. */
bool tool_end_drive(struct tool_end *end, DWORD function);

/* What is pending comes back with an error, before or after this returns. */
void tool_end_close(struct tool_end *end);

#endif
