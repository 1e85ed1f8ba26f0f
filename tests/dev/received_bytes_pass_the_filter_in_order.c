/* SPDX-License-Identifier: MIT */
/* The line filter: errors, the mask of the format, null stripping, XON and XOFF, events, DSR
 * sensitivity, and only then the read or the type-ahead.  What comes out is the same however the
 * bytes came and whoever was waiting for them. */
#include "machine.h"

#include <string.h>

#define XON 0x11
#define XOFF 0x13
#define BAD_ALL (CI_BAD_PARITY | CI_BAD_FRAME | CI_BAD_OVERRUN)
#define EVERY_EVENT 0x1FFFu
#define NUL 0x100 /* 0, for who wants it */
#define PLENTY 64u

struct text {
    const char *bytes;
    size_t len;
};

#define T(literal)                      \
    {                                   \
        literal, sizeof(literal "") - 1 \
    }

struct heard {
    struct text text;
    unsigned bad; /* of each byte of it */
};

#define WELL(literal)      \
    {                      \
        .text = T(literal) \
    }
#define BAD(literal, how)                \
    {                                    \
        .text = T(literal), .bad = (how) \
    }

struct row {
    const char *when;
    uint32_t control, flow;
    uint8_t bits, escape; /* 0: 8, and none */
    uint16_t event;       /* 0: '$' */
    uint32_t off;         /* inputs that are off */
    struct heard in[4];
    struct text out;
    uint32_t errors, events, hold;
};

#define PLAIN EV_RXCHAR
#define SPECIAL (EV_RXCHAR | EV_RXFLAG)

/* clang-format off */
static const struct row rows[] = {
    {.when = "nothing is set", .in = {WELL("a\0\x11\x13\xFF")}, .out = T("a\0\x11\x13\xFF"), .events = PLAIN},
    /* the mask */
    {.when = "S60: 7 bits", .bits = 7, .in = {WELL("\xF1")}, .out = T("\x71"), .events = PLAIN},
    {.when = "6 bits", .bits = 6, .in = {WELL("\xFF@")}, .out = T("\x3F\0"), .events = PLAIN},
    {.when = "5 bits", .bits = 5, .in = {WELL("\xFF\xE0")}, .out = T("\x1F\0"), .events = PLAIN},
    {.when = "a damaged byte in 7 bits", .bits = 7, .in = {BAD("\xE2", CI_BAD_PARITY)}, .out = T("b"),
     .errors = CE_RXPARITY, .events = PLAIN | EV_ERR},
    /* null stripping */
    {.when = "S101: a null in between", .flow = SERIAL_NULL_STRIPPING, .in = {WELL("a\0b")}, .out = T("ab"), .events = PLAIN},
    {.when = "nothing but nulls", .flow = SERIAL_NULL_STRIPPING, .in = {WELL("\0\0\0")}, .out = T("")},
    {.when = "what the mask makes a null", .flow = SERIAL_NULL_STRIPPING, .bits = 7, .in = {WELL("\x80")}, .out = T("")},
    {.when = "a null that is the event character", .flow = SERIAL_NULL_STRIPPING, .event = NUL, .in = {WELL("\0")}, .out = T("")},
    {.when = "a damaged null", .flow = SERIAL_NULL_STRIPPING, .in = {BAD("\0", CI_BAD_FRAME)}, .out = T(""),
     .errors = CE_FRAME, .events = EV_ERR},
    /* XON and XOFF */
    {.when = "S96: XOFF", .flow = SERIAL_AUTO_TRANSMIT, .in = {WELL("\x13")}, .out = T(""), .hold = CI_HOLD_XOFF},
    {.when = "S96: other bytes do not release", .flow = SERIAL_AUTO_TRANSMIT, .in = {WELL("\x13" "abc")}, .out = T("abc"),
     .events = PLAIN, .hold = CI_HOLD_XOFF},
    {.when = "S96: XON does", .flow = SERIAL_AUTO_TRANSMIT, .in = {WELL("a\x13" "b\x11" "c")}, .out = T("abc"), .events = PLAIN},
    {.when = "the last one counts", .flow = SERIAL_AUTO_TRANSMIT, .in = {WELL("\x13\x11\x13\x13")}, .out = T(""), .hold = CI_HOLD_XOFF},
    {.when = "XON alone", .flow = SERIAL_AUTO_TRANSMIT, .in = {WELL("\x11")}, .out = T("")},
    {.when = "what the mask makes XOFF", .flow = SERIAL_AUTO_TRANSMIT, .bits = 7, .in = {WELL("\x93")}, .out = T(""), .hold = CI_HOLD_XOFF},
    {.when = "only fInX is on", .flow = SERIAL_AUTO_RECEIVE, .in = {WELL("\x13")}, .out = T("\x13"), .events = PLAIN},
    {.when = "XOFF is the event character", .flow = SERIAL_AUTO_TRANSMIT, .event = XOFF, .in = {WELL("\x13")}, .out = T(""),
     .hold = CI_HOLD_XOFF},
    {.when = "a damaged XOFF", .flow = SERIAL_AUTO_TRANSMIT, .in = {BAD("\x13", CI_BAD_PARITY)}, .out = T(""),
     .errors = CE_RXPARITY, .events = EV_ERR, .hold = CI_HOLD_XOFF},
    {.when = "a damaged XOFF that is replaced", .flow = SERIAL_AUTO_TRANSMIT | SERIAL_ERROR_CHAR,
     .in = {BAD("\x13", CI_BAD_PARITY)}, .out = T("?"), .errors = CE_RXPARITY, .events = EV_ERR},
    /* the event character */
    {.when = "S69: none", .in = {WELL("abc")}, .out = T("abc"), .events = PLAIN},
    {.when = "S69: one", .in = {WELL("x$y")}, .out = T("x$y"), .events = SPECIAL},
    {.when = "what the mask makes one", .bits = 7, .in = {WELL("x\xA4y")}, .out = T("x$y"), .events = SPECIAL},
    {.when = "a null is one", .event = NUL, .in = {WELL("a\0")}, .out = T("a\0"), .events = SPECIAL},
    {.when = "a damaged one", .in = {BAD("$", CI_BAD_PARITY)}, .out = T("$"), .errors = CE_RXPARITY, .events = SPECIAL | EV_ERR},
    {.when = "an error character that is one", .flow = SERIAL_ERROR_CHAR, .event = '?', .in = {BAD("b", CI_BAD_PARITY)},
     .out = T("?"), .errors = CE_RXPARITY, .events = EV_ERR},
    /* DSR */
    {.when = "S102: DSR is off", .control = SERIAL_DSR_SENSITIVITY, .off = MS_DSR_ON, .in = {WELL("a$b")}, .out = T(""), .events = SPECIAL},
    {.when = "DSR is on", .control = SERIAL_DSR_SENSITIVITY, .in = {WELL("abc")}, .out = T("abc"), .events = PLAIN},
    {.when = "DSR is off and nobody cares", .off = MS_DSR_ON, .in = {WELL("abc")}, .out = T("abc"), .events = PLAIN},
    {.when = "the others are off", .control = SERIAL_DSR_SENSITIVITY, .off = MS_CTS_ON | MS_RLSD_ON, .in = {WELL("abc")}, .out = T("abc"),
     .events = PLAIN},
    {.when = "DSR is off: XOFF counts", .control = SERIAL_DSR_SENSITIVITY, .flow = SERIAL_AUTO_TRANSMIT, .off = MS_DSR_ON,
     .in = {WELL("a\x13")}, .out = T(""), .events = PLAIN, .hold = CI_HOLD_XOFF},
    {.when = "DSR is off: errors count", .control = SERIAL_DSR_SENSITIVITY, .flow = SERIAL_ERROR_CHAR, .off = MS_DSR_ON,
     .in = {BAD("b", CI_BAD_FRAME)}, .out = T(""), .errors = CE_FRAME, .events = EV_ERR},
    {.when = "DSR is off: 7 bits", .control = SERIAL_DSR_SENSITIVITY, .bits = 7, .off = MS_DSR_ON, .in = {WELL("abc")}, .out = T(""),
     .events = PLAIN},
    /* errors */
    {.when = "S78: parity", .in = {BAD("b", CI_BAD_PARITY)}, .out = T("b"), .errors = CE_RXPARITY, .events = PLAIN | EV_ERR},
    {.when = "framing", .in = {BAD("b", CI_BAD_FRAME)}, .out = T("b"), .errors = CE_FRAME, .events = PLAIN | EV_ERR},
    {.when = "overrun", .in = {BAD("b", CI_BAD_OVERRUN)}, .out = T("b"), .errors = CE_OVERRUN, .events = PLAIN | EV_ERR},
    {.when = "all three", .in = {BAD("b", BAD_ALL)}, .out = T("b"), .errors = CE_RXPARITY | CE_FRAME | CE_OVERRUN, .events = PLAIN | EV_ERR},
    {.when = "S100: replaced", .flow = SERIAL_ERROR_CHAR, .in = {WELL("a"), BAD("x", CI_BAD_PARITY), WELL("b")}, .out = T("a?b"),
     .errors = CE_RXPARITY, .events = PLAIN | EV_ERR},
    {.when = "S100: not replaced", .in = {WELL("a"), BAD("x", CI_BAD_FRAME), WELL("b")}, .out = T("axb"), .errors = CE_FRAME,
     .events = PLAIN | EV_ERR},
    {.when = "replaced, without EV_RXCHAR", .flow = SERIAL_ERROR_CHAR, .in = {BAD("x", CI_BAD_OVERRUN)}, .out = T("?"),
     .errors = CE_OVERRUN, .events = EV_ERR},
    {.when = "replaced once per error", .flow = SERIAL_ERROR_CHAR, .in = {BAD("x", CI_BAD_PARITY | CI_BAD_FRAME)}, .out = T("??"),
     .errors = CE_RXPARITY | CE_FRAME, .events = EV_ERR},
    {.when = "a damaged null is replaced first", .flow = SERIAL_ERROR_CHAR | SERIAL_NULL_STRIPPING, .in = {BAD("\0", CI_BAD_FRAME)},
     .out = T("?"), .errors = CE_FRAME, .events = EV_ERR},
    /* breaks */
    {.when = "S79: a break", .in = {BAD("\0", CI_BAD_BREAK)}, .out = T("\0"), .errors = CE_BREAK, .events = PLAIN | EV_BREAK},
    {.when = "S79: with null stripping", .flow = SERIAL_NULL_STRIPPING, .in = {BAD("\0", CI_BAD_BREAK)}, .out = T(""),
     .errors = CE_BREAK, .events = EV_BREAK},
    {.when = "no frame counts in it", .in = {BAD("\0", CI_BAD_BREAK | CI_BAD_FRAME | CI_BAD_PARITY)}, .out = T("\0"),
     .errors = CE_BREAK, .events = PLAIN | EV_BREAK | EV_ERR},
    {.when = "an overrun does", .in = {BAD("\0", CI_BAD_BREAK | CI_BAD_OVERRUN)}, .out = T("\0"),
     .errors = CE_BREAK | CE_OVERRUN, .events = PLAIN | EV_BREAK | EV_ERR},
    {.when = "no error character replaces it", .flow = SERIAL_ERROR_CHAR, .in = {BAD("\0", CI_BAD_BREAK | CI_BAD_FRAME)},
     .out = T("\0"), .errors = CE_BREAK, .events = PLAIN | EV_BREAK | EV_ERR},
    {.when = "the break character does", .flow = SERIAL_BREAK_CHAR, .in = {BAD("\0", CI_BAD_BREAK)}, .out = T("!"),
     .errors = CE_BREAK, .events = PLAIN | EV_BREAK},
    {.when = "also with null stripping", .flow = SERIAL_BREAK_CHAR | SERIAL_NULL_STRIPPING, .in = {BAD("\0", CI_BAD_BREAK)}, .out = T("!"),
     .errors = CE_BREAK, .events = PLAIN | EV_BREAK},
    {.when = "it replaces nothing else", .flow = SERIAL_BREAK_CHAR, .in = {BAD("b", CI_BAD_FRAME)}, .out = T("b"),
     .errors = CE_FRAME, .events = PLAIN | EV_ERR},
    {.when = "its null is an event character", .event = NUL, .in = {BAD("\0", CI_BAD_BREAK)}, .out = T("\0"),
     .errors = CE_BREAK, .events = SPECIAL | EV_BREAK},
    /* LSRMST insertion */
    {.when = "the escape character is doubled", .escape = 0xAA, .in = {WELL("a\xAA" "b")}, .out = T("a\xAA\0b"), .events = PLAIN},
    {.when = "what the mask makes one", .escape = 0x2A, .bits = 7, .in = {WELL("a\xAA" "b")}, .out = T("a\x2A\0b"), .events = PLAIN},
    {.when = "it is the event character, too", .escape = 0xAA, .event = 0xAA, .in = {WELL("\xAA")}, .out = T("\xAA\0"), .events = SPECIAL},
    {.when = "parity is told", .escape = 0xAA, .in = {WELL("a"), BAD("b", CI_BAD_PARITY), WELL("c")}, .out = T("a\xAA\x01\x05" "bc"),
     .errors = CE_RXPARITY, .events = PLAIN | EV_ERR},
    {.when = "all three are told at once", .escape = 0xAA, .in = {BAD("b", BAD_ALL)}, .out = T("\xAA\x01\x0F" "b"),
     .errors = CE_RXPARITY | CE_FRAME | CE_OVERRUN, .events = PLAIN | EV_ERR},
    {.when = "a break is told", .escape = 0xAA, .flow = SERIAL_NULL_STRIPPING, .in = {BAD("\0", CI_BAD_BREAK)}, .out = T("\xAA\x01\x11\0"),
     .errors = CE_BREAK, .events = PLAIN | EV_BREAK},
    {.when = "nothing is told while DSR is off", .control = SERIAL_DSR_SENSITIVITY, .escape = 0xAA, .off = MS_DSR_ON,
     .in = {WELL("\xAA"), BAD("b", CI_BAD_FRAME)}, .out = T(""), .errors = CE_FRAME, .events = PLAIN | EV_ERR},
};
/* clang-format on */

/* ---- the table, in every way in which bytes can come ---- */

static const struct way {
    const char *name;
    size_t bite; /* of a run at a time */
    size_t read; /* of each read that waits for them; 0: nobody does */
} ways[] = {
    {"as it came, into the type-ahead", PLENTY, 0     },
    {"byte by byte",                    1,      0     },
    {"as it came, into one read",       PLENTY, PLENTY},
    {"byte by byte, into one read",     1,      PLENTY},
    {"into reads of one byte",          PLENTY, 1     },
    {"into reads of two bytes",         PLENTY, 2     },
    {"into reads of three, in twos",    2,      3     },
};

struct ear {
    struct machine m;
    const struct way *way;
    uint8_t all[PLENTY];
    size_t len;
    uint8_t buf[PLENTY];
};

static void ear_open(struct ear *ear, const struct row *row, const struct way *way)
{
    struct ci_settings set;

    machine_open(&ear->m, 4096);
    ear->way = way;
    ear->len = 0;
    set = ear->m.com.set;
    set.bits = row->bits == 0 ? 8 : row->bits;
    set.chars = (struct ci_chars){.error = '?', .brk = '!', .event = '$', .xon = XON, .xoff = XOFF};
    if (row->event != 0)
        set.chars.event = (uint8_t)row->event;
    set.control |= row->control;
    set.flow |= row->flow;
    ci_com_set(&ear->m.com, &set);
    machine_levels(&ear->m, ear->m.com.inputs.levels & ~row->off);
    ci_com_escape(&ear->m.com, row->escape);
    ci_com_mask(&ear->m.com, EVERY_EVENT);
}

static void keep(struct ear *ear, const uint8_t *bytes, size_t len)
{
    if (!CHECK(ear->len + len <= PLENTY))
        return;
    memcpy(ear->all + ear->len, bytes, len);
    ear->len += len;
}

/* Reads follow each other as long as there is something for them. */
static void listen(struct ear *ear)
{
    struct ci_com_read *read = &ear->m.com.read;

    while (ear->way->read > 0 && (!read->active || read->over)) {
        if (read->active) {
            keep(ear, ear->buf, read->got);
            ci_com_read_stop(&ear->m.com);
        }
        ci_com_read_start(&ear->m.com, ear->buf, ear->way->read, ear->m.now_ns);
    }
}

static void hear(struct ear *ear, const struct heard *heard)
{
    size_t bite = heard->bad != 0 ? 1 : ear->way->bite;
    struct ci_run run = {.bad = heard->bad};

    for (size_t at = 0; at < heard->text.len; at += run.len) {
        size_t left = heard->text.len - at;

        listen(ear);
        run.bytes = (const uint8_t *)heard->text.bytes + at;
        run.len = left < bite ? left : bite;
        run.len = ci_com_receive(&ear->m.com, &run, ear->m.now_ns);
        if (!CHECK(run.len > 0))
            return;
    }
    listen(ear);
}

static void ear_close(struct ear *ear)
{
    keep(ear, ear->buf, ear->m.com.read.active ? ear->m.com.read.got : 0);
    ci_com_read_stop(&ear->m.com);
    machine_take(&ear->m, PLENTY);
    keep(ear, ear->m.buf, ear->m.got);
    machine_close(&ear->m);
}

static void check_row(const struct row *row, const struct way *way)
{
    struct ear ear;

    ear_open(&ear, row, way);
    for (size_t i = 0; i < ARRAY_LEN(row->in); i++)
        hear(&ear, &row->in[i]);
    CHECK_EQ_WHEN(row->when, ear.m.com.history, row->events);
    CHECK_EQ_WHEN(row->when, ear.m.com.tx_hold, row->hold);
    CHECK_EQ_WHEN(row->when, ci_com_errors(&ear.m.com), row->errors);
    CHECK_EQ_WHEN(row->when, ci_com_errors(&ear.m.com), 0);
    ear_close(&ear);
    comm_check(ear.len == row->out.len && memcmp(ear.all, row->out.bytes, ear.len) == 0, __FILE__,
               __LINE__, "%s, %s", row->when, way->name);
}

static void each_rule_of_the_filter_holds_however_bytes_come(void)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t j = 0; j < ARRAY_LEN(ways); j++)
            check_row(&rows[i], &ways[j]);
}

/* S60, with nothing in the way and with an event character among them. */
static void every_byte_is_masked_and_nothing_else(void)
{
    for (unsigned way = 0; way < 4 * 2; way++) {
        struct machine m;
        struct ci_settings set;
        uint8_t all[256], masked[256];

        machine_open(&m, 4096);
        set = m.com.set;
        set.bits = (uint8_t)(5 + way % 4);
        set.chars.event = 7;
        ci_com_set(&m.com, &set);
        ci_com_mask(&m.com, way / 4 == 1 ? EV_RXFLAG : 0);
        for (unsigned i = 0; i < 256; i++) {
            all[i] = (uint8_t)i;
            masked[i] = (uint8_t)(i & ((1u << set.bits) - 1));
        }
        machine_hear(&m, all, sizeof all);
        CHECK(machine_holds(&m, masked, sizeof masked));
        machine_close(&m);
    }
}

/* ---- changes of the inputs among the bytes ---- */

static void changed_inputs_are_told_behind_the_escape_character(void)
{
    static const struct {
        const char *when;
        uint32_t from, to;
        struct text out;
    } cases[] = {
        {"CTS falls",         0xB0, 0xA0,
         T("a\xAA\x03\xA1"
           "b")                                  },
        {"DSR rises",         0x90, 0xB0,
         T("a\xAA\x03\xB2"
           "b")                                  },
        {"a ring ends",       0xF0, 0xB0,
         T("a\xAA\x03\xB4"
           "b")                                  },
        {"a ring begins",     0xB0, 0xF0, T("ab")},
        {"RLSD and CTS fall", 0xB0, 0x20,
         T("a\xAA\x03\x29"
           "b")                                  },
        {"nothing changes",   0xB0, 0xB0, T("ab")},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct machine m;

        machine_open(&m, 4096);
        machine_levels(&m, cases[i].from);
        ci_com_escape(&m.com, 0xAA);
        machine_say(&m, "a");
        machine_levels(&m, cases[i].to);
        machine_say(&m, "b");
        CHECK_EQ_WHEN(cases[i].when, machine_holds(&m, cases[i].out.bytes, cases[i].out.len), true);
        machine_close(&m);
    }
}

/* ---- turned on and off ---- */

static void xoff_counts_from_when_it_is_listened_for(void)
{
    struct machine m;

    machine_open(&m, 4096);
    machine_say(&m, "a\x13");
    machine_flow(&m, 0, SERIAL_AUTO_TRANSMIT);
    CHECK_EQ(m.com.tx_hold, 0);
    machine_say(&m, "b\x13");
    CHECK_EQ(m.com.tx_hold, CI_HOLD_XOFF);
    CHECK(machine_holds(&m,
                        "a\x13"
                        "b",
                        3));
    machine_close(&m);
}

static void the_escape_character_is_one_until_it_is_taken_back(void)
{
    struct machine m;

    machine_open(&m, 4096);
    ci_com_escape(&m.com, 'e');
    machine_say(&m, "e");
    ci_com_escape(&m.com, 0);
    machine_say(&m, "e");
    machine_damage(&m, 'f', CI_BAD_PARITY);
    CHECK(machine_holds(&m, "e\0ef", 4));
    machine_close(&m);
}

COMM_TEST_MAIN(TEST(each_rule_of_the_filter_holds_however_bytes_come),
               TEST(every_byte_is_masked_and_nothing_else),
               TEST(changed_inputs_are_told_behind_the_escape_character),
               TEST(xoff_counts_from_when_it_is_listened_for),
               TEST(the_escape_character_is_one_until_it_is_taken_back))
