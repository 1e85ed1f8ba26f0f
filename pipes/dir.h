/* SPDX-License-Identifier: MIT */
/* The directories in which pipes have their files: this user's own, which nobody else can enter,
 * and the machine's, for pipes that are open to all; or $LIBCOMM_PIPE_DIR and no other.  They are
 * looked at anew each time, since a program may change its mind. */
#ifndef PI_DIR_H
#define PI_DIR_H

#include <stdbool.h>
#include <stddef.h>

enum pi_dir {
    PI_DIR_OWN,
    PI_DIR_MACHINE, /* root makes it; one that is not to be trusted or entered is none */
    PI_DIRS
};

/* Where that is; tests have another. */
extern const char *pi_dir_machine;

/* Its descriptor, or a negative errno: -ENOENT when there is none and `make` is false, -EACCES when
 * what is there cannot be trusted. */
int pi_dir_open(enum pi_dir which, bool make);
/* Where a pipe belongs that is open to all: the machine's directory, if there is one. */
enum pi_dir pi_dir_for_all(void);
/* "D/name" by way of the descriptor, short enough for a socket's address when the name is. */
void pi_dir_path(char *path, size_t room, int dir, const char *name);
/* Where .NET programs look for the pipe; false: nowhere. */
bool pi_dir_corefx(char *path, size_t room, const char *spelled);

#endif
