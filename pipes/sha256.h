/* SPDX-License-Identifier: MIT */
#ifndef PI_SHA256_H
#define PI_SHA256_H

#include <stddef.h>
#include <stdint.h>

/* The SHA-256 digest of some bytes (FIPS 180-4). */
void pi_sha256(const void *data, size_t len, uint8_t digest[32]);

#endif
