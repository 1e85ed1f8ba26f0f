/* SPDX-License-Identifier: MIT */
/* What may stand behind sim:. */
#include <stdlib.h>
#include <string.h>

#include "tools/common/sim/model.h"
#include "tools/common/suboptions.h"

static bool eol_of(const char *value, enum sim_eol *eol)
{
    static const char *const names[] = {"any", "lf", "cr", "crlf"};

    for (unsigned i = 0; i < 4; i++)
        if (strcmp(value, names[i]) == 0) {
            *eol = (enum sim_eol)i;
            return true;
        }
    return false;
}

static bool number_of(const char *value, uint64_t most, uint64_t *number)
{
    char *end;

    if (value[0] < '0' || value[0] > '9')
        return false;
    *number = strtoull(value, &end, 10);
    return *end == '\0' && *number <= most;
}

static bool take(void *arg, const char *key, const char *value)
{
    struct sim_options *options = arg;
    uint64_t number;

    if (value == NULL)
        return false;
    if (strcmp(key, "eol") == 0)
        return eol_of(value, &options->eol);
    if (strcmp(key, "seed") == 0)
        return number_of(value, UINT64_MAX, &options->seed);
    if (strcmp(key, "delay") == 0 && number_of(value, 60000, &number)) {
        options->delay_us = (uint32_t)number * 1000;
        return true;
    }
    if (strcmp(key, "baud") != 0 || !number_of(value, 12000000, &number) || number == 0)
        return false;
    options->baud = (uint32_t)number;
    return true;
}

enum tool_status sim_parse(const char *text, const char **model, struct sim_options *options,
                           struct tool_fail *fail)
{
    static const struct sim_model *const models[] = {&sim_dmm, &sim_psu};
    size_t len = strcspn(text, "?");

    *options = (struct sim_options){.eol = SIM_ANY};
    *model = NULL;
    for (size_t i = 0; i < 2; i++)
        if (strlen(models[i]->name) == len && strncmp(text, models[i]->name, len) == 0)
            *model = models[i]->name;
    if (*model == NULL)
        return tool_fail(fail, TOOL_USAGE, "sim:%s: there are sim:dmm and sim:psu", text);
    if (text[len] == '?' && !tool_options(text + len + 1, take, options, fail))
        return fail->status;
    return TOOL_OK;
}
