/* SPDX-License-Identifier: MIT */
/* libudev, and all there is to know of it here. */
#include "libcomm/plat/sys_udev.h"

#ifdef CI_WITH_LIBUDEV
#include <errno.h>
#include <libudev.h>
#include <stdio.h>
#include <string.h>

#include "libcomm/plat/sys.h"
#include "libcomm/plat/testing.h"

#pragma weak udev_new /* a program linked statically may come without */
#pragma weak udev_unref
#pragma weak udev_monitor_new_from_netlink
#pragma weak udev_monitor_unref
#pragma weak udev_monitor_filter_add_match_subsystem_devtype
#pragma weak udev_monitor_enable_receiving
#pragma weak udev_monitor_get_fd
#pragma weak udev_monitor_receive_device
#pragma weak udev_device_get_action
#pragma weak udev_device_get_devnode
#pragma weak udev_device_unref

struct ci_udev {
    struct udev *library;
    struct udev_monitor *monitor;
};

struct ci_udev *ci_udev_open(void)
{
    struct ci_udev *udev;

    if (udev_new == NULL || ci_fault(CI_FAULT_DESCRIPTOR))
        return NULL;
    udev = ci_sys_alloc(sizeof *udev);
    if (udev == NULL)
        return NULL;
    udev->library = udev_new();
    if (udev->library != NULL)
        udev->monitor = udev_monitor_new_from_netlink(udev->library, "udev");
    if (udev->monitor != NULL &&
        udev_monitor_filter_add_match_subsystem_devtype(udev->monitor, "tty", NULL) >= 0 &&
        udev_monitor_enable_receiving(udev->monitor) >= 0)
        return udev;
    ci_udev_close(udev);
    return NULL;
}

int ci_udev_fd(const struct ci_udev *udev)
{
    return udev_monitor_get_fd(udev->monitor);
}

static enum ci_udev_news news_of(const char *action)
{
    if (action == NULL)
        return CI_UDEV_CHANGED;
    if (strcmp(action, "add") == 0)
        return CI_UDEV_ADDED;
    return strcmp(action, "remove") == 0 ? CI_UDEV_REMOVED : CI_UDEV_CHANGED;
}

enum ci_udev_news ci_udev_next(struct ci_udev *udev, char *node, size_t room)
{
    struct udev_device *device;
    enum ci_udev_news news;
    const char *path;

    node[0] = '\0';
    errno = 0;
    device = udev_monitor_receive_device(udev->monitor);
    if (device == NULL)
        return errno == ENOBUFS ? CI_UDEV_LOST : CI_UDEV_NONE;
    news = news_of(udev_device_get_action(device));
    path = udev_device_get_devnode(device);
    snprintf(node, room, "%s", path != NULL ? path : "");
    udev_device_unref(device);
    return news;
}

void ci_udev_close(struct ci_udev *udev)
{
    if (udev->monitor != NULL)
        udev_monitor_unref(udev->monitor);
    if (udev->library != NULL)
        udev_unref(udev->library);
    ci_sys_free(udev);
}

#else

struct ci_udev *ci_udev_open(void)
{
    return NULL;
}

int ci_udev_fd(const struct ci_udev *udev)
{
    (void)udev;
    return -1;
}

enum ci_udev_news ci_udev_next(struct ci_udev *udev, char *node, size_t room)
{
    (void)udev;
    (void)node;
    (void)room;
    return CI_UDEV_NONE;
}

void ci_udev_close(struct ci_udev *udev)
{
    (void)udev;
}
#endif
