/* SPDX-License-Identifier: MIT */
/* The simulated instruments as functions of bytes: what they say, what they refuse, and that
 * neither the cut of the bytes nor the kind of line end changes it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "tools/common/sim/instrument.h"
#include "tools/common/sim/scpi.h"

static struct sim *open_sim(const char *text)
{
    struct sim_options options;
    struct tool_fail fail;
    const char *model;
    struct sim *sim;

    CHECK_EQ(sim_parse(text, &model, &options, &fail), TOOL_OK);
    sim = sim_new(model, &options);
    if (!CHECK(sim != NULL))
        exit(EXIT_FAILURE);
    return sim;
}

/* All answers there are, one behind the other. */
static size_t answers(struct sim *sim, char *text, size_t room)
{
    struct sim_reply reply;
    size_t len = 0;

    while (sim_reply(sim, &reply)) {
        if (len + reply.len < room)
            memcpy(text + len, reply.data, reply.len);
        len += reply.len;
        sim_reply_taken(sim);
    }
    text[len < room ? len : room - 1] = '\0';
    return len;
}

static size_t says(struct sim *sim, const char *said, char *text, size_t room)
{
    sim_receive(sim, said, strlen(said));
    return answers(sim, text, room);
}

static bool talks(struct sim *sim, const char *said, const char *answer)
{
    char text[8192];

    says(sim, said, text, sizeof text);
    if (strcmp(text, answer) == 0)
        return true;
    printf("      %s -> %s", said, text);
    return false;
}

/* ---- what it says ---- */

static const struct {
    const char *when, *model, *said, *answer;
} talk[] = {
    {"who it is",                    "dmm", "*IDN?\n",                                        "LIBCOMM,SIM-DMM,0001,1.0\n"        },
    {"lower case",                   "psu", "*idn?\n",                                        "LIBCOMM,SIM-PSU,0001,1.0\n"        },
    {"a setting sticks",             "psu", "VOLT 5.5\nVOLT?\n",                              "5.500\n"                           },
    {"the long form",                "psu", ":SOURCE:VOLTAGE:LEVEL 2;:VOLT?\n",               "2.000\n"                           },
    {"optional nodes in the middle", "psu", "VOLT:IMM 3\nvolt:ampl?\n",                       "3.000\n"                           },
    {"a form in between is no form", "psu", "VOLTA 3\nSYST:ERR?\n",                           "-113,\"Undefined header\"\n"       },
    {"several on a line",            "psu", "VOLT 1;CURR 2;VOLT?;CURR?\n",                    "1.000;2.000\n"                     },
    {"the output is a switch",       "psu", "OUTP ON\nOUTP?\nOUTP 0\nOUTP:STAT?\n",           "1\n0\n"                            },
    {"a bad switch",                 "psu", "OUTP MAYBE\nSYST:ERR?\n",                        "-224,\"Illegal parameter value\"\n"},
    {"out of range is refused",      "psu", "VOLT 33\nVOLT?\nSYST:ERR?\n",
     "0.000\n-222,\"Data out of range\"\n"                                                                                        },
    {"no number",                    "psu", "VOLT x\nSYST:ERR?\n",                            "-104,\"Data type error\"\n"        },
    {"nothing at all",               "psu", "VOLT\nSYST:ERR?\n",                              "-109,\"Missing parameter\"\n"      },
    {"the biggest",                  "psu", "VOLT MAX\nVOLT?;VOLT? MIN\n",                    "32.000;0.000\n"                    },
    {"errors are told oldest first", "psu", "X\nVOLT 99\nSYST:ERR:COUN?;NEXT?;NEXT?;NEXT?\n",
     "2;-113,\"Undefined header\";-222,\"Data out of range\";0,\"No error\"\n"                                                    },
    {"a reset forgets settings",     "psu", "VOLT 5\n*RST\nVOLT?\n",                          "0.000\n"                           },
    {"done is done",                 "dmm", "*OPC?\n",                                        "1\n"                               },
    {"the power came on",            "dmm", "*ESR?;*ESR?\n",                                  "128;0\n"                           },
    {"kinds of errors have bits",    "psu", "*CLS;X;VOLT 99\n*ESR?\n",                        "48\n"                              },
    {"an error shows in the status", "psu", "X\n*STB?\n",                                     "4\n"                               },
    {"and asks for service",         "psu", "*CLS;*ESE 32;*SRE 32\nX\n*STB?\n",               "100\n"                             },
    {"clear clears",                 "psu", "X\n*CLS\n*STB?;SYST:ERR?\n",                     "0;0,\"No error\"\n"                },
    {"the function sticks",          "dmm", "CONF:CURR\nCONF?\n",                             "\"CURR\"\n"                        },
    {"an empty line",                "dmm", "\n\n ; ;\n*OPC?\n",                              "1\n"                               },
};

static void what_is_asked_is_answered(void)
{
    for (size_t i = 0; i < ARRAY_LEN(talk); i++) {
        struct sim *sim = open_sim(talk[i].model);

        CHECK_EQ_WHEN(talk[i].when, talks(sim, talk[i].said, talk[i].answer), true);
        sim_free(sim);
    }
}

static void a_supply_measures_what_it_gives(void)
{
    struct sim *sim = open_sim("psu");
    double volts, amps, none;
    char text[256];

    says(sim, "VOLT 5;OUTP ON;:MEAS:VOLT?;CURR?;:OUTP OFF;:MEAS:CURR?\n", text, sizeof text);
    CHECK_EQ(sscanf(text, "%lf;%lf;%lf", &volts, &amps, &none), 3);
    CHECK(volts > 4.99 && volts < 5.01);
    CHECK(amps > 0.499 && amps < 0.501);
    CHECK(none < 0.001);
    says(sim, "CURR 0.1;OUTP ON;:MEAS:VOLT?\n", text, sizeof text); /* 10 Ohm */
    CHECK(strtod(text, NULL) > 0.99 && strtod(text, NULL) < 1.01);
    sim_free(sim);
}

/* ---- the same for all ---- */

static void noise_is_the_same_for_the_same_seed(void)
{
    char first[3][256];
    const char *const names[] = {"dmm?seed=7", "dmm?seed=7", "dmm?seed=8"};

    for (int i = 0; i < 3; i++) {
        struct sim *sim = open_sim(names[i]);

        says(sim, "MEAS:VOLT?;VOLT?;RES?\n", first[i], sizeof first[i]);
        sim_free(sim);
    }
    CHECK(strcmp(first[0], first[1]) == 0);
    CHECK(strcmp(first[0], first[2]) != 0);
    CHECK(strtod(first[0], NULL) > 4.9 && strtod(first[0], NULL) < 5.1);
}

static void every_split_gives_the_same_answers(void)
{
    static const char said[] = "*IDN?\r\nMEAS:VOLT?\rX;CURV? 3\nSYST:ERR?\n";
    char whole[512], split[512];
    struct sim *sim = open_sim("dmm?seed=3");
    size_t len = (sim_receive(sim, said, sizeof said - 1), answers(sim, whole, sizeof whole));

    sim_free(sim);
    for (size_t at = 0; at < sizeof said; at++) {
        sim = open_sim("dmm?seed=3");
        sim_receive(sim, said, at);
        sim_receive(sim, said + at, sizeof said - 1 - at);
        CHECK_EQ(answers(sim, split, sizeof split), len);
        CHECK_EQ(memcmp(split, whole, len), 0);
        sim_free(sim);
    }
}

/* ---- line ends ---- */

static const struct {
    const char *model, *said, *answer;
} ends[] = {
    {"dmm",          "*OPC?\n*OPC?\r*OPC?\r\n*OPC?\n", "1\n1\n1\n1\n"},
    {"dmm?eol=lf",   "*OPC?\n",                        "1\n"         },
    {"dmm?eol=lf",   "*OPC?\r",                        ""            },
    {"dmm?eol=cr",   "*OPC?\r",                        "1\r"         },
    {"dmm?eol=cr",   "*OPC?\n",                        ""            },
    {"dmm?eol=crlf", "*OPC?\r\n",                      "1\r\n"       },
    {"dmm?eol=crlf", "*OPC?\n",                        ""            },
    {"dmm?eol=crlf", "*OPC?\r",                        ""            },
};

static void an_instrument_ends_lines_as_it_is_told(void)
{
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct sim *sim = open_sim(ends[i].model);

        CHECK_EQ_WHEN(ends[i].model, talks(sim, ends[i].said, ends[i].answer), true);
        sim_free(sim);
    }
}

/* ---- blocks and big things ---- */

static void a_curve_is_a_block_of_counted_bytes(void)
{
    struct sim *sim = open_sim("dmm");
    char text[4096];
    size_t len;

    len = says(sim, "CURV?\n", text, sizeof text);
    CHECK_EQ(len, 6 + 2048 + 1);
    CHECK_EQ(memcmp(text, "#42048", 6), 0);
    CHECK_EQ(text[len - 1], '\n');
    CHECK(memchr(text + 6, '\n', 2048) != NULL); /* so nobody may look for the line end */
    sim_free(sim);
}

static void help_names_what_it_understands(void)
{
    struct sim *sim = open_sim("psu");
    char text[4096];

    says(sim, "SYST:HELP:HEAD?\n", text, sizeof text);
    CHECK_EQ(text[0], '#');
    CHECK(strstr(text, "OUTPut[:STATe]?\n") != NULL);
    CHECK(strstr(text, "*IDN?\n") != NULL);
    sim_free(sim);
}

static void a_line_that_is_too_long_is_one_error(void)
{
    struct sim *sim = open_sim("dmm");
    char much[2000];

    memset(much, 'A', sizeof much);
    sim_receive(sim, much, sizeof much);
    CHECK(talks(sim, "\nSYST:ERR?;ERR?\n", "-102,\"Syntax error\";0,\"No error\"\n"));
    sim_free(sim);
}

static void a_full_queue_of_errors_says_so_last(void)
{
    struct sim *sim = open_sim("dmm");
    char text[512];

    for (int i = 0; i < 12; i++)
        sim_receive(sim, "X\n", 2);
    for (int i = 0; i < 10; i++) {
        says(sim, "SYST:ERR?\n", text, sizeof text);
        CHECK_EQ(atoi(text), i == 9 ? -350 : -113);
    }
    sim_free(sim);
}

static void a_command_takes_its_time(void)
{
    struct sim *sim = open_sim("dmm?delay=5");
    struct sim_reply reply;

    sim_receive(sim, "*OPC?\nMEAS:VOLT?\n", 17);
    CHECK(sim_reply(sim, &reply));
    CHECK_EQ(reply.delay_us, 5000);
    sim_reply_taken(sim);
    CHECK(sim_reply(sim, &reply));
    CHECK_EQ(reply.delay_us, 25000);
    sim_free(sim);
}

static void a_name_that_is_wrong_is_refused(void)
{
    static const char *const wrong[] = {"scope",        "dmm?eol=nl", "dmm?seed",   "dmm?delay=x",
                                        "dmm?delay=-1", "dmm?baud=0", "dmm?what=1", "dm"};
    struct sim_options options;
    struct tool_fail fail;
    const char *model;

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        CHECK_EQ_WHEN(wrong[i], sim_parse(wrong[i], &model, &options, &fail), TOOL_USAGE);
}

COMM_TEST_MAIN(TEST(what_is_asked_is_answered), TEST(a_supply_measures_what_it_gives),
               TEST(noise_is_the_same_for_the_same_seed), TEST(every_split_gives_the_same_answers),
               TEST(an_instrument_ends_lines_as_it_is_told),
               TEST(a_curve_is_a_block_of_counted_bytes), TEST(help_names_what_it_understands),
               TEST(a_line_that_is_too_long_is_one_error),
               TEST(a_full_queue_of_errors_says_so_last), TEST(a_command_takes_its_time),
               TEST(a_name_that_is_wrong_is_refused))
