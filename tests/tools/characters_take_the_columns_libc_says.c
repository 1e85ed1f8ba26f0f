/* SPDX-License-Identifier: MIT */
/* The table of widths agrees with libc for all characters it knows, and UTF-8 is read strictly. */
#include "tools/common/width.h"

#include "harness.h"

#include <locale.h>
#include <string.h>
#include <wchar.h>

static void every_character_has_the_width_libc_gives_it(void)
{
    unsigned wrong = 0;

    if (setlocale(LC_ALL, "C.UTF-8") == NULL)
        comm_test_skip("there is no C.UTF-8");
    for (uint32_t code = 0x20; code < 0x110000; code++) {
        int width = wcwidth((wchar_t)code);

        wrong += width >= 0 && (unsigned)width != width_of(code);
    }
    CHECK_EQ(wrong, 0);
}

static void whole_characters_are_read_and_broken_ones_are_not(void)
{
    static const struct {
        const char *when;
        const char *bytes;
        int expected;
        uint32_t code;
    } cases[] = {
        {"nothing",                 "",                 WIDTH_MORE,    0       },
        {"a letter",                "a",                1,             'a'     },
        {"two bytes",               "\xc3\xa9",         2,             0xe9    },
        {"three bytes",             "\xe4\xb8\xad!",    3,             0x4e2d  },
        {"four bytes",              "\xf0\x9f\x98\x80", 4,             0x1f600 },
        {"the last one",            "\xf4\x8f\xbf\xbf", 4,             0x10ffff},
        {"an end that is missing",  "\xf0\x9f\x98",     WIDTH_MORE,    0       },
        {"only the first of three", "\xe4",             WIDTH_MORE,    0       },
        {"a lone follower",         "\x80",             WIDTH_INVALID, 0       },
        {"an overlong slash",       "\xc0\xaf",         WIDTH_INVALID, 0       },
        {"an overlong three",       "\xe0\x80\xaf",     WIDTH_INVALID, 0       },
        {"a surrogate",             "\xed\xa0\x80",     WIDTH_INVALID, 0       },
        {"past the last one",       "\xf4\x90\x80\x80", WIDTH_INVALID, 0       },
        {"cut by a letter",
         "\xe4\xb8"
         "a",                                           WIDTH_INVALID, 0       },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t code = 0;
        int got = width_decode((const uint8_t *)cases[i].bytes, strlen(cases[i].bytes), &code);

        CHECK_EQ_WHEN(cases[i].when, got, cases[i].expected);
        if (got > 0)
            CHECK_EQ_WHEN(cases[i].when, code, cases[i].code);
    }
    CHECK_EQ(width_text("a\xe4\xb8\xad"
                        "e\xcc\x81\xff",
                        8),
             5);
}

COMM_TEST_MAIN(TEST(every_character_has_the_width_libc_gives_it),
               TEST(whole_characters_are_read_and_broken_ones_are_not))
