/* SPDX-License-Identifier: MIT */
/* Names of events, mutexes, semaphores and timers: one name space inside the process.  A name lives
 * as long as some handle to its object is open. */
#ifndef CI_OBJ_NAME_H
#define CI_OBJ_NAME_H

#include <libcomm/types.h>

#include "libcomm/obj/object.h"

/* How a creating call ends for an object that may have a name (NULL or empty: none).  `made` is new
 * and the caller's reference to it is given up.  An object of this name and type exists already:
 * its handle, and last error 183; another type: NULL and 6; a new one: last error 0.  The name is
 * UTF-8 or UTF-16, the other NULL. */
HANDLE ci_name_create(struct ci_obj *made, const char *name, const WCHAR *wide, uint32_t access,
                      const SECURITY_ATTRIBUTES *attributes);
/* Open by name: NULL with 2 (no such name), 6 (other type) or 87 (no name given). */
HANDLE ci_name_open(const struct ci_obj_ops *ops, const char *name, const WCHAR *wide,
                    uint32_t access, bool inherit);
/* One handle less.  Whether that was the last; then the name, if any, is free again. */
bool ci_name_close(struct ci_obj *obj);

#endif
