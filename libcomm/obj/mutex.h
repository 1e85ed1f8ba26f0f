/* SPDX-License-Identifier: MIT */
/* Mutexes: owned by a thread, taken as often as it likes, abandoned when it ends. */
#ifndef CI_OBJ_MUTEX_H
#define CI_OBJ_MUTEX_H

#include "libcomm/obj/object.h"

extern const struct ci_obj_ops ci_mutex_ops;
/* One release by the calling thread; `arg` is its struct ci_thread.  ERROR_NOT_OWNER for a
 * stranger. */
ci_raise ci_mutex_release;

#endif
