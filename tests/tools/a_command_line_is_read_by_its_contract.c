/* SPDX-License-Identifier: MIT */
/* Options, verbs and operands, by a contract that has a row of every sort (trial.tsv). */
#include "tests/support/harness.h"
#include "tools/common/args.h"

#include <stdlib.h>
#include <string.h>

extern const struct contract trial_contract;

enum { MOST = 12 };

/* Splits at blanks; `_` stands for an argument of no length. */
static bool read_line(const char *line, struct args *args)
{
    static char copy[400];
    static const char *argv[MOST + 1];
    int argc = 1;
    char *save = NULL;

    argv[0] = "trial";
    snprintf(copy, sizeof(copy), "%s", line);
    for (char *word = strtok_r(copy, " ", &save); word != NULL && argc < MOST;
         word = strtok_r(NULL, " ", &save))
        argv[argc++] = strcmp(word, "_") == 0 ? "" : word;
    return args_read(&trial_contract, argc, argv, args);
}

/* The verb, the options with their texts and the operands, as one line. */
static void write_line(const struct args *args, char *line, size_t room)
{
    size_t used = (size_t)snprintf(line, room, "%s", args->verb == NULL ? "-" : args->verb->name);

    for (size_t i = 0; i < args->option_count; i++)
        used += (size_t)snprintf(line + used, room - used, " %s%s%s", args->options[i].row->name,
                                 args->options[i].text == NULL ? "" : "=",
                                 args->options[i].text == NULL ? "" : args->options[i].text);
    for (size_t i = 0; i < args->operand_count; i++)
        used += (size_t)snprintf(line + used, room - used, " [%s]", args->operands[i]);
}

static void what_is_right_is_understood(void)
{
    static const struct {
        const char *given, *understood;
    } cases[] = {
        {"",                                                                "-"                              },
        {"list",                                                            "list"                           },
        {"ttyUSB0",                                                         "- [ttyUSB0]"                    },
        {"session",                                                         "- [session]"                    }, /* the session has no word, so this is a port */
        {"-- list",                                                         "- [list]"                       },
        {"a list",                                                          "- [a] [list]"                   },
        {"info -b 9600 x",                                                  "info rate=9600 [x]"             },
        {"info -b9600 x",                                                   "info rate=9600 [x]"             },
        {"info x --rate=57.6k",                                             "info rate=57.6k [x]"            },
        {"info x --rate 9600 --rate 300",                                   "info rate=9600 rate=300 [x]"    },
        {"info x --baud 9600 --speed=300",                                  "info rate=9600 rate=300 [x]"    },
        {"-q info x",                                                       "info quiet [x]"                 },
        {"info -qvb300 x",                                                  "info quiet verbose rate=300 [x]"},
        {"info -f rtscts x",                                                "info flow=rtscts [x]"           },
        {"send -f a.txt x",                                                 "send file=a.txt [x]"            },
        {"info --flow=hard x",                                              "info flow=hard [x]"             },
        {"send x --nolock --mute",                                          "send lock=none quiet [x]"       },
        {"list --wait x",                                                   "list wait [x]"                  }, /* a value that may be left out comes with = only */
        {"list --wait=5",                                                   "list wait=5"                    },
        {"send x - -- -q",                                                  "send [x] [-] [-q]"              },
        {"send x --delay=50 --output-delay=2",                              "send delay=50 delay=2 [x]"      },
        {"--fail-on=error,overrun --pace=prompt=> --by=serial=A,vid:pid=1",
         "- fail-on=error,overrun pace=prompt=> by=serial=A,vid:pid=1"                                       },
        {"--rotate 50M --rotate 1h --room 64k --line 7e1 --bits 8",
         "- rotate=50M rotate=1h room=64k line=7e1 bits=8"                                                   },
        {"--set a=b --set c=",                                              "- set=a=b set=c="               },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct args args;
        char line[400] = "";

        if (!comm_check(read_line(cases[i].given, &args), __FILE__, __LINE__, "%s: %s",
                        cases[i].given, args.error))
            continue;
        write_line(&args, line, sizeof(line));
        comm_check(strcmp(line, cases[i].understood) == 0, __FILE__, __LINE__, "%s: %s",
                   cases[i].given, line);
        args_free(&args);
    }
}

static void what_is_wrong_is_named_with_the_reason(void)
{
    static const struct {
        const char *given, *error;
    } cases[] = {
        {"info x --rat 9600",   "--rat: there is no such option; did you mean --rate?"       },
        {"info x --lien=8n1",   "--lien: there is no such option; did you mean --line?"      },
        {"info x --xyzzy",      "--xyzzy: there is no such option"                           },
        {"info x -k",           "-k: there is no such option"                                },
        {"info x --port=a",     "--port: there is no such option"                            }, /* a setting only */
        {"info x --rate",       "--rate: its value is missing (RATE)"                        },
        {"info x -b",           "-b: its value is missing (RATE)"                            },
        {"info x --rate fast",  "--rate: 'fast' is no rate: 115200, 57.6k and 1.5M are"      },
        {"info x --rate=",      "--rate: '' is no rate: 115200, 57.6k and 1.5M are"          },
        {"info x --baud 0",     "--baud: '0' is no rate: 115200, 57.6k and 1.5M are"         },
        {"info x --line 9n1",   "--line: '9n1' is no framing: 8n1, 7e1 and 5o1.5 are"        },
        {"info x --bits 9",     "--bits: '9' is no whole number from 5 to 8"                 },
        {"info x --flow=maybe", "--flow: 'maybe' is none of none|rtscts"                     },
        {"info x --flow=both",  "--flow: 'both' is not in this version"                      },
        {"info x -q=1",         "-=: there is no such option"                                },
        {"info x --quiet=1",    "--quiet: '1' is too much: it takes no value"                },
        {"info x --nolock=1",   "--nolock: it takes no value"                                },
        {"list --wait=soon",    "--wait: 'soon' is no time: 20, 1.5s, 200ms, 50us and 1h are"},
        {"--rotate=0",          "--rotate: '0' is neither a size (50M) nor a time (1h)"      },
        {"--room=1X",           "--room: '1X' is no size: 4096, 64k, 50M and 1G are"         },
        {"--fail-on=error,",    "--fail-on: '' is none of error|overrun,..."                 },
        {"--pace=prompt=",      "--pace: 'prompt=' is neither echo nor prompt=PATTERN"       },
        {"--set=a",             "--set: 'a' is not of the form KEY=VALUE"                    },
        {"send -f _ x",         "-f: '' is no name of a file"                                },
        {"list --rate=5",       "--rate: does not go with list"                              },
        {"--rate=5 list",       "--rate: does not go with list"                              },
        {"--zap",               "--zap: not in this version"                                 },
        {"-z",                  "-z: not in this version"                                    },
        {"info x --tape=a",     "--tape: not in this version"                                },
        {"tap a b",             "tap: not in this version"                                   },
        {"soon",                "soon: not in this version"                                  },
        {"info x --\033[2J",    "--?[2J: there is no such option"                            },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct args args;

        CHECK_EQ_WHEN(cases[i].given, read_line(cases[i].given, &args), false);
        comm_check(strcmp(args.error, cases[i].error) == 0, __FILE__, __LINE__, "%s: %s",
                   cases[i].given, args.error);
        args_free(&args);
    }
}

static void values_are_read_with_their_units(void)
{
    struct args args;

    if (CHECK(read_line(
            "x --delay=50 --output-delay=2 --idle=1.5s --rotate=1h --line=7e2 --lock=none",
            &args))) {
        CHECK_EQ(args.options[0].value.number, 50);
        CHECK_EQ(args.options[1].value.number, 2000); /* a synonym's bare number has its own unit */
        CHECK_EQ(args_get(&args, "idle")->value.number, 1500000);
        CHECK(args_get(&args, "rotate")->value.is_time);
        CHECK_EQ(args_get(&args, "line")->value.framing.bits, 7);
        CHECK(strcmp(args_get(&args, "lock")->value.word->name, "none") == 0);
        CHECK(args_get(&args, "rate") == NULL);
        CHECK_EQ(args_get(&args, "delay")->value.number, 2000); /* the last one counts */
    }
    args_free(&args);
}

/* Arguments put together at random from pieces that mean something: nothing is read outside of them
 * (the sanitizers look), and whatever is refused has a reason of one line. */
static void nothing_is_refused_without_a_reason(void)
{
    static const char *const pieces[] = {"--",  "-",    "=", "rate", "b",    "list", "info", "5",
                                         "M",   "wait", "f", "n",    ",",    "\033", "\xff", "line",
                                         "8n1", "set",  "q", ":",    "lock", "none"};
    unsigned long seed = 12345;

    for (int round = 0; round < 20000; round++) {
        char text[6][64];
        const char *argv[7] = {"trial"};
        struct args args;
        bool read;

        for (int i = 0; i < 6; i++) {
            text[i][0] = '\0';
            for (int n = 0; n < 4; n++) {
                seed = seed * 6364136223846793005ul + 1442695040888963407ul;
                strcat(text[i], pieces[(seed >> 33) % ARRAY_LEN(pieces)]);
                if ((seed >> 60) < 6)
                    break;
            }
            argv[i + 1] = text[i];
        }
        read = args_read(&trial_contract, 7, argv, &args);
        if (!comm_check(read == (args.error[0] == '\0') && strchr(args.error, '\n') == NULL,
                        __FILE__, __LINE__, "round %d: %s", round, args.error))
            round = 20000;
        args_free(&args);
    }
}

static void help_shows_what_is_there_and_nothing_else(void)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    contract_help(&trial_contract, NULL, out);
    contract_help(&trial_contract, contract_find(&trial_contract, CONTRACT_VERB, "info", 4), out);
    fclose(out);
    CHECK(strstr(text, "say much about one thing") != NULL);
    CHECK(strstr(text, "-b, --rate=RATE") != NULL);
    CHECK(strstr(text, "--wait[=SEC]") != NULL);
    CHECK(strstr(text, "none|rtscts") != NULL);
    CHECK(strstr(text, "is not built") == NULL);
    CHECK(strstr(text, "is for later") == NULL);
    CHECK(strstr(text, "transfer") == NULL);
    CHECK(strstr(text, "--port") == NULL);
    for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        CHECK(end - line < 80);
    free(text);
}

COMM_TEST_MAIN(TEST(what_is_right_is_understood), TEST(what_is_wrong_is_named_with_the_reason),
               TEST(values_are_read_with_their_units), TEST(nothing_is_refused_without_a_reason),
               TEST(help_shows_what_is_there_and_nothing_else))
