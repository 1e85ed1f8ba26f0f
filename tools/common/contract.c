/* SPDX-License-Identifier: MIT */
/* Looking things up in a contract.  Tables have some two hundred rows and are asked a few times in
 * a run, so nothing is sorted. */
#include "tools/common/contract.h"

#include <string.h>

static bool same(const char *name, const char *text, size_t len)
{
    return strlen(name) == len && memcmp(name, text, len) == 0;
}

const struct contract_row *contract_find(const struct contract *c, enum contract_kind kind,
                                         const char *name, size_t len)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->rows[i].kind == kind && same(c->rows[i].name, name, len))
            return &c->rows[i];
    return NULL;
}

const struct contract_alias *contract_alias(const struct contract *c, const char *name, size_t len)
{
    for (size_t i = 0; i < c->alias_count; i++)
        if (c->aliases[i].row->kind == CONTRACT_OPTION && same(c->aliases[i].name, name, len))
            return &c->aliases[i];
    return NULL;
}

const struct contract_row *contract_letter(const struct contract *c, char letter,
                                           const struct contract_row *verb)
{
    const struct contract_row *other = NULL;

    for (size_t i = 0; i < c->count; i++) {
        const struct contract_row *row = &c->rows[i];

        if (row->kind != CONTRACT_OPTION || !same(row->key, &letter, 1))
            continue;
        if (contract_goes(row, verb))
            return row;
        other = row; /* it is an option, but not of this verb: that can be said */
    }
    return other;
}

const struct contract_row *contract_value(const struct contract *c,
                                          const struct contract_row *option, const char *text,
                                          size_t len)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->rows[i].kind == CONTRACT_VALUE && strcmp(c->rows[i].with, option->name) == 0 &&
            same(c->rows[i].name, text, len))
            return &c->rows[i];
    for (size_t i = 0; i < c->alias_count; i++) {
        const struct contract_alias *alias = &c->aliases[i];

        if (alias->row->kind == CONTRACT_VALUE && strcmp(alias->row->with, option->name) == 0 &&
            same(alias->name, text, len))
            return alias->row;
    }
    return NULL;
}

bool contract_goes(const struct contract_row *option, const struct contract_row *verb)
{
    const char *name = verb == NULL ? "session" : verb->name;
    const char *at = option->with;

    if (strcmp(at, "*") == 0)
        return true;
    while (*at != '\0') {
        size_t len = strcspn(at, ",");

        if (same(name, at, len))
            return true;
        at += len + (at[len] == ',');
    }
    return false;
}

/* How many letters have to be put in, left out, replaced or exchanged with the next to get from one
 * word to the other.  Longer words are not compared: nobody misspells so much. */
static size_t distance(const char *a, const char *b, size_t b_len)
{
    enum { MOST = 24 };
    size_t rows[3][MOST + 1];
    size_t a_len = strlen(a);

    if (a_len > MOST || b_len > MOST)
        return MOST;
    for (size_t j = 0; j <= b_len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        size_t *now = rows[i % 3], *up = rows[(i + 2) % 3], *two_up = rows[(i + 1) % 3];

        now[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t best = up[j - 1] + (a[i - 1] != b[j - 1]);

            best = up[j] + 1 < best ? up[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = two_up[j - 2] + 1 < best ? two_up[j - 2] + 1 : best;
            now[j] = best;
        }
    }
    return rows[a_len % 3][b_len];
}

const char *contract_guess(const struct contract *c, enum contract_kind kind,
                           const struct contract_row *verb, const char *name, size_t len)
{
    const char *best = NULL;
    size_t least = len < 4 ? 2 : 3; /* a guess is less than this away */

    for (size_t i = 0; i < c->count; i++) {
        const struct contract_row *row = &c->rows[i];
        size_t far;

        if (row->kind != kind || row->when != CONTRACT_NOW || row->place == CONTRACT_CONF)
            continue;
        if (kind == CONTRACT_OPTION && !contract_goes(row, verb))
            continue;
        far = distance(row->name, name, len);
        if (far < least && far < strlen(row->name)) {
            least = far;
            best = row->name;
        }
    }
    return best;
}
