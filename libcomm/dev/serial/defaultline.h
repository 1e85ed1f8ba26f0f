/* SPDX-License-Identifier: MIT */
/* A port's default settings as a line of the map file, between the lines that map numbers:
 *
 *     COM3.default = baud=9600 data=8 parity=n stop=1 control=1 flow=64 xonlimit=2048 ...
 *
 * control and flow are the two words of SERIAL_HANDFLOW, characters their codes.  What is left out
 * is as in a port nobody has set. */
#ifndef CI_DEV_SERIAL_DEFAULTLINE_H
#define CI_DEV_SERIAL_DEFAULTLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcomm/dev/serial/settings.h"

#define CI_DEFAULT_LINE_ROOM 512

/* Terminated, without the end of the line. */
void ci_default_line_write(char line[CI_DEFAULT_LINE_ROOM], uint32_t number,
                           const struct ci_settings *settings);
/* What stands behind the `=` in a line about the defaults of that port; NULL: it is another one.
 * Lines end at '\n' or '\0'. */
const char *ci_default_line_value(const char *line, uint32_t number);
/* False when that cannot be understood, or when no port would take it. */
bool ci_default_line_read(const char *value, struct ci_settings *settings);

#endif
