/* SPDX-License-Identifier: MIT */
/* What a number can be mapped to, in words: a path, `usb:serial=A50285BI,if=0` for the port of an
 * adapter wherever it is plugged in, `topology:1-2.3:1.0` for whatever is plugged in there. */
#ifndef CI_DEV_SERIAL_TARGET_H
#define CI_DEV_SERIAL_TARGET_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "libcomm/plat/list.h"

struct ci_tty;

/* NULL, or what is wrong with it, as the end of a sentence. */
const char *ci_target_fault(const char *target);
/* The terminal device it means among `ttys` or anywhere, without links: 0; -ENOENT: it is not
 * there; -ENOTUNIQ: several would do; another negative errno. */
int ci_target_find(const char *target, const struct ci_list *ttys, char real[PATH_MAX]);
/* Whether a tty is what a target other than a path says. */
bool ci_target_fits(const char *target, const struct ci_tty *tty);

#endif
