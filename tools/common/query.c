/* SPDX-License-Identifier: MIT */
/* Transactions that may still be answered stand in a line, oldest first.  One that was missed
 * leaves it when its late answer comes, when a newer one is answered, or when nobody would believe
 * an answer any more. */
#include "tools/common/query.h"

#include <stdlib.h>
#include <string.h>

void query_init(struct query *query, const struct query_options *options,
                void (*done)(void *arg, const struct query_transaction *transaction),
                void (*unasked)(void *arg, const struct query_answer *answer), void *arg)
{
    *query = (struct query){.options = *options, .done = done, .unasked = unasked, .arg = arg};
    query_frame_init(&query->frame, options->end);
    if (query->options.late_ns == 0)
        query->options.late_ns = QUERY_LATE_DEFAULT_NS;
}

static void transaction_fini(struct query_transaction *transaction)
{
    free(transaction->text);
    bytes_fini(&transaction->answer.text);
}

void query_fini(struct query *query)
{
    for (size_t i = 0; i < query->count; i++)
        transaction_fini(&query->open[i]);
    query->count = 0;
    bytes_fini(&query->incoming.text);
    bytes_fini(&query->held.text);
}

/* Tells of the oldest transaction for the last time. */
static void finish_oldest(struct query *query, enum query_state state)
{
    struct query_transaction oldest = query->open[0];

    query->count--;
    memmove(&query->open[0], &query->open[1], query->count * sizeof(query->open[0]));
    oldest.state = state;
    query->done(query->arg, &oldest);
    transaction_fini(&oldest);
}

/* Gives an answer to open transaction n; the older ones are lost, as answers come in order. */
static void give(struct query *query, size_t n, struct query_answer *answer)
{
    bool late;

    while (n-- > 0)
        finish_oldest(query, QUERY_LOST);
    late = query->open[0].state == QUERY_MISSED;
    query->open[0].answer = *answer;
    *answer = (struct query_answer){.first_ns = 0};
    finish_oldest(query, late ? QUERY_LATE : QUERY_ANSWERED);
}

uint64_t query_sent(struct query *query, const char *text, uint64_t at_ns)
{
    struct query_transaction added = {.sent_ns = at_ns, .state = QUERY_WAITING};

    added.text = strndup(text, strcspn(text, "\r\n"));
    if (added.text == NULL)
        return 0;
    added.number = ++query->numbered;
    added.limit_ns = query->options.first_byte_ns;
    if (query_asks(added.text)) {
        if (query->count == QUERY_OPEN_MOST)
            finish_oldest(query, QUERY_LOST);
        query->open[query->count++] = added;
        return added.number;
    }
    added.state = QUERY_COMMAND;
    query->done(query->arg, &added);
    transaction_fini(&added);
    return added.number;
}

static size_t count_missed(const struct query *query)
{
    size_t missed = 0;

    while (missed < query->count && query->open[missed].state == QUERY_MISSED)
        missed++;
    return missed;
}

/* The open transaction an answer belongs to; the count if that cannot be told yet. */
static size_t owner_of(const struct query *query, const struct query_answer *answer)
{
    const char *text = answer->text.data == NULL ? "" : answer->text.data;
    size_t missed = count_missed(query), oldest = missed;
    int waiting = missed < query->count ? query_fits(query->open[missed].text, text) : -1;
    int best = -1;

    for (size_t i = missed; i-- > 0;) {
        int fits = query_fits(query->open[i].text, text);

        if (fits >= 0 && fits >= best) {
            best = fits;
            oldest = i;
        }
    }
    if (oldest == missed) /* none that was missed can have it */
        return missed < query->count ? missed : 0;
    if (waiting > best)
        return missed;
    return waiting < best || missed == query->count ? oldest : query->count;
}

/* An answer is complete. */
static void place_answer(struct query *query, struct query_answer *answer)
{
    size_t owner;

    if (query->is_held) { /* so that one was late: this is what the newer query is answered with */
        query->is_held = false;
        give(query, 0, &query->held);
    }
    if (query->count == 0) {
        if (query->unasked != NULL)
            query->unasked(query->arg, answer);
        bytes_clear(&answer->text);
        return;
    }
    owner = owner_of(query, answer);
    if (owner < query->count) {
        give(query, owner, answer);
        return;
    }
    query->held = *answer;
    query->is_held = true;
    *answer = (struct query_answer){.first_ns = 0};
}

static void end_incoming(struct query *query)
{
    struct query_answer answer = query->incoming;

    query->incoming = (struct query_answer){.first_ns = 0};
    query->begun = false;
    query_frame_init(&query->frame, query->options.end);
    if (!query->stray)
        place_answer(query, &answer);
    else if (query->unasked != NULL)
        query->unasked(query->arg, &answer);
    bytes_fini(&answer.text);
}

/* Bytes up to the end of one answer. */
static size_t take_answer(struct query *query, const char *data, size_t len, uint64_t at_ns)
{
    bool ended;
    size_t took;

    if (!query->begun) {
        query->begun = true;
        query->stray = query->count == 0;
        query->incoming.first_ns = at_ns;
    }
    took = query_frame_take(&query->frame, data, len, &ended, &query->incoming.text);
    query->incoming.last_ns = at_ns;
    query->incoming.wire_bytes += took;
    if (!ended)
        return took;
    query->ignoring_lf = query->options.end == QUERY_END_ANY && data[took - 1] == '\r';
    end_incoming(query);
    return took;
}

void query_received(struct query *query, const void *data, size_t len, uint64_t at_ns)
{
    const char *from = data;

    query_time(query, at_ns); /* what was missed by now is missed */
    while (len > 0) {
        size_t took = query->ignoring_lf && *from == '\n' ? 1 : 0;

        query->ignoring_lf = false;
        if (took == 0)
            took = take_answer(query, from, len, at_ns);
        from += took;
        len -= took;
    }
}

/* The earlier of two times, of which 0 is never. */
static uint64_t sooner(uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0)
        return a + b;
    return a < b ? a : b;
}

/* The answer that has begun ends by silence, or is given up. */
static uint64_t check_incoming(struct query *query, uint64_t now_ns)
{
    bool by_silence = query->options.idle_ns != 0;
    uint64_t due =
        query->incoming.last_ns + (by_silence ? query->options.idle_ns : query->options.late_ns);

    if (!query->begun || now_ns < due)
        return query->begun ? due : 0;
    if (!by_silence) /* its end never came */
        query->stray = true;
    end_incoming(query);
    return 0;
}

/* No second answer came in time: the held one was the newer query's. */
static void settle_held(struct query *query)
{
    query->is_held = false;
    give(query, count_missed(query), &query->held);
}

/* Misses what is over its limit; gives the first time something may happen. */
static uint64_t check_limits(struct query *query, uint64_t now_ns)
{
    uint64_t next = 0;

    for (size_t i = 0; i < query->count; i++) {
        struct query_transaction *one = &query->open[i];
        uint64_t due = one->sent_ns + one->limit_ns;

        if (one->limit_ns == 0)
            continue;
        if (one->state == QUERY_WAITING && now_ns >= due) {
            if (query->is_held)
                settle_held(query);
            else {
                one->state = QUERY_MISSED;
                query->done(query->arg, one);
            }
            return check_limits(query, now_ns);
        }
        next = sooner(next, due + (one->state == QUERY_MISSED ? query->options.late_ns : 0));
    }
    return next;
}

static bool oldest_is_lost(const struct query *query, uint64_t now_ns)
{
    const struct query_transaction *one = &query->open[0];

    return query->count > 0 && one->state == QUERY_MISSED && !query->is_held &&
           now_ns >= one->sent_ns + one->limit_ns + query->options.late_ns;
}

uint64_t query_time(struct query *query, uint64_t now_ns)
{
    uint64_t next = check_incoming(query, now_ns);

    if (query->begun && !query->stray)
        return next; /* whose it is decides who was missed */
    while (oldest_is_lost(query, now_ns))
        finish_oldest(query, QUERY_LOST);
    next = sooner(next, check_limits(query, now_ns));
    while (oldest_is_lost(query, now_ns))
        finish_oldest(query, QUERY_LOST);
    return next;
}

bool query_is_idle(const struct query *query)
{
    return count_missed(query) == query->count;
}
