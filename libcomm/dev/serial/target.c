/* SPDX-License-Identifier: MIT */
/* Looking for one tty by what is known of it.  Two that fit are as bad as none: a program that
 * asked for one adapter must never talk to its twin. */
#include "libcomm/dev/serial/target.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libcomm/dev/serial/ttys.h"
#include "libcomm/plat/sys_dir.h"

/* What is asked of a USB port; has_* says which. */
struct wish {
    bool has_serial, has_vid, has_pid, has_interface;
    const char *serial;
    size_t serial_len;
    unsigned vid, pid, interface;
};

static const char *after(const char *text, const char *beginning)
{
    size_t len = strlen(beginning);

    return strncmp(text, beginning, len) == 0 ? text + len : NULL;
}

static bool number_in(const char *text, size_t len, int base, unsigned most, unsigned *number)
{
    char digits[16], *end;
    unsigned long value;

    if (len == 0 || len >= sizeof digits || strspn(text, "0123456789abcdefABCDEFxX") < len)
        return false;
    memcpy(digits, text, len);
    digits[len] = '\0';
    value = strtoul(digits, &end, base);
    *number = (unsigned)value;
    return *end == '\0' && value <= most;
}

/* One `key=value` of `len` bytes. */
static const char *wish_add(struct wish *wish, const char *text, size_t len)
{
    const char *value = memchr(text, '=', len);
    size_t key_len = value == NULL ? 0 : (size_t)(value - text), value_len = len - key_len - 1;

    if (value == NULL || value_len == 0)
        return "expected key=value";
    value++;
    if (key_len == 6 && memcmp(text, "serial", 6) == 0) {
        wish->has_serial = true;
        wish->serial = value;
        wish->serial_len = value_len;
    } else if (key_len == 3 && memcmp(text, "vid", 3) == 0) {
        wish->has_vid = true;
        return number_in(value, value_len, 16, 0xFFFF, &wish->vid) ? NULL
                                                                   : "vid is four hex digits";
    } else if (key_len == 3 && memcmp(text, "pid", 3) == 0) {
        wish->has_pid = true;
        return number_in(value, value_len, 16, 0xFFFF, &wish->pid) ? NULL
                                                                   : "pid is four hex digits";
    } else if (key_len == 2 && memcmp(text, "if", 2) == 0) {
        wish->has_interface = true;
        return number_in(value, value_len, 10, 0xFF, &wish->interface) ? NULL : "if is a number";
    } else {
        return "usb: knows serial, vid, pid and if";
    }
    return NULL;
}

static const char *wish_read(struct wish *wish, const char *text)
{
    const char *fault = NULL;

    memset(wish, 0, sizeof *wish);
    while (fault == NULL) {
        size_t len = strcspn(text, ",");

        fault = wish_add(wish, text, len);
        if (text[len] == '\0')
            break;
        text += len + 1;
    }
    return fault;
}

static bool grants(const struct ci_tty *tty, const struct wish *wish)
{
    const struct ci_usb *usb = &tty->usb;

    return tty->on_usb &&
           (!wish->has_serial || (strlen(usb->serial) == wish->serial_len &&
                                  memcmp(usb->serial, wish->serial, wish->serial_len) == 0)) &&
           (!wish->has_vid || usb->vid == wish->vid) && (!wish->has_pid || usb->pid == wish->pid) &&
           (!wish->has_interface || (unsigned)usb->interface == wish->interface);
}

const char *ci_target_fault(const char *target)
{
    struct wish wish;
    const char *rest;

    if (strlen(target) >= PATH_MAX)
        return "it is too long";
    if (target[0] == '/')
        return NULL;
    if ((rest = after(target, "usb:")) != NULL)
        return wish_read(&wish, rest);
    if ((rest = after(target, "topology:")) != NULL)
        return *rest != '\0' ? NULL : "topology: wants a place, such as 1-2.3:1.0";
    return "expected a path from /, usb: or topology:";
}

bool ci_target_fits(const char *target, const struct ci_tty *tty)
{
    const char *usb = after(target, "usb:");
    const char *topology = after(target, "topology:");
    struct wish wish;

    if (usb != NULL)
        return wish_read(&wish, usb) == NULL && grants(tty, &wish);
    return topology != NULL && tty->on_usb && strcmp(tty->topology, topology) == 0;
}

static int path_find(const char *path, char real[PATH_MAX])
{
    int error = ci_sys_realpath(path, real);

    return error != 0 ? error : ci_tty_check(real);
}

int ci_target_find(const char *target, const struct ci_list *ttys, char real[PATH_MAX])
{
    const struct ci_tty *found = NULL;

    if (target[0] == '/')
        return path_find(target, real);
    for (const struct ci_list *link = ttys->next; link != ttys; link = link->next) {
        const struct ci_tty *tty = CI_CONTAINER(link, const struct ci_tty, link);

        if (!ci_target_fits(target, tty))
            continue;
        if (found != NULL)
            return -ENOTUNIQ;
        found = tty;
    }
    if (found == NULL)
        return -ENOENT;
    memcpy(real, found->real, sizeof found->real);
    return 0;
}
