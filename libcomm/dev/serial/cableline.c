/* SPDX-License-Identifier: MIT */
/* An end of a simulated cable as a port's line.  Each call locks the cable, brings it up to now,
 * and changes it; the port then steps the port at the other end, which sees what has changed. */
#include <errno.h>

#include "libcomm/dev/serial/cableend.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/sys.h"

static struct ci_cable_end *end_of(const struct ci_cable_line *line)
{
    return &line->cable->end[line->end];
}

/* Locks the cable and brings it up to now.  NULL: the line leads nowhere (any more), and nothing is
 * locked. */
static struct ci_cable_line *line_enter(struct ci_line *l)
{
    struct ci_cable_line *line = CI_CONTAINER(l, struct ci_cable_line, line);
    struct ci_cable *cable = line->cable;

    ci_lock(&cable->lock);
    if (cable->away || end_of(line)->line != line) {
        ci_unlock(&cable->lock);
        return NULL;
    }
    end_of(line)->port = l->file; /* set under the lock that the caller holds */
    ci_cable_run(cable);
    return line;
}

static void line_leave(struct ci_cable_line *line)
{
    ci_unlock(&line->cable->lock);
}

static struct ci_wire *wire_out(struct ci_cable_line *line)
{
    return &line->cable->wire[line->end];
}

static struct ci_wire *wire_in(struct ci_cable_line *line)
{
    return &line->cable->wire[!line->end];
}

/* A port begins each look at its line by asking for bytes, and so has seen all that was before. */
static int cable_next(struct ci_line *l, struct ci_run *run)
{
    struct ci_cable_line *line = line_enter(l);
    int got;

    if (line == NULL)
        return -EIO;
    ci_wire_seen_by_sender(wire_out(line));
    got = ci_wire_next(wire_in(line), run, line->cable->now_ns);
    line_leave(line);
    return got;
}

static void cable_took(struct ci_line *l, size_t len)
{
    struct ci_cable_line *line = line_enter(l);

    if (line == NULL)
        return;
    ci_wire_took(wire_in(line), len);
    line_leave(line);
}

static void cable_drop_input(struct ci_line *l)
{
    struct ci_cable_line *line = line_enter(l);

    if (line == NULL)
        return;
    ci_wire_drop_arrived(wire_in(line));
    line_leave(line);
}

static ssize_t cable_send(struct ci_line *l, const uint8_t *bytes, size_t len)
{
    struct ci_cable_line *line = line_enter(l);
    ssize_t took;

    if (line == NULL)
        return -EIO;
    took = ci_wire_send(wire_out(line), bytes, len, line->cable->now_ns);
    line_leave(line);
    return took;
}

static size_t cable_unsent(struct ci_line *l)
{
    struct ci_cable_line *line = line_enter(l);
    size_t unsent;

    if (line == NULL)
        return 0;
    unsent = ci_wire_unsent(wire_out(line));
    line_leave(line);
    return unsent;
}

static bool cable_idle(struct ci_line *l)
{
    struct ci_cable_line *line = line_enter(l);
    bool idle;

    if (line == NULL)
        return true;
    idle = ci_wire_resting(wire_out(line));
    line_leave(line);
    return idle;
}

static size_t cable_window(struct ci_line *l)
{
    struct ci_cable_line *line = line_enter(l);
    size_t window;

    if (line == NULL)
        return SIZE_MAX; /* sending then says what is wrong */
    window = ci_wire_window(wire_out(line));
    line_leave(line);
    return window;
}

static bool cable_drop_output(struct ci_line *l)
{
    struct ci_cable_line *line = line_enter(l);

    if (line == NULL)
        return true;
    ci_wire_drop_unsent(wire_out(line));
    line_leave(line);
    return true;
}

static int cable_send_flow(struct ci_line *l, uint8_t character, bool stop)
{
    struct ci_cable_line *line = line_enter(l);
    int error;

    (void)stop; /* which of the two it is matters to ttys only */
    if (line == NULL)
        return -EIO;
    error = ci_wire_send_flow(wire_out(line), character, line->cable->now_ns);
    line_leave(line);
    return error;
}

static void cable_hold(struct ci_line *l, bool held)
{
    struct ci_cable_line *line = line_enter(l);

    if (line == NULL)
        return;
    ci_wire_hold(wire_out(line), held, line->cable->now_ns);
    line_leave(line);
}

static int cable_configure(struct ci_line *l, const struct ci_settings *wanted,
                           const struct ci_settings *before)
{
    struct ci_cable_line *line = line_enter(l);

    (void)before;
    if (line == NULL)
        return -EIO;
    ci_wire_set_sender(wire_out(line), wanted);
    ci_wire_set_receiver(wire_in(line), wanted);
    end_of(line)->xon = wanted->chars.xon;
    line_leave(line);
    return 0;
}

static int cable_set_outputs(struct ci_line *l, unsigned which, unsigned on)
{
    struct ci_cable_line *line = line_enter(l);
    struct ci_cable_end *end;

    if (line == NULL)
        return -EIO;
    end = end_of(line);
    end->outputs = (end->outputs & ~which) | (on & which);
    ci_cable_look(line->cable, !line->end);
    line_leave(line);
    return 0;
}

static int cable_set_break(struct ci_line *l, bool on)
{
    struct ci_cable_line *line = line_enter(l);

    if (line == NULL)
        return -EIO;
    end_of(line)->breaking = on;
    ci_wire_break(wire_out(line), on, line->cable->now_ns);
    line_leave(line);
    return 0;
}

static int cable_inputs(struct ci_line *l, struct ci_inputs *inputs)
{
    struct ci_cable_line *line = line_enter(l);

    if (line == NULL)
        return -EIO;
    *inputs = end_of(line)->seen;
    inputs->buffer_overruns += wire_in(line)->lost;
    line_leave(line);
    return 0;
}

/* Nothing is run here: what is due but has not been looked at must bring the port to look. */
static uint64_t cable_deadline(const struct ci_line *l)
{
    const struct ci_cable_line *line = CI_CONTAINER(l, const struct ci_cable_line, line);
    struct ci_cable *cable = line->cable;
    uint64_t sender = CI_NEVER, receiver = CI_NEVER;

    ci_lock(&cable->lock);
    if (!cable->away && cable->end[line->end].line == line) {
        sender = ci_wire_sender_due(&cable->wire[line->end]);
        receiver = ci_wire_receiver_due(&cable->wire[!line->end]);
    }
    ci_unlock(&cable->lock);
    return sender < receiver ? sender : receiver;
}

static struct ci_file *cable_peer(struct ci_line *l)
{
    struct ci_cable_line *line = CI_CONTAINER(l, struct ci_cable_line, line);
    struct ci_file *port;

    ci_lock(&line->cable->lock);
    port = ci_cable_port_get(&line->cable->end[!line->end]);
    ci_unlock(&line->cable->lock);
    return port;
}

static void cable_lost(struct ci_line *line)
{
    (void)line; /* there is no descriptor */
}

/* ---- coming and going ---- */

/* From now on the end drives nothing, and what it had not sent is gone.  Returns the other end's
 * port, which is to be told. */
static struct ci_file *line_detach(struct ci_cable_line *line)
{
    struct ci_cable *cable = line->cable;
    struct ci_cable_end *end = end_of(line);
    struct ci_file *other = NULL;

    ci_lock(&cable->lock);
    if (end->line == line) {
        end->line = NULL;
        end->port = NULL;
        end->outputs = 0;
        end->breaking = false;
        ci_wire_stop(wire_out(line));
        ci_wire_open(wire_in(line), false);
        ci_cable_look(cable, !line->end);
        other = ci_cable_port_get(&cable->end[!line->end]);
    }
    ci_unlock(&cable->lock);
    return other;
}

/* What can leave begins to: a held FIFO cannot, XON goes all the same. */
static void drain_start(struct ci_line *l, bool xon)
{
    struct ci_cable_line *line = line_enter(l);
    struct ci_wire *wire;

    if (line == NULL)
        return;
    wire = wire_out(line);
    if (ci_wire_held(wire))
        ci_wire_drop_unsent(wire);
    end_of(line)->breaking = false;
    ci_wire_break(wire, false, line->cable->now_ns);
    if (xon)
        (void)ci_wire_send_flow(wire, end_of(line)->xon, line->cable->now_ns);
    line_leave(line);
}

/* When to look again; 0: nothing is under way any more. */
static uint64_t drain_look(struct ci_line *l)
{
    struct ci_cable_line *line = line_enter(l);
    uint64_t due = 0;

    if (line == NULL)
        return 0;
    ci_wire_seen_by_sender(wire_out(line));
    if (!ci_wire_idle(wire_out(line)))
        due = ci_wire_sender_due(wire_out(line));
    line_leave(line);
    return due;
}

static void cable_close(struct ci_line *l, bool xon, uint64_t patience_ns)
{
    uint64_t until_ns = ci_add_ns(ci_now_ns(), patience_ns), due;

    drain_start(l, xon);
    while ((due = drain_look(l)) != 0 && ci_now_ns() < until_ns) {
        _Atomic uint32_t nobody = 0; /* changes it: only the time ends the sleep */

        ci_sys_futex_wait(&nobody, 0, due < until_ns ? due : until_ns);
    }
    ci_cable_port_tell(line_detach(CI_CONTAINER(l, struct ci_cable_line, line)));
}

static bool cable_passes(const struct ci_line *l, uint8_t character)
{
    (void)l;
    (void)character;
    return true;
}

static void cable_free(struct ci_line *l)
{
    struct ci_cable_line *line = CI_CONTAINER(l, struct ci_cable_line, line);

    ci_cable_port_tell(line_detach(line));
    ci_cable_put(line->cable);
    ci_sys_free(line);
}

static void cable_forked(struct ci_line *l)
{
    ci_cable_forget(CI_CONTAINER(l, struct ci_cable_line, line)->cable);
}

const struct ci_line_ops ci_cable_line_ops = {
    .next = cable_next,
    .took = cable_took,
    .drop_input = cable_drop_input,
    .send = cable_send,
    .unsent = cable_unsent,
    .idle = cable_idle,
    .window = cable_window,
    .drop_output = cable_drop_output,
    .send_flow = cable_send_flow,
    .passes = cable_passes,
    .hold = cable_hold,
    .configure = cable_configure,
    .set_outputs = cable_set_outputs,
    .set_break = cable_set_break,
    .inputs = cable_inputs,
    .deadline_ns = cable_deadline,
    .peer = cable_peer,
    .lost = cable_lost,
    .close = cable_close,
    .free = cable_free,
    .forked = cable_forked,
};
