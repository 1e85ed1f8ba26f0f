/* SPDX-License-Identifier: MIT */
/* Where an answer ends, one byte at a time, but blocks all at once. */
#include "tools/common/query.h"

#include <string.h>

void query_frame_init(struct query_frame *frame, enum query_end end)
{
    *frame = (struct query_frame){.end = end, .state = QUERY_TEXT};
}

/* A byte of a block's header: # and how many digits, then the digits. */
static void take_header(struct query_frame *frame, unsigned char byte)
{
    if (byte < '0' || byte > '9') {
        frame->state = QUERY_TEXT; /* #H1F and the like are numbers */
    } else if (frame->state == QUERY_HASH) {
        frame->digits_left = (unsigned)(byte - '0');
        frame->block_left = 0;
        frame->state = byte == '0' ? QUERY_TEXT : QUERY_COUNT;
    } else {
        frame->block_left = frame->block_left * 10 + (uint64_t)(byte - '0');
        if (--frame->digits_left == 0)
            frame->state = frame->block_left > 0 ? QUERY_BLOCK : QUERY_TEXT;
    }
    frame->middle = true;
}

/* Whether a byte that is no part of a block ends the answer. */
static bool take_text(struct query_frame *frame, unsigned char byte)
{
    bool after_cr = frame->state == QUERY_AFTER_CR;
    bool cr_ends = frame->end == QUERY_END_CR || frame->end == QUERY_END_ANY;

    if (byte == '\n' && (after_cr || frame->end == QUERY_END_LF || frame->end == QUERY_END_ANY))
        return true; /* the state still tells whether a CR was before it */
    frame->state = QUERY_TEXT;
    if (byte == '\r' && cr_ends)
        return true;
    if (byte == '\r' && frame->end != QUERY_END_CR)
        frame->state = QUERY_AFTER_CR;
    else if (byte == '"')
        frame->quoted = !frame->quoted;
    else if (byte == '#' && !frame->quoted && !frame->middle)
        frame->state = QUERY_HASH;
    frame->middle = byte != ',' && byte != ';' && byte != ' ' && byte != ':';
    return false;
}

static size_t take_block(struct query_frame *frame, size_t len)
{
    size_t part = frame->block_left < len ? (size_t)frame->block_left : len;

    frame->block_left -= part;
    if (frame->block_left == 0)
        frame->state = QUERY_TEXT;
    return part;
}

/* The answer's own bytes end before its line end. */
static void cut_end(const struct query_frame *frame, struct bytes *content)
{
    bytes_drop_end(content, frame->state == QUERY_AFTER_CR ? 2 : 1);
}

size_t query_frame_take(struct query_frame *frame, const void *data, size_t len, bool *ended,
                        struct bytes *content)
{
    const unsigned char *bytes = data;
    size_t at = 0;

    *ended = false;
    while (at < len && !*ended) {
        if (frame->state == QUERY_BLOCK)
            at += take_block(frame, len - at);
        else if (frame->state == QUERY_HASH || frame->state == QUERY_COUNT) {
            take_header(frame, bytes[at]);
            if (bytes[at] != '\r' && bytes[at] != '\n')
                at++;
        } else {
            *ended = take_text(frame, bytes[at++]);
        }
    }
    bytes_add(content, data, at);
    if (*ended)
        cut_end(frame, content);
    return at;
}
