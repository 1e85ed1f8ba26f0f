/* SPDX-License-Identifier: MIT */
/* Merging settings.  Each source is applied over what the ones before have left, so that "later
 * ones win" is all there is to know. */
#include "tools/common/settings.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

struct merge {
    struct settings *settings;
    const struct contract *c;
    struct conf *conf;
};

/* Where a text is from, for faults and for the printed origin. */
struct source {
    enum settings_origin origin;
    struct conf_place key, value;
};

static struct setting *find(struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->list[i].row->name, name) == 0)
            return &settings->list[i];
    return NULL;
}

static void replace(struct merge *m, struct setting *setting, const char *text,
                    const struct value *value, const struct source *from)
{
    char *copy = strdup(text);

    if (copy == NULL)
        m->conf->no_memory = true;
    free(setting->text);
    setting->text = copy;
    setting->value = *value;
    setting->origin = from->origin;
    setting->at = from->key;
}

/* A part of the framing is put into the framing. */
static bool fold(struct merge *m, const struct contract_row *row, const struct value *value,
                 const struct source *from)
{
    struct setting *line = find(m->settings, "line");
    struct amount_framing framing;
    struct value whole = {0};
    char text[8];

    if (line == NULL)
        return false;
    framing = line->value.framing;
    if (strcmp(row->name, "databits") == 0)
        framing.bits = (uint8_t)value->number;
    else if (strcmp(row->name, "parity") == 0 && value->word != NULL)
        framing.parity = value->word->name[0];
    else if (strcmp(row->name, "stopbits") == 0 && value->word != NULL)
        framing.halves = value->word->name[1] != '\0' ? 3 : value->word->name[0] == '1' ? 2 : 4;
    else
        return false;
    snprintf(text, sizeof(text), "%d%c%s", framing.bits, framing.parity,
             framing.halves == 2   ? "1"
             : framing.halves == 3 ? "1.5"
                                   : "2");
    whole.framing = framing;
    replace(m, line, text, &whole, from);
    return true;
}

static bool is_part_of_line(const char *name)
{
    return strcmp(name, "databits") == 0 || strcmp(name, "parity") == 0 ||
           strcmp(name, "stopbits") == 0;
}

/* The row of a setting's name, or NULL with a fault. */
static const struct contract_row *row_of(struct merge *m, const char *key, struct conf_place at)
{
    const struct contract_row *row = contract_find(m->c, CONTRACT_OPTION, key, strlen(key));
    const struct contract_alias *alias = contract_alias(m->c, key, strlen(key));
    const char *guess;

    if (row == NULL && alias != NULL && alias->fixed == NULL && alias->type == alias->row->type)
        row = alias->row;
    if (row != NULL && row->place != CONTRACT_LINE) {
        if (row->when == CONTRACT_NOW)
            return row;
        conf_fault(m->conf, at, "%s: not in this version", key);
        return NULL;
    }
    guess = contract_guess(m->c, CONTRACT_OPTION, NULL, key, strlen(key));
    conf_fault(m->conf, at,
               row != NULL ? "%s: this is for the command line only%s%s%s"
                           : "%s: there is no such setting%s%s%s",
               key, row == NULL && guess != NULL ? "; did you mean " : "",
               row == NULL && guess != NULL ? guess : "", row == NULL && guess != NULL ? "?" : "");
    return NULL;
}

/* Reads a setting's text; a flag, or a value that may be left out, has on and off as well. */
static bool read_text(struct merge *m, const struct contract_row *row, const char *key,
                      const char **text, struct value *value, struct conf_place at)
{
    char why[300];
    bool on;

    *value = (struct value){0};
    if ((row->type == CONTRACT_FLAG || row->optional) && value_read_flag(*text, &on)) {
        *text = on ? "on" : "off";
        return true;
    }
    if (row->type == CONTRACT_FLAG) {
        conf_fault(m->conf, at, "%s: it is on or off", key);
        return false;
    }
    if (value_read(m->c, row, row->type, *text, value, why, sizeof(why)))
        return true;
    conf_fault(m->conf, at, "%s: %s", key, why);
    return false;
}

/* With `apply` false it is only looked at. */
static void set_by_name(struct merge *m, const char *key, const char *text,
                        const struct source *from, bool apply)
{
    const struct contract_row *row = row_of(m, key, from->key);
    struct setting *setting;
    struct value value;

    if (row == NULL || !read_text(m, row, key, &text, &value, from->value) || !apply)
        return;
    setting = find(m->settings, row->name);
    if (!fold(m, row, &value, from) && setting != NULL)
        replace(m, setting,
                value.word != NULL && row->type == CONTRACT_WORD ? value.word->name : text, &value,
                from);
}

/* The name of a profile's section, or NULL. */
static const char *profile_of(const char *section)
{
    size_t len = strlen("profile");

    if (strncmp(section, "profile", len) != 0 || (section[len] != ' ' && section[len] != '\t'))
        return NULL;
    return section + len + strspn(section + len, " \t");
}

static bool has_profile(const struct conf *conf, const char *name)
{
    for (size_t i = 0; i < conf->count; i++) {
        const char *profile = profile_of(conf->entries[i].section);

        if (profile != NULL && strcmp(profile, name) == 0)
            return true;
    }
    return false;
}

static bool has_match(const struct conf *conf, const char *profile, const char *name)
{
    for (size_t i = 0; i < conf->count; i++) {
        const struct conf_entry *entry = &conf->entries[i];
        const char *other = profile_of(entry->section);

        if (other != NULL && strcmp(other, profile) == 0 && strcmp(entry->key, "match") == 0 &&
            fnmatch(entry->value, name, 0) == 0)
            return true;
    }
    return false;
}

/* Which profiles are in use: the one that is asked for, one that has the port's name, or all that
 * match it. */
static bool is_used(const struct conf *conf, const char *profile, const char *wanted,
                    const char *name)
{
    if (wanted != NULL)
        return strcmp(profile, wanted) == 0;
    if (name == NULL)
        return false;
    if (has_profile(conf, name))
        return strcmp(profile, name) == 0;
    return has_match(conf, profile, name);
}

/* Once for the entries before any section, once for those of profiles; in the order of the files.
 */
static void apply_entries(struct merge *m, bool profiles, const char *wanted, const char *name)
{
    for (size_t i = 0; i < m->conf->count; i++) {
        const struct conf_entry *entry = &m->conf->entries[i];
        const char *profile = profile_of(entry->section);
        struct source from = {profile != NULL ? SETTINGS_PROFILE
                                              : (enum settings_origin)entry->level,
                              entry->at, entry->value_at};

        if ((profile != NULL) != profiles)
            continue;
        if (profile == NULL && entry->section[0] != '\0')
            conf_fault(m->conf, entry->at,
                       "[%s]: there is no such section; a profile is [profile NAME]",
                       entry->section);
        else if (strcmp(entry->key, "match") == 0 && profile == NULL)
            conf_fault(m->conf, entry->at, "match: only a profile has this");
        else if (strcmp(entry->key, "match") != 0)
            set_by_name(m, entry->key, entry->value, &from,
                        profile == NULL || is_used(m->conf, profile, wanted, name));
    }
}

static void apply_pair(struct merge *m, const char *pair)
{
    struct source from = {
        SETTINGS_SET, {"--set", 0, 0},
         {"--set", 0, 0}
    };
    size_t len = strcspn(pair, "=");
    char *key = strndup(pair, len);

    if (key == NULL)
        m->conf->no_memory = true;
    else
        set_by_name(m, key, pair + len + 1, &from, true);
    free(key);
}

static void apply_line(struct merge *m, const struct args *args, bool pairs)
{
    static const struct source from = {.origin = SETTINGS_LINE};

    for (size_t i = 0; i < args->option_count; i++) {
        const struct args_option *option = &args->options[i];
        const struct contract_row *row = option->row;
        struct setting *setting = find(m->settings, row->name);
        const char *text = option->text == NULL ? "on" : option->text;

        if (row->type == CONTRACT_PAIR && strcmp(row->name, "set") == 0) {
            if (pairs && option->text != NULL)
                apply_pair(m, option->text);
        } else if (!pairs && !fold(m, row, &option->value, &from) && setting != NULL) {
            if (row->type == CONTRACT_WORD && option->value.word != NULL)
                text = option->value.word->name;
            replace(m, setting, text, &option->value, &from);
        }
    }
}

static void apply_defaults(struct merge *m)
{
    for (size_t i = 0; i < m->c->count; i++) {
        const struct contract_row *row = &m->c->rows[i];
        struct setting *setting = &m->settings->list[m->settings->count];
        char why[300];

        if (row->kind != CONTRACT_OPTION || row->place == CONTRACT_LINE ||
            row->when != CONTRACT_NOW || is_part_of_line(row->name) ||
            strcmp(row->name, "match") == 0 || strcmp(row->name, "include") == 0)
            continue;
        *setting = (struct setting){.row = row};
        m->settings->count++;
        if (*row->preset != '\0' &&
            value_read(m->c, row, row->type, row->preset, &setting->value, why, sizeof(why)))
            setting->text = strdup(row->preset);
        else if (row->type == CONTRACT_FLAG || row->optional)
            setting->text = strdup("off");
    }
}

void settings_merge(struct settings *settings, const struct contract *c, struct conf *conf,
                    const struct args *args, const char *name)
{
    struct merge m = {settings, c, conf};
    const struct args_option *profile = args_get(args, "profile");
    const char *wanted = profile == NULL ? NULL : profile->text;

    *settings = (struct settings){.list = calloc(c->count, sizeof(*settings->list))};
    if (settings->list == NULL) {
        conf->no_memory = true;
        return;
    }
    apply_defaults(&m);
    apply_entries(&m, false, wanted, name);
    if (wanted != NULL && !has_profile(conf, wanted))
        conf_fault(conf, (struct conf_place){"--profile", 0, 0}, "there is no profile '%s'",
                   wanted);
    apply_entries(&m, true, wanted, name);
    apply_line(&m, args, true);
    apply_line(&m, args, false);
}

void settings_free(struct settings *settings)
{
    for (size_t i = 0; i < settings->count; i++)
        free(settings->list[i].text);
    free(settings->list);
    *settings = (struct settings){0};
}

const struct setting *settings_get(const struct settings *settings, const char *name)
{
    for (size_t i = 0; i < settings->count; i++)
        if (strcmp(settings->list[i].row->name, name) == 0)
            return &settings->list[i];
    return NULL;
}

bool settings_on(const struct settings *settings, const char *name)
{
    const struct setting *setting = settings_get(settings, name);

    return setting != NULL && setting->text != NULL && strcmp(setting->text, "off") != 0;
}

static void print_origin(const struct setting *setting, FILE *out)
{
    static const char *const names[] = {"default", "", "", "profile, ", "--set", "command line"};

    fprintf(out, "%s", names[setting->origin]);
    if (setting->origin < SETTINGS_SYSTEM || setting->origin > SETTINGS_PROFILE)
        return;
    for (const char *at = setting->at.file; *at != '\0'; at++)
        fputc((unsigned char)*at < ' ' ? '?' : *at, out); /* it stays one line */
    fprintf(out, ":%u:%u", setting->at.line, setting->at.column);
}

void settings_print(const struct settings *settings, FILE *out)
{
    for (size_t i = 0; i < settings->count; i++) {
        const struct setting *setting = &settings->list[i];
        char *quoted;

        if (setting->text == NULL) {
            fprintf(out, "# %s is not set\n", setting->row->name);
            continue;
        }
        quoted = conf_quote(setting->text);
        fprintf(out, "%s = %s ; ", setting->row->name, quoted == NULL ? "" : quoted);
        free(quoted);
        print_origin(setting, out);
        fputc('\n', out);
    }
}
