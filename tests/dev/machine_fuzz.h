/* SPDX-License-Identifier: MIT */
/* A string of bytes as a program for a port's machine: each byte, with a few behind it, is a call
 * that its user may make.  After each call, what must always hold is looked at. */
#ifndef COMM_TESTS_DEV_MACHINE_FUZZ_H
#define COMM_TESTS_DEV_MACHINE_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* NULL, or what did not hold.  Needs nothing else of the tests: LLVMFuzzerTestOneInput() would be
 * this and abort(). */
const char *machine_fuzz(const uint8_t *program, size_t len);

#endif
