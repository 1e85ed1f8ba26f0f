/* SPDX-License-Identifier: MIT */
/* A waiting thread's share in the engine: the lanes it serves itself while it waits.  It sleeps in
 * one ppoll on their descriptors and its own kick, and steps what became ready. */
#ifndef CI_PLAT_DRIVE_H
#define CI_PLAT_DRIVE_H

#include <poll.h>

#include "libcomm/plat/engine.h"
#include "libcomm/plat/poller.h"

#define CI_DRIVE_ROOM 64

/* One pump in a drive. */
struct ci_seat {
    struct ci_pump *pump; /* a reference; NULL once the seat was yielded */
    struct ci_park *park; /* whose seat it is */
    unsigned lanes;
    bool taken; /* the links are in the lanes' lists */
    bool ready;
    struct ci_seat_link {
        struct ci_list in_lane; /* guarded by the pump's lock */
        struct ci_park *park;
    } link[CI_LANES];
};

/* On the waiter's stack; only its thread touches it, but for the links. */
struct ci_drive {
    struct ci_park *park;
    unsigned seats, fds;
    uint64_t deadline_ns; /* earliest that any pump asked for */
    bool full;            /* there is more than fits: this wait drives nothing */
    /* The large array is last: the first elements, mostly the only ones, lie close together. */
    struct pollfd
        fd[CI_DRIVE_ROOM + 2]; /* the kick is last, before it the engine's set while exported */
    struct ci_seat *whose[CI_DRIVE_ROOM + 2];
    struct ci_seat seat[CI_DRIVE_ROOM];
};

static inline void ci_drive_init(struct ci_drive *drive, struct ci_park *park)
{
    drive->park = park;
    drive->seats = 0;
    drive->fds = 0;
    drive->deadline_ns = CI_NEVER;
    drive->full = false;
}

/* In two steps, because what is to be driven is found under locks that rank inside the pumps':
 * notes the lanes, with a reference to their pump that the caller knows to be alive; and takes a
 * seat in all that was noted, or, when that is more than one ppoll takes, in nothing. */
void ci_drive_note(struct ci_drive *drive, struct ci_pump *pump, unsigned lanes);
void ci_drive_enter(struct ci_drive *drive);
/* Whether there is anything to poll: while the engine is exported a waiter also stands in for the
 * foreign loop, which may be the very thread that waits. */
static inline bool ci_drive_busy(const struct ci_drive *drive)
{
    return drive->fds > 0 || drive->deadline_ns != CI_NEVER ||
           atomic_load_explicit(&ci_engine.exported, memory_order_acquire);
}
/* ARMED -> POLLING, one ppoll, -> ARMED, and steps what is ready.  May return early for no reason;
 * false when no kick is to be had, and then the caller must leave and sleep without driving. */
bool ci_drive_poll(struct ci_drive *drive, uint64_t deadline_ns);
/* For a pump's step, the pump's lock held: when the seat's wait has ended, as it mostly has by the
 * step itself, there is no need to come back for the lock, and the seat is given back at once.
 * True: the seat's reference is the caller's now. */
void ci_seat_give_back(struct ci_seat *seat);
static inline bool ci_seat_yield(struct ci_seat *seat)
{
    if (!ci_park_ended(ci_park_word(seat->park)))
        return false;
    ci_seat_give_back(seat);
    seat->pump = NULL;
    return true;
}
/* Steps everything once, without sleeping. */
void ci_drive_step(struct ci_drive *drive);
/* Gives back what was noted or taken; what is still pending goes to the engine.  The drive is empty
 * afterwards. */
void ci_drive_leave(struct ci_drive *drive);

#endif
