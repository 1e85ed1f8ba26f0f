/* SPDX-License-Identifier: MIT */
/* Conditions that hold for a while fire when they begin to; patterns fire each time. */
#include "tools/common/trigger.h"

#include "tools/common/series.h"

#include <stdlib.h>
#include <string.h>

#define SLICE_NS ((uint64_t)100000000)
#define LINE_MOST ((size_t)4096)

void trigger_table_init(struct trigger_table *table, uint64_t now_ns,
                        void (*fire)(void *arg, const struct trigger *trigger, uint64_t at_ns),
                        void *arg)
{
    *table = (struct trigger_table){
        .last_ns = now_ns, .slice = now_ns / SLICE_NS, .fire = fire, .arg = arg};
    table->settled = true;
}

static void trigger_fini(struct trigger *trigger)
{
    for (size_t i = 0; i < trigger->action_count; i++)
        free(trigger->actions[i].text);
    free(trigger->actions);
    free(trigger->name);
    expect_stream_fini(&trigger->stream);
    match_fini(&trigger->match);
}

void trigger_table_fini(struct trigger_table *table)
{
    for (size_t i = 0; i < table->count; i++)
        trigger_fini(&table->triggers[i]);
    free(table->triggers);
    bytes_fini(&table->line);
    table->triggers = NULL;
    table->count = 0;
}

static void fire(struct trigger_table *table, struct trigger *trigger, uint64_t at_ns)
{
    trigger->count++;
    table->fire(table->arg, trigger, at_ns);
}

/* A condition that holds or not: it fires when it begins to. */
static void hold(struct trigger_table *table, struct trigger *trigger, bool holds, uint64_t at_ns)
{
    bool begins = holds && !trigger->fired;

    trigger->fired = holds;
    if (begins && !trigger->off)
        fire(table, trigger, at_ns);
}

/* Goes on behind a match; an empty one must not be found again. */
static enum match_result search_on(struct expect_stream *stream, bool settle)
{
    size_t after = (size_t)(stream->end - stream->base);
    struct bytes rest = {.data = NULL};
    enum match_result result = MATCH_NONE;

    after += stream->end == stream->start;
    if (after < stream->window.len)
        bytes_add(&rest, stream->window.data + after, stream->window.len - after);
    expect_stream_init(stream, stream->match, stream->base + after);
    if (rest.len > 0)
        result = expect_stream_feed(stream, rest.data, rest.len, settle);
    bytes_fini(&rest);
    return result;
}

static void feed_pattern(struct trigger_table *table, struct trigger *trigger, const void *data,
                         size_t len, bool settle, uint64_t at_ns)
{
    enum match_result result = expect_stream_feed(&trigger->stream, data, len, settle);

    while (result == MATCH_FOUND) {
        if (!trigger->off)
            fire(table, trigger, at_ns);
        result = search_on(&trigger->stream, settle);
    }
}

static void check_numbers(struct trigger_table *table, uint64_t at_ns)
{
    for (size_t i = 0; i < table->count && table->line.len > 0; i++) {
        struct trigger *trigger = &table->triggers[i];
        double value;

        if ((trigger->kind == TRIGGER_ABOVE || trigger->kind == TRIGGER_BELOW) &&
            series_find(table->line.data, trigger->name, &value))
            hold(table, trigger,
                 trigger->kind == TRIGGER_ABOVE ? value > trigger->limit : value < trigger->limit,
                 at_ns);
    }
    bytes_clear(&table->line);
}

static void feed_lines(struct trigger_table *table, const char *data, size_t len, uint64_t at_ns)
{
    for (size_t i = 0; i < len; i++) {
        if (data[i] == '\r' || data[i] == '\n')
            check_numbers(table, at_ns);
        else if (table->line.len < LINE_MOST)
            bytes_byte(&table->line, (unsigned char)data[i]);
    }
}

/* Received bytes of the last second; slices that nothing came in count as none. */
static uint64_t move_slices(struct trigger_table *table, uint64_t at_ns, size_t len)
{
    uint64_t slice = at_ns / SLICE_NS, sum = 0;

    if (slice >= table->slice + TRIGGER_SLICES)
        memset(table->slices, 0, sizeof(table->slices));
    for (uint64_t n = table->slice + 1; n <= slice && n <= table->slice + TRIGGER_SLICES; n++)
        table->slices[n % TRIGGER_SLICES] = 0;
    table->slice = slice > table->slice ? slice : table->slice;
    table->slices[table->slice % TRIGGER_SLICES] += len;
    for (size_t i = 0; i < TRIGGER_SLICES; i++)
        sum += table->slices[i];
    return sum;
}

static bool watches_numbers(const struct trigger_table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        if (table->triggers[i].kind == TRIGGER_ABOVE || table->triggers[i].kind == TRIGGER_BELOW)
            return true;
    }
    return false;
}

void trigger_received(struct trigger_table *table, const void *data, size_t len, uint64_t at_ns)
{
    uint64_t rate;

    if (len == 0)
        return;
    trigger_time(table, at_ns); /* the silence before it */
    rate = move_slices(table, at_ns, len);
    table->last_ns = at_ns;
    table->settled = false;
    for (size_t i = 0; i < table->count; i++) {
        struct trigger *trigger = &table->triggers[i];

        if (trigger->kind == TRIGGER_PATTERN)
            feed_pattern(table, trigger, data, len, false, at_ns);
        else if (trigger->kind == TRIGGER_RATE)
            hold(table, trigger, (double)rate > trigger->limit, at_ns);
        else if (trigger->kind == TRIGGER_SILENCE)
            hold(table, trigger, false, at_ns);
    }
    if (watches_numbers(table))
        feed_lines(table, data, len, at_ns);
}

void trigger_lines(struct trigger_table *table, unsigned detail, uint64_t at_ns)
{
    for (size_t i = 0; i < table->count; i++) {
        struct trigger *trigger = &table->triggers[i];
        bool now = (detail & trigger->line) != 0;

        if (trigger->kind == TRIGGER_LINE && (detail >> 8 & trigger->line) != 0 &&
            (trigger->edge < 0 || trigger->edge == (int)now) && !trigger->off)
            fire(table, trigger, at_ns);
    }
}

/* When a silence is due that has not fired; 0 if none is. */
static uint64_t check_silence(struct trigger_table *table, struct trigger *trigger, uint64_t now_ns)
{
    uint64_t due = table->last_ns + trigger->limit_ns;

    if (trigger->fired || trigger->off)
        return 0;
    if (now_ns < due)
        return due;
    hold(table, trigger, true, due);
    return 0;
}

static uint64_t settle(struct trigger_table *table, uint64_t now_ns)
{
    uint64_t due = table->last_ns + TRIGGER_QUIET_NS;

    if (table->settled || now_ns < due)
        return table->settled ? 0 : due;
    table->settled = true;
    for (size_t i = 0; i < table->count; i++) {
        if (table->triggers[i].kind == TRIGGER_PATTERN)
            feed_pattern(table, &table->triggers[i], NULL, 0, true, table->last_ns);
    }
    check_numbers(table, table->last_ns);
    return 0;
}

uint64_t trigger_time(struct trigger_table *table, uint64_t now_ns)
{
    uint64_t next = table->count > 0 ? settle(table, now_ns) : 0;
    uint64_t rate = move_slices(table, now_ns, 0);

    for (size_t i = 0; i < table->count; i++) {
        struct trigger *trigger = &table->triggers[i];
        uint64_t due = 0;

        if (trigger->kind == TRIGGER_SILENCE)
            due = check_silence(table, trigger, now_ns);
        else if (trigger->kind == TRIGGER_RATE && (double)rate <= trigger->limit)
            trigger->fired = false;
        next = next == 0 || (due != 0 && due < next) ? due : next;
    }
    return next;
}
