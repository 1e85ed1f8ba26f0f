/* SPDX-License-Identifier: MIT */
/* A null-modem cable that exists only in this process: two ends, all lines crossed, and a way to do
 * to it what happens to real ones.
 *
 * A cable is an object: while a handle to it is open it is plugged in.  Its ends become lines when
 * ports open them.  Both lines change the cable under its own lock, of rank LEAF, so that no port's
 * lock is ever taken inside another's; what one port did to the other it sees when it is stepped.
 * Ports do that themselves after each call on a line (`peer`); what is done from outside, and what
 * `close` does, the cable tells the ports behind it. */
#ifndef CI_DEV_SERIAL_CABLE_H
#define CI_DEV_SERIAL_CABLE_H

#include "libcomm/dev/serial/line.h"

struct ci_cable;
struct ci_obj;

void ci_cable_get(struct ci_cable *cable);
void ci_cable_put(struct ci_cable *cable);
/* The line of one end, for a port that opens it: 0; -EBUSY: it is open; -ENODEV: the cable was
 * taken away; -ENOMEM.  The port behind it is `file` as of the first call on the line that the port
 * makes under its lock, until close or free. */
int ci_cable_plug(struct ci_cable *cable, unsigned end, struct ci_line **line);

/* ---- for who makes cables ---- */

#define CI_CABLE_PACED 1u  /* bytes take their time */
#define CI_CABLE_STRICT 2u /* ends that are set differently damage them */

extern const struct ci_obj_ops ci_cable_ops;
/* With one reference, and plugged in: 0 or -ENOMEM. */
int ci_cable_new(unsigned flags, struct ci_cable **cable);
struct ci_obj *ci_cable_obj(struct ci_cable *cable);
struct ci_cable *ci_cable_of(struct ci_obj *obj);
/* Taken away: both lines give -EIO from now on. */
void ci_cable_unplug(struct ci_cable *cable);
/* And its numbers are free again; what closing the last handle does. */
void ci_cable_discard(struct ci_cable *cable);

/* ---- from outside.  No lock may be held: the port at the end is stepped ---- */

/* What an end can be made to count. */
enum ci_cable_count {
    CI_CABLE_CTS, /* a pulse: both edges */
    CI_CABLE_DSR,
    CI_CABLE_RLSD,
    CI_CABLE_RING,            /* a pulse: its trailing edge */
    CI_CABLE_OVERRUNS,        /* the hardware lost bytes */
    CI_CABLE_BUFFER_OVERRUNS, /* the kernel did */
};

/* Bytes arrive at an end as if on the wire, at once, each with these CI_BAD_*.  When nobody is
 * there they are lost.  0; -ENOSPC and none arrived; -EIO. */
int ci_cable_inject(struct ci_cable *cable, unsigned end, const uint8_t *bytes, size_t len,
                    unsigned bad);
int ci_cable_count(struct ci_cable *cable, unsigned end, enum ci_cable_count what, uint32_t times);
/* The inputs in `mask` (MS_*) of an end are as in `levels`, whatever the other end does; the rest
 * is as the cable has it. */
int ci_cable_force(struct ci_cable *cable, unsigned end, uint32_t mask, uint32_t levels);
/* What an end drives now.  All of these: 0, or -EIO when the cable was taken away. */
struct ci_cable_view {
    unsigned outputs; /* CI_OUT_* */
    bool open;
    bool breaking;
    uint64_t sent; /* bytes that left it since the cable was made */
};
int ci_cable_view(struct ci_cable *cable, unsigned end, struct ci_cable_view *view);

#endif
