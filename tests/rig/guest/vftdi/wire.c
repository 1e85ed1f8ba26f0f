/* SPDX-License-Identifier: MIT */
#include "wire.h"

static unsigned parity_bit(enum chip_parity parity, uint8_t byte)
{
    unsigned ones = (unsigned)__builtin_popcount(byte);

    switch (parity) {
    case PARITY_ODD:
        return (ones & 1) ^ 1;
    case PARITY_EVEN:
        return ones & 1;
    case PARITY_SPACE:
        return 0;
    case PARITY_NONE: /* the stop bit is where it would be */
    case PARITY_MARK:
    default:
        return 1;
    }
}

static uint8_t masked(const struct chip *chip, unsigned byte)
{
    return (uint8_t)(byte & ((1u << chip->bits) - 1));
}

/* The line, one bit of the sender's each, the start bit lowest; stop bits and idleness are ones. */
static uint64_t frame_of(const struct chip *from, uint8_t byte)
{
    uint8_t data = masked(from, byte);
    uint64_t frame = ~UINT64_C(0) << (1 + from->bits);

    frame |= (uint64_t)data << 1;
    if (parity_bit(from->parity, data) == 0)
        frame &= ~(UINT64_C(1) << (1 + from->bits));
    return frame;
}

/* In the middle of the receiver's bit `n`. */
static unsigned sample(const struct chip *from, const struct chip *to, uint64_t frame, unsigned n)
{
    uint64_t bit = (2 * n + 1) * (uint64_t)to->eighths / (2 * (uint64_t)from->eighths);

    return bit > 63 ? 1 : (unsigned)(frame >> bit) & 1;
}

struct received wire_carry(const struct chip *from, const struct chip *to, uint8_t byte)
{
    uint64_t frame = frame_of(from, byte);
    struct received got = {0, 0};
    unsigned n = 1;

    for (unsigned i = 0; i < to->bits; i++)
        got.byte |= (uint8_t)(sample(from, to, frame, n++) << i);
    if (to->parity != PARITY_NONE &&
        sample(from, to, frame, n++) != parity_bit(to->parity, got.byte))
        got.errors |= CHIP_PARITY;
    if (sample(from, to, frame, n) == 0)
        got.errors |= CHIP_FRAME;
    return got;
}
