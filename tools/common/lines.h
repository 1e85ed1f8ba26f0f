/* SPDX-License-Identifier: MIT */
/* The lines in a ring: where each begins, how long it is, when it came, and its text made fit to be
 * shown.
 *
 * Only an index is kept, so many lines are cheap; the bytes stay in the ring, and text, width and
 * wrapping are worked out for the lines that are looked at.  How the bytes were cut into reads
 * makes no difference to any line.  Events of the ring are lines of their own. */
#ifndef TOOLS_COMMON_LINES_H
#define TOOLS_COMMON_LINES_H

#include "tools/common/ring.h"

#define LINES_MOST ((size_t)10000)
#define LINES_EVENT_ROOM ((size_t)1100)
#define LINES_LONGEST ((uint32_t)64 << 10) /* longer ones are cut */

enum lines_eol {
    LINES_ANY, /* CR, LF or both together */
    LINES_LF,
    LINES_CR,
    LINES_CRLF,
};

struct lines_options {
    enum lines_eol eol[2]; /* by ring_dir */
    bool hidden[2];        /* by ring_dir: not shown at all */
    bool turn_ends;        /* what the other side says ends a line */
    bool by_gap;           /* a silence of gap_ns ends a line, and nothing else does */
    uint64_t gap_ns;       /* also: how long the end of a character may take; 0: for ever */
    size_t most;           /* lines that are kept; 0: the usual */
};

enum lines_flag {
    LINES_OPEN = 1,  /* more may come */
    LINES_CUT = 2,   /* too long: it goes on in the next line */
    LINES_ERROR = 4, /* a line error came before the byte at error_at */
};

struct line {
    uint64_t place; /* of the record with its first byte */
    uint64_t first_ns, last_ns;
    uint32_t offset; /* in that record */
    uint32_t len;    /* bytes, its end included */
    uint32_t error_at;
    uint8_t kind; /* ring_kind; RING_DATA for text */
    uint8_t dir;
    uint8_t flags;
    uint8_t eol; /* how many of the bytes are its end */
};

struct lines {
    const struct ring *ring;
    struct lines_options options;
    struct ring_reader reader;
    struct line *slots; /* line n is in slot n % room */
    size_t room;
    uint64_t first, end; /* numbers of the lines that are there; they never change */
    struct {
        uint64_t open;   /* its open line's number + 1, or 0 */
        uint64_t closed; /* the last closed one's number + 1 */
        bool cr;         /* the last byte was a CR */
        bool error;      /* a line error came, and no byte since */
    } side[2];
};

/* Lines of what the ring holds already, and of what comes.  The ring must outlive them. */
void lines_init(struct lines *lines, const struct ring *ring, const struct lines_options *options);
void lines_fini(struct lines *lines);
/* Takes in what is new in the ring.  false: no memory; nothing is lost, ask again. */
bool lines_step(struct lines *lines);
/* Line `number`, lines->first <= number < lines->end; NULL if it is not there. */
const struct line *lines_at(const struct lines *lines, uint64_t number);
/* What the ring may trim: nothing of what lies before it is in any line. */
uint64_t lines_place(const struct lines *lines);
/* Bytes `from` on of a line, as they came, up to `room`; gives how many. */
size_t lines_bytes(const struct lines *lines, uint64_t number, size_t from, uint8_t *out,
                   size_t room);

enum lines_style {
    LINES_CARET,  /* ^A, tabs as blanks, the end not shown */
    LINES_ESCAPES /* \r \n \x01, the end as well */
};

enum lines_glyph_kind {
    LINES_PLAIN,
    LINES_CONTROL,
    LINES_BAD, /* belongs to no character */
};

struct lines_glyph {
    char text[12]; /* what to show, UTF-8 */
    uint8_t len;   /* of the text */
    uint8_t width; /* columns; 0 joins the one before */
    uint8_t bytes; /* of the line that it stands for */
    enum lines_glyph_kind kind;
    uint32_t offset; /* in the line's bytes */
    uint32_t row, column;
};

struct lines_text {
    const struct ring *ring;
    struct line line;
    enum lines_style style;
    unsigned width; /* to wrap at; 0: never */
    uint64_t now_ns, gap_ns;
    uint32_t at, end; /* bytes of the line: done, to do */
    uint32_t row, column;
    struct ring_record record; /* with the byte `at` */
    uint64_t next;             /* the place after it */
    size_t used;               /* of the record */
    char event[64];
};

/* Walks over the text of a line: begin, then next until false.  now_ns decides whether the end of a
 * character may still come.  No ring append may be between. */
void lines_text_begin(struct lines_text *text, const struct lines *lines, uint64_t number,
                      enum lines_style style, unsigned width, uint64_t now_ns);
bool lines_text_next(struct lines_text *text, struct lines_glyph *glyph);
/* What an event says, in words; out has room for LINES_EVENT_ROOM. */
void lines_event_text(const struct ring_record *record, char *out, size_t room);
/* How many rows of `width` columns a line takes, one at least. */
uint32_t lines_rows(const struct lines *lines, uint64_t number, enum lines_style style,
                    unsigned width, uint64_t now_ns);

#endif
