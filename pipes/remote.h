/* SPDX-License-Identifier: MIT */
/* Asking the process that owns a name.  All of these block the calling thread until the owner
 * answers, 30 s at most when it does not. */
#ifndef PI_REMOTE_H
#define PI_REMOTE_H

#include <stdint.h>

#include "pipes/control.h"
#include "pipes/dir.h"
#include "pipes/pipe.h"

/* Like their namesakes in pipe.h; ERROR_FILE_NOT_FOUND: no process owns the name. */
uint32_t pi_remote_open(const struct pi_name *name, const struct pi_caller *caller,
                        struct pi_opened *opened);
uint32_t pi_remote_wait(const struct pi_name *name, uint32_t timeout_ms);
uint32_t pi_remote_counts(const char *key, uint32_t *count, uint32_t *most);
/* Sends one request to the owner of a name in one directory and leaves the answer in its place; on
 * success the connection is the caller's.
 */
uint32_t pi_remote_ask(enum pi_dir where, const char *key, struct pi_ctl *record,
                       uint32_t patience_ms, int *fd);

#endif
