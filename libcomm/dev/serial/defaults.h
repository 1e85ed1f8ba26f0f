/* SPDX-License-Identifier: MIT */
/* What SetDefaultCommConfig was told of a port: kept in the user's map file (portmap.h) for all of
 * his programs, or, where that cannot be written, as long as this process lives. */
#ifndef CI_DEV_SERIAL_DEFAULTS_H
#define CI_DEV_SERIAL_DEFAULTS_H

#include <stdint.h>

#include "libcomm/dev/serial/settings.h"

/* What was kept of that port, or what a port has that nobody has set. */
void ci_default_find(uint32_t number, struct ci_settings *settings);
/* Settings that a port would take.  0 or -ENOMEM.  Other lines of the file stay as they are; who
 * reads it meanwhile sees the old one or the new one. */
int ci_default_keep(uint32_t number, const struct ci_settings *settings);

#endif
