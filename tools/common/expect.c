/* SPDX-License-Identifier: MIT */
/* Each pattern has a window of the bytes that a match may still need: from where one may have
 * begun, and what lies before that as far as the pattern looks back. */
#include "tools/common/expect.h"

#include "tools/common/width.h"

#include <stdlib.h>
#include <string.h>

void expect_stream_init(struct expect_stream *stream, struct match *match, uint64_t at)
{
    bytes_clear(&stream->window);
    stream->match = match;
    stream->base = at;
    stream->from = 0;
}

void expect_stream_fini(struct expect_stream *stream)
{
    bytes_fini(&stream->window);
}

/* How many bytes at the end are a character that is not whole yet. */
static size_t unfinished(const struct bytes *window, size_t from)
{
    size_t most = window->len - from < 3 ? window->len - from : 3;

    for (size_t back = 1; back <= most; back++) {
        const uint8_t *at = (const uint8_t *)window->data + window->len - back;
        uint32_t code;

        if ((*at & 0xc0) != 0x80)
            return width_decode(at, back, &code) == WIDTH_MORE ? back : 0;
    }
    return 0;
}

/* Forgets what no match can need: a match begins at `start` or later. */
static void forget(struct expect_stream *stream, size_t start)
{
    size_t keep = stream->match->behind, drop = start > keep ? start - keep : 0;

    while (drop > 0 && ((unsigned char)stream->window.data[drop] & 0xc0) == 0x80)
        drop--; /* not in the middle of a character */
    stream->from = start;
    if (drop < MATCH_LONGEST / 4)
        return; /* moving bytes is not free */
    bytes_drop(&stream->window, drop);
    stream->base += drop;
    stream->from -= drop;
}

static enum match_result decide(struct expect_stream *stream, bool settle)
{
    const struct bytes *window = &stream->window;
    size_t len = window->len, start = 0, end = 0;
    enum match_result result;

    if (!settle && stream->match->utf)
        len -= unfinished(window, stream->from);
    result = match_find(stream->match, window->data, len, stream->from, !settle, &start, &end);
    if (result == MATCH_FOUND) {
        stream->start = stream->base + start;
        stream->end = stream->base + end;
    } else if (result == MATCH_NONE) {
        forget(stream, len);
    } else if (result == MATCH_PARTIAL && len - start >= MATCH_LONGEST / 2) {
        forget(stream, len); /* nothing that long is waited for */
    } else if (result == MATCH_PARTIAL) {
        forget(stream, start);
    }
    return result;
}

enum match_result expect_stream_feed(struct expect_stream *stream, const void *data, size_t len,
                                     bool settle)
{
    const char *from = data;
    enum match_result result = MATCH_NONE;

    do {
        /* the window never holds more than a match looks at */
        size_t room = MATCH_LONGEST - stream->window.len, part = len < room ? len : room;

        bytes_add(&stream->window, from, part);
        if (stream->window.failed)
            return MATCH_COSTLY;
        from += part;
        len -= part;
        result = decide(stream, settle && len == 0);
    } while (len > 0 && result != MATCH_FOUND && result != MATCH_COSTLY);
    return result;
}

bool expect_init(struct expect *expect, struct match *waits, size_t wait_count, struct match *fails,
                 size_t fail_count, bool any)
{
    *expect = (struct expect){.waits = waits,
                              .fails = fails,
                              .wait_count = wait_count,
                              .fail_count = fail_count,
                              .any = any};
    expect->streams = calloc(wait_count + fail_count + 1, sizeof(*expect->streams));
    if (expect->streams == NULL)
        return false;
    for (size_t i = 0; i < wait_count; i++)
        expect_stream_init(&expect->streams[i], &waits[i], 0);
    for (size_t i = 0; i < fail_count; i++)
        expect_stream_init(&expect->streams[wait_count + i], &fails[i], 0);
    return true;
}

void expect_fini(struct expect *expect)
{
    for (size_t i = 0; expect->streams != NULL && i < expect->wait_count + expect->fail_count; i++)
        expect_stream_fini(&expect->streams[i]);
    free(expect->streams);
    expect->streams = NULL;
}

/* What is known after some bytes: the match that ends first decides. */
struct verdict {
    enum expect_result result;
    size_t which;
    uint64_t start, end;
};

static void consider(struct verdict *verdict, enum match_result got, enum expect_result means,
                     const struct expect_stream *stream, size_t which)
{
    if (got == MATCH_COSTLY && verdict->result == EXPECT_MORE)
        *verdict = (struct verdict){.result = EXPECT_COSTLY, .which = which, .end = UINT64_MAX};
    if (got == MATCH_FOUND && (verdict->result == EXPECT_MORE || stream->end < verdict->end))
        *verdict = (struct verdict){means, which, stream->start, stream->end};
}

/* The next pattern in order looks at what follows the match of the one before. */
static enum match_result pass_on(struct expect *expect, bool settle)
{
    struct expect_stream *stream = &expect->streams[expect->met], *next = stream + 1;
    size_t after = (size_t)(stream->end - stream->base);

    expect->met++;
    expect_stream_init(next, next->match, stream->end);
    return expect_stream_feed(next, stream->window.data + after, stream->window.len - after,
                              settle);
}

static void feed_in_order(struct expect *expect, const void *data, size_t len, bool settle,
                          struct verdict *verdict)
{
    enum match_result got = expect_stream_feed(&expect->streams[expect->met], data, len, settle);

    while (got == MATCH_FOUND && expect->met + 1 < expect->wait_count)
        got = pass_on(expect, settle);
    consider(verdict, got, EXPECT_MET, &expect->streams[expect->met], expect->met);
}

static void feed_any(struct expect *expect, const void *data, size_t len, bool settle,
                     struct verdict *verdict)
{
    for (size_t i = 0; i < expect->wait_count; i++) {
        enum match_result got = expect_stream_feed(&expect->streams[i], data, len, settle);

        consider(verdict, got, EXPECT_MET, &expect->streams[i], i);
    }
}

static enum expect_result feed(struct expect *expect, const void *data, size_t len, bool settle)
{
    struct verdict verdict = {.result = EXPECT_MORE};

    for (size_t i = 0; i < expect->fail_count; i++) {
        struct expect_stream *stream = &expect->streams[expect->wait_count + i];

        consider(&verdict, expect_stream_feed(stream, data, len, settle), EXPECT_FAILED, stream, i);
    }
    if (expect->any)
        feed_any(expect, data, len, settle, &verdict);
    else if (expect->wait_count > 0)
        feed_in_order(expect, data, len, settle, &verdict);
    expect->fed += len;
    if (verdict.result == EXPECT_MET)
        expect->met += 1;
    expect->which = verdict.which;
    expect->start = verdict.start;
    expect->end = verdict.end;
    return verdict.result;
}

enum expect_result expect_feed(struct expect *expect, const void *data, size_t len)
{
    return feed(expect, data, len, false);
}

enum expect_result expect_settle(struct expect *expect)
{
    return feed(expect, NULL, 0, true);
}
