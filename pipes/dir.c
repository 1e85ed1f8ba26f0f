/* SPDX-License-Identifier: MIT */
/* Finding, making and distrusting the directories. */
#include "pipes/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_socket.h"

#define PATH_ROOM 4096

/* ---- which one ---- */

static bool runtime_dir(char *path, size_t room)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    struct stat st;

    if (runtime == NULL || runtime[0] != '/' || ci_sys_stat(runtime, &st) != 0)
        return false;
    if (!S_ISDIR(st.st_mode) || st.st_uid != ci_sys_uid() || (st.st_mode & 077) != 0)
        return false;
    return snprintf(path, room, "%s/libcomm/pipe", runtime) < (int)room;
}

const char *pi_dir_machine = "/run/libcomm/pipe";

static int where(enum pi_dir which, char *path, size_t room)
{
    const char *wish = getenv("LIBCOMM_PIPE_DIR");
    bool wished = wish != NULL && wish[0] != '\0';
    int len;

    if (which == PI_DIR_MACHINE && wished)
        return -ENOENT;
    if (which == PI_DIR_MACHINE)
        len = snprintf(path, room, "%s", pi_dir_machine);
    else if (wished)
        len = snprintf(path, room, "%s", wish);
    else if (runtime_dir(path, room))
        return 0;
    else
        len = snprintf(path, room, "/tmp/libcomm-%u/pipe", ci_sys_uid());
    return len < (int)room ? 0 : -ENAMETOOLONG;
}

/* ---- may it be trusted ---- */

/* Ours and closed to others; or root's, where nobody can remove what is not his. */
static bool trusted(enum pi_dir which, int fd)
{
    struct stat st;

    if (ci_sys_fstat(fd, &st) != 0 || !S_ISDIR(st.st_mode))
        return false;
    if (which == PI_DIR_OWN && st.st_uid == ci_sys_uid() && (st.st_mode & 0777) == 0700)
        return true;
    return st.st_uid == 0 && ((st.st_mode & 022) == 0 || (st.st_mode & S_ISVTX) != 0);
}

static int open_trusted(enum pi_dir which, const char *path)
{
    int fd = ci_sys_open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);

    if (fd < 0)
        return fd == -ENOTDIR || fd == -ELOOP ? -EACCES : fd;
    if (trusted(which, fd))
        return fd;
    ci_sys_close(fd);
    return -EACCES;
}

/* ---- making ---- */

/* The directory and the one above it, each only for us. */
static int make_dirs(char *path)
{
    char *slash = strrchr(path, '/');
    int error = 0;

    if (slash != NULL && slash != path) {
        *slash = '\0';
        error = ci_sys_mkdir(path, 0700);
        *slash = '/';
    }
    if (error == 0 || error == -EEXIST)
        error = ci_sys_mkdir(path, 0700);
    return error == -EEXIST ? 0 : error;
}

int pi_dir_open(enum pi_dir which, bool make)
{
    char path[PATH_ROOM];
    int error = where(which, path, sizeof path), fd;

    if (error != 0)
        return error;
    fd = open_trusted(which, path);
    if (which == PI_DIR_MACHINE)
        return fd < 0 ? -ENOENT : fd; /* one that is not for us is none */
    if (fd != -ENOENT || !make)
        return fd;
    error = make_dirs(path);
    return error != 0 ? error : open_trusted(which, path);
}

enum pi_dir pi_dir_for_all(void)
{
    int fd = pi_dir_open(PI_DIR_MACHINE, false);

    if (fd < 0)
        return PI_DIR_OWN;
    ci_sys_close(fd);
    return PI_DIR_MACHINE;
}

void pi_dir_path(char *path, size_t room, int dir, const char *name)
{
    snprintf(path, room, "/proc/self/fd/%d/%s", dir, name);
}

bool pi_dir_corefx(char *path, size_t room, const char *spelled)
{
    const char *tmp = getenv("TMPDIR");

    if (strpbrk(spelled, "/\\") != NULL)
        return false;
    if (tmp == NULL || tmp[0] == '\0')
        tmp = "/tmp";
    return snprintf(path, room, "%s/CoreFxPipe_%s", tmp, spelled) < (int)room;
}
