/* SPDX-License-Identifier: MIT */
/* What cable.c (the cable, and what is done to it from outside) and cableline.c (its ends as lines)
 * share. */
#ifndef CI_DEV_SERIAL_CABLEEND_H
#define CI_DEV_SERIAL_CABLEEND_H

#include "libcomm/dev/serial/cable.h"
#include "libcomm/dev/serial/wire.h"
#include "libcomm/obj/object.h"

struct ci_cable_line;

struct ci_cable_end {
    struct ci_cable_line *line; /* who has it open, or NULL: then it drives nothing */
    struct ci_file *port;       /* of that line; no reference, see ci_cable_port_get() */
    unsigned outputs;           /* CI_OUT_* */
    bool breaking;
    uint8_t xon;           /* as configured */
    uint32_t mask, forced; /* inputs that come from outside, and how they are */
    struct ci_inputs seen;
};

struct ci_cable {
    struct ci_obj obj;
    uint32_t number[2]; /* COM numbers of the ends; fixed before there is a handle */
    /* Guards everything below; rank LEAF, so it may be taken under a port's lock. */
    struct ci_lock lock;
    bool away; /* unplugged, or a child's: nothing is left of it */
    bool paced;
    uint64_t now_ns; /* until when its wires were run; unpaced, always 0 */
    struct ci_cable_end end[2];
    struct ci_wire wire[2]; /* from the end of the same number */
};

/* One port's hold on an end.  When that is over (`close`) the end may be another's already. */
struct ci_cable_line {
    struct ci_line line;
    struct ci_cable *cable; /* a reference */
    unsigned end;           /* 0 or 1 */
};

extern const struct ci_line_ops ci_cable_line_ops;

/* ---- the cable's lock is held ---- */

/* Everything that is due by now happens. */
void ci_cable_run(struct ci_cable *cable);
/* What an end sees, and that it may have changed. */
uint32_t ci_cable_levels(const struct ci_cable *cable, unsigned end);
void ci_cable_look(struct ci_cable *cable, unsigned end);
/* The port at an end with a reference, or NULL. */
struct ci_file *ci_cable_port_get(const struct ci_cable_end *end);

/* ---- no lock is held ---- */

/* Steps a port and drops the reference; NULL: nothing. */
void ci_cable_port_tell(struct ci_file *port);
/* In a forked child. */
void ci_cable_forget(struct ci_cable *cable);

#endif
