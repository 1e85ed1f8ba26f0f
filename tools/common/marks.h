/* SPDX-License-Identifier: MIT */
/* What a port read with errors at their place, taken apart: bytes, damaged bytes, line errors,
 * edges of modem lines, in the order they came.  The same for every way the stream was cut into
 * reads. */
#ifndef TOOLS_MARKS_H
#define TOOLS_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Rare in text and in most framings; a device that sends it costs one byte more. */
#define TOOL_MARK_ESCAPE 0xF7

enum tool_mark {
    TOOL_MARK_BYTES, /* data, len */
    TOOL_MARK_ERROR, /* status: LSR bits; data and len: the damaged byte, if there was one */
    TOOL_MARK_LINES, /* status: levels and edges, as in MSR */
};

/* Bits of the line status of a TOOL_MARK_ERROR. */
#define TOOL_LSR_OVERRUN 0x02
#define TOOL_LSR_PARITY 0x04
#define TOOL_LSR_FRAMING 0x08
#define TOOL_LSR_BREAK 0x10

struct tool_marks {
    uint8_t held[3]; /* the beginning of a mark whose rest is not here yet */
    uint8_t count;
    uint8_t byte; /* what data of a piece may point to */
};

struct tool_piece {
    enum tool_mark mark;
    const uint8_t *data;
    size_t len;
    uint8_t status;
};

/* Takes the next piece off *in; false when there is none.  The piece is good until the next call.
 */
bool tool_marks_next(struct tool_marks *marks, const uint8_t **in, size_t *len,
                     struct tool_piece *piece);

#endif
