/* SPDX-License-Identifier: MIT */
/* From bytes to lines, from lines to commands, and answers in order. */
#include "tools/common/sim/instrument.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/common/sim/model.h"
#include "tools/common/sim/scpi.h"

struct answer {
    struct answer *next;
    uint32_t delay_us;
    size_t len;
    uint8_t data[];
};

/* ---- for commands ---- */

/* The classes of errors have bits of their own in the event status register. */
static unsigned esr_bit(int number)
{
    if (number <= -400)
        return 0x04;
    if (number <= -300)
        return 0x08;
    return number <= -200 ? 0x10 : 0x20;
}

void sim_error(struct sim *sim, int number)
{
    sim->esr |= esr_bit(number);
    if (sim->error_count == SIM_ERRORS)
        sim->errors[SIM_ERRORS - 1] = SIM_OVERFLOW;
    else
        sim->errors[sim->error_count++] = number;
}

static void say_bytes(struct sim *sim, const void *data, size_t len)
{
    if (sim->out_len + len > sim->out_room) {
        size_t room = (sim->out_len + len) * 2;
        uint8_t *more = realloc(sim->out, room);

        if (more == NULL)
            return;
        sim->out = more;
        sim->out_room = room;
    }
    memcpy(sim->out + sim->out_len, data, len);
    sim->out_len += len;
}

/* Answers of one message stand on one line. */
static void say_begin(struct sim *sim)
{
    if (sim->answered)
        say_bytes(sim, ";", 1);
    sim->answered = true;
}

void sim_say(struct sim *sim, const char *format, ...)
{
    char text[1024];
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    say_begin(sim);
    say_bytes(sim, text, (size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
}

void sim_say_block(struct sim *sim, const void *data, size_t len)
{
    char count[16], head[20];

    snprintf(count, sizeof count, "%zu", len);
    snprintf(head, sizeof head, "#%zu%s", strlen(count), count);
    say_begin(sim);
    say_bytes(sim, head, strlen(head));
    say_bytes(sim, data, len);
}

double sim_noise(struct sim *sim)
{
    sim->random ^= sim->random << 13;
    sim->random ^= sim->random >> 7;
    sim->random ^= sim->random << 17;
    return (double)(sim->random >> 11) / (double)(1ull << 53) - 0.5;
}

/* ---- commands ---- */

static const struct sim_command *find_in(const struct sim_command *table, const char *header,
                                         size_t len)
{
    for (; table->pattern != NULL; table++)
        if (scpi_names(table->pattern, header, len))
            return table;
    return NULL;
}

static const struct sim_command *find(struct sim *sim, const char *header, size_t len)
{
    const struct sim_command *command = find_in(sim->model->commands, header, len);

    return command != NULL ? command : find_in(sim_common, header, len);
}

/* Where a header behind a ';' goes on: "MEAS:VOLT?;CURR?" asks for MEAS:CURR? */
struct path {
    char text[512];
    size_t len; /* with the last ':' */
};

static void path_set(struct path *path, const char *header, size_t len)
{
    if (*header == ':') {
        header++;
        len--;
    }
    while (len > 0 && header[len - 1] != ':')
        len--;
    memmove(path->text, header, len);
    path->len = len;
}

/* Below the path, else, as most instruments allow, from the root. */
static const struct sim_command *resolve(struct sim *sim, struct path *path, const char *header,
                                         size_t len)
{
    const struct sim_command *command;
    char whole[sizeof path->text];

    if (path->len > 0 && *header != ':' && *header != '*' && path->len + len < sizeof whole) {
        memcpy(whole, path->text, path->len);
        memcpy(whole + path->len, header, len);
        command = find(sim, whole, path->len + len);
        if (command != NULL) {
            path_set(path, whole, path->len + len);
            return command;
        }
    }
    command = find(sim, header, len);
    if (command != NULL && *header != '*')
        path_set(path, header, len);
    return command;
}

static void run_command(struct sim *sim, struct path *path, char *text)
{
    size_t len = strcspn(text, " \t");
    char *arg = text + len + strspn(text + len, " \t");
    const struct sim_command *command = resolve(sim, path, text, len);

    if (command == NULL) {
        sim_error(sim, SIM_UNDEFINED);
        return;
    }
    sim->delay_us += command->delay_us;
    command->run(sim, arg);
}

static char *trim(char *text)
{
    size_t len;

    text += strspn(text, " \t");
    len = strlen(text);
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
        text[--len] = '\0';
    return text;
}

static void run_line(struct sim *sim)
{
    struct path path = {.len = 0};
    char *next = sim->line;

    sim->line[sim->line_len] = '\0';
    while (next != NULL) {
        char *text = next;

        next = strchr(text, ';');
        if (next != NULL)
            *next++ = '\0';
        text = trim(text);
        if (*text != '\0')
            run_command(sim, &path, text);
    }
}

/* ---- answers ---- */

static void end_answer(struct sim *sim)
{
    static const char *const ends[] = {"\n", "\n", "\r", "\r\n"};
    struct answer *answer;

    if (!sim->answered)
        return;
    say_bytes(sim, ends[sim->options.eol], strlen(ends[sim->options.eol]));
    answer = malloc(sizeof *answer + sim->out_len);
    if (answer != NULL) {
        answer->next = NULL;
        answer->len = sim->out_len;
        answer->delay_us = sim->delay_us + sim->options.delay_us;
        memcpy(answer->data, sim->out, sim->out_len);
        *sim->last = answer;
        sim->last = &answer->next;
    }
    sim->answered = false;
    sim->out_len = 0;
    sim->delay_us = 0;
}

bool sim_reply(const struct sim *sim, struct sim_reply *reply)
{
    if (sim->first == NULL)
        return false;
    *reply = (struct sim_reply){sim->first->data, sim->first->len, sim->first->delay_us};
    return true;
}

void sim_reply_taken(struct sim *sim)
{
    struct answer *answer = sim->first;

    sim->first = answer->next;
    if (sim->first == NULL)
        sim->last = &sim->first;
    free(answer);
}

void sim_hang_up(struct sim *sim)
{
    while (sim->first != NULL)
        sim_reply_taken(sim);
    sim->line_len = 0;
    sim->too_long = sim->after_cr = false;
}

/* ---- bytes ---- */

static void message_end(struct sim *sim)
{
    if (sim->too_long)
        sim_error(sim, SIM_SYNTAX);
    else
        run_line(sim);
    sim->line_len = 0;
    sim->too_long = false;
    end_answer(sim);
}

/* Whether this byte ends a command; what is no end is text. */
static bool ends(struct sim *sim, char c, bool after_cr)
{
    switch (sim->options.eol) {
    case SIM_LF:
        return c == '\n';
    case SIM_CR:
        return c == '\r';
    case SIM_CRLF:
        return c == '\n' && after_cr;
    case SIM_ANY:
        break;
    }
    return c == '\r' || c == '\n';
}

static void receive(struct sim *sim, char c)
{
    bool after_cr = sim->after_cr;

    sim->after_cr = c == '\r';
    if (sim->options.eol == SIM_CRLF && c == '\r')
        return; /* text or half an end: told by what follows, and no text has one */
    if (sim->options.eol == SIM_ANY && c == '\n' && after_cr)
        return; /* the end has been */
    if (ends(sim, c, after_cr))
        message_end(sim);
    else if (sim->line_len < sizeof sim->line - 1)
        sim->line[sim->line_len++] = c == '\0' ? '?' : c;
    else
        sim->too_long = true;
}

void sim_receive(struct sim *sim, const void *bytes, size_t len)
{
    const char *text = bytes;

    for (size_t i = 0; i < len; i++)
        receive(sim, text[i]);
}

/* ---- life ---- */

struct sim *sim_new(const char *model, const struct sim_options *options)
{
    struct sim *sim = calloc(1, sizeof *sim);

    if (sim == NULL)
        return NULL;
    sim->model = strcmp(model, sim_psu.name) == 0 ? &sim_psu : &sim_dmm;
    sim->options = *options;
    sim->random = options->seed * 0x9E3779B97F4A7C15u + 1;
    sim->last = &sim->first;
    sim->esr = 0x80; /* power on */
    sim->model->reset(sim);
    return sim;
}

void sim_free(struct sim *sim)
{
    sim_hang_up(sim);
    free(sim->out);
    free(sim);
}

uint32_t sim_baud(const struct sim *sim)
{
    return sim->options.baud;
}
