/* SPDX-License-Identifier: MIT */
/* inotify and udev, as one.  What is mapped may lie anywhere and be no business of udev's, so its
 * directory is watched in any case. */
#include "libcomm/dev/serial/hotplug.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>

#include "libcomm/dev/serial/names.h"
#include "libcomm/dev/serial/portmap.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_dir.h"
#include "libcomm/plat/sys_udev.h"

#define EVENTS \
    (IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_ATTRIB | IN_ONLYDIR | IN_DELETE_SELF)

/* A directory, all of whose entries count, or one of its entries. */
struct place {
    struct ci_list link;
    int number;       /* inotify's, of the directory */
    size_t directory; /* length of its path */
    bool all;
    char path[];
};

static void places_free(struct ci_hotplug *hotplug)
{
    struct ci_list *link;

    while ((link = ci_list_pop(&hotplug->places)) != NULL)
        ci_sys_free(CI_CONTAINER(link, struct place, link));
}

int ci_hotplug_init(struct ci_hotplug *hotplug)
{
    char control[PATH_MAX];

    ci_list_init(&hotplug->places);
    hotplug->inotify = ci_sys_inotify();
    if (hotplug->inotify < 0)
        return hotplug->inotify;
    snprintf(control, sizeof control, "%s/udev/control", ci_roots.run);
    if (ci_sys_access(control, 0) == 0) /* else it would never say a word */
        hotplug->udev = ci_udev_open();
    return 0;
}

int ci_hotplug_fd(const struct ci_hotplug *hotplug, unsigned i)
{
    if (i == 0)
        return hotplug->inotify;
    return hotplug->udev != NULL ? ci_udev_fd(hotplug->udev) : -1;
}

void ci_hotplug_fini(struct ci_hotplug *hotplug)
{
    places_free(hotplug);
    if (hotplug->udev != NULL)
        ci_udev_close(hotplug->udev);
    if (hotplug->inotify >= 0)
        ci_sys_close(hotplug->inotify);
}

/* ---- what to watch ---- */

struct watching {
    struct ci_hotplug *hotplug;
    int error;
};

/* A directory that is not there is created in one that is watched, or nobody's concern. */
static void watch(struct watching *w, const char *path, bool all)
{
    const char *slash = strrchr(path, '/');
    size_t len = strlen(path);
    struct place *place = ci_sys_alloc(sizeof *place + len + 1);

    if (place == NULL) {
        w->error = -ENOMEM;
        return;
    }
    place->directory = all || slash == NULL ? len : (size_t)(slash - path);
    memcpy(place->path, path, place->directory);
    place->number =
        ci_sys_inotify_add(w->hotplug->inotify, place->directory > 0 ? place->path : "/", EVENTS);
    memcpy(place->path, path, len);
    place->all = all;
    if (place->number >= 0)
        ci_list_append(&w->hotplug->places, &place->link);
    else
        ci_sys_free(place);
}

/* Of the usual places udev tells, once their devices may be opened. */
static void watch_one(struct watching *w, const char *path)
{
    if (w->hotplug->udev == NULL || !ci_tty_place(path))
        watch(w, path, false);
}

static void watch_mapping(const struct ci_mapping *mapping, void *arg)
{
    if (mapping->target[0] == '/')
        watch_one(arg, mapping->target);
}

static void watch_devices(struct watching *w)
{
    static const char *const directories[] = {"", "/serial", "/serial/by-id", "/serial/by-path"};
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof directories / sizeof directories[0]; i++) {
        snprintf(path, sizeof path, "%s%s", ci_roots.dev, directories[i]);
        watch(w, path, true);
    }
}

int ci_hotplug_watch(struct ci_hotplug *hotplug, const struct ci_list *ports)
{
    struct watching w = {.hotplug = hotplug};

    places_free(hotplug);
    if (hotplug->udev == NULL)
        watch_devices(&w);
    for (const struct ci_list *link = ports->next; link != ports; link = link->next) {
        const struct ci_listed *port = CI_CONTAINER(link, const struct ci_listed, link);

        if (port->cable == NULL)
            watch_one(&w, port->tty.node);
    }
    ci_names_each_mapping(watch_mapping, &w);
    return w.error;
}

/* ---- what happens ---- */

struct telling {
    void (*tell)(enum ci_hotplug_news news, const char *path, void *arg);
    void *arg;
    bool told;
};

static void tell(struct telling *t, enum ci_hotplug_news news, const char *path)
{
    t->told = true;
    t->tell(news, path, t->arg);
}

static enum ci_hotplug_news news_of(uint32_t mask)
{
    if ((mask & (IN_DELETE | IN_MOVED_FROM)) != 0)
        return CI_HOTPLUG_GONE;
    return (mask & IN_ATTRIB) != 0 ? CI_HOTPLUG_MODE : CI_HOTPLUG_LOOK;
}

/* What is called `name` in the directory counts, or nothing is: the event is the directory's own.
 */
static bool counts(const struct place *place, int number, const char *name)
{
    return place->number == number && name[0] != '\0' &&
           (place->all || strcmp(place->path + place->directory + 1, name) == 0);
}

static void hear(struct ci_hotplug *hotplug, const struct inotify_event *event, struct telling *t)
{
    const char *name = event->len > 0 ? event->name : "";
    char path[PATH_MAX];

    if ((event->mask & (IN_Q_OVERFLOW | IN_DELETE_SELF | IN_IGNORED)) != 0) {
        tell(t, CI_HOTPLUG_LOOK, "");
        return;
    }
    CI_LIST_EACH (link, after, &hotplug->places) {
        const struct place *place = CI_CONTAINER(link, struct place, link);

        if (!counts(place, event->wd, name))
            continue;
        if (snprintf(path, sizeof path, "%.*s/%s", (int)place->directory, place->path, name) <
            (int)sizeof path)
            tell(t, news_of(event->mask), path);
        return;
    }
}

static void drain_inotify(struct ci_hotplug *hotplug, struct telling *t)
{
    union {
        struct inotify_event first; /* for its alignment */
        char bytes[4096];
    } room;
    ssize_t n;

    while ((n = ci_sys_read(hotplug->inotify, room.bytes, sizeof room.bytes)) > 0)
        for (const char *at = room.bytes; at < room.bytes + n;) {
            const struct inotify_event *event = (const struct inotify_event *)(const void *)at;

            hear(hotplug, event, t);
            at += sizeof *event + event->len;
        }
}

static void drain_udev(struct ci_hotplug *hotplug, struct telling *t)
{
    char node[PATH_MAX];
    enum ci_udev_news news;

    while ((news = ci_udev_next(hotplug->udev, node, sizeof node)) != CI_UDEV_NONE)
        tell(t,
             news == CI_UDEV_REMOVED   ? CI_HOTPLUG_GONE
             : news == CI_UDEV_CHANGED ? CI_HOTPLUG_MODE
                                       : CI_HOTPLUG_LOOK,
             node);
}

bool ci_hotplug_drain(struct ci_hotplug *hotplug,
                      void (*say)(enum ci_hotplug_news news, const char *path, void *arg),
                      void *arg)
{
    struct telling t = {.tell = say, .arg = arg};

    drain_inotify(hotplug, &t);
    if (hotplug->udev != NULL)
        drain_udev(hotplug, &t);
    return t.told;
}
