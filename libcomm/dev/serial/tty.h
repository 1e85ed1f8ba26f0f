/* SPDX-License-Identifier: MIT */
/* A tty of the kernel as a line. */
#ifndef CI_DEV_SERIAL_TTY_H
#define CI_DEV_SERIAL_TTY_H

#include <sys/types.h>

#include "libcomm/dev/serial/line.h"

/* Opens and claims the device for this process alone and makes it raw, with its queues empty;
 * *found is how it was set.  0; -EBUSY: somebody has it; -ENOTTY; -ENOENT; another negative errno.
 * Blocks as long as open(2) does.  The line's descriptor is -1 once it is lost. */
int ci_tty_open(const char *path, struct ci_line **line, struct ci_settings *found);

/* What follows is called as the line's own calls are, for lines made by ci_tty_open() only. */

/* The speed the driver really has. */
uint32_t ci_tty_rate(const struct ci_line *line);
/* Received bytes are handed on sooner than the driver finds worth it, or as they were: 0, or
 * -ENOTSUP.  Put back at close. */
int ci_tty_low_latency(struct ci_line *line, bool on);
/* These outputs (CI_OUT_*) stay as they are when it is closed; the others fall. */
void ci_tty_keep_outputs(struct ci_line *line, unsigned outputs);

/* RS-485 as drivers know it: RTS switches the transmitter. */
struct ci_rs485 {
    bool enabled;
    bool rts_on_send, rts_after_send; /* its level meanwhile, and else */
    bool receives_own;                /* what is sent is received too */
    bool terminates;                  /* the bus ends here */
    uint32_t before_ms, after_ms;     /* RTS leads and trails by so much */
};
/* *granted: what the driver made of it, which may be less; or NULL.  0, -ENOTSUP, or what the
 * driver says to it.  Put back at close. */
int ci_tty_rs485(struct ci_line *line, const struct ci_rs485 *wanted, struct ci_rs485 *granted);

/* ---- no line needed ---- */

/* A process that has the device at a path, to be told to whoever finds it busy; 0: none that can be
 * seen. */
pid_t ci_tty_holder(const char *path);

#endif
