/* SPDX-License-Identifier: MIT */
/* Strings of either width.  Most text calls exist twice, for bytes (UTF-8) and for 16-bit units
 * (UTF-16), and do the same to both: they are written once, on these. */
#ifndef CI_COMPAT_UNITS_H
#define CI_COMPAT_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline uint16_t ci_unit_get(const void *units, size_t at, bool wide)
{
    return wide ? ((const uint16_t *)units)[at] : ((const unsigned char *)units)[at];
}

static inline void ci_unit_put(void *units, size_t at, bool wide, uint16_t unit)
{
    if (wide)
        ((uint16_t *)units)[at] = unit;
    else
        ((unsigned char *)units)[at] = (unsigned char)unit;
}

/* Units before the NUL; `most` when there is none among the first `most`. */
size_t ci_units_len(const void *units, size_t most, bool wide);

/* Copies up to `most` units of src behind the first `used` of dest, and a NUL.  False when that
 * does not fit in room (not 0): then as much as fits, and the NUL. */
bool ci_units_put(void *dest, size_t room, size_t used, const void *src, size_t most, bool wide);

/* One character: how many units it has, and its code point.  What is not well-formed is U+FFFD. */
size_t ci_char_take(const void *units, bool wide, uint32_t *code);

/* Letters of Latin, Greek and Cyrillic; everything else is as it is. */
uint32_t ci_char_upper(uint32_t code);
uint32_t ci_char_lower(uint32_t code);

/* <0, 0, >0 by code points, at most `most` units of each. */
int ci_units_compare(const void *a, const void *b, size_t most, bool fold_case, bool wide);

/* A UTF-8 copy of UTF-16, ci_sys_free()d by the caller; NULL with last error 8.  NULL for NULL. */
char *ci_utf8_of(const uint16_t *text);

#endif
