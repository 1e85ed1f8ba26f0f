/* SPDX-License-Identifier: MIT */
/* Sums and CRCs over a selection, and those that a line is sent with. */
#ifndef TOOLS_COMMON_CHECKSUM_H
#define TOOLS_COMMON_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum checksum_kind {
    CHECKSUM_SUM8,
    CHECKSUM_XOR,
    CHECKSUM_CRC8,   /* polynomial 0x07 */
    CHECKSUM_MODBUS, /* crc16/modbus */
    CHECKSUM_CCITT,  /* crc16/ccitt: 0x1021 from 0xffff */
    CHECKSUM_CRC32,
    CHECKSUM_KINDS,
};

const char *checksum_name(enum checksum_kind kind);
bool checksum_of_name(const char *name, enum checksum_kind *kind);
uint32_t checksum_of(enum checksum_kind kind, const void *data, size_t len);
/* The bytes as they are appended to a message, in the order its protocol has them; gives how many.
 */
size_t checksum_bytes(enum checksum_kind kind, uint32_t sum, uint8_t out[4]);

#endif
