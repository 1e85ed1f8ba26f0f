/* SPDX-License-Identifier: MIT */
/* Handles: the only place where a HANDLE becomes a pointer.  A handle is generation and index, so a
 * value that was closed stays wrong for a long time after its slot is used again. */
#ifndef CI_OBJ_HANDLE_H
#define CI_OBJ_HANDLE_H

#include <libcomm/types.h>

#include "libcomm/obj/object.h"

/* A new handle to an open or new object; the object gets a reference of its own.  NULL with the
 * last error set when there is no memory or no slot, or when the object's last handle is closed
 * already. */
HANDLE ci_handle_new(struct ci_obj *obj, uint32_t access, bool inherit);

/* What a creating call ends with: a handle for `obj` and the caller's reference given up, in either
 * case. */
HANDLE ci_handle_give(struct ci_obj *obj, uint32_t access, bool inherit);

/* A reference to what the handle names, or NULL with the last error set: 6 when the handle is stale
 * or names something with other ops (ops NULL: anything), 5 when it lacks a right in `access`. */
struct ci_obj *ci_handle_get(HANDLE handle, const struct ci_obj_ops *ops, uint32_t access);
/* The same and also resolves GetCurrentProcess() and GetCurrentThread(). */
struct ci_obj *ci_handle_get_pseudo(HANDLE handle, const struct ci_obj_ops *ops, uint32_t access);
/* Like ci_handle_get but leaves the last error alone; *granted gets the handle's rights. */
struct ci_obj *ci_handle_find(HANDLE handle, uint32_t *granted);

#endif
