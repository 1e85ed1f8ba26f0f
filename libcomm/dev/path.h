/* SPDX-License-Identifier: MIT */
/* Names as programs give them, and the Linux paths they mean.
 *
 * There are no drive letters: "C:x" is a file of that name.  "\\?\" and "\\.\" in front of a path
 * are dropped.  A backslash separates, as a slash does, unless a file with exactly that name
 * exists: then the name means that file, so that nothing on the disk is out of reach.  NUL, CONIN$
 * and CONOUT$ are devices, in any case and in any directory-less form; "./NUL" is a file. */
#ifndef CI_DEV_PATH_H
#define CI_DEV_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include <libcomm/types.h>

/* The UTF-8 of a UTF-16 name, or NULL: no memory.  The caller frees it with ci_sys_free(). */
char *ci_path_narrow(const WCHAR *name);
/* The Linux path a name means: NULL with *error set (a Win32 code) when it means none.  The caller
 * frees it. */
char *ci_path_of(const char *name, bool devices, uint32_t *error);
/* Why a path could not be found: ERROR_PATH_NOT_FOUND when its directory is missing already. */
uint32_t ci_path_error(const char *path, int error);

#endif
