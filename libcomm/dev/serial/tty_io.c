/* SPDX-License-Identifier: MIT */
/* Bytes in and out of a tty.  What came is read in chunks and shown where it lies; what goes is
 * kept short of the driver, so that it can still be stopped and taken back. */
#include <string.h>

#include "libcomm/dev/serial/tty_line.h"
#include "libcomm/plat/clock.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_tty.h"

#define UNDER_WAY_NS (10 * CI_NS_PER_MS) /* what the driver is given at a time */
#define UNDER_WAY_LEAST 16u
#define FIFO_USUAL 16u
#define STATUS_WAY_NS (20 * CI_NS_PER_MS) /* from the adapter to its driver, at the worst */

void ci_tty_io_init(struct ci_tty_line *tty)
{
    struct serial_struct serial;

    tty->fifo = FIFO_USUAL;
    tty->emptied_ns = ci_now_ns();
    tty->has_empty = !tty->pty && ci_sys_tty_empty(tty->line.fd) >= 0;
    memset(&serial, 0, sizeof serial);
    if (!tty->pty && ci_sys_tty_serial_get(tty->line.fd, &serial) == 0 && serial.xmit_fifo_size > 0)
        tty->fifo = (uint32_t)serial.xmit_fifo_size;
    tty->status_ns = tty->has_empty ? ci_tty_latency_ns(tty) : 0;
    if (tty->status_ns > 0)
        tty->status_ns += STATUS_WAY_NS;
    ci_parmrk_reset(&tty->decoder, (tty->now.c_iflag & PARMRK) != 0);
    ci_sys_tty_flow(tty->line.fd, TCOON); /* whoever stopped it is gone */
}

/* ---- receiving ---- */

static struct tty_marks marks_of(const struct serial_icounter_struct *counts)
{
    return (struct tty_marks){(uint32_t)counts->brk, (uint32_t)counts->frame,
                              (uint32_t)counts->parity, (uint32_t)counts->buf_overrun};
}

/* Without counts, or when they say nothing. */
static unsigned bad_by_guess(const struct ci_tty_line *tty, uint8_t byte)
{
    if (byte == 0)
        return CI_BAD_BREAK;
    return tty->settings.parity != NOPARITY ? CI_BAD_PARITY : CI_BAD_FRAME;
}

static bool marks_read(struct ci_tty_line *tty, struct tty_marks *now)
{
    struct serial_icounter_struct counts;

    memset(&counts, 0, sizeof counts);
    if (!tty->has_counts || tty->line.fd < 0 || ci_sys_tty_counts(tty->line.fd, &counts) != 0)
        return false;
    *now = marks_of(&counts);
    return true;
}

/* A mark does not say what it marks, but the driver counted that before the mark came.  Each mark
 * uses one count up; marks that the kernel lost would leave theirs behind, so then all start anew.
 */
static unsigned bad_of(struct ci_tty_line *tty, uint8_t byte)
{
    struct tty_marks now, *seen = &tty->marks;
    unsigned bad;

    if (!marks_read(tty, &now))
        return bad_by_guess(tty, byte);
    if (byte == 0 && now.brk != seen->brk) {
        seen->brk++;
        bad = CI_BAD_BREAK;
    } else if (now.frame != seen->frame) {
        seen->frame++;
        bad = CI_BAD_FRAME;
    } else if (now.parity != seen->parity) {
        seen->parity++;
        bad = CI_BAD_PARITY;
    } else {
        bad = bad_by_guess(tty, byte);
    }
    if (now.lost != seen->lost)
        *seen = now;
    return bad;
}

/* A hung-up tty reads as ended; an empty one, with VMIN at 1, never does. */
static int chunk_read(struct ci_tty_line *tty)
{
    ssize_t n = tty->line.fd < 0 ? -EIO : ci_sys_read(tty->line.fd, tty->chunk, sizeof tty->chunk);

    if (n == -EAGAIN)
        return 0;
    if (n <= 0)
        return n == 0 ? -EIO : ci_tty_error((int)n);
    ci_parmrk_feed(&tty->decoder, tty->chunk, (size_t)n);
    tty->dry = n < TTY_CHUNK - 1;
    return 1;
}

int ci_tty_next(struct ci_line *line, struct ci_run *run)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);
    struct ci_parmrk_run piece;

    while (!ci_parmrk_next(&tty->decoder, &piece)) {
        int got = tty->dry ? 0 : chunk_read(tty);

        if (got <= 0) {
            tty->dry = false; /* the next round asks again */
            return got;
        }
    }
    if (piece.damaged && tty->bad == 0)
        tty->bad = bad_of(tty, piece.bytes[0]);
    *run = (struct ci_run){.bytes = piece.bytes, .len = piece.len, .bad = tty->bad};
    return 1;
}

void ci_tty_took(struct ci_line *line, size_t len)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);
    struct ci_parmrk_run piece;

    if (len == 0 || !ci_parmrk_next(&tty->decoder, &piece))
        return;
    ci_parmrk_took(&tty->decoder, &piece, len);
    tty->bad = 0;
}

void ci_tty_drop_input(struct ci_line *line)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);

    if (tty->line.fd >= 0)
        ci_sys_tty_flush(tty->line.fd, TCIFLUSH);
    ci_parmrk_reset(&tty->decoder, tty->decoder.marked);
    tty->bad = 0;
    tty->dry = false;
    (void)marks_read(tty, &tty->marks);
}

/* ---- sending ---- */

ssize_t ci_tty_send(struct ci_line *line, const uint8_t *bytes, size_t len)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);
    ssize_t n = tty->line.fd < 0 ? -EIO : ci_sys_write(tty->line.fd, bytes, len);

    if (n > 0) {
        tty->emptied_ns = 0;
        tty->seen_busy = false;
        tty->given_ns = ci_add_ns(tty->given_ns, (uint64_t)n * tty->char_ns);
    }
    return n == 0 && len > 0 ? -EAGAIN : n < 0 ? ci_tty_error((int)n) : n;
}

size_t ci_tty_unsent(struct ci_line *line)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);
    int n = tty->line.fd < 0 || tty->pty ? 0 : ci_sys_tty_unsent(tty->line.fd);

    return n < 0 ? 0 : (size_t)n;
}

/* Since nothing was found unsent any more. */
static bool emptied_for(struct ci_tty_line *tty, uint64_t ns)
{
    uint64_t now = ci_now_ns();

    if (tty->emptied_ns == 0)
        tty->emptied_ns = now;
    return now - tty->emptied_ns >= ns;
}

/* Where no driver tells, a FIFO has had the time to empty. */
static bool idle_by_time(struct ci_tty_line *tty)
{
    return emptied_for(tty, (tty->fifo + 2) * tty->char_ns);
}

/* A driver of an adapter says what the adapter last told it, which may be from before the last
 * bytes reached it: that they have left is believed once they were seen there, or had the time to
 * be. */
static bool idle_by_driver(struct ci_tty_line *tty)
{
    bool empty = ci_sys_tty_empty(tty->line.fd) != 0;

    if (!empty)
        tty->seen_busy = true;
    else if (tty->status_ns > 0 && !tty->seen_busy)
        empty = emptied_for(tty, tty->given_ns < tty->status_ns ? tty->given_ns : tty->status_ns);
    if (empty)
        tty->given_ns = 0;
    return empty;
}

/* An empty shift register means nothing while something waits to follow; what is held does not. */
bool ci_tty_idle(struct ci_line *line)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);

    if (tty->line.fd < 0 || tty->pty)
        return true;
    if (ci_tty_unsent(line) > 0 && !(tty->held && tty->has_empty)) {
        tty->emptied_ns = 0;
        return false;
    }
    return tty->has_empty ? idle_by_driver(tty) : idle_by_time(tty);
}

/* Nothing until half of it is gone: one call for many bytes. */
size_t ci_tty_window(struct ci_line *line)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);
    size_t most, unsent;

    if (tty->pty || tty->char_ns == 0)
        return SIZE_MAX;
    most = (size_t)(UNDER_WAY_NS / tty->char_ns);
    if (most < UNDER_WAY_LEAST)
        most = UNDER_WAY_LEAST;
    unsent = ci_tty_unsent(line);
    return unsent > most / 2 ? 0 : most - unsent;
}

/* Of what a pty took, some may have arrived already; how much, nobody can tell.  Drivers of USB
 * adapters take the request and give up nothing. */
bool ci_tty_drop_output(struct ci_line *line)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);

    return tty->line.fd >= 0 && !tty->pty && ci_sys_tty_flush(tty->line.fd, TCOFLUSH) == 0 &&
           ci_tty_unsent(line) == 0;
}

/* The driver has one place for a character that goes ahead of the others, and what is put there
 * next replaces it.  Only a newer XON or XOFF may replace an older one. */
static bool ahead_taken(const struct ci_tty_line *tty, bool flow)
{
    if (tty->ahead_ns == 0 || (flow && tty->ahead_is_flow) || ci_now_ns() >= tty->ahead_ns)
        return false;
    return !tty->has_empty || ci_sys_tty_empty(tty->line.fd) == 0;
}

static int send_ahead(struct ci_tty_line *tty, bool flow, bool stop)
{
    int error;

    if (ahead_taken(tty, flow))
        return -EAGAIN;
    error = ci_sys_tty_flow(tty->line.fd, stop ? TCIOFF : TCION);
    tty->emptied_ns = 0;
    tty->seen_busy = false;
    tty->given_ns = ci_add_ns(tty->given_ns, tty->char_ns);
    tty->ahead_ns = ci_now_ns() + (tty->fifo + 2) * tty->char_ns;
    tty->ahead_is_flow = flow;
    return ci_tty_error(error);
}

/* Any character goes that way that is the START character for the moment. */
static int send_as_start(struct ci_tty_line *tty, uint8_t character)
{
    struct termios2 t = tty->now;
    int error;

    t.c_cc[VSTART] = character;
    error = ci_tty_error(ci_sys_tty_set(tty->line.fd, &t));
    if (error != 0)
        return error;
    error = send_ahead(tty, false, false);
    ci_sys_tty_set(tty->line.fd, &tty->now);
    return error;
}

bool ci_tty_passes(const struct ci_line *line, uint8_t character)
{
    return character != 0 && !ci_tty_line_of_const(line)->pty;
}

/* The kernel sends its own STOP and START ahead of everything, even while output is held; it has
 * none with the value 0.  On a pty it would lose them when the peer is behind, and nothing is ahead
 * of them there. */
int ci_tty_send_flow(struct ci_line *line, uint8_t character, bool stop)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);
    ssize_t n;

    if (tty->line.fd < 0)
        return -EIO;
    if (character != 0 && !tty->pty)
        return character == tty->now.c_cc[stop ? VSTOP : VSTART] ? send_ahead(tty, true, stop)
                                                                 : send_as_start(tty, character);
    n = ci_tty_send(line, &character, 1);
    return n < 0 ? (int)n : 0;
}

/* What a pty took has arrived; to hold it would only keep flow control from being sent. */
void ci_tty_hold(struct ci_line *line, bool held)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);

    if (tty->line.fd < 0 || tty->pty || tty->held == held)
        return;
    tty->held = held;
    ci_sys_tty_flow(tty->line.fd, held ? TCOOFF : TCOON);
}
