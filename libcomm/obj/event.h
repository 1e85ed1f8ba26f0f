/* SPDX-License-Identifier: MIT */
/* Events: what operations are told to set.  Operations hold a reference, never a handle, so an
 * event may be closed while one is on its way. */
#ifndef CI_OBJ_EVENT_H
#define CI_OBJ_EVENT_H

#include <libcomm/types.h>

#include "libcomm/obj/object.h"

extern const struct ci_obj_ops ci_event_ops;

/* Unset.  Always under the lock: an operation that completed a moment ago publishes and sets in one
 * step under it, so a reset for the next operation cannot come between the two. */
void ci_event_reset(struct ci_obj *obj);
/* The same for who holds the lock (ci_obj_lock). */
void ci_event_lower(struct ci_obj *obj);
/* A look without the lock: set, and manual, so setting it again would change nothing. */
bool ci_event_stays_set(struct ci_obj *obj);
bool ci_event_manual(const struct ci_obj *obj);
ci_raise ci_event_raise;

/* A descriptor that is readable while the event is set.  Negative errno. */
int ci_event_export(struct ci_obj *obj);

#endif
