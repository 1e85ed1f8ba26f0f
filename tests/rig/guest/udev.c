/* SPDX-License-Identifier: MIT */
#include "udev.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "harness.h"

bool udev_has_link(void *name)
{
    struct stat st;

    return lstat(name, &st) == 0;
}

bool udev_has_no_link(void *name)
{
    return !udev_has_link(name);
}

void udev_settle(void)
{
    CHECK_EQ(system("udevadm settle --timeout=20"), 0);
}

void udev_property(const char *device, const char *name, char *value, size_t room)
{
    char line[1024];
    size_t len = strlen(name);
    FILE *info;

    value[0] = '\0';
    snprintf(line, sizeof line, "udevadm info --query=property %s", device);
    info = popen(line, "re");
    if (!CHECK(info != NULL))
        return;
    while (fgets(line, sizeof line, info) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (strncmp(line, name, len) == 0 && line[len] == '=')
            snprintf(value, room, "%s", line + len + 1);
    }
    CHECK_EQ(pclose(info), 0);
}
