/* SPDX-License-Identifier: MIT */
#include "udev.h"

#include <stdio.h>
#include <string.h>

#include "harness.h"

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
