/* SPDX-License-Identifier: MIT */
/* What work.c, give.c and attempt.c ask of each other; the port's lock is held. */
#ifndef CI_DEV_SERIAL_WORK_H
#define CI_DEV_SERIAL_WORK_H

#include "libcomm/dev/serial/serial.h"

static inline struct ci_op *ci_serial_first(struct ci_serial *s, enum ci_lane_id lane)
{
    struct ci_list *link = ci_list_first(&s->file.queue[lane]);

    return link == NULL ? NULL : CI_CONTAINER(link, struct ci_op, queue);
}

static inline bool ci_serial_ends(struct ci_op *op, uint32_t status, size_t bytes)
{
    op->status = status;
    op->done = bytes;
    return true;
}

/* work.c */
/* What the line has goes to reads and to the type-ahead. */
void ci_serial_receive(struct ci_serial *s, uint64_t now_ns, struct ci_done *done);
/* It was asked a moment ago and had nothing more. */
bool ci_serial_fresh(const struct ci_serial *s, uint64_t now_ns);
/* The read is over: its OVERLAPPED may want to know when its first byte came. */
void ci_serial_stamp(struct ci_serial *s, const struct ci_op *op);
bool ci_serial_flushed(const struct ci_serial *s, const struct ci_op *op);
/* What follows from whatever has happened, and who must hear that the port wants something else. */
void ci_serial_round_end(struct ci_serial *s, uint64_t now_ns, struct ci_done *done);
void ci_serial_tell_watchers(struct ci_serial *s, struct ci_done *done);

/* give.c */
bool ci_serial_line_idle(const struct ci_serial *s);
size_t ci_serial_line_unsent(const struct ci_serial *s);
/* DTR, RTS, break and hold as they are to be. */
void ci_serial_apply(struct ci_serial *s);
/* Of the write and character under way, what may go. */
void ci_serial_give(struct ci_serial *s, struct ci_done *done);
/* The same of all writes in the queue. */
void ci_serial_push(struct ci_serial *s, uint64_t now_ns, struct ci_done *done);
/* The write under way is over before its end. */
void ci_serial_cut_write(struct ci_serial *s, uint32_t status);
/* It was finished, however. */
void ci_serial_write_ended(struct ci_serial *s);

#endif
