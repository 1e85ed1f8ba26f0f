/* SPDX-License-Identifier: MIT */
/* PARMRK: what a tty marks in its input is found again wherever one read ends and the next begins,
 * and nothing that is no mark is lost or changed. */
#include "harness.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "libcomm/dev/serial/parmrk.h"

#define MOST 64u
#define DAMAGED 0x100u /* beside the byte */

/* What came out, byte by byte. */
struct decoded {
    unsigned what[MOST];
    size_t count;
};

/* So much of each run is taken at a time: 0 is all of it. */
static void feed(struct ci_parmrk *decoder, const uint8_t *raw, size_t len, size_t bite,
                 struct decoded *to)
{
    struct ci_parmrk_run run;
    uint8_t copy[MOST]; /* at its very end, so that a sanitizer sees a look beyond it */

    memcpy(copy + MOST - len, raw, len);
    ci_parmrk_feed(decoder, copy + MOST - len, len);
    while (ci_parmrk_next(decoder, &run)) {
        size_t taken = bite == 0 || bite > run.len ? run.len : bite;

        for (size_t i = 0; i < taken && to->count < MOST; i++)
            to->what[to->count++] = run.bytes[i] | (run.damaged ? DAMAGED : 0);
        ci_parmrk_took(decoder, &run, taken);
    }
}

/* The same, one byte at a time and without cleverness. */
static void decode_plainly(const uint8_t *raw, size_t len, struct decoded *to)
{
    for (size_t i = 0; i < len; i++) {
        if (raw[i] != 0xFF || i + 1 == len) {
            if (raw[i] != 0xFF)
                to->what[to->count++] = raw[i];
        } else if (raw[i + 1] == 0xFF) {
            to->what[to->count++] = raw[++i];
        } else if (raw[i + 1] != 0) {
            to->what[to->count++] = raw[i];
        } else {
            if (i + 2 < len)
                to->what[to->count++] = raw[i + 2] | DAMAGED;
            i += 2;
        }
    }
}

static bool same(const struct decoded *a, const struct decoded *b)
{
    return a->count == b->count && memcmp(a->what, b->what, a->count * sizeof a->what[0]) == 0;
}

/* Bit i of `cuts`: a read ends behind byte i. */
static void decode_cut(const uint8_t *raw, size_t len, uint64_t cuts, size_t bite,
                       struct decoded *to)
{
    struct ci_parmrk decoder;
    size_t from = 0;

    ci_parmrk_reset(&decoder, true);
    for (size_t i = 0; i < len; i++) {
        if ((cuts >> i & 1) != 0 || i + 1 == len) {
            feed(&decoder, raw + from, i + 1 - from, bite, to);
            from = i + 1;
        }
    }
}

static void every_split_gives_the_same(void)
{
    static const uint8_t raw[] = {0x41, 0xFF, 0xFF, 0xFF, 0x00, 0x42, 0xFF, 0x00, 0x00, 0x43};
    static const struct decoded expected = {
        .what = {0x41, 0xFF, 0x42 | DAMAGED, 0x00 | DAMAGED, 0x43},
          .count = 5
    };

    for (uint64_t cuts = 0; cuts < 1u << (sizeof raw - 1); cuts++) {
        for (size_t bite = 0; bite <= 2; bite++) {
            struct decoded got = {.count = 0};

            decode_cut(raw, sizeof raw, cuts, bite, &got);
            if (!CHECK(same(&got, &expected)))
                return;
        }
    }
}

/* Mostly FF and 00, so that whatever can meet does. */
static uint8_t random_byte(unsigned *seed)
{
    static const uint8_t often[] = {0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x41};
    unsigned n = (unsigned)rand_r(seed);

    return n % 8 < ARRAY_LEN(often) ? often[n % 8] : (uint8_t)(n >> 8);
}

static void anything_decodes_as_it_does_byte_by_byte(void)
{
    unsigned seed = 126;

    for (int round = 0; round < 100000; round++) {
        size_t len = 1 + (size_t)rand_r(&seed) % 40, bite = (size_t)rand_r(&seed) % 4;
        uint64_t cuts = (uint64_t)rand_r(&seed) << 31 | (uint64_t)rand_r(&seed);
        struct decoded got = {.count = 0}, expected = {.count = 0};
        uint8_t raw[40];

        for (size_t i = 0; i < len; i++)
            raw[i] = random_byte(&seed);
        decode_plainly(raw, len, &expected);
        decode_cut(raw, len, cuts, bite, &got);
        if (!CHECK(same(&got, &expected)))
            return;
    }
}

static void clean_bytes_are_one_run_where_they_were_read(void)
{
    uint8_t raw[256];
    struct ci_parmrk decoder;
    struct ci_parmrk_run run;

    for (size_t i = 0; i < 255; i++)
        raw[i] = (uint8_t)i;
    raw[255] = 0;
    ci_parmrk_reset(&decoder, true);
    ci_parmrk_feed(&decoder, raw, sizeof raw);
    CHECK(ci_parmrk_next(&decoder, &run));
    CHECK(run.bytes == raw && run.len == sizeof raw && !run.damaged);
    ci_parmrk_took(&decoder, &run, 10);
    CHECK(ci_parmrk_next(&decoder, &run)); /* what was not taken comes again */
    CHECK(run.bytes == raw + 10 && run.len == sizeof raw - 10);
    ci_parmrk_took(&decoder, &run, 0);
    CHECK(ci_parmrk_next(&decoder, &run));
    CHECK(run.bytes == raw + 10 && run.len == sizeof raw - 10);
    ci_parmrk_took(&decoder, &run, run.len);
    CHECK(!ci_parmrk_next(&decoder, &run));
}

static void unmarked_input_is_what_it_is(void)
{
    static const uint8_t raw[] = {0xFF, 0xFF, 0xFF, 0x00, 0x42, 0xFF};
    struct ci_parmrk decoder;
    struct ci_parmrk_run run;

    ci_parmrk_reset(&decoder, false);
    ci_parmrk_feed(&decoder, raw, sizeof raw);
    CHECK(ci_parmrk_next(&decoder, &run));
    CHECK(run.bytes == raw && run.len == sizeof raw && !run.damaged);
}

static void a_reset_forgets_half_a_mark(void)
{
    static const uint8_t half[] = {0xFF, 0x00}, data[] = {0x42};
    struct decoded got = {.count = 0};
    struct ci_parmrk decoder;

    for (size_t len = 1; len <= sizeof half; len++) {
        ci_parmrk_reset(&decoder, true);
        feed(&decoder, half, len, 0, &got);
        ci_parmrk_reset(&decoder, true);
        feed(&decoder, data, 1, 0, &got);
    }
    CHECK_EQ(got.count, 2);
    CHECK_EQ(got.what[0], 0x42);
    CHECK_EQ(got.what[1], 0x42);
}

COMM_TEST_MAIN(TEST(every_split_gives_the_same), TEST(anything_decodes_as_it_does_byte_by_byte),
               TEST(clean_bytes_are_one_run_where_they_were_read),
               TEST(unmarked_input_is_what_it_is), TEST(a_reset_forgets_half_a_mark))
