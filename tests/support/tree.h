/* SPDX-License-Identifier: MIT */
/* A made-up machine: its sysfs, its /dev with ptys for ports, its /etc, and a home for map files,
 * all below the test's directory. */
#ifndef COMM_TESTS_SUPPORT_TREE_H
#define COMM_TESTS_SUPPORT_TREE_H

#include <stddef.h>

struct tree_usb {
    const char *topology;  /* of the interface: "1-2:1.0" */
    const char *interface; /* two hex digits */
    const char *vid, *pid;
    const char *manufacturer, *product, *serial; /* NULL: none */
};

/* An empty machine in place of this one, and an environment that names no map file. */
void tree_begin(void);
/* The real one again; everything made is gone. */
void tree_end(void);

/* A port of a serial controller; type "0": nothing is there. */
void tree_native(const char *name, const char *type);
void tree_usb(const char *name, const struct tree_usb *usb);
/* One without hardware. */
void tree_virtual(const char *name);
/* Its node alone, and back: what udev and the kernel do first and last. */
void tree_take_node(const char *name);
void tree_put_node(const char *name);
/* Its pty is gone, slave and all. */
void tree_hang_up(const char *name);
/* /dev/serial/by-id/LINK -> ../../NAME, and the like. */
void tree_link(const char *directory, const char *link, const char *name);

/* The path of a node as libcomm calls it, and the pty it leads to.  Static, a few at a time. */
const char *tree_node(const char *name);
const char *tree_real(const char *name);

/* Writes a file below the machine's root, making its directories: "etc/libcomm/ports". */
void tree_write(const char *path, const char *text);
void tree_remove(const char *path);
/* Its full path.  Static, a few at a time. */
const char *tree_path(const char *path);

#endif
