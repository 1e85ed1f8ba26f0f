/* SPDX-License-Identifier: MIT */
/* Bit by bit: a selection is small, and a table for each would be larger than this file. */
#include "tools/common/checksum.h"

#include <string.h>

static const struct {
    const char *name;
    unsigned bytes;
    bool low_first;
} kinds[CHECKSUM_KINDS] = {
    {"sum8",         1, true },
    {"xor",          1, true },
    {"crc8",         1, true },
    {"crc16/modbus", 2, true },
    {"crc16/ccitt",  2, false},
    {"crc32",        4, true },
};

const char *checksum_name(enum checksum_kind kind)
{
    return kinds[kind].name;
}

bool checksum_of_name(const char *name, enum checksum_kind *kind)
{
    for (int i = 0; i < CHECKSUM_KINDS; i++) {
        if (strcmp(name, kinds[i].name) == 0) {
            *kind = (enum checksum_kind)i;
            return true;
        }
    }
    return false;
}

/* Lowest bit first. */
static uint32_t reflected(uint32_t sum, uint32_t polynomial, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        sum ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ polynomial : sum >> 1;
    }
    return sum;
}

/* Highest bit first, `width` bits. */
static uint32_t straight(uint32_t sum, uint32_t polynomial, unsigned width, const uint8_t *data,
                         size_t len)
{
    uint32_t top = 1u << (width - 1), mask = top | (top - 1);

    for (size_t i = 0; i < len; i++) {
        sum ^= (uint32_t)data[i] << (width - 8);
        for (int bit = 0; bit < 8; bit++)
            sum = (sum & top ? sum << 1 ^ polynomial : sum << 1) & mask;
    }
    return sum;
}

uint32_t checksum_of(enum checksum_kind kind, const void *data, size_t len)
{
    const uint8_t *bytes = data;
    uint32_t sum = 0;

    switch (kind) {
    case CHECKSUM_CRC8:
        return straight(0, 0x07, 8, bytes, len);
    case CHECKSUM_MODBUS:
        return reflected(0xffff, 0xa001, bytes, len);
    case CHECKSUM_CCITT:
        return straight(0xffff, 0x1021, 16, bytes, len);
    case CHECKSUM_CRC32:
        return ~reflected(0xffffffff, 0xedb88320, bytes, len);
    case CHECKSUM_SUM8:
    case CHECKSUM_XOR:
    case CHECKSUM_KINDS:
    default:
        break;
    }
    for (size_t i = 0; i < len; i++)
        sum = kind == CHECKSUM_XOR ? sum ^ bytes[i] : (sum + bytes[i]) & 0xff;
    return sum;
}

size_t checksum_bytes(enum checksum_kind kind, uint32_t sum, uint8_t out[4])
{
    unsigned count = kinds[kind].bytes;

    for (unsigned i = 0; i < count; i++)
        out[i] = (uint8_t)(sum >> 8 * (kinds[kind].low_first ? i : count - 1 - i));
    return count;
}
