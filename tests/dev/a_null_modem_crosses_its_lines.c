/* SPDX-License-Identifier: MIT */
/* A simulated cable as two lines, unpaced: what one end sends and drives the other has at once,
 * what comes from outside it has too, and nobody need be told of it under a lock. */
#include "cablerig.h"

#include "child.h"

#define BOTH (CI_OUT_DTR | CI_OUT_RTS)
#define RING 65536u /* what a direction holds */

/* ---- bytes ---- */

static void bytes_are_there_at_once_both_ways(void)
{
    struct rig rig;

    rig_open(&rig, 0);
    CHECK_EQ(rig_send(&rig, 0, "hello", 5), 5);
    CHECK_EQ(rig_send(&rig, 1, "you", 3), 3);
    CHECK_EQ(rig.line[0]->ops->unsent(rig.line[0]), 0);
    CHECK(rig.line[0]->ops->idle(rig.line[0]));
    CHECK_EQ(rig.line[0]->ops->deadline_ns(rig.line[0]), CI_NEVER);
    CHECK_ARRIVED(&rig, 1, "hello");
    CHECK_ARRIVED(&rig, 0, "you");
    CHECK_ARRIVED(&rig, 0, "");
    rig_close(&rig);
}

static void what_is_not_taken_comes_again(void)
{
    struct rig rig;
    char two[2];

    rig_open(&rig, 0);
    rig_send(&rig, 0, "abcde", 5);
    CHECK_EQ(rig_take(&rig, 1, two, 2), 2);
    CHECK_ARRIVED(&rig, 1, "cde");
    rig_send(&rig, 0, "xyz", 3);
    rig.line[1]->ops->drop_input(rig.line[1]);
    CHECK_ARRIVED(&rig, 1, "");
    rig_close(&rig);
}

static void a_full_ring_takes_no_more_until_some_is_taken(void)
{
    static char block[RING], back[RING];
    struct rig rig;

    rig_open(&rig, 0);
    for (size_t i = 0; i < RING; i++)
        block[i] = (char)(i * 7);
    CHECK_EQ(rig_send(&rig, 0, block, 1000), 1000);
    CHECK_EQ(rig_take(&rig, 1, back, 1000), 1000); /* so that it wraps */
    CHECK_EQ(rig_send(&rig, 0, block, RING), RING);
    CHECK_EQ(rig.line[0]->ops->send(rig.line[0], (const uint8_t *)"x", 1), -EAGAIN);
    CHECK_EQ(rig.line[0]->ops->send_flow(rig.line[0], 0x13, true), -EAGAIN);
    CHECK_EQ(rig_take(&rig, 1, back, 10), 10);
    CHECK_EQ(rig_send(&rig, 0, "0123456789ab", 12), 10);
    CHECK_EQ(rig_take(&rig, 1, back + 10, RING - 10), RING - 10);
    CHECK(memcmp(block, back, RING) == 0);
    CHECK_ARRIVED(&rig, 1, "0123456789");
    CHECK_EQ(rig_inputs(&rig, 1).buffer_overruns, 0);
    rig_close(&rig);
}

static void bytes_to_an_end_that_is_not_open_vanish(void)
{
    static char block[2 * RING];
    struct rig rig;

    rig_open(&rig, 0);
    rig_send(&rig, 0, "old", 3);
    rig_unplug(&rig, 1);
    CHECK_EQ(rig_send(&rig, 0, block, sizeof block), sizeof block);
    CHECK_EQ(ci_cable_inject(rig.cable, 1, (const uint8_t *)"new", 3, 0), 0);
    CHECK_EQ(rig_sent(&rig, 0), 3 + sizeof block);
    rig_plug(&rig, 1);
    CHECK_ARRIVED(&rig, 1, "");
    rig_close(&rig);
}

static void only_as_many_bits_travel_as_the_sender_has(void)
{
    struct rig rig;

    rig_open(&rig, 0);
    rig_configure(&rig, 0, 9600, 7, EVENPARITY);
    rig_send(&rig, 0, "\xf1\x8a\x33", 3);
    CHECK_ARRIVED(&rig, 1, "\x71\x0a\x33");
    rig_configure(&rig, 0, 9600, 5, NOPARITY);
    rig_send(&rig, 0, "a", 1);
    CHECK_ARRIVED(&rig, 1, "\x01");
    rig_close(&rig);
}

static const struct {
    const char *when;
    uint32_t baud;
    uint8_t bits, parity;
    const char *sent;
    unsigned bad;
} settings[] = {
    {"as the other end",      115200, 8, EVENPARITY,  "a", 0            },
    {"2 % off",               117500, 8, EVENPARITY,  "a", 0            },
    {"twice as fast",         230400, 8, EVENPARITY,  "a", CI_BAD_FRAME },
    {"half as fast",          57600,  8, EVENPARITY,  "a", CI_BAD_FRAME },
    {"with fewer bits",       115200, 7, EVENPARITY,  "a", CI_BAD_FRAME },
    {"without parity",        115200, 8, NOPARITY,    "a", CI_BAD_FRAME },
    {"with the other parity", 115200, 8, ODDPARITY,   "a", CI_BAD_PARITY},
    {"with marks where odd",  115200, 8, MARKPARITY,  "a", 0            },
    {"with marks where even", 115200, 8, MARKPARITY,  "c", CI_BAD_PARITY},
    {"with spaces where odd", 115200, 8, SPACEPARITY, "a", CI_BAD_PARITY},
};

static void ends_that_are_set_differently_damage_bytes_if_that_was_asked_for(void)
{
    struct rig rig;

    for (unsigned strict = 0; strict < 2; strict++) {
        rig_open(&rig, strict * CI_CABLE_STRICT);
        rig_configure(&rig, 1, 115200, 8, EVENPARITY);
        for (size_t i = 0; i < ARRAY_LEN(settings); i++) {
            struct ci_run run = {.bad = 99};

            rig_configure(&rig, 0, settings[i].baud, settings[i].bits, settings[i].parity);
            rig_send(&rig, 0, settings[i].sent, 1);
            CHECK_EQ_WHEN(settings[i].when, rig.line[1]->ops->next(rig.line[1], &run), 1);
            CHECK_EQ_WHEN(settings[i].when, run.bad, strict * settings[i].bad);
            rig.line[1]->ops->took(rig.line[1], 1);
        }
        rig_close(&rig);
    }
}

/* ---- marks and breaks ---- */

static void a_damaged_byte_is_a_run_of_its_own(void)
{
    struct rig rig;
    char a;

    rig_open(&rig, 0);
    rig_send(&rig, 0, "ab", 2);
    CHECK_EQ(ci_cable_inject(rig.cable, 1, (const uint8_t *)"??", 2, CI_BAD_PARITY | CI_BAD_FRAME),
             0);
    rig_send(&rig, 0, "cd", 2);
    CHECK_EQ(rig_take(&rig, 1, &a, 1), 1);
    for (unsigned i = 0; i < 4; i++) {
        static const struct {
            size_t len;
            unsigned bad;
        } runs[] = {
            {1, 0},
            {1, 3},
            {1, 3},
            {2, 0}
        };
        struct ci_run run;

        CHECK_EQ(rig.line[1]->ops->next(rig.line[1], &run), 1);
        CHECK_EQ(run.len, runs[i].len);
        CHECK_EQ(run.bad, runs[i].bad);
        CHECK_EQ(run.bytes[0], "b??c"[i]);
        rig.line[1]->ops->took(rig.line[1], run.len);
    }
    CHECK_ARRIVED(&rig, 1, "");
    rig_close(&rig);
}

static void what_is_dropped_leaves_no_marks_behind(void)
{
    static uint8_t zeros[RING];
    struct rig rig;

    rig_open(&rig, 0);
    CHECK_EQ(ci_cable_inject(rig.cable, 1, zeros, RING, CI_BAD_FRAME), 0);
    CHECK_EQ(ci_cable_inject(rig.cable, 1, zeros, 1, 0), -ENOSPC);
    rig.line[1]->ops->drop_input(rig.line[1]);
    rig_send(&rig, 0, "whole", 5);
    CHECK_ARRIVED(&rig, 1, "whole");
    rig_close(&rig);
}

static void a_break_arrives_once_when_it_begins(void)
{
    struct rig rig;
    struct ci_run run;
    struct ci_cable_view view;

    rig_open(&rig, 0);
    rig_send(&rig, 0, "a", 1);
    CHECK_EQ(rig.line[0]->ops->set_break(rig.line[0], true), 0);
    CHECK_EQ(rig.line[0]->ops->set_break(rig.line[0], true), 0);
    CHECK_EQ(ci_cable_view(rig.cable, 0, &view), 0);
    CHECK(view.breaking);
    CHECK_EQ(rig.line[0]->ops->set_break(rig.line[0], false), 0);
    rig_send(&rig, 0, "b", 1);
    for (unsigned i = 0; i < 3; i++) {
        CHECK_EQ(rig.line[1]->ops->next(rig.line[1], &run), 1);
        CHECK_EQ(run.bytes[0], "a\0b"[i]);
        CHECK_EQ(run.bad, i == 1 ? CI_BAD_BREAK : 0);
        rig.line[1]->ops->took(rig.line[1], 1);
    }
    CHECK_ARRIVED(&rig, 1, "");
    CHECK_EQ(rig_sent(&rig, 0), 2);
    rig_close(&rig);
}

/* ---- levels ---- */

static const struct {
    unsigned outputs;
    uint32_t levels;
} crossed[] = {
    {0,          0                                 },
    {CI_OUT_RTS, MS_CTS_ON                         },
    {CI_OUT_DTR, MS_DSR_ON | MS_RLSD_ON            },
    {BOTH,       MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON},
};

static void outputs_are_the_others_inputs(void)
{
    struct rig rig;

    rig_open(&rig, 0);
    for (unsigned from = 0; from < 2; from++) {
        for (size_t i = 0; i < ARRAY_LEN(crossed); i++) {
            struct ci_cable_view view;

            rig_outputs(&rig, from, crossed[i].outputs);
            CHECK_EQ(rig_inputs(&rig, !from).levels, crossed[i].levels);
            CHECK_EQ(ci_cable_view(rig.cable, from, &view), 0);
            CHECK_EQ(view.outputs, crossed[i].outputs);
        }
        rig_outputs(&rig, from, 0);
    }
    CHECK_EQ(rig.line[0]->ops->set_outputs(rig.line[0], CI_OUT_DTR, BOTH), 0);
    CHECK_EQ(rig_inputs(&rig, 1).levels, MS_DSR_ON | MS_RLSD_ON);
    CHECK_EQ(rig.line[0]->ops->set_outputs(rig.line[0], CI_OUT_RTS, CI_OUT_RTS), 0);
    CHECK_EQ(rig_inputs(&rig, 1).levels, MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON);
    rig_close(&rig);
}

static void every_edge_is_counted(void)
{
    struct rig rig;
    struct ci_inputs in;

    rig_open(&rig, 0);
    for (int i = 0; i < 3; i++) {
        rig_outputs(&rig, 0, BOTH);
        rig_outputs(&rig, 0, CI_OUT_RTS);
        rig_outputs(&rig, 0, CI_OUT_RTS);
    }
    in = rig_inputs(&rig, 1);
    CHECK_EQ(in.cts, 1);
    CHECK_EQ(in.dsr, 6);
    CHECK_EQ(in.rlsd, 6);
    CHECK_EQ(in.ring, 0);
    CHECK_EQ(rig_inputs(&rig, 0).dsr, 0);
    rig_close(&rig);
}

static void an_end_that_is_not_open_drives_nothing(void)
{
    struct rig rig;

    rig_open(&rig, 0);
    rig_outputs(&rig, 0, BOTH);
    rig_outputs(&rig, 1, BOTH);
    CHECK_EQ(rig.line[0]->ops->set_break(rig.line[0], true), 0);
    rig_unplug(&rig, 0);
    CHECK_EQ(rig_inputs(&rig, 1).levels, 0);
    CHECK_EQ(rig_inputs(&rig, 1).cts, 2);
    rig_plug(&rig, 0);
    CHECK_EQ(rig_inputs(&rig, 0).levels, MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON);
    CHECK_EQ(rig_inputs(&rig, 0).cts, 0); /* since it was opened */
    CHECK_EQ(rig_inputs(&rig, 1).levels, 0);
    rig_close(&rig);
}

static void levels_from_outside_go_before_the_others_outputs(void)
{
    struct rig rig;

    rig_open(&rig, 0);
    rig_outputs(&rig, 0, BOTH);
    CHECK_EQ(ci_cable_force(rig.cable, 1, MS_CTS_ON | MS_RING_ON, MS_RING_ON), 0);
    CHECK_EQ(rig_inputs(&rig, 1).levels, MS_DSR_ON | MS_RLSD_ON | MS_RING_ON);
    CHECK_EQ(rig_inputs(&rig, 1).ring, 0); /* the leading edge */
    rig_outputs(&rig, 0, CI_OUT_RTS);
    CHECK_EQ(rig_inputs(&rig, 1).levels, MS_RING_ON);
    CHECK_EQ(rig_inputs(&rig, 1).cts, 2);
    CHECK_EQ(ci_cable_force(rig.cable, 1, 0, 0), 0);
    CHECK_EQ(rig_inputs(&rig, 1).levels, MS_CTS_ON);
    CHECK_EQ(rig_inputs(&rig, 1).ring, 1);
    CHECK_EQ(rig_inputs(&rig, 1).cts, 3);
    rig_close(&rig);
}

static void pulses_move_only_the_counts(void)
{
    struct rig rig;
    struct ci_inputs in;

    rig_open(&rig, 0);
    for (int what = CI_CABLE_CTS; what <= CI_CABLE_BUFFER_OVERRUNS; what++)
        CHECK_EQ(ci_cable_count(rig.cable, 1, (enum ci_cable_count)what, (uint32_t)what + 1), 0);
    in = rig_inputs(&rig, 1);
    CHECK_EQ(in.levels, 0);
    CHECK_EQ(in.cts, 2);
    CHECK_EQ(in.dsr, 4);
    CHECK_EQ(in.rlsd, 6);
    CHECK_EQ(in.ring, 4);
    CHECK_EQ(in.overruns, 5);
    CHECK_EQ(in.buffer_overruns, 6);
    rig_close(&rig);
}

/* ---- who is told ---- */

static void the_peer_is_whoever_has_the_other_end(void)
{
    struct rig rig;
    struct ci_file *peer;

    rig_open(&rig, 0);
    peer = rig.line[0]->ops->peer(rig.line[0]);
    CHECK(peer == rig.port[1]);
    rig_unplug(&rig, 1); /* which the reference outlives */
    CHECK(rig.line[0]->ops->peer(rig.line[0]) == NULL);
    ci_file_put(peer);
    rig_close(&rig);
}

static void a_port_is_told_of_what_comes_from_outside(void)
{
    struct rig rig;

    rig_open(&rig, 0);
    rig_told(&rig, 1);
    CHECK_EQ(ci_cable_inject(rig.cable, 1, (const uint8_t *)"x", 1, 0), 0);
    CHECK_EQ(rig_told(&rig, 1), 1);
    CHECK_EQ(ci_cable_count(rig.cable, 1, CI_CABLE_RING, 1), 0);
    CHECK_EQ(rig_told(&rig, 1), 1);
    CHECK_EQ(ci_cable_force(rig.cable, 1, MS_CTS_ON, 0), 0);
    CHECK_EQ(rig_told(&rig, 1), 1);
    CHECK_EQ(rig_told(&rig, 0), 0);
    rig_close(&rig);
}

static void a_port_is_told_when_the_other_goes(void)
{
    struct rig rig;

    rig_open(&rig, 0);
    rig_told(&rig, 1);
    rig_unplug(&rig, 0);
    CHECK_EQ(rig_told(&rig, 1), 1);
    rig_close(&rig);
}

/* ---- life ---- */

static void an_end_is_opened_once(void)
{
    struct rig rig;
    struct ci_line *line, *old;

    rig_open(&rig, 0);
    CHECK_EQ(ci_cable_plug(rig.cable, 0, &line), -EBUSY);
    old = rig.line[0];
    old->ops->close(old, false, 0);
    CHECK_EQ(ci_cable_plug(rig.cable, 0, &line), 0); /* though somebody still has the old line */
    CHECK_EQ(old->ops->send(old, (const uint8_t *)"x", 1), -EIO);
    CHECK_EQ(line->ops->send(line, (const uint8_t *)"y", 1), 1);
    CHECK_ARRIVED(&rig, 1, "y");
    line->ops->free(line); /* without a close, as when opening fails later */
    CHECK_EQ(ci_cable_plug(rig.cable, 0, &line), 0);
    line->ops->free(line);
    rig_close(&rig);
}

static void xon_is_the_last_that_leaves(void)
{
    struct rig rig;

    rig_open(&rig, 0);
    rig_send(&rig, 0, "z", 1);
    rig.line[0]->ops->close(rig.line[0], true, CI_NS_PER_MS);
    CHECK_ARRIVED(&rig, 1, "z\x11");
    rig_close(&rig);
}

static void check_gone(struct ci_line *line)
{
    struct ci_settings set = rig_settings(9600, 8, NOPARITY);
    struct ci_inputs inputs;
    struct ci_run run;

    CHECK_EQ(line->ops->next(line, &run), -EIO);
    CHECK_EQ(line->ops->send(line, (const uint8_t *)"x", 1), -EIO);
    CHECK_EQ(line->ops->send_flow(line, 0x11, false), -EIO);
    CHECK_EQ(line->ops->configure(line, &set, NULL), -EIO);
    CHECK_EQ(line->ops->set_outputs(line, BOTH, BOTH), -EIO);
    CHECK_EQ(line->ops->set_break(line, true), -EIO);
    CHECK_EQ(line->ops->inputs(line, &inputs), -EIO);
    CHECK_EQ(line->ops->unsent(line), 0);
    CHECK(line->ops->idle(line));
    CHECK(line->ops->drop_output(line));
    CHECK_EQ(line->ops->deadline_ns(line), CI_NEVER);
    line->ops->took(line, 1);
    line->ops->drop_input(line);
    line->ops->hold(line, true);
    line->ops->lost(line);
}

static void an_unplugged_cable_is_gone_for_both(void)
{
    struct rig rig;
    struct ci_line *line;

    for (unsigned flags = 0; flags <= CI_CABLE_PACED; flags++) {
        rig_open(&rig, flags);
        rig_send(&rig, 0, "lost", 4);
        rig_told(&rig, 0);
        rig_told(&rig, 1);
        ci_cable_unplug(rig.cable);
        for (unsigned end = 0; end < 2; end++) {
            CHECK_EQ(rig_told(&rig, end), 1);
            check_gone(rig.line[end]);
            CHECK_EQ(ci_cable_inject(rig.cable, end, (const uint8_t *)"x", 1, 0), -EIO);
            CHECK_EQ(ci_cable_force(rig.cable, end, 0, 0), -EIO);
        }
        rig_unplug(&rig, 0);
        CHECK_EQ(ci_cable_plug(rig.cable, 0, &line), -ENODEV);
        rig_close(&rig);
    }
}

/* ---- at the same time ---- */

enum { WORK_BYTES = 300000, WORK_BLOCK = 700 };

struct worker {
    struct rig *rig;
    unsigned end;
    uint32_t sent, got; /* by this end */
    int error;          /* of its last look */
    bool in_order;
};

/* As a port works: under its file's lock, and then its peer is stepped. */
static void work_once(struct worker *w)
{
    struct ci_line *line = w->rig->line[w->end];
    uint8_t block[WORK_BLOCK];
    struct ci_file *peer;
    struct ci_run run = {.len = 0};
    size_t left = WORK_BYTES - w->sent;
    ssize_t took = 0;

    for (uint32_t i = 0; i < WORK_BLOCK; i++)
        block[i] = (uint8_t)((w->sent + i) % 251);
    ci_lock(&line->file->lock);
    if (w->sent < WORK_BYTES)
        took = line->ops->send(line, block, left < WORK_BLOCK ? left : WORK_BLOCK);
    w->sent += took > 0 ? (uint32_t)took : 0;
    w->error = line->ops->next(line, &run);
    for (size_t i = 0; w->error == 1 && i < run.len; i++)
        w->in_order &= run.bytes[i] == (w->got + i) % 251;
    if (w->error == 1)
        line->ops->took(line, run.len);
    w->got += w->error == 1 ? (uint32_t)run.len : 0;
    line->ops->set_outputs(line, BOTH, w->sent & BOTH);
    ci_unlock(&line->file->lock);
    peer = line->ops->peer(line);
    if (peer != NULL) {
        ci_file_step(peer, CI_LANES_ALL, NULL);
        ci_file_put(peer);
    }
}

static void *work(void *arg)
{
    struct worker *w = arg;

    while (w->error >= 0 && (w->sent < WORK_BYTES || w->got < WORK_BYTES))
        work_once(w);
    return NULL;
}

static void *work_until_gone(void *arg)
{
    struct worker *w = arg;

    while (w->error >= 0) {
        work_once(w);
        w->sent %= WORK_BYTES / 2;
    }
    return NULL;
}

static void both_ends_and_the_outside_work_at_once(void)
{
    struct rig rig;
    struct worker w[2];
    pthread_t thread[2];

    rig_open(&rig, 0);
    for (unsigned end = 0; end < 2; end++) {
        w[end] = (struct worker){.rig = &rig, .end = end, .in_order = true};
        thread[end] = comm_spawn(work, &w[end]);
    }
    for (unsigned i = 0; i < 2000; i++) {
        ci_cable_force(rig.cable, i % 2, MS_CTS_ON, i % 3 == 0 ? MS_CTS_ON : 0);
        ci_cable_count(rig.cable, i % 2, CI_CABLE_RING, 1);
    }
    for (unsigned end = 0; end < 2; end++) {
        comm_join(thread[end]);
        CHECK(w[end].in_order);
        CHECK_EQ(w[end].got, w[!end].sent);
        CHECK_EQ(rig_inputs(&rig, end).ring, 1000);
    }
    rig_close(&rig);
}

static void a_cable_may_go_while_its_ends_are_at_work(void)
{
    struct rig rig;
    struct worker w[2];
    pthread_t thread[2];

    rig_open(&rig, CI_CABLE_PACED);
    for (unsigned end = 0; end < 2; end++) {
        w[end] = (struct worker){.rig = &rig, .end = end};
        thread[end] = comm_spawn(work_until_gone, &w[end]);
    }
    for (unsigned i = 0; i < 500; i++)
        ci_cable_force(rig.cable, i % 2, MS_DSR_ON, 0);
    ci_cable_unplug(rig.cable);
    for (unsigned end = 0; end < 2; end++) {
        comm_join(thread[end]);
        CHECK_EQ(w[end].error, -EIO);
    }
    rig_close(&rig);
}

static int child_body(void *arg)
{
    struct rig *rig = arg;
    struct ci_line *line;
    struct ci_run run;

    for (unsigned end = 0; end < 2; end++) {
        NEED(rig->line[end]->ops->next(rig->line[end], &run) == -EIO);
        NEED(rig->line[end]->ops->send(rig->line[end], (const uint8_t *)"x", 1) == -EIO);
        rig_unplug(rig, end);
        NEED(ci_cable_plug(rig->cable, end, &line) == -ENODEV);
    }
    return 0;
}

static void in_a_forked_child_both_ends_are_dead(void)
{
    struct rig rig;
    struct child child;

    rig_open(&rig, 0);
    rig_outputs(&rig, 0, BOTH);
    rig_send(&rig, 0, "mine", 4);
    child = child_start(child_body, &rig);
    CHECK_EQ(child_line(&child), 0);
    CHECK_ARRIVED(&rig, 1, "mine");
    CHECK_EQ(rig_inputs(&rig, 1).levels, MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON);
    rig_close(&rig);
}

COMM_TEST_MAIN(
    TEST(bytes_are_there_at_once_both_ways), TEST(what_is_not_taken_comes_again),
    TEST(a_full_ring_takes_no_more_until_some_is_taken),
    TEST(bytes_to_an_end_that_is_not_open_vanish), TEST(only_as_many_bits_travel_as_the_sender_has),
    TEST(ends_that_are_set_differently_damage_bytes_if_that_was_asked_for),
    TEST(a_damaged_byte_is_a_run_of_its_own), TEST(what_is_dropped_leaves_no_marks_behind),
    TEST(a_break_arrives_once_when_it_begins), TEST(outputs_are_the_others_inputs),
    TEST(every_edge_is_counted), TEST(an_end_that_is_not_open_drives_nothing),
    TEST(levels_from_outside_go_before_the_others_outputs), TEST(pulses_move_only_the_counts),
    TEST(the_peer_is_whoever_has_the_other_end), TEST(a_port_is_told_of_what_comes_from_outside),
    TEST(a_port_is_told_when_the_other_goes), TEST(an_end_is_opened_once),
    TEST(xon_is_the_last_that_leaves), TEST(an_unplugged_cable_is_gone_for_both),
    TEST(both_ends_and_the_outside_work_at_once), TEST(a_cable_may_go_while_its_ends_are_at_work),
    TEST(in_a_forked_child_both_ends_are_dead))
