/* SPDX-License-Identifier: MIT */
/* Which device COM7 is.  A simulated cable's ends come first, then what the program mapped, then
 * the map files, then what the machine has.
 *
 * One table under one lock of rank LEAF: any lock but one of that rank may be held by who asks.
 * Asking looks at the disk; only short answers of the kernel are waited for, never a device.
 *
 * Map files: the one LIBCOMM_PORTS names, if that is set (to nothing: none); else the user's
 * ${XDG_CONFIG_HOME:-$HOME/.config}/libcomm/ports and, for numbers that one leaves,
 * /etc/libcomm/ports.  A mapped number is taken even while its device is absent, and a mapped
 * device gets no second number.
 *
 * What is not mapped gets the lowest free numbers: ports of the machine first, then ttyUSB, ttyACM
 * and rfcomm, each kind by what its by-id names are made of, then by place.  A device keeps its
 * number for as long as the process lives, also while it is unplugged: nobody finds a stranger
 * under the number of what he lost.  Numbers that are to outlive processes are mapped. */
#ifndef CI_DEV_SERIAL_NAMES_H
#define CI_DEV_SERIAL_NAMES_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcomm/dev/serial/ttys.h"

struct ci_cable; /* cable.h: a simulated pair */

/* What a name leads to: an end of a cable (with a reference), or a path. */
struct ci_where {
    struct ci_cable *cable; /* NULL: path */
    unsigned end;           /* of the cable, 0 or 1 */
    char path[PATH_MAX];    /* without links */
    bool explicit_path;     /* the program named it; it is no COM name */
};

/* Whether CreateFile's name is a port's: `COM1`..`COM9` with or without a colon, `\\.\COMn`,
 * `//./COMn`, `\\?\COMn`, and paths that lead to a terminal device, or would if it were there
 * (/dev/ttyUSB0 must never become a file). */
bool ci_names_claim(const char *name);
/* The number in a name of the COM kind as CreateFile takes it; 0: it is none. */
uint32_t ci_names_number(const char *name);
/* Where a claimed name leads: 0; ERROR_FILE_NOT_FOUND: it is mapped to nothing, or to what is not
 * there; ERROR_OPEN_FAILED: several devices would do; ERROR_ACCESS_DENIED, ... */
uint32_t ci_names_find(const char *name, struct ci_where *where);
uint32_t ci_names_find_number(uint32_t number, struct ci_where *where);

/* The number an end of a cable gets: 0 or ERROR_ALREADY_EXISTS.  Borrowed until it is taken back.
 */
uint32_t ci_names_add_cable(uint32_t number, struct ci_cable *cable, unsigned end);
void ci_names_remove_cable(const struct ci_cable *cable);
/* CommMapPort; a NULL path takes the mapping back. */
uint32_t ci_names_map(uint32_t number, const char *path);

/* A port that is there. */
struct ci_listed {
    struct ci_list link;
    uint32_t number;
    uint32_t error;         /* 0 but while the list is made: it is mapped and not there */
    struct ci_cable *cable; /* a reference; NULL: tty holds */
    unsigned end;
    struct ci_tty tty;
};
/* All of them, by number: 0 or ERROR_NOT_ENOUGH_MEMORY, and then the list is empty. */
uint32_t ci_names_list(struct ci_list *ports);
void ci_names_list_free(struct ci_list *ports);
/* Calls `each` with what every number in use is mapped to and who says so (file NULL: the program),
 * under the table's lock.  Cables and ports that are not mapped are left out. */
struct ci_mapping;
void ci_names_each_mapping(void (*each)(const struct ci_mapping *mapping, void *arg), void *arg);

/* For tests: the table is as it was when the process began, but for cables. */
void ci_names_forget(void);

#endif
