/* SPDX-License-Identifier: MIT */
/* The part of the door to the kernel that names need: directories, links, who may and who belongs
 * where, and notices of changes in directories.  The rules are those of sys.h: a count or a
 * negative errno. */
#ifndef CI_PLAT_SYS_DIR_H
#define CI_PLAT_SYS_DIR_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct stat;

/* Calls `each` with every name in a directory but "." and "..", in no order, until it returns
 * false: 0, or a negative errno. */
int ci_sys_dir_each(const char *path, bool (*each)(const char *name, void *arg), void *arg);
/* The path without links and dots, terminated. */
int ci_sys_realpath(const char *path, char to[PATH_MAX]);
/* A small file as text, without white space at its end: its length.  What does not fit is cut. */
ssize_t ci_sys_read_text(const char *path, char *to, size_t room);

/* The name in /etc/group or /etc/passwd, or the number in digits. */
void ci_sys_group_name(gid_t group, char *to, size_t room);
void ci_sys_user_name(uid_t user, char *to, size_t room);
/* Whether this process acts for the group, and whether a new login of its user would. */
bool ci_sys_in_group(gid_t group);
bool ci_sys_joined_group(gid_t group);

/* inotify, non-blocking and close-on-exec. */
int ci_sys_inotify(void);
/* Watching a directory that is watched already only says so again: its number. */
int ci_sys_inotify_add(int fd, const char *path, uint32_t mask);

#endif
