/* SPDX-License-Identifier: MIT */
/* How the time of a line is written in front of it.  All fit the same column, so that lines stay
 * below each other:
 *
 *     11:31:02.113904    a clock
 *        +0.001 312      since the line before
 */
#ifndef TOOLS_COMMON_STAMP_H
#define TOOLS_COMMON_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STAMP_WIDTH 15
#define STAMP_ROOM 40 /* for the longest, with its NUL */

enum stamp_kind {
    STAMP_OFF,
    STAMP_CLOCK, /* the time of day */
    STAMP_START, /* since the session began */
    STAMP_DELTA, /* since the line before; its clock for the first */
    STAMP_MARK,  /* since the mark, less before it */
    STAMP_GAP,   /* how long there was silence before, where it was long */
    STAMP_EPOCH, /* seconds since 1970 */
    STAMP_KINDS,
};

/* All times by the one clock the stamps are by. */
struct stamp_base {
    int64_t wall_ns;      /* what to add for nanoseconds since 1970 */
    int32_t utc_offset_s; /* of the local time of day */
    uint64_t start_ns;
    uint64_t mark_ns;    /* 0: there is none */
    uint64_t silence_ns; /* what a gap must be longer than */
};

/* The kind after this one, as a key goes through them; the epoch is asked for by name only. */
enum stamp_kind stamp_next(enum stamp_kind kind);
const char *stamp_name(enum stamp_kind kind);
bool stamp_of_name(const char *name, enum stamp_kind *kind);

/* Writes a stamp to `out`, which has room for STAMP_ROOM; gives its length, 0 for STAMP_OFF.
 * `before_ns` is the stamp of the line before, for a gap that of its last byte; 0: there is none.
 */
size_t stamp_format(char *out, enum stamp_kind kind, const struct stamp_base *base, uint64_t at_ns,
                    uint64_t before_ns);

/* A length of time in three digits or more and its unit: 18.2 ms, 0.31 ms, 12 s. */
size_t stamp_span(char *out, uint64_t span_ns);
/* A date and time of day by the pieces strftime has (%Y %m %d %H %M %S %j %%, and %f microseconds),
 * for names of files.  Other pieces stay as they are.  false if `room` is too small. */
bool stamp_date(char *out, size_t room, const char *format, const struct stamp_base *base,
                uint64_t at_ns);

#endif
