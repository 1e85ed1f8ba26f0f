/* SPDX-License-Identifier: MIT */
/* A power supply, 0 to 32 V and 0 to 3 A, with 10 Ohm connected: above the current that is set it
 * holds the current instead of the voltage. */
#include <math.h>
#include <stdio.h>

#include "tools/common/sim/model.h"
#include "tools/common/sim/scpi.h"

#define MOST_VOLTS 32.0
#define MOST_AMPS 3.0
#define FIRST_AMPS 1.0

static void reset(struct sim *sim)
{
    sim->psu.volts = 0;
    sim->psu.amps = FIRST_AMPS;
    sim->psu.load_ohms = 10.0;
    sim->psu.on = false;
}

/* A value that does not fit leaves the setting as it was. */
static void set(struct sim *sim, double *setting, const char *arg, double most, double first)
{
    double wish;

    if (*arg == '\0') {
        sim_error(sim, SIM_MISSING);
        return;
    }
    if (scpi_word("MINimum", arg))
        wish = 0;
    else if (scpi_word("MAXimum", arg))
        wish = most;
    else if (scpi_word("DEFault", arg))
        wish = first;
    else if (!scpi_number(arg, &wish)) {
        sim_error(sim, SIM_TYPE);
        return;
    }
    if (wish < 0 || wish > most)
        sim_error(sim, SIM_RANGE);
    else
        *setting = wish;
}

static void set_volts(struct sim *sim, const char *arg)
{
    set(sim, &sim->psu.volts, arg, MOST_VOLTS, 0);
}

static void set_amps(struct sim *sim, const char *arg)
{
    set(sim, &sim->psu.amps, arg, MOST_AMPS, FIRST_AMPS);
}

static void say_setting(struct sim *sim, double setting, const char *arg, double most)
{
    if (scpi_word("MAXimum", arg))
        setting = most;
    else if (scpi_word("MINimum", arg))
        setting = 0;
    sim_say(sim, "%.3f", setting);
}

static void say_volts(struct sim *sim, const char *arg)
{
    say_setting(sim, sim->psu.volts, arg, MOST_VOLTS);
}

static void say_amps(struct sim *sim, const char *arg)
{
    say_setting(sim, sim->psu.amps, arg, MOST_AMPS);
}

static void set_output(struct sim *sim, const char *arg)
{
    bool on;

    if (*arg == '\0')
        sim_error(sim, SIM_MISSING);
    else if (!scpi_bool(arg, &on))
        sim_error(sim, SIM_BAD_PARAMETER);
    else
        sim->psu.on = on;
}

static void say_output(struct sim *sim, const char *arg)
{
    (void)arg;
    sim_say(sim, "%d", sim->psu.on);
}

static double amps_now(const struct sim *sim)
{
    return sim->psu.on ? fmin(sim->psu.volts / sim->psu.load_ohms, sim->psu.amps) : 0;
}

static void measure_amps(struct sim *sim, const char *arg)
{
    (void)arg;
    sim_say(sim, "%.4f", fmax(0, amps_now(sim) + 0.0004 * sim_noise(sim)));
}

static void measure_volts(struct sim *sim, const char *arg)
{
    (void)arg;
    sim_say(sim, "%.4f", fmax(0, amps_now(sim) * sim->psu.load_ohms + 0.002 * sim_noise(sim)));
}

static const struct sim_command commands[] = {
    {"[:SOURce]:VOLTage[:LEVel][:IMMediate][:AMPLitude]",  set_volts,     1000 },
    {"[:SOURce]:VOLTage[:LEVel][:IMMediate][:AMPLitude]?", say_volts,     1000 },
    {"[:SOURce]:CURRent[:LEVel][:IMMediate][:AMPLitude]",  set_amps,      1000 },
    {"[:SOURce]:CURRent[:LEVel][:IMMediate][:AMPLitude]?", say_amps,      1000 },
    {"OUTPut[:STATe]",                                     set_output,    5000 },
    {"OUTPut[:STATe]?",                                    say_output,    1000 },
    {"MEASure[:SCALar]:VOLTage[:DC]?",                     measure_volts, 10000},
    {"MEASure[:SCALar]:CURRent[:DC]?",                     measure_amps,  10000},
    {NULL,                                                 NULL,          0    },
};

const struct sim_model sim_psu = {
    .name = "psu",
    .identity = "LIBCOMM,SIM-PSU,0001,1.0",
    .commands = commands,
    .reset = reset,
};
