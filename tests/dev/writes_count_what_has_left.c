/* SPDX-License-Identifier: MIT */
/* What a line was given has not left yet: a write is over when all of it has, counts what has when
 * it is cut, and an immediate character on the way is neither lost nor taken for a part of it. */
#include "machine.h"

#include <string.h>

static void write_begins(struct machine *m, const char *text)
{
    ci_com_write_start(&m->com, text, strlen(text), m->now_ns);
}

static void a_write_is_over_once_all_of_it_has_left(void)
{
    struct machine m;
    struct ci_out out;

    machine_open(&m, 4096);
    write_begins(&m, "0123456789");
    for (size_t unsent = 6; unsent > 0; unsent -= 2) {
        CHECK(ci_com_next_out(&m.com, 4, &out));
        ci_com_gave(&m.com, &out, out.len);
        ci_com_unsent(&m.com, unsent);
        CHECK(!m.com.write.over);
    }
    CHECK(!ci_com_next_out(&m.com, 4, &out)); /* given whole */
    CHECK_EQ(m.com.write.done, 8);
    CHECK_EQ(m.com.stats.sent, 8);
    ci_com_unsent(&m.com, 0);
    CHECK(m.com.write.over);
    CHECK_EQ(m.com.write.status, STATUS_SUCCESS);
    CHECK_EQ(m.com.write.done, 10);
    CHECK_EQ(m.com.stats.sent, 10);
    machine_close(&m);
}

static void a_cut_write_counts_what_has_left(void)
{
    static const struct {
        const char *when;
        size_t given, seen, unsent; /* unsent: when somebody looked, and at the end */
        size_t done;
    } cases[] = {
        {"nothing was given",                 0,  0,  0, 0 },
        {"some was given and left",           6,  0,  0, 6 },
        {"some of it left",                   6,  5,  2, 4 },
        {"none of it left",                   6,  6,  6, 0 },
        {"all of it left",                    10, 1,  0, 10},
        {"the line has something else, too",  6,  20, 9, 0 },
        {"and what had left before has left", 6,  2,  7, 4 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct machine m;
        struct ci_out out;

        machine_open(&m, 4096);
        write_begins(&m, "0123456789");
        if (ci_com_next_out(&m.com, cases[i].given, &out))
            ci_com_gave(&m.com, &out, out.len);
        if (cases[i].seen > 0)
            ci_com_unsent(&m.com, cases[i].seen);
        ci_com_write_cut(&m.com, cases[i].unsent, STATUS_CANCELLED);
        CHECK(m.com.write.over);
        CHECK_EQ_WHEN(cases[i].when, m.com.write.status, STATUS_CANCELLED);
        CHECK_EQ_WHEN(cases[i].when, m.com.write.done, cases[i].done);
        CHECK_EQ_WHEN(cases[i].when, m.com.stats.sent, cases[i].done);
        ci_com_write_cut(&m.com, 0, STATUS_TIMEOUT); /* once */
        CHECK_EQ_WHEN(cases[i].when, m.com.write.status, STATUS_CANCELLED);
        CHECK(!ci_com_sending(&m.com)); /* S43: the rest is never sent */
        machine_close(&m);
    }
}

/* The line has three bytes of the write still, and behind them the character. */
static void give_six_and_a_character(struct machine *m)
{
    struct ci_out out;

    write_begins(m, "0123456789");
    CHECK(ci_com_next_out(&m->com, 6, &out));
    ci_com_gave(&m->com, &out, out.len);
    ci_com_char_start(&m->com, 'c', m->now_ns);
    CHECK(ci_com_next_out(&m->com, 6, &out));
    CHECK_EQ(out.bytes[0], 'c');
    ci_com_gave(&m->com, &out, out.len);
    ci_com_unsent(&m->com, 4);
}

static void a_character_in_the_line_is_none_of_the_write(void)
{
    struct machine m;

    machine_open(&m, 4096);
    give_six_and_a_character(&m);
    CHECK_EQ(m.com.write.done, 3);
    CHECK(!m.com.imm.over);
    ci_com_unsent(&m.com, 1);
    CHECK_EQ(m.com.write.done, 6);
    CHECK(!m.com.imm.over);
    ci_com_unsent(&m.com, 0);
    CHECK_EQ(m.com.write.done, 6);
    CHECK(m.com.imm.over);
    CHECK_EQ(m.com.imm.status, STATUS_SUCCESS);
    CHECK_EQ(m.com.stats.sent, 7);
    machine_close(&m);
}

/* What a cut takes back from the line may have a character in it, which nobody has cancelled. */
static void a_character_that_was_taken_back_goes_again(void)
{
    struct machine m;

    machine_open(&m, 4096);
    give_six_and_a_character(&m);
    ci_com_write_cut(&m.com, 4, STATUS_CANCELLED);
    CHECK_EQ(m.com.write.done, 3);
    ci_com_unsent(&m.com, 0);
    CHECK(!m.com.imm.over);
    machine_send(&m, 1);
    CHECK(machine_sent(&m, "c", 1));
    ci_com_unsent(&m.com, 1);
    CHECK(!m.com.imm.over);
    ci_com_unsent(&m.com, 0);
    CHECK(m.com.imm.over);
    CHECK_EQ(m.com.stats.sent, 4);
    machine_close(&m);
}

/* Out already, or out by another way than the queue. */
static void a_character_that_is_out_does_not_go_again(void)
{
    for (int past = 0; past < 2; past++) {
        struct machine m;
        struct ci_out out;

        machine_open(&m, 4096);
        ci_com_char_start(&m.com, 'c', m.now_ns);
        write_begins(&m, "0123456789");
        CHECK(ci_com_next_out(&m.com, 6, &out));
        out.past = past != 0;
        ci_com_gave(&m.com, &out, out.len);
        CHECK(ci_com_next_out(&m.com, 6, &out));
        ci_com_gave(&m.com, &out, out.len);
        ci_com_write_cut(&m.com, 6, STATUS_CANCELLED);
        CHECK_EQ(m.com.write.done, 0);
        CHECK(!ci_com_sending(&m.com));
        ci_com_unsent(&m.com, 0);
        CHECK(m.com.imm.over);
        CHECK_EQ(m.com.stats.sent, 1);
        machine_close(&m);
    }
}

COMM_TEST_MAIN(TEST(a_write_is_over_once_all_of_it_has_left),
               TEST(a_cut_write_counts_what_has_left),
               TEST(a_character_in_the_line_is_none_of_the_write),
               TEST(a_character_that_was_taken_back_goes_again),
               TEST(a_character_that_is_out_does_not_go_again))
