/* SPDX-License-Identifier: MIT */
/* System calls about directories, users and groups.  What the C library allocates for them it frees
 * before a function returns. */
#include "libcomm/plat/sys_dir.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "libcomm/plat/sys.h"
#include "libcomm/plat/testing.h"

/* ---- directories and small files ---- */

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int ci_sys_dir_each(const char *path, bool (*each)(const char *name, void *arg), void *arg)
{
    struct dirent *entry;
    bool more = true;
    DIR *dir;

    if (ci_fault(CI_FAULT_DESCRIPTOR))
        return -EMFILE;
    dir = opendir(path);
    if (dir == NULL)
        return -errno;
    while (more && (entry = readdir(dir)) != NULL)
        more = is_dots(entry->d_name) || each(entry->d_name, arg);
    closedir(dir);
    return 0;
}

int ci_sys_realpath(const char *path, char to[PATH_MAX])
{
    return realpath(path, to) == NULL ? -errno : 0;
}

ssize_t ci_sys_read_text(const char *path, char *to, size_t room)
{
    int fd = ci_sys_open(path, O_RDONLY, 0);
    ssize_t n;

    to[0] = '\0';
    if (fd < 0)
        return fd;
    n = ci_sys_read(fd, to, room - 1);
    ci_sys_close(fd);
    if (n < 0)
        return n;
    while (n > 0 && isspace((unsigned char)to[n - 1]))
        n--;
    to[n] = '\0';
    return n;
}

/* ---- users and groups ---- */

/* The files are read here, and not by the C library: it would load a module for each source of
 * users, which a program linked statically cannot.  Who is known elsewhere is shown by number. */

#define LINE_ROOM 4096

/* "name:x:number:rest"; `rest` begins behind the number's colon. */
struct entry {
    char name[128];
    unsigned number;
    char rest[LINE_ROOM];
};

static bool entry_read(char *line, struct entry *entry)
{
    char *name = strsep(&line, ":"), *end, *number;

    if (strsep(&line, ":") == NULL || (number = strsep(&line, ":")) == NULL)
        return false;
    entry->number = (unsigned)strtoul(number, &end, 10);
    snprintf(entry->name, sizeof entry->name, "%s", name);
    snprintf(entry->rest, sizeof entry->rest, "%s", line != NULL ? line : "");
    return end != number && *end == '\0';
}

static bool entry_find(const char *path, unsigned number, struct entry *entry)
{
    char line[LINE_ROOM];
    bool found = false;
    FILE *file = ci_fault(CI_FAULT_DESCRIPTOR) ? NULL : fopen(path, "re");

    if (file == NULL)
        return false;
    while (!found && fgets(line, sizeof line, file) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        found = entry_read(line, entry) && entry->number == number;
    }
    fclose(file);
    return found;
}

static void name_of(const char *path, unsigned number, char *to, size_t room)
{
    struct entry entry;

    if (entry_find(path, number, &entry))
        snprintf(to, room, "%s", entry.name);
    else
        snprintf(to, room, "%u", number);
}

void ci_sys_group_name(gid_t group, char *to, size_t room)
{
    name_of("/etc/group", group, to, room);
}

void ci_sys_user_name(uid_t user, char *to, size_t room)
{
    name_of("/etc/passwd", user, to, room);
}

#define GROUPS_MOST 1024

bool ci_sys_in_group(gid_t group)
{
    gid_t groups[GROUPS_MOST];
    int count = getgroups(GROUPS_MOST, groups);

    for (int i = 0; i < count; i++)
        if (groups[i] == group)
            return true;
    return group == getegid();
}

bool ci_sys_joined_group(gid_t group)
{
    struct entry user, entry;
    char *members = entry.rest, *member;

    if (!entry_find("/etc/passwd", getuid(), &user))
        return false;
    if (strtoul(user.rest, NULL, 10) == group) /* the one every login begins with */
        return true;
    if (!entry_find("/etc/group", group, &entry))
        return false;
    while ((member = strsep(&members, ",")) != NULL)
        if (strcmp(member, user.name) == 0)
            return true;
    return false;
}

/* ---- changes ---- */

int ci_sys_inotify(void)
{
    int fd = ci_fault(CI_FAULT_DESCRIPTOR) ? -1 : inotify_init1(IN_NONBLOCK | IN_CLOEXEC);

    return fd < 0 ? -(ci_faulted() ? EMFILE : errno) : fd;
}

int ci_sys_inotify_add(int fd, const char *path, uint32_t mask)
{
    int number = ci_fault(CI_FAULT_WATCH) ? -1 : inotify_add_watch(fd, path, mask);

    return number < 0 ? -(ci_faulted() ? ENOSPC : errno) : number;
}
