/* SPDX-License-Identifier: MIT */
/* Entering, polling and leaving a drive.  The last driver of a lane hands what is pending to the
 * engine under the same lock under which a new operation would look for a driver, so no lane is
 * ever without both. */
#include "libcomm/plat/drive.h"

#include "libcomm/plat/engine.h"
#include "libcomm/plat/hint.h"
#include "libcomm/plat/sys.h"

/* ---- entering ---- */

static void seat_watch(struct ci_drive *drive, struct ci_seat *seat)
{
    unsigned lanes = seat->pump->pending & seat->lanes;
    struct ci_want want;

    if (lanes == 0)
        return;
    ci_want_init(&want);
    seat->pump->ops->interest(seat->pump, lanes, &want);
    if (drive->fds + want.count > CI_DRIVE_ROOM) {
        drive->full = true;
        return;
    }
    for (unsigned i = 0; i < want.count; i++) {
        short events = (short)(want.on[i].events & (POLLIN | POLLOUT | POLLPRI | POLLRDHUP));

        drive->fd[drive->fds] = (struct pollfd){.fd = want.on[i].source->fd, .events = events};
        drive->whose[drive->fds] = seat;
        drive->fds++;
    }
    if (want.deadline_ns < drive->deadline_ns)
        drive->deadline_ns = want.deadline_ns;
}

void ci_drive_note(struct ci_drive *drive, struct ci_pump *pump, unsigned lanes)
{
    struct ci_seat *seat;

    for (unsigned i = 0; i < drive->seats; i++) {
        if (drive->seat[i].pump == pump) {
            drive->seat[i].lanes |= lanes;
            return;
        }
    }
    if (drive->seats == CI_DRIVE_ROOM) {
        drive->full = true;
        return;
    }
    (void)pump->ops->hold(pump); /* cannot fail: what leads to the pump keeps it */
    seat = &drive->seat[drive->seats++];
    seat->pump = pump;
    seat->park = drive->park;
    seat->lanes = lanes;
    seat->taken = seat->ready = false;
}

static void seat_take(struct ci_seat *seat)
{
    struct ci_pump *pump = seat->pump;

    CI_LANE_EACH (i, seat->lanes) {
        struct ci_seat_link *link = &seat->link[i];

        link->park = seat->park;
        ci_list_append(&pump->lane[i].drivers, &link->in_lane);
    }
    seat->taken = true;
}

CI_APART static void drive_watch(struct ci_drive *drive)
{
    drive->fds = 0;
    drive->deadline_ns = CI_NEVER;
    for (unsigned i = 0; i < drive->seats; i++) {
        ci_lock(drive->seat[i].pump->lock);
        seat_watch(drive, &drive->seat[i]);
        ci_unlock(drive->seat[i].pump->lock);
    }
}

void ci_drive_enter(struct ci_drive *drive)
{
    for (unsigned i = 0; i < drive->seats && !drive->full; i++) {
        struct ci_seat *seat = &drive->seat[i];

        ci_lock(seat->pump->lock);
        seat_take(seat);
        seat_watch(drive, seat);
        ci_unlock(seat->pump->lock);
    }
    if (drive->full)
        ci_drive_leave(drive);
}

/* ---- stepping ---- */

static void seat_step(struct ci_seat *seat)
{
    seat->ready = false;
    seat->pump->ops->step(seat->pump, seat->lanes, seat);
}

void ci_drive_step(struct ci_drive *drive)
{
    for (unsigned i = 0; i < drive->seats; i++)
        seat_step(&drive->seat[i]);
}

static void drive_step_ready(struct ci_drive *drive, bool overdue)
{
    for (unsigned i = 0; i < drive->seats; i++)
        if (drive->seat[i].ready || overdue)
            seat_step(&drive->seat[i]);
    if (!ci_park_ended(ci_park_word(drive->park)))
        drive_watch(drive);
}

/* ---- polling ---- */

static uint64_t poll_timeout(const struct ci_drive *drive, uint64_t deadline_ns)
{
    uint64_t until = drive->deadline_ns < deadline_ns ? drive->deadline_ns : deadline_ns;

    return until == CI_NEVER ? CI_NEVER : ci_left_ns(until, ci_now_ns());
}

static unsigned drive_extras(struct ci_drive *drive, int kick)
{
    unsigned n = drive->fds;

    if (atomic_load_explicit(&ci_engine.exported, memory_order_acquire))
        drive->fd[n++] = (struct pollfd){.fd = ci_engine.epoll, .events = POLLIN};
    drive->fd[n++] = (struct pollfd){.fd = kick, .events = POLLIN};
    return n;
}

bool ci_drive_poll(struct ci_drive *drive, uint64_t deadline_ns)
{
    int kick = ci_park_kick(drive->park);
    bool ready = false, overdue;
    unsigned n;

    if (kick < 0)
        return false;
    n = drive_extras(drive, kick);
    if (!ci_park_move(drive->park, CI_PARK_ARMED, CI_PARK_POLLING))
        return true;
    if (ci_sys_poll(drive->fd, n, poll_timeout(drive, deadline_ns)) <= 0)
        n = 0;
    /* ARMED before stepping: what this thread completes itself then costs it no kick */
    ci_park_move(drive->park, CI_PARK_POLLING, CI_PARK_ARMED);
    for (unsigned i = 0; i < drive->fds && i < n; i++)
        if (drive->fd[i].revents != 0)
            ready = drive->whose[i]->ready = true;
    if (n > 0 && drive->fd[n - 1].revents != 0)
        ci_kick_clear(kick);
    if (n == drive->fds + 2 && drive->fd[drive->fds].revents != 0)
        ci_engine_dispatch();
    overdue = drive->deadline_ns != CI_NEVER && drive->deadline_ns <= ci_now_ns();
    if (ready || overdue)
        drive_step_ready(drive, overdue);
    return true;
}

/* ---- leaving ---- */

void ci_seat_give_back(struct ci_seat *seat)
{
    struct ci_pump *pump = seat->pump;
    bool orphaned = false;

    CI_LANE_EACH (i, seat->lanes) {
        struct ci_lane *lane = &pump->lane[i];

        ci_list_del(&seat->link[i].in_lane);
        if (!ci_list_empty(&lane->drivers))
            continue;
        if ((pump->pending & CI_LANE_BIT(i)) != 0) {
            ci_lane_refresh(pump, (enum ci_lane_id)i);
            lane->eager = lane->eager && !pump->standing; /* the next waiter will be here soon */
            orphaned = true;
        } else {
            lane->eager = false; /* served by its waiter: the next one probably will be too */
        }
    }
    if (orphaned)
        ci_pump_settle(pump);
}

static void seat_leave(struct ci_seat *seat)
{
    if (seat->pump == NULL)
        return;
    if (seat->taken) {
        ci_lock(seat->pump->lock);
        ci_seat_give_back(seat);
        ci_unlock(seat->pump->lock);
    }
    seat->pump->ops->release(seat->pump);
}

void ci_drive_leave(struct ci_drive *drive)
{
    for (unsigned i = 0; i < drive->seats; i++)
        seat_leave(&drive->seat[i]);
    ci_drive_init(drive, drive->park);
}

void ci_lane_disturb(struct ci_lane *lane, struct ci_wakes *wakes)
{
    CI_LIST_EACH (link, after, &lane->drivers)
        ci_park_disturb(CI_CONTAINER(link, struct ci_seat_link, in_lane)->park, wakes);
}
