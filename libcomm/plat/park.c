/* SPDX-License-Identifier: MIT */
/* Ending, disturbing and sleeping through a wait, and the pool of kicks.  Only the owner moves its
 * word among the sleeping states; everybody else only moves it out of them. */
#include "libcomm/plat/park.h"

#include <errno.h>
#include <string.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/lock.h"
#include "libcomm/plat/sys.h"

void ci_park_init(struct ci_park *park)
{
    ci_park_leave(park);
    atomic_store(&park->kick, -1);
}

/* ---- ending somebody's wait ---- */

static bool needs_wake(uint32_t was)
{
    return was == CI_PARK_ASLEEP || was == CI_PARK_POLLING;
}

static void wake(struct ci_park *park, uint32_t was)
{
    if (was == CI_PARK_ASLEEP)
        ci_sys_futex_wake(&park->word, 1);
    else
        ci_kick_ring(atomic_load(&park->kick));
}

void ci_wake_owed(struct ci_wakes *wakes, struct ci_park *park, uint32_t was)
{
    if (!needs_wake(was))
        return;
    if (wakes->count == CI_WAKES_ROOM) {
        wake(park, was);
        return;
    }
    wakes->owed[wakes->count].park = park;
    wakes->owed[wakes->count].was = was;
    wakes->count++;
}

bool ci_park_end(struct ci_park *park, uint32_t ended, struct ci_wakes *wakes)
{
    uint32_t was = ci_park_word(park);

    while (ci_park_open(was)) {
        if (atomic_compare_exchange_weak(&park->word, &was, ended)) {
            ci_wake_owed(wakes, park, was);
            return true;
        }
    }
    return false;
}

void ci_park_disturb(struct ci_park *park, struct ci_wakes *wakes)
{
    uint32_t was = ci_park_word(park);

    while (was == CI_PARK_ARMED || needs_wake(was)) {
        if (atomic_compare_exchange_weak(&park->word, &was, CI_PARK_STALE)) {
            ci_wake_owed(wakes, park, was);
            return;
        }
    }
}

void ci_wakes_deliver_all(struct ci_wakes *wakes)
{
    for (unsigned i = 0; i < wakes->count; i++)
        wake(wakes->owed[i].park, wakes->owed[i].was);
    wakes->count = 0;
}

/* ---- the owner's side ---- */

bool ci_park_give_up(struct ci_park *park)
{
    uint32_t was = ci_park_word(park);

    while (ci_park_open(was))
        if (atomic_compare_exchange_weak(&park->word, &was, CI_PARK_RUNNING))
            return true;
    return false;
}

void ci_park_sleep(struct ci_park *park, uint64_t deadline_ns)
{
    if (!ci_park_move(park, CI_PARK_ARMED, CI_PARK_ASLEEP))
        return;
    ci_sys_futex_wait(&park->word, CI_PARK_ASLEEP, deadline_ns);
    ci_park_move(park, CI_PARK_ASLEEP, CI_PARK_ARMED);
}

int ci_park_kick(struct ci_park *park)
{
    int fd = atomic_load(&park->kick);

    if (fd < 0) {
        fd = ci_kick_get();
        if (fd >= 0)
            atomic_store(&park->kick, fd);
    }
    return fd;
}

/* ---- kicks ---- */

static struct {
    struct ci_lock lock;
    int *idle;      /* guarded by lock; has room for every kick ever made */
    int *all;       /* guarded by lock; behind idle in the same memory: every kick ever made */
    unsigned count; /* guarded by lock: of the idle ones */
    unsigned made;  /* guarded by lock */
} kicks = {.lock = CI_LOCK_INIT(CI_RANK_LEAF)};

__attribute__((constructor)) static void kicks_setup(void)
{
    ci_fork_lock_add(&kicks.lock);
}

static int kick_pop_locked(void)
{
    return kicks.count > 0 ? kicks.idle[--kicks.count] : -EAGAIN;
}

/* Room to give it back is made together with the kick, so that giving back cannot fail. */
static int kick_make_locked(void)
{
    unsigned room = kicks.made + 1;
    int *idle = ci_sys_alloc(2 * room * sizeof *idle);
    int fd = idle == NULL ? -ENOMEM : ci_sys_eventfd();

    if (fd < 0) {
        ci_sys_free(idle);
        return fd;
    }
    if (kicks.made > 0) {
        memcpy(idle, kicks.idle, kicks.count * sizeof *idle);
        memcpy(idle + room, kicks.all, kicks.made * sizeof *idle);
    }
    ci_sys_free(kicks.idle);
    kicks.idle = idle;
    kicks.all = idle + room;
    kicks.all[kicks.made++] = fd;
    return fd;
}

int ci_kick_get(void)
{
    int fd;

    ci_lock(&kicks.lock);
    fd = kick_pop_locked();
    if (fd < 0)
        fd = kick_make_locked();
    ci_unlock(&kicks.lock);
    return fd;
}

void ci_kick_put(int fd)
{
    ci_kick_clear(fd);
    ci_lock(&kicks.lock);
    kicks.idle[kicks.count++] = fd;
    ci_unlock(&kicks.lock);
}

void ci_kick_ring(int fd)
{
    uint64_t one = 1;

    (void)ci_sys_write(fd, &one, sizeof one); /* EAGAIN: rung 2^64 times already, it is readable */
}

void ci_kick_clear(int fd)
{
    uint64_t count;

    (void)ci_sys_read(fd, &count, sizeof count); /* EAGAIN: another thread emptied it */
}

unsigned ci_kicks_made(void)
{
    unsigned made;

    ci_lock(&kicks.lock);
    made = kicks.made;
    ci_unlock(&kicks.lock);
    return made;
}

void ci_kicks_forget(void)
{
    for (unsigned i = 0; i < kicks.made; i++)
        ci_sys_close(kicks.all[i]);
    kicks.count = 0;
    kicks.made = 0;
}
