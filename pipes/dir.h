/* SPDX-License-Identifier: MIT */
/* The directory in which pipes have their files: $LIBCOMM_PIPE_DIR, else one of this user's own
 * that nobody else can enter.  It is looked at anew each time, since a program may change its mind.
 */
#ifndef PI_DIR_H
#define PI_DIR_H

#include <stdbool.h>
#include <stddef.h>

/* Its descriptor, or a negative errno: -ENOENT when there is none and `make` is false, -EACCES when
 * what is there cannot be trusted. */
int pi_dir_open(bool make);
/* "D/name" by way of the descriptor, short enough for a socket's address when the name is. */
void pi_dir_path(char *path, size_t room, int dir, const char *name);
/* Where .NET programs look for the pipe; false: nowhere. */
bool pi_dir_corefx(char *path, size_t room, const char *spelled);

#endif
