/* SPDX-License-Identifier: MIT */
/* The decoder of PARMRK.  A doubled FF ends a run and lends it its first half, so that a run is
 * always a piece of what was read. */
#include "libcomm/dev/serial/parmrk.h"

#include <string.h>

#define MARK 0xFF

void ci_parmrk_reset(struct ci_parmrk *decoder, bool marked)
{
    *decoder = (struct ci_parmrk){.marked = marked};
}

void ci_parmrk_feed(struct ci_parmrk *decoder, const void *raw, size_t len)
{
    decoder->at = raw;
    decoder->end = decoder->at + len;
    decoder->escapes = 0;
}

/* The run from `at` on, whose first `known` bytes are data whatever they look like. */
static void run_find(struct ci_parmrk *decoder, size_t known, struct ci_parmrk_run *run)
{
    size_t room = (size_t)(decoder->end - decoder->at);
    const uint8_t *mark = decoder->marked ? memchr(decoder->at + known, MARK, room - known) : NULL;

    *run = (struct ci_parmrk_run){.bytes = decoder->at, .len = room};
    decoder->escapes = 0;
    if (mark == NULL)
        return;
    run->len = (size_t)(mark - decoder->at);
    if (mark + 1 < decoder->end && mark[1] == MARK) {
        run->len++;
        decoder->escapes = 1;
    }
}

/* Behind an FF: true when that gives a run. */
static bool after_mark(struct ci_parmrk *decoder, struct ci_parmrk_run *run)
{
    static const uint8_t lone = MARK;

    if (*decoder->at == MARK) {
        run_find(decoder, 1, run);
        return true;
    }
    if (*decoder->at == 0) {
        decoder->at++;
        decoder->state = CI_PARMRK_AFTER_FF_00;
        return false;
    }
    *run = (struct ci_parmrk_run){.bytes = &lone, .len = 1}; /* no mark; nothing is to get lost */
    return true;
}

bool ci_parmrk_next(struct ci_parmrk *decoder, struct ci_parmrk_run *run)
{
    while (decoder->at != decoder->end) {
        switch (decoder->state) {
        case CI_PARMRK_START:
            run_find(decoder, 0, run);
            if (run->len > 0)
                return true;
            decoder->at++;
            decoder->state = CI_PARMRK_AFTER_FF;
            break;
        case CI_PARMRK_AFTER_FF:
            if (after_mark(decoder, run))
                return true;
            break;
        case CI_PARMRK_AFTER_FF_00:
            *run = (struct ci_parmrk_run){.bytes = decoder->at, .len = 1, .damaged = true};
            return true;
        }
    }
    return false;
}

void ci_parmrk_took(struct ci_parmrk *decoder, const struct ci_parmrk_run *run, size_t len)
{
    if (len == 0)
        return;
    decoder->state = CI_PARMRK_START;
    if (run->bytes != decoder->at)
        return; /* the FF that was no mark: it is behind us already */
    decoder->at += len;
    if (len == run->len)
        decoder->at += decoder->escapes;
}
