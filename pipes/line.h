/* SPDX-License-Identifier: MIT */
/* An instance whose name another process owns: the line to that owner.  It stays as long as both
 * do; its end tells the owner that the instance is gone, or the instance that its owner is. */
#ifndef PI_LINE_H
#define PI_LINE_H

#include <stdint.h>

#include "pipes/pipe.h"

struct pi_line;

/* Asks the owner for one more instance.  Like pi_pipe_create; ERROR_FILE_NOT_FOUND: there is no
 * owner that answers. */
uint32_t pi_line_create(const struct pi_name *name, const struct pi_create *ask,
                        struct pi_end **made);
/* Under the names' lock: the instance listens again, or no more. */
void pi_line_enlist(struct pi_line *line);
void pi_line_unlist(struct pi_line *line);
/* Under the names' lock: the next client that the owner has sent gets to the end, or is refused if
 * that is NULL.  -EAGAIN: there is none; another negative errno: the owner is gone, or was just
 * taken to be, and the engine's thread will hear it too. */
int pi_line_take(struct pi_line *line, struct pi_end *end, struct ci_done *done);
/* The end does not know the line any more.  Blocks for a moment, until the owner has heard that the
 * instance is gone: who closes one may count on that. */
void pi_line_end(struct pi_line *line);

#endif
