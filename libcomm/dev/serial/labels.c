/* SPDX-License-Identifier: MIT */
/* libserialport is used for nothing but this: it finds one port by name without opening it, whereas
 * its list of all ports opens some, and its idea of settings is not ours. */
#include "libcomm/dev/serial/labels.h"

#include <stdio.h>
#include <string.h>

#include "libcomm/dev/serial/ttys.h"

#ifdef CI_WITH_LIBSERIALPORT
#include <libserialport.h>
#pragma weak sp_get_port_by_name /* a program linked statically may come without */
#pragma weak sp_free_port
#pragma weak sp_get_port_transport
#pragma weak sp_get_port_description
#pragma weak sp_get_port_usb_manufacturer
#pragma weak sp_get_port_usb_product
#pragma weak sp_get_port_usb_serial
#pragma weak sp_get_port_usb_vid_pid
#endif

static void put(char *to, size_t room, const char *text)
{
    if (text != NULL && *text != '\0')
        snprintf(to, room, "%s", text);
}

#ifdef CI_WITH_LIBSERIALPORT
static void ask(struct sp_port *port, COMM_PORT_INFO *info)
{
    int vid, pid;

    if (sp_get_port_transport(port) != SP_TRANSPORT_USB)
        return;
    put(info->description, sizeof info->description, sp_get_port_description(port));
    put(info->usb_manufacturer, sizeof info->usb_manufacturer, sp_get_port_usb_manufacturer(port));
    put(info->usb_product, sizeof info->usb_product, sp_get_port_usb_product(port));
    put(info->usb_serial, sizeof info->usb_serial, sp_get_port_usb_serial(port));
    if (sp_get_port_usb_vid_pid(port, &vid, &pid) == SP_OK) {
        info->usb_vid = (WORD)vid;
        info->usb_pid = (WORD)pid;
    }
}

/* It reads the real /sys, and knows ports by their names in the real /dev. */
static void ask_libserialport(const struct ci_tty *tty, COMM_PORT_INFO *info)
{
    struct sp_port *port;

    if (sp_get_port_by_name == NULL || !tty->on_usb)
        return;
    if (strcmp(ci_roots.sys, "/sys") != 0 || strcmp(ci_roots.dev, "/dev") != 0)
        return;
    if (sp_get_port_by_name(tty->node, &port) != SP_OK)
        return;
    ask(port, info);
    sp_free_port(port);
}
#else
static void ask_libserialport(const struct ci_tty *tty, COMM_PORT_INFO *info)
{
    (void)tty;
    (void)info;
}
#endif

void ci_labels_put(const struct ci_tty *tty, COMM_PORT_INFO *info)
{
    put(info->description, sizeof info->description, tty->name);
    info->usb_interface = -1;
    if (!tty->on_usb)
        return;
    put(info->description, sizeof info->description, tty->usb.product);
    put(info->usb_manufacturer, sizeof info->usb_manufacturer, tty->usb.manufacturer);
    put(info->usb_product, sizeof info->usb_product, tty->usb.product);
    put(info->usb_serial, sizeof info->usb_serial, tty->usb.serial);
    info->usb_vid = tty->usb.vid;
    info->usb_pid = tty->usb.pid;
    info->usb_interface = tty->usb.interface;
    ask_libserialport(tty, info);
}
