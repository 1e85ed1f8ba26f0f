/* SPDX-License-Identifier: MIT */
/* A file as the engine sees it: a pump with up to three lanes (read, write, control) and up to
 * three sources (descriptors).  A pending lane is driven by a waiting thread, or else stands in the
 * engine's undriven list until it is old enough to be armed in the engine's epoll set.  States as
 * in tests/model/driver.pml. */
#ifndef CI_PLAT_POLLER_H
#define CI_PLAT_POLLER_H

#include <stdbool.h>
#include <stdint.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/engine.h"
#include "libcomm/plat/list.h"
#include "libcomm/plat/lock.h"
#include "libcomm/plat/park.h"
#include "libcomm/plat/timer.h"

enum ci_lane_id { CI_LANE_READ, CI_LANE_WRITE, CI_LANE_CONTROL, CI_LANES };
#define CI_LANE_BIT(lane) (1u << (lane))
#define CI_LANES_ALL ((1u << CI_LANES) - 1)
/* Lanes are few, and mostly one is meant: visits those in a set, by number. */
#define CI_LANE_EACH(lane, lanes)                                           \
    for (unsigned ci_left = (lanes), lane;                                  \
         ci_left != 0 && ((lane) = (unsigned)__builtin_ctz(ci_left), true); \
         ci_left &= ci_left - 1)
#define CI_SOURCES 3

struct ci_pump;
struct ci_seat;

struct ci_source {
    struct ci_pump *pump;
    int fd;          /* -1: none */
    uint64_t number; /* slot and generation, what epoll carries; fixed while open */
    uint32_t armed; /* events of the engine's one-shot; 0 when spent.  Guarded by the pump's lock */
    uint32_t gated; /* events registered in the port's set.  Guarded by the pump's lock */
    bool known;     /* is in the engine's epoll set.  Guarded by the pump's lock */
};

struct ci_lane {
    struct ci_list drivers;  /* seats of waiting threads; guarded by the pump's lock */
    struct ci_list undriven; /* link; guarded by the engine's lock */
    struct ci_pump *pump;    /* fixed */
    uint32_t stamp;          /* epoch since which nobody drives it; guarded by the pump's lock */
    bool queued;  /* stands in the undriven list, or is being taken from it; pump's lock */
    bool engaged; /* counts as a user of the engine; pump's lock */
    bool eager;   /* the engine served it last: arm at once next time; pump's lock */
};

/* What a pump wants watched for some of its lanes. */
struct ci_want {
    unsigned count;
    struct {
        struct ci_source *source;
        uint32_t events;
    } on[CI_SOURCES];
    uint64_t deadline_ns; /* step again at this time even if nothing happens */
};

static inline void ci_want_init(struct ci_want *want)
{
    want->count = 0;
    want->deadline_ns = CI_NEVER;
}

struct ci_pump_ops {
    /* Adds to *want.  The pump's lock is held. */
    void (*interest)(struct ci_pump *pump, unsigned lanes, struct ci_want *want);
    /* Does every non-blocking thing that can be done now.  Called without locks, and owes nothing
     * when it returns.  `seat`: of the thread that steps, to be offered to ci_seat_yield() under
     * the same hold of the lock; or NULL. */
    void (*step)(struct ci_pump *pump, unsigned lanes, struct ci_seat *seat);
    /* A reference; false when the pump is already on its way out. */
    bool (*hold)(struct ci_pump *pump);
    void (*release)(struct ci_pump *pump);
};

/* For a pump that has deadlines: while nobody drives it, the engine's timer keeps them. */
struct ci_pump_clock {
    struct ci_timer timer;
    struct ci_pump *pump; /* fixed */
    uint64_t at_ns; /* when the timer will fire, or is firing; CI_NEVER: not armed.  Guarded by the
                       pump's lock */
};

struct ci_pump {
    const struct ci_pump_ops *ops;
    struct ci_pump_clock *clock; /* NULL: it has no deadlines; fixed */
    bool standing;               /* a lane is pending as long as it is open; fixed */
    struct ci_lock *lock;        /* of the file this is part of */
    struct ci_pump
        *via;      /* the completion port that watches the sources, or NULL; set once, under lock */
    int via_epoll; /* its epoll set */
    unsigned pending; /* lanes that want service; guarded by lock */
    struct ci_lane lane[CI_LANES];
    struct ci_source source[CI_SOURCES];
};

void ci_pump_init(struct ci_pump *pump, const struct ci_pump_ops *ops, struct ci_lock *lock);
/* Before it is used: 0 or -ENOMEM.  The clock goes with the pump. */
int ci_pump_add_clock(struct ci_pump *pump, struct ci_pump_clock *clock);
/* Reserves what watching fd will need: -ENOMEM, or 0. */
int ci_pump_add_source(struct ci_pump *pump, unsigned index, int fd);
/* The same while the pump is in use, under its lock.  Who drives the pump is to be disturbed. */
int ci_source_open(struct ci_pump *pump, unsigned index, int fd);
/* The descriptor leaves every epoll set and can be closed.  The lock is held. */
void ci_source_close(struct ci_pump *pump, unsigned index);
/* Takes the pump out of every list and epoll set.  The lock is not held; the descriptors are still
 * open. */
void ci_pump_fini(struct ci_pump *pump);

/* The lock is held.  A lane is about to have something pending that needs the engine's thread to be
 * there: 0, or a negative errno, and then it must not. */
static inline int ci_lane_engage(struct ci_lane *lane)
{
    int error = lane->engaged ? 0 : ci_engine_enter();

    lane->engaged = error == 0;
    return error;
}
void ci_lane_disengage(struct ci_lane *lane);
/* The lock is held.  A lane has, or no longer has, something pending; then make sure somebody
 * cares.  An engaged lane lets go of the engine once nothing is pending - at the tick, if it still
 * stands in the undriven list then, so that a lane in steady use counts itself once and not for
 * each operation. */
static inline void ci_lane_pending(struct ci_pump *pump, enum ci_lane_id lane, bool pending)
{
    if (pending) {
        pump->pending |= CI_LANE_BIT(lane);
        return;
    }
    pump->pending &= ~CI_LANE_BIT(lane);
    if (!pump->lane[lane].queued)
        ci_lane_disengage(&pump->lane[lane]);
}
/* A lane's oldest operation is new: its age starts now. */
static inline void ci_lane_refresh(struct ci_pump *pump, enum ci_lane_id lane)
{
    pump->lane[lane].stamp = atomic_load_explicit(&ci_engine.epoch, memory_order_relaxed);
}
/* The caller has looked after a standing lane himself: the engine need not, for a tick or two. */
static inline void ci_lane_tended(struct ci_pump *pump, enum ci_lane_id lane)
{
    ci_lane_refresh(pump, lane);
    pump->lane[lane].eager = false;
}
void ci_pump_settle(struct ci_pump *pump);
/* What the lane wants has changed: whoever drives it looks again. */
void ci_lane_disturb(struct ci_lane *lane, struct ci_wakes *wakes);
/* The last handle is gone: leave the undriven list at once, so that the descriptor can be closed.
 */
void ci_pump_withdraw(struct ci_pump *pump);

/* From now on a port's epoll set watches the sources.  The lock is held.  Negative errno, or 0. */
int ci_pump_attach(struct ci_pump *pump, struct ci_pump *via, int via_epoll);

/* Serves up to 64 events from an epoll set: `from_engine` spends one-shots and leaves driven lanes
 * alone. */
struct epoll_event;
void ci_sources_serve(const struct epoll_event *events, int count, bool from_engine);

/* What the engine thread's tick found. */
struct ci_tick {
    bool old;  /* lanes that had waited long enough, and were armed */
    bool bare; /* lanes that nobody drives, but not for long */
    bool left; /* the list is not empty: that, or newcomers */
};

/* Arms what has waited long enough. */
struct ci_tick ci_undriven_tick(void);
/* Arms everything at once (the engine is being exported). */
void ci_undriven_arm_all(void);
/* In a child after fork. */
void ci_sources_forget(void);

#endif
