/* SPDX-License-Identifier: MIT */
/* The table of triggers: what is looked out for, and what is done then.
 *
 *     "login: "          -> send "root\r"
 *     /panic|BUG:/       -> mark, exit 1
 *     hex 02 ?? 03       -> beep
 *     CURR > 0.45        -> mark "too much"
 *     silence 10 s       -> pulse RTS 100
 *     rate > 50000       -> capture on
 *     line CTS off       -> break
 *
 * Pure: bytes, edges and times in, actions to take out.  Reads make no difference to what fires. */
#ifndef TOOLS_COMMON_TRIGGER_H
#define TOOLS_COMMON_TRIGGER_H

#include "tools/common/expect.h"
#include "tools/common/ring.h"

#define TRIGGER_QUIET_NS ((uint64_t)200000000) /* then what is open in a pattern is decided */

enum trigger_kind {
    TRIGGER_PATTERN, /* text, regular expression or hex */
    TRIGGER_ABOVE,   /* a named number in a line */
    TRIGGER_BELOW,
    TRIGGER_SILENCE, /* once, until something comes */
    TRIGGER_RATE,    /* received bytes in a second; once, until it is less */
    TRIGGER_LINE,    /* an edge of a line */
};

enum trigger_action_kind {
    TRIGGER_SEND,    /* text, escapes and all */
    TRIGGER_MARK,    /* text, may be empty */
    TRIGGER_CAPTURE, /* on, off */
    TRIGGER_BREAK,   /* milliseconds, may be empty */
    TRIGGER_PULSE,   /* a line and milliseconds */
    TRIGGER_RUN,     /* a command */
    TRIGGER_EXIT,    /* a status */
    TRIGGER_BEEP,
    TRIGGER_ACTIONS,
};

struct trigger_action {
    enum trigger_action_kind kind;
    char *text; /* what follows its name, without quotes around it */
};

struct trigger {
    enum trigger_kind kind;
    bool off;
    struct match match;
    struct expect_stream stream;
    char *name;        /* of a number */
    double limit;      /* of a number or the rate */
    uint64_t limit_ns; /* of the silence */
    unsigned line;     /* ring_line bit */
    int edge;          /* 1 on, 0 off, -1 either */
    bool fired;        /* and what fired it still holds */
    uint64_t count;    /* how often it did */
    struct trigger_action *actions;
    size_t action_count;
};

enum { TRIGGER_SLICES = 10 };

struct trigger_table {
    struct trigger *triggers;
    size_t count;
    struct bytes line; /* received, not ended */
    uint64_t last_ns;  /* of the last received byte, or the beginning */
    bool settled;      /* since that byte */
    uint64_t slice;    /* tenths of seconds: the newest with bytes */
    uint64_t slices[TRIGGER_SLICES];
    void (*fire)(void *arg, const struct trigger *trigger, uint64_t at_ns);
    void *arg;
};

void trigger_table_init(struct trigger_table *table, uint64_t now_ns,
                        void (*fire)(void *arg, const struct trigger *trigger, uint64_t at_ns),
                        void *arg);
void trigger_table_fini(struct trigger_table *table);
/* Reads a trigger and adds it.  false: *error says why and *at where. */
bool trigger_add(struct trigger_table *table, const char *text, char *error, size_t room,
                 size_t *at);

void trigger_received(struct trigger_table *table, const void *data, size_t len, uint64_t at_ns);
/* `detail` is that of a RING_LINES record. */
void trigger_lines(struct trigger_table *table, unsigned detail, uint64_t at_ns);
/* Time passes.  Gives when to call again, 0: not before something comes. */
uint64_t trigger_time(struct trigger_table *table, uint64_t now_ns);

#endif
