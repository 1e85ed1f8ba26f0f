/* SPDX-License-Identifier: MIT */
/* Percentiles, means and plots say what the sorted samples say, to within the width of a class. */
#include "tests/tools/dice.h"
#include "tools/common/hist.h"
#include "tools/common/series.h"

#include "harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int by_size(const void *a, const void *b)
{
    uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

    return one < other ? -1 : one > other;
}

static void percentiles_are_within_a_class(void)
{
    static const unsigned parts[] = {1, 500, 950, 990, 1000};
    static uint64_t samples[5000];
    static struct hist hist;
    struct dice dice = {11};

    for (int round = 0; round < 20; round++) {
        size_t count = 1 + dice_below(&dice, ARRAY_LEN(samples));
        unsigned size = (unsigned)dice_below(&dice, 31);

        hist_reset(&hist);
        for (size_t i = 0; i < count; i++) {
            samples[i] = (uint64_t)(dice_roll(&dice) >> size) * 1000;
            hist_add(&hist, samples[i], i * 1000000);
        }
        qsort(samples, count, sizeof(samples[0]), by_size);
        for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
            size_t rank = (count * parts[i] + 999) / 1000;
            double exact = (double)samples[rank == 0 ? 0 : rank - 1];
            double got = (double)hist_part(&hist, parts[i]);

            CHECK(fabs(got - exact) <= exact * 0.016 + 1000);
        }
        CHECK_EQ(hist.max_ns, samples[count - 1]);
        CHECK_EQ(hist_part(&hist, 1000), samples[count - 1]);
        CHECK_EQ(hist.min_ns, samples[0]);
    }
}

static void rows_hold_every_sample_once(void)
{
    static struct hist hist;
    struct dice dice = {12};

    for (int round = 0; round < 200; round++) {
        struct hist_row rows[8];
        size_t most = 3 + dice_below(&dice, 6), count;
        uint64_t sum = 0;

        hist_reset(&hist);
        for (size_t i = dice_below(&dice, 300); i > 0; i--)
            hist_add(&hist, (40000 + dice_below(&dice, 6000) * (dice_below(&dice, 50) + 1)) * 1000,
                     0);
        count = hist_rows(&hist, rows, most);
        CHECK(count >= 2 && count <= most);
        for (size_t i = 0; i < count; i++) {
            sum += rows[i].count;
            CHECK(rows[i].from_ns == (i == 0 ? 0 : rows[i - 1].to_ns));
            CHECK(rows[i].to_ns > rows[i].from_ns);
        }
        CHECK_EQ(sum, hist.count);
        CHECK(rows[count - 1].to_ns == UINT64_MAX);
        CHECK(rows[count - 1].count * 20 <= hist.count + 20);
    }
}

static void each_query_has_its_own(void)
{
    struct hist_set set = {.entries = NULL};

    hist_add(hist_of(&set, "MEAS:VOLT?"), 41000000, 0);
    hist_add(hist_of(&set, "MEAS:VOLT?"), 43000000, 1000000000);
    hist_of(&set, "*IDN?")->lost++;
    CHECK_EQ(set.count, 2);
    CHECK_EQ(hist_of(&set, "MEAS:VOLT?")->count, 2);
    CHECK_EQ(hist_of(&set, "*IDN?")->count, 0);
    CHECK(hist_rate(hist_of(&set, "MEAS:VOLT?")) == 1.0);
    CHECK(hist_mean_ns(hist_of(&set, "MEAS:VOLT?")) == 42000000.0);
    CHECK_EQ(hist_part(hist_of(&set, "*IDN?"), 500), 0);
    hist_set_fini(&set);
}

static void means_and_deviations_are_exact(void)
{
    struct series series;
    struct dice dice = {13};
    double values[500], sum = 0, squares = 0;

    CHECK(series_init(&series, 100));
    for (size_t i = 0; i < ARRAY_LEN(values); i++) {
        values[i] = 1e9 + (double)dice_below(&dice, 1000) / 1000;
        sum += values[i];
        series_add(&series, values[i], i * 500000000);
    }
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        squares += (values[i] - sum / 500) * (values[i] - sum / 500);
    CHECK(fabs(series.mean - sum / 500) < 1e-6);
    CHECK(fabs(series_sigma(&series) - sqrt(squares / 499)) < 1e-6);
    CHECK(series_rate(&series) == 2.0);
    CHECK(series.min >= 1e9 && series.max < 1e9 + 1);
    series_fini(&series);
}

static void numbers_are_found_in_lines(void)
{
    static const struct {
        const char *line, *what;
        bool found;
        double value;
    } cases[] = {
        {"5.0012",           NULL,   true,  5.0012 },
        {"+5.00000E-01,12",  NULL,   true,  0.5    },
        {"VOLT1 is -3V",     NULL,   true,  -3     },
        {"no number",        NULL,   false, 0      },
        {"x1",               NULL,   false, 0      },
        {"t=1, Temp: 21.5C", "temp", true,  21.5   },
        {"temp",             "temp", false, 0      },
        {"Attemp: 3 temp=4", "temp", true,  4      },
        {"1,2.5;3 4",        "#2",   true,  2.5    },
        {"1, 2.5;3 4",       "#4",   true,  4      },
        {"1,2",              "#3",   false, 0      },
        {"1,2",              "#0",   false, 0      },
        {"9.91E37",          NULL,   true,  9.91e37},
        {"1e",               NULL,   true,  1      },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        double value = 0;

        CHECK_EQ_WHEN(cases[i].line, series_find(cases[i].line, cases[i].what, &value),
                      cases[i].found);
        comm_check(value == cases[i].value, __FILE__, __LINE__, "%s: %g", cases[i].line, value);
    }
}

static void a_plot_has_a_dot_for_each_value(void)
{
    struct series series;
    uint32_t cells[12];
    double low, high;

    CHECK(series_init(&series, 4));
    series_plot(&series, 0, 10, true, cells, 4, 3, &low, &high);
    CHECK(cells[0] == ' ' && cells[11] == ' ');
    for (unsigned i = 0; i < 6; i++) /* the first two are forgotten */
        series_add(&series, i, i);
    series_plot(&series, 2, 5, true, cells, 4, 3, &low, &high);
    CHECK(low == 2 && high == 5);
    CHECK(cells[8] == '.' && cells[3] == '.' && cells[0] == ' ');
    series_plot(&series, 2, 5, false, cells, 2, 1, &low, &high);
    CHECK_EQ(cells[0], 0x2860); /* the two lower left steps */
    CHECK_EQ(cells[1], 0x280a);
    series_fini(&series);
}

COMM_TEST_MAIN(TEST(percentiles_are_within_a_class), TEST(rows_hold_every_sample_once),
               TEST(each_query_has_its_own), TEST(means_and_deviations_are_exact),
               TEST(numbers_are_found_in_lines), TEST(a_plot_has_a_dot_for_each_value))
