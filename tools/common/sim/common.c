/* SPDX-License-Identifier: MIT */
/* The commands every instrument has: IEEE 488.2 and the SYSTem branch. */
#include <stdio.h>
#include <string.h>

#include "tools/common/sim/model.h"
#include "tools/common/sim/scpi.h"

static void identify(struct sim *sim, const char *arg)
{
    (void)arg;
    sim_say(sim, "%s", sim->model->identity);
}

static void reset(struct sim *sim, const char *arg)
{
    (void)arg;
    sim->model->reset(sim);
}

static void clear(struct sim *sim, const char *arg)
{
    (void)arg;
    sim->error_count = 0;
    sim->esr = 0;
}

static void complete(struct sim *sim, const char *arg)
{
    (void)arg;
    sim->esr |= 0x01;
}

static void say_complete(struct sim *sim, const char *arg)
{
    (void)arg;
    sim_say(sim, "1");
}

static void nothing(struct sim *sim, const char *arg)
{
    (void)sim;
    (void)arg;
}

static void say_esr(struct sim *sim, const char *arg)
{
    (void)arg;
    sim_say(sim, "%u", sim->esr);
    sim->esr = 0; /* asking clears it */
}

static unsigned status_byte(const struct sim *sim)
{
    unsigned stb = 0;

    if (sim->error_count > 0)
        stb |= 0x04;
    if (sim->first != NULL || sim->answered)
        stb |= 0x10;
    if ((sim->esr & sim->ese) != 0)
        stb |= 0x20;
    return (stb & sim->sre) != 0 ? stb | 0x40 : stb;
}

static void say_stb(struct sim *sim, const char *arg)
{
    (void)arg;
    sim_say(sim, "%u", status_byte(sim));
}

static void set_mask(struct sim *sim, unsigned *mask, const char *arg)
{
    double number;

    if (*arg == '\0')
        sim_error(sim, SIM_MISSING);
    else if (!scpi_number(arg, &number))
        sim_error(sim, SIM_TYPE);
    else if (number < 0 || number > 255)
        sim_error(sim, SIM_RANGE);
    else
        *mask = (unsigned)number;
}

static void set_ese(struct sim *sim, const char *arg)
{
    set_mask(sim, &sim->ese, arg);
}

static void say_ese(struct sim *sim, const char *arg)
{
    (void)arg;
    sim_say(sim, "%u", sim->ese);
}

static void set_sre(struct sim *sim, const char *arg)
{
    set_mask(sim, &sim->sre, arg);
}

static void say_sre(struct sim *sim, const char *arg)
{
    (void)arg;
    sim_say(sim, "%u", sim->sre);
}

static void self_test(struct sim *sim, const char *arg)
{
    (void)arg;
    sim_say(sim, "0");
}

/* ---- errors ---- */

static const char *error_text(int number)
{
    static const struct {
        int number;
        const char *text;
    } texts[] = {
        {0,                 "No error"               },
        {SIM_SYNTAX,        "Syntax error"           },
        {SIM_TYPE,          "Data type error"        },
        {SIM_MISSING,       "Missing parameter"      },
        {SIM_UNDEFINED,     "Undefined header"       },
        {SIM_RANGE,         "Data out of range"      },
        {SIM_BAD_PARAMETER, "Illegal parameter value"},
        {SIM_OVERFLOW,      "Queue overflow"         },
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (texts[i].number == number)
            return texts[i].text;
    return "Device-specific error";
}

static void say_error(struct sim *sim, const char *arg)
{
    int number = sim->error_count > 0 ? sim->errors[0] : 0;

    (void)arg;
    sim_say(sim, "%d,\"%s\"", number, error_text(number));
    if (sim->error_count == 0)
        return;
    sim->error_count--;
    memmove(sim->errors, sim->errors + 1, sim->error_count * sizeof sim->errors[0]);
}

static void say_error_count(struct sim *sim, const char *arg)
{
    (void)arg;
    sim_say(sim, "%zu", sim->error_count);
}

static void say_version(struct sim *sim, const char *arg)
{
    (void)arg;
    sim_say(sim, "1999.0");
}

/* ---- help ---- */

/* One header on each line, in a block, as SCPI wants it. */
static void add_headers(const struct sim_command *table, char *text, size_t room, size_t *len)
{
    for (; table->pattern != NULL && *len < room; table++) {
        int n = snprintf(text + *len, room - *len, "%s\n", table->pattern);

        *len += n > 0 ? (size_t)n : 0;
    }
}

static void say_headers(struct sim *sim, const char *arg)
{
    char text[2048];
    size_t len = 0;

    (void)arg;
    add_headers(sim->model->commands, text, sizeof text, &len);
    add_headers(sim_common, text, sizeof text, &len);
    sim_say_block(sim, text, len < sizeof text ? len : sizeof text - 1);
}

const struct sim_command sim_common[] = {
    {"*IDN?",                identify,        2000 },
    {"*RST",                 reset,           10000},
    {"*CLS",                 clear,           0    },
    {"*OPC",                 complete,        0    },
    {"*OPC?",                say_complete,    0    },
    {"*WAI",                 nothing,         0    },
    {"*ESR?",                say_esr,         0    },
    {"*ESE",                 set_ese,         0    },
    {"*ESE?",                say_ese,         0    },
    {"*STB?",                say_stb,         0    },
    {"*SRE",                 set_sre,         0    },
    {"*SRE?",                say_sre,         0    },
    {"*TST?",                self_test,       50000},
    {"SYSTem:ERRor[:NEXT]?", say_error,       0    },
    {"SYSTem:ERRor:COUNt?",  say_error_count, 0    },
    {"SYSTem:VERSion?",      say_version,     0    },
    {"SYSTem:HELP:HEADers?", say_headers,     0    },
    {NULL,                   NULL,            0    },
};
