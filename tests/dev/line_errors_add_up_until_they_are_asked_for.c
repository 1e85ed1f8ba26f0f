/* SPDX-License-Identifier: MIT */
/* Errors of the line: each is counted, kept until the program asks, and stops everything if it is
 * to. */
#include "machine.h"

#include <string.h>

/* ---- counting ---- */

#define ALL (CI_BAD_PARITY | CI_BAD_FRAME | CI_BAD_OVERRUN)
#define TWO (CI_BAD_PARITY | CI_BAD_FRAME)
#define TAKES_OUT (SERIAL_NULL_STRIPPING | SERIAL_AUTO_TRANSMIT)

static const struct {
    const char *when;
    uint32_t flow;
    const char *text;
    size_t len;
    unsigned bad[2]; /* then so damaged ones */
    struct ci_com_stats stats;
} counts[] = {
    {"plain ones",            0,                 "abc",         3, {0},                           {.received = 3}                         },
    {"null, XOFF and XON",    TAKES_OUT,         "a\0\x13\x11", 4, {0},                           {.received = 4}                         },
    {"a damaged one",         0,                 "a",           1, {CI_BAD_PARITY},               {.received = 2, .parity = 1}            },
    {"a break is no error",   0,                 "",            0, {CI_BAD_BREAK | CI_BAD_FRAME}, {.received = 1}                         },
    {"all at once, and more", 0,                 "",            0, {ALL, CI_BAD_OVERRUN},         {2, 0, 1, 2, 0, 1}                      },
    {"replaced by two",       SERIAL_ERROR_CHAR, "",            0, {TWO},                         {.received = 1, .frame = 1, .parity = 1}},
};

static bool same_stats(const struct ci_com_stats *a, const struct ci_com_stats *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

static void what_came_is_counted_whatever_becomes_of_it(void)
{
    for (size_t i = 0; i < ARRAY_LEN(counts); i++) {
        struct machine m;

        machine_open(&m, 4096);
        machine_flow(&m, 0, counts[i].flow);
        machine_hear(&m, counts[i].text, counts[i].len);
        for (size_t j = 0; j < ARRAY_LEN(counts[i].bad) && counts[i].bad[j] != 0; j++)
            machine_damage(&m, 'b', counts[i].bad[j]);
        CHECK_EQ_WHEN(counts[i].when, same_stats(&m.com.stats, &counts[i].stats), true);
        machine_close(&m);
    }
}

static void errors_add_up_until_they_are_asked_for(void)
{
    struct machine m;

    machine_open(&m, 4096);
    machine_damage(&m, 'a', CI_BAD_PARITY);
    machine_damage(&m, 'b', CI_BAD_PARITY);
    machine_damage(&m, 'c', CI_BAD_FRAME);
    machine_damage(&m, 0, CI_BAD_BREAK);
    machine_say(&m, "fine");
    CHECK_EQ(ci_com_errors(&m.com), CE_RXPARITY | CE_FRAME | CE_BREAK);
    CHECK_EQ(ci_com_errors(&m.com), 0);
    machine_damage(&m, 'd', CI_BAD_OVERRUN);
    CHECK_EQ(ci_com_errors(&m.com), CE_OVERRUN);
    machine_close(&m);
}

/* ---- what the counters of a tty say, apart from the bytes ---- */

static const struct {
    const char *when;
    uint32_t flow, overruns, buffer_overruns;
    const char *out;
    uint32_t errors, events;
    struct ci_com_stats stats;
} losses[] = {
    {"nothing",                0,                 0, 0, "",  0,                      0,      {0}                                },
    {"the hardware lost some", 0,                 3, 0, "",  CE_OVERRUN,             EV_ERR, {.overrun = 3}                     },
    {"and that is to be seen", SERIAL_ERROR_CHAR, 3, 0, "?", CE_OVERRUN,             EV_ERR, {.overrun = 3}                     },
    {"the kernel lost some",   SERIAL_ERROR_CHAR, 0, 2, "",  CE_RXOVER,              0,      {.buffer_overrun = 2}              },
    {"both did",               0,                 1, 1, "",  CE_OVERRUN | CE_RXOVER, EV_ERR, {.overrun = 1, .buffer_overrun = 1}},
};

static void losses_that_are_only_counted_are_errors(void)
{
    for (size_t i = 0; i < ARRAY_LEN(losses); i++) {
        struct ci_inputs inputs;
        struct machine m;

        machine_open(&m, 4096);
        m.com.set.chars.error = '?';
        machine_flow(&m, 0, losses[i].flow);
        ci_com_mask(&m.com, 0x1FFF);
        inputs = m.com.inputs;
        inputs.overruns += losses[i].overruns;
        inputs.buffer_overruns += losses[i].buffer_overruns;
        for (int twice = 0; twice < 2; twice++) /* nothing new the second time */
            ci_com_see_inputs(&m.com, &inputs, m.now_ns);
        CHECK_EQ_WHEN(losses[i].when, m.com.history, losses[i].events);
        CHECK_EQ_WHEN(losses[i].when, ci_com_errors(&m.com), losses[i].errors);
        CHECK_EQ_WHEN(losses[i].when, same_stats(&m.com.stats, &losses[i].stats), true);
        CHECK_EQ_WHEN(losses[i].when, machine_holds(&m, losses[i].out, strlen(losses[i].out)),
                      true);
        machine_close(&m);
    }
}

/* ---- fAbortOnError ---- */

/* S99 */
static void an_error_stops_everything_if_it_is_to(void)
{
    static const struct {
        const char *when;
        unsigned bad;
        uint32_t control, errors;
    } cases[] = {
        {"parity",          CI_BAD_PARITY,  SERIAL_ERROR_ABORT, CE_RXPARITY},
        {"framing",         CI_BAD_FRAME,   SERIAL_ERROR_ABORT, CE_FRAME   },
        {"overrun",         CI_BAD_OVERRUN, SERIAL_ERROR_ABORT, CE_OVERRUN },
        {"a break",         CI_BAD_BREAK,   SERIAL_ERROR_ABORT, CE_BREAK   },
        {"no error",        0,              SERIAL_ERROR_ABORT, 0          },
        {"it is not to be", CI_BAD_FRAME,   0,                  CE_FRAME   },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        bool stops = cases[i].bad != 0 && cases[i].control != 0;
        struct machine m;

        machine_open(&m, 4096);
        machine_flow(&m, cases[i].control, 0);
        machine_damage(&m, 0, cases[i].bad);
        CHECK_EQ_WHEN(cases[i].when, m.com.abort, stops);
        CHECK_EQ_WHEN(cases[i].when, m.com.aborted, stops);
        machine_say(&m, "goes on"); /* what comes is still received */
        CHECK_EQ_WHEN(cases[i].when, m.com.rx.count, 8);
        CHECK_EQ_WHEN(cases[i].when, ci_com_errors(&m.com), cases[i].errors);
        CHECK_EQ_WHEN(cases[i].when, m.com.aborted, false);
        machine_close(&m);
    }
}

COMM_TEST_MAIN(TEST(what_came_is_counted_whatever_becomes_of_it),
               TEST(errors_add_up_until_they_are_asked_for),
               TEST(losses_that_are_only_counted_are_errors),
               TEST(an_error_stops_everything_if_it_is_to))
