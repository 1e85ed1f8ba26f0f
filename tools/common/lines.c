/* SPDX-License-Identifier: MIT */
/* The index grows by doubling up to the number of lines that are kept; then each new line takes the
 * place of the oldest.  A line whose bytes the ring has forgotten goes with them. */
#include "tools/common/lines.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_FIRST 256

void lines_init(struct lines *lines, const struct ring *ring, const struct lines_options *options)
{
    *lines = (struct lines){.ring = ring, .options = *options};
    if (lines->options.most == 0)
        lines->options.most = LINES_MOST;
    ring_reader_oldest(&lines->reader, ring);
}

void lines_fini(struct lines *lines)
{
    free(lines->slots);
    lines->slots = NULL;
}

static struct line *slot(const struct lines *lines, uint64_t number)
{
    return &lines->slots[number % lines->room];
}

const struct line *lines_at(const struct lines *lines, uint64_t number)
{
    if (number < lines->first || number >= lines->end)
        return NULL;
    return slot(lines, number);
}

/* A line that a number + 1 leads to, or NULL. */
static struct line *line_of(const struct lines *lines, uint64_t after)
{
    return after > lines->first ? slot(lines, after - 1) : NULL;
}

/* Room for `more` lines, by forgetting the oldest if there must not be more. */
static bool make_room(struct lines *lines, size_t more)
{
    size_t room = lines->room;
    struct line *slots;

    while (room < lines->end - lines->first + more && room < lines->options.most)
        room = room == 0 ? ROOM_FIRST : room * 2;
    if (room > lines->options.most)
        room = lines->options.most;
    if (room == lines->room)
        return true;
    slots = malloc(room * sizeof(*slots));
    if (slots == NULL)
        return false;
    for (uint64_t n = lines->first; n < lines->end; n++)
        slots[n % room] = *slot(lines, n);
    free(lines->slots);
    lines->slots = slots;
    lines->room = room;
    return true;
}

static struct line *add_line(struct lines *lines, const struct ring_record *record, size_t offset)
{
    struct line *line;

    if (lines->end - lines->first == lines->room)
        lines->first++;
    line = slot(lines, lines->end++);
    *line = (struct line){.place = record->place,
                          .offset = (uint32_t)offset,
                          .first_ns = record->stamp_ns,
                          .last_ns = record->stamp_ns,
                          .kind = (uint8_t)record->kind,
                          .dir = (uint8_t)record->dir};
    return line;
}

static void close_line(struct lines *lines, unsigned dir, unsigned flags)
{
    struct line *line = line_of(lines, lines->side[dir].open);

    if (line != NULL)
        line->flags = (uint8_t)((line->flags & ~(unsigned)LINES_OPEN) | flags);
    lines->side[dir].closed = lines->side[dir].open;
    lines->side[dir].open = 0;
    lines->side[dir].cr = false;
}

/* What lies before a search's start, and where the next LF is, found once for all of a record. */
struct search {
    const uint8_t *data;
    size_t len;
    size_t lf; /* at or after the start, or len */
    bool lf_known;
};

static size_t find(const struct search *search, size_t from, size_t until, int byte)
{
    const uint8_t *found = memchr(search->data + from, byte, until - from);

    return found == NULL ? until : (size_t)(found - search->data);
}

static size_t find_any(struct search *search, size_t from)
{
    if (!search->lf_known || search->lf < from)
        search->lf = find(search, from, search->len, '\n');
    search->lf_known = true;
    return find(search, from, search->lf, '\r');
}

static size_t find_crlf(const struct search *search, size_t from, bool cr)
{
    for (size_t at = from;; at++) {
        at = find(search, at, search->len, '\n');
        if (at == search->len || (at > from ? search->data[at - 1] == '\r' : cr))
            return at;
    }
}

/* Where the byte is that ends the line, at or after `from`; the length if there is none. */
static size_t find_end(const struct lines *lines, struct search *search, size_t from, unsigned dir)
{
    if (lines->options.by_gap)
        return search->len;
    switch (lines->options.eol[dir]) {
    case LINES_LF:
        return find(search, from, search->len, '\n');
    case LINES_CR:
        return find(search, from, search->len, '\r');
    case LINES_CRLF:
        return find_crlf(search, from, lines->side[dir].cr);
    case LINES_ANY:
    default:
        return find_any(search, from);
    }
}

static struct line *open_line(struct lines *lines, const struct ring_record *record, size_t offset)
{
    struct line *line = line_of(lines, lines->side[record->dir].open);

    if (line == NULL) {
        line = add_line(lines, record, offset);
        line->flags = LINES_OPEN;
        lines->side[record->dir].open = lines->end;
    }
    return line;
}

/* The line gets the next byte of its side, which may be the one after a line error. */
static void mark_error(struct lines *lines, struct line *line)
{
    if (lines->side[line->dir].error && (line->flags & LINES_ERROR) == 0) {
        line->flags |= LINES_ERROR;
        line->error_at = line->len;
    }
    lines->side[line->dir].error = false;
}

/* Adds bytes of the record to its side's line, up to the line's end or the longest a line may be;
 * gives how many. */
static size_t take_bytes(struct lines *lines, const struct ring_record *record,
                         struct search *search, size_t from)
{
    struct line *line = open_line(lines, record, from);
    size_t end = find_end(lines, search, from, record->dir);
    size_t content = end - from;

    if (line->len < LINES_LONGEST || content == 0) {
        line->last_ns = record->stamp_ns;
        mark_error(lines, line);
    }
    if (line->len + content > LINES_LONGEST) {
        content = LINES_LONGEST - line->len;
        line->len = LINES_LONGEST;
        close_line(lines, record->dir, LINES_CUT);
        return content;
    }
    line->len += (uint32_t)content;
    if (content > 0)
        lines->side[record->dir].cr = record->data[end - 1] == '\r';
    if (end == search->len)
        return content;
    line->len++;
    line->eol = lines->options.eol[record->dir] == LINES_CRLF ? 2 : 1;
    close_line(lines, record->dir, 0);
    lines->side[record->dir].cr = record->data[end] == '\r';
    return content + 1;
}

/* An LF after the CR that ended a line belongs to that line. */
static size_t take_lf(struct lines *lines, const struct ring_record *record, size_t from)
{
    struct line *line = line_of(lines, lines->side[record->dir].closed);
    bool after_cr = lines->side[record->dir].cr && lines->side[record->dir].open == 0;

    if (lines->options.by_gap || lines->options.eol[record->dir] != LINES_ANY || !after_cr)
        return 0;
    lines->side[record->dir].cr = false;
    if (record->data[from] != '\n')
        return 0;
    if (line != NULL) {
        line->len++;
        line->eol = 2;
        line->last_ns = record->stamp_ns;
    }
    return 1;
}

static void end_by_time_or_turn(struct lines *lines, const struct ring_record *record)
{
    const struct lines_options *options = &lines->options;
    const struct line *mine = line_of(lines, lines->side[record->dir].open);

    if (options->by_gap && mine != NULL && record->stamp_ns - mine->last_ns > options->gap_ns)
        close_line(lines, record->dir, 0);
    if (options->turn_ends && lines->side[!record->dir].open != 0)
        close_line(lines, !record->dir, 0);
}

static void take_data(struct lines *lines, const struct ring_record *record)
{
    struct search search = {.data = record->data, .len = record->len};
    size_t at = 0;

    end_by_time_or_turn(lines, record);
    while (at < record->len) {
        size_t lf = take_lf(lines, record, at);

        at += lf;
        if (lf == 0)
            at += take_bytes(lines, record, &search, at);
    }
}

static void forget(struct lines *lines)
{
    uint64_t oldest = ring_oldest(lines->ring);

    while (lines->first < lines->end && slot(lines, lines->first)->place < oldest)
        lines->first++;
    for (int dir = 0; dir < 2; dir++) {
        if (lines->side[dir].open != 0 && lines->side[dir].open <= lines->first)
            lines->side[dir].open = 0;
    }
}

bool lines_step(struct lines *lines)
{
    struct ring_reader reader = lines->reader;
    struct ring_record record;

    forget(lines);
    while (ring_next(lines->ring, &reader, &record)) {
        /* as many lines as the record can have, or as are kept at all */
        size_t more = record.kind == RING_DATA ? record.len + 1 : 1;

        if (!make_room(lines, more))
            return false;
        lines->reader = reader;
        if (lines->options.hidden[record.dir] && record.kind == RING_DATA)
            continue;
        if (record.kind == RING_DATA)
            take_data(lines, &record);
        else
            add_line(lines, &record, 0)->len = (uint32_t)record.len;
        if (record.kind == RING_ERROR)
            lines->side[record.dir].error = true;
    }
    return true;
}

uint64_t lines_place(const struct lines *lines)
{
    uint64_t place = lines->reader.place;

    if (lines->first < lines->end)
        place = slot(lines, lines->first)->place;
    return place;
}
