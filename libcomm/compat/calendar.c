/* SPDX-License-Identifier: MIT */
/* Dates: FILETIME to and from the calendar, and the present time in both.  The calendar is counted
 * here, from 1601 to 30827; the C library is asked only for the local zone. */
#include <time.h>

#include <libcomm/compat.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/error.h"

#define STEPS_PER_MS 10000u
#define STEPS_PER_S 10000000u
#define S_PER_DAY 86400u
#define DAYS_PER_400_YEARS 146097u
#define FIRST_YEAR 1601u
#define LAST_YEAR 30827u
#define S_TO_1970 11644473600LL

static uint64_t value_of(const FILETIME *time)
{
    return (uint64_t)time->dwHighDateTime << 32 | time->dwLowDateTime;
}

static FILETIME filetime_of(uint64_t value)
{
    return (FILETIME){.dwLowDateTime = (DWORD)value, .dwHighDateTime = (DWORD)(value >> 32)};
}

/* Years run from March here, so that the leap day is the last of its year; day 0 is 1 March 1600,
 * the first of a cycle of 400 years.  1 January 1601 is day 306. */
static void date_of_day(uint64_t day, SYSTEMTIME *date)
{
    uint64_t cycle = (day + 306) / DAYS_PER_400_YEARS;
    uint32_t in_cycle = (uint32_t)((day + 306) % DAYS_PER_400_YEARS);
    uint32_t year = (in_cycle - in_cycle / 1460 + in_cycle / 36524 - in_cycle / 146096) / 365;
    uint32_t in_year = in_cycle - (365 * year + year / 4 - year / 100);
    uint32_t month = (5 * in_year + 2) / 153; /* 0: March */

    date->wDay = (WORD)(in_year - (153 * month + 2) / 5 + 1);
    date->wMonth = (WORD)(month < 10 ? month + 3 : month - 9);
    date->wYear = (WORD)(1600 + cycle * 400 + year + (month >= 10));
    date->wDayOfWeek = (WORD)((day + 1) % 7); /* 1 January 1601 was a Monday */
}

static uint64_t day_of_date(uint32_t year, uint32_t month, uint32_t day)
{
    uint32_t from_march = month > 2 ? month - 3 : month + 9;
    uint32_t years = year - 1600 - (month <= 2);
    uint64_t cycle = years / 400, in_cycle = years % 400;

    return cycle * DAYS_PER_400_YEARS + in_cycle * 365 + in_cycle / 4 - in_cycle / 100 +
           (153 * from_march + 2) / 5 + day - 1 - 306;
}

static uint32_t days_in(uint32_t year, uint32_t month)
{
    static const unsigned char days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && leap ? 1u : 0u);
}

static bool is_date(const SYSTEMTIME *t)
{
    return t->wYear >= FIRST_YEAR && t->wYear <= LAST_YEAR && t->wMonth >= 1 && t->wMonth <= 12 &&
           t->wDay >= 1 && t->wDay <= days_in(t->wYear, t->wMonth) && t->wHour < 24 &&
           t->wMinute < 60 && t->wSecond < 60 && t->wMilliseconds < 1000;
}

static void split(uint64_t steps, SYSTEMTIME *t)
{
    uint32_t second = (uint32_t)(steps / STEPS_PER_S % S_PER_DAY);

    date_of_day(steps / STEPS_PER_S / S_PER_DAY, t);
    t->wHour = (WORD)(second / 3600);
    t->wMinute = (WORD)(second / 60 % 60);
    t->wSecond = (WORD)(second % 60);
    t->wMilliseconds = (WORD)(steps % STEPS_PER_S / STEPS_PER_MS);
}

BOOL WINAPI FileTimeToSystemTime(const FILETIME *lpFileTime, LPSYSTEMTIME lpSystemTime)
{
    uint64_t steps = value_of(lpFileTime);

    if (steps > INT64_MAX)
        return ci_fail(ERROR_INVALID_PARAMETER);
    split(steps, lpSystemTime);
    return TRUE;
}

BOOL WINAPI SystemTimeToFileTime(const SYSTEMTIME *lpSystemTime, LPFILETIME lpFileTime)
{
    const SYSTEMTIME *t = lpSystemTime;
    uint64_t seconds, steps;

    if (!is_date(t))
        return ci_fail(ERROR_INVALID_PARAMETER);
    seconds = (t->wHour * 60ULL + t->wMinute) * 60 + t->wSecond;
    seconds += day_of_date(t->wYear, t->wMonth, t->wDay) * S_PER_DAY;
    steps = seconds * STEPS_PER_S + (uint64_t)t->wMilliseconds * STEPS_PER_MS;
    if (steps > INT64_MAX) /* the year 30828 begins before the number ends */
        return ci_fail(ERROR_INVALID_PARAMETER);
    *lpFileTime = filetime_of(steps);
    return TRUE;
}

LONG WINAPI CompareFileTime(const FILETIME *lpFileTime1, const FILETIME *lpFileTime2)
{
    uint64_t one = value_of(lpFileTime1), other = value_of(lpFileTime2);

    return (one > other) - (one < other);
}

/* ---- now ---- */

VOID WINAPI GetSystemTimeAsFileTime(LPFILETIME lpSystemTimeAsFileTime)
{
    *lpSystemTimeAsFileTime = filetime_of(ci_filetime_now());
}

VOID WINAPI GetSystemTimePreciseAsFileTime(LPFILETIME lpSystemTimeAsFileTime)
{
    *lpSystemTimeAsFileTime = filetime_of(ci_filetime_now());
}

/* Seconds east of Greenwich. */
static int64_t zone_offset(uint64_t steps)
{
    time_t at = (time_t)((int64_t)(steps / STEPS_PER_S) - S_TO_1970);
    struct tm local;

    tzset();
    return localtime_r(&at, &local) != NULL ? local.tm_gmtoff : 0;
}

VOID WINAPI GetSystemTime(LPSYSTEMTIME lpSystemTime)
{
    split(ci_filetime_now(), lpSystemTime);
}

VOID WINAPI GetLocalTime(LPSYSTEMTIME lpSystemTime)
{
    uint64_t now = ci_filetime_now();

    split(now + (uint64_t)(zone_offset(now) * (int64_t)STEPS_PER_S), lpSystemTime);
}

BOOL WINAPI FileTimeToLocalFileTime(const FILETIME *lpFileTime, LPFILETIME lpLocalFileTime)
{
    int64_t offset = zone_offset(ci_filetime_now()) * (int64_t)STEPS_PER_S;
    uint64_t steps = value_of(lpFileTime);
    int64_t local;

    if (steps > INT64_MAX || __builtin_add_overflow((int64_t)steps, offset, &local) || local < 0)
        return ci_fail(ERROR_INVALID_PARAMETER);
    *lpLocalFileTime = filetime_of((uint64_t)local);
    return TRUE;
}
