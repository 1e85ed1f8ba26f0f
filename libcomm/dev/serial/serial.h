/* SPDX-License-Identifier: MIT */
/* A serial port as a file: the machine of com.h and a line, with the queues, waits and results of
 * every other file around them.  All its lanes are one: whoever waits for any of its operations, or
 * else the engine, does all the work of the port. */
#ifndef CI_DEV_SERIAL_SERIAL_H
#define CI_DEV_SERIAL_SERIAL_H

#include "libcomm/dev/serial/com.h"
#include "libcomm/dev/serial/line.h"
#include "libcomm/op/file.h"

#define CI_SERIAL_TYPEAHEAD 4096u /* as the driver's */
#define CI_SERIAL_TYPEAHEAD_MOST (16u << 20)

struct ci_serial {
    struct ci_file file; /* first: a handle leads here */
    struct ci_pump_clock clock;
    struct ci_line *line; /* fixed */
    uint32_t number;      /* COMn; 0: opened by path.  Fixed */
    _Atomic bool stirred; /* the other end of a cable has something to see */

    /* all below guarded by file.lock */
    struct ci_com com;
    bool dead;            /* the device is gone; for good */
    bool working;         /* in ci_serial_work() */
    bool full;            /* the line takes no more at the moment */
    bool wrote;           /* a write or character has ended: is it the last? */
    bool flushing;        /* a flush is being issued, and in no queue yet */
    bool more;            /* there is more to receive than one round takes */
    bool told_room;       /* who watches the port knows that it waits for room */
    uint64_t dry_ns;      /* when the line was last found to have nothing more */
    uint64_t told_due_ns; /* and this deadline, or an earlier one */
    unsigned outputs;     /* as the line has them */
    bool breaking, held;
    bool watched;      /* the line knows that its inputs matter */
    bool stamps;       /* reads leave in their OVERLAPPED when their first byte came */
    uint64_t stamp_ns; /* of the last read that got something */
    uint32_t writes_begun, writes_ended; /* what a flush counts */
    uint64_t look_at;                    /* when the inputs are looked at next; CI_NEVER */
    uint64_t sent_at;                    /* when what is unsent is asked for next; CI_NEVER */
};

static inline struct ci_serial *ci_serial_of(const struct ci_file *file)
{
    return CI_CONTAINER(file, struct ci_serial, file);
}

/* A reference to the port behind a handle, or NULL with the last error set: 6, or 1 for another
 * kind of file. */
struct ci_serial *ci_serial_get(HANDLE handle);

/* ---- work.c; the lock is held ---- */

/* Everything that can be done now. */
void ci_serial_work(struct ci_serial *s, struct ci_done *done);
/* The same, but the line is not asked for bytes: it just was, or need not be. */
void ci_serial_follow(struct ci_serial *s, struct ci_done *done);
/* What the line has received so far is in the machine. */
void ci_serial_pull(struct ci_serial *s, struct ci_done *done);
/* The same, but for what may have come since it was last asked, a moment ago. */
void ci_serial_pull_stale(struct ci_serial *s, struct ci_done *done);
/* The inputs of this moment are. */
void ci_serial_look(struct ci_serial *s, struct ci_done *done);
/* The device is gone. */
void ci_serial_lose(struct ci_serial *s, struct ci_done *done);
/* Bytes of writes that have not left, and an immediate character. */
uint32_t ci_serial_unsent(const struct ci_serial *s);
/* Whether it is over because the device is. */
bool ci_serial_gone(const struct ci_serial *s, struct ci_op *op);
bool ci_serial_attempt(struct ci_file *file, struct ci_op *op);
void ci_serial_step(struct ci_file *file, unsigned lanes, struct ci_done *done);
/* Whether an operation that is neither read nor write is over; then its result is in it. */
bool ci_serial_control_over(struct ci_serial *s, struct ci_op *op);
void ci_serial_withdrawn(struct ci_file *file, struct ci_op *op);
void ci_serial_withdrew(struct ci_file *file, struct ci_done *done);
/* The other end of a cable has something to see. */
void ci_serial_stir(struct ci_serial *s);
/* serial.c: when it must be stepped even if nothing happens. */
uint64_t ci_serial_deadline_ns(const struct ci_serial *s);
/* Without the lock: the other end of a cable has seen everything, and what that brought back is
 * here. */
void ci_serial_meet(struct ci_serial *s);

/* ---- control.c ---- */

/* STATUS_SUCCESS, or why nothing can be asked of the port now.  The lock is held. */
uint32_t ci_serial_gate(const struct ci_serial *s, uint32_t code);
bool ci_serial_ioctl(struct ci_file *file, struct ci_op *op);

#endif
