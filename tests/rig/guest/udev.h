/* SPDX-License-Identifier: MIT */
/* What udev knows of a device. */
#ifndef COMM_TESTS_RIG_GUEST_UDEV_H
#define COMM_TESTS_RIG_GUEST_UDEV_H

#include <stddef.h>

/* A property of a device, given by its node or its directory in /sys; "" when it has none. */
void udev_property(const char *device, const char *name, char *value, size_t room);

#endif
