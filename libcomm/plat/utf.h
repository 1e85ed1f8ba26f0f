/* SPDX-License-Identifier: MIT */
#ifndef CI_PLAT_UTF_H
#define CI_PLAT_UTF_H

/*
 * UTF-8 to UTF-16 and back.  What is well-formed survives unchanged; what is not (a stray byte, an
 * overlong form, half a surrogate pair) becomes U+FFFD, and nothing after it is lost.
 *
 * Both return how many units the whole of src takes, and write no more than room of them, never a
 * part of a character.  So a return above room means "did not fit", and (NULL, 0) measures.  NUL is
 * a character like any other: whoever wants the result terminated converts the terminator too.
 */

#include <stddef.h>
#include <stdint.h>

size_t ci_utf8_to_16(const char *src, size_t len, uint16_t *dst, size_t room);
size_t ci_utf16_to_8(const uint16_t *src, size_t len, char *dst, size_t room);

/* Units before the terminating zero. */
size_t ci_utf16_len(const uint16_t *text);

#endif
