/* SPDX-License-Identifier: MIT */
/* The inside of a kernel tty as a line, for tty.c and its parts.  Everything is guarded by the lock
 * of the port's file, but for what open and close do alone. */
#ifndef CI_DEV_SERIAL_TTY_LINE_H
#define CI_DEV_SERIAL_TTY_LINE_H

#include <asm/termbits.h>
#include <errno.h>
#include <linux/serial.h>

#include "libcomm/dev/serial/claim.h"
#include "libcomm/dev/serial/line.h"
#include "libcomm/dev/serial/parmrk.h"
#include "libcomm/dev/serial/tty.h"

#define TTY_CHUNK 4096u /* the line discipline has no more than 4095 at a time */

/* How many damaged bytes the driver counted, and how many of those we have seen. */
struct tty_marks {
    uint32_t brk, frame, parity, lost;
};

/* How the driver was made to hurry. */
#define TTY_LATENCY_TEXT 16
enum tty_latency { TTY_AS_IT_WAS, TTY_BY_FLAG, TTY_BY_ATTRIBUTE };

struct ci_tty_line {
    struct ci_line line; /* first */
    uint64_t device;     /* st_rdev; fixed */
    struct ci_claim claim;
    /* what the driver can do; fixed, but for has_break */
    bool pty;
    bool has_lines, has_counts, has_empty;
    bool has_break; /* as far as is known: it did one, or ended one */
    unsigned keep;  /* CI_OUT_*: outputs that stay as they are when it is closed */
    bool inherited; /* a forked child's copy: what it undid would be undone for the parent */
    /* receiving */
    struct ci_parmrk decoder;
    unsigned bad; /* CI_BAD_* of the damaged byte that next() shows; 0: none is shown */
    struct tty_marks marks;
    uint8_t chunk[TTY_CHUNK];
    bool dry; /* the last chunk was a short one: there was no more */
    /* sending */
    uint64_t char_ns;    /* on the wire */
    uint64_t ahead_ns;   /* by then what was sent ahead of the others is out */
    bool ahead_is_flow;  /* that was XON or XOFF */
    uint64_t emptied_ns; /* when nothing was found unsent, after something was sent; 0: not yet */
    uint32_t fifo;
    uint64_t status_ns; /* the driver's idea of has_empty may be as old as that */
    uint64_t given_ns;  /* what was sent since the line was idle takes so long */
    bool seen_busy;     /* the driver has noticed some of that */
    bool held, breaking;
    /* settings */
    struct termios2 saved, now; /* before we came; as read back */
    struct ci_settings settings;
    struct serial_rs485 rs485_saved;
    bool rs485_changed;
    bool toggling; /* RS-485 stands in for RTS toggling */
    /* inputs */
    struct serial_icounter_struct counts_saved; /* at open */
    uint32_t rng, rings;     /* rings as counted; the same when the last one ended */
    struct ci_inputs inputs; /* as last seen */
    bool may_watch;
    struct ci_tty_watch *watch; /* or NULL */
    /* latency */
    bool hurry_asked, hurry_needed; /* by the program; because of its time limits */
    enum tty_latency latency;
    char latency_saved[TTY_LATENCY_TEXT]; /* what the attribute said */
};

static inline struct ci_tty_line *ci_tty_line_of(struct ci_line *line)
{
    return (struct ci_tty_line *)(void *)line;
}

static inline const struct ci_tty_line *ci_tty_line_of_const(const struct ci_line *line)
{
    return (const struct ci_tty_line *)(const void *)line;
}

/* What a driver says once its device is gone; other errors are the request's own. */
static inline int ci_tty_error(int error)
{
    return error == -ENODEV || error == -ENXIO ? -EIO : error;
}

/* tty_io.c: bytes. */
void ci_tty_io_init(struct ci_tty_line *tty);
int ci_tty_next(struct ci_line *line, struct ci_run *run);
void ci_tty_took(struct ci_line *line, size_t len);
void ci_tty_drop_input(struct ci_line *line);
ssize_t ci_tty_send(struct ci_line *line, const uint8_t *bytes, size_t len);
size_t ci_tty_unsent(struct ci_line *line);
bool ci_tty_idle(struct ci_line *line);
size_t ci_tty_window(struct ci_line *line);
bool ci_tty_drop_output(struct ci_line *line);
int ci_tty_send_flow(struct ci_line *line, uint8_t character, bool stop);
bool ci_tty_passes(const struct ci_line *line, uint8_t character);
void ci_tty_hold(struct ci_line *line, bool held);

/* tty_settings.c: speed and format. */
void ci_tty_found(const struct ci_tty_line *tty, struct ci_settings *found);
/* Raw, with marks or without; the speed and format that are there. */
int ci_tty_make_raw(struct ci_tty_line *tty, bool marked);
int ci_tty_configure(struct ci_line *line, const struct ci_settings *wanted,
                     const struct ci_settings *before);
void ci_tty_settings_restore(struct ci_tty_line *tty);

/* tty_lines.c: levels. */
void ci_tty_lines_init(struct ci_tty_line *tty);
int ci_tty_set_outputs(struct ci_line *line, unsigned which, unsigned on);
int ci_tty_set_break(struct ci_line *line, bool on);
int ci_tty_inputs(struct ci_line *line, struct ci_inputs *inputs);
uint64_t ci_tty_poll_ns(const struct ci_line *line);

/* tty_watch.c: a thread that hears of changes. */
void ci_tty_watch(struct ci_line *line, bool on);
/* It waits anew: new settings made the driver forget that somebody waits. */
void ci_tty_watch_again(struct ci_tty_line *tty);
void ci_tty_watch_forget(struct ci_tty_line *tty);

/* tty_latency.c */

/* How long an adapter may save up what it has to tell; 0: there is no such timer. */
uint64_t ci_tty_latency_ns(const struct ci_tty_line *tty);
void ci_tty_hurry(struct ci_line *line, bool on);
void ci_tty_latency_restore(struct ci_tty_line *tty);

/* tty_rs485.c */
bool ci_tty_toggles(const struct ci_line *line);
/* RTS toggling by the driver for these settings, or not; no failure. */
void ci_tty_toggle(struct ci_tty_line *tty, const struct ci_settings *settings);
void ci_tty_rs485_restore(struct ci_tty_line *tty);

#endif
