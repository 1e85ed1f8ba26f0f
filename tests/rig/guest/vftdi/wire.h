/* SPDX-License-Identifier: MIT */
/* What a receiver makes of a frame that may have been meant for another one: it samples the line in
 * the middle of each of its own bits, whatever the sender thought those were. */
#ifndef COMM_RIG_VFTDI_WIRE_H
#define COMM_RIG_VFTDI_WIRE_H

#include <stdint.h>

#include "chip.h"

struct received {
    uint8_t byte;
    uint8_t errors; /* CHIP_PARITY, CHIP_FRAME */
};

/* The line is idle before the frame and behind it, so a receiver that is faster than the sender
 * finds one byte and not the ones it would see in the rest. */
struct received wire_carry(const struct chip *from, const struct chip *to, uint8_t byte);

#endif
