/* SPDX-License-Identifier: MIT */
/* Which answer belongs to which query, on a line where an instrument answers in its own time.
 *
 * A line with a `?` opens a transaction; anything else is a command and is not answered.  A query
 * that got no answer within its limit is missed, but keeps its place for a while.  Instruments
 * answer in the order they were asked, so an answer that comes while an older query is still owed
 * one may be either's: its form may tell (an error queue answers with a number and a text); else it
 * is held until a second answer shows that it was late, or the limit of the newer query that it was
 * not.  Pure: bytes and times in, transactions out. */
#ifndef TOOLS_COMMON_QUERY_H
#define TOOLS_COMMON_QUERY_H

#include "tools/common/bytes.h"

#include <stdint.h>

#define QUERY_LATE_DEFAULT_NS ((uint64_t)10000000000)

enum query_end {
    QUERY_END_LF, /* CR before it is part of the end */
    QUERY_END_CR,
    QUERY_END_CRLF,
    QUERY_END_ANY, /* whichever comes; an LF after a CR belongs to it */
};

/* Finds where an answer ends, however its bytes arrive.  An IEEE 488.2 block (#42048 and that many
 * bytes) is taken by count, whatever it holds; #0 lasts until the line end. */
struct query_frame {
    enum query_end end;
    enum { QUERY_TEXT, QUERY_HASH, QUERY_COUNT, QUERY_BLOCK, QUERY_AFTER_CR } state;
    bool quoted;          /* inside "...", where a # begins no block */
    bool middle;          /* something was before, that a # cannot follow as a block */
    unsigned digits_left; /* of the count */
    uint64_t block_left;  /* bytes */
};

void query_frame_init(struct query_frame *frame, enum query_end end);
/* Takes bytes up to and with the end of the answer; *ended says whether it came.  Gives how many.
 * *content grows by those of them that are the answer's own. */
size_t query_frame_take(struct query_frame *frame, const void *data, size_t len, bool *ended,
                        struct bytes *content);

enum query_state {
    QUERY_COMMAND, /* no answer is expected */
    QUERY_WAITING,
    QUERY_ANSWERED,
    QUERY_MISSED, /* no first byte within the limit; a late answer may still come */
    QUERY_LATE,   /* answered after it had been missed */
    QUERY_LOST,   /* given up */
};

struct query_answer {
    struct bytes text; /* without its line end; blocks with their header */
    uint64_t first_ns, last_ns;
    size_t wire_bytes; /* with the line end */
};

struct query_transaction {
    uint64_t number; /* from 1 */
    char *text;      /* without its line end */
    enum query_state state;
    uint64_t sent_ns, limit_ns; /* the limit is for the first byte */
    struct query_answer answer; /* for QUERY_ANSWERED and QUERY_LATE */
};

struct query_options {
    enum query_end end;
    uint64_t first_byte_ns; /* limit; 0: for ever */
    uint64_t late_ns;       /* how long after being missed an answer is still matched */
    uint64_t idle_ns;       /* an answer with no end is complete after this silence; 0: never */
};

enum { QUERY_OPEN_MOST = 64 };

struct query {
    struct query_options options;
    struct query_frame frame;
    struct query_transaction open[QUERY_OPEN_MOST]; /* that may be answered yet, oldest first */
    size_t count;
    uint64_t numbered;
    struct query_answer incoming; /* begun, not complete */
    struct query_answer held;     /* complete, whose it is is not known yet */
    bool begun, is_held;
    bool stray;       /* the incoming one began when nothing was asked */
    bool ignoring_lf; /* the end was a CR; its LF is no answer */
    void (*done)(void *arg, const struct query_transaction *transaction);
    void (*unasked)(void *arg, const struct query_answer *answer);
    void *arg;
};

/* `done` is called for each change that matters to a row: answered, missed, late, lost, and for
 * commands at once.  `unasked` (may be NULL) gets lines that belong to no query. */
void query_init(struct query *query, const struct query_options *options,
                void (*done)(void *arg, const struct query_transaction *transaction),
                void (*unasked)(void *arg, const struct query_answer *answer), void *arg);
void query_fini(struct query *query);

/* Whether a line asks something: a ? outside quotes. */
bool query_asks(const char *text);
/* A line was sent.  Gives its number, 0 without memory. */
uint64_t query_sent(struct query *query, const char *text, uint64_t at_ns);
/* Bytes that were received. */
void query_received(struct query *query, const void *data, size_t len, uint64_t at_ns);
/* Time passes: misses, losses and answers without an end.  Gives when to call again, 0: never. */
uint64_t query_time(struct query *query, uint64_t now_ns);
/* Whether the next query may go out: none is being waited for. */
bool query_is_idle(const struct query *query);

/* Whether to ask SYST:ERR? now: after a command, and again while the answer told of an error.
 * `text` is what was sent, `answer` what came, or NULL. */
bool query_drains(const char *text, const char *answer);
/* What the form of an answer says about it being this query's: 1 it is, -1 it is not, 0 nothing. */
int query_fits(const char *text, const char *answer);

#endif
