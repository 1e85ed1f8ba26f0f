/* SPDX-License-Identifier: MIT */
/* A mark is the escape character, its kind and up to two bytes more. */
#include "tools/common/marks.h"

#include <string.h>

#include <libcomm/serial.h>

/* Bytes of a mark of this kind, with both before it. */
static unsigned mark_len(uint8_t kind)
{
    switch (kind) {
    case SERIAL_LSRMST_LSR_DATA:
        return 4;
    case SERIAL_LSRMST_LSR_NODATA:
    case SERIAL_LSRMST_MST:
        return 3;
    default:
        return 2;
    }
}

/* The rest of the register says nothing about the byte. */
#define ERRORS (TOOL_LSR_OVERRUN | TOOL_LSR_PARITY | TOOL_LSR_FRAMING | TOOL_LSR_BREAK)

static void give(struct tool_marks *marks, uint8_t last, struct tool_piece *piece)
{
    uint8_t kind = marks->count == 1 ? last : marks->held[1];

    *piece = (struct tool_piece){.mark = TOOL_MARK_BYTES, .data = &marks->byte, .len = 1};
    marks->byte = marks->count == 1 ? marks->held[0] : last;
    if (kind == SERIAL_LSRMST_LSR_DATA) {
        piece->mark = TOOL_MARK_ERROR;
        piece->status = marks->held[2] & ERRORS;
    } else if (kind == SERIAL_LSRMST_LSR_NODATA || kind == SERIAL_LSRMST_MST) {
        piece->mark = kind == SERIAL_LSRMST_MST ? TOOL_MARK_LINES : TOOL_MARK_ERROR;
        piece->status = kind == SERIAL_LSRMST_MST ? last : last & ERRORS;
        piece->len = 0;
    }
    marks->count = 0;
}

/* One byte more of a mark; true when it was the last. */
static bool take(struct tool_marks *marks, uint8_t byte, struct tool_piece *piece)
{
    uint8_t kind = marks->count == 1 ? byte : marks->held[1];

    if (marks->count > 0 && marks->count + 1u == mark_len(kind)) {
        give(marks, byte, piece);
        return true;
    }
    marks->held[marks->count++] = byte;
    return false;
}

bool tool_marks_next(struct tool_marks *marks, const uint8_t **in, size_t *len,
                     struct tool_piece *piece)
{
    const uint8_t *escape;
    size_t plain;

    while (*len > 0 && (marks->count > 0 || **in == TOOL_MARK_ESCAPE)) {
        bool whole = take(marks, **in, piece);

        ++*in;
        --*len;
        if (whole)
            return true;
    }
    if (*len == 0)
        return false;
    escape = memchr(*in, TOOL_MARK_ESCAPE, *len);
    plain = escape == NULL ? *len : (size_t)(escape - *in);
    *piece = (struct tool_piece){.mark = TOOL_MARK_BYTES, .data = *in, .len = plain};
    *in += plain;
    *len -= plain;
    return true;
}
