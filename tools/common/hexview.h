/* SPDX-License-Identifier: MIT */
/* Bytes as a hex dump: rows of sixteen with offset and text, broken where there was silence, what a
 * selection may mean as numbers, and hex as it is typed.
 *
 *     0010  36 31 33 33 30 30 31 35  33 29 0d 0a              |613300153)..|
 *     001c  -- gap 33 ms --
 */
#ifndef TOOLS_COMMON_HEXVIEW_H
#define TOOLS_COMMON_HEXVIEW_H

#include "tools/common/bytes.h"

#include <stdint.h>

#define HEXVIEW_ROW 16
#define HEXVIEW_ROOM 96 /* for a row's text */

/* A piece of what is dumped that came at one time. */
struct hexview_piece {
    const uint8_t *data;
    size_t len;
    uint64_t at_ns;
};

struct hexview_row {
    uint64_t offset;
    uint8_t bytes[HEXVIEW_ROW];
    size_t len;      /* 0: a gap */
    uint64_t gap_ns; /* how long it was */
};

/* Parts pieces into rows: call hexview_next() until it gives false. */
struct hexview {
    const struct hexview_piece *pieces; /* the caller's */
    size_t count, piece, used;          /* used: of the piece */
    uint64_t offset;
    uint64_t silence_ns; /* a longer one is a gap; 0: none is */
    uint64_t before_ns;
};

void hexview_begin(struct hexview *view, const struct hexview_piece *pieces, size_t count,
                   uint64_t offset, uint64_t silence_ns);
bool hexview_next(struct hexview *view, struct hexview_row *row);
/* The row as it is shown; out has HEXVIEW_ROOM.  Gives its length. */
size_t hexview_format(char *out, const struct hexview_row *row);

/* "u8 33  i16le 3361  ..." of the selection's first bytes: what its length allows. */
void hexview_numbers(struct bytes *out, const uint8_t *data, size_t len);
/* "sum8 0x5a  xor 0x3a  ..." */
void hexview_sums(struct bytes *out, const uint8_t *data, size_t len);

/* Reads hex as it is typed, `06 30 "text" 0x0d0a`, with \ escapes inside quotes; appends to *out.
 * false: *at is where it is wrong, and *out is as before. */
bool hexview_read(struct bytes *out, const char *text, size_t *at);

#endif
