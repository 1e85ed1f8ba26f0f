/* SPDX-License-Identifier: MIT */
/* A simulated cable with both ends plugged in, and ports at them that do nothing but count how
 * often they were told to look. */
#ifndef COMM_TESTS_DEV_CABLERIG_H
#define COMM_TESTS_DEV_CABLERIG_H

#include "harness.h"

#include <errno.h>
#include <string.h>

#include "libcomm/dev/serial/cable.h"
#include "libcomm/op/file.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/sys.h"

struct rig {
    struct ci_cable *cable;
    struct ci_line *line[2]; /* NULL: not plugged in */
    struct ci_file *port[2];
};

/* Both ends at 115200 8N1, with DTR and RTS off. */
void rig_open(struct rig *rig, unsigned flags);
void rig_close(struct rig *rig);
void rig_plug(struct rig *rig, unsigned end);
/* Closes without patience. */
void rig_unplug(struct rig *rig, unsigned end);

struct ci_settings rig_settings(uint32_t baud, uint8_t bits, uint8_t parity);
void rig_configure(struct rig *rig, unsigned end, uint32_t baud, uint8_t bits, uint8_t parity);
/* How often the port was stepped since it was asked last. */
unsigned rig_told(struct rig *rig, unsigned end);

size_t rig_send(struct rig *rig, unsigned end, const void *bytes, size_t len);
/* Takes what has arrived, at most `room`. */
size_t rig_take(struct rig *rig, unsigned end, void *bytes, size_t room);
/* Exactly this has arrived, whole. */
#define CHECK_ARRIVED(rig, end, text) rig_check((rig), (end), (text), 0, __FILE__, __LINE__)
/* And all of it with these marks. */
#define CHECK_ARRIVED_BAD(rig, end, text, bad) \
    rig_check((rig), (end), (text), (bad), __FILE__, __LINE__)
void rig_check(struct rig *rig, unsigned end, const char *text, unsigned bad, const char *file,
               int line);

struct ci_inputs rig_inputs(struct rig *rig, unsigned end);
void rig_outputs(struct rig *rig, unsigned end, unsigned outputs);
uint64_t rig_sent(struct rig *rig, unsigned end);
/* Sleeps until the earliest time at which one of the two lines wants to be looked at; false: none
 * ever does. */
bool rig_sleep(struct rig *rig);

#endif
