/* SPDX-License-Identifier: MIT */
/* A file that says which device has which number: lines of the form
 *
 *     COM3 = /dev/serial/by-id/usb-FTDI_FT232R_A50285BI-if00-port0   # a comment
 *     COM4 = usb:vid=0403,pid=6001,if=0
 *     COM5 = topology:1-2.3:1.0
 *
 * It is read when it is first needed and again whenever it is not as it was.  What it says of a
 * number behind a dot (COM3.default) is for somebody else (defaultline.h). */
#ifndef CI_DEV_SERIAL_PORTMAP_H
#define CI_DEV_SERIAL_PORTMAP_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "libcomm/plat/list.h"

struct ci_mapping {
    struct ci_list link;
    uint32_t number;
    const char *file; /* that says so, and where; NULL: the program does */
    unsigned line;
    char target[];
};

struct ci_portmap {
    char path[PATH_MAX];    /* "": none was read yet */
    struct ci_list entries; /* ci_mapping, in the order of the file */
    bool present;
    uint64_t device, inode;
    int64_t size;
    struct timespec changed;
};

/* The files that count, the one asked first as number 0: the one LIBCOMM_PORTS names, if that is
 * set; else the user's and the machine's.  False: there is none with that number. */
#define CI_PORTMAP_FILES 2
bool ci_portmap_file(unsigned i, char path[PATH_MAX]);
/* All that is in an open file, terminated; the caller frees it.  0; -EFBIG: that is no map; another
 * negative errno. */
int ci_portmap_text(int fd, char **text);

void ci_portmap_init(struct ci_portmap *map);
/* What the file at `path` says now; a NULL path or a file that is not there says nothing.  Bad
 * lines are traced and skipped.  0, or -ENOMEM and then the map is empty. */
int ci_portmap_refresh(struct ci_portmap *map, const char *path);

/* The number in `text`, of `len` bytes: a positive one without zeros in front; 0: it is none. */
uint32_t ci_port_number(const char *text, size_t len);
/* Or NULL: no memory. */
struct ci_mapping *ci_mapping_new(uint32_t number, const char *target);
const struct ci_mapping *ci_mapping_find(const struct ci_list *entries, uint32_t number);
void ci_mappings_free(struct ci_list *entries);

#endif
