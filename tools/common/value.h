/* SPDX-License-Identifier: MIT */
/* The value of an option, whether it was given on the command line or is a setting of a
 * configuration: one check, and one sentence about what is wrong. */
#ifndef TOOLS_VALUE_H
#define TOOLS_VALUE_H

#include "tools/common/amount.h"
#include "tools/common/contract.h"

struct value {
    uint64_t number; /* a rate, count or size; a time in microseconds */
    bool is_time;    /* of a span */
    struct amount_framing framing;
    const struct contract_row *word;
};

/* Reads `text` as the value of `row`, as something of `type` (a synonym's may differ).  False with
 * a reason, which has neither the option's name nor a line break in it. */
bool value_read(const struct contract *c, const struct contract_row *row, enum contract_type type,
                const char *text, struct value *value, char *why, size_t room);
/* A flag in a configuration: on, yes, true, 1 or their opposites. */
bool value_read_flag(const char *text, bool *on);

#endif
