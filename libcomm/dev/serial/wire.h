/* SPDX-License-Identifier: MIT */
/* One direction of a simulated cable: a transmitter (FIFO and shift register), the wire, and what
 * arrived and waits for the receiver.  Pure values moved by a clock that is told: no locks, no
 * system calls but for its memory.  Who uses it holds a lock.
 *
 * Unpaced, what is sent has arrived.  Paced, a byte waits in the FIFO until the shift register is
 * free, spends one character time in it, and has arrived then; ci_wire_run() makes all of that
 * happen that is due, at the times at which it was due, so that it may be called as rarely as
 * anybody looks. */
#ifndef CI_DEV_SERIAL_WIRE_H
#define CI_DEV_SERIAL_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "libcomm/dev/serial/line.h"

#define CI_WIRE_RING 65536u /* bytes that arrived and were not taken */
#define CI_WIRE_FIFO 4096u  /* bytes of the largest FIFO */

/* How one side is set. */
struct ci_wire_mode {
    uint32_t baud;
    uint8_t bits; /* 0: nobody has set it yet */
    uint8_t parity;
};

struct ci_wire_ring {
    uint8_t *byte; /* CI_WIRE_RING of them */
    uint8_t *bad;  /* CI_BAD_* of each; 0 wherever nothing lies */
    uint32_t head, count;
    uint32_t marked; /* of those, how many have a mark */
};

struct ci_wire {
    bool paced, strict; /* fixed */
    /* the sender */
    struct ci_wire_mode from;
    uint64_t char_ns;
    uint8_t *fifo;               /* CI_WIRE_FIFO of them */
    uint32_t head, count, depth; /* depth: how much it is let hold at this speed */
    bool shifting;               /* the shift register is busy until shift_end */
    uint8_t shift;
    uint64_t shift_end;
    bool flow_due; /* a flow control character goes next */
    uint8_t flow;
    bool held;
    bool breaking, break_due; /* due: it begins when the shift register is free */
    uint64_t sent;            /* bytes that left, whether or not somebody was there */
    bool sender_news;         /* see ci_wire_sender_due() */
    /* the receiver */
    struct ci_wire_mode to;
    bool open; /* somebody is there; else all is lost */
    struct ci_wire_ring ring;
    uint32_t lost;      /* bytes for which there was no room */
    uint64_t looked_at; /* when the receiver last did */
    bool receiver_news; /* something arrived since */
};

/* In zeroed memory: 0 or -ENOMEM. */
int ci_wire_init(struct ci_wire *wire, bool paced, bool strict);
void ci_wire_fini(struct ci_wire *wire);
/* Everything that is due by now happens.  Where `now_ns` is an argument below, it was run until
 * then. */
void ci_wire_run(struct ci_wire *wire, uint64_t now_ns);

/* ---- the sender ---- */

void ci_wire_set_sender(struct ci_wire *wire, const struct ci_settings *settings);
/* How many were taken, or -EAGAIN. */
ssize_t ci_wire_send(struct ci_wire *wire, const uint8_t *bytes, size_t len, uint64_t now_ns);
/* Ahead of everything else, and whether or not the transmitter is held; 0 or -EAGAIN. */
int ci_wire_send_flow(struct ci_wire *wire, uint8_t character, uint64_t now_ns);
/* What is in the shift register still leaves. */
void ci_wire_hold(struct ci_wire *wire, bool held, uint64_t now_ns);
/* Begins behind what is in the shift register; what is in the FIFO waits for its end. */
void ci_wire_break(struct ci_wire *wire, bool on, uint64_t now_ns);
/* What is in the FIFO. */
size_t ci_wire_unsent(const struct ci_wire *wire);
size_t ci_wire_window(const struct ci_wire *wire);
bool ci_wire_idle(const struct ci_wire *wire);
/* The same, but for what is in the FIFO and held there. */
bool ci_wire_resting(const struct ci_wire *wire);
void ci_wire_drop_unsent(struct ci_wire *wire);
bool ci_wire_held(const struct ci_wire *wire);
/* The sender goes: what it had not sent is gone, and it holds nothing any more. */
void ci_wire_stop(struct ci_wire *wire);
/* When the sender must look again: its FIFO is half empty or empty, or the shift register is.  0
 * when that has happened since it last looked, as ci_wire_seen_by_sender() says. */
uint64_t ci_wire_sender_due(const struct ci_wire *wire);
void ci_wire_seen_by_sender(struct ci_wire *wire);

/* ---- the receiver ---- */

/* Somebody comes, or goes and leaves what has arrived. */
void ci_wire_open(struct ci_wire *wire, bool open);
void ci_wire_set_receiver(struct ci_wire *wire, const struct ci_settings *settings);
/* As in struct ci_line_ops. */
int ci_wire_next(struct ci_wire *wire, struct ci_run *run, uint64_t now_ns);
void ci_wire_took(struct ci_wire *wire, size_t len);
void ci_wire_drop_arrived(struct ci_wire *wire);
/* When something more will have arrived.  What arrives closely together is told together, at most a
 * millisecond after the first of it, unless it ends before. */
uint64_t ci_wire_receiver_due(const struct ci_wire *wire);

/* ---- from outside ---- */

/* All of it arrives, each byte with these marks: 0; -ENOSPC: there is no room for all of it. */
int ci_wire_inject(struct ci_wire *wire, const uint8_t *bytes, size_t len, unsigned bad);

#endif
