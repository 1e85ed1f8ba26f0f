/* SPDX-License-Identifier: MIT */
/* termctl: options and configuration are read, then a verb does its work. */
#include "tools/termctl/termctl.h"

#include "tools/common/out.h"
#include "tools/common/say.h"
#include "tools/common/standard.h"

#include <stdlib.h>
#include <string.h>

static const struct contract *const contract = &termctl_contract;

static enum tool_status show_help(const struct args *args)
{
    const struct contract_row *verb = args->verb;
    FILE *out = out_stream();

    if (verb != NULL && strcmp(verb->name, "help") == 0) {
        const char *name = args->operand_count > 0 ? args->operands[0] : NULL;

        verb = name == NULL ? NULL : contract_find(contract, CONTRACT_VERB, name, strlen(name));
        if (name != NULL && (verb == NULL || verb->when != CONTRACT_NOW)) {
            say_error("help: '%s' is no verb of this version", name);
            return TOOL_USAGE;
        }
    }
    if (out != NULL)
        contract_help(contract, verb, out);
    return TOOL_OK;
}

/* Every fault is told, those of files with their place. */
static enum tool_status tell_faults(struct conf *conf)
{
    conf_sort_faults(conf);
    for (size_t i = 0; i < conf->error_count; i++) {
        const struct conf_error *error = &conf->errors[i];

        if (error->at.line > 0)
            say_error("%s:%u:%u: %s", error->at.file, error->at.line, error->at.column,
                      error->text);
        else
            say_error("%s: %s", error->at.file, error->text);
    }
    if (conf->no_memory)
        say_error("not enough memory");
    return conf->no_memory ? TOOL_INTERNAL : conf->error_count > 0 ? TOOL_USAGE : TOOL_OK;
}

static void read_one(struct conf *conf, char *path, enum settings_origin level)
{
    if (path != NULL && conf_read(conf, path, (int)level, false))
        say_detail("read %s", path);
    free(path);
}

/* The machine's files first, the least important of them before all; then the user's. */
static void read_files(struct conf *conf, const struct args *args)
{
    const struct args_option *config = args_get(args, "config");
    size_t count = 0;
    char *path;

    if (config != NULL) {
        if (strcmp(config->text, "none") != 0)
            conf_read(conf, config->text, SETTINGS_USER, true);
        return;
    }
    for (; (path = conf_system_path("termctl", count)) != NULL; count++)
        free(path);
    while (count > 0)
        read_one(conf, conf_system_path("termctl", --count), SETTINGS_SYSTEM);
    read_one(conf, conf_user_path("termctl"), SETTINGS_USER);
}

static enum tool_status run_verb(struct run *run)
{
    const struct contract_row *verb = run->args->verb;
    const char *name = run->args->operand_count > 0 ? run->args->operands[0] : NULL;
    const char *guess;

    if (verb != NULL && strcmp(verb->name, "list") == 0)
        return verb_list(run);
    if (verb != NULL && strcmp(verb->name, "info") == 0)
        return verb_info(run);
    if (name == NULL) {
        say_error("a verb is missing; `termctl --help` shows what there is");
        return TOOL_USAGE;
    }
    guess = contract_guess(contract, CONTRACT_VERB, NULL, name, strlen(name));
    say_error("'%s': there is no such verb, and sessions are not in this version%s%s%s", name,
              guess != NULL ? "; did you mean " : "", guess != NULL ? guess : "",
              guess != NULL ? "?" : "");
    return TOOL_USAGE;
}

static enum tool_status configure_and_run(const struct args *args)
{
    struct conf conf = {0};
    struct settings settings;
    struct run run = {args, &settings, {0}, args_get(args, "json") != NULL};
    enum tool_status status;

    result_begin(&run.result);
    read_files(&conf, args);
    settings_merge(&settings, contract, &conf, args,
                   args->operand_count > 0 ? args->operands[0] : NULL);
    say_manners(settings_on(&settings, "quiet"), settings_on(&settings, "verbose"));
    status = tell_faults(&conf);
    if (status != TOOL_OK)
        result_end(&run, status, NULL);
    else if (args_get(args, "print-config") != NULL && out_stream() != NULL)
        settings_print(&settings, out_stream());
    else
        status = run_verb(&run);
    settings_free(&settings);
    conf_free(&conf);
    return status;
}

static enum tool_status run_line(const struct args *args)
{
    if (args_get(args, "help") != NULL ||
        (args->verb != NULL && strcmp(args->verb->name, "help") == 0))
        return show_help(args);
    if (args_get(args, "version") != NULL) {
        if (out_stream() != NULL)
            fprintf(out_stream(), "termctl %s\n", TERMCTL_VERSION);
        return TOOL_OK;
    }
    return configure_and_run(args);
}

int main(int argc, char **argv)
{
    struct args args;
    enum tool_status status = TOOL_USAGE;

    tool_standard_ensure();
    out_begin();
    say_begin("termctl");
    if (args_read(contract, argc, (const char *const *)argv, &args)) {
        say_manners(args_get(&args, "quiet") != NULL, args_get(&args, "verbose") != NULL);
        status = run_line(&args);
    } else {
        say_error("%s", args.error);
    }
    args_free(&args);
    return (int)out_end(status);
}
