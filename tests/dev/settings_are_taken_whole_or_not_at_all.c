/* SPDX-License-Identifier: MIT */
/* What SetCommState takes and refuses, without a port: the rules one by one, and that a DCB says
 * what the settings are, there and back. */
#include <stdlib.h>
#include <string.h>

#include "libcomm/dev/serial/settings.h"

#include "harness.h"

#define RX_SIZE 4096
#define ROUNDS 20000

static DCB usual(void)
{
    struct ci_settings settings;
    DCB dcb;

    ci_settings_default(&settings, RX_SIZE);
    ci_settings_to_dcb(&settings, &dcb);
    return dcb;
}

static bool valid(const DCB *dcb, uint8_t escape)
{
    struct ci_settings settings;

    ci_settings_from_dcb(&settings, dcb);
    return ci_settings_valid(&settings, RX_SIZE, escape);
}

/* ---- the defaults ---- */

static void a_port_nobody_set_is_9600_8n1_with_its_lines_on(void)
{
    DCB dcb = usual();

    CHECK_EQ(dcb.DCBlength, 28);
    CHECK_EQ(dcb.BaudRate, 9600);
    CHECK_EQ(dcb.ByteSize, 8);
    CHECK_EQ(dcb.Parity, NOPARITY);
    CHECK_EQ(dcb.StopBits, ONESTOPBIT);
    CHECK_EQ(dcb.fBinary, 1);
    CHECK_EQ(dcb.fDtrControl, DTR_CONTROL_ENABLE);
    CHECK_EQ(dcb.fRtsControl, RTS_CONTROL_ENABLE);
    CHECK_EQ(dcb.XonLim, RX_SIZE / 2);
    CHECK_EQ(dcb.XoffLim, RX_SIZE / 8);
    CHECK_EQ(dcb.XonChar, 0x11);
    CHECK_EQ(dcb.XoffChar, 0x13);
    CHECK(valid(&dcb, 0));
}

/* ---- rules ---- */

static void a_rate_is_one_a_driver_can_count_with(void)
{
    static const struct {
        const char *when;
        DWORD baud;
        bool taken;
    } rows[] = {
        {"nothing",                           0,          false},
        {"the slowest",                       1,          true },
        {"a usual one",                       CBR_115200, true },
        {"an unusual one",                    31250,      true },
        {"a fast one",                        12000000,   true },
        {"the fastest",                       0x0FFFFFFF, true },
        {"16 times it has more than 32 bits", 0x10000000, false},
        {"the greatest LONG",                 0x7FFFFFFF, false},
        {"negative as a LONG",                0x80000000, false},
        {"MAXDWORD",                          MAXDWORD,   false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        DCB dcb = usual();

        dcb.BaudRate = rows[i].baud;
        CHECK_EQ_WHEN(rows[i].when, valid(&dcb, 0), rows[i].taken);
    }
}

static void a_format_is_one_a_driver_knows(void)
{
    static const struct {
        const char *when;
        BYTE bits, parity, stop;
        bool taken;
    } rows[] = {
        {"8N1",        8,   NOPARITY,    ONESTOPBIT,   true },
        {"7E1",        7,   EVENPARITY,  ONESTOPBIT,   true },
        {"8O2",        8,   ODDPARITY,   TWOSTOPBITS,  true },
        {"6M1",        6,   MARKPARITY,  ONESTOPBIT,   true },
        {"7S2",        7,   SPACEPARITY, TWOSTOPBITS,  true },
        {"5N1",        5,   NOPARITY,    ONESTOPBIT,   true },
        {"5N1.5",      5,   NOPARITY,    ONE5STOPBITS, true },
        {"0 bits",     0,   NOPARITY,    ONESTOPBIT,   false},
        {"4 bits",     4,   NOPARITY,    ONESTOPBIT,   false},
        {"9 bits",     9,   NOPARITY,    ONESTOPBIT,   false},
        {"255 bits",   255, NOPARITY,    ONESTOPBIT,   false},
        {"parity 5",   8,   5,           ONESTOPBIT,   false},
        {"parity 255", 8,   255,         ONESTOPBIT,   false},
        {"stop 3",     8,   NOPARITY,    3,            false},
        {"5N2",        5,   NOPARITY,    TWOSTOPBITS,  false},
        {"6N1.5",      6,   NOPARITY,    ONE5STOPBITS, false},
        {"8N1.5",      8,   NOPARITY,    ONE5STOPBITS, false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        DCB dcb = usual();

        dcb.ByteSize = rows[i].bits;
        dcb.Parity = rows[i].parity;
        dcb.StopBits = rows[i].stop;
        CHECK_EQ_WHEN(rows[i].when, valid(&dcb, 0), rows[i].taken);
    }
}

static void limits_lie_within_the_type_ahead(void)
{
    static const struct {
        const char *when;
        WORD xon, xoff;
        bool taken;
    } rows[] = {
        {"both are 0",      0,           0,           true },
        {"both are all",    RX_SIZE,     RX_SIZE,     true },
        {"XON is beyond",   RX_SIZE + 1, 0,           false},
        {"XOFF is beyond",  0,           RX_SIZE + 1, false},
        {"both are beyond", MAXWORD,     MAXWORD,     false},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        DCB dcb = usual();

        dcb.XonLim = rows[i].xon;
        dcb.XoffLim = rows[i].xoff;
        CHECK_EQ_WHEN(rows[i].when, valid(&dcb, 0), rows[i].taken);
    }
}

static void characters_of_flow_control_can_be_told_apart(void)
{
    static const struct {
        const char *when;
        char xon, xoff, others;
        uint8_t escape;
        bool taken;
    } rows[] = {
        {"XON is XOFF",           0x11,       0x11,       0, 0,    false},
        {"both are NUL",          0,          0,          1, 0,    false},
        {"one is NUL",            0,          1,          0, 0,    true },
        {"they are 80 and FF",    (char)0x80, (char)0xFF, 0, 0,    true },
        {"XON is all others too", 1,          2,          1, 0,    true },
        {"XON is the escape",     1,          2,          0, 1,    false},
        {"XOFF is the escape",    1,          2,          0, 2,    false},
        {"XOFF FF is the escape", 1,          (char)0xFF, 0, 0xFF, false},
        {"neither is the escape", 1,          2,          3, 3,    true },
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        DCB dcb = usual();

        dcb.XonChar = rows[i].xon;
        dcb.XoffChar = rows[i].xoff;
        dcb.ErrorChar = dcb.EofChar = dcb.EvtChar = rows[i].others;
        CHECK_EQ_WHEN(rows[i].when, valid(&dcb, rows[i].escape), rows[i].taken);
    }
}

static void set_flags(DCB *dcb, DWORD flags)
{
    memcpy((char *)dcb + 8, &flags, sizeof flags);
}

static void all_flags_go_together_but_two(void)
{
    DCB dcb = usual(), changed;

    set_flags(&dcb, 0xFFFFFFFF); /* every flag there is */
    dcb.fDtrControl = DTR_CONTROL_HANDSHAKE;
    CHECK(valid(&dcb, 0));
    changed = dcb;
    changed.fDtrControl = 3;
    CHECK(!valid(&changed, 0));
    CHECK(!valid(&dcb, 7)); /* errors are replaced and escaped */
    dcb.fErrorChar = 0;
    CHECK(valid(&dcb, 7));
    for (unsigned rts = 0; rts < 4; rts++) {
        dcb.fRtsControl = rts & 3u;
        CHECK(valid(&dcb, 0));
    }
    set_flags(&dcb, 0); /* not even fBinary */
    CHECK(valid(&dcb, 0));
}

static void every_format_follows_the_rule_of_stop_bits(void)
{
    for (unsigned bits = 0; bits < 256; bits++)
        for (unsigned parity = 0; parity < 256; parity++)
            for (unsigned stop = 0; stop < 256; stop++) {
                bool stops = stop == 0 || (stop == 1 && bits == 5) || (stop == 2 && bits != 5);
                bool right = bits >= 5 && bits <= 8 && parity <= 4 && stops;

                if (ci_format_valid((uint8_t)bits, (uint8_t)parity, (uint8_t)stop) != right)
                    CHECK_EQ_WHEN("bits, parity, stop", bits << 16 | parity << 8 | stop, -1);
            }
}

/* What a DCB cannot say, DeviceIoControl can. */
static void illegal_handflow_bits_are_refused_one_by_one(void)
{
    for (unsigned bit = 0; bit < 32; bit++) {
        uint32_t word = 1u << bit;

        CHECK_EQ(ci_handflow_valid(word, 0, 0, 0, RX_SIZE, 0), (word & 0x7FFFFF84) == 0);
        CHECK_EQ(ci_handflow_valid(0, word, 0, 0, RX_SIZE, 0), (word & 0x7FFFFF20) == 0);
    }
    CHECK(!ci_handflow_valid(SERIAL_DTR_MASK, 0, 0, 0, RX_SIZE, 0));
    CHECK(ci_handflow_valid(0, SERIAL_RTS_MASK, 0, 0, RX_SIZE, 0));
}

static void limits_have_32_bits_and_no_sign(void)
{
    CHECK(ci_handflow_valid(0, 0, 100000, 100000, 100000, 0));
    CHECK(!ci_handflow_valid(0, 0, 100001, 0, 100000, 0));
    CHECK(!ci_handflow_valid(0, 0, 0, 100001, 100000, 0));
    CHECK(!ci_handflow_valid(0, 0, -1, 0, UINT32_MAX, 0));
    CHECK(!ci_handflow_valid(0, 0, 0, -1, UINT32_MAX, 0));
    CHECK(!ci_handflow_valid(0, 0, INT32_MIN, 0, UINT32_MAX, 0));
    CHECK(ci_handflow_valid(0, 0, INT32_MAX, INT32_MAX, UINT32_MAX, 0));
}

/* ---- there and back ---- */

static unsigned below(unsigned end)
{
    return (unsigned)random() % end;
}

static struct ci_settings any_settings(void)
{
    struct ci_settings set = {
        .baud = 1 + below(4000000),
        .bits = (uint8_t)(5 + below(4)),
        .parity = (uint8_t)below(5),
        .chars = {.eof = (uint8_t)below(256),
                  .error = (uint8_t)below(256),
                  .event = (uint8_t)below(256),
                  .xon = (uint8_t)below(256)},
        .control = (uint32_t)random() * 2u & ~(SERIAL_CONTROL_INVALID | SERIAL_DCD_HANDSHAKE),
        .flow = (uint32_t)random() * 2u & ~(SERIAL_FLOW_INVALID | SERIAL_BREAK_CHAR),
        .xon_limit = (int32_t)below(RX_SIZE + 1),
        .xoff_limit = (int32_t)below(RX_SIZE + 1),
    };

    set.chars.xoff = (uint8_t)(set.chars.xon + 1 + below(255));
    set.stop = below(2) == 0 ? ONESTOPBIT : set.bits == 5 ? ONE5STOPBITS : TWOSTOPBITS;
    set.control = (set.control & ~SERIAL_DTR_MASK) | below(3);
    set.flow ^= below(2); /* random() * 2 has no lowest bit */
    return set;
}

static bool same_settings(const struct ci_settings *a, const struct ci_settings *b)
{
    return a->baud == b->baud && a->bits == b->bits && a->parity == b->parity &&
           a->stop == b->stop && memcmp(&a->chars, &b->chars, sizeof a->chars) == 0 &&
           a->control == b->control && a->flow == b->flow && a->xon_limit == b->xon_limit &&
           a->xoff_limit == b->xoff_limit;
}

static void settings_come_back_from_a_dcb_as_they_were(void)
{
    srandom(1);
    for (size_t i = 0; i < ROUNDS; i++) {
        struct ci_settings set = any_settings(), back;
        DCB dcb;

        memset(&dcb, 0xFF, sizeof dcb);
        ci_settings_to_dcb(&set, &dcb);
        memset(&back, 0xFF, sizeof back);
        ci_settings_from_dcb(&back, &dcb);
        if (!ci_settings_valid(&set, RX_SIZE, 0) || !same_settings(&set, &back))
            CHECK_EQ_WHEN("round", i, -1);
    }
}

/* All but what a driver does not keep: fBinary, fParity, what is reserved. */
static void a_dcb_comes_back_from_settings_as_it_was(void)
{
    srandom(2);
    for (size_t i = 0; i < ROUNDS; i++) {
        struct ci_settings set = any_settings();
        DCB dcb, given, back;

        ci_settings_to_dcb(&set, &dcb);
        given = dcb;
        given.DCBlength = 0;
        given.fBinary = below(2) & 1u;
        given.fParity = below(2) & 1u;
        given.fDummy2 = below(1u << 17) & 0x1FFFFu;
        given.wReserved = given.wReserved1 = (WORD)below(65536);
        ci_settings_from_dcb(&set, &given);
        memset(&back, 0xFF, sizeof back);
        ci_settings_to_dcb(&set, &back);
        if (memcmp(&dcb, &back, sizeof dcb) != 0)
            CHECK_EQ_WHEN("round", i, -1);
    }
}

static void each_flag_is_a_bit_of_its_own(void)
{
    static const struct {
        const char *when;
        DCB dcb;
        uint32_t control, flow;
    } flags[] = {
        {"fDtrControl ENABLE",    {.fDtrControl = 1},       0x01,        0          },
        {"fDtrControl HANDSHAKE", {.fDtrControl = 2},       0x02,        0          },
        {"fOutxCtsFlow",          {.fOutxCtsFlow = 1},      0x08,        0          },
        {"fOutxDsrFlow",          {.fOutxDsrFlow = 1},      0x10,        0          },
        {"fDsrSensitivity",       {.fDsrSensitivity = 1},   0x40,        0          },
        {"fAbortOnError",         {.fAbortOnError = 1},     0x80000000u, 0          },
        {"fOutX",                 {.fOutX = 1},             0,           0x01       },
        {"fInX",                  {.fInX = 1},              0,           0x02       },
        {"fErrorChar",            {.fErrorChar = 1},        0,           0x04       },
        {"fNull",                 {.fNull = 1},             0,           0x08       },
        {"fRtsControl ENABLE",    {.fRtsControl = 1},       0,           0x40       },
        {"fRtsControl HANDSHAKE", {.fRtsControl = 2},       0,           0x80       },
        {"fRtsControl TOGGLE",    {.fRtsControl = 3},       0,           0xC0       },
        {"fTXContinueOnXoff",     {.fTXContinueOnXoff = 1}, 0,           0x80000000u},
        {"fBinary",               {.fBinary = 1},           0,           0          },
        {"fParity",               {.fParity = 1},           0,           0          },
    };

    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        struct ci_settings set;

        ci_settings_from_dcb(&set, &flags[i].dcb);
        CHECK_EQ_WHEN(flags[i].when, set.control, flags[i].control);
        CHECK_EQ_WHEN(flags[i].when, set.flow, flags[i].flow);
    }
}

static void the_break_character_is_out_of_a_dcbs_reach(void)
{
    DCB dcb = usual();
    struct ci_settings set;

    memset(&set, 0xFF, sizeof set);
    ci_settings_from_dcb(&set, &dcb);
    CHECK_EQ(set.chars.brk, 0);
}

/* ---- time ---- */

static void a_character_takes_all_of_its_bits(void)
{
    static const struct {
        const char *when;
        struct ci_settings set;
        uint64_t ns;
    } times[] = {
        {"8N1: 10 bits",    {.baud = 9600, .bits = 8},                         1041667     },
        {"8N1 at 1000",     {.baud = 1000, .bits = 8},                         10000000    },
        {"7E1: 10 bits",    {.baud = 1000, .bits = 7, .parity = EVENPARITY},   10000000    },
        {"8O2: 12 bits",    {.baud = 1000, .bits = 8, .parity = 1, .stop = 2}, 12000000    },
        {"6S1: 9 bits",     {.baud = 1000, .bits = 6, .parity = SPACEPARITY},  9000000     },
        {"5N1.5: 7.5 bits", {.baud = 9600, .bits = 5, .stop = ONE5STOPBITS},   781250      },
        {"5M1.5: 8.5 bits", {.baud = 1000, .bits = 5, .parity = 3, .stop = 1}, 8500000     },
        {"one baud",        {.baud = 1, .bits = 8},                            10000000000u},
        {"the fastest",     {.baud = 0x0FFFFFFF, .bits = 8},                   38          },
        {"hung up",         {.baud = 0, .bits = 8},                            10000000000u},
    };

    for (size_t i = 0; i < ARRAY_LEN(times); i++)
        CHECK_EQ_WHEN(times[i].when, ci_settings_char_ns(&times[i].set), times[i].ns);
}

COMM_TEST_MAIN(
    TEST(a_port_nobody_set_is_9600_8n1_with_its_lines_on),
    TEST(a_rate_is_one_a_driver_can_count_with), TEST(a_format_is_one_a_driver_knows),
    TEST(limits_lie_within_the_type_ahead), TEST(characters_of_flow_control_can_be_told_apart),
    TEST(all_flags_go_together_but_two), TEST(every_format_follows_the_rule_of_stop_bits),
    TEST(illegal_handflow_bits_are_refused_one_by_one), TEST(limits_have_32_bits_and_no_sign),
    TEST(settings_come_back_from_a_dcb_as_they_were),
    TEST(a_dcb_comes_back_from_settings_as_it_was), TEST(each_flag_is_a_bit_of_its_own),
    TEST(the_break_character_is_out_of_a_dcbs_reach), TEST(a_character_takes_all_of_its_bits))
