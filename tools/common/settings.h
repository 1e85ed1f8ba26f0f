/* SPDX-License-Identifier: MIT */
/*
 * The settings of a run and where each comes from: defaults, the machine's files, the user's, the
 * profile, --set, the command line; later ones win.  A setting is an option of the contract that a
 * configuration may have, by its long name.
 *
 * `databits`, `parity` and `stopbits` are no settings of their own: they change that part of
 * `line`.
 */
#ifndef TOOLS_SETTINGS_H
#define TOOLS_SETTINGS_H

#include "tools/common/args.h"
#include "tools/common/conf.h"

enum settings_origin {
    SETTINGS_DEFAULT,
    SETTINGS_SYSTEM, /* the levels of conf_read() */
    SETTINGS_USER,
    SETTINGS_PROFILE,
    SETTINGS_SET,
    SETTINGS_LINE,
};

struct setting {
    const struct contract_row *row;
    char *text; /* NULL: it has none; a flag is "on" or "off" */
    struct value value;
    enum settings_origin origin;
    struct conf_place at; /* of one that is from a file */
};

struct settings {
    struct setting *list; /* in the order of the contract */
    size_t count;
};

/*
 * Checks every entry of `conf`, used or not, and merges.  `name` is what the user called the port,
 * or NULL: a profile of that name is taken where none is asked for by `--profile`, else every
 * profile whose `match` fits it.  Faults are added to conf->errors; `conf` has to outlive the
 * settings.
 */
void settings_merge(struct settings *settings, const struct contract *c, struct conf *conf,
                    const struct args *args, const char *name);
void settings_free(struct settings *settings);

/* NULL if there is no such setting. */
const struct setting *settings_get(const struct settings *settings, const char *name);
/* Whether a flag is on. */
bool settings_on(const struct settings *settings, const char *name);

/* All of them as a configuration that can be read again, each with its origin in a comment. */
void settings_print(const struct settings *settings, FILE *out);

#endif
