/* SPDX-License-Identifier: MIT */
/* Lines of text and of hex.  A line is kept until it ends, because what happens meanwhile is a line
 * of its own; a very long one ends early. */
#include "tools/common/capture_text.h"

#include "tools/common/lines.h"

#include <stdio.h>
#include <string.h>

#define HEX_ROW 16

enum { ESCAPE_NONE, ESCAPE_BEGUN, ESCAPE_CSI, ESCAPE_STRING, ESCAPE_STRING_END };

static void begin_line(struct capture *capture, uint64_t at_ns, char sign)
{
    char stamp[STAMP_ROOM];
    size_t len =
        stamp_format(stamp, capture->options.stamp, &capture->base, at_ns, capture->before_ns);

    capture->before_ns = at_ns;
    if (len > 0)
        bytes_format(&capture->out, "%s ", stamp);
    bytes_format(&capture->out, "%c ", sign);
}

/* By hand: a format for each byte would take most of the time a capture has. */
static void add_hex_row(struct bytes *out, const uint8_t *data, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char row[HEX_ROW * 4 + 8];
    char *to = row;

    for (size_t i = 0; i < HEX_ROW; i++) {
        if (i == HEX_ROW / 2)
            *to++ = ' ';
        *to++ = i < len ? digits[data[i] >> 4] : ' ';
        *to++ = i < len ? digits[data[i] & 15] : ' ';
        *to++ = ' ';
    }
    *to++ = ' ';
    *to++ = '|';
    for (size_t i = 0; i < len; i++)
        *to++ = data[i] >= 0x20 && data[i] < 0x7f ? (char)data[i] : '.';
    *to++ = '|';
    *to++ = '\n';
    bytes_add(out, row, (size_t)(to - row));
}

/* Writes out what a side has begun. */
static void flush(struct capture *capture, unsigned dir)
{
    struct bytes *line = &capture->side[dir].line;

    begin_line(capture, capture->side[dir].at_ns, dir == RING_RX ? '<' : '>');
    if (capture->options.format == CAPTURE_HEX) {
        add_hex_row(&capture->out, (const uint8_t *)line->data, line->len);
    } else {
        bytes_add(&capture->out, line->data, line->len);
        bytes_byte(&capture->out, '\n');
    }
    bytes_clear(line);
}

/* Whether a byte belongs to an escape sequence and is left out. */
static bool strips(unsigned *escape, uint8_t byte)
{
    unsigned before = *escape;

    if (byte == 0x1b) {
        *escape = before == ESCAPE_STRING ? ESCAPE_STRING_END : ESCAPE_BEGUN;
        return true;
    }
    if (before == ESCAPE_NONE)
        return (byte < 0x20 && byte != '\t') || byte == 0x7f;
    if (before == ESCAPE_BEGUN && byte == '[')
        *escape = ESCAPE_CSI;
    else if (before == ESCAPE_BEGUN && (byte == ']' || byte == 'P' || byte == '^' || byte == '_'))
        *escape = ESCAPE_STRING;
    else if (before == ESCAPE_BEGUN)
        *escape = byte >= 0x20 && byte < 0x30 ? ESCAPE_BEGUN : ESCAPE_NONE;
    else if (before == ESCAPE_CSI)
        *escape = byte >= 0x40 && byte < 0x7f ? ESCAPE_NONE : ESCAPE_CSI;
    else if (before == ESCAPE_STRING_END || byte == 0x07)
        *escape = ESCAPE_NONE;
    return true;
}

static void add_byte(struct capture *capture, unsigned dir, uint8_t byte)
{
    struct bytes *line = &capture->side[dir].line;

    if (capture->options.format == CAPTURE_HEX) {
        bytes_byte(line, byte);
        if (line->len == HEX_ROW)
            flush(capture, dir);
        return;
    }
    if (byte == '\n' || byte == '\r') {
        bool half = byte == '\n' && capture->side[dir].cr;

        capture->side[dir].cr = byte == '\r';
        capture->side[dir].escape = ESCAPE_NONE;
        if (!half)
            flush(capture, dir);
        return;
    }
    capture->side[dir].cr = false;
    if (capture->options.strip && strips(&capture->side[dir].escape, byte))
        return;
    bytes_byte(line, byte);
    if (line->len >= LINES_LONGEST)
        flush(capture, dir);
}

static void add_data(struct capture *capture, const struct ring_record *record)
{
    unsigned dir = record->dir;

    for (size_t i = 0; i < record->len; i++) {
        if (capture->side[dir].line.len == 0)
            capture->side[dir].at_ns = record->stamp_ns;
        add_byte(capture, dir, record->data[i]);
    }
}

static void add_event(struct capture *capture, const struct ring_record *record)
{
    char words[LINES_EVENT_ROOM];

    capture_text_end(capture); /* so that lines stay in the order of time */
    lines_event_text(record, words, sizeof(words));
    begin_line(capture, record->stamp_ns, record->kind == RING_ERROR ? '!' : '*');
    if (record->kind == RING_MARK)
        bytes_format(&capture->out, "[mark %u] ", record->detail);
    bytes_text(&capture->out, words);
    bytes_byte(&capture->out, '\n');
}

void capture_text_record(struct capture *capture, const struct ring_record *record)
{
    if (record->kind != RING_DATA) {
        add_event(capture, record);
        return;
    }
    /* a line of the other side that has begun ends here */
    if (record->len > 0 && capture->side[!record->dir].line.len > 0)
        flush(capture, !record->dir);
    add_data(capture, record);
}

void capture_text_end(struct capture *capture)
{
    for (unsigned dir = 0; dir < 2; dir++) {
        if (capture->side[dir].line.len > 0)
            flush(capture, dir);
    }
}
