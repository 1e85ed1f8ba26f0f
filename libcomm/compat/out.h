/* SPDX-License-Identifier: MIT */
/* How the calls that tell a path or a variable hand over their text. */
#ifndef CI_COMPAT_OUT_H
#define CI_COMPAT_OUT_H

#include <stdbool.h>
#include <stdint.h>

/* Writes text, which is UTF-8, to a buffer of either width and returns its length; when the room
 * is too small, nothing is written and the room that is needed is returned, the NUL counted. */
uint32_t ci_out_text(const char *text, void *buffer, uint32_t room, bool wide);

#endif
