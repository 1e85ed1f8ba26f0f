/* SPDX-License-Identifier: MIT */
/* A port's machine by itself, on a bench: the clock is told, the line is an array, and what its
 * user in work.c does around it is done here in a few lines. */
#ifndef COMM_TESTS_DEV_MACHINE_H
#define COMM_TESTS_DEV_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness.h"
#include "libcomm/dev/serial/com.h"
#include "libcomm/plat/clock.h"

#define MOST UINT32_MAX /* MAXDWORD */
#define YEAR_NS (365ULL * 24 * 3600 * 1000 * CI_NS_PER_MS)
#define MACHINE_ROOM 8192u

struct machine {
    struct ci_com com;
    uint64_t now_ns;
    size_t next; /* of the bytes that come; see machine_come() */
    uint8_t buf[MACHINE_ROOM];
    /* the last read, once it is over */
    bool over;
    uint32_t status;
    size_t got;
    uint64_t over_at_ns;
    /* what the line was given, flow control characters among it */
    uint8_t sent[MACHINE_ROOM];
    size_t sent_len;
    size_t unsent;       /* of it, when a write's time is up */
    uint64_t sent_at_ns; /* when a write or an immediate character was last over */
};

/* DTR and RTS are on and nothing else is; all timeouts 0; CTS, DSR and RLSD are on. */
void machine_open(struct machine *m, uint32_t rx_size);
void machine_close(struct machine *m);
/* Bits of the two words of handshaking instead of those that were set. */
void machine_flow(struct machine *m, uint32_t control, uint32_t flow);
void machine_levels(struct machine *m, uint32_t levels);

/* Received, whole: what a read leaves goes to the type-ahead. */
void machine_hear(struct machine *m, const void *bytes, size_t len);
void machine_say(struct machine *m, const char *text);
/* So many more of a sequence of letters that no filter cares about. */
static inline uint8_t machine_letter(size_t nth)
{
    return (uint8_t)('A' + nth % 53); /* prime, so that a shifted copy never looks right */
}
void machine_come(struct machine *m, size_t len);
/* One byte that came damaged: CI_BAD_*. */
void machine_damage(struct machine *m, uint8_t byte, unsigned bad);

/* Into m->buf. */
void machine_read(struct machine *m, size_t len);
/* What is in the type-ahead, and only that; how much. */
size_t machine_take(struct machine *m, size_t len);
/* All that was received is this text. */
bool machine_holds(struct machine *m, const void *bytes, size_t len);

/* Until then, stopping at each deadline on the way and a nanosecond before it, when nothing may
 * have changed yet. */
void machine_run(struct machine *m, uint64_t until_ns);

/* The line takes all it gets, in pieces of so many bytes, into m->sent. */
void machine_send(struct machine *m, size_t room);
bool machine_sent(const struct machine *m, const void *bytes, size_t len);
/* The events that a wait would report now; 0: it would wait. */
uint32_t machine_events(struct machine *m);

#endif
