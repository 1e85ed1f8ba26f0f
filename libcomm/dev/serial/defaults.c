/* SPDX-License-Identifier: MIT */
/* Finding and keeping default settings.  Programs may change the file at the same time: each locks
 * it, writes another one beside it and gives that the name. */
#include "libcomm/dev/serial/defaults.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "libcomm/dev/serial/defaultline.h"
#include "libcomm/dev/serial/portmap.h"
#include "libcomm/plat/list.h"
#include "libcomm/plat/lock.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_dir.h"
#include "libcomm/plat/sys_socket.h"
#include "libcomm/plat/trace.h"

/* ---- in memory ---- */

struct kept {
    struct ci_list link;
    uint32_t number; /* fixed */
    struct ci_settings settings;
};

static struct {
    struct ci_lock lock;
    struct ci_list list; /* guarded by lock */
} kept = {
    .lock = CI_LOCK_INIT(CI_RANK_LEAF),
    .list = {&kept.list, &kept.list},
};

__attribute__((constructor)) static void kept_setup(void)
{
    ci_fork_lock_add(&kept.lock);
}

static struct kept *kept_find_locked(uint32_t number)
{
    CI_LIST_EACH (link, after, &kept.list) {
        struct kept *entry = CI_CONTAINER(link, struct kept, link);

        if (entry->number == number)
            return entry;
    }
    return NULL;
}

static bool kept_find(uint32_t number, struct ci_settings *settings)
{
    const struct kept *entry;

    ci_lock(&kept.lock);
    entry = kept_find_locked(number);
    if (entry != NULL)
        *settings = entry->settings;
    ci_unlock(&kept.lock);
    return entry != NULL;
}

static int kept_put(uint32_t number, const struct ci_settings *settings)
{
    struct kept *fresh = ci_sys_alloc(sizeof *fresh), *entry;

    if (fresh == NULL)
        return -ENOMEM;
    fresh->number = number;
    ci_lock(&kept.lock);
    entry = kept_find_locked(number);
    if (entry == NULL) {
        ci_list_append(&kept.list, &fresh->link);
        entry = fresh;
        fresh = NULL;
    }
    entry->settings = *settings;
    ci_unlock(&kept.lock);
    ci_sys_free(fresh);
    return 0;
}

/* The file knows better now. */
static void kept_drop(uint32_t number)
{
    struct kept *entry;

    ci_lock(&kept.lock);
    entry = kept_find_locked(number);
    if (entry != NULL)
        ci_list_del(&entry->link);
    ci_unlock(&kept.lock);
    ci_sys_free(entry);
}

/* ---- the file as text ---- */

static const char *line_after(const char *line)
{
    line += strcspn(line, "\n");
    return *line == '\n' ? line + 1 : line;
}

/* The first line that makes sense counts. */
static bool text_find(const char *path, const char *text, uint32_t number,
                      struct ci_settings *settings)
{
    for (unsigned line = 1; *text != '\0'; line++, text = line_after(text)) {
        const char *value = ci_default_line_value(text, number);

        if (value == NULL)
            continue;
        if (ci_default_line_read(value, settings))
            return true;
        ci_trace_note("%s:%u: no port can be set like that; the line is skipped", path, line);
    }
    return false;
}

static bool file_find(const char *path, uint32_t number, struct ci_settings *settings)
{
    int fd = ci_sys_open(path, O_RDONLY | O_NONBLOCK, 0);
    char *text = NULL;
    bool found = false;

    if (fd < 0)
        return false;
    if (ci_portmap_text(fd, &text) == 0) {
        found = text_find(path, text, number, settings);
        ci_sys_free(text);
    }
    ci_sys_close(fd);
    return found;
}

void ci_default_find(uint32_t number, struct ci_settings *settings)
{
    char path[PATH_MAX];

    if (kept_find(number, settings))
        return;
    for (unsigned i = 0; i < CI_PORTMAP_FILES; i++)
        if (ci_portmap_file(i, path) && file_find(path, number, settings))
            return;
    ci_default_line_read("", settings);
}

/* ---- changing the file ---- */

/* The text with `line` in the place of all lines about that port, or at the end. */
static char *text_with(const char *text, uint32_t number, const char *line)
{
    size_t len = strlen(text), line_len = strlen(line);
    char *to = ci_sys_alloc(len + line_len + sizeof "\n\n"), *start = to;
    bool written = false;

    if (to == NULL)
        return NULL;
    for (const char *next; *text != '\0'; text = next) {
        next = line_after(text);
        if (ci_default_line_value(text, number) == NULL) {
            to = (char *)memcpy(to, text, (size_t)(next - text)) + (next - text);
        } else if (!written) {
            to += sprintf(to, "%s\n", line);
            written = true;
        }
    }
    if (!written)
        sprintf(to, "%s%s\n", to > start && to[-1] != '\n' ? "\n" : "", line);
    return start;
}

static int bytes_write(int fd, const char *text)
{
    size_t len = strlen(text);

    while (len > 0) {
        ssize_t n = ci_sys_write(fd, text, len);

        if (n < 0)
            return (int)n;
        text += n;
        len -= (size_t)n;
    }
    return ci_sys_fsync(fd);
}

/* Only who has the lock comes here, so what is in the way was left behind by somebody who died. */
static int file_replace(const char *path, const char *text, unsigned mode)
{
    char beside[PATH_MAX + sizeof ".new"];
    int fd, error;

    snprintf(beside, sizeof beside, "%s.new", path);
    ci_sys_unlink(beside);
    fd = ci_sys_open(beside, O_WRONLY | O_CREAT | O_EXCL, 0600);
    if (fd < 0)
        return fd;
    error = ci_sys_fchmod(fd, mode);
    if (error == 0)
        error = bytes_write(fd, text);
    ci_sys_close(fd);
    if (error == 0)
        error = ci_sys_rename_at(AT_FDCWD, beside, path);
    if (error != 0)
        ci_sys_unlink(beside);
    return error;
}

/* The directory, and the one it is in. */
static void dirs_make(const char *path)
{
    char dir[PATH_MAX];
    char *slash;

    snprintf(dir, sizeof dir, "%s", path);
    slash = strrchr(dir, '/');
    if (slash == NULL || slash == dir)
        return;
    *slash = '\0';
    if (ci_sys_mkdir(dir, 0700) != -ENOENT)
        return;
    slash = strrchr(dir, '/');
    if (slash == NULL || slash == dir)
        return;
    *slash = '\0';
    ci_sys_mkdir(dir, 0700);
    *slash = '/';
    ci_sys_mkdir(dir, 0700);
}

static int lock_wait(int fd)
{
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    int error;

    do
        error = ci_sys_ofd_lock(fd, F_OFD_SETLKW, &whole);
    while (error == -EINTR);
    return error;
}

/* Whether the file that is open still has the name; *real is the name without links. */
static int still_there(int fd, const char *path, char real[PATH_MAX], struct stat *st)
{
    struct stat named;
    int error = ci_sys_realpath(path, real);

    if (error == 0)
        error = ci_sys_fstat(fd, st);
    if (error == 0)
        error = ci_sys_stat(real, &named);
    if (error != 0)
        return error == -ENOENT ? 0 : error;
    return st->st_dev == named.st_dev && st->st_ino == named.st_ino;
}

/* Open and locked, which keeps others from replacing it until it is closed. */
static int file_lock(const char *path, char real[PATH_MAX], struct stat *st)
{
    for (;;) {
        int fd = ci_sys_open(path, O_RDWR | O_CREAT | O_NONBLOCK, 0644), is = 0;

        if (fd < 0)
            return fd;
        is = lock_wait(fd);
        if (is == 0)
            is = still_there(fd, path, real, st);
        if (is == 1)
            return fd;
        ci_sys_close(fd);
        if (is < 0)
            return is;
    }
}

static int file_change(const char *path, uint32_t number, const char *line)
{
    char real[PATH_MAX];
    char *text = NULL, *changed = NULL;
    struct stat st;
    int fd, error;

    dirs_make(path);
    fd = file_lock(path, real, &st);
    if (fd < 0)
        return fd;
    error = ci_portmap_text(fd, &text);
    if (error == 0) {
        changed = text_with(text, number, line);
        ci_sys_free(text);
        error = changed == NULL ? -ENOMEM : file_replace(real, changed, st.st_mode & 07777);
        ci_sys_free(changed);
    }
    ci_sys_close(fd);
    return error;
}

int ci_default_keep(uint32_t number, const struct ci_settings *settings)
{
    char path[PATH_MAX], line[CI_DEFAULT_LINE_ROOM];
    int error = -ENOENT;

    ci_default_line_write(line, number, settings);
    if (ci_portmap_file(0, path))
        error = file_change(path, number, line);
    if (error == -ENOMEM)
        return error;
    if (error == 0) {
        kept_drop(number);
        return 0;
    }
    ci_trace_note("%s: cannot be changed: %s", path, strerror(-error));
    return kept_put(number, settings);
}
