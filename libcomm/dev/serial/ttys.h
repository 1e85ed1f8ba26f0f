/* SPDX-License-Identifier: MIT */
/* The ttys of this machine, as sysfs describes them.  Nothing is ever opened to find out: opening a
 * port raises its lines, and whoever is at the other end notices. */
#ifndef CI_DEV_SERIAL_TTYS_H
#define CI_DEV_SERIAL_TTYS_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "libcomm/plat/list.h"

/* Where the system keeps what is read here.  Tests put made-up trees in their place. */
struct ci_roots {
    const char *dev, *sys, *etc, *run;
};
extern struct ci_roots ci_roots;

/* The order in which ttys get numbers by themselves. */
enum ci_tty_family {
    CI_TTY_NATIVE, /* a serial controller with hardware behind it: ttyS0 */
    CI_TTY_USB_SERIAL,
    CI_TTY_USB_MODEM, /* CDC ACM */
    CI_TTY_RFCOMM,
    CI_TTY_OTHER, /* gets none by itself: ptys, gadgets, simulated pairs */
};

#define CI_TTY_NAME 64
#define CI_TTY_TEXT 256

struct ci_usb {
    uint16_t vid, pid;
    int interface;                                                             /* its number */
    char manufacturer[CI_TTY_TEXT], product[CI_TTY_TEXT], serial[CI_TTY_TEXT]; /* "": none */
};

struct ci_tty {
    struct ci_list link;
    char name[CI_TTY_NAME]; /* "ttyUSB0", "pts/3" */
    char node[PATH_MAX];    /* /dev/ttyUSB0 */
    char real[PATH_MAX];    /* the node without links */
    enum ci_tty_family family;
    bool physical; /* some device is behind it */
    bool on_usb;   /* usb and topology hold */
    struct ci_usb usb;
    char topology[CI_TTY_NAME]; /* "1-2.3:1.0" */
    /* What stays the same however often it is plugged: what udev makes by-id names of, and "" for
     * what is not on USB. */
    char stable[CI_TTY_TEXT * 3];
};

/* Whether a path leads to a terminal device: a pty's slave, or what sysfs calls a tty, but not
 * /dev/tty, the console, a virtual console or a pty's master.  0; -ENOTTY; another negative errno
 * of stat. */
int ci_tty_check(const char *path);
/* Whether it is a place where ports of the machine are, whatever is there now. */
bool ci_tty_place(const char *path);

/* Adds those that are there and get numbers by themselves, in the order of their numbers: 0 or
 * -ENOMEM. */
int ci_ttys_scan(struct ci_list *ttys);
/* What there is to know of a tty of any family that nothing is known of yet but `real`. */
void ci_tty_describe(struct ci_tty *tty);
void ci_ttys_free(struct ci_list *ttys);

/* The name below /dev/serial/by-id or by-path that leads to a tty; "" when there is none. */
void ci_tty_link(const struct ci_tty *tty, const char *directory, char *name, size_t room);

#endif
