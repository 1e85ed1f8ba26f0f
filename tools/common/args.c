/* SPDX-License-Identifier: MIT */
/* Reading a command line by a contract.  The first operand is the verb if it is the name of one and
 * no `--` stands before it; options before it are read as those of a session, and whether they go
 * with the verb is seen at the end. */
#include "tools/common/args.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    const struct contract *c;
    const char *const *argv;
    int argc;
    int at; /* the next argument to be read */
    bool only_operands;
    struct args *args;
};

static bool fail(struct args *args, const char *format, ...) __attribute__((format(printf, 2, 3)));

static bool fail(struct args *args, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    vsnprintf(args->error, sizeof(args->error), format, list);
    va_end(list);
    for (char *at = args->error; *at != '\0'; at++)
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            *at = '?'; /* one line, and nothing that acts on a terminal */
    return false;
}

static bool is_there(struct reader *r, const struct contract_row *row, const char *shown)
{
    if (row->when == CONTRACT_NOW)
        return true;
    return fail(r->args, "%s: not in this version", shown);
}

/* Takes the value into account; `text` is NULL where there is none. */
static bool add_option(struct reader *r, const struct contract_row *row, enum contract_type type,
                       const char *text, const char *shown)
{
    struct args *args = r->args;
    struct args_option *option = &args->options[args->option_count];
    char why[300];

    option->row = row;
    option->text = text;
    option->value = (struct value){0};
    if (text != NULL && !value_read(r->c, row, type, text, &option->value, why, sizeof(why)))
        return fail(args, "%s: %s", shown, why);
    args->option_count++;
    return true;
}

/* The next argument as the value of an option that needs one. */
static bool take_value(struct reader *r, const struct contract_row *row, enum contract_type type,
                       const char *shown)
{
    if (type == CONTRACT_FLAG || row->optional)
        return add_option(r, row, type, NULL, shown);
    if (r->at == r->argc)
        return fail(r->args, "%s: its value is missing (%s)", shown, row->arg);
    return add_option(r, row, type, r->argv[r->at++], shown);
}

static bool unknown_option(struct reader *r, const char *name, size_t len)
{
    const char *guess = contract_guess(r->c, CONTRACT_OPTION, r->args->verb, name, len);

    return fail(r->args, "--%.*s: there is no such option%s%s%s", (int)(len < 80 ? len : 80), name,
                guess != NULL ? "; did you mean --" : "", guess != NULL ? guess : "",
                guess != NULL ? "?" : "");
}

static bool read_long(struct reader *r, const char *name)
{
    size_t len = strcspn(name, "=");
    const char *value = name[len] == '=' ? name + len + 1 : NULL;
    const struct contract_row *row = contract_find(r->c, CONTRACT_OPTION, name, len);
    const struct contract_alias *alias = row == NULL ? contract_alias(r->c, name, len) : NULL;
    enum contract_type type;
    char shown[100];

    if (alias != NULL)
        row = alias->row;
    if (row == NULL || row->place == CONTRACT_CONF)
        return unknown_option(r, name, len);
    snprintf(shown, sizeof(shown), "--%.*s", (int)(len < 80 ? len : 80), name);
    if (!is_there(r, row, shown))
        return false;
    type = alias != NULL ? alias->type : row->type;
    if (alias != NULL && alias->fixed != NULL)
        return value == NULL ? add_option(r, row, type, alias->fixed, shown)
                             : fail(r->args, "%s: it takes no value", shown);
    if (value != NULL)
        return add_option(r, row, type, value, shown);
    return take_value(r, row, type, shown);
}

/* Letters in one word; what follows one that takes a value is its value. */
static bool read_letters(struct reader *r, const char *letters)
{
    for (; *letters != '\0'; letters++) {
        const struct contract_row *row = contract_letter(r->c, *letters, r->args->verb);
        char shown[] = {'-', *letters, '\0'};

        if (row == NULL)
            return fail(r->args, "%s: there is no such option", shown);
        if (!is_there(r, row, shown))
            return false;
        if (row->type != CONTRACT_FLAG && letters[1] != '\0')
            return add_option(r, row, row->type, letters + 1 + (letters[1] == '='), shown);
        if (!take_value(r, row, row->type, shown))
            return false;
    }
    return true;
}

static bool read_operand(struct reader *r, const char *text)
{
    struct args *args = r->args;

    if (!r->only_operands && args->verb == NULL && args->operand_count == 0 &&
        strcmp(text, "session") != 0) {
        args->verb = contract_find(r->c, CONTRACT_VERB, text, strlen(text));
        if (args->verb != NULL)
            return is_there(r, args->verb, text);
    }
    args->operands[args->operand_count++] = text;
    return true;
}

static bool read_argument(struct reader *r)
{
    const char *text = r->argv[r->at++];

    if (r->only_operands || text[0] != '-' || text[1] == '\0')
        return read_operand(r, text);
    if (strcmp(text, "--") == 0) {
        r->only_operands = true;
        return true;
    }
    return text[1] == '-' ? read_long(r, text + 2) : read_letters(r, text + 1);
}

/* An option that was read before the verb may be none of its. */
static bool check_options(struct args *args)
{
    for (size_t i = 0; i < args->option_count; i++) {
        const struct contract_row *row = args->options[i].row;

        if (row != NULL && !contract_goes(row, args->verb))
            return fail(args, "--%s: does not go with %s", row->name,
                        args->verb == NULL ? "a session" : args->verb->name);
    }
    return true;
}

bool args_read(const struct contract *c, int argc, const char *const *argv, struct args *args)
{
    struct reader r = {.c = c, .argv = argv, .argc = argc, .at = 1, .args = args};
    size_t most = 1; /* every letter may be an option */

    *args = (struct args){0};
    for (int i = 1; i < argc; i++)
        most += argv[i][0] == '-' ? strlen(argv[i]) : 1;
    args->options = calloc(most, sizeof(*args->options));
    args->operands = calloc((size_t)argc + 1, sizeof(*args->operands));
    if (args->options == NULL || args->operands == NULL)
        return fail(args, "not enough memory");
    while (r.at < argc)
        if (!read_argument(&r))
            return false;
    return check_options(args);
}

void args_free(struct args *args)
{
    free(args->options);
    free(args->operands);
    args->options = NULL;
    args->operands = NULL;
    args->option_count = args->operand_count = 0;
}

const struct args_option *args_get(const struct args *args, const char *name)
{
    for (size_t i = args->option_count; i > 0; i--)
        if (strcmp(args->options[i - 1].row->name, name) == 0)
            return &args->options[i - 1];
    return NULL;
}
