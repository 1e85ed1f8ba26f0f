/* SPDX-License-Identifier: MIT */
/* What happened is latched if somebody asked for it at that moment, and told once, to one wait.
 * Nothing is a level, and no change of the mask leaves a wait behind. */
#include "machine.h"

#include <string.h>

#define EVERY_EVENT 0x1FFFu

/* ---- latched, and told ---- */

/* S66 */
static void an_event_before_the_wait_ends_it_at_once(void)
{
    struct machine m;
    uint32_t events = 0;

    machine_open(&m, 4096);
    ci_com_mask(&m.com, EV_RXCHAR);
    machine_say(&m, "a");
    CHECK(ci_com_wait(&m.com, &events));
    CHECK_EQ(events, EV_RXCHAR);
    CHECK(!m.com.waiting);
    CHECK(!ci_com_wait(&m.com, &events)); /* though the byte is still there */
    CHECK(m.com.waiting);
    ci_com_tell(&m.com);
    CHECK(m.com.waiting && !m.com.told);
    machine_close(&m);
}

/* S67 */
static void what_came_before_the_mask_is_no_event(void)
{
    struct machine m;

    machine_open(&m, 4096);
    machine_say(&m, "abc");
    ci_com_mask(&m.com, EVERY_EVENT);
    CHECK_EQ(machine_events(&m), 0);
    CHECK_EQ(m.com.rx.count, 3);
    machine_close(&m);
}

/* S68 */
static void a_byte_that_goes_to_a_read_is_an_event(void)
{
    struct machine m;

    machine_open(&m, 4096);
    ci_com_mask(&m.com, EV_RXCHAR);
    machine_read(&m, 10);
    machine_say(&m, "a");
    CHECK_EQ(machine_events(&m), EV_RXCHAR);
    machine_close(&m);
}

/* S69 */
static void one_wait_is_told_of_all_that_happened(void)
{
    struct machine m;
    uint32_t events;

    machine_open(&m, 4096);
    m.com.set.chars.event = '$';
    ci_com_mask(&m.com, EV_RXCHAR | EV_RXFLAG | EV_ERR);
    CHECK(!ci_com_wait(&m.com, &events));
    machine_say(&m, "x");
    machine_say(&m, "$y");
    machine_damage(&m, 'z', CI_BAD_FRAME);
    CHECK(!m.com.told); /* not in the midst of it */
    ci_com_tell(&m.com);
    CHECK(m.com.told && !m.com.waiting);
    CHECK_EQ(m.com.news, EV_RXCHAR | EV_RXFLAG | EV_ERR);
    CHECK_EQ(m.com.history, 0);
    machine_close(&m);
}

static void what_happens_between_two_waits_is_for_the_second(void)
{
    struct machine m;
    uint32_t events = 0;

    machine_open(&m, 4096);
    ci_com_mask(&m.com, EV_RXCHAR | EV_BREAK);
    CHECK(!ci_com_wait(&m.com, &events));
    machine_say(&m, "a");
    ci_com_tell(&m.com);
    machine_damage(&m, 0, CI_BAD_BREAK); /* the first one was not reported yet */
    ci_com_tell(&m.com);
    CHECK_EQ(m.com.news, EV_RXCHAR);
    m.com.told = false; /* now it was */
    CHECK(ci_com_wait(&m.com, &events));
    CHECK_EQ(events, EV_RXCHAR | EV_BREAK);
    machine_close(&m);
}

/* S82 */
static void a_wait_that_was_taken_back_makes_room_for_another(void)
{
    struct machine m;
    uint32_t events;

    machine_open(&m, 4096);
    ci_com_mask(&m.com, EV_RXCHAR);
    CHECK(!ci_com_wait(&m.com, &events));
    ci_com_wait_stop(&m.com);
    machine_say(&m, "a");
    ci_com_tell(&m.com);
    CHECK(!m.com.told);
    CHECK(ci_com_wait(&m.com, &events)); /* nothing was lost */
    machine_close(&m);
}

/* S83 */
static void a_purge_forgets_bytes_and_nothing_else(void)
{
    struct machine m;
    uint32_t events;

    machine_open(&m, 4096);
    ci_com_mask(&m.com, EV_RXCHAR | EV_ERR);
    machine_damage(&m, 'a', CI_BAD_PARITY);
    ci_com_purge(&m.com);
    CHECK_EQ(m.com.history, EV_RXCHAR | EV_ERR);
    CHECK_EQ(ci_com_errors(&m.com), CE_RXPARITY);
    machine_events(&m);
    CHECK(!ci_com_wait(&m.com, &events));
    ci_com_purge(&m.com);
    ci_com_tell(&m.com);
    CHECK(m.com.waiting && !m.com.told);
    machine_close(&m);
}

/* ---- the mask ---- */

/* S63, S64 */
static void any_new_mask_ends_a_wait_with_nothing(void)
{
    static const uint32_t masks[] = {0, EV_RXCHAR, EV_RXCHAR | EV_BREAK, EV_TXEMPTY, EVERY_EVENT};

    for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
        struct machine m;
        uint32_t events;

        machine_open(&m, 4096);
        ci_com_mask(&m.com, EV_RXCHAR);
        CHECK(!ci_com_wait(&m.com, &events));
        ci_com_mask(&m.com, masks[i]);
        CHECK(m.com.told && !m.com.waiting);
        CHECK_EQ(m.com.news, 0);
        machine_say(&m, "a"); /* is not for a wait that is over */
        ci_com_tell(&m.com);
        CHECK_EQ(m.com.news, 0);
        CHECK_EQ(m.com.history, masks[i] & EV_RXCHAR);
        machine_close(&m);
    }
}

/* S70, and what is in the mask at the moment counts. */
static void a_new_mask_keeps_what_it_still_asks_for(void)
{
    static const struct {
        const char *when;
        uint32_t first, second, told;
    } cases[] = {
        {"S70: it still asks",        EV_RXCHAR | EV_TXEMPTY, EV_RXCHAR,             EV_RXCHAR},
        {"S70: it asks for others",   EV_RXCHAR | EV_TXEMPTY, EV_TXEMPTY,            0        },
        {"it is the same",            EV_RXCHAR,              EV_RXCHAR,             EV_RXCHAR},
        {"it asks for one more",      EV_RXCHAR,              EV_RXCHAR | EV_RXFLAG, EV_RXCHAR},
        {"it is the first that asks", EV_BREAK,               EV_RXCHAR,             0        },
        {"it asks for nothing",       EV_RXCHAR,              0,                     0        },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct machine m;

        machine_open(&m, 4096);
        m.com.set.chars.event = 'a';
        ci_com_mask(&m.com, cases[i].first);
        machine_say(&m, "a");
        ci_com_mask(&m.com, cases[i].second);
        CHECK_EQ_WHEN(cases[i].when, machine_events(&m), cases[i].told);
        machine_close(&m);
    }
}

static void what_a_mask_let_go_does_not_come_back(void)
{
    struct machine m;

    machine_open(&m, 4096);
    ci_com_mask(&m.com, EV_RXCHAR);
    machine_say(&m, "a");
    ci_com_mask(&m.com, EV_BREAK);
    ci_com_mask(&m.com, EV_RXCHAR);
    CHECK_EQ(machine_events(&m), 0);
    machine_close(&m);
}

/* ---- EV_TXEMPTY ---- */

/* w  a wait begins, or is told at once and another begins
 * b  a write of ten bytes begins
 * h  the line is given five of it and sends them
 * l  the line is given five of it and has them still
 * a  the line is given all of it and sends it
 * n  the write is cut: what the line has still never leaves
 * t  the write is cut: what the line has still leaves
 * e  the write is done with, and none is behind it
 * m  the write is done with, and one is behind it
 * i  an immediate character begins
 * s  the line is given it and sends it
 * d  it is done with, sent or not */
static const struct {
    const char *when, *what;
    bool told;
} empties[] = {
    {"S71: a wait, then a write",                    "wbae",    true },
    {"S72: a write, then a wait",                    "bae",     true },
    {"S73: no write",                                "w",       false},
    {"not yet all of it",                            "wbh",     false},
    {"all of it, and not yet reported",              "wba",     false},
    {"S74: the first of two",                        "wbam",    false},
    {"S74: the second of two",                       "wbambae", true },
    {"S74: the second of two never left",            "wbambne", true },
    {"S75: half of it",                              "wbhne",   true },
    {"S75: none of it",                              "wbne",    false},
    {"S75: none of it left the line",                "wblne",   false},
    {"the line could not take it back",              "wblte",   true },
    {"half of it left, before there was a wait",     "bhne",    true },
    {"half of it left before the wait",              "bhwne",   false},
    {"half of it before the wait, half after",       "bhwae",   true },
    {"half of it before the wait, some after",       "bhwlte",  true },
    {"half of it before the wait, none of the rest", "bhwlne",  false},
    {"a character came behind it",                   "wbaie",   false},
    {"and is sent, too",                             "wbaiesd", true },
    {"or was not",                                   "wbaied",  true },
    {"a character alone",                            "wisd",    true },
    {"a character that was never sent",              "wid",     false},
    {"told, and then nothing was sent",              "baewbne", false},
    {"told, and then another one",                   "baewbae", true },
    {"the one before counts until somebody waits",   "bambne",  true },
};

static void give(struct machine *m, size_t most, bool sends)
{
    struct ci_out out;
    size_t unsent = 0;

    if (ci_com_next_out(&m->com, most, &out)) {
        ci_com_gave(&m->com, &out, out.len);
        unsent = sends ? 0 : out.len;
    }
    ci_com_unsent(&m->com, unsent);
}

static void write_act(struct machine *m, char what)
{
    if (what == 'b')
        ci_com_write_start(&m->com, "0123456789", 10, m->now_ns);
    if (what == 'h' || what == 'l')
        give(m, 5, what == 'h');
    if (what == 'a')
        give(m, 10, true);
    if (what == 'n' || what == 't')
        ci_com_write_cut(&m->com, what == 'n' ? m->com.write.given - m->com.write.done : 0,
                         STATUS_CANCELLED);
    if (what == 'e' || what == 'm') {
        CHECK(m->com.write.over);
        ci_com_write_stop(&m->com);
        ci_com_sent_last(&m->com, what == 'm');
    }
}

static void char_act(struct machine *m, char what)
{
    if (what == 'i')
        ci_com_char_start(&m->com, 'c', m->now_ns);
    if (what == 's')
        give(m, 1, true);
    if (what == 'd') {
        ci_com_char_stop(&m->com);
        ci_com_sent_last(&m->com, false);
    }
}

static void act(struct machine *m, char what)
{
    uint32_t events;

    write_act(m, what);
    char_act(m, what);
    if (what == 'w' && ci_com_wait(&m->com, &events))
        ci_com_wait(&m->com, &events);
    ci_com_tell(&m->com);
}

static void the_last_byte_that_left_is_told(void)
{
    for (size_t i = 0; i < ARRAY_LEN(empties); i++) {
        struct machine m;

        machine_open(&m, 4096);
        ci_com_mask(&m.com, EV_TXEMPTY);
        for (const char *what = empties[i].what; *what != 0; what++)
            act(&m, *what);
        CHECK_EQ_WHEN(empties[i].when, m.com.told || m.com.history != 0, empties[i].told);
        machine_close(&m);
    }
}

static void nobody_is_told_who_did_not_ask(void)
{
    struct machine m;

    machine_open(&m, 4096);
    ci_com_mask(&m.com, EVERY_EVENT & ~(uint32_t)EV_TXEMPTY);
    for (const char *what = "bae"; *what != 0; what++)
        act(&m, *what);
    CHECK_EQ(m.com.history, 0);
    machine_close(&m);
}

/* ---- inputs ---- */

#define ALL_ON (MS_CTS_ON | MS_DSR_ON | MS_RING_ON | MS_RLSD_ON)

/* S76, S77: levels before and after, and how much further the counters are. */
static const struct {
    const char *when;
    uint32_t from, to;
    struct ci_inputs more;
    uint32_t events;
} edges[] = {
    {"nothing",                         ALL_ON,     ALL_ON,               {0},         0                                  },
    {"CTS on",                          0,          MS_CTS_ON,            {0},         EV_CTS                             },
    {"CTS off",                         ALL_ON,     ALL_ON & ~MS_CTS_ON,  {0},         EV_CTS                             },
    {"DSR on",                          0,          MS_DSR_ON,            {0},         EV_DSR                             },
    {"DSR off",                         ALL_ON,     ALL_ON & ~MS_DSR_ON,  {0},         EV_DSR                             },
    {"RLSD on",                         0,          MS_RLSD_ON,           {0},         EV_RLSD                            },
    {"RLSD off",                        ALL_ON,     ALL_ON & ~MS_RLSD_ON, {0},         EV_RLSD                            },
    {"RING on",                         0,          MS_RING_ON,           {0},         0                                  },
    {"RING off",                        ALL_ON,     ALL_ON & ~MS_RING_ON, {0},         EV_RING                            },
    {"all off",                         ALL_ON,     0,                    {0},         EV_CTS | EV_DSR | EV_RLSD | EV_RING},
    {"all on",                          0,          ALL_ON,               {0},         EV_CTS | EV_DSR | EV_RLSD          },
    {"S77: a pulse of CTS",             MS_CTS_ON,  MS_CTS_ON,            {.cts = 2},  EV_CTS                             },
    {"a pulse of DSR",                  0,          0,                    {.dsr = 2},  EV_DSR                             },
    {"a pulse of RLSD",                 MS_RLSD_ON, MS_RLSD_ON,           {.rlsd = 2}, EV_RLSD                            },
    {"a pulse of RING",                 0,          0,                    {.ring = 1}, EV_RING                            },
    {"RING has begun, and was counted", 0,          MS_RING_ON,           {.ring = 1}, 0                                  },
    {"RING has ended, and was counted", MS_RING_ON, 0,                    {.ring = 1}, EV_RING                            },
    {"CTS on, and counted",             0,          MS_CTS_ON,            {.cts = 1},  EV_CTS                             },
};

static void each_edge_of_an_input_is_an_event(void)
{
    for (size_t i = 0; i < ARRAY_LEN(edges); i++) {
        struct ci_inputs inputs = {.levels = edges[i].from, .cts = UINT32_MAX, .dsr = 7};
        struct machine m;

        machine_open(&m, 4096);
        ci_com_see_inputs(&m.com, &inputs, m.now_ns);
        ci_com_mask(&m.com, EVERY_EVENT);
        inputs.levels = edges[i].to;
        inputs.cts += edges[i].more.cts; /* past the end of the counter */
        inputs.dsr += edges[i].more.dsr;
        inputs.rlsd += edges[i].more.rlsd;
        inputs.ring += edges[i].more.ring;
        ci_com_see_inputs(&m.com, &inputs, m.now_ns);
        CHECK_EQ_WHEN(edges[i].when, m.com.history, edges[i].events);
        CHECK_EQ_WHEN(edges[i].when, m.com.inputs.levels, edges[i].to);
        machine_events(&m);
        ci_com_see_inputs(&m.com, &inputs, m.now_ns);
        CHECK_EQ_WHEN(edges[i].when, m.com.history, 0);
        machine_close(&m);
    }
}

/* What nobody asked for stays out, and a level that stays tells nothing. */
static void an_edge_that_nobody_asked_for_is_forgotten(void)
{
    struct machine m;

    machine_open(&m, 4096);
    ci_com_mask(&m.com, EV_DSR);
    machine_levels(&m, 0);
    ci_com_mask(&m.com, EV_CTS);
    CHECK_EQ(machine_events(&m), 0);
    machine_levels(&m, 0);
    CHECK_EQ(machine_events(&m), 0);
    machine_levels(&m, ALL_ON);
    CHECK_EQ(machine_events(&m), EV_CTS);
    machine_close(&m);
}

COMM_TEST_MAIN(
    TEST(an_event_before_the_wait_ends_it_at_once), TEST(what_came_before_the_mask_is_no_event),
    TEST(a_byte_that_goes_to_a_read_is_an_event), TEST(one_wait_is_told_of_all_that_happened),
    TEST(what_happens_between_two_waits_is_for_the_second),
    TEST(a_wait_that_was_taken_back_makes_room_for_another),
    TEST(a_purge_forgets_bytes_and_nothing_else), TEST(any_new_mask_ends_a_wait_with_nothing),
    TEST(a_new_mask_keeps_what_it_still_asks_for), TEST(what_a_mask_let_go_does_not_come_back),
    TEST(the_last_byte_that_left_is_told), TEST(nobody_is_told_who_did_not_ask),
    TEST(each_edge_of_an_input_is_an_event), TEST(an_edge_that_nobody_asked_for_is_forgotten))
