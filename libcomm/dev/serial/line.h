/* SPDX-License-Identifier: MIT */
/* What a port is wired to: a tty of the kernel, or one end of a simulated cable.  It moves bytes
 * and levels and knows no rules.  Every call is made under the lock of the port's file and does not
 * block, but for open and close; failures are negative errnos, and -EIO says that the device is
 * gone for good. */
#ifndef CI_DEV_SERIAL_LINE_H
#define CI_DEV_SERIAL_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libcomm/dev/serial/settings.h"
#include "libcomm/op/file.h"

/* What happened to the bytes of a run. */
#define CI_BAD_PARITY 1u
#define CI_BAD_FRAME 2u
#define CI_BAD_OVERRUN 4u
#define CI_BAD_BREAK 8u

/* Received bytes: many whole ones, or one that came damaged. */
struct ci_run {
    const uint8_t *bytes; /* valid until the next call on the line */
    size_t len;
    unsigned bad; /* CI_BAD_*; then len is 1 */
};

/* Outputs. */
#define CI_OUT_DTR 1u
#define CI_OUT_RTS 2u
#define CI_OUT_ALL 3u

/* Inputs and what was counted of them since the line was opened; what a line cannot count stays 0.
 */
struct ci_inputs {
    uint32_t levels;          /* MS_CTS_ON, MS_DSR_ON, MS_RING_ON, MS_RLSD_ON */
    uint32_t cts, dsr, rlsd;  /* edges, both ways */
    uint32_t ring;            /* trailing edges */
    uint32_t overruns;        /* the hardware lost bytes */
    uint32_t buffer_overruns; /* the kernel lost bytes */
};

struct ci_line;

struct ci_line_ops {
    /* The next run of what was received; 1, 0: nothing now, or a negative errno.  What was not
     * taken of it comes again.  A round ends with a call that gave 0, or is taken up again soon. */
    int (*next)(struct ci_line *line, struct ci_run *run);
    /* Asking costs: who found nothing need not ask again within so many nanoseconds, if somebody
     * will ask later.  Default: 0. */
    uint64_t fresh_ns;
    void (*took)(struct ci_line *line, size_t len);
    /* Whatever was received and not taken yet is gone. */
    void (*drop_input)(struct ci_line *line);
    /* Takes some bytes for sending: how many, or -EAGAIN. */
    ssize_t (*send)(struct ci_line *line, const uint8_t *bytes, size_t len);
    /* Of what it took, how much is not on the wire yet.  Default: nothing. */
    size_t (*unsent)(struct ci_line *line);
    /* Nothing is under way any more, not even in a shift register; what is held is not.  Default:
     * once unsent() is 0. */
    bool (*idle)(struct ci_line *line);
    /* How much more it should be given at the moment, so that what is under way can still be taken
     * back.  Default: as much as there is. */
    size_t (*window)(struct ci_line *line);
    /* Gives up what is unsent.  Whether that worked: false, and all it took will arrive.  Default:
     * false.  A line with a clock of its own may send on between two calls: who needs to know how
     * much is given up holds it first, then asks for unsent(). */
    bool (*drop_output)(struct ci_line *line);
    /* XOFF or XON ahead of everything else: 0, or -EAGAIN. */
    int (*send_flow)(struct ci_line *line, uint8_t character, bool stop);
    /* Whether it does so with this character too, while it is held.  Default: no. */
    bool (*passes)(const struct ci_line *line, uint8_t character);
    /* Sending stops at once, also of what the line took already.  Default: nothing. */
    void (*hold)(struct ci_line *line, bool held);
    /* Speed and format, and the flow control that it does by itself: 0 with all of it applied, or
     * -EINVAL with nothing changed.  `before`: NULL the first time. */
    int (*configure)(struct ci_line *line, const struct ci_settings *wanted,
                     const struct ci_settings *before);
    /* CI_OUT_*. */
    int (*set_outputs)(struct ci_line *line, unsigned which, unsigned on);
    /* 0; -ENOTSUP: the device cannot send breaks; -EAGAIN: not before what is unsent has left. */
    int (*set_break)(struct ci_line *line, bool on);
    /* The line does RTS toggling itself for these settings.  Default: no. */
    bool (*toggles)(const struct ci_line *line);
    int (*inputs)(struct ci_line *line, struct ci_inputs *inputs);
    /* Whether changes of inputs must be asked for now and then: the period, 0 when the line says so
     * itself.  Default: 0. */
    uint64_t (*poll_ns)(const struct ci_line *line);
    /* Changes of inputs matter from now on, or no longer: a line that hears of them by itself calls
     * ci_line_noticed().  poll_ns() holds all the same.  Default: nothing. */
    void (*watch)(struct ci_line *line, bool on);
    /* Somebody waits for what is received for a few ms only, or does not any more: then it is not
     * to be saved up.  Default: it never is. */
    void (*hurry)(struct ci_line *line, bool on);
    /* When it must be looked at again whatever happens (pacing), or CI_NEVER.  Default: never. */
    uint64_t (*deadline_ns)(const struct ci_line *line);
    /* Adds the descriptor to watch; `out`: also for room to send.  Default: nothing. */
    void (*interest)(struct ci_line *line, bool out, struct ci_want *want);
    /* The other end in this process, with a reference, or NULL.  Called without the lock.  Default:
     * none. */
    struct ci_file *(*peer)(struct ci_line *line);
    /* The device is gone: what holds its descriptor lets go of it. */
    void (*lost)(struct ci_line *line);
    /* Without the lock, by the thread that closes the port: puts back what was changed, within
     * `patience_ns`, and lets go.  xon: the peer is held by our XOFF. */
    void (*close)(struct ci_line *line, bool xon, uint64_t patience_ns);
    /* The last reference: frees the line. */
    void (*free)(struct ci_line *line);
    void (*forked)(struct ci_line *line);
};

struct ci_line {
    const struct ci_line_ops *ops;
    int fd;               /* what interest() watches, the file's source 0; -1: nothing */
    struct ci_file *file; /* the port it belongs to, from attach on; no reference */
};

/* work.c: the inputs of the port's line may have changed.  Called without its lock. */
void ci_line_noticed(struct ci_file *file);

#endif
