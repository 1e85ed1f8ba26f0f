/* SPDX-License-Identifier: MIT */
/* Random numbers that are the same every time, so that what failed fails again. */
#ifndef COMM_TESTS_TOOLS_DICE_H
#define COMM_TESTS_TOOLS_DICE_H

#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t state;
};

static inline uint32_t dice_roll(struct dice *dice)
{
    dice->state = dice->state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(dice->state >> 33);
}

/* 0 to below - 1 */
static inline size_t dice_below(struct dice *dice, size_t below)
{
    return dice_roll(dice) % below;
}

/* Bytes that are mostly text, with line ends, control bytes, and whole and broken UTF-8. */
static inline void dice_bytes(struct dice *dice, uint8_t *out, size_t len)
{
    static const char some[] =
        "ab cdefg 0123\r\n\r\n\r\n\n\t?;\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80";

    for (size_t i = 0; i < len; i++) {
        if (dice_below(dice, 16) == 0)
            out[i] = (uint8_t)dice_roll(dice);
        else
            out[i] = (uint8_t)some[dice_below(dice, sizeof(some) - 1)];
    }
}

#endif
