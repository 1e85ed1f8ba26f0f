/* SPDX-License-Identifier: MIT */
/* Names of pipes as programs write them, and the file names they stand for.
 *
 * \\.\pipe\NAME is a path and is normalised like one (slashes, dots, trailing dots and spaces);
 * \\?\pipe\NAME is taken as it is.  Case does not matter. */
#ifndef PI_NAME_H
#define PI_NAME_H

#include <stdbool.h>
#include <stddef.h>

#define PI_NAME_CHARS 256 /* of the whole path, as Windows counts */
#define PI_NAME_ROOM (PI_NAME_CHARS * 4 + 1)
#define PI_KEY_ROOM 208

struct pi_name {
    char spelled[PI_NAME_ROOM]; /* behind the prefix, UTF-8, case as given */
    char key[PI_KEY_ROOM];      /* the name of its files; never has a ':' */
};

enum pi_name_kind {
    PI_NAME_FOREIGN, /* no pipe's path */
    PI_NAME_ROOT,    /* \\.\pipe\ itself */
    PI_NAME_REMOTE,  /* on another machine */
    PI_NAME_LONG,
    PI_NAME_GOOD,
};

/* NAME is filled in for GOOD only. */
enum pi_name_kind pi_name_parse(const char *path, struct pi_name *name);
/* The key in memory of its own, or NULL: no memory. */
char *pi_name_key(const struct pi_name *name);
/* Whether CreateFile shall take a path for a pipe's. */
bool pi_name_claims(const char *path);

#endif
