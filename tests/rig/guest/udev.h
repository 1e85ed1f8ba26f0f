/* SPDX-License-Identifier: MIT */
/* What udev knows of a device. */
#ifndef COMM_TESTS_RIG_GUEST_UDEV_H
#define COMM_TESTS_RIG_GUEST_UDEV_H

#include <stdbool.h>
#include <stddef.h>

/* Whether there is a link of that name: a link itself goes and comes with its device as udev hears
 * of it, which is later than the node it leads to. */
bool udev_has_link(void *name);
bool udev_has_no_link(void *name);
/* Returns once udev has dealt with all it has heard of. */
void udev_settle(void);
/* A property of a device, given by its node or its directory in /sys; "" when it has none. */
void udev_property(const char *device, const char *name, char *value, size_t room);

#endif
