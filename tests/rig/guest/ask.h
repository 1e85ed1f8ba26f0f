/* SPDX-License-Identifier: MIT */
/* What only the host can do, a test in the guest asks for: one line on the guest's ttyS1, one line
 * back (tests/rig/host/control.py).  Each command is described with the device that has it. */
#ifndef COMM_TESTS_RIG_GUEST_ASK_H
#define COMM_TESTS_RIG_GUEST_ASK_H

#include <stdbool.h>
#include <stddef.h>

/* The port whose other end is the host; see tests/rig/host/uarts.py for the others. */
#define RIG_LINK "/dev/ttyS2"

/* The host did so; else, or if it does not answer within 20 s, a check has failed. */
bool rig_ask(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same; what follows OK is put into `answer`, cut to its room. */
bool rig_ask_for(char *answer, size_t room, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
