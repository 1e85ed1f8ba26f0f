/* SPDX-License-Identifier: MIT */
/* Numbers with units: what people write is understood exactly, and nothing is guessed. */
#include "tests/support/harness.h"
#include "tools/common/amount.h"

static void rates_are_bits_per_second(void)
{
    static const struct {
        const char *text;
        uint32_t rate; /* 0: refused */
    } cases[] = {
        {"115200",               115200    },
        {"57.6k",                57600     },
        {"1.5M",                 1500000   },
        {"4294967295",           4294967295},
        {"1",                    1         },
        {"0",                    0         },
        {"4294967296",           0         },
        {"9600 ",                0         },
        {" 9600",                0         },
        {"-1",                   0         },
        {"+1",                   0         },
        {"",                     0         },
        {"9.5",                  0         },
        {"1.00001k",             0         },
        {"k",                    0         },
        {".5M",                  0         },
        {"5.M",                  0         },
        {"1K",                   0         },
        {"0x10",                 0         },
        {"1.2.3k",               0         },
        {"99999999999999999999", 0         },
        {"1e6",                  0         },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint32_t rate = 7;
        bool read = amount_rate(cases[i].text, &rate);

        CHECK_EQ_WHEN(cases[i].text, read, cases[i].rate != 0);
        CHECK_EQ_WHEN(cases[i].text, rate, read ? cases[i].rate : 7);
    }
}

static void times_have_the_unit_of_their_option_unless_they_name_one(void)
{
    static const struct {
        const char *text;
        uint64_t unit;
        long long us; /* -1: refused */
    } cases[] = {
        {"20",               1000,    20000      },
        {"20",               1,       20         },
        {"1.5",              1000000, 1500000    },
        {"1.5s",             1,       1500000    },
        {"200ms",            1000000, 200000     },
        {"50us",             1000,    50         },
        {"2m",               1,       120000000  },
        {"1h",               1,       3600000000 },
        {"1d",               1,       86400000000},
        {"0",                1000,    0          },
        {"1.5us",            1,       -1         },
        {"1 s",              1,       -1         },
        {"1M",               1,       -1         },
        {"300000000000000d", 1,       -1         },
        {"s",                1,       -1         },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        uint64_t us = 0;

        CHECK_EQ_WHEN(cases[i].text, amount_time(cases[i].text, cases[i].unit, &us),
                      cases[i].us >= 0);
        CHECK_EQ_WHEN(cases[i].text, us, cases[i].us >= 0 ? cases[i].us : 0);
    }
}

static void sizes_are_of_1024(void)
{
    uint64_t bytes = 0;

    CHECK(amount_size("50M", &bytes));
    CHECK_EQ(bytes, 50 << 20);
    CHECK(amount_size("1.5k", &bytes));
    CHECK_EQ(bytes, 1536);
    CHECK(amount_size("0", &bytes));
    CHECK_EQ(bytes, 0);
    CHECK(!amount_size("8.5", &bytes));
    CHECK(!amount_size("99999999999G", &bytes));
    CHECK(!amount_size("1MB", &bytes));
}

static void a_framing_is_bits_parity_and_stop_bits(void)
{
    static const char *const wrong[] = {"",    "8",    "8n",   "9n1", "4n1", "8x1",
                                        "8n3", "8n1 ", "8n1.", "n81", "8n15"};
    struct amount_framing framing;

    CHECK(amount_framing("8n1", &framing));
    CHECK(framing.bits == 8 && framing.parity == 'n' && framing.halves == 2);
    CHECK(amount_framing("5O1.5", &framing));
    CHECK(framing.bits == 5 && framing.parity == 'o' && framing.halves == 3);
    CHECK(amount_framing("7s2", &framing));
    CHECK(framing.bits == 7 && framing.parity == 's' && framing.halves == 4);
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++)
        CHECK_EQ_WHEN(wrong[i], amount_framing(wrong[i], &framing), false);
}

COMM_TEST_MAIN(TEST(rates_are_bits_per_second),
               TEST(times_have_the_unit_of_their_option_unless_they_name_one),
               TEST(sizes_are_of_1024), TEST(a_framing_is_bits_parity_and_stop_bits))
