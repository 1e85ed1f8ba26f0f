/* SPDX-License-Identifier: MIT */
/* A simulated instrument that speaks SCPI over a stream of bytes: bytes in, bytes and delays out.
 * It has no clock, no descriptor and no chance: the same seed and bytes give the same answers. */
#ifndef TOOLS_SIM_INSTRUMENT_H
#define TOOLS_SIM_INSTRUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tools/common/fail.h"

enum sim_eol { SIM_ANY, SIM_LF, SIM_CR, SIM_CRLF };

struct sim_options {
    enum sim_eol eol; /* what ends a command; answers end with it too, with LF for SIM_ANY */
    uint64_t seed;
    uint32_t delay_us; /* of every answer, besides its own */
    uint32_t baud;     /* how fast it sends; 0: as fast as it can be taken */
};

struct sim;

/* `text`: "dmm", "psu", "dmm?eol=crlf&seed=7&delay=20&baud=9600" (delay in ms). */
enum tool_status sim_parse(const char *text, const char **model, struct sim_options *options,
                           struct tool_fail *fail);
/* NULL: no memory.  `model` comes from sim_parse. */
struct sim *sim_new(const char *model, const struct sim_options *options);
void sim_free(struct sim *sim);

/* What was sent to it. */
void sim_receive(struct sim *sim, const void *bytes, size_t len);

struct sim_reply {
    const uint8_t *data; /* until it is taken */
    size_t len;
    uint32_t delay_us; /* from the answer before, or from the command */
};
/* The oldest answer; false: there is none. */
bool sim_reply(const struct sim *sim, struct sim_reply *reply);
void sim_reply_taken(struct sim *sim);
/* Nobody will take any: the line was hung up.  Settings stay. */
void sim_hang_up(struct sim *sim);
uint32_t sim_baud(const struct sim *sim);

#endif
