/* SPDX-License-Identifier: MIT */
/* inotify, read by us only to empty it: what happened is found out by trying. */
#include "tools/common/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define NEWS (IN_CREATE | IN_MOVED_TO | IN_ATTRIB | IN_DELETE_SELF)

/* As docs/pipes.md says. */
static void pipe_directory(char *directory, size_t room)
{
    const char *given = getenv("LIBCOMM_PIPE_DIR"), *runtime = getenv("XDG_RUNTIME_DIR");
    struct stat st;

    if (given != NULL && given[0] != '\0')
        snprintf(directory, room, "%s", given);
    else if (runtime != NULL && stat(runtime, &st) == 0 && st.st_uid == geteuid() &&
             (st.st_mode & 077) == 0)
        snprintf(directory, room, "%s/libcomm/pipe", runtime);
    else
        snprintf(directory, room, "/tmp/libcomm-%u/pipe", (unsigned)geteuid());
}

/* Cuts off the last part of a path; false at its root. */
static bool go_up(char *path)
{
    char *slash = strrchr(path, '/');

    if (strcmp(path, "/") == 0 || strcmp(path, ".") == 0)
        return false;
    if (slash == NULL)
        strcpy(path, ".");
    else
        slash[slash == path ? 1 : 0] = '\0';
    return true;
}

static bool find_directory(struct tool_place *place, const char *name)
{
    if (strncmp(name, "pipe:", 5) == 0) {
        pipe_directory(place->directory, sizeof place->directory);
        return true;
    }
    if (strncmp(name, "unix:", 5) != 0)
        return false;
    snprintf(place->directory, sizeof place->directory, "%s", name + 5);
    return go_up(place->directory);
}

/* The directory, or the nearest above it that is there. */
static void watch_nearest(struct tool_place *place)
{
    char path[sizeof place->directory];

    memcpy(path, place->directory, sizeof path);
    while (inotify_add_watch(place->fd, path, NEWS | IN_ONLYDIR) < 0 && go_up(path))
        ;
}

static void readable(struct tool_watch *watch)
{
    struct tool_place *place = watch->owner;
    char news[4096];

    while (read(place->fd, news, sizeof news) > 0)
        ;
    place->changed(place);
}

bool tool_place_init(struct tool_place *place, struct tool_loop *loop, const char *name,
                     void (*changed)(struct tool_place *place), void *owner)
{
    *place = (struct tool_place){.fd = -1, .changed = changed, .owner = owner};
    if (!find_directory(place, name))
        return false;
    place->fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (place->fd < 0)
        return false;
    if (tool_watch_init(&place->watch, loop, place->fd, readable, place))
        return true;
    close(place->fd);
    place->fd = -1;
    return false;
}

void tool_place_next(struct tool_place *place)
{
    watch_nearest(place);
    if (!place->watch.op.pending)
        tool_watch_next(&place->watch);
}

void tool_place_close(struct tool_place *place)
{
    if (place->fd < 0)
        return;
    tool_watch_close(&place->watch);
    close(place->fd);
    place->fd = -1;
}
