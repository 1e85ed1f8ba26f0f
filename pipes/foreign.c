/* SPDX-License-Identifier: MIT */
/* Clients of other programs' sockets.  Such a server knows nothing of instances: whoever gets into
 * its queue is connected. */
#include "pipes/foreign.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "pipes/dir.h"

#define PLACES 3 /* the directories, and where .NET has its own */
#define PATH_ROOM 4096

/* ---- where ---- */

/* A descriptor of the place, by which even a long path can be connected to; or a negative errno. */
static int place_open(const struct pi_name *name, int place)
{
    char path[PATH_ROOM];
    int dir, fd;

    if (place < PI_DIRS) {
        dir = pi_dir_open((enum pi_dir)place, false);
        if (dir < 0)
            return dir;
        fd = ci_sys_open_at(dir, name->key, O_PATH | O_NOFOLLOW, 0);
        ci_sys_close(dir);
        return fd;
    }
    if (!pi_dir_corefx(path, sizeof path, name->spelled))
        return -ENOENT;
    return ci_sys_open(path, O_PATH, 0);
}

/* ---- connecting ---- */

static int connect_as(int type, const char *path)
{
    int fd = ci_sys_unix_socket(type), error;

    if (fd < 0)
        return fd;
    error = ci_sys_unix_connect(fd, path);
    if (error == 0)
        return fd;
    ci_sys_close(fd);
    return error;
}

static int place_connect(int place, bool *records)
{
    char path[40];
    int fd;

    snprintf(path, sizeof path, "/proc/self/fd/%d", place);
    fd = connect_as(SOCK_STREAM, path);
    *records = fd == -EPROTOTYPE;
    return *records ? connect_as(SOCK_SEQPACKET, path) : fd;
}

/* Anybody could have put a socket where .NET programs look. */
static bool trusted(int fd, struct ci_peer *peer)
{
    return ci_sys_peer(fd, peer) == 0 && (peer->uid == ci_sys_uid() || peer->uid == 0);
}

static uint32_t error_of(int error)
{
    switch (error) {
    case -EAGAIN:
        return ERROR_PIPE_BUSY;
    case -EACCES:
    case -ELOOP:
        return ERROR_ACCESS_DENIED;
    case -ENOENT:
    case -ECONNREFUSED:
    case -ENXIO:
    case -ENOTDIR:
        return ERROR_FILE_NOT_FOUND;
    default:
        return ci_errno_error(CI_DOM_SYSTEM, -error);
    }
}

static uint32_t try_place(const struct pi_name *name, int place, struct pi_opened *opened)
{
    int at = place_open(name, place), fd;
    struct ci_peer peer;
    bool records;

    if (at < 0)
        return error_of(at);
    fd = place_connect(at, &records);
    ci_sys_close(at);
    if (fd < 0)
        return error_of(fd);
    if (!trusted(fd, &peer)) {
        ci_sys_close(fd);
        return ERROR_ACCESS_DENIED;
    }
    if (records) /* tells an empty message from the end */
        ci_sys_socket_set(fd, SO_PASSCRED, 1);
    *opened =
        (struct pi_opened){.fd = fd, .message = records, .duplex = true, .server_pid = peer.pid};
    return 0;
}

uint32_t pi_foreign_open(const struct pi_name *name, struct pi_opened *opened)
{
    uint32_t error = ERROR_FILE_NOT_FOUND;

    for (int place = 0; place < PLACES && error == ERROR_FILE_NOT_FOUND; place++)
        error = try_place(name, place, opened);
    return error;
}

/* Nothing short of connecting tells whether somebody listens, and that would be a client.  A lock
 * beside it, or a link, is of a pipe of this library, whose owner was asked already. */
static bool has_foreign_door(enum pi_dir where, const struct pi_name *name)
{
    char lock[PI_KEY_ROOM + 8];
    int dir = pi_dir_open(where, false);
    struct stat st;
    bool has;

    if (dir < 0)
        return false;
    snprintf(lock, sizeof lock, "%s:lock", name->key);
    has = ci_sys_stat_at(dir, lock, &st) != 0 && ci_sys_stat_at(dir, name->key, &st) == 0 &&
          S_ISSOCK(st.st_mode);
    ci_sys_close(dir);
    return has;
}

static bool looks_served(const struct pi_name *name)
{
    char path[PATH_ROOM];
    struct stat st;

    if (has_foreign_door(PI_DIR_OWN, name) || has_foreign_door(PI_DIR_MACHINE, name))
        return true;
    return (pi_dir_corefx(path, sizeof path, name->spelled) && ci_sys_lstat(path, &st) == 0 &&
            S_ISSOCK(st.st_mode));
}

uint32_t pi_foreign_wait(const struct pi_name *name)
{
    return looks_served(name) ? 0 : ERROR_FILE_NOT_FOUND;
}
