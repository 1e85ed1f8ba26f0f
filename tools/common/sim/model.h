/* SPDX-License-Identifier: MIT */
/* What a model of instrument is made of: a table of commands over a state of its own. */
#ifndef TOOLS_SIM_MODEL_H
#define TOOLS_SIM_MODEL_H

#include "tools/common/sim/instrument.h"

/* SCPI's numbers of errors. */
#define SIM_SYNTAX (-102)
#define SIM_TYPE (-104)
#define SIM_MISSING (-109)
#define SIM_UNDEFINED (-113)
#define SIM_RANGE (-222)
#define SIM_BAD_PARAMETER (-224)
#define SIM_OVERFLOW (-350)

struct sim_command {
    const char *pattern; /* see scpi.h; one with '?' answers */
    void (*run)(struct sim *sim, const char *arg);
    uint32_t delay_us; /* before the answer, or before the next command's */
};

struct sim_model {
    const char *name, *identity;
    const struct sim_command *commands; /* ends with a NULL pattern */
    void (*reset)(struct sim *sim);
};

extern const struct sim_model sim_dmm, sim_psu;

enum { SIM_ERRORS = 10 };

struct sim {
    const struct sim_model *model;
    struct sim_options options;
    uint64_t random;
    /* status, as IEEE 488.2 has it */
    unsigned esr, ese, sre;
    int errors[SIM_ERRORS];
    size_t error_count;
    /* what is coming in */
    char line[512];
    size_t line_len;
    bool too_long, after_cr;
    /* answers */
    struct answer *first, **last;
    uint8_t *out; /* of the message at hand */
    size_t out_len, out_room;
    uint32_t delay_us;
    bool answered;
    union {
        struct {
            double volts, amps, ohms; /* what is connected */
            unsigned function;
        } dmm;
        struct {
            double volts, amps; /* settings */
            double load_ohms;
            bool on;
        } psu;
    };
};

/* For commands. */
void sim_error(struct sim *sim, int number);
void sim_say(struct sim *sim, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* A definite-length block: #42048... */
void sim_say_block(struct sim *sim, const void *data, size_t len);
/* Within -0.5 .. 0.5. */
double sim_noise(struct sim *sim);

/* What every instrument has (sim/common.c). */
extern const struct sim_command sim_common[];

#endif
