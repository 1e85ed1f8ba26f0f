/* SPDX-License-Identifier: MIT */
/* Adapters of all kinds that a guest can have, each of which a test can pull out and put in again.
 * $LIBCOMM_TEST_PLUGS names those of this guest: `qemu acm vftdi`. */
#ifndef COMM_TESTS_RIG_GUEST_PLUGS_H
#define COMM_TESTS_RIG_GUEST_PLUGS_H

#include <stdbool.h>

struct plug {
    const char *name;
    /* what it is found by: the same after it was plugged in again */
    const char *by_serial; /* a path, by our own rules */
    const char *usb;       /* as map files have it */
    /* Return at once; false: a check has failed. */
    bool (*pull)(void);
    bool (*put)(void);
};

/* Calls the test for each one of this guest, with a note when it failed there; each is plugged in
 * and has its names then. */
void on_each_plug(void (*test)(const struct plug *plug));

/* Its names come and go, within the patience of comm_wait_until(). */
bool plug_comes(const struct plug *plug);
bool plug_goes(const struct plug *plug);

#endif
