/* SPDX-License-Identifier: MIT */
/* Where tests say what is to happen to the adapters: a datagram each way over a unix socket. */
#ifndef COMM_RIG_VFTDI_DOOR_H
#define COMM_RIG_VFTDI_DOOR_H

#include "adapter.h"

#define DOOR_PATH "/run/vftdi"

/* A descriptor, or a negative errno. */
int door_open(void);
/* Takes one request and answers `OK ...` or `ERR ...`; adapter is A or B, as the test numbers them:
 *   get A               what its driver set, and how much is on its way
 *   plug A | unplug A
 *   name A SERIAL       while it is not plugged in
 *   cut | join          the cable
 *   line A cts|dsr|ri|dcd 0|1|auto
 *   inject A none|pe|fe|oe|bi HEX    received besides what the peer sends, each byte with that
 * error
 */
void door_serve(int door, struct cable *cable, uint64_t now_ns);

#endif
