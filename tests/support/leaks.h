/* SPDX-License-Identifier: MIT */
/* What a process holds, before and after: descriptors, threads, objects, operations.  Only the
 * harness uses this. */
#ifndef COMM_TESTS_SUPPORT_LEAKS_H
#define COMM_TESTS_SUPPORT_LEAKS_H

#include <stddef.h>

/* Notes what is there now.  Call once, before the first test. */
void comm_leaks_begin(void);
/* Prints one line for each kind of thing that has not come back, after waiting for what ends by
 * itself. Returns how many kinds have not. */
int comm_leaks_end(void);

#endif
