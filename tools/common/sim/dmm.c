/* SPDX-License-Identifier: MIT */
/* A multimeter with 5 V, 10 mA and 1 kOhm at its terminals, and noise. */
#include <math.h>
#include <stdio.h>

#include "tools/common/sim/model.h"
#include "tools/common/sim/scpi.h"

enum { VOLTS, AMPS, OHMS };

enum { CURVE_POINTS = 1024, CURVE_MOST = 65536 };

static void reset(struct sim *sim)
{
    sim->dmm.volts = 5.0;
    sim->dmm.amps = 0.010;
    sim->dmm.ohms = 1000.0;
    sim->dmm.function = VOLTS;
}

static void read_now(struct sim *sim, const char *arg)
{
    const double values[] = {sim->dmm.volts, sim->dmm.amps, sim->dmm.ohms};
    double value = values[sim->dmm.function];

    (void)arg;
    sim_say(sim, "%+.8E", value * (1 + sim_noise(sim) * 1e-4));
}

static void measure(struct sim *sim, unsigned function)
{
    sim->dmm.function = function;
    read_now(sim, "");
}

static void measure_volts(struct sim *sim, const char *arg)
{
    (void)arg;
    measure(sim, VOLTS);
}

static void measure_amps(struct sim *sim, const char *arg)
{
    (void)arg;
    measure(sim, AMPS);
}

static void measure_ohms(struct sim *sim, const char *arg)
{
    (void)arg;
    measure(sim, OHMS);
}

static void configure_volts(struct sim *sim, const char *arg)
{
    (void)arg;
    sim->dmm.function = VOLTS;
}

static void configure_amps(struct sim *sim, const char *arg)
{
    (void)arg;
    sim->dmm.function = AMPS;
}

static void configure_ohms(struct sim *sim, const char *arg)
{
    (void)arg;
    sim->dmm.function = OHMS;
}

static void say_function(struct sim *sim, const char *arg)
{
    static const char *const names[] = {"VOLT", "CURR", "RES"};

    (void)arg;
    sim_say(sim, "\"%s\"", names[sim->dmm.function]);
}

/* A sine of 16-bit samples, high byte first; LF and CR are among the bytes. */
static void say_curve(struct sim *sim, const char *arg)
{
    static uint8_t data[2 * CURVE_MOST];
    double wish = CURVE_POINTS;

    if (*arg != '\0' && !scpi_number(arg, &wish)) {
        sim_error(sim, SIM_TYPE);
        return;
    }
    if (wish < 1 || wish > CURVE_MOST) {
        sim_error(sim, SIM_RANGE);
        return;
    }
    for (size_t i = 0; i < (size_t)wish; i++) {
        int sample = (int)lround(20000 * sin((double)i * 0.0245436926) + 100 * sim_noise(sim));

        data[2 * i] = (uint8_t)((unsigned)sample >> 8);
        data[2 * i + 1] = (uint8_t)sample;
    }
    sim_say_block(sim, data, 2 * (size_t)wish);
}

static const struct sim_command commands[] = {
    {"MEASure:VOLTage[:DC]?",  measure_volts,   20000},
    {"MEASure:CURRent[:DC]?",  measure_amps,    20000},
    {"MEASure:RESistance?",    measure_ohms,    20000},
    {"CONFigure:VOLTage[:DC]", configure_volts, 0    },
    {"CONFigure:CURRent[:DC]", configure_amps,  0    },
    {"CONFigure:RESistance",   configure_ohms,  0    },
    {"CONFigure?",             say_function,    0    },
    {"READ?",                  read_now,        20000},
    {"FETCh?",                 read_now,        0    },
    {"CURVe?",                 say_curve,       5000 },
    {"DATA?",                  say_curve,       5000 },
    {NULL,                     NULL,            0    },
};

const struct sim_model sim_dmm = {
    .name = "dmm",
    .identity = "LIBCOMM,SIM-DMM,0001,1.0",
    .commands = commands,
    .reset = reset,
};
