/* SPDX-License-Identifier: MIT */
/* Levels on the lines of a tty: DTR, RTS, breaks, and what the modem says.  A tty without such
 * lines has a peer that is always ready. */
#include <string.h>
#include <sys/ioctl.h>

#include "libcomm/dev/serial/tty_line.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/sys_tty.h"

#define POLL_NS (10 * CI_NS_PER_MS)
#define POLL_SENDING_NS (2 * CI_NS_PER_MS) /* every ms is so much too much sent */

static uint32_t levels_of(int lines)
{
    return ((lines & TIOCM_CTS) != 0 ? MS_CTS_ON : 0) | ((lines & TIOCM_DSR) != 0 ? MS_DSR_ON : 0) |
           ((lines & TIOCM_RNG) != 0 ? MS_RING_ON : 0) |
           ((lines & TIOCM_CAR) != 0 ? MS_RLSD_ON : 0);
}

void ci_tty_lines_init(struct ci_tty_line *tty)
{
    struct serial_icounter_struct *counts = &tty->counts_saved;
    int lines = ci_sys_tty_lines(tty->line.fd);

    tty->has_lines = lines >= 0;
    tty->inputs.levels = tty->has_lines ? levels_of(lines) : MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON;
    tty->has_counts = ci_sys_tty_counts(tty->line.fd, counts) == 0;
    if (!tty->has_counts)
        memset(counts, 0, sizeof *counts);
    tty->rng = tty->rings = (uint32_t)counts->rng;
    tty->marks = (struct tty_marks){(uint32_t)counts->brk, (uint32_t)counts->frame,
                                    (uint32_t)counts->parity, (uint32_t)counts->buf_overrun};
}

/* ---- outputs ---- */

int ci_tty_set_outputs(struct ci_line *line, unsigned which, unsigned on)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);
    int all =
        ((which & CI_OUT_DTR) != 0 ? TIOCM_DTR : 0) | ((which & CI_OUT_RTS) != 0 ? TIOCM_RTS : 0);
    int up =
        all & (((on & CI_OUT_DTR) != 0 ? TIOCM_DTR : 0) | ((on & CI_OUT_RTS) != 0 ? TIOCM_RTS : 0));
    int error = 0;

    if (tty->line.fd < 0)
        return -EIO;
    if (up != 0)
        error = ci_sys_tty_lines_set(tty->line.fd, up, true);
    if (error == 0 && (all & ~up) != 0)
        error = ci_sys_tty_lines_set(tty->line.fd, all & ~up, false);
    return error == -ENOTTY || error == -EINVAL ? 0 : ci_tty_error(error);
}

static int break_set(struct ci_tty_line *tty, bool on)
{
    int error = ci_sys_tty_break(tty->line.fd, on);

    if (error == -ENOTTY || error == -EINVAL || error == -EOPNOTSUPP)
        return -ENOTSUP;
    tty->has_break = tty->has_break || error == 0;
    return ci_tty_error(error);
}

/* The kernel would wait here until everything is sent.  A driver that has no breaks says so to the
 * end of one as well, which changes nothing and waits for nothing. */
int ci_tty_set_break(struct ci_line *line, bool on)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);
    int error;

    if (tty->line.fd < 0)
        return -EIO;
    if (on && (ci_tty_unsent(line) > 0 || !ci_tty_idle(line))) {
        error = tty->has_break ? 0 : break_set(tty, false);
        return error == 0 ? -EAGAIN : error;
    }
    error = break_set(tty, on);
    tty->breaking = on && error == 0;
    return error;
}

/* ---- inputs ---- */

/* Drivers count a ring's end, or both its edges: it is over when a count has moved and RI is off.
 */
static void see_rings(struct ci_tty_line *tty, uint32_t levels)
{
    bool off = (levels & MS_RING_ON) == 0;
    bool was_on = (tty->inputs.levels & MS_RING_ON) != 0;

    if (off && (tty->has_counts ? tty->rng != tty->rings : was_on)) {
        tty->inputs.ring++;
        tty->rings = tty->rng;
    }
}

/* A driver that cannot say just now leaves things as they were. */
static void see_counts(struct ci_tty_line *tty)
{
    const struct serial_icounter_struct *saved = &tty->counts_saved;
    struct serial_icounter_struct now;
    struct ci_inputs *inputs = &tty->inputs;

    memset(&now, 0, sizeof now);
    if (!tty->has_counts || ci_sys_tty_counts(tty->line.fd, &now) != 0)
        return;
    inputs->cts = (uint32_t)now.cts - (uint32_t)saved->cts;
    inputs->dsr = (uint32_t)now.dsr - (uint32_t)saved->dsr;
    inputs->rlsd = (uint32_t)now.dcd - (uint32_t)saved->dcd;
    inputs->overruns = (uint32_t)now.overrun - (uint32_t)saved->overrun;
    inputs->buffer_overruns = (uint32_t)now.buf_overrun - (uint32_t)saved->buf_overrun;
    tty->rng = (uint32_t)now.rng;
}

static void see_levels(struct ci_tty_line *tty, uint32_t levels)
{
    see_rings(tty, levels);
    tty->inputs.levels = levels;
}

/* Asked even where there are none, because a tty that is gone says so. */
int ci_tty_inputs(struct ci_line *line, struct ci_inputs *inputs)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);
    int lines = tty->line.fd < 0 ? -EIO : ci_sys_tty_lines(tty->line.fd);

    if (ci_tty_error(lines) == -EIO)
        return -EIO;
    see_counts(tty);
    if (tty->has_lines && lines >= 0)
        see_levels(tty, levels_of(lines));
    *inputs = tty->inputs;
    return 0;
}

uint64_t ci_tty_poll_ns(const struct ci_line *line)
{
    const struct ci_tty_line *tty = ci_tty_line_of_const(line);

    if (!tty->has_lines)
        return 0;
    return (tty->settings.control & SERIAL_OUT_HANDSHAKEMASK) != 0 ? POLL_SENDING_NS : POLL_NS;
}
