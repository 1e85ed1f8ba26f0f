/* SPDX-License-Identifier: MIT */
/* Marked input: however it is split and however little of a run is taken at a time, the same comes
 * out as when it comes in one piece. */
#include "fuzz.h"

#include "libcomm/dev/serial/parmrk.h"

#define DAMAGED 0x100u

struct decoded {
    uint16_t *what;
    size_t count, room;
};

static void feed(struct ci_parmrk *decoder, const uint8_t *raw, size_t len, size_t bite,
                 struct decoded *to)
{
    struct ci_parmrk_run run;

    ci_parmrk_feed(decoder, raw, len);
    while (ci_parmrk_next(decoder, &run)) {
        size_t taken = bite == 0 || bite > run.len ? run.len : bite;

        FUZZ_MUST(run.len > 0 && (!run.damaged || run.len == 1));
        FUZZ_MUST(to->count + taken <= to->room);
        for (size_t i = 0; i < taken; i++)
            to->what[to->count++] = (uint16_t)(run.bytes[i] | (run.damaged ? DAMAGED : 0));
        ci_parmrk_took(decoder, &run, taken);
    }
}

/* Two bytes say how it is split, and whether there are marks in it at all. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, data + size};
    uint8_t split = fuzz_byte(&in), bite = fuzz_byte(&in);
    const uint8_t *raw = in.at;
    size_t len = (size_t)(in.end - in.at), piece = 1 + split % 31;
    struct decoded whole = {.room = len + 3}, parts = {.room = len + 3};
    struct ci_parmrk decoder;

    whole.what = calloc(whole.room, sizeof *whole.what);
    parts.what = calloc(parts.room, sizeof *parts.what);
    FUZZ_MUST(whole.what != NULL && parts.what != NULL);
    ci_parmrk_reset(&decoder, split < 0xF0);
    feed(&decoder, raw, len, 0, &whole);
    ci_parmrk_reset(&decoder, split < 0xF0);
    for (size_t at = 0; at < len; at += piece)
        feed(&decoder, raw + at, len - at < piece ? len - at : piece, bite, &parts);
    FUZZ_MUST(whole.count == parts.count);
    FUZZ_MUST(memcmp(whole.what, parts.what, whole.count * sizeof *whole.what) == 0);
    FUZZ_MUST(split < 0xF0 || whole.count == len);
    free(whole.what);
    free(parts.what);
    return 0;
}
