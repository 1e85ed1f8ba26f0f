/* SPDX-License-Identifier: MIT */
/* What a capture writes holds every byte of the ring once, whatever the format, the reads and the
 * files it was cut into, and its lines read as the screens do. */
#include "tests/tools/dice.h"
#include "tools/common/capture.h"

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MS ((uint64_t)1000000)
#define HOUR ((uint64_t)3600000000000)

/* 11:31:02.113904 at stamp 0 */
static const struct stamp_base base = {.wall_ns = 1730806262113904000};

/* A ring with everything in it. */
static void fill(struct ring *ring, unsigned seed, struct dice *cuts)
{
    struct dice dice = {seed};
    static uint8_t bytes[500];

    CHECK(ring_init(ring, 0));
    for (unsigned n = 0; n < 40; n++) {
        size_t len = 1 + dice_below(&dice, sizeof(bytes));
        enum ring_dir dir = dice_below(&dice, 4) == 0 ? RING_TX : RING_RX;

        dice_bytes(&dice, bytes, len);
        for (size_t at = 0; at < len;) {
            size_t part = cuts == NULL ? len : 1 + dice_below(cuts, 20);

            part = part > len - at ? len - at : part;
            ring_data(ring, dir, n * MS, bytes + at, part);
            at += part;
        }
        if (n % 10 == 9)
            ring_event(ring, RING_ERROR, RING_RX, RING_PARITY, n * MS, NULL);
        if (n % 16 == 15)
            ring_event(ring, RING_MARK, RING_RX, n, n * MS, "here");
    }
}

/* Everything a capture writes, all files in a row; gives how many. */
static unsigned run(const struct ring *ring, const struct capture_options *options,
                    struct bytes *all)
{
    struct capture capture;
    struct ring_reader reader;
    struct ring_record record;
    unsigned files = 1;

    capture_init(&capture, options, &base);
    capture_begin(&capture, 0);
    ring_reader_oldest(&reader, ring);
    while (ring_next(ring, &reader, &record)) {
        if (capture_rotates(&capture, &record)) {
            capture_end(&capture);
            CHECK(options->rotate_bytes == 0 || capture.written >= options->rotate_bytes);
            capture_begin(&capture, record.stamp_ns);
            files++;
        }
        capture_record(&capture, &record);
    }
    capture_end(&capture);
    CHECK_EQ(capture.data, ring->bytes);
    bytes_add(all, capture.out.data, capture.out.len);
    capture_fini(&capture);
    return files;
}

static void raw_is_what_came(void)
{
    struct ring ring;
    struct ring_reader reader;
    struct ring_record record;
    struct bytes all = {.data = NULL}, expected = {.data = NULL};

    fill(&ring, 1, NULL);
    ring_reader_oldest(&reader, &ring);
    while (ring_next(&ring, &reader, &record)) {
        if (record.kind == RING_DATA && record.dir == RING_RX)
            bytes_add(&expected, record.data, record.len);
    }
    run(&ring, &(struct capture_options){.format = CAPTURE_RAW, .rotate_bytes = 100}, &all);
    CHECK_EQ(all.len, expected.len);
    CHECK(all.len == expected.len && memcmp(all.data, expected.data, all.len) == 0);
    bytes_fini(&all);
    bytes_fini(&expected);
    ring_fini(&ring);
}

static void files_and_reads_make_no_difference(void)
{
    static const enum capture_format kinds[] = {CAPTURE_TEXT, CAPTURE_HEX};

    for (unsigned round = 0; round < 20; round++) {
        struct ring whole, cut;
        struct dice cuts = {round};
        struct bytes one = {.data = NULL}, other = {.data = NULL};
        struct capture_options options = {
            .format = kinds[round % 2], .stamp = STAMP_START, .strip = round & 2};

        fill(&whole, round, NULL);
        fill(&cut, round, &cuts);
        CHECK_EQ(run(&whole, &options, &one), 1);
        options.rotate_bytes = 500;
        CHECK(run(&cut, &options, &other) > 3);
        CHECK_EQ(one.len, other.len);
        CHECK(one.len == other.len && memcmp(one.data, other.data, one.len) == 0);
        bytes_fini(&one);
        bytes_fini(&other);
        ring_fini(&whole);
        ring_fini(&cut);
    }
}

static void add(struct ring *ring, uint64_t at_ms, enum ring_dir dir, const char *text)
{
    ring_data(ring, dir, at_ms * MS, text, strlen(text));
}

static void check_written(const char *when, const struct ring *ring, struct capture_options options,
                          const char *expected)
{
    struct bytes all = {.data = NULL};

    run(ring, &options, &all);
    comm_check(all.data != NULL && strcmp(all.data, expected) == 0, __FILE__, __LINE__,
               "%s:\n%s\ninstead of\n%s", when, all.data == NULL ? "nothing" : all.data, expected);
    bytes_fini(&all);
}

static void lines_read_as_on_the_screen(void)
{
    struct ring ring;

    CHECK(ring_init(&ring, 0));
    ring_event(&ring, RING_NOTICE, RING_RX, 0, 0, "connected");
    add(&ring, 10, RING_RX, "=> ");
    add(&ring, 20, RING_TX, "run\r");
    add(&ring, 21, RING_RX, "caf\xe9\r");
    add(&ring, 22, RING_RX, "\n\033[1mb\033[0mold\n");
    ring_event(&ring, RING_ERROR, RING_RX, RING_FRAMING, 22 * MS, NULL);
    ring_event(&ring, RING_LINES, RING_RX, RING_CTS << 8, 23 * MS, NULL);
    ring_event(&ring, RING_MARK, RING_RX, 1, 24 * MS, "DUT \"reset\"");
    check_written(
        "text", &ring,
        (struct capture_options){.format = CAPTURE_TEXT, .stamp = STAMP_CLOCK, .strip = true},
        "11:31:02.113904 * connected\n11:31:02.123904 < => \n"
        "11:31:02.133904 > run\n11:31:02.134904 < caf\xe9\n"
        "11:31:02.135904 < bold\n11:31:02.135904 ! framing error\n"
        "11:31:02.136904 * CTS off\n11:31:02.137904 * [mark 1] DUT \"reset\"\n");
    check_written(
        "jsonl", &ring, (struct capture_options){.format = CAPTURE_JSONL},
        "{\"t\":\"1730806262.113904\",\"kind\":\"notice\",\"text\":\"connected\"}\n"
        "{\"t\":\"1730806262.123904\",\"kind\":\"data\",\"dir\":\"rx\",\"text\":\"=> \"}\n"
        "{\"t\":\"1730806262.133904\",\"kind\":\"data\",\"dir\":\"tx\",\"text\":\"run\\r\"}\n"
        "{\"t\":\"1730806262.134904\",\"kind\":\"data\",\"dir\":\"rx\",\"hex\":\"636166e90d\"}\n"
        "{\"t\":\"1730806262.135904\",\"kind\":\"data\",\"dir\":\"rx\",\"text\":"
        "\"\\n\\u001b[1mb\\u001b[0mold\\n\"}\n"
        "{\"t\":\"1730806262.135904\",\"kind\":\"error\",\"dir\":\"rx\",\"errors\":[\"framing\"]}\n"
        "{\"t\":\"1730806262.136904\",\"kind\":\"lines\",\"on\":[],\"changed\":[\"cts\"]}\n"
        "{\"t\":\"1730806262.137904\",\"kind\":\"mark\",\"n\":1,\"text\":\"DUT \\\"reset\\\"\"}\n");
    ring_fini(&ring);

    CHECK(ring_init(&ring, 0));
    add(&ring, 0, RING_RX, "0123456789abcdefg\r\n");
    check_written("hex", &ring, (struct capture_options){.format = CAPTURE_HEX},
                  "< 30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
                  "< 67 0d 0a                                          |g..|\n");
    ring_fini(&ring);
}

static void a_new_file_is_due_by_the_clock(void)
{
    struct ring ring;
    struct bytes all = {.data = NULL};
    struct capture_options options = {.format = CAPTURE_RAW, .rotate_ns = HOUR};

    CHECK(ring_init(&ring, 0));
    for (unsigned minute = 0; minute < 120; minute++)
        add(&ring, minute * 60000u, RING_RX, "x");
    /* from 11:31 to 13:30 */
    CHECK_EQ(run(&ring, &options, &all), 3);
    CHECK_EQ(all.len, 120);
    bytes_fini(&all);
    ring_fini(&ring);
}

static void names_are_made_from_templates(void)
{
    char name[64];

    CHECK(capture_name(name, sizeof(name), "a/{profile}-{port}-%Y%m%d-%H%M.{n}{x}", &base, 0,
                       "/dev/ttyUSB0", "psu", 3));
    CHECK(strcmp(name, "a/psu--dev-ttyUSB0-20241105-1131.3{x}") == 0);
    CHECK(!capture_name(name, 10, "{port}", &base, 0, "/dev/ttyUSB0", "", 0));
    CHECK(!capture_name(name, 4, "%Y", &base, 0, "", "", 0));
    CHECK(capture_name(name, 5, "%Y", &base, 0, "", "", 0));
}

COMM_TEST_MAIN(TEST(raw_is_what_came), TEST(files_and_reads_make_no_difference),
               TEST(lines_read_as_on_the_screen), TEST(a_new_file_is_due_by_the_clock),
               TEST(names_are_made_from_templates))
