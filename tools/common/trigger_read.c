/* SPDX-License-Identifier: MIT */
/* Reads a trigger as it is written: a condition, an arrow, actions parted by commas. */
#include "tools/common/trigger.h"

#include "tools/common/escapes.h"
#include "tools/common/series.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct reader {
    const char *text;
    size_t at;
    char *error;
    size_t room;
};

static bool fail(struct reader *reader, const char *why)
{
    snprintf(reader->error, reader->room, "%s", why);
    return false;
}

static void skip_blanks(struct reader *reader)
{
    reader->at += strspn(reader->text + reader->at, " \t");
}

/* Takes a word if it is the next one. */
static bool take(struct reader *reader, const char *word)
{
    size_t len = strlen(word);
    char after = '\0';

    skip_blanks(reader);
    if (strncasecmp(reader->text + reader->at, word, len) != 0)
        return false;
    after = reader->text[reader->at + len];
    if (isalnum((unsigned char)word[len - 1]) && (isalnum((unsigned char)after) || after == '_'))
        return false;
    reader->at += len;
    skip_blanks(reader);
    return true;
}

/* What stands between a pair of marks, of which a backslash lets one stand inside; NULL if the
 * second is missing.  With `keep`, backslashes stay. */
static char *take_between(struct reader *reader, char mark, bool keep)
{
    const char *text = reader->text + reader->at + 1;
    struct bytes out = {.data = NULL};
    char *taken = NULL;
    size_t at = 0;

    bytes_add(&out, "", 0);
    for (; text[at] != mark && text[at] != '\0'; at++) {
        if (text[at] == '\\' && text[at + 1] != '\0') {
            if (keep && text[at + 1] != mark)
                bytes_byte(&out, '\\');
            at++;
        }
        bytes_byte(&out, (unsigned char)text[at]);
    }
    if (text[at] == mark && !out.failed)
        taken = strdup(out.data);
    bytes_fini(&out);
    if (taken != NULL)
        reader->at += at + 2;
    return taken;
}

static bool compile(struct reader *reader, struct trigger *trigger, const char *pattern,
                    enum match_syntax syntax, bool ignore_case)
{
    size_t wrong, start, end;

    if (!match_init(&trigger->match, pattern, syntax, ignore_case, reader->error, reader->room,
                    &wrong))
        return false;
    if (match_find(&trigger->match, "", 0, 0, false, &start, &end) == MATCH_FOUND)
        return fail(reader, "the pattern fits nothing at all");
    trigger->kind = TRIGGER_PATTERN;
    return true;
}

static bool read_marked(struct reader *reader, struct trigger *trigger, char mark,
                        enum match_syntax syntax)
{
    char *pattern = take_between(reader, mark, true);
    struct escapes escapes = {.pauses = NULL};
    size_t at;
    bool ok;

    if (pattern == NULL)
        return fail(reader, "the end of the pattern is missing");
    if (syntax == MATCH_LITERAL) {
        ok = escapes_read(&escapes, pattern, &at) && escapes.bytes.len > 0 &&
             strlen(escapes.bytes.data) == escapes.bytes.len;
        if (!ok)
            fail(reader, "no such text");
        ok = ok && compile(reader, trigger, escapes.bytes.data, syntax, false);
        escapes_fini(&escapes);
    } else {
        bool ignore_case = take(reader, "i");

        ok = compile(reader, trigger, pattern, syntax, ignore_case);
    }
    free(pattern);
    return ok;
}

static bool read_hex(struct reader *reader, struct trigger *trigger)
{
    const char *arrow = strstr(reader->text + reader->at, "->");
    size_t len = arrow == NULL ? 0 : (size_t)(arrow - (reader->text + reader->at));
    char *pattern = strndup(reader->text + reader->at, len);
    bool ok = pattern != NULL && compile(reader, trigger, pattern, MATCH_HEX, false);

    free(pattern);
    reader->at += ok ? len : 0;
    return ok;
}

static bool read_number(struct reader *reader, double *number)
{
    size_t len = series_number(reader->text + reader->at, number);

    reader->at += len;
    return len > 0 || fail(reader, "a number is missing");
}

static bool read_silence(struct reader *reader, struct trigger *trigger)
{
    double number;

    if (!read_number(reader, &number))
        return false;
    if (take(reader, "ms"))
        number /= 1000;
    else if (!take(reader, "s"))
        return fail(reader, "s or ms is missing");
    if (number <= 0 || number > 1e6)
        return fail(reader, "no such time");
    trigger->kind = TRIGGER_SILENCE;
    trigger->limit_ns = (uint64_t)(number * 1e9);
    return true;
}

static bool read_line(struct reader *reader, struct trigger *trigger)
{
    static const char *const names[] = {"CTS", "DSR", "RI", "DCD", "DTR", "RTS"};

    trigger->kind = TRIGGER_LINE;
    for (unsigned i = 0; i < sizeof(names) / sizeof(names[0]) && trigger->line == 0; i++)
        trigger->line = take(reader, names[i]) ? 1u << i : 0;
    if (trigger->line == 0)
        return fail(reader, "no such line");
    trigger->edge = take(reader, "on") ? 1 : take(reader, "off") ? 0 : -1;
    return true;
}

/* A name and its limit; `rate` is a name of ours. */
static bool read_limit(struct reader *reader, struct trigger *trigger)
{
    bool rate = take(reader, "rate");
    size_t len = strcspn(reader->text + reader->at, "<>\"/ \t");

    if (!rate) {
        trigger->name = strndup(reader->text + reader->at, len);
        reader->at += len;
    }
    if (!rate && (len == 0 || trigger->name == NULL))
        return fail(reader, "no such condition");
    if (take(reader, ">"))
        trigger->kind = rate ? TRIGGER_RATE : TRIGGER_ABOVE;
    else if (!rate && take(reader, "<"))
        trigger->kind = TRIGGER_BELOW;
    else
        return fail(reader, rate ? "> is missing" : "< or > is missing");
    return read_number(reader, &trigger->limit);
}

static bool read_condition(struct reader *reader, struct trigger *trigger)
{
    skip_blanks(reader);
    if (reader->text[reader->at] == '"')
        return read_marked(reader, trigger, '"', MATCH_LITERAL);
    if (reader->text[reader->at] == '/')
        return read_marked(reader, trigger, '/', MATCH_REGEX);
    if (take(reader, "hex"))
        return read_hex(reader, trigger);
    if (take(reader, "silence"))
        return read_silence(reader, trigger);
    if (take(reader, "line"))
        return read_line(reader, trigger);
    return read_limit(reader, trigger);
}

/* What an action is with: quoted text, or all up to the next comma. */
static char *read_argument(struct reader *reader)
{
    const char *text = reader->text + reader->at;
    size_t len = strcspn(text, ",");

    if (text[0] == '"')
        return take_between(reader, '"', true);
    reader->at += len;
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        len--;
    return strndup(text, len);
}

static bool argument_fits(enum trigger_action_kind kind, const char *text)
{
    size_t digits = strspn(text, "0123456789");
    bool number = digits > 0 && digits < 6 && text[digits] == '\0';

    switch (kind) {
    case TRIGGER_CAPTURE:
        return strcmp(text, "on") == 0 || strcmp(text, "off") == 0;
    case TRIGGER_BREAK:
        return number || text[0] == '\0';
    case TRIGGER_EXIT:
        return number && atoi(text) < 256;
    case TRIGGER_BEEP:
        return text[0] == '\0';
    case TRIGGER_PULSE:
        return strncasecmp(text, "RTS", 3) == 0 || strncasecmp(text, "DTR", 3) == 0;
    case TRIGGER_MARK:
        return true;
    case TRIGGER_SEND:
    case TRIGGER_RUN:
    case TRIGGER_ACTIONS:
    default:
        return text[0] != '\0';
    }
}

static bool read_action(struct reader *reader, struct trigger *trigger)
{
    static const char *const names[TRIGGER_ACTIONS] = {"send",  "mark", "capture", "break",
                                                       "pulse", "run",  "exit",    "beep"};
    struct trigger_action *actions, added = {.kind = TRIGGER_SEND};
    size_t count = trigger->action_count;
    int kind = 0;

    while (kind < TRIGGER_ACTIONS && !take(reader, names[kind]))
        kind++;
    if (kind == TRIGGER_ACTIONS)
        return fail(reader, "no such action");
    actions = realloc(trigger->actions, (count + 1) * sizeof(*actions));
    if (actions == NULL)
        return fail(reader, "no memory");
    trigger->actions = actions;
    added.kind = (enum trigger_action_kind)kind;
    added.text = read_argument(reader);
    if (added.text == NULL)
        return fail(reader, "the end of the text is missing");
    trigger->actions[trigger->action_count++] = added;
    return argument_fits(added.kind, added.text) || fail(reader, "the action cannot be done so");
}

static bool read_trigger(struct reader *reader, struct trigger *trigger)
{
    if (!read_condition(reader, trigger))
        return false;
    if (!take(reader, "->"))
        return fail(reader, "-> is missing");
    do {
        if (!read_action(reader, trigger))
            return false;
    } while (take(reader, ","));
    return reader->text[reader->at] == '\0' || fail(reader, "something is left over");
}

bool trigger_add(struct trigger_table *table, const char *text, char *error, size_t room,
                 size_t *at)
{
    struct reader reader = {.text = text, .error = error, .room = room};
    struct trigger added = {.edge = -1, .match = {.off = true}};
    struct trigger *triggers = realloc(table->triggers, (table->count + 1) * sizeof(*triggers));
    bool ok;

    *at = 0;
    if (triggers == NULL)
        return fail(&reader, "no memory");
    table->triggers = triggers;
    ok = read_trigger(&reader, &added);
    *at = reader.at;
    triggers[table->count] = added;
    if (ok) {
        struct trigger *trigger = &triggers[table->count++];

        expect_stream_init(&trigger->stream, &trigger->match, 0);
    } else {
        for (size_t i = 0; i < added.action_count; i++)
            free(added.actions[i].text);
        free(added.actions);
        free(added.name);
        match_fini(&added.match);
    }
    for (size_t i = 0; i < table->count; i++) /* they may have moved */
        triggers[i].stream.match = &triggers[i].match;
    return ok;
}
