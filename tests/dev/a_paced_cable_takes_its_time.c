/* SPDX-License-Identifier: MIT */
/* A paced cable between two lines on the real clock: whoever does what the lines' deadlines say
 * gets everything, nothing early, and what did not leave can be taken back to the byte. */
#include "cablerig.h"

#define BAUD 57600u
#define CHAR_NS 173612u /* 8N1 */

static void check_not_early(uint64_t began_ns, size_t arrived)
{
    CHECK(ci_now_ns() - began_ns >= arrived * (CHAR_NS - 1));
}

static void rig_paced(struct rig *rig)
{
    rig_open(rig, CI_CABLE_PACED);
    rig_configure(rig, 0, BAUD, 8, NOPARITY);
    rig_configure(rig, 1, BAUD, 8, NOPARITY);
}

static void bytes_are_never_early_and_all_arrive(void)
{
    static uint8_t sent[500], back[500];
    uint64_t began;
    size_t given = 0, got = 0;
    struct rig rig;

    rig_paced(&rig);
    for (size_t i = 0; i < sizeof sent; i++)
        sent[i] = (uint8_t)(i * 13);
    began = ci_now_ns();
    do {
        struct ci_line *line = rig.line[0];
        struct ci_run run;

        got += rig_take(&rig, 1, back + got, sizeof back - got);
        check_not_early(began, got);
        CHECK_EQ(line->ops->next(line, &run), 0); /* as a port begins to look */
        if (line->ops->window(line) > 0 && given < sizeof sent)
            given += rig_send(&rig, 0, sent + given, sizeof sent - given);
    } while (got < sizeof sent && rig_sleep(&rig));
    CHECK_EQ(got, sizeof sent);
    CHECK(memcmp(sent, back, sizeof sent) == 0);
    CHECK(rig.line[0]->ops->idle(rig.line[0]));
    rig_close(&rig);
}

static void the_deadlines_of_one_end_are_enough_for_it(void)
{
    struct rig rig;
    struct ci_line *line;
    struct ci_run run;

    rig_paced(&rig);
    line = rig.line[0];
    rig_send(&rig, 0, "0123456789", 10);
    while (!line->ops->idle(line)) {
        _Atomic uint32_t nobody = 0;
        uint64_t due = line->ops->deadline_ns(line);

        if (!CHECK(due != CI_NEVER))
            break;
        ci_sys_futex_wait(&nobody, 0, due);
        CHECK_EQ(line->ops->next(line, &run), 0);
    }
    CHECK_EQ(line->ops->next(line, &run), 0);
    CHECK_EQ(line->ops->deadline_ns(line), CI_NEVER); /* and then it may sleep */
    CHECK_ARRIVED(&rig, 1, "0123456789");
    rig_close(&rig);
}

/* What the other end's look has moved, this end has not seen. */
static void what_the_other_end_sets_going_brings_this_end_to_look(void)
{
    struct rig rig;
    struct ci_line *line;
    struct ci_run run;
    char two[2];

    rig_paced(&rig);
    line = rig.line[0];
    rig_send(&rig, 0, "ab", 2);
    for (size_t got = 0; got < 2; got += rig_take(&rig, 1, two, 2 - got))
        rig_sleep(&rig);
    CHECK(line->ops->deadline_ns(line) <= ci_now_ns());
    CHECK_EQ(line->ops->next(line, &run), 0);
    CHECK_EQ(line->ops->unsent(line), 0);
    CHECK_EQ(line->ops->deadline_ns(line), CI_NEVER);
    rig_close(&rig);
}

static void what_was_given_left_or_was_taken_back(void)
{
    static const uint8_t block[1000];
    uint8_t back[1000];
    struct rig rig;

    rig_paced(&rig);
    for (int round = 0; round < 30; round++) {
        struct ci_line *line = rig.line[0];
        uint64_t sent_before = rig_sent(&rig, 0);
        size_t given = rig_send(&rig, 0, block, sizeof block), got = 0;
        size_t unsent;

        for (int i = 0; i < round % 4; i++) {
            rig_sleep(&rig);
            got += rig_take(&rig, 1, back, sizeof back);
        }
        line->ops->hold(line, true);
        unsent = line->ops->unsent(line);
        CHECK(line->ops->drop_output(line));
        line->ops->hold(line, false);
        while (!line->ops->idle(line))
            rig_sleep(&rig);
        got += rig_take(&rig, 1, back, sizeof back);
        CHECK_EQ(got, given - unsent);
        CHECK_EQ(rig_sent(&rig, 0) - sent_before, got);
    }
    rig_close(&rig);
}

static void a_held_end_keeps_what_it_has(void)
{
    struct rig rig;

    rig_paced(&rig);
    rig.line[0]->ops->hold(rig.line[0], true);
    rig_send(&rig, 0, "abc", 3);
    CHECK_EQ(rig.line[0]->ops->unsent(rig.line[0]), 3);
    CHECK(!rig_sleep(&rig)); /* no time changes that */
    rig.line[0]->ops->hold(rig.line[0], false);
    while (!rig.line[0]->ops->idle(rig.line[0]))
        rig_sleep(&rig);
    CHECK_ARRIVED(&rig, 1, "abc");
    rig_close(&rig);
}

static void closing_lets_what_is_under_way_leave(void)
{
    struct rig rig;
    uint64_t began;

    rig_paced(&rig);
    rig_send(&rig, 0, "0123456789", 10);
    began = ci_now_ns();
    rig.line[0]->ops->close(rig.line[0], true, 5000 * CI_NS_PER_MS);
    check_not_early(began, 10);
    CHECK_ARRIVED(&rig, 1,
                  "0\x11"
                  "123456789"); /* XON overtakes what waits */
    rig_close(&rig);
}

static void closing_has_no_more_patience_than_it_is_given(void)
{
    struct rig rig;
    uint64_t began = ci_now_ns();

    rig_paced(&rig);
    rig_configure(&rig, 0, 300, 8, NOPARITY); /* 33 ms each */
    rig_send(&rig, 0, "0123456789012345", 16);
    rig.line[0]->ops->close(rig.line[0], false, CI_NS_PER_MS);
    CHECK(ci_now_ns() - began < 16 * 33 * CI_NS_PER_MS);
    CHECK_EQ(rig.line[1]->ops->unsent(rig.line[1]), 0);
    while (rig_sleep(&rig) && rig_sent(&rig, 0) < 1)
        ;
    CHECK_ARRIVED(&rig, 1, "0"); /* was in the shift register */
    rig_close(&rig);
}

static void closing_does_not_wait_for_what_is_held(void)
{
    struct rig rig;

    rig_paced(&rig);
    rig.line[0]->ops->hold(rig.line[0], true);
    rig_send(&rig, 0, "0123456789", 10);
    rig.line[0]->ops->close(rig.line[0], false, CI_NEVER); /* or it never ends */
    CHECK_EQ(rig_sent(&rig, 0), 0);
    rig_close(&rig);
}

static void what_is_injected_is_there_at_once(void)
{
    struct rig rig;

    rig_paced(&rig);
    CHECK_EQ(ci_cable_inject(rig.cable, 1, (const uint8_t *)"!!", 2, CI_BAD_FRAME), 0);
    CHECK(rig.line[1]->ops->deadline_ns(rig.line[1]) <= ci_now_ns());
    CHECK_ARRIVED_BAD(&rig, 1, "!!", CI_BAD_FRAME);
    rig_close(&rig);
}

COMM_TEST_MAIN(TEST(bytes_are_never_early_and_all_arrive),
               TEST(the_deadlines_of_one_end_are_enough_for_it),
               TEST(what_the_other_end_sets_going_brings_this_end_to_look),
               TEST(what_was_given_left_or_was_taken_back), TEST(a_held_end_keeps_what_it_has),
               TEST(closing_lets_what_is_under_way_leave),
               TEST(closing_has_no_more_patience_than_it_is_given),
               TEST(closing_does_not_wait_for_what_is_held),
               TEST(what_is_injected_is_there_at_once))
