/* SPDX-License-Identifier: MIT */
/* Whatever is appended comes out once, whole and in order, to every reader that keeps up; the
 * others know to the byte what they missed. */
#include "tests/tools/dice.h"
#include "tools/common/ring.h"

#include "harness.h"

#include <string.h>

/* Data byte number n of a ring, so that a reader can tell where it is. */
static uint8_t byte_at(uint64_t n)
{
    return (uint8_t)(n * 31 + (n >> 8));
}

static void append_some(struct ring *ring, size_t len, uint64_t stamp_ns)
{
    uint8_t some[1 << 12];

    for (size_t i = 0; i < len; i++)
        some[i] = byte_at(ring->bytes + i);
    ring_data(ring, len & 1 ? RING_TX : RING_RX, stamp_ns, some, len);
}

/* Reads up to `most` records and checks every byte. */
static void read_some(const struct ring *ring, struct ring_reader *reader, size_t most)
{
    struct ring_record record;

    while (most-- > 0 && ring_next(ring, reader, &record)) {
        uint64_t from = reader->bytes - record.len;
        size_t wrong = 0;

        if (record.kind != RING_DATA)
            continue;
        for (size_t i = 0; i < record.len; i++)
            wrong += record.data[i] != byte_at(from + i);
        CHECK_EQ(wrong, 0);
    }
}

static void every_reader_gets_everything_or_knows_what_it_missed(void)
{
    static const size_t limits[] = {1, 16 << 10, 100000, 1 << 20, 0};

    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        struct dice dice = {limits[i]};
        size_t most = limits[i] == 0 ? RING_LIMIT : limits[i] < 8192 ? 8192 : limits[i];
        struct ring ring;
        struct ring_reader quick, slow;

        CHECK(ring_init(&ring, limits[i]));
        ring_reader_oldest(&quick, &ring);
        ring_reader_oldest(&slow, &ring);
        for (int round = 0; round < 3000; round++) {
            append_some(&ring, dice_below(&dice, 1 << 12), (uint64_t)round);
            if (dice_below(&dice, 8) == 0)
                ring_event(&ring, RING_NOTICE, RING_RX, 0, (uint64_t)round, "something happened");
            read_some(&ring, &quick, SIZE_MAX);
            read_some(&ring, &slow, dice_below(&dice, 2));
            CHECK_EQ(ring_waiting(&ring, &quick), 0);
        }
        read_some(&ring, &slow, SIZE_MAX);
        CHECK_EQ(quick.lost, 0);
        CHECK_EQ(slow.bytes, ring.bytes);
        CHECK(slow.lost <= ring.dropped_bytes);
        CHECK(ring_resident(&ring) <= most);
        ring_fini(&ring);
    }
}

static void a_reader_that_reads_nothing_misses_what_was_dropped(void)
{
    struct ring ring;
    struct ring_reader asleep;
    struct ring_record record;

    CHECK(ring_init(&ring, 64 << 10));
    ring_reader_oldest(&asleep, &ring);
    while (ring.bytes < 1000000)
        append_some(&ring, 1200, 0);
    CHECK(ring_next(&ring, &asleep, &record));
    CHECK_EQ(asleep.lost, ring.dropped_bytes);
    CHECK(ring.dropped_bytes > 900000);
    CHECK_EQ(record.data[0], byte_at(asleep.lost));
    ring_fini(&ring);
}

static void events_keep_their_place_and_what_they_say(void)
{
    struct ring ring;
    struct ring_reader reader;
    struct ring_record record;

    CHECK(ring_init(&ring, 0));
    ring_reader_oldest(&reader, &ring);
    ring_data(&ring, RING_RX, 10, "abc", 3);
    ring_event(&ring, RING_ERROR, RING_RX, RING_FRAMING | RING_BREAK, 11, NULL);
    ring_data(&ring, RING_TX, 12, "d", 1);
    ring_event(&ring, RING_MARK, RING_RX, 7, 13, "DUT reset");
    CHECK(ring_next(&ring, &reader, &record));
    CHECK(record.len == 3 && memcmp(record.data, "abc", 3) == 0 && record.stamp_ns == 10);
    CHECK(ring_next(&ring, &reader, &record));
    CHECK(record.kind == RING_ERROR && record.detail == (RING_FRAMING | RING_BREAK));
    CHECK_EQ(record.len, 0);
    CHECK(ring_next(&ring, &reader, &record));
    CHECK(record.dir == RING_TX && record.stamp_ns == 12);
    CHECK(ring_next(&ring, &reader, &record));
    CHECK(record.kind == RING_MARK && record.detail == 7);
    CHECK(record.len == 9 && memcmp(record.data, "DUT reset", 9) == 0);
    CHECK(!ring_next(&ring, &reader, &record));
    ring_fini(&ring);
}

static void what_is_trimmed_is_given_back(void)
{
    struct ring ring;
    struct ring_reader reader;

    CHECK(ring_init(&ring, 0));
    ring_reader_oldest(&reader, &ring);
    CHECK_EQ(ring_resident(&ring), RING_FIRST_BLOCK);
    while (ring.bytes < 4000000)
        append_some(&ring, 4000, 0);
    CHECK(ring_resident(&ring) > 4000000);
    read_some(&ring, &reader, 500);
    ring_trim(&ring, reader.place);
    CHECK(ring_resident(&ring) < 2500000);
    read_some(&ring, &reader, SIZE_MAX);
    ring_trim(&ring, reader.place);
    CHECK(ring_resident(&ring) <= RING_BLOCK);
    /* and a reader that keeps up never needs more than a block */
    for (int i = 0; i < 10000; i++) {
        append_some(&ring, 1200, 0);
        read_some(&ring, &reader, SIZE_MAX);
        ring_trim(&ring, reader.place);
    }
    CHECK(ring_resident(&ring) <= 2 * RING_BLOCK);
    CHECK(reader.lost == 0 && ring.dropped_bytes == 0);
    CHECK_EQ(reader.bytes, ring.bytes);
    ring_fini(&ring);
}

COMM_TEST_MAIN(TEST(every_reader_gets_everything_or_knows_what_it_missed),
               TEST(a_reader_that_reads_nothing_misses_what_was_dropped),
               TEST(events_keep_their_place_and_what_they_say), TEST(what_is_trimmed_is_given_back))
