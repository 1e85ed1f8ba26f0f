/* SPDX-License-Identifier: MIT */
/* USB devices are known by maker, product, serial number and interface; ptys by when they were
 * made, since their numbers are used again at once. */
#include "tools/common/identity.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

COMM_PORT_INFO *tool_ports(size_t *count)
{
    COMM_PORT_INFO *ports = NULL;
    DWORD room = 16, found = 0, error = ERROR_MORE_DATA;

    *count = 0;
    while (error == ERROR_MORE_DATA) { /* one may arrive between two calls */
        COMM_PORT_INFO *more = realloc(ports, room * sizeof *ports);

        if (more == NULL)
            break;
        ports = more;
        error = CommListPorts(ports, room, &found);
        room = found + 8;
    }
    if (error == ERROR_SUCCESS) {
        *count = found;
        return ports;
    }
    free(ports);
    return NULL;
}

static void find_driver(struct tool_identity *identity)
{
    const char *name = strrchr(identity->path, '/');
    char link[320], target[PATH_MAX];
    const char *base;
    ssize_t len;

    if (name == NULL)
        return;
    snprintf(link, sizeof link, "/sys/class/tty%.255s/device/driver", name);
    len = readlink(link, target, sizeof target - 1);
    if (len <= 0)
        return;
    target[len] = '\0';
    base = strrchr(target, '/');
    snprintf(identity->driver, sizeof identity->driver, "%.63s", base == NULL ? target : base + 1);
}

void tool_identity_of_port(const COMM_PORT_INFO *port, struct tool_identity *identity)
{
    *identity = (struct tool_identity){
        .known = port->usb_interface >= 0 || port->topology[0] != '\0',
        .vid = port->usb_vid,
        .pid = port->usb_pid,
        .interface = (int)port->usb_interface,
    };
    snprintf(identity->path, sizeof identity->path, "%s", port->path);
    snprintf(identity->serial, sizeof identity->serial, "%s", port->usb_serial);
    snprintf(identity->topology, sizeof identity->topology, "%s", port->topology);
    find_driver(identity);
}

/* Reading and writing do not change the ctime of a pty's node; making one does.  It goes by the
 * tick of the kernel's clock, so one that lived for less than that is taken for the next. */
static void of_node(const struct stat *st, struct tool_identity *identity)
{
    unsigned number = major(st->st_rdev);

    if (number < 136 || number > 143)
        return;
    identity->known = true;
    identity->device = st->st_rdev;
    identity->born_ns = (uint64_t)st->st_ctim.tv_sec * 1000000000u + (uint64_t)st->st_ctim.tv_nsec;
}

/* A node of /dev may be a link, and so may be what the list calls it. */
static bool leads_to(const char *path, const char *real)
{
    char other[PATH_MAX];

    if (strcmp(path, real) == 0)
        return true;
    return realpath(path, other) != NULL && strcmp(other, real) == 0;
}

void tool_identity_of(const char *path, struct tool_identity *identity)
{
    char real[PATH_MAX];
    COMM_PORT_INFO *ports;
    struct stat st;
    size_t count;

    *identity = (struct tool_identity){.interface = -1};
    if (realpath(path, real) == NULL || stat(real, &st) != 0)
        return;
    ports = tool_ports(&count);
    for (size_t i = 0; i < count && !identity->known; i++)
        if (leads_to(ports[i].path, real))
            tool_identity_of_port(&ports[i], identity);
    free(ports);
    if (identity->known)
        return;
    snprintf(identity->path, sizeof identity->path, "%.255s", real);
    of_node(&st, identity);
}

bool tool_identity_same(const struct tool_identity *a, const struct tool_identity *b)
{
    if (!a->known || !b->known)
        return false;
    if (a->device != b->device || a->born_ns != b->born_ns)
        return false;
    if (a->vid != b->vid || a->pid != b->pid || a->interface != b->interface ||
        strcmp(a->serial, b->serial) != 0)
        return false;
    return a->serial[0] != '\0' || strcmp(a->topology, b->topology) == 0;
}

void tool_identity_text(const struct tool_identity *identity, char *text, size_t room)
{
    const char *driver = identity->driver[0] != '\0' ? identity->driver : "unknown driver";

    if (identity->device != 0)
        snprintf(text, room, "a pseudo-terminal made at %llu.%09llu",
                 (unsigned long long)(identity->born_ns / 1000000000u),
                 (unsigned long long)(identity->born_ns % 1000000000u));
    else if (identity->interface >= 0)
        snprintf(text, room, "usb %04x:%04x serial %s interface %d at %s (%s)", identity->vid,
                 identity->pid, identity->serial[0] != '\0' ? identity->serial : "none",
                 identity->interface, identity->topology, driver);
    else if (identity->known)
        snprintf(text, room, "the device at %s (%s)", identity->topology, driver);
    else
        snprintf(text, room, "a device that cannot be told from others");
}
