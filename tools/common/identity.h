/* SPDX-License-Identifier: MIT */
/* Which device a port is, whatever its path: what a reconnect goes by.  A path is handed to the
 * next device as soon as the last one is gone. */
#ifndef TOOLS_IDENTITY_H
#define TOOLS_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include <libcomm/native.h>

struct tool_identity {
    bool known;
    char path[256];
    char serial[256]; /* of the USB device; "": it has none */
    char topology[64];
    char driver[64];
    uint16_t vid, pid;
    int interface;            /* -1: not USB */
    uint64_t device, born_ns; /* of a pty: its number, and when it was made */
};

/* Of a device that is there; `known` is false when nothing can be said. */
void tool_identity_of(const char *path, struct tool_identity *identity);
void tool_identity_of_port(const COMM_PORT_INFO *port, struct tool_identity *identity);

/* The same device?  One with a serial number is it in any socket; one without, only in its own. */
bool tool_identity_same(const struct tool_identity *a, const struct tool_identity *b);
/* In a few words: "usb 0403:6001 serial A50285BI interface 0 (ftdi_sio)". */
void tool_identity_text(const struct tool_identity *identity, char *text, size_t room);

/* All ports of the machine; free() them.  NULL and 0: there are none. */
COMM_PORT_INFO *tool_ports(size_t *count);

#endif
