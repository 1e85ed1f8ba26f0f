/* SPDX-License-Identifier: MIT */
/* Time of day is reckoned here, from an offset the caller gives: the same stamp looks the same in
 * every zone and on every run of a test. */
#include "tools/common/stamp.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND ((uint64_t)1000000000)
#define BLANK "               "

static const char *const names[STAMP_KINDS] = {"off",  "clock", "start", "delta",
                                               "mark", "gap",   "epoch"};

_Static_assert(sizeof(BLANK) == STAMP_WIDTH + 1, "a blank is as wide as a stamp");

enum stamp_kind stamp_next(enum stamp_kind kind)
{
    return kind >= STAMP_GAP ? STAMP_OFF : (enum stamp_kind)(kind + 1);
}

const char *stamp_name(enum stamp_kind kind)
{
    return names[kind];
}

bool stamp_of_name(const char *name, enum stamp_kind *kind)
{
    for (int i = 0; i < STAMP_KINDS; i++) {
        if (strcmp(name, names[i]) == 0) {
            *kind = (enum stamp_kind)i;
            return true;
        }
    }
    return false;
}

/* Nanoseconds since 1970, none before. */
static uint64_t wall(const struct stamp_base *base, uint64_t at_ns, int64_t offset_s)
{
    int64_t ns = (int64_t)at_ns + base->wall_ns + offset_s * (int64_t)SECOND;

    return ns < 0 ? 0 : (uint64_t)ns;
}

static int format_clock(char *out, const struct stamp_base *base, uint64_t at_ns)
{
    uint64_t ns = wall(base, at_ns, base->utc_offset_s);
    unsigned of_day = (unsigned)(ns / SECOND % 86400);

    return snprintf(out, STAMP_ROOM, "%02u:%02u:%02u.%06u", of_day / 3600, of_day / 60 % 60,
                    of_day % 60, (unsigned)(ns % SECOND / 1000));
}

/* Seconds with a blank before the microseconds; `sign` is '+', '-' or none. */
static int format_seconds(char *out, const char *sign, uint64_t span_ns)
{
    char whole[32];
    unsigned us = (unsigned)(span_ns % SECOND / 1000);

    snprintf(whole, sizeof(whole), "%s%llu.%03u", sign, (unsigned long long)(span_ns / SECOND),
             us / 1000);
    return snprintf(out, STAMP_ROOM, "%9s %03u  ", whole, us % 1000);
}

static int format_gap(char *out, const struct stamp_base *base, uint64_t at_ns, uint64_t before_ns)
{
    char span[STAMP_ROOM];
    uint64_t gap_ns = at_ns > before_ns ? at_ns - before_ns : 0;

    if (before_ns == 0 || gap_ns <= base->silence_ns)
        return snprintf(out, STAMP_ROOM, "%s", BLANK);
    stamp_span(span, gap_ns);
    return snprintf(out, STAMP_ROOM, "%*s  ", STAMP_WIDTH - 2, span);
}

size_t stamp_format(char *out, enum stamp_kind kind, const struct stamp_base *base, uint64_t at_ns,
                    uint64_t before_ns)
{
    uint64_t ns = wall(base, at_ns, 0);
    int len = 0;

    out[0] = '\0';
    if (kind == STAMP_EPOCH)
        len = snprintf(out, STAMP_ROOM, "%llu.%06u", (unsigned long long)(ns / SECOND),
                       (unsigned)(ns % SECOND / 1000));
    else if (kind == STAMP_CLOCK || (kind == STAMP_DELTA && before_ns == 0))
        len = format_clock(out, base, at_ns);
    else if (kind == STAMP_START)
        len = format_seconds(out, "", at_ns > base->start_ns ? at_ns - base->start_ns : 0);
    else if (kind == STAMP_DELTA)
        len = format_seconds(out, "+", at_ns > before_ns ? at_ns - before_ns : 0);
    else if (kind == STAMP_MARK && base->mark_ns == 0)
        len = snprintf(out, STAMP_ROOM, "%s", BLANK);
    else if (kind == STAMP_MARK && at_ns < base->mark_ns)
        len = format_seconds(out, "-", base->mark_ns - at_ns);
    else if (kind == STAMP_MARK)
        len = format_seconds(out, "+", at_ns - base->mark_ns);
    else if (kind == STAMP_GAP)
        len = format_gap(out, base, at_ns, before_ns);
    return (size_t)len;
}

size_t stamp_span(char *out, uint64_t span_ns)
{
    double ms = (double)span_ns / 1e6;
    int len;

    if (ms < 9.995)
        len = snprintf(out, STAMP_ROOM, "%.2f ms", ms);
    else if (ms < 99.95)
        len = snprintf(out, STAMP_ROOM, "%.1f ms", ms);
    else if (ms < 9999.5)
        len = snprintf(out, STAMP_ROOM, "%.0f ms", ms);
    else
        len = snprintf(out, STAMP_ROOM, "%.0f s", ms / 1e3);
    return (size_t)len;
}

/* One piece of a date; 0 characters: it is none of ours. */
static int format_piece(char *out, char piece, const struct tm *date, unsigned us)
{
    switch (piece) {
    case 'Y':
        return snprintf(out, STAMP_ROOM, "%04d", date->tm_year + 1900);
    case 'm':
        return snprintf(out, STAMP_ROOM, "%02d", date->tm_mon + 1);
    case 'd':
        return snprintf(out, STAMP_ROOM, "%02d", date->tm_mday);
    case 'H':
        return snprintf(out, STAMP_ROOM, "%02d", date->tm_hour);
    case 'M':
        return snprintf(out, STAMP_ROOM, "%02d", date->tm_min);
    case 'S':
        return snprintf(out, STAMP_ROOM, "%02d", date->tm_sec);
    case 'j':
        return snprintf(out, STAMP_ROOM, "%03d", date->tm_yday + 1);
    case 'f':
        return snprintf(out, STAMP_ROOM, "%06u", us);
    case '%':
        return snprintf(out, STAMP_ROOM, "%%");
    default:
        return 0;
    }
}

bool stamp_date(char *out, size_t room, const char *format, const struct stamp_base *base,
                uint64_t at_ns)
{
    uint64_t ns = wall(base, at_ns, base->utc_offset_s);
    time_t seconds = (time_t)(ns / SECOND);
    struct tm date;
    size_t len = 0;

    gmtime_r(&seconds, &date);
    for (; *format != '\0'; format++) {
        char piece[STAMP_ROOM] = {*format};
        int got = 0;

        if (*format == '%')
            got = format_piece(piece, format[1], &date, (unsigned)(ns % SECOND / 1000));
        if (got > 0)
            format++;
        else
            got = 1;
        if (len + (size_t)got >= room)
            return false;
        memcpy(out + len, piece, (size_t)got);
        len += (size_t)got;
    }
    if (len >= room)
        return false;
    out[len] = '\0';
    return true;
}
