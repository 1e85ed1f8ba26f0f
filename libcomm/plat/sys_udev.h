/* SPDX-License-Identifier: MIT */
/* udev's word that a tty came or went: it comes when the device has its owner, its mode and its
 * links.  Where libudev was not there when this was built, or is not there now, nothing opens. */
#ifndef CI_PLAT_SYS_UDEV_H
#define CI_PLAT_SYS_UDEV_H

#include <stddef.h>

struct ci_udev;

enum ci_udev_news {
    CI_UDEV_NONE,
    CI_UDEV_ADDED,
    CI_UDEV_REMOVED,
    CI_UDEV_CHANGED,
    CI_UDEV_LOST, /* there was more than there was room for */
};

/* A monitor of ttys, or NULL. */
struct ci_udev *ci_udev_open(void);
int ci_udev_fd(const struct ci_udev *udev);
/* What has happened to which node since; never blocks.  One thread at a time. */
enum ci_udev_news ci_udev_next(struct ci_udev *udev, char *node, size_t room);
void ci_udev_close(struct ci_udev *udev);

#endif
