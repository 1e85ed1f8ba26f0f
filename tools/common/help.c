/* SPDX-License-Identifier: MIT */
/* The help screen.  It is made from the contract while the program runs, and shows what is there
 * now and nothing else. */
#include "tools/common/contract.h"

#include <string.h>

enum { INDENT = 28, WIDTH = 79 };

static bool is_now(const struct contract_row *row, enum contract_kind kind)
{
    return row->kind == kind && row->when == CONTRACT_NOW && row->place != CONTRACT_CONF;
}

/* A column of names, and text that is broken between words beside it. */
static void put_entry(FILE *out, const char *name, const char *text)
{
    size_t column = strlen(name) + 2;

    fprintf(out, "  %s", name);
    if (column + 1 > INDENT) {
        fputc('\n', out);
        column = 0;
    }
    fprintf(out, "%*s", (int)(INDENT - column), "");
    column = INDENT;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");

        if (column > INDENT && column + 1 + len > WIDTH) {
            fprintf(out, "\n%*s", INDENT, "");
            column = INDENT;
        }
        if (column > INDENT)
            fputc(' ', out);
        fwrite(text, 1, len, out);
        column += len + (column > INDENT);
        text += len + (text[len] == ' ');
    }
    fputc('\n', out);
}

static void put_option(const struct contract_row *row, FILE *out)
{
    char name[160], text[400];
    const char *open = row->optional ? "[=" : "=", *close = row->optional ? "]" : "";

    if (row->type == CONTRACT_FLAG)
        open = "";
    snprintf(name, sizeof(name), "%s%s%s--%s%s%s%s", *row->key ? "-" : "    ", row->key,
             *row->key ? ", " : "", row->name, open, row->arg, close);
    snprintf(text, sizeof(text), "%s%s%s%s", row->help, *row->preset ? " (default: " : "",
             row->preset, *row->preset ? ")" : "");
    put_entry(out, name, text);
}

/* The options of a verb, under their headings; without a verb, those that every verb has. */
static void put_options(const struct contract *c, const struct contract_row *verb, FILE *out)
{
    const struct contract_row *heading = NULL;

    for (size_t i = 0; i < c->count; i++) {
        const struct contract_row *row = &c->rows[i];

        if (row->kind == CONTRACT_GROUP)
            heading = row;
        if (!is_now(row, CONTRACT_OPTION) ||
            !(verb == NULL ? strcmp(row->with, "*") == 0 : contract_goes(row, verb)))
            continue;
        if (heading != NULL)
            fprintf(out, "\n%s:\n", heading->help);
        heading = NULL;
        put_option(row, out);
    }
}

static void put_rows(const struct contract *c, enum contract_kind kind, const char *heading,
                     FILE *out)
{
    for (size_t i = 0; i < c->count; i++) {
        const struct contract_row *row = &c->rows[i];
        char name[160];

        if (!is_now(row, kind))
            continue;
        if (heading != NULL)
            fprintf(out, "\n%s:\n", heading);
        heading = NULL;
        if (kind == CONTRACT_VERB)
            snprintf(name, sizeof(name), "%s%s%s", strcmp(row->name, "session") ? row->name : "",
                     *row->arg ? " " : "", row->arg);
        else
            snprintf(name, sizeof(name), "%s", kind == CONTRACT_KEY ? row->key : row->name);
        put_entry(out, name, row->help);
    }
}

void contract_help(const struct contract *c, const struct contract_row *verb, FILE *out)
{
    if (verb != NULL) {
        fprintf(out, "usage: %s %s [OPTION...]%s%s\n%s\n", c->program, verb->name,
                *verb->arg ? " " : "", verb->arg, verb->help);
        put_options(c, verb, out);
        return;
    }
    fprintf(out, "usage: %s VERB [OPTION...] [OPERAND...]\n%s\n", c->program, c->about);
    put_rows(c, CONTRACT_VERB, "Verbs", out);
    put_options(c, NULL, out);
    put_rows(c, CONTRACT_KEY, "Keys, after the prefix", out);
    put_rows(c, CONTRACT_STATUS, "Exit status", out);
    fprintf(out, "\n`%s help VERB` shows the options of a verb; more is in %s(1).\n", c->program,
            c->program);
}
