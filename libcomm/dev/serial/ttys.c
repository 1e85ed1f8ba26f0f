/* SPDX-License-Identifier: MIT */
/* Reading /sys/class/tty.  An entry there is a link into the tree of devices; what a USB port is
 * stands in the directories above it. */
#include "libcomm/dev/serial/ttys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_compat.h"
#include "libcomm/plat/sys_dir.h"

struct ci_roots ci_roots = {.dev = "/dev", .sys = "/sys", .etc = "/etc", .run = "/run"};

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

/* "DIRECTORY/NAME" as text; "" when there is none. */
static bool attribute(const char *directory, const char *name, char *to, size_t room)
{
    char path[PATH_MAX];

    to[0] = '\0';
    return snprintf(path, sizeof path, "%s/%s", directory, name) < (int)sizeof path &&
           ci_sys_read_text(path, to, room) > 0;
}

static bool attribute_number(const char *directory, const char *name, int base, unsigned *number)
{
    char text[32], *end;
    unsigned long value;

    if (!attribute(directory, name, text, sizeof text))
        return false;
    value = strtoul(text, &end, base);
    *number = (unsigned)value;
    return *end == '\0' && value <= UINT_MAX;
}

/* ---- what is a terminal ---- */

#define CONSOLES 4u
#define CONSOLES_END 64u /* behind the last virtual console begin the ports */
#define ALTERNATES 5u    /* /dev/tty, /dev/console, /dev/ptmx */
#define ALTERNATES_END 3u
#define PTYS 136u
#define PTYS_END 144u

static bool is_someones_screen(unsigned major_number, unsigned minor_number)
{
    return (major_number == CONSOLES && minor_number < CONSOLES_END) ||
           (major_number == ALTERNATES && minor_number < ALTERNATES_END);
}

static bool sysfs_says_tty(unsigned major_number, unsigned minor_number)
{
    char path[PATH_MAX], target[PATH_MAX];
    ssize_t len;

    snprintf(path, sizeof path, "%s/dev/char/%u:%u/subsystem", ci_roots.sys, major_number,
             minor_number);
    len = ci_sys_readlink(path, target, sizeof target - 1);
    if (len < 0)
        return false;
    target[len] = '\0';
    return strcmp(base_of(target), "tty") == 0;
}

int ci_tty_check(const char *path)
{
    struct stat st;
    int error = ci_sys_stat(path, &st);
    unsigned major_number, minor_number;

    if (error != 0)
        return error;
    if (!S_ISCHR(st.st_mode))
        return -ENOTTY;
    major_number = major(st.st_rdev);
    minor_number = minor(st.st_rdev);
    if (major_number >= PTYS && major_number < PTYS_END)
        return 0;
    if (is_someones_screen(major_number, minor_number))
        return -ENOTTY;
    return sysfs_says_tty(major_number, minor_number) ? 0 : -ENOTTY;
}

bool ci_tty_place(const char *path)
{
    static const char *const places[] = {"/tty", "/rfcomm", "/serial/"};
    size_t len = strlen(ci_roots.dev);

    if (strncmp(path, ci_roots.dev, len) != 0)
        return false;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        if (strncmp(path + len, places[i], strlen(places[i])) == 0)
            return true;
    return false;
}

/* ---- USB ---- */

/* Cuts the last component off; false at the top. */
static bool go_up(char *path)
{
    char *slash = strrchr(path, '/');

    if (slash == NULL || slash == path)
        return false;
    *slash = '\0';
    return true;
}

static bool has(const char *directory, const char *name)
{
    char path[PATH_MAX];

    return snprintf(path, sizeof path, "%s/%s", directory, name) < (int)sizeof path &&
           ci_sys_access(path, 0) == 0;
}

static bool climb_to(char *path, const char *name)
{
    do
        if (has(path, name))
            return true;
    while (go_up(path));
    return false;
}

/* udev turns white space into an underscore, and so does this. */
static void append_word(char *to, size_t room, const char *word)
{
    size_t len = strlen(to);

    for (; *word != '\0' && len + 1 < room; word++)
        to[len++] = (char)(*word == ' ' || *word == '/' ? '_' : *word);
    to[len] = '\0';
}

static void name_stably(struct ci_tty *tty)
{
    const struct ci_usb *usb = &tty->usb;
    char digits[32];

    snprintf(digits, sizeof digits, "%04x", usb->vid);
    append_word(tty->stable, sizeof tty->stable, usb->manufacturer[0] ? usb->manufacturer : digits);
    append_word(tty->stable, sizeof tty->stable, "_");
    snprintf(digits, sizeof digits, "%04x", usb->pid);
    append_word(tty->stable, sizeof tty->stable, usb->product[0] ? usb->product : digits);
    if (usb->serial[0] != '\0') {
        append_word(tty->stable, sizeof tty->stable, "_");
        append_word(tty->stable, sizeof tty->stable, usb->serial);
    }
    snprintf(digits, sizeof digits, "-if%02x", (unsigned)usb->interface);
    append_word(tty->stable, sizeof tty->stable, digits);
}

/* `device`: where the entry of class/tty leads to; used up. */
static void look_for_usb(char *device, struct ci_tty *tty)
{
    struct ci_usb *usb = &tty->usb;
    unsigned number = 0;

    if (!climb_to(device, "bInterfaceNumber"))
        return;
    attribute_number(device, "bInterfaceNumber", 16, &number);
    usb->interface = (int)(number & 0xFF);
    snprintf(tty->topology, sizeof tty->topology, "%.*s", CI_TTY_NAME - 1, base_of(device));
    if (!climb_to(device, "idVendor"))
        return;
    tty->on_usb = true;
    attribute_number(device, "idVendor", 16, &number);
    usb->vid = (uint16_t)number;
    number = 0;
    attribute_number(device, "idProduct", 16, &number);
    usb->pid = (uint16_t)number;
    attribute(device, "manufacturer", usb->manufacturer, sizeof usb->manufacturer);
    attribute(device, "product", usb->product, sizeof usb->product);
    attribute(device, "serial", usb->serial, sizeof usb->serial);
    name_stably(tty);
}

/* ---- one tty ---- */

static bool begins_with(const char *text, const char *beginning)
{
    return strncmp(text, beginning, strlen(beginning)) == 0;
}

/* Serial controllers have a `type`; 0 says that the driver found nothing there. */
static enum ci_tty_family family_of(const char *name, const char *entry)
{
    unsigned type;

    if (begins_with(name, "ttyUSB"))
        return CI_TTY_USB_SERIAL;
    if (begins_with(name, "ttyACM"))
        return CI_TTY_USB_MODEM;
    if (begins_with(name, "rfcomm"))
        return CI_TTY_RFCOMM;
    if (begins_with(name, "tty") && attribute_number(entry, "type", 10, &type) && type != 0)
        return CI_TTY_NATIVE;
    return CI_TTY_OTHER;
}

static void fill(struct ci_tty *tty, const char *name)
{
    char entry[PATH_MAX], device[PATH_MAX];

    snprintf(tty->name, sizeof tty->name, "%.*s", CI_TTY_NAME - 1, name);
    snprintf(entry, sizeof entry, "%s/class/tty/%s", ci_roots.sys, tty->name);
    tty->family = family_of(tty->name, entry);
    tty->physical = has(entry, "device") || tty->family == CI_TTY_RFCOMM;
    if (tty->family != CI_TTY_NATIVE && ci_sys_realpath(entry, device) == 0)
        look_for_usb(device, tty);
}

/* The node must be there: a container sees all of the machine's sysfs, but not its devices. */
static bool find_node(struct ci_tty *tty, const char *name)
{
    struct stat st;

    return snprintf(tty->node, sizeof tty->node, "%s/%s", ci_roots.dev, name) <
               (int)sizeof tty->node &&
           ci_sys_stat(tty->node, &st) == 0 && S_ISCHR(st.st_mode) &&
           ci_sys_realpath(tty->node, tty->real) == 0;
}

/* ---- all of them ---- */

static int order(const struct ci_tty *a, const struct ci_tty *b)
{
    int by = (int)a->family - (int)b->family;

    if (by == 0)
        by = strcmp(a->stable, b->stable);
    if (by == 0)
        by = strverscmp(a->topology, b->topology);
    return by != 0 ? by : strverscmp(a->name, b->name);
}

static void insert(struct ci_list *ttys, struct ci_tty *tty)
{
    CI_LIST_EACH (link, after, ttys)
        if (order(tty, CI_CONTAINER(link, struct ci_tty, link)) < 0) {
            ci_list_insert_before(&tty->link, link);
            return;
        }
    ci_list_append(ttys, &tty->link);
}

struct scan {
    struct ci_list *ttys;
    int error;
};

static bool may_have_number(const char *name)
{
    char entry[PATH_MAX];

    if (strlen(name) >= CI_TTY_NAME)
        return false;
    snprintf(entry, sizeof entry, "%s/class/tty/%s", ci_roots.sys, name);
    return family_of(name, entry) != CI_TTY_OTHER;
}

static bool scan_one(const char *name, void *arg)
{
    struct scan *scan = arg;
    struct ci_tty *tty;

    if (!may_have_number(name))
        return true;
    tty = ci_sys_alloc(sizeof *tty);
    if (tty == NULL) {
        scan->error = -ENOMEM;
        return false;
    }
    if (!find_node(tty, name)) {
        ci_sys_free(tty);
        return true;
    }
    fill(tty, name);
    insert(scan->ttys, tty);
    return true;
}

int ci_ttys_scan(struct ci_list *ttys)
{
    struct scan scan = {.ttys = ttys};
    char directory[PATH_MAX];

    snprintf(directory, sizeof directory, "%s/class/tty", ci_roots.sys);
    (void)ci_sys_dir_each(directory, scan_one, &scan); /* no sysfs, no ports that it would list */
    return scan.error;
}

void ci_ttys_free(struct ci_list *ttys)
{
    struct ci_list *link;

    while ((link = ci_list_pop(ttys)) != NULL)
        ci_sys_free(CI_CONTAINER(link, struct ci_tty, link));
}

/* By its device number, since nodes may have any name. */
void ci_tty_describe(struct ci_tty *tty)
{
    char path[PATH_MAX], device[PATH_MAX];
    struct stat st = {.st_rdev = 0};

    memcpy(tty->node, tty->real, sizeof tty->node);
    tty->family = CI_TTY_OTHER;
    (void)ci_sys_stat(tty->real, &st);
    snprintf(path, sizeof path, "%s/dev/char/%u:%u", ci_roots.sys, major(st.st_rdev),
             minor(st.st_rdev));
    if (ci_sys_realpath(path, device) == 0)
        fill(tty, base_of(device));
    else if (begins_with(tty->real, "/dev/"))
        snprintf(tty->name, sizeof tty->name, "%.*s", CI_TTY_NAME - 1, tty->real + strlen("/dev/"));
    else
        snprintf(tty->name, sizeof tty->name, "%.*s", CI_TTY_NAME - 1, base_of(tty->real));
}

/* ---- udev's links ---- */

struct seek {
    const char *directory, *target;
    char *name;
    size_t room;
};

static bool leads_there(const char *name, void *arg)
{
    struct seek *seek = arg;
    char path[PATH_MAX], target[PATH_MAX];
    ssize_t len;

    if (snprintf(path, sizeof path, "%s/%s", seek->directory, name) >= (int)sizeof path)
        return true;
    len = ci_sys_readlink(path, target, sizeof target - 1);
    if (len < 0)
        return true;
    target[len] = '\0';
    if (strcmp(base_of(target), seek->target) != 0)
        return true;
    snprintf(seek->name, seek->room, "%s", name);
    return false;
}

void ci_tty_link(const struct ci_tty *tty, const char *directory, char *name, size_t room)
{
    char path[PATH_MAX];
    struct seek seek = {path, base_of(tty->node), name, room};

    name[0] = '\0';
    snprintf(path, sizeof path, "%s/serial/%s", ci_roots.dev, directory);
    (void)ci_sys_dir_each(path, leads_there, &seek);
}
