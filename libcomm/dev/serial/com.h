/* SPDX-License-Identifier: MIT */
/* A serial port as a machine of bytes, levels and a clock: type-ahead, line filter, time limits,
 * events, flow control, the order of what is sent.  No system calls, no locks, no operations: who
 * uses it holds a lock, tells it what came and what time it is, and does what it then wants.
 *
 * Four things can be under way at once: one read, one write, one wait for an event, one immediate
 * character.  Who waits behind them is the user's affair. */
#ifndef CI_DEV_SERIAL_COM_H
#define CI_DEV_SERIAL_COM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcomm/dev/serial/line.h"
#include "libcomm/dev/serial/settings.h"

/* COMMTIMEOUTS. */
struct ci_timeouts {
    uint32_t read_interval, read_multiplier, read_constant;
    uint32_t write_multiplier, write_constant;
};
bool ci_timeouts_valid(const struct ci_timeouts *timeouts);

/* What the time limits mean for a read of so many bytes; the truth table of COMMTIMEOUTS. */
struct ci_read_rule {
    bool takes_what_is_there; /* something in the type-ahead ends it */
    bool at_once;             /* so does nothing: success, not a timeout */
    bool one_byte;            /* else the first byte does */
    uint64_t total_ns;        /* from its start; CI_NEVER */
    uint64_t interval_ns;     /* after each byte; CI_NEVER */
};
/* A read may end sooner than an adapter hands on what it has received, if that is not made to
 * hurry. */
bool ci_timeouts_are_short(const struct ci_timeouts *timeouts);
struct ci_read_rule ci_read_rule(const struct ci_timeouts *timeouts, size_t len);
uint64_t ci_write_total_ns(const struct ci_timeouts *timeouts, size_t len);

/* The type-ahead, and when what is in it came: bytes from the `from`th on, counted since the port
 * was opened, came at `ns` or, when there was no place for another stamp, after that. */
#define CI_STAMPS 32u
struct ci_typeahead {
    uint8_t *byte;
    uint32_t size, head, count;
    uint32_t stamps; /* how many, oldest first */
    uint64_t put;    /* bytes, ever */
    struct ci_stamp {
        uint64_t from, ns;
    } * stamp; /* CI_STAMPS of them */
};

struct ci_com_read {
    uint8_t *buf;
    size_t len, got;
    bool active, over;
    uint32_t status;                           /* once it is over */
    uint64_t total_at, interval_ns, silent_at; /* silent_at: when the interval will have passed */
    uint64_t first_ns;                         /* when its first byte came; 0: it has none */
};

struct ci_com_write {
    const uint8_t *data;
    size_t len, given; /* given: to the line */
    bool active, over;
    uint32_t status;
    size_t done; /* what has left, as far as anybody has looked */
    uint64_t total_at;
};

struct ci_com_char {
    uint8_t byte;
    bool active, given, over;
    uint32_t status;
    uint64_t total_at;
    uint64_t at; /* its place in all that the line was given; 0: it went past that */
};

struct ci_com_stats {
    uint32_t received, sent, frame, overrun, buffer_overrun, parity;
};

/* Why sending stops: SERIAL_TX_WAITING_*, as GET_COMMSTATUS reports them. */
#define CI_HOLD_CTS 0x01u
#define CI_HOLD_DSR 0x02u
#define CI_HOLD_RLSD 0x04u
#define CI_HOLD_XOFF 0x08u /* the peer's, or SETXOFF */
#define CI_HOLD_SENT 0x10u /* our own XOFF is out */
#define CI_HOLD_BREAK 0x20u

#define CI_RX_XOFF 0x04u /* beside CI_OUT_* */

struct ci_com {
    struct ci_settings set;
    struct ci_timeouts timeouts;
    struct ci_typeahead rx;
    struct ci_com_read read;
    struct ci_com_write write;
    struct ci_com_char imm;
    uint64_t given; /* bytes of writes and characters that the line has queued so far */
    struct ci_com_stats stats;
    /* events */
    uint32_t mask, history;
    bool waiting; /* somebody does */
    bool told;    /* and may stop: `news` says why */
    uint32_t news;
    bool emptied; /* something was sent since the last wait began */
    /* errors */
    uint32_t errors; /* CE_* */
    bool aborted;    /* fAbortOnError: nothing goes until the errors were asked for */
    bool abort;      /* the user is to end all reads and writes */
    uint8_t escape;  /* of LSRMST insertion; 0: off */
    /* flow */
    uint32_t tx_hold;       /* CI_HOLD_* without SENT */
    unsigned rx_hold;       /* how the peer is held up: CI_OUT_* that are off, CI_RX_XOFF */
    bool xoff_due, xon_due; /* to be sent ahead of everything */
    bool xoff_sent;
    unsigned outputs; /* CI_OUT_*: as they are to be */
    bool toggling;    /* RTS is up because something goes out */
    bool breaking;
    struct ci_inputs inputs; /* as last seen */
    /* the filter at a glance, made new when what it depends on changes */
    bool plain; /* every byte is taken as it is */
    uint8_t data_mask;
    uint8_t kind[256]; /* CI_BYTE_* by received byte, before masking */
};

/* In zeroed memory: a type-ahead of `rx_size` bytes; 0 or -ENOMEM. */
int ci_com_init(struct ci_com *com, const struct ci_settings *settings, uint32_t rx_size);
void ci_com_fini(struct ci_com *com);

/* ---- settings ---- */

/* Valid ones: what held for the old ones only is let go, what the new ones ask for begins. */
void ci_com_set(struct ci_com *com, const struct ci_settings *settings);
/* A bigger type-ahead, with what is in it; smaller changes nothing.  0 or -ENOMEM. */
int ci_com_grow(struct ci_com *com, uint32_t rx_size);

/* ---- what came ---- */

/* Returns how much of the run it took: it stops behind a byte that ends the read. */
size_t ci_com_receive(struct ci_com *com, const struct ci_run *run, uint64_t now_ns);
void ci_com_see_inputs(struct ci_com *com, const struct ci_inputs *inputs, uint64_t now_ns);
/* The time is now.  Whether the write's time is up: the user cuts it. */
bool ci_com_tick(struct ci_com *com, uint64_t now_ns);
/* At the end of each round: whether the wait is over. */
void ci_com_tell(struct ci_com *com);
/* The earliest time at which a tick would change something; CI_NEVER. */
uint64_t ci_com_deadline_ns(const struct ci_com *com);

/* ---- reads ---- */

/* It may be over at once.  len > 0. */
void ci_com_read_start(struct ci_com *com, void *buf, size_t len, uint64_t now_ns);
/* It was reported, or taken back: what it got is not put back. */
void ci_com_read_stop(struct ci_com *com);
/* PURGE_RXCLEAR. */
void ci_com_purge(struct ci_com *com);

/* ---- writes ---- */

void ci_com_write_start(struct ci_com *com, const void *data, size_t len, uint64_t now_ns);
void ci_com_char_start(struct ci_com *com, uint8_t byte, uint64_t now_ns);
/* The write is over before its end; of what the line was given, `unsent` never left. */
void ci_com_write_cut(struct ci_com *com, size_t unsent, uint32_t status);
void ci_com_write_stop(struct ci_com *com);
void ci_com_char_stop(struct ci_com *com);
/* A write or character is done with, however; `more`: another one waits behind it. */
void ci_com_sent_last(struct ci_com *com, bool more);

/* What the line is to be given next, of at most `room` bytes; false: nothing may go now. */
struct ci_out {
    const uint8_t *bytes;
    size_t len;
    bool flow, stop; /* a flow control character instead, XOFF if stop */
    bool past;       /* for ci_com_gave(): it went past what the line has queued */
};
bool ci_com_next_out(const struct ci_com *com, size_t room, struct ci_out *out);
void ci_com_gave(struct ci_com *com, const struct ci_out *out, size_t len);
/* The line has so much unsent: 0 ends a write that was given whole. */
void ci_com_unsent(struct ci_com *com, size_t unsent);
/* Something is to be sent, and nothing but time keeps it from going. */
bool ci_com_sending(const struct ci_com *com);
/* Nothing but the line itself keeps a write from going. */
bool ci_com_may_write(const struct ci_com *com);
/* With RTS toggling: up before anything goes, down when the line is idle. */
void ci_com_toggle(struct ci_com *com, bool line_idle);
/* SETXOFF, SETXON. */
void ci_com_hold(struct ci_com *com, bool held);
void ci_com_break(struct ci_com *com, bool on);

/* ---- events and status ---- */

/* SetCommMask: a wait is over with nothing; what is latched stays as far as it is still asked for.
 */
void ci_com_mask(struct ci_com *com, uint32_t mask);
/* WaitCommEvent, with a mask that is not 0 and nobody waiting: true, and *events, when something is
 * latched; else somebody waits. */
bool ci_com_wait(struct ci_com *com, uint32_t *events);
void ci_com_wait_stop(struct ci_com *com);
/* LSRMST insertion behind this character; 0: no more. */
void ci_com_escape(struct ci_com *com, uint8_t escape);
/* Reports CE_* and forgets them, and with them what fAbortOnError stopped. */
uint32_t ci_com_errors(struct ci_com *com);
/* CI_HOLD_* as GET_COMMSTATUS has them. */
uint32_t ci_com_holds(const struct ci_com *com);

#endif
