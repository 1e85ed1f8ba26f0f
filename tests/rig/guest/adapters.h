/* SPDX-License-Identifier: MIT */
/* The two adapters that vftdi simulates, RIGA and RIGB: what a test can have done to them, and what
 * they say of themselves (guest/vftdi/door.h has the words). */
#ifndef COMM_TESTS_RIG_GUEST_ADAPTERS_H
#define COMM_TESTS_RIG_GUEST_ADAPTERS_H

#include <stdbool.h>
#include <stddef.h>

#define ADAPTER_A "/dev/serial/by-serial/0403:6001:RIGA:00"
#define ADAPTER_B "/dev/serial/by-serial/0403:6001:RIGB:00"

/* Done, or a check has failed. */
bool adapters_do(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* One of the numbers that `get` tells of adapter 'A' or 'B'; -1, and a check has failed: it does
 * not. */
long adapter_tells(char adapter, const char *what);

#endif
