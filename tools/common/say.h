/* SPDX-License-Identifier: MIT */
/* What a tool says to people: one line each, on standard error, with the program's name before it.
 * Whatever a device or a file puts into such a line, it stays one line and acts on no terminal.
 * Nothing fails for want of a standard error. */
#ifndef TOOLS_SAY_H
#define TOOLS_SAY_H

#include <stdbool.h>
#include <stddef.h>

/* Once, before anything is said; `program` has to stay. */
void say_begin(const char *program);
/* `quiet` hides notices, `verbose` shows details too. */
void say_manners(bool quiet, bool verbose);

void say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Makes one line of `text` that acts on no terminal: control bytes, those of UTF-8 too, and bytes
 * that are no UTF-8 become ?. */
void say_tame(char *text);

#endif
