/* SPDX-License-Identifier: MIT */
/* Hints for the compiler, where a way through a function is so short that the registers saved for
 * another way are a good part of it. */
#ifndef CI_PLAT_HINT_H
#define CI_PLAT_HINT_H

#define CI_APART __attribute__((noinline))      /* another way, not a rarer one */
#define CI_RARE __attribute__((cold, noinline)) /* an error, or a lost race */

#endif
