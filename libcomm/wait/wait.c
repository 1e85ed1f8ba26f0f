/* SPDX-License-Identifier: MIT */
/* The wait itself.  Fast test, then a block in every object's list, then sleep - in ppoll when
 * there are lanes to drive, on the thread's own word when there are none.  Who moved the word
 * decided the wait; see park.h. */
#include "libcomm/wait/wait.h"

#include <libcomm/types.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/drive.h"
#include "libcomm/plat/engine.h"
#include "libcomm/plat/hint.h"
#include "libcomm/plat/sys.h"
#include "libcomm/wait/iocp.h"

/* One wait in progress, on its thread's stack. */
struct waiting {
    struct ci_thread *self;
    struct ci_obj *const *objs;
    unsigned count;
    bool all, alertable;
    unsigned linked; /* blocks made so far */
    uint64_t deadline_ns;
    struct ci_all_wait all_wait;
    struct ci_wait_block block[CI_WAIT_MOST];
    struct ci_drive drive;
};

/* ---- asking ---- */

/* *result is 0, or CI_WAIT_ABANDONED. */
CI_APART static bool one_take(struct ci_thread *self, struct ci_obj *obj, uint32_t *result)
{
    bool locked_all = ci_obj_lock(obj);
    bool taken = ci_obj_signaled(obj, self);

    if (taken) {
        *result = ci_obj_abandoned(obj) ? CI_WAIT_ABANDONED : 0;
        ci_obj_consume(obj, self);
    }
    ci_obj_unlock(obj, locked_all);
    return taken;
}

/* Takes the first signalled object, if any. */
static bool any_take(struct ci_thread *self, struct ci_obj *const *objs, unsigned count,
                     uint32_t *result)
{
    for (unsigned i = 0; i < count; i++) {
        if (objs[i]->ops->peek != NULL && !objs[i]->ops->peek(objs[i]))
            continue;
        if (one_take(self, objs[i], result)) {
            *result += i;
            return true;
        }
    }
    return false;
}

static void blocks_sort(struct ci_wait_block *block, unsigned count)
{
    for (unsigned i = 1; i < count; i++) {
        struct ci_wait_block moved = block[i];
        unsigned at = i;

        for (; at > 0 && (uintptr_t)block[at - 1].obj > (uintptr_t)moved.obj; at--)
            block[at] = block[at - 1];
        block[at] = moved;
    }
}

static void all_prepare(struct waiting *w)
{
    for (unsigned i = 0; i < w->count; i++)
        w->block[i] = (struct ci_wait_block){.obj = w->objs[i], .thread = w->self, .index = i};
    blocks_sort(w->block, w->count);
    for (unsigned i = 0; i < w->count; i++) /* only now: a link points to itself */
        ci_list_init(&w->block[i].link);
    w->all_wait = (struct ci_all_wait){.count = w->count, .block = w->block};
}

static bool all_take(struct waiting *w, enum ci_all_step step, uint32_t *result)
{
    bool taken;

    ci_lock(&ci_allwait);
    w->self->all_wait = &w->all_wait;
    taken = ci_all_try(w->self, &w->all_wait, step, result, NULL);
    ci_unlock(&ci_allwait);
    return taken;
}

static bool take(struct waiting *w, uint32_t *result)
{
    return w->all ? all_take(w, CI_ALL_PROBE, result)
                  : any_take(w->self, w->objs, w->count, result);
}

/* ---- what to drive ---- */

/* The object's lock is held. */
static void note_for_object(struct ci_drive *drive, struct ci_obj *obj)
{
    if (obj->pump != NULL)
        ci_drive_note(drive, obj->pump, CI_LANES_ALL);
    CI_LIST_EACH (link, after, &obj->drives) {
        struct ci_op_link *op = CI_CONTAINER(link, struct ci_op_link, by_obj);

        ci_drive_note(drive, op->pump, op->lanes);
        if (drive->full)
            break;
    }
}

static void note_for_routines(struct ci_drive *drive, struct ci_thread *self)
{
    ci_lock(&self->apclock);
    CI_LIST_EACH (link, after, &self->apc_ops) {
        struct ci_op_link *op = CI_CONTAINER(link, struct ci_op_link, by_thread);

        ci_drive_note(drive, op->pump, op->lanes);
        if (drive->full)
            break;
    }
    ci_unlock(&self->apclock);
}

static void note_for_objects(struct waiting *w)
{
    for (unsigned i = 0; i < w->count && !w->drive.full; i++) {
        ci_lock(&w->objs[i]->lock);
        note_for_object(&w->drive, w->objs[i]);
        ci_unlock(&w->objs[i]->lock);
    }
}

/* Takes seats in what was noted, and in what the routines of an alertable wait are for. */
static void drive_enter(struct waiting *w)
{
    if (w->alertable && !w->drive.full)
        note_for_routines(&w->drive, w->self);
    ci_drive_enter(&w->drive);
}

/* A wait that will not sleep still makes progress: one non-blocking step of what it depends on. */
static void drive_once(struct waiting *w)
{
    if (ci_engine_hands_off())
        return;
    ci_drive_init(&w->drive, &w->self->park);
    note_for_objects(w);
    drive_enter(w);
    ci_drive_step(&w->drive);
    ci_drive_leave(&w->drive);
}

/* ---- joining and leaving the objects' lists ---- */

/* False: an object turned out to be signalled, or the wait was ended meanwhile; the word says. */
static bool any_join(struct waiting *w)
{
    for (unsigned i = 0; i < w->count; i++) {
        struct ci_obj *obj = w->objs[i];
        struct ci_wait_block *block = &w->block[i];
        bool signaled, locked_all;

        *block = (struct ci_wait_block){.obj = obj, .thread = w->self, .index = i};
        ci_list_init(&block->link);
        locked_all = ci_obj_lock(obj);
        if (!ci_engine_hands_off() && !w->drive.full)
            note_for_object(&w->drive, obj);
        signaled = ci_obj_signaled(obj, w->self);
        if (signaled) {
            uint32_t result = i + (ci_obj_abandoned(obj) ? CI_WAIT_ABANDONED : 0);

            if (ci_park_end(&w->self->park, CI_PARK_SATISFIED + result, NULL))
                ci_obj_consume(obj, w->self);
        } else {
            ci_list_append(&obj->any, &block->link);
        }
        ci_obj_unlock(obj, locked_all);
        w->linked = i + 1;
        if (signaled || ci_park_ended(ci_park_word(&w->self->park)))
            return false;
    }
    return true;
}

static bool all_join(struct waiting *w)
{
    uint32_t result;

    if (all_take(w, CI_ALL_ENTER, &result)) {
        ci_park_end(&w->self->park, CI_PARK_SATISFIED + result, NULL);
        return false;
    }
    w->linked = w->count;
    if (!ci_engine_hands_off())
        note_for_objects(w);
    return true;
}

/* The satisfier unlinked its own block before it ended the wait, so that one needs no lock - but
 * for an object with an owner, whose books must be in order before the owner goes on. */
static void any_leave(struct waiting *w, uint32_t word)
{
    uint32_t index =
        word >= CI_PARK_SATISFIED ? (word - CI_PARK_SATISFIED) % CI_WAIT_ABANDONED : UINT32_MAX;

    for (unsigned i = 0; i < w->linked; i++) {
        struct ci_obj *obj = w->block[i].obj;

        if (i == index && obj->ops->abandoned == NULL)
            continue;
        ci_lock(&obj->lock);
        ci_list_del(&w->block[i].link);
        ci_unlock(&obj->lock);
    }
}

/* A signaller may be looking at the blocks for as long as it holds allwait. */
static void all_leave(struct waiting *w)
{
    ci_lock(&ci_allwait);
    ci_all_leave(&w->all_wait);
    w->self->all_wait = NULL;
    ci_unlock(&ci_allwait);
}

/* ---- alertable ---- */

bool ci_alertable_begin(struct ci_thread *self)
{
    bool none;

    ci_lock(&self->apclock);
    none = ci_list_empty(&self->apcs);
    self->alertable = none;
    ci_unlock(&self->apclock);
    return none;
}

void ci_alertable_end(struct ci_thread *self)
{
    ci_lock(&self->apclock);
    self->alertable = false;
    ci_unlock(&self->apclock);
}

/* ---- sleeping ---- */

static bool out_of_time(const struct waiting *w)
{
    return w->deadline_ns != CI_NEVER && ci_now_ns() >= w->deadline_ns;
}

/* A new operation on something this wait is for: gives the seats back and collects again. */
static void drive_again(struct waiting *w)
{
    ci_drive_leave(&w->drive);
    note_for_objects(w);
    drive_enter(w);
}

static void sleep_until_ended(struct waiting *w)
{
    struct ci_park *park = &w->self->park;
    bool driving = !ci_engine_hands_off();
    uint32_t word;

    if (driving)
        drive_enter(w);
    while (word = ci_park_word(park), !ci_park_ended(word)) {
        if (word == CI_PARK_STALE && ci_park_move(park, CI_PARK_STALE, CI_PARK_ARMED)) {
            if (driving)
                drive_again(w);
        } else if (out_of_time(w)) {
            if (ci_park_give_up(park))
                break;
        } else if (driving && ci_drive_busy(&w->drive)) {
            driving = ci_drive_poll(&w->drive, w->deadline_ns);
            if (!driving)
                ci_drive_leave(&w->drive); /* no descriptor for a kick: the engine does the work */
        } else {
            ci_park_sleep(park, w->deadline_ns);
        }
    }
}

/* The waiter has joined; sleeps, leaves, and says what ended it. */
static uint32_t wait_out(struct waiting *w, bool joined)
{
    struct ci_thread *self = w->self;
    int cancel_state;
    uint32_t word;

    cancel_state = ci_sys_cancel_off();
    if (joined) {
        if (self->port != NULL)
            ci_port_blocks(self);
        sleep_until_ended(w);
        if (self->port != NULL)
            ci_port_resumes(self);
    }
    ci_drive_leave(&w->drive);
    word = ci_park_word(&self->park);
    if (w->all)
        all_leave(w);
    else
        any_leave(w, word);
    if (w->alertable)
        ci_alertable_end(self);
    ci_park_leave(&self->park);
    ci_sys_cancel_restore(cancel_state);
    return word;
}

static uint32_t result_of(struct ci_thread *self, uint32_t word)
{
    if (word == CI_PARK_APC) {
        ci_apcs_run(self);
        return WAIT_IO_COMPLETION;
    }
    return word >= CI_PARK_SATISFIED ? word - CI_PARK_SATISFIED : WAIT_TIMEOUT;
}

/* ---- the wait ---- */

static bool alert_now(const struct waiting *w)
{
    return w->alertable && ci_apcs_waiting(w->self) && ci_apcs_run(w->self);
}

static uint32_t wait_poll(struct waiting *w)
{
    uint32_t result;

    drive_once(w);
    if (take(w, &result))
        return result;
    return alert_now(w) ? WAIT_IO_COMPLETION : WAIT_TIMEOUT;
}

/* Only after joining the objects' lists may an APC end the wait: an object that was signalled first
 * must win. */
static uint32_t wait_joined(struct waiting *w, bool joined)
{
    struct ci_thread *self = w->self;

    if (joined && w->alertable && !ci_alertable_begin(self) && ci_park_give_up(&self->park)) {
        (void)wait_out(w, false);
        ci_apcs_run(self);
        return WAIT_IO_COMPLETION;
    }
    return result_of(self, wait_out(w, joined));
}

static uint32_t wait_block(struct waiting *w)
{
    ci_park_arm(&w->self->park);
    return wait_joined(w, w->all ? all_join(w) : any_join(w));
}

uint32_t ci_wait(struct ci_thread *self, struct ci_obj *const *objs, unsigned count, unsigned flags,
                 uint32_t timeout_ms)
{
    struct waiting w; /* large, and only as much of it is touched as the wait needs */
    uint32_t result;

    if ((flags & CI_WAIT_ALL) == 0 && any_take(self, objs, count, &result))
        return result;
    w.self = self;
    w.objs = objs;
    w.count = count;
    w.all = (flags & CI_WAIT_ALL) != 0;
    w.alertable = (flags & CI_WAIT_ALERTABLE) != 0;
    w.linked = 0;
    ci_drive_init(&w.drive, &self->park);
    if (w.all) {
        all_prepare(&w);
        if (all_take(&w, CI_ALL_PROBE, &result))
            return result;
    }
    if (alert_now(&w))
        return WAIT_IO_COMPLETION;
    if (timeout_ms == 0)
        return wait_poll(&w);
    w.deadline_ns = ci_deadline_ns(timeout_ms);
    return wait_block(&w);
}

void ci_wait_probe(struct ci_thread *self, struct ci_obj *obj)
{
    struct waiting w;

    w.self = self;
    w.objs = &obj;
    w.count = 1;
    w.all = w.alertable = false;
    drive_once(&w);
}

void ci_wait_disturb(struct ci_obj *obj, struct ci_wakes *wakes)
{
    ci_lock(&obj->lock);
    CI_LIST_EACH (link, after, &obj->any)
        ci_park_disturb(&CI_CONTAINER(link, struct ci_wait_block, link)->thread->park, wakes);
    CI_LIST_EACH (link, after, &obj->all)
        ci_park_disturb(&CI_CONTAINER(link, struct ci_wait_block, link)->thread->park, wakes);
    ci_unlock(&obj->lock);
}

/* ---- SignalObjectAndWait's second half ---- */

static void second_enter(struct ci_obj *second, void *ctx)
{
    struct waiting *w = ctx;
    struct ci_wait_block *block = &w->block[0];

    *block = (struct ci_wait_block){.obj = second, .thread = w->self, .index = 0};
    ci_list_init(&block->link);
    w->linked = 1;
    if (!ci_engine_hands_off())
        note_for_object(&w->drive, second);
    if (ci_obj_signaled(second, w->self)) {
        uint32_t result = ci_obj_abandoned(second) ? CI_WAIT_ABANDONED : 0;

        if (ci_park_end(&w->self->park, CI_PARK_SATISFIED + result, NULL))
            ci_obj_consume(second, w->self);
    } else {
        ci_list_append(&second->any, &block->link);
    }
}

uint32_t ci_signal_and_wait(struct ci_thread *self, struct ci_obj *first, ci_raise *raise,
                            void *arg, struct ci_obj *second, unsigned flags, uint32_t timeout_ms,
                            uint32_t *error)
{
    struct waiting w;
    struct ci_wakes wakes;

    w.self = self;
    w.objs = &second;
    w.count = 1;
    w.all = false;
    w.alertable = (flags & CI_WAIT_ALERTABLE) != 0;
    w.deadline_ns = ci_deadline_ns(timeout_ms);
    ci_drive_init(&w.drive, &self->park);
    ci_wakes_init(&wakes);
    ci_park_arm(&self->park);
    *error = ci_signal_then(first, raise, arg, second, second_enter, &w, &wakes);
    ci_wakes_deliver(&wakes);
    if (*error != 0) {
        ci_park_leave(&self->park);
        return WAIT_FAILED;
    }
    return wait_joined(&w, !ci_park_ended(ci_park_word(&self->park)));
}
