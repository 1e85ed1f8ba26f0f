/* SPDX-License-Identifier: MIT */
/* Waits for patterns in a stream of bytes, however they arrive, and stops early at a pattern that
 * means failure.
 *
 * A match is told when no byte to come could change it: `OK` at once, `[0-9]+` with the first byte
 * that is no digit.  When the line has gone quiet or the time is up, expect_settle() decides what
 * is still open. */
#ifndef TOOLS_COMMON_EXPECT_H
#define TOOLS_COMMON_EXPECT_H

#include "tools/common/bytes.h"
#include "tools/common/match.h"

/* One pattern over a stream. */
struct expect_stream {
    struct match *match;
    struct bytes window; /* the bytes that may matter yet */
    uint64_t base;       /* where in the stream the window begins */
    size_t from;         /* where in the window a match may begin */
    uint64_t start, end; /* of the match, in the stream */
};

void expect_stream_init(struct expect_stream *stream, struct match *match, uint64_t at);
void expect_stream_fini(struct expect_stream *stream);
/* Bytes that follow; `settle` decides what is open.  After MATCH_FOUND, init anew before more. */
enum match_result expect_stream_feed(struct expect_stream *stream, const void *data, size_t len,
                                     bool settle);

enum expect_result {
    EXPECT_MORE,   /* neither yet */
    EXPECT_MET,    /* all of the patterns in order, or one if any will do */
    EXPECT_FAILED, /* a fail pattern */
    EXPECT_COSTLY, /* a pattern is too costly: `which` */
};

struct expect {
    struct match *waits, *fails; /* the caller's */
    size_t wait_count, fail_count;
    bool any;                      /* one of the patterns is enough */
    struct expect_stream *streams; /* waits, then fails; in order, only waits[met] is live */
    uint64_t fed;                  /* bytes of the stream so far */
    size_t met;                    /* how many have been seen */
    size_t which;                  /* the pattern that decided, in its list */
    uint64_t start, end;           /* where, in the stream */
};

/* false: no memory */
bool expect_init(struct expect *expect, struct match *waits, size_t wait_count, struct match *fails,
                 size_t fail_count, bool any);
void expect_fini(struct expect *expect);
/* Once it is not EXPECT_MORE, do not feed it any more. */
enum expect_result expect_feed(struct expect *expect, const void *data, size_t len);
enum expect_result expect_settle(struct expect *expect);

#endif
