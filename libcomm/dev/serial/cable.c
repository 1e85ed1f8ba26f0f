/* SPDX-License-Identifier: MIT */
/* A simulated cable: which levels its ends see of each other, and everything that is done to it by
 * nobody at its ends.  What happens to bytes on the way is wire.c's. */
#include <errno.h>

#include "libcomm/dev/serial/cableend.h"
#include "libcomm/dev/serial/names.h"
#include "libcomm/op/file.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/sys.h"

void ci_cable_run(struct ci_cable *cable)
{
    cable->now_ns = cable->paced ? ci_now_ns() : 0;
    ci_wire_run(&cable->wire[0], cable->now_ns);
    ci_wire_run(&cable->wire[1], cable->now_ns);
}

/* ---- who is behind an end ---- */

/* A line takes its port's pointer away, under the lock, before the port goes. */
struct ci_file *ci_cable_port_get(const struct ci_cable_end *end)
{
    if (end->port == NULL || !ci_obj_try_get(&end->port->obj))
        return NULL;
    return end->port;
}

void ci_cable_port_tell(struct ci_file *port)
{
    if (port == NULL)
        return;
    port->pump.ops->step(&port->pump, CI_LANES_ALL, NULL); /* and what that does to the other end */
    ci_file_put(port);
}

/* ---- levels ---- */

uint32_t ci_cable_levels(const struct ci_cable *cable, unsigned i)
{
    const struct ci_cable_end *end = &cable->end[i], *other = &cable->end[!i];
    uint32_t levels = 0;

    if ((other->outputs & CI_OUT_RTS) != 0)
        levels |= MS_CTS_ON;
    if ((other->outputs & CI_OUT_DTR) != 0)
        levels |= MS_DSR_ON | MS_RLSD_ON;
    return (levels & ~end->mask) | (end->forced & end->mask);
}

void ci_cable_look(struct ci_cable *cable, unsigned i)
{
    struct ci_inputs *seen = &cable->end[i].seen;
    uint32_t levels = ci_cable_levels(cable, i), changed = levels ^ seen->levels;

    seen->cts += (changed & MS_CTS_ON) != 0;
    seen->dsr += (changed & MS_DSR_ON) != 0;
    seen->rlsd += (changed & MS_RLSD_ON) != 0;
    seen->ring += (changed & ~levels & MS_RING_ON) != 0;
    seen->levels = levels;
}

/* ---- coming and going ---- */

static int end_take(struct ci_cable_line *line)
{
    struct ci_cable *cable = line->cable;
    struct ci_cable_end *end = &cable->end[line->end];
    int error = 0;

    ci_lock(&cable->lock);
    if (cable->away)
        error = -ENODEV;
    else if (end->line != NULL)
        error = -EBUSY;
    if (error == 0) {
        end->line = line;
        end->seen = (struct ci_inputs){.levels = ci_cable_levels(cable, line->end)};
        ci_cable_run(cable); /* what was on its way finds nobody yet */
        ci_wire_open(&cable->wire[!line->end], true);
    }
    ci_unlock(&cable->lock);
    return error;
}

int ci_cable_plug(struct ci_cable *cable, unsigned end, struct ci_line **made)
{
    struct ci_cable_line *line = ci_sys_alloc(sizeof *line);
    int error;

    if (line == NULL)
        return -ENOMEM;
    line->line.ops = &ci_cable_line_ops;
    line->line.fd = -1;
    line->cable = cable;
    line->end = end;
    error = end_take(line);
    if (error != 0) {
        ci_sys_free(line);
        return error;
    }
    ci_cable_get(cable);
    *made = &line->line;
    return 0;
}

/* ---- the cable ---- */

void ci_cable_get(struct ci_cable *cable)
{
    ci_obj_get(&cable->obj);
}

void ci_cable_put(struct ci_cable *cable)
{
    ci_obj_put(&cable->obj);
}

struct ci_obj *ci_cable_obj(struct ci_cable *cable)
{
    return &cable->obj;
}

struct ci_cable *ci_cable_of(struct ci_obj *obj)
{
    return CI_CONTAINER(obj, struct ci_cable, obj);
}

void ci_cable_unplug(struct ci_cable *cable)
{
    struct ci_file *port[2];

    ci_lock(&cable->lock);
    cable->away = true;
    for (int i = 0; i < 2; i++)
        port[i] = ci_cable_port_get(&cable->end[i]);
    ci_unlock(&cable->lock);
    ci_cable_port_tell(port[0]);
    ci_cable_port_tell(port[1]);
}

/* In a child nobody else is left to hold the lock, and the other threads may have left anything
 * half done. */
void ci_cable_forget(struct ci_cable *cable)
{
    ci_lock_init(&cable->lock, CI_RANK_LEAF);
    cable->away = true;
}

void ci_cable_discard(struct ci_cable *cable)
{
    ci_names_remove_cable(cable);
    ci_cable_unplug(cable);
}

static void cable_closing(struct ci_obj *obj)
{
    ci_cable_discard(ci_cable_of(obj));
}

static void cable_destroy(struct ci_obj *obj)
{
    for (int i = 0; i < 2; i++)
        ci_wire_fini(&ci_cable_of(obj)->wire[i]);
}

static void cable_obj_forked(struct ci_obj *obj)
{
    ci_cable_forget(ci_cable_of(obj));
}

const struct ci_obj_ops ci_cable_ops = {
    .name = "null modem",
    .size = sizeof(struct ci_cable),
    .full_access = CI_FILE_ALL_ACCESS,
    .closing = cable_closing,
    .destroy = cable_destroy,
    .forked = cable_obj_forked,
};

int ci_cable_new(unsigned flags, struct ci_cable **made)
{
    struct ci_obj *obj = ci_obj_new(&ci_cable_ops);
    struct ci_cable *cable = ci_cable_of(obj);
    bool strict = (flags & CI_CABLE_STRICT) != 0;
    int error;

    if (obj == NULL)
        return -ENOMEM;
    ci_lock_init(&cable->lock, CI_RANK_LEAF);
    cable->paced = (flags & CI_CABLE_PACED) != 0;
    error = ci_wire_init(&cable->wire[0], cable->paced, strict);
    if (error == 0)
        error = ci_wire_init(&cable->wire[1], cable->paced, strict);
    if (error != 0) {
        ci_cable_put(cable);
        return error;
    }
    *made = cable;
    return 0;
}

/* ---- from outside ---- */

/* Locks the cable, brought up to now; false: it was taken away. */
static bool outside_enter(struct ci_cable *cable)
{
    ci_lock(&cable->lock);
    if (cable->away) {
        ci_unlock(&cable->lock);
        return false;
    }
    ci_cable_run(cable);
    return true;
}

/* Unlocks, and the port at the end takes notice. */
static void outside_leave(struct ci_cable *cable, unsigned end)
{
    struct ci_file *port = ci_cable_port_get(&cable->end[end]);

    ci_unlock(&cable->lock);
    ci_cable_port_tell(port);
}

int ci_cable_inject(struct ci_cable *cable, unsigned end, const uint8_t *bytes, size_t len,
                    unsigned bad)
{
    int error;

    if (!outside_enter(cable))
        return -EIO;
    error = ci_wire_inject(&cable->wire[!end], bytes, len, bad);
    outside_leave(cable, end);
    return error;
}

static uint32_t *counter_of(struct ci_inputs *seen, enum ci_cable_count what)
{
    switch (what) {
    case CI_CABLE_CTS:
        return &seen->cts;
    case CI_CABLE_DSR:
        return &seen->dsr;
    case CI_CABLE_RLSD:
        return &seen->rlsd;
    case CI_CABLE_RING:
        return &seen->ring;
    case CI_CABLE_OVERRUNS:
        return &seen->overruns;
    case CI_CABLE_BUFFER_OVERRUNS:
        break;
    }
    return &seen->buffer_overruns;
}

int ci_cable_count(struct ci_cable *cable, unsigned end, enum ci_cable_count what, uint32_t times)
{
    bool both_edges = what == CI_CABLE_CTS || what == CI_CABLE_DSR || what == CI_CABLE_RLSD;

    if (!outside_enter(cable))
        return -EIO;
    *counter_of(&cable->end[end].seen, what) += both_edges ? 2 * times : times;
    outside_leave(cable, end);
    return 0;
}

int ci_cable_force(struct ci_cable *cable, unsigned end, uint32_t mask, uint32_t levels)
{
    if (!outside_enter(cable))
        return -EIO;
    cable->end[end].mask = mask;
    cable->end[end].forced = levels;
    ci_cable_look(cable, end);
    outside_leave(cable, end);
    return 0;
}

int ci_cable_view(struct ci_cable *cable, unsigned end, struct ci_cable_view *view)
{
    const struct ci_cable_end *at = &cable->end[end];

    if (!outside_enter(cable))
        return -EIO;
    *view = (struct ci_cable_view){.outputs = at->outputs,
                                   .open = at->line != NULL,
                                   .breaking = at->breaking,
                                   .sent = cable->wire[end].sent};
    ci_unlock(&cable->lock);
    return 0;
}
