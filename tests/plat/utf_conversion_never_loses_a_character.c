/* SPDX-License-Identifier: MIT */
/* UTF-8 to UTF-16 and back: every character survives, everything malformed becomes U+FFFD without
 * taking a neighbour along, and no buffer is overrun or left with half a character. */
#include <stdlib.h>
#include <string.h>

#include "harness.h"
#include "libcomm/plat/utf.h"

#define ENOUGH 64

/* In memory of exactly that size, so that a sanitizer sees one unit too many. */
static size_t to_16(const char *bytes, size_t len, uint16_t *out)
{
    size_t need = ci_utf8_to_16(bytes, len, NULL, 0);
    uint16_t *exact = malloc(need * sizeof(*exact) + 1);

    CHECK_EQ(ci_utf8_to_16(bytes, len, exact, need), need);
    CHECK(need <= ENOUGH);
    memcpy(out, exact, need * sizeof(*exact));
    free(exact);
    return need;
}

static size_t to_8(const uint16_t *units, size_t len, char *out)
{
    size_t need = ci_utf16_to_8(units, len, NULL, 0);
    char *exact = malloc(need + 1);

    CHECK_EQ(ci_utf16_to_8(units, len, exact, need), need);
    CHECK(need <= ENOUGH);
    memcpy(out, exact, need);
    free(exact);
    return need;
}

static bool is_scalar(uint32_t code)
{
    return code < 0xD800 || code > 0xDFFF;
}

/* Written another way than the library does it. */
static size_t encode_16(uint32_t code, uint16_t *units)
{
    if (code < 0x10000) {
        units[0] = (uint16_t)code;
        return 1;
    }
    units[0] = (uint16_t)(0xD7C0 + code / 0x400);
    units[1] = (uint16_t)(0xDC00 + code % 0x400);
    return 2;
}

static void every_character_survives_both_ways(void)
{
    size_t wrong = 0;

    for (uint32_t code = 0; code <= 0x10FFFF; code++) {
        uint16_t units[2], back[4];
        char bytes[8];
        size_t count = encode_16(code, units), len;

        if (!is_scalar(code))
            continue;
        len = ci_utf16_to_8(units, count, bytes, sizeof(bytes));
        wrong += len != (code < 0x80 ? 1u : code < 0x800 ? 2u : code < 0x10000 ? 3u : 4u);
        wrong += ci_utf8_to_16(bytes, len, back, ARRAY_LEN(back)) != count;
        wrong += memcmp(units, back, count * sizeof(units[0])) != 0;
    }
    CHECK_EQ(wrong, 0);
}

static void known_texts_convert_as_everybody_converts_them(void)
{
    static const struct {
        const char *when;
        const char *bytes;
        const uint16_t units[8];
        size_t count;
    } cases[] = {
        {"nothing",           "",                         {0},                 0},
        {"ASCII",             "Az~",                      {'A', 'z', '~'},     3},
        {"two bytes",         "\xC2\x80\xC3\xA9\xDF\xBF", {0x80, 0xE9, 0x7FF}, 3},
        {"three bytes",       "\xE2\x82\xAC",             {0x20AC},            1},
        {"around surrogates", "\xED\x9F\xBF\xEE\x80\x80", {0xD7FF, 0xE000},    2},
        {"the last of plane", "\xEF\xBF\xBF",             {0xFFFF},            1},
        {"four bytes",        "\xF0\x9F\x98\x80",         {0xD83D, 0xDE00},    2},
        {"the last of all",   "\xF4\x8F\xBF\xBF",         {0xDBFF, 0xDFFF},    2},
        {"a byte order mark",
         "\xEF\xBB\xBF"
         "a",                                             {0xFEFF, 'a'},
         2                                                                      },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint16_t units[ENOUGH];
        char bytes[ENOUGH];
        size_t len = strlen(cases[i].bytes);

        CHECK_EQ_WHEN(cases[i].when, to_16(cases[i].bytes, len, units), cases[i].count);
        CHECK_EQ_WHEN(cases[i].when, memcmp(units, cases[i].units, cases[i].count * 2), 0);
        CHECK_EQ_WHEN(cases[i].when, to_8(cases[i].units, cases[i].count, bytes), len);
        CHECK_EQ_WHEN(cases[i].when, memcmp(bytes, cases[i].bytes, len), 0);
    }
}

/* '?' stands for U+FFFD: one for each beginning of a character that could not go on. */
static void malformed_bytes_are_replaced_and_their_neighbours_kept(void)
{
    static const struct {
        const char *when, *bytes, *expected;
    } cases[] = {
        {"a stray continuation",
         "a\x80"
         "b",                                                  "a?b"         },
        {"only continuations",             "\x80\xBF",         "??"          },
        {"two bytes cut short",            "\xC3",             "?"           },
        {"two bytes cut by a letter",      "\xC3z",            "?z"          },
        {"three bytes cut after two",      "\xE2\x82z",        "?z"          },
        {"four bytes cut after three",     "\xF0\x9F\x98z",    "?z"          },
        {"four bytes at the very end",     "a\xF0\x9F\x98",    "a?"          },
        {"a lead byte cut by a lead byte", "\xE2\xE2\xC3",     "???"         },
        {"an overlong slash of two",       "\xC0\xAF",         "??"          },
        {"an overlong NUL of three",       "\xE0\x80\x80",     "???"         },
        {"an overlong of four",            "\xF0\x8F\xBF\xBF", "????"        },
        {"half a surrogate pair",          "\xED\xA0\x80",     "???"         },
        {"above the last character",       "\xF4\x90\x80\x80", "????"        },
        {"a lead that never was",          "\xF5\xFE\xFF",     "???"         },
        {"Latin-1 in between",             "caf\xE9 au lait",  "caf? au lait"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint16_t units[ENOUGH];
        size_t count = to_16(cases[i].bytes, strlen(cases[i].bytes), units);

        CHECK_EQ_WHEN(cases[i].when, count, strlen(cases[i].expected));
        for (size_t k = 0; k < count; k++)
            CHECK_EQ_WHEN(cases[i].when, units[k],
                          cases[i].expected[k] == '?' ? 0xFFFD : cases[i].expected[k]);
    }
}

static void a_lone_surrogate_is_replaced_and_its_neighbours_kept(void)
{
    static const struct {
        const char *when;
        uint16_t units[4];
        size_t count;
        const char *expected;
    } cases[] = {
        {"high, then a letter",
         {'a', 0xD83D, 'b'},
         3,                                                  "a\xEF\xBF\xBD"
         "b"                                                                    },
        {"high at the end",     {'a', 0xD83D},            2, "a\xEF\xBF\xBD"               },
        {"low alone",
         {0xDE00, 'b'},
         2,                                                  "\xEF\xBF\xBD"
         "b"                                                                    },
        {"two highs, then low", {0xD83D, 0xD83D, 0xDE00}, 3, "\xEF\xBF\xBD\xF0\x9F\x98\x80"},
        {"low before high",     {0xDE00, 0xD83D},         2, "\xEF\xBF\xBD\xEF\xBF\xBD"    },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char bytes[ENOUGH];
        size_t len = to_8(cases[i].units, cases[i].count, bytes);

        CHECK_EQ_WHEN(cases[i].when, len, strlen(cases[i].expected));
        CHECK_EQ_WHEN(cases[i].when, memcmp(bytes, cases[i].expected, len), 0);
    }
}

static void a_short_buffer_gets_whole_characters_and_the_full_measure(void)
{
    static const char bytes[] = "a\xF0\x9F\x98\x80\xE2\x82\xAC"
                                "b"; /* 1, 2, 1, 1 units */
    static const size_t kept_16[] = {0, 1, 1, 3, 4, 5};
    static const uint16_t units[] = {'a', 0xD83D, 0xDE00, 0x20AC, 'b'};
    static const size_t kept_8[] = {0, 1, 1, 1, 1, 5, 5, 5, 8, 9};

    for (size_t room = 0; room < ARRAY_LEN(kept_16); room++) {
        uint16_t got[6] = {7, 7, 7, 7, 7, 7};

        CHECK_EQ(ci_utf8_to_16(bytes, sizeof(bytes) - 1, got, room), 5);
        CHECK_EQ(memcmp(got, units, kept_16[room] * sizeof(got[0])), 0);
        for (size_t k = kept_16[room]; k < ARRAY_LEN(got); k++)
            CHECK_EQ(got[k], 7);
    }
    for (size_t room = 0; room < ARRAY_LEN(kept_8); room++) {
        char got[10] = "\7\7\7\7\7\7\7\7\7\7";

        CHECK_EQ(ci_utf16_to_8(units, ARRAY_LEN(units), got, room), 9);
        CHECK_EQ(memcmp(got, bytes, kept_8[room]), 0);
        for (size_t k = kept_8[room]; k < sizeof(got); k++)
            CHECK_EQ(got[k], 7);
    }
}

static void nul_is_a_character_like_any_other(void)
{
    static const uint16_t units[] = {'a', 0, 'b', 0};
    uint16_t got[ENOUGH];
    char bytes[ENOUGH];

    CHECK_EQ(to_16("a\0b", 4, got), 4);
    CHECK_EQ(memcmp(got, units, sizeof(units)), 0);
    CHECK_EQ(to_8(units, 4, bytes), 4);
    CHECK_EQ(memcmp(bytes, "a\0b", 4), 0);
    CHECK_EQ(ci_utf16_len(units), 1);
    CHECK_EQ(ci_utf16_len(units + 1), 0);
}

COMM_TEST_MAIN(TEST(every_character_survives_both_ways),
               TEST(known_texts_convert_as_everybody_converts_them),
               TEST(malformed_bytes_are_replaced_and_their_neighbours_kept),
               TEST(a_lone_surrogate_is_replaced_and_its_neighbours_kept),
               TEST(a_short_buffer_gets_whole_characters_and_the_full_measure),
               TEST(nul_is_a_character_like_any_other))
