/* SPDX-License-Identifier: MIT */
/* A pattern finds what it says in a line, whatever bytes are there; in a stream it finds the same
 * at the same place into whatever reads the bytes were cut. */
#include "tests/tools/dice.h"
#include "tools/common/expect.h"

#include "harness.h"

#include <string.h>

static void make(struct match *match, const char *pattern, enum match_syntax syntax)
{
    char error[128] = "";
    size_t at = 0;
    bool made = match_init(match, pattern, syntax, false, error, sizeof(error), &at);

    comm_check(made, __FILE__, __LINE__, "%s: %s at %zu", pattern, error, at);
}

static void a_line_is_searched_as_bytes(void)
{
    static const struct {
        const char *pattern, *line;
        enum match_syntax syntax;
        int start, end; /* -1: none */
    } cases[] = {
        {"WARN",          "a WARNING",            MATCH_REGEX,   2,  6 },
        {"^ab$",          "ab\r\n",               MATCH_REGEX,   0,  2 },
        {"caf. rootwait", "caf\xc3\xa9 rootwait", MATCH_REGEX,   0,  14},
        {"caf. rootwait", "caf\xe9 rootwait",     MATCH_REGEX,   -1, 0 },
        {"rootwait",      "caf\xe9 rootwait",     MATCH_REGEX,   5,  13},
        {"panic|BUG:",    "x BUG: y",             MATCH_REGEX,   2,  6 },
        {"a.*c",          "a\r\nc",               MATCH_REGEX,   -1, 0 },
        {"x*",            "abc",                  MATCH_REGEX,   0,  0 },
        {"a.c(",          "abc a.c(",             MATCH_LITERAL, 4,  8 },
        {"a.c",           "abc",                  MATCH_LITERAL, -1, 0 },
        {"02 ?? 3?",      "\x01\x02\xff\x3e\x02", MATCH_HEX,     1,  4 },
        {"02??3?",        "\x02\n\x4e",           MATCH_HEX,     -1, 0 },
        {"?a",            "\x0b\xfa",             MATCH_HEX,     1,  2 },
        {"E9",            "caf\xe9",              MATCH_HEX,     3,  4 },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct match match;
        size_t start = 0, end = 0, len = strlen(cases[i].line);
        enum match_result got;

        make(&match, cases[i].pattern, cases[i].syntax);
        got = match_find(&match, cases[i].line, len, 0, false, &start, &end);
        CHECK_EQ_WHEN(cases[i].pattern, got, cases[i].start < 0 ? MATCH_NONE : MATCH_FOUND);
        if (got == MATCH_FOUND) {
            CHECK_EQ_WHEN(cases[i].pattern, start, cases[i].start);
            CHECK_EQ_WHEN(cases[i].pattern, end, cases[i].end);
        }
        match_fini(&match);
    }
}

static void a_bad_pattern_is_explained(void)
{
    static const struct {
        const char *pattern;
        enum match_syntax syntax;
        size_t at;
    } cases[] = {
        {"ab(c",  MATCH_REGEX, 4},
        {"",      MATCH_REGEX, 0},
        {"02 3",  MATCH_HEX,   4},
        {"02 xy", MATCH_HEX,   3},
        {" ",     MATCH_HEX,   1},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct match match;
        char error[128] = "";
        size_t at = 99;

        CHECK(!match_init(&match, cases[i].pattern, cases[i].syntax, false, error, sizeof(error),
                          &at));
        CHECK_EQ_WHEN(cases[i].pattern, at, cases[i].at);
        CHECK(error[0] != '\0');
    }
}

static void a_costly_pattern_is_switched_off(void)
{
    struct match match;
    char line[64];
    size_t start, end;

    memset(line, 'a', sizeof(line));
    make(&match, "(a|aa)+[cd]", MATCH_REGEX);
    CHECK_EQ(match_find(&match, line, sizeof(line), 0, false, &start, &end), MATCH_COSTLY);
    CHECK(match.off);
    CHECK_EQ(match_find(&match, "aac", 3, 0, false, &start, &end), MATCH_NONE);
    match_fini(&match);
}

/* The first match in the bytes, fed in pieces. */
static enum match_result search(struct match *match, const uint8_t *bytes, size_t len,
                                struct dice *dice, uint64_t *start, uint64_t *end)
{
    struct expect_stream stream = {.match = NULL};
    enum match_result got = MATCH_NONE;

    expect_stream_init(&stream, match, 0);
    for (size_t at = 0; at < len && got != MATCH_FOUND;) {
        size_t part = dice == NULL ? len : 1 + dice_below(dice, at % 7 == 0 ? 300 : 3);

        if (part > len - at)
            part = len - at;
        got = expect_stream_feed(&stream, bytes + at, part, false);
        at += part;
    }
    if (got != MATCH_FOUND)
        got = expect_stream_feed(&stream, NULL, 0, true);
    *start = stream.start;
    *end = stream.end;
    expect_stream_fini(&stream);
    return got;
}

static void any_split_of_a_stream_finds_the_same(void)
{
    static const struct {
        const char *pattern;
        enum match_syntax syntax;
    } cases[] = {
        {"0123a",           MATCH_REGEX  },
        {"[0-9]{5,}",       MATCH_REGEX  },
        {"^c.*d$",          MATCH_REGEX  },
        {"(?<=ab)\\r?\\n;", MATCH_REGEX  },
        {"\\be;+.f?",       MATCH_REGEX  },
        {"\xe4\xb8\xad",    MATCH_LITERAL},
        {"..\xc3\xa9",      MATCH_REGEX  },
        {"0d 0a 3? ??",     MATCH_HEX    },
        {"never there",     MATCH_LITERAL},
    };
    static uint8_t bytes[8000];
    struct dice dice = {5};
    unsigned found = 0;

    for (unsigned round = 0; round < 20; round++) {
        dice_bytes(&dice, bytes, sizeof(bytes));
        for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
            struct match match;
            uint64_t start[2], end[2];
            enum match_result whole;

            make(&match, cases[i].pattern, cases[i].syntax);
            whole = search(&match, bytes, sizeof(bytes), NULL, &start[0], &end[0]);
            CHECK_EQ_WHEN(cases[i].pattern,
                          search(&match, bytes, sizeof(bytes), &dice, &start[1], &end[1]), whole);
            found += whole == MATCH_FOUND;
            if (whole == MATCH_FOUND) {
                CHECK_EQ_WHEN(cases[i].pattern, start[1], start[0]);
                CHECK_EQ_WHEN(cases[i].pattern, end[1], end[0]);
            }
            match_fini(&match);
        }
    }
    CHECK(found > 60);
}

/* Feeds text byte by byte until something is decided. */
static enum expect_result talk(struct expect *expect, const char *text)
{
    enum expect_result got = EXPECT_MORE;

    for (; *text != '\0' && got == EXPECT_MORE; text++)
        got = expect_feed(expect, text, 1);
    return got;
}

static void patterns_are_met_in_order_or_any_or_fail(void)
{
    static const struct {
        const char *when, *text;
        bool any;
        enum expect_result expected;
        size_t which;
        uint64_t end;
    } cases[] = {
        {"in order",           "boot\nlogin: x",    false, EXPECT_MET,    1, 12},
        {"the wrong order",    "login: boot\n",     false, EXPECT_MORE,   0, 0 },
        {"any of them",        "x login: ",         true,  EXPECT_MET,    1, 9 },
        {"a failure before",   "boot BUG: login: ", false, EXPECT_FAILED, 1, 9 },
        {"a failure too late", "boot login: BUG:",  false, EXPECT_MET,    1, 12},
        {"the other failure",  "panic",             true,  EXPECT_FAILED, 0, 5 },
    };
    static const char *const waits[] = {"boot", "login: "}, *const fails[] = {"panic", "BUG:"};

    for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
        struct match wait[2], fail[2];
        struct expect expect;
        const char *when = cases[i / 2].when, *text = cases[i / 2].text;
        enum expect_result got;

        for (int n = 0; n < 2; n++) {
            make(&wait[n], waits[n], MATCH_REGEX);
            make(&fail[n], fails[n], MATCH_REGEX);
        }
        CHECK(expect_init(&expect, wait, 2, fail, 2, cases[i / 2].any));
        got = i & 1 ? talk(&expect, text) : expect_feed(&expect, text, strlen(text));
        CHECK_EQ_WHEN(when, got, cases[i / 2].expected);
        if (got != EXPECT_MORE) {
            CHECK_EQ_WHEN(when, expect.which, cases[i / 2].which);
            CHECK_EQ_WHEN(when, expect.end, cases[i / 2].end);
        }
        expect_fini(&expect);
        for (int n = 0; n < 2; n++) {
            match_fini(&wait[n]);
            match_fini(&fail[n]);
        }
    }
}

static void what_is_open_is_settled_when_it_is_quiet(void)
{
    struct match wait;
    struct expect expect;

    make(&wait, "volt=[0-9.]+", MATCH_REGEX);
    CHECK(expect_init(&expect, &wait, 1, NULL, 0, false));
    CHECK_EQ(talk(&expect, "volt=5.0"), EXPECT_MORE);
    CHECK_EQ(talk(&expect, "12"), EXPECT_MORE);
    CHECK_EQ(expect_settle(&expect), EXPECT_MET);
    CHECK_EQ(expect.end, 10);
    expect_fini(&expect);
    match_fini(&wait);
}

static void long_streams_need_little_memory(void)
{
    struct match wait;
    struct expect_stream stream = {.match = NULL};
    char some[1000];

    memset(some, 'a', sizeof(some));
    make(&wait, "a+b", MATCH_REGEX);
    expect_stream_init(&stream, &wait, 0);
    for (int i = 0; i < 1000; i++) {
        enum match_result got = expect_stream_feed(&stream, some, sizeof(some), false);

        CHECK(got == MATCH_PARTIAL || got == MATCH_NONE);
        CHECK(stream.window.room <= 2 * MATCH_LONGEST);
    }
    CHECK_EQ(expect_stream_feed(&stream, "b", 1, false), MATCH_FOUND);
    CHECK_EQ(stream.end, 1000001);
    expect_stream_fini(&stream);
    match_fini(&wait);
}

COMM_TEST_MAIN(TEST(a_line_is_searched_as_bytes), TEST(a_bad_pattern_is_explained),
               TEST(a_costly_pattern_is_switched_off), TEST(any_split_of_a_stream_finds_the_same),
               TEST(patterns_are_met_in_order_or_any_or_fail),
               TEST(what_is_open_is_settled_when_it_is_quiet),
               TEST(long_streams_need_little_memory))
