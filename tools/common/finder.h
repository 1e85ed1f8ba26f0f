/* SPDX-License-Identifier: MIT */
/* Finds out how an instrument wants its lines to end, and at which rate it talks: asks *IDN? with
 * every line end at every rate until something answers that reads like an answer.  Pure: it says
 * what to send, and is told what came and what the time is. */
#ifndef TOOLS_COMMON_FINDER_H
#define TOOLS_COMMON_FINDER_H

#include "tools/common/bytes.h"

#include <stdint.h>

#define FINDER_LIMIT_NS ((uint64_t)1000000000)
#define FINDER_QUIET_NS ((uint64_t)100000000)

enum finder_state {
    FINDER_SEND,  /* finder_request() says what */
    FINDER_WAIT,  /* for an answer, until finder->due_ns */
    FINDER_FOUND, /* rate, ends and answer are known */
    FINDER_NONE,  /* nothing answered */
};

struct finder {
    const uint32_t *rates; /* the caller's */
    size_t rate_count, tries;
    enum finder_state state;
    struct bytes received;
    uint64_t due_ns;
    const char *rx_eol; /* when found: how the answer ended, "" if with silence */
    struct bytes answer;
    bool echoes; /* the instrument repeats what it is sent */
};

void finder_init(struct finder *finder, const uint32_t *rates, size_t rate_count);
void finder_fini(struct finder *finder);
/* The rate and the bytes to send now; then it waits. */
const char *finder_request(struct finder *finder, uint64_t now_ns, uint32_t *rate);
void finder_received(struct finder *finder, const void *data, size_t len, uint64_t at_ns);
enum finder_state finder_time(struct finder *finder, uint64_t now_ns);
/* What is being tried, or was found. */
uint32_t finder_rate(const struct finder *finder);
const char *finder_tx_eol(const struct finder *finder);

#endif
