/* SPDX-License-Identifier: MIT */
/* A line's bytes as text: walks over the records that hold them, joins characters that were cut
 * between reads, and gives what cannot be shown a form that can. */
#include "tools/common/lines.h"

#include "tools/common/width.h"

#include <stdio.h>
#include <string.h>

#define TAB 8

/* The next record with bytes of the line's side. */
static bool next_record(const struct lines_text *text, struct ring_record *record, uint64_t *next)
{
    while (ring_at(text->ring, *next, record, next)) {
        if (record->kind == RING_DATA && record->dir == text->line.dir && record->len > 0)
            return true;
    }
    return false;
}

static const char *error_text(unsigned detail)
{
    if (detail & RING_BREAK)
        return "break";
    if (detail & RING_FRAMING)
        return "framing error";
    if (detail & RING_PARITY)
        return "parity error";
    return detail & RING_OVERRUN ? "overrun" : "driver queue full";
}

static void edges_text(unsigned detail, char *out, size_t room)
{
    static const char *const names[] = {"CTS", "DSR", "RI", "DCD", "DTR", "RTS"};
    size_t len = 0;

    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if ((detail >> 8 & 1u << i) != 0 && len < room)
            len += (size_t)snprintf(out + len, room - len, "%s%s %s", len > 0 ? ", " : "", names[i],
                                    detail & 1u << i ? "on" : "off");
    }
}

void lines_event_text(const struct ring_record *record, char *out, size_t room)
{
    out[0] = '\0';
    if (record->kind == RING_ERROR)
        snprintf(out, room, "%s", error_text(record->detail));
    else if (record->kind == RING_LINES)
        edges_text(record->detail, out, room);
    else
        snprintf(out, room, "%.*s", (int)record->len, (const char *)record->data);
}

/* Makes an event look like a record with its words. */
static void begin_event(struct lines_text *text)
{
    if (text->record.kind != RING_ERROR && text->record.kind != RING_LINES)
        return; /* it has them itself */
    lines_event_text(&text->record, text->event, sizeof(text->event));
    text->record.data = (const uint8_t *)text->event;
    text->record.len = strlen(text->event);
    text->end = (uint32_t)text->record.len;
}

void lines_text_begin(struct lines_text *text, const struct lines *lines, uint64_t number,
                      enum lines_style style, unsigned width, uint64_t now_ns)
{
    const struct line *line = lines_at(lines, number);

    memset(text, 0, sizeof(*text));
    text->ring = lines->ring;
    text->style = style;
    text->width = width;
    text->now_ns = now_ns;
    text->gap_ns = lines->options.gap_ns;
    if (line == NULL || !ring_at(lines->ring, line->place, &text->record, &text->next))
        return;
    text->line = *line;
    text->used = line->offset;
    text->end = style == LINES_ESCAPES ? line->len : line->len - line->eol;
    if (line->kind != RING_DATA)
        begin_event(text);
}

/* Up to four bytes from where the text is, out of several records if need be, but not past a
 * silence in which a character would have been given up. */
static size_t look_ahead(const struct lines_text *text, uint8_t *out, bool *gap)
{
    size_t left = text->end - text->at, have = 0, used = text->used;
    struct ring_record record = text->record;
    uint64_t next = text->next;

    *gap = false;
    while (have < 4 && have < left) {
        uint64_t before_ns = record.stamp_ns;

        if (used < record.len) {
            out[have++] = record.data[used++];
            continue;
        }
        if (!next_record(text, &record, &next))
            break;
        used = 0;
        *gap = text->gap_ns != 0 && record.stamp_ns - before_ns > text->gap_ns;
        if (*gap)
            break;
    }
    return have;
}

/* Whether the character at the end of an open line may still become whole. */
static bool may_become_whole(const struct lines_text *text, size_t have, bool gap)
{
    uint64_t waited_ns = text->now_ns - text->line.last_ns;

    if (gap || (text->line.flags & LINES_OPEN) == 0 || text->at + have < text->end)
        return false;
    return text->gap_ns == 0 || text->now_ns < text->line.last_ns || waited_ns <= text->gap_ns;
}

static void show_bad(struct lines_glyph *glyph, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";

    memcpy(glyph->text, "\\x", 2);
    glyph->text[2] = digits[byte >> 4];
    glyph->text[3] = digits[byte & 15];
    glyph->len = glyph->width = 4;
    glyph->bytes = 1;
}

static void show_tab(const struct lines_text *text, struct lines_glyph *glyph)
{
    unsigned width = TAB - text->column % TAB;

    if (text->width > 0 && text->column < text->width && width > text->width - text->column)
        width = text->width - text->column; /* the rest of it would begin the next row */
    memset(glyph->text, ' ', width);
    glyph->len = glyph->width = (uint8_t)width;
    glyph->kind = LINES_PLAIN;
}

static void show_control(const struct lines_text *text, struct lines_glyph *glyph, uint8_t byte)
{
    const char *named = byte == '\0' ? NULL : strchr("\tt\nn\rr\033e", byte);

    glyph->kind = LINES_CONTROL;
    glyph->bytes = 1;
    glyph->len = glyph->width = 2;
    if (text->style == LINES_CARET && byte == '\t') {
        show_tab(text, glyph);
    } else if (text->style == LINES_CARET) {
        glyph->text[0] = '^';
        glyph->text[1] = (char)(byte ^ 0x40);
    } else if (named != NULL) {
        glyph->text[0] = '\\';
        glyph->text[1] = named[1];
    } else {
        show_bad(glyph, byte);
    }
}

/* Moves over the bytes of a glyph, into the record with the next one. */
static void move_on(struct lines_text *text, size_t bytes)
{
    text->at += (uint32_t)bytes;
    text->used += bytes;
    while (text->used >= text->record.len && text->at < text->end) {
        text->used -= text->record.len;
        if (!next_record(text, &text->record, &text->next)) {
            text->end = text->at;
            return;
        }
    }
}

static void place_glyph(struct lines_text *text, struct lines_glyph *glyph)
{
    if (text->width > 0 && text->column > 0 && text->column + glyph->width > text->width) {
        text->row++;
        text->column = 0;
    }
    glyph->row = text->row;
    glyph->column = text->column;
    text->column += glyph->width;
}

bool lines_text_next(struct lines_text *text, struct lines_glyph *glyph)
{
    uint8_t bytes[4] = {0};
    uint32_t code = 0;
    bool gap;
    size_t have;
    int got;

    if (text->at >= text->end)
        return false;
    memset(glyph, 0, sizeof(*glyph));
    glyph->offset = text->at;
    have = look_ahead(text, bytes, &gap);
    got = width_decode(bytes, have, &code);
    if (got == WIDTH_MORE && may_become_whole(text, have, gap))
        return false;
    if (got <= 0 || (code >= 0x80 && code < 0xa0)) { /* C1 would act on the terminal */
        glyph->kind = LINES_BAD;
        show_bad(glyph, bytes[0]);
    } else if (code < 0x20 || code == 0x7f) {
        if (code == '\t' && text->width > 0 && text->column >= text->width) {
            text->row++;
            text->column = 0;
        }
        show_control(text, glyph, bytes[0]);
    } else {
        memcpy(glyph->text, bytes, (size_t)got);
        glyph->len = glyph->bytes = (uint8_t)got;
        glyph->width = (uint8_t)width_of(code);
    }
    place_glyph(text, glyph);
    move_on(text, glyph->bytes);
    return true;
}

uint32_t lines_rows(const struct lines *lines, uint64_t number, enum lines_style style,
                    unsigned width, uint64_t now_ns)
{
    struct lines_text text;
    struct lines_glyph glyph;

    lines_text_begin(&text, lines, number, style, width, now_ns);
    while (lines_text_next(&text, &glyph))
        ;
    return text.row + 1;
}

size_t lines_bytes(const struct lines *lines, uint64_t number, size_t from, uint8_t *out,
                   size_t room)
{
    struct lines_text text;
    size_t have = 0;

    lines_text_begin(&text, lines, number, LINES_ESCAPES, 0, 0);
    while (text.at < text.end && have < room) {
        size_t part = text.record.len - text.used, skip = 0;

        if (part > text.end - text.at)
            part = text.end - text.at;
        if (text.at < from)
            skip = from - text.at < part ? from - text.at : part;
        move_on(&text, skip);
        if (skip > 0)
            continue;
        if (part > room - have)
            part = room - have;
        memcpy(out + have, text.record.data + text.used, part);
        have += part;
        move_on(&text, part);
    }
    return have;
}
