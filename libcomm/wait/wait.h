/* SPDX-License-Identifier: MIT */
/* Waiting: for one object, any of several, all of several, or only for APCs; and driving,
 * meanwhile, the operations that will signal what is waited for.  All blocking calls of the library
 * end here. */
#ifndef CI_WAIT_WAIT_H
#define CI_WAIT_WAIT_H

#include <stdbool.h>
#include <stdint.h>

#include "libcomm/obj/object.h"
#include "libcomm/obj/thread.h"

enum ci_wait_flags {
    CI_WAIT_ALL = 1,
    CI_WAIT_ALERTABLE = 2,
};

/* Waits for up to CI_WAIT_MOST objects, which the caller holds; count 0 waits for an APC or the
 * time.  Returns WAIT_OBJECT_0 + i, WAIT_ABANDONED_0 + i, WAIT_IO_COMPLETION (the APCs have run) or
 * WAIT_TIMEOUT.  For CI_WAIT_ALL the objects must differ. */
uint32_t ci_wait(struct ci_thread *self, struct ci_obj *const *objs, unsigned count, unsigned flags,
                 uint32_t timeout_ms);

/* One operation's lanes, stepped once without sleeping, unless waiters are to leave I/O alone. */
void ci_wait_probe(struct ci_thread *self, struct ci_obj *obj);

/* For a completion port's own waits: begins and ends the part of an alertable wait in which an APC
 * may end it. begin returns false when APCs are there already. */
bool ci_alertable_begin(struct ci_thread *self);
void ci_alertable_end(struct ci_thread *self);

/* SignalObjectAndWait: *error is what the signal ended with; then nothing was waited for. */
uint32_t ci_signal_and_wait(struct ci_thread *self, struct ci_obj *first, ci_raise *raise,
                            void *arg, struct ci_obj *second, unsigned flags, uint32_t timeout_ms,
                            uint32_t *error);

/* Somebody attached an operation to `obj`: its sleeping waiters look again at what they drive. */
void ci_wait_disturb(struct ci_obj *obj, struct ci_wakes *wakes);

#endif
