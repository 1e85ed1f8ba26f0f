/* SPDX-License-Identifier: MIT */
/* The receiving side of a port once more, as the driver's text tells it: one byte at a time, one
 * rule after the other, nothing prepared and nothing done at once.  It knows the machine's types
 * for settings, runs and inputs, and none of its code. */
#ifndef COMM_TESTS_DEV_PLAIN_PORT_H
#define COMM_TESTS_DEV_PLAIN_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "libcomm/dev/serial/com.h"

#define PLAIN_MOST 512u /* of a type-ahead, and of a read */

struct plain_port {
    struct ci_settings set;
    struct ci_timeouts timeouts;
    uint8_t escape;
    struct ci_inputs inputs;
    uint64_t now_ns;
    /* received */
    uint8_t rx[PLAIN_MOST];       /* the oldest first */
    uint64_t came_ns[PLAIN_MOST]; /* each of them */
    size_t count, size;
    /* the read */
    bool reading, over;
    uint32_t status;
    uint8_t buf[PLAIN_MOST];
    size_t len, got;
    uint64_t total_ms;          /* MAX: none */
    uint32_t interval_ms;       /* 0: none */
    uint64_t began_ns, byte_ns; /* byte: the last one of it */
    uint64_t first_ns;          /* when the first one came; 0: there is none */
    /* what it is asked about */
    struct ci_com_stats stats;
    uint32_t errors, mask, history, news;
    bool abort, aborted, waiting, told;
    /* flow */
    uint32_t tx_hold;
    bool dtr, rts;                      /* levels */
    bool dtr_held, rts_held, xoff_held; /* the peer, in these ways */
    bool xon_due, xoff_due, xoff_sent;
};

void plain_open(struct plain_port *p, const struct ci_settings *settings, size_t size);
void plain_set(struct plain_port *p, const struct ci_settings *settings);
void plain_grow(struct plain_port *p, size_t size);
void plain_hear(struct plain_port *p, uint8_t byte, unsigned bad);
void plain_see(struct plain_port *p, const struct ci_inputs *inputs);
void plain_read(struct plain_port *p, size_t len);
void plain_purge(struct plain_port *p);
void plain_tick(struct plain_port *p);
/* MAX: never. */
uint64_t plain_deadline_ns(const struct plain_port *p);
void plain_mask(struct plain_port *p, uint32_t mask);
bool plain_wait(struct plain_port *p, uint32_t *events);
void plain_tell(struct plain_port *p);
uint32_t plain_ask_errors(struct plain_port *p);
/* XON or XOFF if one may go now, and it does; else -1. */
int plain_send_flow(struct plain_port *p);

#endif
