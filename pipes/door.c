/* SPDX-License-Identifier: MIT */
/* Making and removing the files of a name, and letting in who knocks. */
#include "pipes/door.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_compat.h"
#include "libcomm/plat/sys_socket.h"
#include "pipes/dir.h"
#include "pipes/pipe.h"
#include "pipes/visitor.h"
#include "pipes/watch.h"

#define BACKLOG 4096  /* the kernel's limit cuts it down */
#define LOCK_TRIES 16 /* an owner may be unlinking its file as we open it */
#define LINK_ROOM 4096

struct pi_doors {
    _Atomic uint32_t refs;
    struct pi_name name; /* fixed */
    bool message;        /* fixed */
    unsigned mode;       /* of the doors; fixed */
    enum pi_dir where;   /* fixed */
    int dir, lock;       /* -1 once closed; guarded by the names' lock */
    char *corefx;        /* the link for .NET, or NULL */
    struct pi_watch *raw, *ctl;
};

/* A door proper; the doors' reference goes with it. */
struct door {
    struct pi_watch watch; /* first */
    struct pi_doors *doors;
};

/* ---- the lock ---- */

static bool still_there(int dir, const char *name, int fd)
{
    struct stat mine, there;

    return ci_sys_fstat(fd, &mine) == 0 && ci_sys_stat_at(dir, name, &there) == 0 &&
           mine.st_ino == there.st_ino && mine.st_dev == there.st_dev;
}

/* -EAGAIN: another process has it. */
static int lock_take(int dir, const char *name)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        int fd = ci_sys_open_at(dir, name, O_RDWR | O_CREAT | O_NOFOLLOW, 0600), error;

        if (fd < 0)
            return fd;
        error = ci_sys_record_lock(fd);
        if (error == 0 && still_there(dir, name, fd))
            return fd;
        ci_sys_close(fd);
        if (error != 0)
            return error;
    }
    return -EAGAIN;
}

/* For whoever looks into the file: who owns the name, how many instances are in other processes,
 * and the name. */
static void lock_sign(int fd, uint32_t elsewhere, const char *spelled)
{
    char text[PI_NAME_ROOM + 32];
    int len = snprintf(text, sizeof text, "%u %u %s\n", ci_sys_pid(), elsewhere, spelled);
    struct iovec line = {text, (size_t)len};

    if (ci_sys_ftruncate(fd, 0) == 0)
        (void)ci_sys_pwritev(fd, &line, 1, 0, false);
}

void pi_doors_note(struct pi_doors *doors, uint32_t elsewhere)
{
    if (doors->lock >= 0)
        lock_sign(doors->lock, elsewhere, doors->name.spelled);
}

static bool had_more_elsewhere(int fd)
{
    char text[40] = "", *rest;

    if (ci_sys_read(fd, text, sizeof text - 1) <= 0)
        return false;
    (void)strtoul(text, &rest, 10);
    return strtoul(rest, NULL, 10) > 0;
}

bool pi_doors_return(enum pi_dir where, const char *key)
{
    char name[PI_KEY_ROOM + 8];
    int dir = pi_dir_open(where, false), fd;
    bool may;

    if (dir < 0)
        return false;
    snprintf(name, sizeof name, "%s:lock", key);
    fd = ci_sys_open_at(dir, name, O_RDONLY | O_NOFOLLOW, 0);
    ci_sys_close(dir);
    if (fd < 0)
        return false;
    may = ci_sys_record_locked(fd) || had_more_elsewhere(fd);
    ci_sys_close(fd);
    return may;
}

/* ---- sockets with names ---- */

/* Bound under a short name and moved: no address is too long, nobody meets a socket that does not
 * listen yet, and what a dead owner left there is replaced. */
static int listener_make(int dir, const char *name, int type, unsigned mode)
{
    char path[64], short_name[32];
    int fd = ci_sys_unix_socket(type), error;

    if (fd < 0)
        return fd;
    snprintf(short_name, sizeof short_name, ".%x.%x", ci_sys_pid(), ci_sys_tid());
    pi_dir_path(path, sizeof path, dir, short_name);
    (void)ci_sys_unlink_at(dir, short_name);
    error = ci_sys_fchmod(fd, 0600); /* before bind, so that there is no moment of another mode */
    if (error == 0)
        error = ci_sys_unix_bind(fd, path);
    if (error == 0 && mode != 0600)
        error = ci_sys_chmod_at(dir, short_name, mode);
    if (error == 0)
        error = ci_sys_unix_listen(fd, BACKLOG);
    if (error == 0)
        error = ci_sys_rename_at(dir, short_name, name);
    if (error == 0)
        return fd;
    (void)ci_sys_unlink_at(dir, short_name);
    ci_sys_close(fd);
    return error;
}

static void file_name(char *to, size_t room, const struct pi_name *name, const char *suffix)
{
    snprintf(to, room, "%s%s", name->key, suffix);
}

/* ---- .NET's link ---- */

static bool link_is_ours(const char *path)
{
    struct stat st;

    return ci_sys_lstat(path, &st) == 0 && S_ISLNK(st.st_mode) && st.st_uid == ci_sys_uid();
}

static bool link_read(const char *path, char *to, size_t room)
{
    ssize_t n = ci_sys_readlink(path, to, room - 1);

    if (n <= 0)
        return false;
    to[n] = '\0';
    return true;
}

static bool door_path(int dir, const char *key, char *path, size_t room)
{
    char self[40], where[LINK_ROOM];

    snprintf(self, sizeof self, "/proc/self/fd/%d", dir);
    return link_read(self, where, sizeof where) &&
           snprintf(path, room, "%s/%s", where, key) < (int)room;
}

/* A convenience: where it cannot be had, .NET programs do not find the pipe, and that is all. */
static char *corefx_make(int dir, const struct pi_name *name)
{
    char target[LINK_ROOM], path[LINK_ROOM], *copy;

    if (!pi_dir_corefx(path, sizeof path, name->spelled) ||
        !door_path(dir, name->key, target, sizeof target))
        return NULL;
    copy = ci_sys_alloc(strlen(path) + 1);
    if (copy == NULL)
        return NULL;
    strcpy(copy, path);
    if (link_is_ours(path))
        (void)ci_sys_unlink(path);
    if (ci_sys_symlink(target, path) == 0)
        return copy;
    ci_sys_free(copy);
    return NULL;
}

static void corefx_remove(struct pi_doors *doors)
{
    char target[LINK_ROOM], is[LINK_ROOM];

    if (doors->corefx != NULL && link_is_ours(doors->corefx) &&
        door_path(doors->dir, doors->name.key, target, sizeof target) &&
        link_read(doors->corefx, is, sizeof is) && strcmp(is, target) == 0)
        (void)ci_sys_unlink(doors->corefx);
    ci_sys_free(doors->corefx);
    doors->corefx = NULL;
}

/* ---- knocking ---- */

static struct pi_doors *doors_of(struct pi_watch *watch)
{
    return CI_CONTAINER(watch, struct door, watch)->doors;
}

static void door_destroy(struct pi_watch *watch)
{
    struct pi_doors *doors = doors_of(watch);

    ci_sys_free(CI_CONTAINER(watch, struct door, watch));
    pi_doors_put(doors);
}

static void raw_ready(struct pi_watch *watch)
{
    int error;

    while ((error = pi_pipe_admit(&doors_of(watch)->name, watch->fd)) == 0)
        ;
    if (error != -EAGAIN)
        pi_watch_rest(watch);
}

static void ctl_ready(struct pi_watch *watch)
{
    int fd;

    while ((fd = ci_sys_unix_accept(watch->fd)) >= 0)
        pi_visitor_new(fd, &doors_of(watch)->name);
    if (fd != -EAGAIN)
        pi_watch_rest(watch);
}

static uint32_t file_error(int error)
{
    return error == 0 ? 0 : ci_errno_error(CI_DOM_FILE, -error);
}

static uint32_t system_error(int error)
{
    return error == 0 ? 0 : ci_errno_error(CI_DOM_SYSTEM, -error);
}

static uint32_t door_make(struct pi_doors *doors, const char *suffix, int type,
                          void (*ready)(struct pi_watch *), struct pi_watch **made)
{
    char name[PI_KEY_ROOM + 8];
    struct door *door = ci_sys_alloc(sizeof *door);
    uint32_t error;
    int fd;

    if (door == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    file_name(name, sizeof name, &doors->name, suffix);
    fd = listener_make(doors->dir, name, type, doors->mode);
    error = fd < 0 ? file_error(fd)
                   : system_error(pi_watch_init(&door->watch, fd, ready, door_destroy));
    if (error == 0) {
        door->doors = doors;
        atomic_fetch_add(&doors->refs, 1);
        *made = &door->watch;
        return 0;
    }
    if (fd >= 0)
        ci_sys_close(fd);
    ci_sys_free(door);
    return error;
}

/* ---- life ---- */

void pi_doors_put(struct pi_doors *doors)
{
    /* acq_rel: the last one sees what the others did with it */
    if (atomic_fetch_sub_explicit(&doors->refs, 1, memory_order_acq_rel) == 1)
        ci_sys_free(doors);
}

void pi_doors_open(struct pi_doors *doors, bool open)
{
    if (doors->raw != NULL)
        (void)pi_watch_want(doors->raw, open); /* the engine runs already, for the control door */
}

static void watch_drop(struct pi_watch **watch)
{
    if (*watch == NULL)
        return;
    (void)pi_watch_want(*watch, false);
    pi_watch_put(*watch);
    *watch = NULL;
}

/* In this order: who still finds a door finds it served, or the next owner's. */
static void files_remove(struct pi_doors *doors)
{
    static const char *const suffixes[] = {"", ":ctl", ":lock"};
    char name[PI_KEY_ROOM + 8];

    corefx_remove(doors);
    for (unsigned i = 0; i < 3; i++) {
        file_name(name, sizeof name, &doors->name, suffixes[i]);
        (void)ci_sys_unlink_at(doors->dir, name);
    }
}

void pi_doors_close(struct pi_doors *doors)
{
    if (doors->lock >= 0) {
        files_remove(doors);
        ci_sys_close(doors->lock);
    }
    if (doors->dir >= 0)
        ci_sys_close(doors->dir);
    doors->lock = doors->dir = -1;
    watch_drop(&doors->raw);
    watch_drop(&doors->ctl);
}

/* The listeners went with all other watches; the memory stays the parent's picture of itself. */
void pi_doors_forget(struct pi_doors *doors)
{
    if (doors->lock >= 0)
        ci_sys_close(doors->lock);
    if (doors->dir >= 0)
        ci_sys_close(doors->dir);
    doors->lock = doors->dir = -1;
    doors->raw = doors->ctl = NULL;
}

/* ERROR_PIPE_BUSY: another process owns the name. */
static uint32_t doors_make(struct pi_doors *doors)
{
    char name[PI_KEY_ROOM + 8];
    uint32_t error;

    doors->dir = pi_dir_open(doors->where, true);
    if (doors->dir < 0)
        return file_error(doors->dir);
    file_name(name, sizeof name, &doors->name, ":lock");
    doors->lock = lock_take(doors->dir, name);
    if (doors->lock < 0)
        return doors->lock == -EAGAIN ? ERROR_PIPE_BUSY : file_error(doors->lock);
    lock_sign(doors->lock, 0, doors->name.spelled);
    error = door_make(doors, ":ctl", SOCK_SEQPACKET, ctl_ready, &doors->ctl);
    if (error == 0)
        error = door_make(doors, "", doors->message ? SOCK_SEQPACKET : SOCK_STREAM, raw_ready,
                          &doors->raw);
    if (error == 0)
        error = system_error(pi_watch_want(doors->ctl, true));
    if (error == 0 && !doors->message)
        doors->corefx = corefx_make(doors->dir, &doors->name);
    return error;
}

uint32_t pi_doors_new(const struct pi_name *name, bool message, const struct pi_create *ask,
                      struct pi_doors **made)
{
    struct pi_doors *doors = ci_sys_alloc(sizeof *doors);
    uint32_t error;

    if (doors == NULL)
        return ERROR_NOT_ENOUGH_MEMORY;
    atomic_init(&doors->refs, 1);
    doors->name = *name;
    doors->message = message;
    doors->mode = ask->mode;
    doors->where = ask->where;
    doors->dir = doors->lock = -1;
    error = doors_make(doors);
    if (error == 0) {
        *made = doors;
        return 0;
    }
    pi_doors_close(doors);
    pi_doors_put(doors);
    return error;
}
