/* SPDX-License-Identifier: MIT */
/* The type-ahead: when the peer is held up and let go, when the program is warned, and what becomes
 * of bytes for which there is no room.  All of it by counts, and the same byte by byte as at once.
 */
#include "machine.h"

#include <errno.h>
#include <string.h>

#include "libcomm/plat/testing.h"

#define SIZE 4096u
#define DTR SERIAL_DTR_HANDSHAKE
#define RTS SERIAL_RTS_HANDSHAKE
#define XONXOFF SERIAL_AUTO_RECEIVE
#define XON "\x11"
#define XOFF "\x13"

static void open_limited(struct machine *m, uint32_t size, int32_t xoff_limit, int32_t xon_limit)
{
    struct ci_settings set;

    machine_open(m, size);
    set = m->com.set;
    set.chars.error = '?';
    set.xoff_limit = xoff_limit;
    set.xon_limit = xon_limit;
    CHECK(ci_settings_valid(&set, size, 0));
    ci_com_set(&m->com, &set);
    ci_com_mask(&m->com, 0x1FFF & ~(uint32_t)EV_RXFLAG);
}

/* So many, in pieces of so many. */
static void come_by(struct machine *m, size_t len, size_t piece)
{
    for (size_t n; len > 0; len -= n) {
        n = len < piece ? len : piece;
        machine_come(m, n);
    }
}

static bool lines_are(const struct machine *m, bool dtr, bool rts)
{
    return m->com.outputs == ((dtr ? CI_OUT_DTR : 0u) | (rts ? CI_OUT_RTS : 0u));
}

static const size_t pieces[] = {1, 2, 7, MACHINE_ROOM};

/* ---- the limits ---- */

static const struct {
    const char *when;
    uint32_t size;
    int32_t xoff_limit, xon_limit;
    uint32_t full_at, low_at; /* held with the former, let go with the latter */
} limits[] = {
    {"S97, S98",                            4096, 512, 2048, 3584, 2048},
    {"those of a fresh port",               1024, 128, 512,  896,  512 },
    {"no room to spare",                    100,  0,   10,   100,  10  },
    {"one byte to spare",                   100,  1,   10,   99,   10  },
    {"let go only when all is read",        100,  50,  0,    50,   0   },
    {"let go by the first byte read",       100,  50,  49,   50,   49  },
    {"the lower limit is above the other",  100,  50,  90,   50,   49  },
    {"held by the first byte",              100,  99,  0,    1,    0   },
    {"held by the first byte, and more so", 100,  100, 0,    1,    0   },
    {"a single byte of room",               1,    0,   0,    1,    0   },
};

/* Exactly one XOFF, exactly one XON, both lines with them. */
static void check_limits(size_t i, size_t piece)
{
    const char *when = limits[i].when;
    struct machine m;

    open_limited(&m, limits[i].size, limits[i].xoff_limit, limits[i].xon_limit);
    machine_flow(&m, DTR, RTS | XONXOFF);
    come_by(&m, limits[i].full_at - 1, piece);
    machine_send(&m, SIZE);
    CHECK_EQ_WHEN(when, lines_are(&m, true, true), true);
    CHECK_EQ_WHEN(when, m.sent_len, 0);
    come_by(&m, limits[i].size - (limits[i].full_at - 1), piece);
    machine_send(&m, SIZE);
    CHECK_EQ_WHEN(when, lines_are(&m, false, false), true);
    CHECK_EQ_WHEN(when, machine_sent(&m, XOFF, 1), true);
    if (limits[i].low_at + 1 < limits[i].full_at) {
        machine_take(&m, limits[i].size - limits[i].low_at - 1);
        machine_send(&m, SIZE);
        CHECK_EQ_WHEN(when, lines_are(&m, false, false), true);
        CHECK_EQ_WHEN(when, m.sent_len, 1);
    }
    machine_take(&m, m.com.rx.count - limits[i].low_at);
    machine_send(&m, SIZE);
    CHECK_EQ_WHEN(when, lines_are(&m, true, true), true);
    CHECK_EQ_WHEN(when, machine_sent(&m, XOFF XON, 2), true);
    machine_close(&m);
}

static void the_peer_is_held_from_one_limit_to_the_other(void)
{
    for (size_t i = 0; i < ARRAY_LEN(limits); i++)
        for (size_t j = 0; j < ARRAY_LEN(pieces); j++)
            check_limits(i, pieces[j]);
}

/* S97 as it is written: nobody reads, and the peer hears it with the 3584th byte. */
static void it_is_held_again_each_time_it_fills(void)
{
    struct machine m;

    open_limited(&m, SIZE, 512, 2048);
    machine_flow(&m, SERIAL_DTR_CONTROL, SERIAL_RTS_CONTROL | XONXOFF);
    for (unsigned round = 1; round <= 3; round++) {
        come_by(&m, 3583 - m.com.rx.count, 100);
        machine_send(&m, SIZE);
        CHECK_EQ(m.sent_len, 2 * round - 2);
        machine_come(&m, 1);
        machine_send(&m, SIZE);
        CHECK_EQ(m.sent_len, 2 * round - 1);
        machine_come(&m, 100);
        machine_take(&m, 1635);
        machine_send(&m, SIZE);
        CHECK_EQ(m.sent_len, 2 * round - 1);
        machine_take(&m, 1);
        machine_send(&m, SIZE);
    }
    CHECK(machine_sent(&m, XOFF XON XOFF XON XOFF XON, 6));
    CHECK(lines_are(&m, true, true));
    machine_close(&m);
}

/* What has no part in it stays as it is, whoever put it there. */
static void each_way_of_holding_is_used_only_if_it_is_asked_for(void)
{
    for (unsigned ways = 0; ways < 8; ways++) {
        bool dtr = (ways & 1) != 0, rts = (ways & 2) != 0, xoff = (ways & 4) != 0;
        struct machine m;

        open_limited(&m, SIZE, 512, 2048);
        machine_flow(&m, dtr ? DTR : SERIAL_DTR_CONTROL,
                     (rts ? RTS : SERIAL_RTS_CONTROL) | (xoff ? XONXOFF : 0));
        machine_come(&m, 4000);
        machine_send(&m, SIZE);
        CHECK(lines_are(&m, !dtr, !rts));
        CHECK_EQ(m.sent_len, xoff ? 1 : 0);
        CHECK_EQ(ci_com_holds(&m.com), xoff ? CI_HOLD_SENT : 0);
        m.com.outputs = 0; /* EscapeCommFunction */
        machine_take(&m, 4000);
        machine_send(&m, SIZE);
        CHECK(lines_are(&m, dtr, rts));
        CHECK_EQ(m.sent_len, xoff ? 2 : 0);
        CHECK_EQ(ci_com_holds(&m.com), 0);
        machine_close(&m);
    }
}

static void bytes_that_go_to_a_read_hold_up_nobody(void)
{
    struct machine m;

    open_limited(&m, 100, 90, 0);
    machine_flow(&m, DTR, RTS | XONXOFF);
    machine_read(&m, 5000);
    machine_come(&m, 4999);
    CHECK_EQ(m.com.history, EV_RXCHAR);
    machine_come(&m, 10); /* one for the read, nine to wait */
    CHECK(m.over);
    CHECK_EQ(m.com.rx.count, 9);
    CHECK(lines_are(&m, true, true));
    machine_come(&m, 1);
    CHECK(lines_are(&m, false, false));
    machine_close(&m);
}

static void a_purge_lets_the_peer_go(void)
{
    struct machine m;

    open_limited(&m, SIZE, 512, 2048);
    machine_flow(&m, DTR, RTS | XONXOFF);
    machine_come(&m, 4000);
    machine_send(&m, SIZE);
    ci_com_purge(&m.com);
    machine_send(&m, SIZE);
    CHECK_EQ(m.com.rx.count, 0);
    CHECK(lines_are(&m, true, true));
    CHECK(machine_sent(&m, XOFF XON, 2));
    machine_close(&m);
}

/* ---- XOFF and XON that could not be sent at once ---- */

static void an_xoff_that_came_to_nothing_needs_no_xon(void)
{
    struct machine m;

    open_limited(&m, SIZE, 512, 2048);
    machine_flow(&m, SERIAL_CTS_HANDSHAKE, XONXOFF);
    machine_levels(&m, 0);
    machine_come(&m, 4000);
    machine_take(&m, 4000);
    machine_levels(&m, MS_CTS_ON);
    machine_send(&m, SIZE);
    CHECK_EQ(m.sent_len, 0);
    machine_close(&m);
}

static void an_xon_that_came_too_late_is_not_sent(void)
{
    struct machine m;

    open_limited(&m, SIZE, 512, 2048);
    machine_flow(&m, SERIAL_CTS_HANDSHAKE, XONXOFF);
    machine_come(&m, 4000);
    machine_send(&m, SIZE);
    machine_levels(&m, 0);
    machine_take(&m, 4000);
    machine_come(&m, 4000);
    machine_levels(&m, MS_CTS_ON);
    machine_send(&m, SIZE);
    CHECK(machine_sent(&m, XOFF, 1));
    machine_take(&m, 4000);
    machine_send(&m, SIZE);
    CHECK(machine_sent(&m, XOFF XON, 2));
    machine_close(&m);
}

/* ---- new settings ---- */

static const struct {
    const char *when;
    uint32_t first, second; /* FlowReplace */
    uint32_t come, taken;   /* before the second is set */
    const char *sent;
    bool rts; /* after all of it */
} changes[] = {
    {"fInX on, above the limit",                     0,       XONXOFF,            4000, 0,    XOFF,     false},
    {"fInX on, below it",                            0,       XONXOFF,            3583, 0,    "",       false},
    {"fInX on, between, having been above",          0,       XONXOFF,            4000, 1000, "",       false},
    {"fInX off while held",                          XONXOFF, 0,                  4000, 0,    XOFF XON, false},
    {"fInX off while not held",                      XONXOFF, 0,                  3583, 0,    "",       false},
    {"fInX stays on while held",                     XONXOFF, XONXOFF,            4000, 0,    XOFF,     false},
    {"RTS handshake on, above the limit",            0,       RTS,                4000, 0,    "",       false},
    {"RTS handshake on, below it",                   0,       RTS,                3583, 0,    "",       true },
    {"RTS handshake on, between, having been above", 0,       RTS,                4000, 1000, "",       true },
    {"RTS handshake on beside fInX, between",        XONXOFF, RTS | XONXOFF,      4000, 1000, XOFF,     true },
    {"RTS handshake off while held",                 RTS,     0,                  4000, 0,    "",       false},
    {"RTS enabled instead while held",               RTS,     SERIAL_RTS_CONTROL, 4000, 0,    "",       true },
    {"RTS handshake stays on while held",            RTS,     RTS,                4000, 0,    "",       false},
};

static void a_way_of_holding_is_decided_on_when_it_is_turned_on(void)
{
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        struct machine m;

        open_limited(&m, SIZE, 512, 2048);
        machine_flow(&m, 0, changes[i].first);
        machine_come(&m, changes[i].come);
        machine_send(&m, SIZE);
        if (changes[i].taken > 0)
            machine_take(&m, changes[i].taken);
        machine_flow(&m, 0, changes[i].second);
        machine_send(&m, SIZE);
        CHECK_EQ_WHEN(changes[i].when, machine_sent(&m, changes[i].sent, strlen(changes[i].sent)),
                      true);
        CHECK_EQ_WHEN(changes[i].when, lines_are(&m, false, changes[i].rts), true);
        machine_take(&m, SIZE); /* and nobody is held for good */
        machine_send(&m, SIZE);
        CHECK_EQ_WHEN(changes[i].when, m.com.xoff_sent || m.com.xon_due || m.com.xoff_due, false);
        machine_close(&m);
    }
}

/* Turning fOutX off while the peer holds us sends an XON, whatever we had told the peer: with the
 * next byte it is told again. */
static void a_peer_let_go_by_accident_is_held_again(void)
{
    struct machine m;

    open_limited(&m, SIZE, 512, 2048);
    machine_flow(&m, 0, XONXOFF | SERIAL_AUTO_TRANSMIT);
    machine_come(&m, 3600);
    machine_send(&m, SIZE);
    machine_say(&m, XOFF);
    machine_flow(&m, 0, XONXOFF);
    machine_send(&m, SIZE);
    CHECK(machine_sent(&m, XOFF XON, 2));
    machine_come(&m, 1);
    machine_send(&m, SIZE);
    CHECK(machine_sent(&m, XOFF XON XOFF, 3));
    machine_take(&m, SIZE);
    machine_send(&m, SIZE);
    CHECK(machine_sent(&m, XOFF XON XOFF XON, 4));
    machine_close(&m);
}

/* The same, with an XOFF that could not be sent because the peer held us. */
static void an_xoff_that_waits_survives_such_an_xon(void)
{
    struct machine m;

    open_limited(&m, SIZE, 512, 2048);
    machine_flow(&m, 0, XONXOFF | SERIAL_AUTO_TRANSMIT);
    machine_say(&m, XOFF);
    machine_come(&m, 3600);
    machine_flow(&m, 0, XONXOFF);
    machine_send(&m, SIZE);
    CHECK(machine_sent(&m, XON XOFF, 2));
    machine_take(&m, SIZE);
    machine_send(&m, SIZE);
    CHECK(machine_sent(&m, XON XOFF XON, 3));
    machine_close(&m);
}

/* ---- nearly full ---- */

static const struct {
    uint32_t size, mark;
} marks[] = {
    {4096, 3328}, /* S81 */
    {1024, 832 },
    {100,  81  },
    {16,   13  },
    {10,   6   },
    {4,    3   },
    {3,    0   }, /* never */
    {1,    0   },
};

static void check_mark(uint32_t size, uint32_t mark, size_t piece)
{
    struct machine m;

    open_limited(&m, size, 0, 0);
    ci_com_mask(&m.com, EV_RX80FULL);
    for (int round = 0; round < 2; round++) {
        if (mark > 0)
            come_by(&m, mark - 1, piece);
        CHECK_EQ(m.com.history, 0);
        machine_come(&m, 1);
        CHECK_EQ(machine_events(&m), mark > 0 ? EV_RX80FULL : 0);
        come_by(&m, size - m.com.rx.count, piece);
        machine_take(&m, size - mark); /* down to the mark is not filling up to it */
        CHECK_EQ(m.com.history, 0);
        machine_take(&m, size);
    }
    machine_close(&m);
}

static void a_warning_comes_with_the_byte_that_reaches_13_16ths(void)
{
    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        for (size_t j = 0; j < ARRAY_LEN(pieces); j++)
            check_mark(marks[i].size, marks[i].mark, pieces[j]);
}

/* ---- too full ---- */

/* S80; `head`: where the ring begins. */
static void check_overflow(uint32_t flow, uint32_t head, size_t piece)
{
    uint8_t kept[16];
    struct machine m;

    open_limited(&m, sizeof kept, 2, 8);
    machine_flow(&m, SERIAL_ERROR_ABORT, flow);
    machine_come(&m, head);
    machine_take(&m, SIZE);
    for (size_t i = 0; i < sizeof kept; i++)
        kept[i] = machine_letter(head + i);
    come_by(&m, sizeof kept, piece);
    CHECK_EQ(m.com.errors, 0);
    come_by(&m, 5, piece);
    CHECK_EQ(m.com.history, EV_RXCHAR | EV_RX80FULL);
    CHECK_EQ(m.com.stats.buffer_overrun, 5);
    CHECK_EQ(m.com.stats.received, head + sizeof kept + 5);
    CHECK(m.com.abort && m.com.aborted);
    CHECK_EQ(ci_com_errors(&m.com), CE_RXOVER);
    if (flow != 0)
        kept[sizeof kept - 1] = '?';
    CHECK(machine_holds(&m, kept, sizeof kept));
    machine_close(&m);
}

static void the_oldest_bytes_stay_and_the_last_one_may_tell(void)
{
    for (uint32_t head = 0; head < 16; head++) {
        for (size_t j = 0; j < ARRAY_LEN(pieces); j++) {
            check_overflow(0, head, pieces[j]);
            check_overflow(SERIAL_ERROR_CHAR, head, pieces[j]);
        }
    }
}

/* ---- a bigger one ---- */

/* S107 */
static void growing_keeps_what_is_there_and_makes_new_limits(void)
{
    uint8_t kept[4000];
    struct machine m;

    open_limited(&m, SIZE, 512, 2048);
    machine_come(&m, 500);
    machine_take(&m, 500);
    for (size_t i = 0; i < sizeof kept; i++)
        kept[i] = machine_letter(m.next + i);
    machine_come(&m, sizeof kept); /* around the end of the ring */
    CHECK_EQ(ci_com_grow(&m.com, 100000), 0);
    CHECK_EQ(m.com.rx.size, 100000);
    CHECK_EQ(m.com.set.xoff_limit, 12500);
    CHECK_EQ(m.com.set.xon_limit, 50000);
    CHECK(machine_holds(&m, kept, sizeof kept));
    for (uint32_t smaller = 0; smaller <= 100000; smaller += 10000) {
        CHECK_EQ(ci_com_grow(&m.com, smaller), 0);
        CHECK_EQ(m.com.rx.size, 100000);
        CHECK_EQ(m.com.set.xoff_limit, 12500);
        CHECK_EQ(m.com.set.xon_limit, 50000);
    }
    machine_close(&m);
}

static void without_memory_it_stays_as_it_is(void)
{
    struct machine m;

    open_limited(&m, 16, 2, 8);
    machine_say(&m, "abc");
    ci_testing_fail(CI_FAULT_MEMORY, 0, false);
    CHECK_EQ(ci_com_grow(&m.com, 32), -ENOMEM);
    ci_testing_fail(0, 0, false);
    CHECK_EQ(m.com.rx.size, 16);
    CHECK_EQ(m.com.set.xoff_limit, 2);
    CHECK_EQ(m.com.set.xon_limit, 8);
    CHECK(machine_holds(&m, "abc", 3));
    machine_close(&m);
}

static void room_that_is_made_lets_the_peer_go(void)
{
    struct machine m;

    open_limited(&m, SIZE, 512, 2048);
    machine_flow(&m, DTR, RTS | XONXOFF);
    machine_come(&m, 4000);
    machine_send(&m, SIZE);
    CHECK_EQ(ci_com_grow(&m.com, 7999), 0); /* 4000 is one more than half of it */
    machine_send(&m, SIZE);
    CHECK(machine_sent(&m, XOFF, 1));
    CHECK(lines_are(&m, false, false));
    CHECK_EQ(ci_com_grow(&m.com, 8000), 0);
    machine_send(&m, SIZE);
    CHECK(machine_sent(&m, XOFF XON, 2));
    CHECK(lines_are(&m, true, true));
    machine_close(&m);
}

COMM_TEST_MAIN(TEST(the_peer_is_held_from_one_limit_to_the_other),
               TEST(it_is_held_again_each_time_it_fills),
               TEST(each_way_of_holding_is_used_only_if_it_is_asked_for),
               TEST(bytes_that_go_to_a_read_hold_up_nobody), TEST(a_purge_lets_the_peer_go),
               TEST(an_xoff_that_came_to_nothing_needs_no_xon),
               TEST(an_xon_that_came_too_late_is_not_sent),
               TEST(a_way_of_holding_is_decided_on_when_it_is_turned_on),
               TEST(a_peer_let_go_by_accident_is_held_again),
               TEST(an_xoff_that_waits_survives_such_an_xon),
               TEST(a_warning_comes_with_the_byte_that_reaches_13_16ths),
               TEST(the_oldest_bytes_stay_and_the_last_one_may_tell),
               TEST(growing_keeps_what_is_there_and_makes_new_limits),
               TEST(without_memory_it_stays_as_it_is), TEST(room_that_is_made_lets_the_peer_go))
