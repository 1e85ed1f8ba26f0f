/* SPDX-License-Identifier: MIT */
/* Bytes are stamped as they come, so that a read can say when its first one did, however long it
 * lay in the type-ahead.  There are so many stamps and no more: then one says "not before". */
#include "machine.h"

#define MS CI_NS_PER_MS

/* `len` of them, so long after the last ones. */
static uint64_t come_after(struct machine *m, uint64_t pause_ns, size_t len)
{
    m->now_ns += pause_ns;
    machine_come(m, len);
    return m->now_ns;
}

static uint64_t first_of(struct machine *m, size_t len)
{
    machine_take(m, len);
    return m->com.read.first_ns;
}

static void it_is_when_the_byte_came_and_not_when_it_was_read(void)
{
    struct machine m;
    uint64_t a, b;

    machine_open(&m, 4096);
    a = come_after(&m, 0, 3);
    b = come_after(&m, 7 * MS, 3);
    m.now_ns += 100 * MS;
    CHECK_EQ(first_of(&m, 2), a);
    CHECK_EQ(first_of(&m, 2), a); /* one of each */
    CHECK_EQ(first_of(&m, 2), b);
    CHECK_EQ(first_of(&m, 2), 0); /* nothing */
    machine_close(&m);
}

static void a_read_that_waits_takes_the_first_of_what_comes(void)
{
    struct machine m;
    uint64_t a;

    machine_open(&m, 4096);
    machine_read(&m, 4);
    CHECK_EQ(m.com.read.first_ns, 0);
    a = come_after(&m, 5 * MS, 1);
    come_after(&m, 5 * MS, 3);
    CHECK(m.over);
    CHECK_EQ(m.com.read.first_ns, a);
    a = come_after(&m, 5 * MS, 1);
    machine_read(&m, 2);
    come_after(&m, 5 * MS, 1);
    CHECK_EQ(m.com.read.first_ns, a); /* it was there before */
    machine_close(&m);
}

static void a_stamp_goes_with_its_bytes(void)
{
    struct machine m;
    uint64_t a;

    machine_open(&m, 8);
    for (unsigned i = 0; i < 10 * CI_STAMPS; i++) { /* around and around */
        a = come_after(&m, MS, 3);
        CHECK_EQ(first_of(&m, i % 2 == 0 ? 1 : 3), a);
        if (i % 2 == 0)
            CHECK_EQ(first_of(&m, 8), a);
    }
    come_after(&m, MS, 3);
    ci_com_purge(&m.com);
    a = come_after(&m, MS, 1);
    CHECK_EQ(first_of(&m, 1), a);
    machine_close(&m);
}

static void bytes_for_which_there_is_no_room_leave_none(void)
{
    struct machine m;
    uint64_t a;

    machine_open(&m, 4);
    a = come_after(&m, 0, 4);
    come_after(&m, MS, 4);
    CHECK_EQ(m.com.rx.stamps, 1);
    CHECK_EQ(first_of(&m, 4), a);
    machine_close(&m);
}

static void without_a_stamp_the_one_before_stands_for_it(void)
{
    uint64_t came[CI_STAMPS + 8];
    struct machine m;

    machine_open(&m, 4096);
    for (size_t i = 0; i < ARRAY_LEN(came); i++)
        came[i] = come_after(&m, MS, 1);
    for (size_t i = 0; i < ARRAY_LEN(came); i++)
        CHECK_EQ(first_of(&m, 1), came[i < CI_STAMPS ? i : CI_STAMPS - 1]);
    machine_close(&m);
}

/* What a bigger type-ahead takes over are the bytes and their stamps, and no others. */
static void growing_keeps_the_stamps_that_are_needed(void)
{
    uint64_t came[CI_STAMPS];
    struct machine m;

    machine_open(&m, 4096);
    for (size_t i = 0; i < CI_STAMPS; i++)
        came[i] = come_after(&m, MS, 1);
    first_of(&m, CI_STAMPS - 1);
    CHECK_EQ(ci_com_grow(&m.com, 5000), 0);
    for (size_t i = 0; i < CI_STAMPS - 1; i++)
        came[i] = come_after(&m, MS, 1);
    CHECK_EQ(first_of(&m, 1), came[CI_STAMPS - 1]);
    for (size_t i = 0; i < CI_STAMPS - 1; i++)
        CHECK_EQ(first_of(&m, 1), came[i]);
    machine_close(&m);
}

COMM_TEST_MAIN(TEST(it_is_when_the_byte_came_and_not_when_it_was_read),
               TEST(a_read_that_waits_takes_the_first_of_what_comes),
               TEST(a_stamp_goes_with_its_bytes), TEST(bytes_for_which_there_is_no_room_leave_none),
               TEST(without_a_stamp_the_one_before_stands_for_it),
               TEST(growing_keeps_the_stamps_that_are_needed))
