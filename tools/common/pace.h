/* SPDX-License-Identifier: MIT */
/* How fast a paste or a file is sent: by time for each byte and line, or by proof, where the device
 * shows by an echo or a prompt that it is ready for more.  Pure: it says what may be sent now, and
 * is told what was sent, what came and what the time is. */
#ifndef TOOLS_COMMON_PACE_H
#define TOOLS_COMMON_PACE_H

#include "tools/common/escapes.h"
#include "tools/common/expect.h"

#define PACE_PROOF_NS ((uint64_t)1000000000)

enum pace_proof {
    PACE_BY_TIME,
    PACE_BY_ECHO, /* of each byte that can be seen */
    PACE_BY_LINE, /* the echo of a whole line */
    PACE_BY_PROMPT,
};

struct pace_options {
    uint64_t char_ns, line_ns; /* pauses after each */
    enum pace_proof proof;
    uint64_t proof_ns;    /* how long to wait for one; 0: a second */
    struct match *prompt; /* for PACE_BY_PROMPT; the caller's */
};

enum pace_state {
    PACE_DONE,    /* nothing is left */
    PACE_SEND,    /* send what pace_next() gave */
    PACE_WAIT,    /* for time or for a proof */
    PACE_STALLED, /* the proof did not come; pace_skip() goes on without it */
};

struct pace {
    struct pace_options options;
    struct bytes queue;           /* still to be sent */
    uint64_t sent;                /* bytes, ever */
    struct escapes_pause *pauses; /* `at` counts bytes ever queued */
    size_t pause_count;
    uint64_t free_ns;            /* nothing is sent before */
    struct bytes awaited;        /* echo that has not come */
    bool line_over;              /* a line was sent whose proof has not come */
    struct expect_stream prompt; /* since that line */
    uint64_t asked_ns;           /* when what is awaited was sent */
    uint64_t proofs, proof_sum_ns, proof_worst_ns;
};

void pace_init(struct pace *pace, const struct pace_options *options);
void pace_fini(struct pace *pace);
void pace_add(struct pace *pace, const void *data, size_t len);
void pace_add_escapes(struct pace *pace, const struct escapes *escapes);
void pace_clear(struct pace *pace); /* drops what is not sent yet */

/* What to do now.  PACE_SEND: up to *len bytes at *data may go out, tell pace_sent() how many did.
 * PACE_WAIT: ask again at *again_ns (0: never by time alone) or when something was received. */
enum pace_state pace_next(struct pace *pace, uint64_t now_ns, const void **data, size_t *len,
                          uint64_t *again_ns);
void pace_sent(struct pace *pace, size_t len, uint64_t now_ns);
void pace_received(struct pace *pace, const void *data, size_t len, uint64_t now_ns);
void pace_skip(struct pace *pace);

#endif
