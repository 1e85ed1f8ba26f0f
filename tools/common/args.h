/* SPDX-License-Identifier: MIT */
/* A command line, read by a contract: the verb, then options and operands in any order.  What is
 * refused is refused with the option and the reason in one sentence, for status 2. */
#ifndef TOOLS_ARGS_H
#define TOOLS_ARGS_H

#include "tools/common/value.h"

struct args_option {
    const struct contract_row *row;
    const char *text; /* as given; NULL where there is none */
    struct value value;
};

struct args {
    const struct contract_row *verb; /* NULL: none was named */
    struct args_option *options;     /* in the order they were given */
    size_t option_count;
    const char **operands;
    size_t operand_count;
    char error[512];
};

/* Does no I/O and keeps pointers into `argv`.  False with a.error set; args_free() in any case. */
bool args_read(const struct contract *c, int argc, const char *const *argv, struct args *args);
void args_free(struct args *args);

/* The last one given of that name; NULL if none was. */
const struct args_option *args_get(const struct args *args, const char *name);

#endif
