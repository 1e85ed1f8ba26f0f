/* SPDX-License-Identifier: MIT */
/* The formatter behind every printf-like call that is ours, in both widths, by Windows' rules
 * (compat_text.h has them). */
#ifndef CI_COMPAT_FORMAT_H
#define CI_COMPAT_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#define CI_FORMAT_FAILED ((size_t)-1)

/* Writes no more than room units with the NUL, which is there unless room is 0.  Returns how many
 * units the whole has without it, or CI_FORMAT_FAILED for a format that asks for %n. */
size_t ci_format(bool wide, void *dest, size_t room, const void *format, va_list args);
/* The same with all the room for text and no NUL. */
size_t ci_format_bare(bool wide, void *dest, size_t room, const void *format, va_list args);

#endif
