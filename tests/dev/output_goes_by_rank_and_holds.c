/* SPDX-License-Identifier: MIT */
/* What is sent next: a flow control character, then the immediate one, then the write; each only if
 * nothing holds it that may.  What was held goes on where it was, and what is cut is counted. */
#include "machine.h"

#include <string.h>

#define ALL_ON (MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON)
#define XON "\x11"
#define XOFF "\x13"

static void write_begins(struct machine *m, const char *text)
{
    ci_com_write_start(&m->com, text, strlen(text), m->now_ns);
}

static bool sent(struct machine *m, const char *text)
{
    machine_send(m, MACHINE_ROOM);
    return machine_sent(m, text, strlen(text));
}

/* ---- rank ---- */

static void all_that_is_due_goes_by_rank(void)
{
    struct machine m;

    machine_open(&m, 4096);
    write_begins(&m, "text");
    ci_com_char_start(&m.com, 'c', m.now_ns);
    m.com.xon_due = m.com.xoff_due = true; /* an XOFF behind an XON */
    machine_flow(&m, 0, SERIAL_XOFF_CONTINUE);
    CHECK(sent(&m, XON XOFF "ctext"));
    CHECK(!ci_com_sending(&m.com));
    machine_close(&m);
}

/* S103 */
static void a_character_overtakes_what_the_line_has_not_got(void)
{
    struct machine m;
    struct ci_out out;

    machine_open(&m, 4096);
    ci_com_char_start(&m.com, 'a', m.now_ns);
    CHECK(sent(&m, "a"));
    ci_com_unsent(&m.com, 0);
    CHECK(m.com.imm.over);
    CHECK_EQ(m.com.imm.status, STATUS_SUCCESS);
    ci_com_char_stop(&m.com);
    write_begins(&m, "text");
    CHECK(ci_com_next_out(&m.com, 2, &out));
    ci_com_gave(&m.com, &out, out.len);
    ci_com_char_start(&m.com, 'b', m.now_ns);
    CHECK(sent(&m, "abxt"));
    machine_close(&m);
}

static void the_line_gets_no_more_than_it_has_room_for(void)
{
    struct ci_out out;
    struct machine m;

    for (size_t room = 1; room <= 6; room++) {
        machine_open(&m, 4096);
        write_begins(&m, "text");
        machine_send(&m, room);
        CHECK(machine_sent(&m, "text", 4));
        machine_close(&m);
    }
    machine_open(&m, 4096);
    write_begins(&m, "text");
    ci_com_char_start(&m.com, 'c', m.now_ns);
    CHECK(!ci_com_next_out(&m.com, 0, &out));
    m.com.xon_due = true; /* has a way of its own */
    CHECK(ci_com_next_out(&m.com, 0, &out) && out.flow);
    machine_close(&m);
}

static void what_the_line_did_not_take_comes_again(void)
{
    struct machine m;
    struct ci_out out;

    machine_open(&m, 4096);
    write_begins(&m, "text");
    for (size_t took = 0; took < 3; took++) { /* 0, 1, 2 */
        CHECK(ci_com_next_out(&m.com, 4, &out));
        ci_com_gave(&m.com, &out, took);
    }
    CHECK(ci_com_next_out(&m.com, 4, &out));
    CHECK_EQ(out.len, 1);
    CHECK_EQ(out.bytes[0], 't');
    machine_close(&m);
}

/* ---- holds ---- */

/* '1' XON, '3' XOFF, 'c' the character, 'w' the write. */
static const struct {
    const char *when;
    uint32_t hold;
    const char *go;
} holds[] = {
    {"nothing",                0,                            "13cw"},
    {"XOFF from the peer",     CI_HOLD_XOFF,                 "1c"  },
    {"CTS",                    CI_HOLD_CTS,                  ""    },
    {"DSR",                    CI_HOLD_DSR,                  ""    },
    {"RLSD",                   CI_HOLD_RLSD,                 ""    },
    {"a break",                CI_HOLD_BREAK,                ""    },
    {"XOFF and CTS",           CI_HOLD_XOFF | CI_HOLD_CTS,   ""    },
    {"XOFF and a break",       CI_HOLD_XOFF | CI_HOLD_BREAK, ""    },
    {"our own XOFF",           CI_HOLD_SENT,                 "1c"  },
    {"our own and the peer's", CI_HOLD_SENT | CI_HOLD_XOFF,  "1c"  },
    {"our own and DSR",        CI_HOLD_SENT | CI_HOLD_DSR,   ""    },
};

static bool goes(uint32_t hold, uint32_t flow, char what)
{
    struct machine m;
    bool went;

    machine_open(&m, 4096);
    machine_flow(&m, 0, flow);
    m.com.tx_hold = hold & ~CI_HOLD_SENT;
    m.com.xoff_sent = (hold & CI_HOLD_SENT) != 0;
    m.com.xon_due = what == '1';
    m.com.xoff_due = what == '3';
    if (what == 'c')
        ci_com_char_start(&m.com, 'c', m.now_ns);
    if (what == 'w')
        write_begins(&m, "w");
    went = ci_com_sending(&m.com);
    machine_send(&m, 1);
    CHECK_EQ(m.sent_len > 0, went);
    machine_close(&m);
    return went;
}

static void each_hold_lets_pass_what_it_should(void)
{
    for (size_t i = 0; i < ARRAY_LEN(holds); i++) {
        for (const char *what = "13cw"; *what != 0; what++) {
            if (*what == '3' && (holds[i].hold & CI_HOLD_SENT) != 0)
                continue; /* is out already */
            CHECK_EQ_WHEN(holds[i].when, goes(holds[i].hold, 0, *what),
                          strchr(holds[i].go, *what) != NULL);
        }
    }
}

static void our_own_xoff_holds_no_write_that_may_go_on(void)
{
    CHECK(!goes(CI_HOLD_SENT, 0, 'w'));
    CHECK(goes(CI_HOLD_SENT, SERIAL_XOFF_CONTINUE, 'w'));
    CHECK(!goes(CI_HOLD_XOFF, SERIAL_XOFF_CONTINUE, 'w'));
    CHECK(!goes(CI_HOLD_SENT | CI_HOLD_CTS, SERIAL_XOFF_CONTINUE, 'w'));
}

#define CTS SERIAL_CTS_HANDSHAKE
#define DSR SERIAL_DSR_HANDSHAKE
#define RLSD SERIAL_DCD_HANDSHAKE

/* With nothing to send, too. */
static void inputs_hold_while_they_are_off_and_asked_for(void)
{
    static const struct {
        const char *when;
        uint32_t control, levels, hold;
    } cases[] = {
        {"none is asked for", 0,                0,                      0                                       },
        {"all are on",        CTS | DSR | RLSD, ALL_ON,                 0                                       },
        {"all are off",       CTS | DSR | RLSD, 0,                      CI_HOLD_CTS | CI_HOLD_DSR | CI_HOLD_RLSD},
        {"CTS is off",        CTS | DSR,        ALL_ON & ~MS_CTS_ON,    CI_HOLD_CTS                             },
        {"DSR is off",        CTS | DSR,        ALL_ON & ~MS_DSR_ON,    CI_HOLD_DSR                             },
        {"RLSD is off",       RLSD,             ALL_ON & ~MS_RLSD_ON,   CI_HOLD_RLSD                            },
        {"the other is off",  CTS,              ALL_ON & ~MS_DSR_ON,    0                                       },
        {"RING is on",        CTS,              MS_CTS_ON | MS_RING_ON, 0                                       },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct machine m;

        machine_open(&m, 4096);
        machine_flow(&m, cases[i].control, 0);
        machine_levels(&m, cases[i].levels);
        CHECK_EQ_WHEN(cases[i].when, ci_com_holds(&m.com), cases[i].hold);
        machine_levels(&m, ALL_ON);
        CHECK_EQ_WHEN(cases[i].when, ci_com_holds(&m.com), 0);
        machine_levels(&m, cases[i].levels);
        machine_flow(&m, 0, 0); /* whoever does not care is not held */
        CHECK_EQ_WHEN(cases[i].when, ci_com_holds(&m.com), 0);
        machine_flow(&m, cases[i].control, 0);
        CHECK_EQ_WHEN(cases[i].when, ci_com_holds(&m.com), cases[i].hold);
        machine_close(&m);
    }
}

/* S105, and the same for every hold: paused, not cut. */
static void a_held_write_goes_on_where_it_was(void)
{
    struct machine m;
    struct ci_out out;

    machine_open(&m, 4096);
    machine_flow(&m, CTS, SERIAL_AUTO_TRANSMIT);
    write_begins(&m, "0123456789");
    for (unsigned i = 0; i < 3; i++) {
        CHECK(ci_com_next_out(&m.com, 3, &out));
        memcpy(m.sent + m.sent_len, out.bytes, out.len);
        m.sent_len += out.len;
        ci_com_gave(&m.com, &out, out.len);
        ci_com_break(&m.com, i == 0);
        machine_levels(&m, i == 1 ? 0 : ALL_ON);
        if (i == 2)
            machine_say(&m, XOFF);
        CHECK(!ci_com_next_out(&m.com, 3, &out));
        ci_com_break(&m.com, false);
        machine_levels(&m, ALL_ON);
        machine_say(&m, XON);
    }
    CHECK(sent(&m, "0123456789"));
    machine_close(&m);
}

/* S95 */
static void setxoff_holds_until_setxon_or_an_xon(void)
{
    static const struct {
        const char *when;
        uint32_t flow;
        const char *say; /* what the peer says then */
        bool held;
    } cases[] = {
        {"nothing comes",            0,                    "",    true },
        {"an XON that is just data", 0,                    XON,   true },
        {"an XON",                   SERIAL_AUTO_TRANSMIT, XON,   false},
        {"other bytes",              SERIAL_AUTO_TRANSMIT, "abc", true },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct machine m;

        machine_open(&m, 4096);
        machine_flow(&m, 0, cases[i].flow);
        ci_com_hold(&m.com, true);
        write_begins(&m, "text");
        machine_say(&m, cases[i].say);
        CHECK_EQ_WHEN(cases[i].when, ci_com_holds(&m.com), cases[i].held ? CI_HOLD_XOFF : 0);
        CHECK_EQ_WHEN(cases[i].when, ci_com_sending(&m.com), !cases[i].held);
        machine_flow(&m, 0, cases[i].flow); /* the same settings change nothing */
        CHECK_EQ_WHEN(cases[i].when, ci_com_sending(&m.com), !cases[i].held);
        ci_com_hold(&m.com, false);
        CHECK_EQ_WHEN(cases[i].when, sent(&m, "text"), true);
        machine_close(&m);
    }
}

static void turning_foutx_off_releases_and_says_so(void)
{
    struct machine m;

    machine_open(&m, 4096);
    machine_flow(&m, 0, SERIAL_AUTO_TRANSMIT);
    machine_say(&m, XOFF);
    write_begins(&m, "text");
    CHECK(!ci_com_sending(&m.com));
    machine_flow(&m, 0, 0);
    CHECK(sent(&m, XON "text"));
    machine_flow(&m, 0, SERIAL_AUTO_TRANSMIT); /* on and off again, while nothing is held */
    machine_flow(&m, 0, 0);
    CHECK(!ci_com_sending(&m.com));
    machine_close(&m);
}

/* ---- DTR and RTS ---- */

#define DTR_OFF 0u
#define DTR_ON SERIAL_DTR_CONTROL
#define DTR_HS SERIAL_DTR_HANDSHAKE

/* S21: only a new mode touches a line. */
static void a_line_is_moved_only_by_a_new_mode(void)
{
    static const struct {
        const char *when;
        uint32_t first, second;
        bool lowered; /* by EscapeCommFunction in between */
        bool up;
    } cases[] = {
        {"enabled",                        DTR_OFF, DTR_ON,  false, true },
        {"disabled",                       DTR_ON,  DTR_OFF, false, false},
        {"handshaking",                    DTR_OFF, DTR_HS,  false, true },
        {"no more handshaking",            DTR_HS,  DTR_OFF, false, false},
        {"S21: lowered and enabled still", DTR_ON,  DTR_ON,  true,  false},
        {"lowered and handshaking now",    DTR_ON,  DTR_HS,  true,  true },
        {"lowered and enabled now",        DTR_OFF, DTR_ON,  true,  true },
        {"lowered and handshaking still",  DTR_HS,  DTR_HS,  true,  false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t shift = SERIAL_RTS_CONTROL / SERIAL_DTR_CONTROL; /* RTS has the same three */
        struct machine m;

        machine_open(&m, 4096);
        machine_flow(&m, cases[i].first, cases[i].first * shift);
        CHECK_EQ_WHEN(cases[i].when, m.com.outputs, cases[i].first != DTR_OFF ? CI_OUT_ALL : 0);
        if (cases[i].lowered)
            m.com.outputs = 0;
        machine_flow(&m, cases[i].second, cases[i].second * shift);
        CHECK_EQ_WHEN(cases[i].when, m.com.outputs, cases[i].up ? CI_OUT_ALL : 0);
        machine_close(&m);
    }
}

/* S106: up while something goes or could go, or is in the line still. */
static void rts_toggles_with_what_goes_out(void)
{
    static const struct {
        const char *when, *text;
        bool idle, breaking, held, up;
    } cases[] = {
        {"nothing to send",         "",  true,  false, false, false},
        {"something to send",       "a", true,  false, false, true },
        {"it is in the line",       "",  false, false, false, true },
        {"it is held",              "a", true,  false, true,  false},
        {"it is held, some is out", "a", false, false, true,  true },
        {"a break",                 "",  true,  true,  false, true },
        {"a break with a write",    "a", true,  true,  true,  true },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct machine m;

        machine_open(&m, 4096);
        machine_flow(&m, CTS, SERIAL_TRANSMIT_TOGGLE);
        CHECK_EQ(m.com.outputs, 0);
        machine_levels(&m, cases[i].held ? 0 : ALL_ON);
        ci_com_break(&m.com, cases[i].breaking);
        if (cases[i].text[0] != 0)
            write_begins(&m, cases[i].text);
        ci_com_toggle(&m.com, cases[i].idle);
        CHECK_EQ_WHEN(cases[i].when, m.com.outputs, cases[i].up ? CI_OUT_RTS : 0);
        ci_com_write_stop(&m.com);
        ci_com_break(&m.com, false);
        ci_com_toggle(&m.com, true);
        CHECK_EQ_WHEN(cases[i].when, m.com.outputs, 0);
        machine_close(&m);
    }
}

static void another_mode_ends_the_toggling(void)
{
    struct machine m;

    machine_open(&m, 4096);
    machine_flow(&m, 0, SERIAL_TRANSMIT_TOGGLE);
    ci_com_toggle(&m.com, false);
    machine_flow(&m, 0, SERIAL_RTS_HANDSHAKE);
    CHECK(!m.com.toggling);
    CHECK_EQ(m.com.outputs, CI_OUT_RTS);
    machine_close(&m);
}

static void flow_control_characters_toggle_rts_as_well(void)
{
    struct machine m;

    machine_open(&m, 4096);
    machine_flow(&m, 0, SERIAL_TRANSMIT_TOGGLE | SERIAL_AUTO_RECEIVE);
    machine_come(&m, 4000);
    ci_com_toggle(&m.com, true);
    CHECK_EQ(m.com.outputs, CI_OUT_RTS);
    CHECK(sent(&m, XOFF));
    ci_com_toggle(&m.com, true);
    CHECK_EQ(m.com.outputs, 0);
    ci_com_char_start(&m.com, 'c', m.now_ns);
    ci_com_toggle(&m.com, true);
    CHECK_EQ(m.com.outputs, CI_OUT_RTS);
    machine_close(&m);
}

COMM_TEST_MAIN(
    TEST(all_that_is_due_goes_by_rank), TEST(a_character_overtakes_what_the_line_has_not_got),
    TEST(the_line_gets_no_more_than_it_has_room_for), TEST(what_the_line_did_not_take_comes_again),
    TEST(each_hold_lets_pass_what_it_should), TEST(our_own_xoff_holds_no_write_that_may_go_on),
    TEST(inputs_hold_while_they_are_off_and_asked_for), TEST(a_held_write_goes_on_where_it_was),
    TEST(setxoff_holds_until_setxon_or_an_xon), TEST(turning_foutx_off_releases_and_says_so),
    TEST(a_line_is_moved_only_by_a_new_mode), TEST(rts_toggles_with_what_goes_out),
    TEST(another_mode_ends_the_toggling), TEST(flow_control_characters_toggle_rts_as_well))
