/* SPDX-License-Identifier: MIT */
/* A run of bytes may go out at once if nothing is due between them: the whole queue, a line, or a
 * single byte. */
#include "tools/common/pace.h"

#include <stdlib.h>
#include <string.h>

void pace_init(struct pace *pace, const struct pace_options *options)
{
    *pace = (struct pace){.options = *options};
    if (pace->options.proof_ns == 0)
        pace->options.proof_ns = PACE_PROOF_NS;
}

void pace_clear(struct pace *pace)
{
    bytes_clear(&pace->queue);
    bytes_clear(&pace->awaited);
    pace->pause_count = 0;
    pace->line_over = false;
}

void pace_fini(struct pace *pace)
{
    bytes_fini(&pace->queue);
    bytes_fini(&pace->awaited);
    expect_stream_fini(&pace->prompt);
    free(pace->pauses);
    pace->pauses = NULL;
}

void pace_add(struct pace *pace, const void *data, size_t len)
{
    bytes_add(&pace->queue, data, len);
}

void pace_add_escapes(struct pace *pace, const struct escapes *escapes)
{
    size_t count = pace->pause_count + escapes->pause_count;
    struct escapes_pause *pauses = realloc(pace->pauses, (count + 1) * sizeof(*pauses));

    if (pauses == NULL) {
        pace->queue.failed = true;
        return;
    }
    pace->pauses = pauses;
    for (size_t i = 0; i < escapes->pause_count; i++) {
        pauses[pace->pause_count] = escapes->pauses[i];
        pauses[pace->pause_count++].at += pace->sent + pace->queue.len;
    }
    bytes_add(&pace->queue, escapes->bytes.data, escapes->bytes.len);
}

/* Whether the line ends with the queue's byte `at`; CR LF is one end. */
static bool ends_line(const struct bytes *queue, size_t at)
{
    if (queue->data[at] == '\n')
        return true;
    return queue->data[at] == '\r' && (at + 1 == queue->len || queue->data[at + 1] != '\n');
}

/* How many bytes may go out in a row. */
static size_t run_of(const struct pace *pace)
{
    const struct pace_options *options = &pace->options;
    size_t len = pace->queue.len;

    if (options->char_ns > 0 || options->proof == PACE_BY_ECHO)
        len = 1;
    if (pace->pause_count > 0 && len > pace->pauses[0].at - pace->sent)
        len = (size_t)(pace->pauses[0].at - pace->sent);
    for (size_t i = 0; i < len && (options->line_ns > 0 || options->proof >= PACE_BY_LINE); i++) {
        if (ends_line(&pace->queue, i))
            return i + 1;
    }
    return len;
}

static void begin_pause(struct pace *pace, uint64_t now_ns)
{
    while (pace->pause_count > 0 && pace->pauses[0].at <= pace->sent) {
        if (pace->free_ns < now_ns)
            pace->free_ns = now_ns;
        pace->free_ns += pace->pauses[0].ms * (uint64_t)1000000;
        pace->pause_count--;
        memmove(pace->pauses, pace->pauses + 1, pace->pause_count * sizeof(*pace->pauses));
    }
}

static bool is_unproven(const struct pace *pace)
{
    switch (pace->options.proof) {
    case PACE_BY_ECHO:
        return pace->awaited.len > 0;
    case PACE_BY_LINE:
        return pace->line_over && pace->awaited.len > 0;
    case PACE_BY_PROMPT:
        return pace->line_over;
    case PACE_BY_TIME:
    default:
        return false;
    }
}

enum pace_state pace_next(struct pace *pace, uint64_t now_ns, const void **data, size_t *len,
                          uint64_t *again_ns)
{
    *again_ns = 0;
    *len = 0;
    if (is_unproven(pace)) {
        *again_ns = pace->asked_ns + pace->options.proof_ns;
        return now_ns >= *again_ns ? PACE_STALLED : PACE_WAIT;
    }
    if (pace->free_ns <= now_ns)
        begin_pause(pace, now_ns);
    if (pace->queue.len == 0 && pace->free_ns <= now_ns)
        return PACE_DONE;
    if (pace->free_ns > now_ns) {
        *again_ns = pace->free_ns;
        return PACE_WAIT;
    }
    *data = pace->queue.data;
    *len = run_of(pace);
    return PACE_SEND;
}

/* Control bytes come back in so many ways that their echo proves nothing. */
static bool has_echo(unsigned char byte)
{
    return byte >= 0x20 && byte != 0x7f;
}

static void note_sent(struct pace *pace, size_t at, uint64_t now_ns)
{
    const struct pace_options *options = &pace->options;
    bool line = ends_line(&pace->queue, at);
    uint64_t pause_ns = line && options->line_ns > 0 ? options->line_ns : options->char_ns;

    if (pause_ns > 0)
        pace->free_ns = now_ns + pause_ns;
    if (options->proof == PACE_BY_ECHO || options->proof == PACE_BY_LINE) {
        if (has_echo((unsigned char)pace->queue.data[at]))
            bytes_byte(&pace->awaited, (unsigned char)pace->queue.data[at]);
    }
    if (options->proof >= PACE_BY_LINE && line) {
        pace->line_over = true;
        if (options->proof == PACE_BY_PROMPT)
            expect_stream_init(&pace->prompt, options->prompt, 0);
    }
}

void pace_sent(struct pace *pace, size_t len, uint64_t now_ns)
{
    pace->asked_ns = now_ns;
    for (size_t i = 0; i < len; i++)
        note_sent(pace, i, now_ns);
    pace->sent += len;
    bytes_drop(&pace->queue, len);
}

static void note_proof(struct pace *pace, uint64_t now_ns)
{
    uint64_t took_ns = now_ns > pace->asked_ns ? now_ns - pace->asked_ns : 0;

    pace->line_over = false;
    pace->proofs++;
    pace->proof_sum_ns += took_ns;
    if (took_ns > pace->proof_worst_ns)
        pace->proof_worst_ns = took_ns;
}

/* The echo may be mixed with other output: its bytes are awaited in order, what is between is not
 * looked at. */
static void match_echo(struct pace *pace, const unsigned char *data, size_t len)
{
    size_t matched = 0;

    for (size_t i = 0; i < len && matched < pace->awaited.len; i++)
        matched += data[i] == (unsigned char)pace->awaited.data[matched];
    bytes_drop(&pace->awaited, matched);
}

void pace_received(struct pace *pace, const void *data, size_t len, uint64_t now_ns)
{
    bool unproven = is_unproven(pace);

    if (pace->options.proof == PACE_BY_ECHO || pace->options.proof == PACE_BY_LINE)
        match_echo(pace, data, len);
    else if (pace->line_over && expect_stream_feed(&pace->prompt, data, len, false) == MATCH_FOUND)
        pace->line_over = false;
    if (unproven && !is_unproven(pace))
        note_proof(pace, now_ns);
}

void pace_skip(struct pace *pace)
{
    bytes_clear(&pace->awaited);
    pace->line_over = false;
}
