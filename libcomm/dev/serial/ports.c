/* SPDX-License-Identifier: MIT */
/* The public side of numbering: which ports there are, what is known of them, and giving one a
 * number. */
#include <libcomm/native.h>
#include <libcomm/serial.h>

#include <stdio.h>
#include <string.h>

#include "libcomm/dev/serial/labels.h"
#include "libcomm/dev/serial/names.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/trace.h"

static uint32_t count_of(const struct ci_list *ports)
{
    uint32_t count = 0;

    for (const struct ci_list *link = ports->next; link != ports; link = link->next)
        count++;
    return count;
}

/* What both lists answer once `count` places were filled as far as there are ports. */
static uint32_t list_result(uint32_t there, uint32_t count, DWORD *found)
{
    *found = there;
    if (there == 0)
        return ERROR_FILE_NOT_FOUND;
    return there > count ? ERROR_MORE_DATA : ERROR_SUCCESS;
}

static uint32_t numbers_get(ULONG *numbers, uint32_t count, ULONG *found)
{
    struct ci_list ports;
    uint32_t error, i = 0;
    DWORD there = 0;

    if (found == NULL || (numbers == NULL && count > 0))
        return ERROR_INVALID_PARAMETER;
    error = ci_names_list(&ports);
    if (error != ERROR_SUCCESS)
        return error;
    CI_LIST_EACH (link, after, &ports)
        if (i < count)
            numbers[i++] = CI_CONTAINER(link, struct ci_listed, link)->number;
    error = list_result(count_of(&ports), count, &there);
    *found = there;
    ci_names_list_free(&ports);
    return error;
}

ULONG GetCommPorts(PULONG numbers, ULONG count, PULONG found)
{
    CI_TRACED_DWORD(numbers_get(numbers, count, found), "GetCommPorts %u", (unsigned)count);
}

/* ---- all that is known ---- */

static uint32_t transport_of(const struct ci_tty *tty)
{
    if (tty->on_usb)
        return COMM_PORT_USB;
    if (tty->family == CI_TTY_RFCOMM)
        return COMM_PORT_BLUETOOTH;
    return tty->physical ? COMM_PORT_NATIVE : COMM_PORT_VIRTUAL;
}

static void link_put(char *to, size_t room, const struct ci_tty *tty, const char *directory)
{
    char name[NAME_MAX + 1];

    ci_tty_link(tty, directory, name, sizeof name);
    if (name[0] != '\0' &&
        snprintf(to, room, "%s/serial/%s/%s", ci_roots.dev, directory, name) >= (int)room)
        to[0] = '\0'; /* half a path leads elsewhere */
}

static void info_of_cable(const struct ci_listed *port, COMM_PORT_INFO *info)
{
    info->transport = COMM_PORT_VIRTUAL;
    info->usb_interface = -1;
    snprintf(info->description, sizeof info->description, "%s end of a simulated cable",
             port->end == 0 ? "first" : "second");
}

static void info_of(const struct ci_listed *port, COMM_PORT_INFO *info)
{
    const struct ci_tty *tty = &port->tty;

    memset(info, 0, sizeof *info);
    info->number = port->number;
    if (port->cable != NULL) {
        info_of_cable(port, info);
        return;
    }
    info->transport = transport_of(tty);
    if (snprintf(info->path, sizeof info->path, "%s", tty->node) >= (int)sizeof info->path)
        info->path[0] = '\0';
    link_put(info->by_id, sizeof info->by_id, tty, "by-id");
    link_put(info->by_path, sizeof info->by_path, tty, "by-path");
    snprintf(info->topology, sizeof info->topology, "%s", tty->topology);
    ci_labels_put(tty, info);
}

static uint32_t infos_get(COMM_PORT_INFO *infos, uint32_t count, DWORD *found)
{
    struct ci_list ports;
    uint32_t error, i = 0;

    if (found == NULL || (infos == NULL && count > 0))
        return ERROR_INVALID_PARAMETER;
    error = ci_names_list(&ports);
    if (error != ERROR_SUCCESS)
        return error;
    CI_LIST_EACH (link, after, &ports)
        if (i < count)
            info_of(CI_CONTAINER(link, struct ci_listed, link), &infos[i++]);
    error = list_result(count_of(&ports), count, found);
    ci_names_list_free(&ports);
    return error;
}

DWORD CommListPorts(COMM_PORT_INFO *ports, DWORD count, DWORD *found)
{
    CI_TRACED_DWORD(infos_get(ports, count, found), "CommListPorts %u", (unsigned)count);
}

/* ---- mapping ---- */

static bool port_map(uint32_t number, const char *device)
{
    uint32_t error = ci_names_map(number, device);

    return error == ERROR_SUCCESS || ci_fail(error);
}

BOOL CommMapPort(DWORD number, const char *device)
{
    CI_TRACED_BOOL(port_map(number, device), "CommMapPort %u %s", (unsigned)number,
                   device != NULL ? device : "(null)");
}
