/* SPDX-License-Identifier: MIT */
/* What a tool promises on its command line, as a table: verbs, options with their values, keys and
 * statuses.  The table is made from the tool's contract.tsv by contract.py, which makes the manual
 * page and the completions from it too, so that none of them says what the others do not. */
#ifndef TOOLS_CONTRACT_H
#define TOOLS_CONTRACT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum contract_kind {
    CONTRACT_VERB,
    CONTRACT_GROUP, /* the heading of the options that follow */
    CONTRACT_OPTION,
    CONTRACT_VALUE, /* a word that an option takes */
    CONTRACT_KEY,
    CONTRACT_STATUS,
};

/* What is not there yet is shown nowhere, and refused by its name. */
enum contract_when {
    CONTRACT_NOW,
    CONTRACT_NEXT, /* planned for this version, not built yet */
    CONTRACT_LATER,
};

/* What the value of an option is. */
enum contract_type {
    CONTRACT_FLAG,
    CONTRACT_RATE,
    CONTRACT_FRAMING,
    CONTRACT_COUNT,
    CONTRACT_WORD,
    CONTRACT_WORDS,
    CONTRACT_SIZE,
    CONTRACT_SPAN, /* a size or a time */
    CONTRACT_US,   /* a time, whose bare number is of microseconds */
    CONTRACT_MS,
    CONTRACT_SEC,
    CONTRACT_TEXT,
    CONTRACT_FILE,
    CONTRACT_PACE,
    CONTRACT_IDENTITY,
    CONTRACT_PAIR, /* KEY=VALUE */
};

enum contract_place {
    CONTRACT_BOTH,
    CONTRACT_LINE, /* the command line only */
    CONTRACT_CONF, /* the configuration only */
};

/* No text is NULL; what does not apply is "". */
struct contract_row {
    enum contract_kind kind;
    enum contract_when when;
    enum contract_type type;
    enum contract_place place;
    bool optional;        /* `--wait` and `--wait=5` */
    uint32_t least, most; /* of a count */
    const char *name;
    const char *key; /* the letter of an option; of a key, what comes after the prefix */
    const char *arg; /* operands of a verb, what an option's value is called */
    const char *preset;
    const char *with; /* of an option: its verbs, or "*"; of a value: its option */
    const char *help;
};

/* Another name of an option or a value. */
struct contract_alias {
    const char *name;
    const struct contract_row *row;
    const char *fixed;       /* then it takes no value and means this one */
    enum contract_type type; /* how its value is read */
};

struct contract {
    const char *program, *about;
    const struct contract_row *rows;
    size_t count;
    const struct contract_alias *aliases;
    size_t alias_count;
};

/* By name; NULL if there is none, whenever it is for. */
const struct contract_row *contract_find(const struct contract *c, enum contract_kind kind,
                                         const char *name, size_t len);
/* A synonym of an option. */
const struct contract_alias *contract_alias(const struct contract *c, const char *name, size_t len);
/* The letter of an option; one letter may mean different things to different verbs. */
const struct contract_row *contract_letter(const struct contract *c, char letter,
                                           const struct contract_row *verb);
/* A word of an option, by its name or a synonym. */
const struct contract_row *contract_value(const struct contract *c,
                                          const struct contract_row *option, const char *text,
                                          size_t len);
/* Whether an option goes with a verb; NULL is the session, which has no word. */
bool contract_goes(const struct contract_row *option, const struct contract_row *verb);
/* The name of what is there now that `name` may be a misspelling of; NULL if nothing is close. */
const char *contract_guess(const struct contract *c, enum contract_kind kind,
                           const struct contract_row *verb, const char *name, size_t len);

/* The help screen: of everything, or of one verb.  Only what is there now. */
void contract_help(const struct contract *c, const struct contract_row *verb, FILE *out);

#endif
