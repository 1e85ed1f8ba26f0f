/* SPDX-License-Identifier: MIT */
/* Who has a port that is busy.  He may have said so in a lock file, or by flock(2); else he is
 * found by his open descriptor, if this user may see it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "libcomm/dev/serial/claim.h"
#include "libcomm/dev/serial/tty.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_compat.h"
#include "libcomm/plat/sys_dir.h"

#define LOCKS_ROOM (64u << 10) /* of /proc/locks; what is beyond is not looked at */

struct search {
    const char *real; /* the device */
    char fds[64];     /* /proc/PID/fd */
    pid_t found;
};

/* ---- locks ---- */

static void read_all(const char *path, char *to, size_t room)
{
    int fd = ci_sys_open(path, 0, 0);
    size_t len = 0;
    ssize_t n = 1;

    while (fd >= 0 && n > 0 && len < room - 1) {
        n = ci_sys_read(fd, to + len, room - 1 - len);
        len += n > 0 ? (size_t)n : 0;
    }
    if (fd >= 0)
        ci_sys_close(fd);
    to[len] = '\0';
}

/* "7: FLOCK  ADVISORY  WRITE 1234 00:18:5 0 EOF" */
static pid_t lock_holder(const char *line, const struct stat *st)
{
    unsigned long long number;
    unsigned high, low;
    int pid;

    if (sscanf(line, "%*d: FLOCK %*s %*s %d %x:%x:%llu", &pid, &high, &low, &number) != 4)
        return 0;
    if (high != major(st->st_dev) || low != minor(st->st_dev) || number != st->st_ino)
        return 0;
    return pid > 0 ? pid : 0;
}

static pid_t find_by_flock(const char *real)
{
    char *text = ci_sys_alloc(LOCKS_ROOM), *line, *rest;
    struct stat st;
    pid_t found = 0;

    if (text == NULL)
        return 0;
    if (ci_sys_stat(real, &st) == 0)
        read_all("/proc/locks", text, LOCKS_ROOM);
    for (line = strtok_r(text, "\n", &rest); line != NULL && found == 0;
         line = strtok_r(NULL, "\n", &rest))
        found = lock_holder(line, &st);
    ci_sys_free(text);
    return found;
}

/* ---- descriptors ---- */

static bool look_at_fd(const char *name, void *arg)
{
    struct search *search = arg;
    char link[sizeof search->fds + 12], target[PATH_MAX];
    ssize_t len;

    snprintf(link, sizeof link, "%s/%.10s", search->fds, name);
    len = ci_sys_readlink(link, target, sizeof target - 1);
    target[len > 0 ? len : 0] = '\0';
    if (strcmp(target, search->real) == 0)
        search->found = atoi(search->fds + strlen("/proc/"));
    return search->found == 0;
}

static bool look_at_process(const char *name, void *arg)
{
    struct search *search = arg;

    if (name[0] < '1' || name[0] > '9')
        return true;
    snprintf(search->fds, sizeof search->fds, "/proc/%.10s/fd", name);
    (void)ci_sys_dir_each(search->fds, look_at_fd, search);
    return search->found == 0;
}

pid_t ci_tty_holder(const char *path)
{
    char real[PATH_MAX], lock[80];
    struct search search = {.real = real};

    if (ci_sys_realpath(path, real) != 0)
        return 0;
    if (ci_claim_lock_path(real, lock, sizeof lock))
        search.found = ci_claim_lock_owner(lock);
    if (search.found == 0)
        search.found = find_by_flock(real);
    if (search.found == 0)
        (void)ci_sys_dir_each("/proc", look_at_process, &search);
    return search.found;
}
