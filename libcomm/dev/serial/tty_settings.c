/* SPDX-License-Identifier: MIT */
/* Speed and format of a tty.  The kernel applies what it can of a request and reports success, so
 * everything is read back, and put back if it is not what was asked for. */
#include <string.h>

#include "libcomm/dev/serial/tty_line.h"
#include "libcomm/plat/sys_tty.h"

#define FORMAT (CSIZE | PARENB | PARODD | CMSPAR | CSTOPB)
#define RX_USUAL 4096u

/* ---- as it was ---- */

static uint8_t bits_of(tcflag_t cflag)
{
    switch (cflag & CSIZE) {
    case CS5:
        return 5;
    case CS6:
        return 6;
    case CS7:
        return 7;
    default:
        return 8;
    }
}

static uint8_t parity_of(tcflag_t cflag)
{
    if ((cflag & PARENB) == 0)
        return NOPARITY;
    if ((cflag & CMSPAR) != 0)
        return (cflag & PARODD) != 0 ? MARKPARITY : SPACEPARITY;
    return (cflag & PARODD) != 0 ? ODDPARITY : EVENPARITY;
}

void ci_tty_found(const struct ci_tty_line *tty, struct ci_settings *found)
{
    const struct termios2 *t = &tty->now;

    ci_settings_default(found, RX_USUAL);
    if (ci_baud_valid(t->c_ospeed))
        found->baud = t->c_ospeed;
    found->bits = bits_of(t->c_cflag);
    found->parity = parity_of(t->c_cflag);
    found->stop = ONESTOPBIT;
    if ((t->c_cflag & CSTOPB) != 0)
        found->stop = found->bits == 5 ? ONE5STOPBITS : TWOSTOPBITS;
}

/* ---- as it is to be ---- */

static tcflag_t format_flags(const struct ci_settings *settings)
{
    static const tcflag_t size[] = {CS5, CS6, CS7, CS8};
    static const tcflag_t parity[] = {
        [NOPARITY] = 0,
        [ODDPARITY] = PARENB | PARODD,
        [EVENPARITY] = PARENB,
        [MARKPARITY] = PARENB | PARODD | CMSPAR,
        [SPACEPARITY] = PARENB | CMSPAR,
    };

    return size[settings->bits - 5] | parity[settings->parity] |
           (settings->stop != ONESTOPBIT ? (tcflag_t)CSTOPB : 0);
}

/* Only what sends waits for CTS; that RTS goes along is harmless, as the kernel never fills up. */
static tcflag_t flow_flags(const struct ci_settings *settings)
{
    return (settings->control & SERIAL_CTS_HANDSHAKE) != 0 ? CRTSCTS : 0;
}

/* An input speed of none is that of output. */
static void speed_set(struct termios2 *t, uint32_t baud)
{
    t->c_cflag &= ~(tcflag_t)(CBAUD | CIBAUD);
    t->c_cflag |= BOTHER;
    t->c_ospeed = t->c_ispeed = baud;
}

/* As strict as serial.sys from 9600 on; below, where it looks at nothing, 3% still work. */
static bool speed_close(uint32_t wanted, uint32_t got)
{
    uint64_t off = wanted > got ? wanted - got : got - wanted;

    return off * 100 <= (uint64_t)wanted * (wanted >= 9600 ? 1 : 3);
}

/* A pty has no format, whatever was asked for, and a USB gadget's port has no speed either: there
 * is no wire behind a driver that has neither lines nor counts. */
static bool took_all(const struct ci_tty_line *tty, const struct termios2 *wanted,
                     const struct termios2 *got)
{
    bool no_wire = !tty->pty && !tty->has_lines && !tty->has_counts;

    if (no_wire)
        return true;
    return speed_close(wanted->c_ospeed, got->c_ospeed) &&
           (tty->pty || ((wanted->c_cflag ^ got->c_cflag) & FORMAT) == 0);
}

/* 0 with all of it in force, or -EINVAL, or -EIO, with nothing changed. */
static int apply(struct ci_tty_line *tty, const struct termios2 *wanted)
{
    struct termios2 got;
    int error = ci_sys_tty_set(tty->line.fd, wanted);

    if (error == 0)
        error = ci_sys_tty_get(tty->line.fd, &got);
    if (error == 0 && took_all(tty, wanted, &got)) {
        tty->now = got;
        return 0;
    }
    error = ci_tty_error(error);
    if (error == -EIO)
        return error;
    ci_sys_tty_set(tty->line.fd, &tty->now);
    return -EINVAL;
}

int ci_tty_make_raw(struct ci_tty_line *tty, bool marked)
{
    struct termios2 raw = tty->saved;
    int error;

    raw.c_iflag = marked ? PARMRK | INPCK : 0;
    raw.c_oflag = 0;
    raw.c_lflag = 0;
    raw.c_cflag = (raw.c_cflag & ~(tcflag_t)CRTSCTS) | CREAD | CLOCAL | HUPCL;
    raw.c_cc[VMIN] = 1; /* with 0, an empty port would read like one that is gone */
    raw.c_cc[VTIME] = 0;
    raw.c_cc[VSTART] = 0x11;
    raw.c_cc[VSTOP] = 0x13;
    error = ci_sys_tty_set(tty->line.fd, &raw);
    if (error == 0)
        error = ci_sys_tty_get(tty->line.fd, &tty->now);
    if (error == 0) /* what was sent into a pty has been sent, and is the peer's to read */
        error = ci_sys_tty_flush(tty->line.fd, tty->pty ? TCIFLUSH : TCIOFLUSH);
    return ci_tty_error(error);
}

static bool same_on_device(const struct ci_settings *a, const struct ci_settings *b)
{
    return a->baud == b->baud && format_flags(a) == format_flags(b) &&
           flow_flags(a) == flow_flags(b) && a->chars.xon == b->chars.xon &&
           a->chars.xoff == b->chars.xoff;
}

/* Nothing here touches PARMRK: what is in the kernel's buffers is marked or not, and would be
 * misread. */
int ci_tty_configure(struct ci_line *line, const struct ci_settings *wanted,
                     const struct ci_settings *before)
{
    struct ci_tty_line *tty = ci_tty_line_of(line);
    struct termios2 t = tty->now;
    int error = 0;

    if (tty->line.fd < 0)
        return -EIO;
    if (before == NULL || !same_on_device(wanted, before)) {
        t.c_cflag =
            (t.c_cflag & ~(tcflag_t)(FORMAT | CRTSCTS)) | format_flags(wanted) | flow_flags(wanted);
        speed_set(&t, wanted->baud);
        t.c_cc[VSTART] = wanted->chars.xon;
        t.c_cc[VSTOP] = wanted->chars.xoff;
        error = apply(tty, &t);
        ci_tty_watch_again(tty);
    }
    if (error != 0)
        return error;
    tty->settings = *wanted;
    tty->char_ns = ci_settings_char_ns(wanted);
    ci_tty_toggle(tty, wanted);
    return 0;
}

void ci_tty_keep_outputs(struct ci_line *line, unsigned outputs)
{
    ci_tty_line_of(line)->keep = outputs;
}

/* HUPCL stays where there is something to hang up, so that DTR and RTS fall as on Windows.  It goes
 * where one of them is to be kept: the kernel would drop both. */
void ci_tty_settings_restore(struct ci_tty_line *tty)
{
    struct termios2 t = tty->saved;

    if (tty->keep != 0)
        t.c_cflag &= ~(tcflag_t)HUPCL;
    else if (!tty->pty)
        t.c_cflag |= HUPCL;
    ci_sys_tty_set(tty->line.fd, &t);
}

uint32_t ci_tty_rate(const struct ci_line *line)
{
    return ci_tty_line_of_const(line)->now.c_ospeed;
}
