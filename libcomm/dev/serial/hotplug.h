/* SPDX-License-Identifier: MIT */
/* Who tells that ports come and go: udev where it runs, else the directories their nodes are in.
 * Neither is believed in detail: what they say is that it is time to look again, and which nodes
 * went, since one that went and came back looks as if nothing had happened.
 *
 * Nothing here locks: one thread at a time. */
#ifndef CI_DEV_SERIAL_HOTPLUG_H
#define CI_DEV_SERIAL_HOTPLUG_H

#include <stdbool.h>

#include "libcomm/plat/list.h"

struct ci_udev;

struct ci_hotplug {
    int inotify;
    struct ci_udev *udev;  /* NULL: the directories have to do */
    struct ci_list places; /* what inotify's numbers stand for */
};

enum ci_hotplug_news {
    CI_HOTPLUG_LOOK, /* something is different; of any node */
    CI_HOTPLUG_GONE, /* this node is gone, or was */
    CI_HOTPLUG_MODE, /* who may open this node is different */
};

/* In zeroed memory: 0, or a negative errno. */
int ci_hotplug_init(struct ci_hotplug *hotplug);
/* Descriptors that poll readable when there is news; the second is -1 without udev. */
int ci_hotplug_fd(const struct ci_hotplug *hotplug, unsigned i);
/* Before looking: watches all there is to watch by now, for those `ports` (ci_listed) and what is
 * mapped.  0 or -ENOMEM. */
int ci_hotplug_watch(struct ci_hotplug *hotplug, const struct ci_list *ports);
/* Tells all that is new, path by path, and empties the descriptors.  Whether there was anything. */
bool ci_hotplug_drain(struct ci_hotplug *hotplug,
                      void (*tell)(enum ci_hotplug_news news, const char *path, void *arg),
                      void *arg);
void ci_hotplug_fini(struct ci_hotplug *hotplug);

#endif
