/* SPDX-License-Identifier: MIT */
/* Builds the few files and links of sysfs that tell what a port is. */
#include "tree.h"

#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness.h"
#include "libcomm/dev/serial/names.h"

enum { PORTS_MAX = 16, TEXTS = 64 };

static struct {
    struct {
        char name[32], pty[64];
        int master;
    } port[PORTS_MAX];
    int count;
    unsigned machines; /* each test has one of its own */
    char root[PATH_MAX], dev[PATH_MAX], sys[PATH_MAX], etc[PATH_MAX], run[PATH_MAX];
} tree;

__attribute__((format(printf, 1, 2))) static char *text(const char *format, ...)
{
    static _Thread_local char texts[TEXTS][PATH_MAX];
    static _Thread_local unsigned next;
    char *to = texts[next++ % TEXTS];
    va_list args;

    va_start(args, format);
    vsnprintf(to, PATH_MAX, format, args);
    va_end(args);
    return to;
}

const char *tree_path(const char *path)
{
    return text("%s/%s", tree.root, path);
}

static void make_directories(const char *path)
{
    char *copy = text("%s", path);

    for (char *at = copy + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        mkdir(copy, 0755);
        *at = '/';
    }
}

void tree_write(const char *path, const char *content)
{
    const char *full = tree_path(path);
    FILE *file;

    make_directories(full);
    unlink(full); /* another inode: it changed, however coarse the clock of the disk is */
    file = fopen(full, "w");
    if (!CHECK(file != NULL))
        return;
    fputs(content, file);
    fclose(file);
}

void tree_remove(const char *path)
{
    CHECK_EQ(unlink(tree_path(path)), 0);
}

static void link_to(const char *target, const char *path)
{
    make_directories(path);
    CHECK_EQ(symlink(target, path), 0);
}

/* ---- the machine ---- */

static void leave_environment(void)
{
    unsetenv("LIBCOMM_PORTS");
    unsetenv("XDG_CONFIG_HOME");
    setenv("HOME", tree_path("home"), 1);
}

void tree_begin(void)
{
    snprintf(tree.root, sizeof tree.root, "%s/machine%u", comm_test_dir(), tree.machines++);
    snprintf(tree.dev, sizeof tree.dev, "%.*s/dev", PATH_MAX - 16, tree.root);
    snprintf(tree.sys, sizeof tree.sys, "%.*s/sys", PATH_MAX - 16, tree.root);
    snprintf(tree.etc, sizeof tree.etc, "%.*s/etc", PATH_MAX - 16, tree.root);
    snprintf(tree.run, sizeof tree.run, "%.*s/run", PATH_MAX - 16, tree.root);
    make_directories(tree_path("dev/"));
    make_directories(tree_path("sys/class/tty/"));
    make_directories(tree_path("home/"));
    ci_roots =
        (struct ci_roots){.dev = tree.dev, .sys = tree.sys, .etc = tree.etc, .run = tree.run};
    leave_environment();
    ci_names_forget();
}

void tree_end(void)
{
    while (tree.count > 0)
        if (tree.port[--tree.count].master >= 0)
            close(tree.port[tree.count].master);
    ci_roots = (struct ci_roots){.dev = "/dev", .sys = "/sys", .etc = "/etc", .run = "/run"};
    ci_names_forget();
}

/* ---- ports ---- */

const char *tree_node(const char *name)
{
    return text("%s/%s", tree.dev, name);
}

const char *tree_real(const char *name)
{
    for (int i = tree.count; i-- > 0;) /* the last that was given this name */
        if (strcmp(tree.port[i].name, name) == 0)
            return tree.port[i].pty;
    comm_check(false, __FILE__, __LINE__, "there is a port %s", name);
    return "";
}

static void add_pty(const char *name)
{
    int i = tree.count, master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (master < 0 || i == PORTS_MAX)
        comm_test_skip("there are no ptys");
    tree.count++;
    tree.port[i].master = master;
    snprintf(tree.port[i].name, sizeof tree.port[i].name, "%s", name);
    CHECK(grantpt(master) == 0 && unlockpt(master) == 0);
    CHECK_EQ(ptsname_r(master, tree.port[i].pty, sizeof tree.port[i].pty), 0);
}

void tree_put_node(const char *name)
{
    link_to(tree_real(name), tree_node(name));
}

void tree_take_node(const char *name)
{
    CHECK_EQ(unlink(tree_node(name)), 0);
}

void tree_hang_up(const char *name)
{
    for (int i = 0; i < tree.count; i++)
        if (strcmp(tree.port[i].name, name) == 0) {
            close(tree.port[i].master);
            tree.port[i].master = -1;
        }
}

/* device: below sys/devices; its tty is devices/DEVICE/tty/NAME.  The node comes last, as with the
 * kernel: who hears of it finds all the rest. */
static void add_device(const char *name, const char *device)
{
    make_directories(tree_path(text("sys/devices/%s/tty/%s/", device, name)));
    link_to(text("../../devices/%s/tty/%s", device, name),
            tree_path(text("sys/class/tty/%s", name)));
    link_to("../..", tree_path(text("sys/devices/%s/tty/%s/device", device, name)));
    add_pty(name);
    tree_put_node(name);
}

void tree_native(const char *name, const char *type)
{
    char *device = text("platform/serial8250.%s", name);

    tree_write(text("sys/devices/%s/tty/%s/type", device, name), text("%s\n", type));
    add_device(name, device);
}

void tree_virtual(const char *name)
{
    make_directories(tree_path(text("sys/devices/virtual/tty/%s/", name)));
    link_to(text("../../devices/virtual/tty/%s", name), tree_path(text("sys/class/tty/%s", name)));
    add_pty(name);
    tree_put_node(name);
}

static void attribute(const char *directory, const char *name, const char *value)
{
    if (value != NULL)
        tree_write(text("%s/%s", directory, name), text("%s\n", value));
}

void tree_usb(const char *name, const struct tree_usb *usb)
{
    char *device =
        text("sys/devices/pci0000:00/usb1/%.*s", (int)strcspn(usb->topology, ":"), usb->topology);
    char *interface = text("%s/%s", device, usb->topology);

    attribute(interface, "bInterfaceNumber", usb->interface);
    attribute(device, "idVendor", usb->vid);
    attribute(device, "idProduct", usb->pid);
    attribute(device, "manufacturer", usb->manufacturer);
    attribute(device, "product", usb->product);
    attribute(device, "serial", usb->serial);
    add_device(name, text("%s/%s", interface + strlen("sys/devices/"), name));
}

void tree_link(const char *directory, const char *link, const char *name)
{
    link_to(text("../../%s", name), tree_node(text("serial/%s/%s", directory, link)));
}
