/* SPDX-License-Identifier: MIT */
/* Keeping others off a tty.  The table comes first, because a second open in this process would
 * find the other means taken by ourselves. */
#include "libcomm/dev/serial/claim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcomm/plat/lock.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_compat.h"
#include "libcomm/plat/sys_tty.h"

#define LOCK_DIR "/var/lock/LCK.."

static struct {
    struct ci_lock lock;
    struct ci_list claims;
} table = {
    .lock = CI_LOCK_INIT(CI_RANK_LEAF), .claims = {&table.claims, &table.claims}
};

__attribute__((constructor)) static void table_setup(void)
{
    ci_fork_lock_add(&table.lock);
}

/* ---- the table ---- */

static bool table_enter(struct ci_claim *claim)
{
    bool there = false;

    ci_lock(&table.lock);
    CI_LIST_EACH (link, after, &table.claims)
        there = there || CI_CONTAINER(link, struct ci_claim, link)->device == claim->device;
    if (!there)
        ci_list_append(&table.claims, &claim->link);
    ci_unlock(&table.lock);
    return !there;
}

static bool table_has(struct ci_claim *claim)
{
    bool there;

    ci_lock(&table.lock);
    there = ci_list_linked(&claim->link);
    ci_unlock(&table.lock);
    return there;
}

static void table_leave(struct ci_claim *claim)
{
    ci_lock(&table.lock);
    ci_list_del(&claim->link);
    ci_unlock(&table.lock);
}

/* ---- lock files ---- */

/* As other programs spell it: /dev/ttyUSB0 is LCK..ttyUSB0.  A pty has none: its number is
 * somebody else's the next moment. */
bool ci_claim_lock_path(const char *real, char *path, size_t room)
{
    int len;

    if (strncmp(real, "/dev/", 5) != 0 || strncmp(real, "/dev/pts/", 9) == 0)
        return false;
    len = snprintf(path, room, LOCK_DIR "%s", real + 5);
    if (len < 0 || (size_t)len >= room)
        return false;
    for (char *p = path + sizeof LOCK_DIR - 1; *p != '\0'; p++)
        if (*p == '/')
            *p = '_';
    return true;
}

/* By the name the kernel knows the device by. */
static bool lock_path_of(int fd, char *path, size_t room)
{
    char link[40], real[64];
    ssize_t len;

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    len = ci_sys_readlink(link, real, sizeof real - 1);
    if (len < 0 || (size_t)len >= sizeof real - 1)
        return false;
    real[len] = '\0';
    return ci_claim_lock_path(real, path, room);
}

/* What the file says; 0: nothing we understand. */
static int lock_file_says(const char *path)
{
    char text[16];
    int fd = ci_sys_open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0);
    ssize_t len;

    if (fd < 0)
        return 0;
    len = ci_sys_read(fd, text, sizeof text - 1);
    ci_sys_close(fd);
    text[len > 0 ? len : 0] = '\0';
    return atoi(text);
}

int ci_claim_lock_owner(const char *path)
{
    int owner = lock_file_says(path);

    return owner > 0 && ci_sys_process_exists(owner) ? owner : 0;
}

/* Left behind by somebody who is no more; our own number was his then. */
static bool lock_file_stale(const char *path)
{
    int owner = lock_file_says(path);

    return owner > 0 && (owner == (int)ci_sys_pid() || !ci_sys_process_exists(owner));
}

static int lock_file_make(const char *path)
{
    int fd = ci_sys_open(path, O_WRONLY | O_CREAT | O_EXCL, 0644);
    char text[16];
    int len, error;

    if (fd < 0)
        return fd;
    len = snprintf(text, sizeof text, "%10u\n", ci_sys_pid());
    error = ci_sys_write(fd, text, (size_t)len) == len ? 0 : -ENOSPC;
    ci_sys_close(fd);
    if (error != 0)
        ci_sys_unlink(path); /* an empty one would be nobody's, for good */
    return error;
}

/* Only a living owner is an obstacle: where no file can be made, there is none. */
static int lock_file_claim(struct ci_claim *claim, int fd)
{
    char path[sizeof claim->lock_path];
    int error;

    if (!lock_path_of(fd, path, sizeof path))
        return 0;
    error = lock_file_make(path);
    if (error == -EEXIST) {
        if (!lock_file_stale(path))
            return -EBUSY;
        if (ci_sys_unlink(path) == 0)
            error = lock_file_make(path);
    }
    if (error == 0) {
        ci_lock(&table.lock);
        strcpy(claim->lock_path, path);
        ci_unlock(&table.lock);
    }
    return error == -EEXIST ? -EBUSY : 0;
}

/* A program may end with ports open; that of a killed one is stale. */
__attribute__((destructor)) static void lock_files_remove(void)
{
    ci_lock(&table.lock);
    CI_LIST_EACH (link, after, &table.claims) {
        struct ci_claim *claim = CI_CONTAINER(link, struct ci_claim, link);

        if (claim->owner == ci_sys_pid() && claim->lock_path[0] != '\0')
            ci_sys_unlink(claim->lock_path);
    }
    ci_unlock(&table.lock);
}

/* ---- all together ---- */

/* Root passes TIOCEXCL and is not told that it was set before, so it is asked for first. */
static int exclude_others(struct ci_claim *claim, int fd, bool lasting)
{
    int error;

    if (ci_sys_tty_exclusive(fd) > 0)
        return -EBUSY;
    if (lasting)
        return 0;
    error = ci_sys_tty_exclude(fd, true);
    claim->excludes = error == 0;
    return error;
}

int ci_claim_take(struct ci_claim *claim, int fd, uint64_t device, bool lasting)
{
    int error;

    *claim = (struct ci_claim){.device = device, .owner = ci_sys_pid()};
    ci_list_init(&claim->link);
    if (!table_enter(claim))
        return -EBUSY;
    error = ci_sys_flock(fd, true);
    if (error == -EAGAIN)
        error = -EBUSY;
    if (error == 0)
        error = exclude_others(claim, fd, lasting);
    if (error == 0)
        error = lock_file_claim(claim, fd);
    if (error != 0)
        ci_claim_give(claim, fd);
    return error;
}

/* Explicitly, for a descriptor that a child has would keep all of it. */
void ci_claim_give(struct ci_claim *claim, int fd)
{
    bool ours = claim->owner == ci_sys_pid();

    if (!table_has(claim))
        return;
    if (ours && claim->lock_path[0] != '\0')
        ci_sys_unlink(claim->lock_path);
    if (ours && claim->excludes)
        ci_sys_tty_exclude(fd, false);
    if (ours)
        ci_sys_flock(fd, false);
    table_leave(claim);
}
