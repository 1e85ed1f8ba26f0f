/* SPDX-License-Identifier: MIT */
#ifndef PI_FOLD_H
#define PI_FOLD_H

#include <stdint.h>

/* The lower-case form of a code point, or the code point itself. */
uint32_t pi_fold(uint32_t c);

#endif
