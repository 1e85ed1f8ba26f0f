/* SPDX-License-Identifier: MIT */
/* COMMTIMEOUTS: every row of the truth table, with data that is there before, comes after, does
 * both or never comes, on a clock that the test moves.  Nothing ends a nanosecond early or late. */
#include "machine.h"

#define FOREVER UINT64_MAX
#define MS CI_NS_PER_MS

/* So many bytes then, at once. */
struct arrival {
    uint32_t at_ms, len;
};

struct row {
    const char *when;
    uint32_t interval, multiplier, constant;
    uint32_t len, before; /* asked for, and there before it asks */
    struct arrival come[10];
    uint64_t end_ms; /* after its start */
    uint32_t status, got, left;
};

#define DONE STATUS_SUCCESS
#define LATE STATUS_TIMEOUT

/* clang-format off */
static const struct row rows[] = {
    /* no limit at all */
    {"0 0 0: S23, it comes in two parts",      0, 0, 0, 5, 0, {{50, 3}, {400, 2}}, 400, DONE, 5, 0},
    {"0 0 0: S24, nothing comes",              0, 0, 0, 5, 0, {{0}}, FOREVER, 0, 0, 0},
    {"0 0 0: all was there",                   0, 0, 0, 5, 5, {{0}}, 0, DONE, 5, 0},
    {"0 0 0: more was there",                  0, 0, 0, 5, 8, {{0}}, 0, DONE, 5, 3},
    {"0 0 0: some was there, some comes",      0, 0, 0, 5, 2, {{30, 2}, {90, 1}}, 90, DONE, 5, 0},
    {"0 0 0: too little comes",                0, 0, 0, 5, 1, {{30, 3}}, FOREVER, 0, 0, 0},
    {"0 0 0: too much comes",                  0, 0, 0, 5, 1, {{30, 9}}, 30, DONE, 5, 5},
    /* a total */
    {"0 0 C: S25, nothing comes",              0, 0, 1000, 32, 0, {{0}}, 1000, LATE, 0, 0},
    {"0 M 0: nothing comes",                   0, 7, 0, 3, 0, {{0}}, 21, LATE, 0, 0},
    {"0 M C: S26, nothing comes",              0, 10, 100, 10, 0, {{0}}, 200, LATE, 0, 0},
    {"0 M C: all was there",                   0, 10, 100, 10, 10, {{0}}, 0, DONE, 10, 0},
    {"0 M C: some was there",                  0, 10, 100, 10, 3, {{0}}, 200, LATE, 3, 0},
    {"0 M C: all comes in time",               0, 10, 100, 10, 0, {{199, 10}}, 199, DONE, 10, 0},
    {"0 M C: some was there, some comes",      0, 10, 100, 10, 3, {{50, 3}, {199, 3}}, 200, LATE, 9, 0},
    {"0 M C: the last one comes too late",     0, 10, 100, 10, 9, {{201, 1}}, 200, LATE, 9, 1},
    {"0 0 MAX: seven weeks",                   0, 0, MOST, 10, 1, {{0}}, MOST, LATE, 1, 0},
    {"0 MAX 0: seven weeks a byte",            0, MOST, 0, 2, 1, {{0}}, 2ULL * MOST, LATE, 1, 0},
    /* an interval */
    {"I 0 0: S27, silence after a part",       50, 0, 0, 10, 0, {{200, 3}}, 250, LATE, 3, 0},
    {"I 0 0: S28, nothing comes",              50, 0, 0, 10, 0, {{0}}, FOREVER, 0, 0, 0},
    {"I 0 0: S29, a part was there",           50, 0, 0, 10, 3, {{0}}, 50, LATE, 3, 0},
    {"I 0 0: S30, each byte in time",          50, 0, 0, 10, 0, {{30, 1}, {60, 1}, {90, 1}, {120, 1}, {150, 1},
     {180, 1}, {210, 1}, {240, 1}, {270, 1}, {300, 1}}, 300, DONE, 10, 0},
    {"I 0 0: all was there",                   50, 0, 0, 10, 10, {{0}}, 0, DONE, 10, 0},
    {"I 0 0: a part was there, one more",      50, 0, 0, 10, 3, {{49, 1}}, 99, LATE, 4, 0},
    {"I 0 0: two, then silence",               50, 0, 0, 10, 0, {{10, 1}, {59, 1}, {120, 1}}, 109, LATE, 2, 1},
    {"I 0 0: the first byte after a day",      50, 0, 0, 10, 0, {{86400000, 1}}, 86400050, LATE, 1, 0},
    {"MAX-1 0 0: the longest interval",        MOST - 1, 0, 0, 10, 1, {{0}}, MOST - 1ULL, LATE, 1, 0},
    /* both */
    {"I 0 C: S31, silence after a part",       50, 0, 300, 10, 0, {{100, 3}}, 150, LATE, 3, 0},
    {"I 0 C: S31, nothing comes",              50, 0, 300, 10, 0, {{0}}, 300, LATE, 0, 0},
    {"I 0 C: S32, the total wins",             200, 0, 300, 10, 0, {{100, 1}, {200, 1}, {299, 1}}, 300, LATE, 3, 0},
    {"I 0 C: the interval wins from the start", 50, 0, 300, 10, 3, {{0}}, 50, LATE, 3, 0},
    {"I 0 C: some was there, the total wins",  200, 0, 300, 10, 1, {{150, 1}}, 300, LATE, 2, 0},
    {"I M C: by the length",                   150, 10, 100, 10, 0, {{90, 1}}, 200, LATE, 1, 0},
    {"I M C: all was there",                   50, 10, 100, 10, 12, {{0}}, 0, DONE, 10, 2},
    {"I M C: all comes",                       50, 10, 100, 4, 1, {{40, 2}, {80, 1}}, 80, DONE, 4, 0},
    /* what is there */
    {"MAX 0 0: S33, nothing is there",         MOST, 0, 0, 10, 0, {{10, 3}}, 0, DONE, 0, 3},
    {"MAX 0 0: S34, a part is there",          MOST, 0, 0, 10, 3, {{10, 3}}, 0, DONE, 3, 3},
    {"MAX 0 0: all is there",                  MOST, 0, 0, 3, 3, {{0}}, 0, DONE, 3, 0},
    {"MAX 0 0: more is there",                 MOST, 0, 0, 3, 5, {{0}}, 0, DONE, 3, 2},
    /* what is there, or else the first byte */
    {"MAX MAX C: S35, more is there",          MOST, MOST, 300, 3, 6, {{0}}, 0, DONE, 3, 3},
    {"MAX MAX C: S35, a part is there",        MOST, MOST, 300, 10, 3, {{50, 1}}, 0, DONE, 3, 1},
    {"MAX MAX C: S36, three come at once",     MOST, MOST, 300, 10, 0, {{100, 3}}, 100, DONE, 1, 2},
    {"MAX MAX C: S37, nothing comes",          MOST, MOST, 300, 10, 0, {{0}}, 300, LATE, 0, 0},
    {"MAX MAX C: one comes too late",          MOST, MOST, 300, 10, 0, {{301, 2}}, 300, LATE, 0, 2},
    {"MAX MAX MAX-1: what .NET calls forever", MOST, MOST, MOST - 1, 10, 0, {{0}}, MOST - 1ULL, LATE, 0, 0},
    {"MAX MAX MAX-1: one comes after a week",  MOST, MOST, MOST - 1, 10, 0, {{604800000, 2}}, 604800000, DONE, 1, 1},
    {"MAX MAX 0: nothing is there",            MOST, MOST, 0, 10, 0, {{1, 1}}, 0, LATE, 0, 1},
    {"MAX MAX 0: a part is there",             MOST, MOST, 0, 10, 3, {{1, 1}}, 0, DONE, 3, 1},
    /* what is there, or else all of it */
    {"MAX 0 C: S38, three come at once",       MOST, 0, 300, 10, 0, {{100, 3}}, 300, LATE, 3, 0},
    {"MAX 0 C: S39, a part is there",          MOST, 0, 300, 10, 3, {{100, 3}}, 0, DONE, 3, 3},
    {"MAX 0 C: all come in parts",             MOST, 0, 300, 10, 0, {{10, 4}, {290, 6}}, 290, DONE, 10, 0},
    {"MAX 0 C: nothing comes",                 MOST, 0, 300, 10, 0, {{0}}, 300, LATE, 0, 0},
    {"MAX M 0: by the length",                 MOST, 10, 0, 10, 0, {{50, 1}}, 100, LATE, 1, 0},
    {"MAX M C: by the length and more",        MOST, 10, 100, 10, 0, {{50, 1}}, 200, LATE, 1, 0},
    {"MAX MAX-1 MAX-1: just not special",      MOST, MOST - 1, MOST - 1, 2, 0, {{50, 1}}, 3ULL * (MOST - 1), LATE, 1, 0},
    /* no timer, and no early end */
    {"MAX M MAX: a part is there",             MOST, 5, MOST, 10, 3, {{500, 6}}, FOREVER, 0, 0, 0},
    {"MAX M MAX: some is there, some comes",   MOST, 5, MOST, 10, 3, {{500, 7}}, 500, DONE, 10, 0},
    {"MAX 0 MAX: nothing comes",               MOST, 0, MOST, 10, 0, {{0}}, FOREVER, 0, 0, 0},
    {"MAX MAX-1 MAX: nothing comes",           MOST, MOST - 1, MOST, 10, 0, {{0}}, FOREVER, 0, 0, 0},
    {"MAX MAX-1 MAX: all was there",           MOST, MOST - 1, MOST, 10, 10, {{0}}, 0, DONE, 10, 0},
    /* a multiplier of MAXDWORD is a number like any other beside an interval */
    {"I MAX C: silence after a part",          50, MOST, 5, 10, 0, {{100, 3}}, 150, LATE, 3, 0},
    {"I MAX C: a part was there",              50, MOST, 5, 10, 3, {{0}}, 50, LATE, 3, 0},
    {"I MAX MAX: the length has its say",      50, MOST, MOST, 3, 0, {{0}}, 4ULL * MOST, LATE, 0, 0},
};
/* clang-format on */

/* ---- the truth table ---- */

static void check_end(const struct row *row, struct machine *m, uint64_t start_ns)
{
    CHECK_EQ_WHEN(row->when, m->over, row->end_ms != FOREVER);
    if (!m->over)
        return;
    CHECK_EQ_WHEN(row->when, m->over_at_ns - start_ns, row->end_ms * MS);
    CHECK_EQ_WHEN(row->when, m->status, row->status);
    CHECK_EQ_WHEN(row->when, m->got, row->got);
    CHECK_EQ_WHEN(row->when, m->com.rx.count, row->left);
    for (size_t i = 0; i < m->got; i++)
        CHECK_EQ_WHEN(row->when, m->buf[i], machine_letter(i));
}

static void check_row(const struct row *row)
{
    struct machine m;
    uint64_t start;

    machine_open(&m, 4096);
    m.com.timeouts = (struct ci_timeouts){.read_interval = row->interval,
                                          .read_multiplier = row->multiplier,
                                          .read_constant = row->constant};
    CHECK(ci_timeouts_valid(&m.com.timeouts));
    machine_come(&m, row->before);
    start = m.now_ns;
    machine_read(&m, row->len);
    for (size_t i = 0; i < ARRAY_LEN(row->come) && row->come[i].len > 0; i++) {
        machine_run(&m, start + row->come[i].at_ms * MS);
        machine_come(&m, row->come[i].len);
    }
    machine_run(&m, start + 100 * YEAR_NS);
    check_end(row, &m, start);
    machine_close(&m);
}

static void each_row_of_the_truth_table_ends_when_it_says(void)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        check_row(&rows[i]);
}

/* S40 */
static void only_three_times_maxdword_is_refused(void)
{
    static const struct {
        const char *when;
        struct ci_timeouts timeouts;
        bool valid;
    } cases[] = {
        {"three times MAXDWORD",       {MOST, MOST, MOST, 0, 0},     false},
        {"the constant is one less",   {MOST, MOST, MOST - 1, 0, 0}, true },
        {"the multiplier is one less", {MOST, MOST - 1, MOST, 0, 0}, true },
        {"the interval is one less",   {MOST - 1, MOST, MOST, 0, 0}, true },
        {"no interval at all",         {0, MOST, MOST, 0, 0},        true },
        {"no multiplier",              {MOST, 0, MOST, 0, 0},        true },
        {"the most a write can have",  {0, 0, 0, MOST, MOST},        true },
        {"nothing",                    {0, 0, 0, 0, 0},              true },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        CHECK_EQ_WHEN(cases[i].when, ci_timeouts_valid(&cases[i].timeouts), cases[i].valid);
}

/* ---- which limits, and from when ---- */

/* S46: 4503599625273344 ms are more nanoseconds than there are numbers for. */
static void a_limit_the_clock_has_no_number_for_never_comes(void)
{
    static uint8_t buf[1u << 20];
    struct machine m;

    machine_open(&m, 4096);
    m.com.timeouts = (struct ci_timeouts){.read_multiplier = MOST - 1};
    ci_com_read_start(&m.com, buf, sizeof buf, m.now_ns);
    CHECK_EQ(m.com.read.total_at, CI_NEVER);
    for (unsigned hour = 0; hour < 24 * 365; hour++) {
        m.now_ns += 3600ULL * 1000 * MS;
        ci_com_tick(&m.com, m.now_ns);
    }
    ci_com_tick(&m.com, m.now_ns + 500 * YEAR_NS);
    CHECK(m.com.read.active && !m.com.read.over);
    CHECK_EQ(ci_com_deadline_ns(&m.com), CI_NEVER);
    machine_close(&m);
}

/* S41 */
static void new_timeouts_are_for_what_starts_later(void)
{
    struct machine m;
    uint64_t start;

    machine_open(&m, 4096);
    machine_read(&m, 5);
    ci_com_write_start(&m.com, "abc", 3, m.now_ns);
    m.com.timeouts = (struct ci_timeouts){.read_constant = 100, .write_constant = 100};
    machine_run(&m, m.now_ns + YEAR_NS);
    CHECK(!m.over);
    CHECK(!m.com.write.over);
    machine_come(&m, 5);
    CHECK(m.over);
    start = m.now_ns;
    machine_read(&m, 5);
    machine_run(&m, start + YEAR_NS);
    CHECK_EQ(m.over_at_ns - start, 100 * MS);
    machine_close(&m);
}

/* S42 */
static void a_reads_clock_starts_with_it_and_not_before(void)
{
    struct machine m;
    uint64_t start;

    machine_open(&m, 4096);
    m.com.timeouts.read_constant = 200;
    start = m.now_ns;
    for (unsigned i = 1; i <= 2; i++) { /* the second one waited for the first */
        machine_read(&m, 10);
        while (!m.over)
            machine_run(&m, m.now_ns + MS);
        m.now_ns = m.over_at_ns;
        CHECK_EQ(m.over_at_ns - start, i * 200 * MS);
    }
    machine_close(&m);
}

static void a_byte_in_the_last_nanosecond_starts_the_interval_again(void)
{
    struct machine m;
    uint64_t start;

    machine_open(&m, 4096);
    m.com.timeouts.read_interval = 50;
    start = m.now_ns;
    machine_read(&m, 10);
    machine_come(&m, 1);
    for (unsigned i = 1; i <= 8; i++) {
        machine_run(&m, start + i * (50 * MS - 1));
        CHECK(!m.over);
        machine_come(&m, 1);
    }
    machine_run(&m, start + YEAR_NS);
    CHECK_EQ(m.over_at_ns - start, 8 * (50 * MS - 1) + 50 * MS);
    CHECK_EQ(m.got, 9);
    machine_close(&m);
}

/* Nobody looked at the clock for a while: what has come counts, and the interval from then on. */
static void bytes_found_late_are_not_lost(void)
{
    struct machine m;
    uint64_t start;

    machine_open(&m, 4096);
    m.com.timeouts.read_interval = 50;
    start = m.now_ns;
    machine_read(&m, 10);
    machine_come(&m, 1);
    m.now_ns = start + 500 * MS;
    machine_come(&m, 1);
    machine_run(&m, start + YEAR_NS);
    CHECK_EQ(m.over_at_ns - start, 550 * MS);
    CHECK_EQ(m.got, 2);
    machine_close(&m);
}

/* A byte that never gets to the read is no byte of it. */
static void what_the_filter_drops_does_not_start_the_interval(void)
{
    struct machine m;
    uint64_t start;

    machine_open(&m, 4096);
    machine_flow(&m, 0, SERIAL_NULL_STRIPPING | SERIAL_AUTO_TRANSMIT);
    m.com.timeouts.read_interval = 50;
    start = m.now_ns;
    machine_read(&m, 10);
    machine_hear(&m, "\0\x11\0", 3);
    machine_run(&m, start + 100 * MS);
    machine_say(&m, "a");
    machine_run(&m, start + 120 * MS);
    machine_hear(&m, "\0\0", 2);
    machine_run(&m, start + YEAR_NS);
    CHECK_EQ(m.over_at_ns - start, 150 * MS);
    CHECK_EQ(m.got, 1);
    machine_close(&m);
}

/* ---- writes ---- */

static const struct {
    const char *when;
    uint32_t multiplier, constant, len;
    uint64_t end_ms;
} totals[] = {
    {"S43: a constant",         0,    300,  100,      300        },
    {"S44: so much a byte",     10,   0,    20,       200        },
    {"S45: nothing",            0,    0,    20,       FOREVER    },
    {"both",                    10,   5,    20,       205        },
    {"MAXDWORD is a number",    0,    MOST, 20,       MOST       },
    {"even twice",              MOST, MOST, 1,        2ULL * MOST},
    {"more than the clock has", MOST, 0,    1u << 20, FOREVER    },
};

static void a_held_write_ends_after_its_total(void)
{
    static const uint8_t data[1u << 20];

    for (size_t i = 0; i < ARRAY_LEN(totals); i++) {
        struct machine m;
        uint64_t start;

        machine_open(&m, 4096);
        machine_flow(&m, SERIAL_CTS_HANDSHAKE, 0);
        machine_levels(&m, 0);
        m.com.timeouts.write_multiplier = totals[i].multiplier;
        m.com.timeouts.write_constant = totals[i].constant;
        start = m.now_ns;
        ci_com_write_start(&m.com, data, totals[i].len, start);
        machine_run(&m, start + 100 * YEAR_NS);
        CHECK_EQ_WHEN(totals[i].when, m.com.write.over, totals[i].end_ms != FOREVER);
        if (m.com.write.over) {
            CHECK_EQ_WHEN(totals[i].when, m.sent_at_ns - start, totals[i].end_ms * MS);
            CHECK_EQ_WHEN(totals[i].when, m.com.write.status, STATUS_TIMEOUT);
            CHECK_EQ_WHEN(totals[i].when, m.com.write.done, 0);
        }
        machine_close(&m);
    }
}

/* S43: the rest is never sent, even when CTS returns. */
static void a_write_that_timed_out_reports_what_left(void)
{
    static const uint8_t data[100];
    struct machine m;
    uint64_t start;

    machine_open(&m, 4096);
    machine_flow(&m, SERIAL_CTS_HANDSHAKE, 0);
    m.com.timeouts.write_constant = 300;
    start = m.now_ns;
    ci_com_write_start(&m.com, data, sizeof data, start);
    for (struct ci_out out; m.sent_len < 40 && ci_com_next_out(&m.com, 16, &out);
         m.sent_len += out.len)
        ci_com_gave(&m.com, &out, out.len);
    m.unsent = 7;
    machine_levels(&m, 0);
    machine_run(&m, start + YEAR_NS);
    CHECK_EQ(m.sent_at_ns - start, 300 * MS);
    CHECK_EQ(m.com.write.status, STATUS_TIMEOUT);
    CHECK_EQ(m.com.write.done, 48 - 7);
    machine_levels(&m, MS_CTS_ON);
    CHECK(!ci_com_sending(&m.com));
    machine_close(&m);
}

static void an_immediate_character_has_a_total_of_one_byte(void)
{
    struct machine m;
    uint64_t start;

    machine_open(&m, 4096);
    ci_com_break(&m.com, true);
    m.com.timeouts.write_multiplier = 70;
    m.com.timeouts.write_constant = 7;
    start = m.now_ns;
    ci_com_char_start(&m.com, 'c', start);
    machine_run(&m, start + YEAR_NS);
    CHECK(m.com.imm.over);
    CHECK_EQ(m.com.imm.status, STATUS_TIMEOUT);
    CHECK_EQ(m.sent_at_ns - start, 77 * MS);
    machine_close(&m);
}

static void the_earliest_of_all_limits_is_the_deadline(void)
{
    struct machine m;
    uint64_t start;

    machine_open(&m, 4096);
    ci_com_break(&m.com, true);
    CHECK_EQ(ci_com_deadline_ns(&m.com), CI_NEVER);
    m.com.timeouts = (struct ci_timeouts){
        .read_interval = 20, .read_constant = 90, .write_multiplier = 10, .write_constant = 40};
    start = m.now_ns;
    machine_read(&m, 10);
    CHECK_EQ(ci_com_deadline_ns(&m.com) - start, 90 * MS);
    ci_com_write_start(&m.com, "abc", 3, start);
    CHECK_EQ(ci_com_deadline_ns(&m.com) - start, 70 * MS);
    ci_com_char_start(&m.com, 'c', start);
    CHECK_EQ(ci_com_deadline_ns(&m.com) - start, 50 * MS);
    machine_come(&m, 1);
    CHECK_EQ(ci_com_deadline_ns(&m.com) - start, 20 * MS);
    machine_run(&m, start + YEAR_NS);
    CHECK_EQ(m.over_at_ns - start, 20 * MS);
    CHECK_EQ(m.sent_at_ns - start, 70 * MS);
    CHECK_EQ(ci_com_deadline_ns(&m.com), CI_NEVER);
    machine_close(&m);
}

COMM_TEST_MAIN(
    TEST(each_row_of_the_truth_table_ends_when_it_says), TEST(only_three_times_maxdword_is_refused),
    TEST(a_limit_the_clock_has_no_number_for_never_comes),
    TEST(new_timeouts_are_for_what_starts_later), TEST(a_reads_clock_starts_with_it_and_not_before),
    TEST(a_byte_in_the_last_nanosecond_starts_the_interval_again),
    TEST(bytes_found_late_are_not_lost), TEST(what_the_filter_drops_does_not_start_the_interval),
    TEST(a_held_write_ends_after_its_total), TEST(a_write_that_timed_out_reports_what_left),
    TEST(an_immediate_character_has_a_total_of_one_byte),
    TEST(the_earliest_of_all_limits_is_the_deadline))
