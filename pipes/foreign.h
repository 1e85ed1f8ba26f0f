/* SPDX-License-Identifier: MIT */
#ifndef PI_FOREIGN_H
#define PI_FOREIGN_H

#include <stdint.h>

#include "pipes/pipe.h"

/* A listening socket under the pipe's name that this library did not make: in our directory, or
 * where .NET programs have theirs.  Its server must be the same user or root.  Like pi_pipe_open;
 * the link is NULL. */
uint32_t pi_foreign_open(const struct pi_name *name, struct pi_opened *opened);
/* 0 when there is one. */
uint32_t pi_foreign_wait(const struct pi_name *name);

#endif
