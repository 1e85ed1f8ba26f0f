/* SPDX-License-Identifier: MIT */
/* Control codes of a port; under the lock of its file. */
#ifndef CI_DEV_SERIAL_CONTROL_H
#define CI_DEV_SERIAL_CONTROL_H

#include "libcomm/dev/serial/serial.h"

/* One request: what goes in, where the answer goes, where operations go that end because of it. */
struct ci_asked {
    const void *in;
    size_t in_len;
    void *out;
    size_t out_len; /* then: how much the answer is */
    struct ci_done *done;
};

/* The port behind a handle with a reference and its lock, for one request; NULL with the last error
 * set: no port, gone, or stopped by an error that nobody has asked about (`code` may be allowed
 * then).  Leaving does what follows from the request and tells the other end. */
struct ci_serial *ci_serial_enter(HANDLE handle, uint32_t code, struct ci_done *done);
void ci_serial_leave(struct ci_serial *s, struct ci_done *done);

/* A status: BUFFER_TOO_SMALL, INVALID_PARAMETER for an unknown code, or the code's own. */
uint32_t ci_serial_control(struct ci_serial *s, uint32_t code, struct ci_asked *asked);
/* All of the settings or none: SUCCESS, INVALID_PARAMETER, ACCESS_DENIED when the device is gone.
 */
uint32_t ci_serial_set(struct ci_serial *s, const struct ci_settings *settings,
                       struct ci_done *done);

#endif
