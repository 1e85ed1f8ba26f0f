/* SPDX-License-Identifier: MIT */
/* Ticks that fit the waits, and a calendar that is right at its edges. */
#include "harness.h"

#include <libcomm/comm.h>
#include <libcomm/compat.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const struct {
    const char *when;
    ULONGLONG steps; /* of 100 ns */
    SYSTEMTIME date;
} dates[] = {
    {"the first moment",        0,                     {1601, 1, 1, 1, 0, 0, 0, 0}      },
    {"1970",                    116444736000000000ULL, {1970, 1, 4, 1, 0, 0, 0, 0}      },
    {"a leap day of a century", 125963423990000000ULL, {2000, 2, 2, 29, 23, 59, 59, 0}  },
    {"the day after it",        125963424000000000ULL, {2000, 3, 3, 1, 0, 0, 0, 0}      },
    {"some time in 2024",       133536761123450000ULL, {2024, 2, 4, 29, 10, 28, 32, 345}},
};

static ULONGLONG steps_of(FILETIME time)
{
    return (ULONGLONG)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

static FILETIME filetime_of(ULONGLONG steps)
{
    return (FILETIME){(DWORD)steps, (DWORD)(steps >> 32)};
}

static void dates_convert_both_ways(void)
{
    for (size_t i = 0; i < ARRAY_LEN(dates); i++) {
        FILETIME time = filetime_of(dates[i].steps), back;
        SYSTEMTIME date, expected = dates[i].date;

        CHECK(FileTimeToSystemTime(&time, &date));
        CHECK_EQ_WHEN(dates[i].when, memcmp(&date, &expected, sizeof(date)), 0);
        CHECK(SystemTimeToFileTime(&expected, &back));
        CHECK_EQ_WHEN(dates[i].when, steps_of(back) / 10000, dates[i].steps / 10000);
    }
}

static void every_day_of_four_centuries_has_its_place(void)
{
    ULONGLONG day = 864000000000ULL;
    SYSTEMTIME before = {.wYear = 0}, date;

    for (unsigned i = 0; i < 146097; i++) {
        FILETIME time = filetime_of(i * day), back;
        bool next, new_month, new_year;

        FileTimeToSystemTime(&time, &date);
        SystemTimeToFileTime(&date, &back);
        next = date.wDay == before.wDay + 1 && date.wMonth == before.wMonth;
        new_month = date.wDay == 1 && date.wMonth == before.wMonth + 1 && before.wDay >= 28;
        new_year = date.wDay == 1 && date.wMonth == 1 && date.wYear == before.wYear + 1;
        if (steps_of(back) != i * day || date.wDayOfWeek != (i + 1) % 7 ||
            (i > 0 && !next && !new_month && !new_year)) {
            CHECK_EQ_WHEN("day after 1601-01-01", i, -1);
            break;
        }
        before = date;
    }
    CHECK_EQ(date.wYear, 2000);
    CHECK_EQ(date.wDay, 31);
}

static const struct {
    const char *when;
    SYSTEMTIME date;
} nonsense[] = {
    {"before the beginning", {1600, 12, 0, 31, 0, 0, 0, 0}  },
    {"29 February 1900",     {1900, 2, 0, 29, 0, 0, 0, 0}   },
    {"month 13",             {2000, 13, 0, 1, 0, 0, 0, 0}   },
    {"month 0",              {2000, 0, 0, 1, 0, 0, 0, 0}    },
    {"31 April",             {2000, 4, 0, 31, 0, 0, 0, 0}   },
    {"24 o'clock",           {2000, 4, 0, 30, 24, 0, 0, 0}  },
    {"a second 60",          {2000, 4, 0, 30, 0, 0, 60, 0}  },
    {"a thousand ms",        {2000, 4, 0, 30, 0, 0, 0, 1000}},
    {"past the last moment", {30828, 1, 0, 1, 0, 0, 0, 0}   },
};

static void what_is_no_date_is_refused(void)
{
    FILETIME time = filetime_of(0x8000000000000000ULL);
    SYSTEMTIME date;

    for (size_t i = 0; i < ARRAY_LEN(nonsense); i++) {
        SetLastError(0);
        CHECK_EQ_WHEN(nonsense[i].when, SystemTimeToFileTime(&nonsense[i].date, &time), FALSE);
        CHECK_EQ_WHEN(nonsense[i].when, GetLastError(), ERROR_INVALID_PARAMETER);
    }
    time = filetime_of(0x8000000000000000ULL);
    CHECK(!FileTimeToSystemTime(&time, &date));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

static void now_is_now(void)
{
    FILETIME before, after, by_date, local, local_by_date;
    SYSTEMTIME date;
    time_t now;

    setenv("TZ", "XXX-5:30", 1); /* five and a half hours east */
    GetSystemTimeAsFileTime(&before);
    now = time(NULL);
    GetSystemTime(&date);
    SystemTimeToFileTime(&date, &by_date);
    GetSystemTimePreciseAsFileTime(&after);
    CHECK(CompareFileTime(&before, &after) <= 0);
    CHECK(steps_of(by_date) / 10000 >= steps_of(before) / 10000);
    CHECK(CompareFileTime(&by_date, &after) <= 0);
    CHECK(llabs((long long)(steps_of(before) / 10000000 - 11644473600ULL) - now) <= 1);
    GetLocalTime(&date);
    SystemTimeToFileTime(&date, &local_by_date);
    CHECK(FileTimeToLocalFileTime(&after, &local));
    CHECK_EQ(steps_of(local) - steps_of(after), 198000000000ULL);
    CHECK(steps_of(local_by_date) / 10000 >= steps_of(local) / 10000);
    CHECK(steps_of(local_by_date) / 10000 - steps_of(local) / 10000 < 60000);
    unsetenv("TZ");
}

static void the_clocks_count_at_the_same_pace(void)
{
    LARGE_INTEGER frequency, first, last;
    ULONGLONG ticks;
    DWORD low;

    CHECK(QueryPerformanceFrequency(&frequency));
    CHECK_EQ(frequency.QuadPart, 10000000);
    CHECK(QueryPerformanceCounter(&first));
    ticks = GetTickCount64();
    low = GetTickCount();
    CHECK(QueryPerformanceCounter(&last));
    CHECK((ULONGLONG)first.QuadPart / 10000 <= ticks);
    CHECK(ticks <= (ULONGLONG)last.QuadPart / 10000);
    CHECK(low - (DWORD)ticks <= (DWORD)(last.QuadPart / 10000 - (LONGLONG)ticks));
}

COMM_TEST_MAIN(TEST(dates_convert_both_ways), TEST(every_day_of_four_centuries_has_its_place),
               TEST(what_is_no_date_is_refused), TEST(now_is_now),
               TEST(the_clocks_count_at_the_same_pace))
