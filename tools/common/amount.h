/* SPDX-License-Identifier: MIT */
/* Numbers with units, as people write them: 57.6k, 50M, 1h, 8n1.  All of the text has to be one,
 * and what does not come out even (8.5 bytes) or does not fit is none.  No locale has a say in it.
 */
#ifndef TOOLS_AMOUNT_H
#define TOOLS_AMOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct amount_framing {
    uint8_t bits;   /* 5 to 8 */
    char parity;    /* n o e m s */
    uint8_t halves; /* stop bits, times two */
};

bool amount_count(const char *text, uint64_t *count);
/* Bits per second, 1 and more; k and M are of thousands. */
bool amount_rate(const char *text, uint32_t *rate);
/* Bytes; k, M and G are of 1024. */
bool amount_size(const char *text, uint64_t *bytes);
/* Microseconds; us, ms, s, m, h, d, and `unit_us` for a number without. */
bool amount_time(const char *text, uint64_t unit_us, uint64_t *us);
bool amount_framing(const char *text, struct amount_framing *framing);

#endif
