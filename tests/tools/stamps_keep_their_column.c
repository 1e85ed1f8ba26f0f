/* SPDX-License-Identifier: MIT */
/* Every kind of stamp is written as the screens have it, in a column of its own width. */
#include "tests/tools/dice.h"
#include "tools/common/stamp.h"

#include "harness.h"

#include <stdlib.h>
#include <string.h>

#define US ((uint64_t)1000)
#define SECOND (1000000 * US)
#define CLOCK (1000 * SECOND) /* 11:31:02.113904 */

static const struct stamp_base base = {
    .wall_ns = (int64_t)(1730806262113904ll * 1000 - 1000 * 1000000000ll),
    .utc_offset_s = 0,
    .start_ns = 1000 * SECOND - 500000 * US,
    .mark_ns = 1000 * SECOND,
    .silence_ns = 20000 * US,
};

static void each_kind_is_written_its_way(void)
{
    static const struct {
        enum stamp_kind kind;
        uint64_t at_ns, before_ns;
        const char *expected;
    } cases[] = {
        {STAMP_OFF,   CLOCK,                0,         ""                 },
        {STAMP_CLOCK, CLOCK,                0,         "11:31:02.113904"  },
        {STAMP_CLOCK, CLOCK + 216 * US,     CLOCK,     "11:31:02.114120"  },
        {STAMP_DELTA, CLOCK,                0,         "11:31:02.113904"  },
        {STAMP_DELTA, CLOCK + 1312 * US,    CLOCK,     "   +0.001 312  "  },
        {STAMP_DELTA, CLOCK + 9114220 * US, CLOCK,     "   +9.114 220  "  },
        {STAMP_DELTA, CLOCK,                CLOCK + 1, "   +0.000 000  "  },
        {STAMP_START, CLOCK,                0,         "    0.500 000  "  },
        {STAMP_MARK,  CLOCK + 90 * US,      0,         "   +0.000 090  "  },
        {STAMP_MARK,  CLOCK - 90 * US,      0,         "   -0.000 090  "  },
        {STAMP_GAP,   CLOCK + 20000 * US,   CLOCK,     "               "  },
        {STAMP_GAP,   CLOCK + 60200 * US,   CLOCK,     "      60.2 ms  "  },
        {STAMP_GAP,   CLOCK,                0,         "               "  },
        {STAMP_EPOCH, CLOCK,                0,         "1730806262.113904"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[STAMP_ROOM];
        size_t len = stamp_format(text, cases[i].kind, &base, cases[i].at_ns, cases[i].before_ns);

        comm_check(strcmp(text, cases[i].expected) == 0, __FILE__, __LINE__,
                   "row %zu: \"%s\" instead of \"%s\"", i, text, cases[i].expected);
        CHECK_EQ(len, strlen(text));
    }
}

static void what_fits_keeps_the_column(void)
{
    struct dice dice = {3};

    for (int i = 0; i < 20000; i++) {
        uint64_t at_ns = CLOCK + dice_roll(&dice) * (uint64_t)dice_below(&dice, 2000);
        uint64_t before_ns = at_ns - dice_roll(&dice);

        for (int kind = STAMP_CLOCK; kind <= STAMP_GAP; kind++) {
            char text[STAMP_ROOM];

            CHECK_EQ(stamp_format(text, (enum stamp_kind)kind, &base, at_ns, before_ns),
                     STAMP_WIDTH);
        }
    }
}

static void names_lead_to_kinds_and_back(void)
{
    enum stamp_kind kind;

    for (int i = 0; i < STAMP_KINDS; i++) {
        CHECK(stamp_of_name(stamp_name((enum stamp_kind)i), &kind));
        CHECK_EQ(kind, i);
    }
    CHECK(!stamp_of_name("sometimes", &kind));
    CHECK_EQ(stamp_next(STAMP_OFF), STAMP_CLOCK);
    CHECK_EQ(stamp_next(STAMP_GAP), STAMP_OFF);
    CHECK_EQ(stamp_next(STAMP_EPOCH), STAMP_OFF);
}

static void dates_and_spans_are_written(void)
{
    struct stamp_base east = base;
    char text[64];

    east.utc_offset_s = 13 * 3600;
    CHECK(stamp_date(text, sizeof(text), "log-%Y%m%d-%H%M%S.%f-%j%%%q%", &base, CLOCK));
    CHECK(strcmp(text, "log-20241105-113102.113904-310%%q%") == 0);
    CHECK(stamp_date(text, sizeof(text), "%d %H", &east, CLOCK));
    CHECK(strcmp(text, "06 00") == 0);
    CHECK(!stamp_date(text, 4, "%Y", &base, CLOCK));
    CHECK(stamp_date(text, 5, "%Y", &base, CLOCK));
    stamp_span(text, 310 * US);
    CHECK(strcmp(text, "0.31 ms") == 0);
    stamp_span(text, 18240 * US);
    CHECK(strcmp(text, "18.2 ms") == 0);
    stamp_span(text, 388 * 1000 * US);
    CHECK(strcmp(text, "388 ms") == 0);
    stamp_span(text, 12 * SECOND);
    CHECK(strcmp(text, "12 s") == 0);
}

COMM_TEST_MAIN(TEST(each_kind_is_written_its_way), TEST(what_fits_keeps_the_column),
               TEST(names_lead_to_kinds_and_back), TEST(dates_and_spans_are_written))
