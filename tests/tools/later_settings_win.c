/* SPDX-License-Identifier: MIT */
/* Merging: defaults, the machine's file, the user's, the profile, --set, the command line. */
#include "tests/support/harness.h"
#include "tools/common/settings.h"

#include <stdlib.h>
#include <string.h>

extern const struct contract trial_contract;

struct run {
    struct conf conf;
    struct args args;
    struct settings settings;
};

/* `system` and `user` are files' texts; the arguments are split at blanks. */
static void run_begin(struct run *run, const char *system, const char *user, const char *line,
                      const char *name)
{
    static char copy[200];
    static const char *argv[12];
    int argc = 1;
    char *save = NULL;
    size_t first;

    *run = (struct run){0};
    argv[0] = "trial";
    snprintf(copy, sizeof(copy), "%s", line);
    for (char *word = strtok_r(copy, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save))
        argv[argc++] = word;
    CHECK(args_read(&trial_contract, argc, argv, &run->args));
    conf_parse(&run->conf, "system", system, strlen(system));
    first = run->conf.count;
    conf_parse(&run->conf, "user", user, strlen(user));
    for (size_t i = 0; i < run->conf.count; i++)
        run->conf.entries[i].level = i < first ? SETTINGS_SYSTEM : SETTINGS_USER;
    settings_merge(&run->settings, &trial_contract, &run->conf, &run->args, name);
}

static void run_end(struct run *run)
{
    settings_free(&run->settings);
    args_free(&run->args);
    conf_free(&run->conf);
}

static void each_source_wins_over_those_before(void)
{
    static const struct {
        const char *when, *system, *user, *line, *name, *rate;
        enum settings_origin origin;
    } cases[] = {
        {"nothing is said",              "",                    "",                                                  "",                  NULL,      "115200", SETTINGS_DEFAULT},
        {"the machine says so",          "rate=1",              "",                                                  "",                  NULL,      "1",      SETTINGS_SYSTEM },
        {"the user does too",            "rate=1",              "rate=2",                                            "",                  NULL,      "2",      SETTINGS_USER   },
        {"a synonym is used",            "rate=1",              "baud=2",                                            "",                  NULL,      "2",      SETTINGS_USER   },
        {"a profile is asked for",       "[profile p]\nrate=3", "rate=2",                                            "-p p",              NULL,      "3",
         SETTINGS_PROFILE                                                                                                                                                      },
        {"a profile is not asked for",   "[profile p]\nrate=3", "rate=2",                                            "",                  "q",       "2",
         SETTINGS_USER                                                                                                                                                         },
        {"a port has a profile's name",  "[profile p]\nrate=3", "rate=2",                                            "",                  "p",       "3",
         SETTINGS_PROFILE                                                                                                                                                      },
        {"a profile matches the port",   "",                    "[profile p]\nrate=3\nmatch=tty*",                   "",                  "ttyUSB0", "3",
         SETTINGS_PROFILE                                                                                                                                                      },
        {"a profile does not match it",  "",                    "[profile p]\nrate=3\nmatch=tty*",                   "",                  "COM1",    "115200",
         SETTINGS_DEFAULT                                                                                                                                                      },
        {"a name goes before a pattern", "",                    "[profile p]\nrate=3\nmatch=*\n[profile q]\nrate=4",
         "",                                                                                                                              "q",       "4",      SETTINGS_PROFILE},
        {"--set goes over it",           "",                    "[profile p]\nrate=3",                               "-p p --set rate=4", NULL,      "4",
         SETTINGS_SET                                                                                                                                                          },
        {"an option goes over that",     "",                    "rate=2",                                            "-b 5 --set rate=4", NULL,      "5",      SETTINGS_LINE   },
        {"it is given twice",            "",                    "rate=2\nrate=3",                                    "-b 5 -b 6",         NULL,      "6",      SETTINGS_LINE   },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct run run;
        const struct setting *rate;

        run_begin(&run, cases[i].system, cases[i].user, cases[i].line, cases[i].name);
        rate = settings_get(&run.settings, "rate");
        CHECK_EQ_WHEN(cases[i].when, run.conf.error_count, 0);
        comm_check(strcmp(rate->text, cases[i].rate) == 0, __FILE__, __LINE__, "%s: %s",
                   cases[i].when, rate->text);
        CHECK_EQ_WHEN(cases[i].when, rate->origin, cases[i].origin);
        run_end(&run);
    }
}

static void a_part_of_the_framing_changes_the_rest_not(void)
{
    struct run run;
    const struct setting *line;

    run_begin(&run, "line=7e2", "parity=odd", "", NULL);
    line = settings_get(&run.settings, "line");
    CHECK(strcmp(line->text, "7o2") == 0);
    CHECK_EQ(line->value.framing.parity, 'o');
    CHECK_EQ(line->value.framing.bits, 7);
    CHECK_EQ(line->origin, SETTINGS_USER);
    CHECK(settings_get(&run.settings, "parity") == NULL);
    run_end(&run);
    run_begin(&run, "", "parity=odd", "--line=5n1.5", NULL);
    CHECK(strcmp(settings_get(&run.settings, "line")->text, "5n1.5") == 0);
    run_end(&run);
}

static void flags_are_on_or_off(void)
{
    struct run run;

    run_begin(&run, "quiet=yes\nwait=on", "wait=2", "", NULL);
    CHECK(settings_on(&run.settings, "quiet"));
    CHECK(settings_on(&run.settings, "wait"));
    CHECK_EQ(settings_get(&run.settings, "wait")->value.number, 2000000);
    CHECK_EQ(run.conf.error_count, 0);
    run_end(&run);
    run_begin(&run, "quiet=yes", "quiet=off", "", NULL);
    CHECK(!settings_on(&run.settings, "quiet"));
    run_end(&run);
}

static void every_fault_is_told_even_of_what_is_not_used(void)
{
    static const char user[] = "rate = fast\n"
                               "speeed = 1\n"
                               "rat = 1\n"
                               "  set = a=b\n"
                               "zap = on\n"
                               "tape = x\n"
                               "match = x\n"
                               "flow = both\n"
                               "quiet = maybe\n"
                               "[other]\n"
                               "rate = 1\n"
                               "[profile unused]\n"
                               "line = 9n1\n";
    static const char *const faults[] = {
        "1:8: rate: 'fast' is no rate: 115200, 57.6k and 1.5M are",
        "2:1: speeed: there is no such setting",
        "3:1: rat: there is no such setting; did you mean rate?",
        "4:3: set: this is for the command line only",
        "5:1: zap: this is for the command line only",
        "6:1: tape: not in this version",
        "7:1: match: only a profile has this",
        "8:8: flow: 'both' is not in this version",
        "9:9: quiet: it is on or off",
        "11:1: [other]: there is no such section; a profile is [profile NAME]",
        "0:0: there is no profile 'gone'",
        "13:8: line: '9n1' is no framing: 8n1, 7e1 and 5o1.5 are",
        "0:0: baud: 'x' is no rate: 115200, 57.6k and 1.5M are",
    };
    struct run run;

    run_begin(&run, "", user, "-p gone --set baud=x", NULL);
    CHECK_EQ(run.conf.error_count, ARRAY_LEN(faults));
    for (size_t i = 0; i < run.conf.error_count && i < ARRAY_LEN(faults); i++) {
        const struct conf_error *error = &run.conf.errors[i];
        char text[300];

        snprintf(text, sizeof(text), "%u:%u: %s", error->at.line, error->at.column, error->text);
        comm_check(strcmp(text, faults[i]) == 0, __FILE__, __LINE__, "%s instead of %s", text,
                   faults[i]);
    }
    run_end(&run);
}

static char *print(const struct settings *settings)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);

    settings_print(settings, out);
    fclose(out);
    return text;
}

static void what_is_printed_can_be_read_again(void)
{
    struct run run, again;
    char *first;

    run_begin(&run, "rate=1", "[profile p]\nport=\" a;b \\x01\\\"\"\nmatch=*",
              "--flow=hard -q --wait=3", "x");
    first = print(&run.settings);
    CHECK(strstr(first, "rate = 1 ; system:1:1\n") != NULL);
    CHECK(strstr(first, "line = 8n1 ; default\n") != NULL);
    CHECK(strstr(first, "flow = rtscts ; command line\n") != NULL);
    CHECK(strstr(first, "port = \" a;b \\x01\\\"\" ; profile, user:2:1\n") != NULL);
    CHECK(strstr(first, "# by is not set\n") != NULL);
    run_begin(&again, "", first, "", NULL);
    CHECK_EQ(again.conf.error_count, 0);
    CHECK_EQ(again.settings.count, run.settings.count);
    for (size_t i = 0; i < run.settings.count; i++) {
        const char *before = run.settings.list[i].text, *after = again.settings.list[i].text;

        CHECK_EQ_WHEN(run.settings.list[i].row->name, before == NULL, after == NULL);
        CHECK_EQ_WHEN(run.settings.list[i].row->name,
                      before != NULL && after != NULL && strcmp(before, after) != 0, false);
    }
    run_end(&run);
    run_end(&again);
    free(first);
}

COMM_TEST_MAIN(TEST(each_source_wins_over_those_before),
               TEST(a_part_of_the_framing_changes_the_rest_not), TEST(flags_are_on_or_off),
               TEST(every_fault_is_told_even_of_what_is_not_used),
               TEST(what_is_printed_can_be_read_again))
