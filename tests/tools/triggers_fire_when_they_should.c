/* SPDX-License-Identifier: MIT */
/* A trigger fires when what it looks out for happens, once for each time, into whatever reads the
 * bytes were cut; one that cannot be read says where. */
#include "tests/tools/dice.h"
#include "tools/common/trigger.h"

#include "harness.h"

#include <stdio.h>
#include <string.h>

#define MS ((uint64_t)1000000)

static char told[4096];

static void tell(void *arg, const struct trigger *trigger, uint64_t at_ns)
{
    size_t len = strlen(told);

    (void)arg;
    if (len < sizeof(told) - 64)
        snprintf(told + len, sizeof(told) - len, "%s@%u ", trigger->actions[0].text,
                 (unsigned)(at_ns / MS));
}

static void begin(struct trigger_table *table)
{
    told[0] = '\0';
    trigger_table_init(table, 0, tell, NULL);
}

static void add(struct trigger_table *table, const char *text)
{
    char error[128] = "";
    size_t at = 0;
    bool added = trigger_add(table, text, error, sizeof(error), &at);

    comm_check(added, __FILE__, __LINE__, "%s: %s at %zu", text, error, at);
}

static void receive(struct trigger_table *table, uint64_t at_ms, const char *text)
{
    trigger_received(table, text, strlen(text), at_ms * MS);
}

static void check_told(const char *when, struct trigger_table *table, const char *expected)
{
    comm_check(strcmp(told, expected) == 0, __FILE__, __LINE__, "%s: \"%s\" instead of \"%s\"",
               when, told, expected);
    trigger_table_fini(table);
}

static void patterns_fire_each_time(void)
{
    struct trigger_table table;

    begin(&table);
    add(&table, "\"login: \" -> mark L");
    add(&table, "/panic|bug:/i -> mark P");
    add(&table, "hex 02 ?? 03 -> mark H");
    receive(&table, 1, "log");
    receive(&table, 2, "in: PANIC panic login: ");
    receive(&table, 3, "\x02\x7f");
    receive(&table, 4, "\x03 Bug:");
    CHECK_EQ(table.triggers[1].count, 3);
    check_told("patterns", &table, "L@2 L@2 P@2 P@2 P@4 H@4 ");

    begin(&table);
    add(&table, "/v=[0-9]+/ -> mark V");
    receive(&table, 1, "v=1");
    CHECK_EQ(trigger_time(&table, 1 * MS), 201 * MS);
    receive(&table, 2, "2");
    CHECK_EQ(told[0], '\0');
    CHECK_EQ(trigger_time(&table, 202 * MS), 0);
    check_told("it went quiet", &table, "V@2 ");
}

static void numbers_fire_when_they_cross(void)
{
    struct trigger_table table;

    begin(&table);
    add(&table, "CURR > 0.45 -> mark A");
    add(&table, "temp < -3 -> mark B");
    receive(&table, 1, "curr=0.4\r\ncurr: 0.5");
    receive(&table, 2, "\ncurr=0.6\r\ntemp=-4\ncurr=0.4\n");
    receive(&table, 3, "curr=0.46\n");
    check_told("numbers", &table, "A@2 B@2 A@3 ");
}

static void silence_fires_once_until_something_comes(void)
{
    struct trigger_table table;

    begin(&table);
    add(&table, "silence 0.5 s -> mark S");
    add(&table, "silence 700 ms -> mark T");
    CHECK_EQ(trigger_time(&table, 0), 500 * MS);
    receive(&table, 400, "x");
    trigger_time(&table, 899 * MS);
    CHECK_EQ(told[0], '\0');
    CHECK_EQ(trigger_time(&table, 900 * MS), 1100 * MS);
    CHECK_EQ(trigger_time(&table, 5000 * MS), 0);
    receive(&table, 6000, "x");
    receive(&table, 6600, "x");
    check_told("silence", &table, "S@900 T@1100 S@6500 ");
}

static void rates_and_edges_fire(void)
{
    struct trigger_table table;

    begin(&table);
    add(&table, "rate > 10 -> mark R");
    add(&table, "line CTS off -> mark C");
    add(&table, "line DSR -> mark D");
    receive(&table, 100, "12345678");
    receive(&table, 1050, "123");
    receive(&table, 1090, "123");
    receive(&table, 1200, "1234567");
    receive(&table, 5000, "12345678901");
    trigger_lines(&table, RING_CTS << 8 | RING_CTS, 1 * MS);
    trigger_lines(&table, RING_CTS << 8, 2 * MS);
    trigger_lines(&table, RING_DSR << 8 | RING_DSR | RING_CTS, 3 * MS);
    trigger_lines(&table, RING_DSR << 8, 4 * MS);
    check_told("rates", &table, "R@1050 R@1200 R@5000 C@2 D@3 D@4 ");
}

static void what_cannot_be_read_says_where(void)
{
    static const struct {
        const char *text;
        size_t at;
    } cases[] = {
        {"",                      0 },
        {"\"abc -> beep",         0 },
        {"/a(/ -> beep",          5 },
        {"/x*/ -> beep",          5 },
        {"hex 0x -> beep",        4 },
        {"silence 5 -> beep",     10},
        {"silence -> beep",       8 },
        {"line XYZ -> beep",      5 },
        {"rate < 5 -> beep",      5 },
        {"curr > x -> beep",      7 },
        {"curr = 5 -> beep",      5 },
        {"\"a\" beep",            4 },
        {"\"a\" -> dance",        7 },
        {"\"a\" -> beep loudly",  18},
        {"\"a\" -> exit 1000",    16},
        {"\"a\" -> exit 1, send", 19},
        {"\"a\" -> send \"x",     12},
        {"\"a\" -> send \"x\" y", 16},
    };
    struct trigger_table table;

    begin(&table);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char error[128] = "";
        size_t at = 99;

        CHECK_EQ_WHEN(cases[i].text, trigger_add(&table, cases[i].text, error, sizeof(error), &at),
                      false);
        CHECK_EQ_WHEN(cases[i].text, at, cases[i].at);
        CHECK(error[0] != '\0');
    }
    CHECK_EQ(table.count, 0);
    add(&table, "\"a\\r\" -> send \"root\\r\", mark, pulse RTS 100 , exit 3");
    CHECK_EQ(table.triggers[0].action_count, 4);
    CHECK_EQ(strcmp(table.triggers[0].actions[0].text, "root\\r"), 0);
    CHECK_EQ(strcmp(table.triggers[0].actions[2].text, "RTS 100"), 0);
    CHECK_EQ(table.triggers[0].actions[3].kind, TRIGGER_EXIT);
    check_told("nothing fired", &table, "");
}

static void any_split_fires_the_same(void)
{
    static const char *const rules[] = {"\"ab \" -> beep",        "/[0-9]{4}/ -> beep",
                                        "hex 0d 0a ?d -> beep",   "/c.*?f/ -> beep",
                                        "/\xc3\xa9|x?;/ -> beep", "e > 5 -> beep"};
    static uint8_t bytes[5000];
    struct dice dice = {51};
    uint64_t fired = 0;

    for (int round = 0; round < 10; round++) {
        struct trigger_table whole, split;

        dice_bytes(&dice, bytes, sizeof(bytes));
        begin(&whole);
        begin(&split);
        for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
            add(&whole, rules[i]);
            add(&split, rules[i]);
        }
        trigger_received(&whole, bytes, sizeof(bytes), 0);
        for (size_t at = 0; at < sizeof(bytes);) {
            size_t part = 1 + dice_below(&dice, 30);

            part = part > sizeof(bytes) - at ? sizeof(bytes) - at : part;
            trigger_received(&split, bytes + at, part, 0);
            at += part;
        }
        trigger_time(&whole, 1000 * MS);
        trigger_time(&split, 1000 * MS);
        for (size_t i = 0; i < ARRAY_LEN(rules); i++)
            CHECK_EQ_WHEN(rules[i], split.triggers[i].count, whole.triggers[i].count);
        fired += whole.triggers[0].count + whole.triggers[1].count;
        trigger_table_fini(&whole);
        trigger_table_fini(&split);
    }
    CHECK(fired > 10);
}

COMM_TEST_MAIN(TEST(patterns_fire_each_time), TEST(numbers_fire_when_they_cross),
               TEST(silence_fires_once_until_something_comes), TEST(rates_and_edges_fire),
               TEST(what_cannot_be_read_says_where), TEST(any_split_fires_the_same))
