/* SPDX-License-Identifier: MIT */
/* A chip in a USB socket, and the two ends of one cable. */
#ifndef COMM_RIG_VFTDI_ADAPTER_H
#define COMM_RIG_VFTDI_ADAPTER_H

#include "chip.h"
#include "usbip.h"

#define ENDS 2u

struct adapter {
    int fd; /* -1: not plugged in */
    struct chip chip;
    char serial[32];            /* for the next time it is plugged in */
    struct urbs in, out;        /* what the host waits for */
    uint8_t forced, forced_to;  /* inputs that the cable does not decide: which, and their levels */
    bool was_breaking, stalled; /* the peer has no room for a byte that has left */
};

struct cable {
    struct adapter end[ENDS];
    bool cut;
};

void cable_init(struct cable *cable);
int adapter_plug(struct cable *cable, unsigned end);
void adapter_unplug(struct adapter *adapter);
/* Takes one message of the host's. */
void adapter_hear(struct adapter *adapter);
/* Everything that happens by itself until `now_ns`, and when to call again. */
uint64_t cable_run(struct cable *cable, uint64_t now_ns);

#endif
