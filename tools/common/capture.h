/* SPDX-License-Identifier: MIT */
/* What a capture file gets for the records of a ring: bytes as they came, lines of text, of hex or
 * of JSON.  It decides when a new file is due, and never cuts a record in two.  What goes into a
 * file does not depend on any map of the view. */
#ifndef TOOLS_COMMON_CAPTURE_H
#define TOOLS_COMMON_CAPTURE_H

#include "tools/common/bytes.h"
#include "tools/common/ring.h"
#include "tools/common/stamp.h"

enum capture_format {
    CAPTURE_RAW,   /* received bytes, nothing else */
    CAPTURE_TEXT,  /* lines with stamps, and signs of who: < > * ! */
    CAPTURE_HEX,   /* sixteen bytes a line */
    CAPTURE_JSONL, /* an object for each record */
    CAPTURE_FORMATS,
};

struct capture_options {
    enum capture_format format;
    enum stamp_kind stamp; /* of text and hex */
    bool both;             /* in raw: sent bytes as well; the others always have them */
    bool strip;            /* text: without escape sequences and control bytes */
    uint64_t rotate_bytes; /* a new file once it has this many and no line is
                            * begun; 0: never */
    uint64_t rotate_ns;    /* a new file each whole hour, day, ... of this length; 0: never */
};

struct capture {
    struct capture_options options;
    struct stamp_base base;
    struct {
        struct bytes line; /* begun, not ended */
        uint64_t at_ns;
        bool cr;         /* its last byte was a CR */
        unsigned escape; /* inside an escape sequence: how far */
    } side[2];
    uint64_t before_ns;     /* stamp of the line before */
    uint64_t written;       /* to this file */
    uint64_t period;        /* of time that this file is for */
    uint64_t records, data; /* taken in: records, and data bytes */
    struct bytes out;
};

void capture_init(struct capture *capture, const struct capture_options *options,
                  const struct stamp_base *base);
void capture_fini(struct capture *capture);
const char *capture_format_name(enum capture_format format);
bool capture_format_of(const char *name, enum capture_format *format);

/* Whether this record should begin a new file.  If so: capture_end(), write, open the new file,
 * capture_begin(). */
bool capture_rotates(const struct capture *capture, const struct ring_record *record);
void capture_begin(struct capture *capture, uint64_t at_ns);
/* Adds what the record gives to capture->out; the caller writes it and clears it. */
void capture_record(struct capture *capture, const struct ring_record *record);
/* Lines that have begun are finished as they are. */
void capture_end(struct capture *capture);

/* The name of a file by its template: the pieces of stamp_date(), {port}, {profile} and {n}, whose
 * '/' become '-'.  false if it does not fit. */
bool capture_name(char *out, size_t room, const char *format, const struct stamp_base *base,
                  uint64_t at_ns, const char *port, const char *profile, unsigned n);

#endif
