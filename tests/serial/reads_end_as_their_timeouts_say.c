/* SPDX-License-Identifier: MIT */
/* COMMTIMEOUTS of reads, row by row: what is there before the read, what comes while it waits, and
 * how it ends.  Lower bounds are strict; whether something came in time is asked of the clock, and
 * a row for which the machine was too slow is tried again with longer times. */
#include <string.h>

#include "asleep.h"
#include "limits.h"

#define MAX MAXDWORD
#define LONG 3600000u /* ms: further away than any test takes */
#define UNIT_MS 25u
#define SLOWEST_MS 1600u

/* Times below LONG are in units, the others in ms. */
static const struct row {
    const char *when;
    DWORD interval, multiplier, constant;
    DWORD len;
    const char *before;       /* in the type-ahead */
    const char *after, *then; /* each while the read waits */
    DWORD count, status;
    DWORD total;  /* not over before: from its start */
    DWORD silent; /* nor before: from the last byte, or its start if that was there before */
    bool endless; /* nothing but bytes ends it */
    DWORD left;   /* in the type-ahead then */
} rows[] = {
  /* {0, 0, 0} */
    {"no limits, all there",                 0,       0,       0,       3, "abc",    "",    "",   3, STATUS_SUCCESS, 0, 0, false, 0},
    {"no limits, more there",                0,       0,       0,       3, "abcde",  "",    "",   3, STATUS_SUCCESS, 0, 0, false, 2},
    {"no limits, all comes",                 0,       0,       0,       3, "",       "abc", "",   3, STATUS_SUCCESS, 0, 0, true,  0},
    {"no limits, some there",                0,       0,       0,       3, "ab",     "c",   "",   3, STATUS_SUCCESS, 0, 0, true,  0},
    {"no limits, comes in parts",            0,       0,       0,       5, "",       "abc", "de", 5, STATUS_SUCCESS, 0, 0, true,  0},
 /* {0, any, any} */
    {"a total, all there",                   0,       1,       1,       3, "abc",    "",    "",   3, STATUS_SUCCESS, 0, 0, false, 0},
    {"a total, all comes",                   0,       0,       LONG,    3, "",       "abc", "",   3, STATUS_SUCCESS, 0, 0, false, 0},
    {"a total, comes in parts",              0,       LONG,    0,       5, "a",      "bc",  "de", 5, STATUS_SUCCESS, 0, 0, false, 0},
    {"a total, nothing",                     0,       1,       2,       2, "",       "",    "",   0, STATUS_TIMEOUT, 4, 0, false, 0},
    {"a constant, nothing",                  0,       0,       3,       9, "",       "",    "",   0, STATUS_TIMEOUT, 3, 0, false, 0},
    {"a multiplier, some there",             0,       1,       0,       4, "ab",     "",    "",   2, STATUS_TIMEOUT, 4, 0, false, 0},
    {"a total, some comes",                  0,       0,       4,       9, "",       "ab",  "",   2, STATUS_TIMEOUT, 4, 0, false, 0},
    {"a total, some there, more comes",      0,       0,       4,       9, "a",      "b",   "c",  3, STATUS_TIMEOUT, 4, 0, false,
     0                                                                                                                             },
 /* {1..MAX-1, 0, 0} */
    {"an interval, all there",               1,       0,       0,       3, "abc",    "",    "",   3, STATUS_SUCCESS, 0, 0, false, 0},
    {"an interval, all comes",               1,       0,       0,       3, "",       "abc", "",   3, STATUS_SUCCESS, 0, 0, true,  0},
    {"an interval, parts in time",           LONG,    0,       0,       5, "a",      "bc",  "de", 5, STATUS_SUCCESS, 0, 0, false,
     0                                                                                                                             },
    {"the longest interval, parts",          MAX - 1, 0,       0,       5, "a",      "bc",  "de", 5, STATUS_SUCCESS, 0, 0,
     false,                                                                                                                       0},
    {"an interval, some there",              2,       0,       0,       9, "abc",    "",    "",   3, STATUS_TIMEOUT, 0, 2, false, 0},
    {"an interval, some comes",              2,       0,       0,       9, "",       "abc", "",   3, STATUS_TIMEOUT, 0, 2, true,  0},
    {"an interval, some there, more comes",  3,       0,       0,       9, "a",      "b",   "c",  3, STATUS_TIMEOUT, 0, 3,
     false,                                                                                                                       0},
 /* {1..MAX-1, any, any} */
    {"both, all there",                      1,       1,       1,       3, "abc",    "",    "",   3, STATUS_SUCCESS, 0, 0, false, 0},
    {"both, comes in parts",                 LONG,    LONG,    LONG,    5, "a",      "bc",  "de", 5, STATUS_SUCCESS, 0, 0, false,
     0                                                                                                                             },
    {"both, nothing",                        1,       0,       3,       9, "",       "",    "",   0, STATUS_TIMEOUT, 3, 0, false, 0},
    {"both, the interval first",             2,       0,       LONG,    9, "",       "abc", "",   3, STATUS_TIMEOUT, 0, 2, false, 0},
    {"both, the interval first, some there", 2,       LONG,    LONG,    9, "abc",    "",    "",   3, STATUS_TIMEOUT, 0,
     2,                                                                                                                    false, 0},
    {"both, the total first",                LONG,    0,       4,       9, "",       "ab",  "c",  3, STATUS_TIMEOUT, 4, 0, false, 0},
    {"both, the total first, some there",    LONG,    0,       4,       9, "ab",     "c",   "",   3, STATUS_TIMEOUT, 4, 0,
     false,                                                                                                                       0},
 /* {MAX, 0, 0} */
    {"what is there: nothing",               MAX,     0,       0,       9, "",       "",    "",   0, STATUS_SUCCESS, 0, 0, false, 0},
    {"what is there: some",                  MAX,     0,       0,       9, "abc",    "",    "",   3, STATUS_SUCCESS, 0, 0, false, 0},
    {"what is there: more",                  MAX,     0,       0,       2, "abc",    "",    "",   2, STATUS_SUCCESS, 0, 0, false, 1},
 /* {MAX, MAX, 0..MAX-1} */
    {"one byte, some there",                 MAX,     MAX,     LONG,    9, "abc",    "",    "",   3, STATUS_SUCCESS, 0, 0, false, 0},
    {"one byte, more there",                 MAX,     MAX,     LONG,    3, "abcdef", "",    "",   3, STATUS_SUCCESS, 0, 0, false,
     3                                                                                                                             },
    {"one byte, several come",               MAX,     MAX,     LONG,    9, "",       "abc", "",   1, STATUS_SUCCESS, 0, 0, false, 2},
    {"one byte, the longest limit",          MAX,     MAX,     MAX - 1, 9, "",       "abc", "",   1, STATUS_SUCCESS, 0, 0,
     false,                                                                                                                       2},
    {"one byte, nothing",                    MAX,     MAX,     3,       9, "",       "",    "",   0, STATUS_TIMEOUT, 3, 0, false, 0},
    {"one byte at once, nothing",            MAX,     MAX,     0,       9, "",       "",    "",   0, STATUS_TIMEOUT, 0, 0, false, 0},
    {"one byte at once, some there",         MAX,     MAX,     0,       9, "abc",    "",    "",   3, STATUS_SUCCESS, 0, 0, false,
     0                                                                                                                             },
 /* {MAX, 0..MAX-1, 0..MAX-1} */
    {"all or what is there: some",           MAX,     0,       LONG,    9, "abc",    "",    "",   3, STATUS_SUCCESS, 0, 0, false,
     0                                                                                                                             },
    {"all or what is there: more",           MAX,     1,       0,       2, "abc",    "",    "",   2, STATUS_SUCCESS, 0, 0, false, 1},
    {"all or what is there: some comes",     MAX,     0,       4,       9, "",       "abc", "",   3, STATUS_TIMEOUT, 4, 0,
     false,                                                                                                                       0},
    {"all or what is there: by the byte",    MAX,     1,       0,       4, "",       "a",   "bc", 3, STATUS_TIMEOUT, 4, 0,
     false,                                                                                                                       0},
    {"all or what is there: all comes",      MAX,     0,       LONG,    5, "",       "abc", "de", 5, STATUS_SUCCESS, 0, 0,
     false,                                                                                                                       0},
    {"all or what is there: nothing",        MAX,     1,       1,       2, "",       "",    "",   0, STATUS_TIMEOUT, 3, 0, false, 0},
 /* {MAX, not MAX, MAX} */
    {"no timers, all there",                 MAX,     0,       MAX,     3, "abc",    "",    "",   3, STATUS_SUCCESS, 0, 0, false, 0},
    {"no timers, some there",                MAX,     0,       MAX,     5, "ab",     "c",   "de", 5, STATUS_SUCCESS, 0, 0, true,  0},
    {"no timers, all comes",                 MAX,     MAX - 1, MAX,     5, "",       "abc", "de", 5, STATUS_SUCCESS, 0, 0, true,
     0                                                                                                                             },
 /* {1..MAX-1, MAX, any} */
    {"no special case, nothing yet",         2,       MAX,     0,       9, "",       "abc", "",   3, STATUS_TIMEOUT, 0, 2, false,
     0                                                                                                                             },
    {"no special case, some there",          2,       MAX,     MAX,     9, "abc",    "",    "",   3, STATUS_TIMEOUT, 0, 2, false,
     0                                                                                                                             },
    {"no special case, all comes",           LONG,    MAX,     1,       5, "a",      "bc",  "de", 5, STATUS_SUCCESS, 0, 0, false,
     0                                                                                                                             },
};

/* ---- a read, of either kind ---- */

struct reading {
    const struct port *port;
    bool sync;
    DWORD len;
    struct request request;
    /* sync */
    struct sleeper sleeper;
    pthread_t thread;
    _Atomic bool over;
    BOOL ok;
    DWORD error;
};

static void *read_now(void *arg)
{
    struct reading *r = arg;

    SetLastError(0xC0DE);
    sleeper_announce(&r->sleeper);
    r->ok = ReadFile(r->port->near, r->request.buf, r->len, &r->request.count, NULL);
    r->error = GetLastError();
    r->over = true;
    return NULL;
}

static void reading_start(struct reading *r, const struct port *port, bool sync, DWORD len)
{
    memset(r, 0, sizeof *r);
    r->port = port;
    r->sync = sync;
    r->len = len;
    request_open(&r->request, !sync);
    if (sync) {
        r->thread = comm_spawn(read_now, r);
        return;
    }
    r->ok = ReadFile(port->near, r->request.buf, len, &r->request.count, &r->request.ov);
    CHECK(r->ok || GetLastError() == ERROR_IO_PENDING);
}

static bool is_asleep_or_over(void *arg)
{
    struct reading *r = arg;

    return r->over || is_asleep(&r->sleeper);
}

/* It does wait; false: it is over. */
static bool reading_waits(struct reading *r)
{
    if (!r->sync)
        return port_pends(r->port, &r->request);
    return comm_wait_until(is_asleep_or_over, r) && !r->over;
}

static void reading_ends(struct reading *r, const char *when, DWORD status, DWORD count)
{
    if (r->sync) {
        comm_join(r->thread);
        CHECK_EQ_WHEN(when, r->ok, TRUE);
        CHECK_EQ_WHEN(when, r->error, 0xC0DE);
        CHECK_EQ_WHEN(when, r->request.count, count);
    } else {
        port_ends(when, r->port, &r->request, status, count);
        CHECK_EQ_WHEN(when, is_set(r->request.ov.hEvent), true);
    }
    request_close(&r->request);
}

/* ---- a row ---- */

static DWORD ms_of(DWORD time, DWORD unit_ms)
{
    return time < LONG ? time * unit_ms : time;
}

struct moments {
    uint64_t start, last; /* before the read and before the last byte that it waited for */
    bool late;            /* something came when the read may have been over */
};

static bool is_late(const struct row *row, const struct moments *at, DWORD unit_ms)
{
    uint64_t now = steady_ms();

    return (row->total != 0 && now - at->start >= row->total * unit_ms) ||
           (row->silent != 0 && at->last != 0 && now - at->last >= row->silent * unit_ms);
}

static void deliver(struct port *port, const struct row *row, const char *text, DWORD unit_ms,
                    struct moments *at)
{
    uint64_t before = steady_ms();

    if (text[0] == '\0' || at->late)
        return;
    port_deliver(port, text, strlen(text));
    at->late = is_late(row, at, unit_ms);
    at->last = before;
}

static void check_rest(const struct port *port, const struct row *row, const char *got)
{
    char all[16];

    snprintf(all, sizeof all, "%s%s%s", row->before, row->after, row->then);
    CHECK_EQ_WHEN(row->when, memcmp(got, all, row->count), 0);
    CHECK_EQ_WHEN(row->when, port_queued(port), row->left);
}

/* False: it was too slow to tell. */
static bool run_row(struct port *port, const struct row *row, bool sync, DWORD unit_ms)
{
    struct moments at = {0};
    struct reading reading;
    uint64_t end;

    port_open(port, sync ? 0 : FILE_FLAG_OVERLAPPED);
    port_read_times(port, ms_of(row->interval, unit_ms), ms_of(row->multiplier, unit_ms),
                    ms_of(row->constant, unit_ms));
    if (row->before[0] != '\0')
        port_deliver(port, row->before, strlen(row->before));
    at.start = steady_ms();
    at.last = row->before[0] != '\0' ? at.start : 0;
    reading_start(&reading, port, sync, row->len);
    if (row->after[0] != '\0' && !reading_waits(&reading)) {
        at.late = is_late(row, &at, unit_ms);
        CHECK_EQ_WHEN(row->when, at.late, true);
    }
    if (row->endless)
        CHECK_EQ_WHEN(row->when, is_endless(port), true);
    deliver(port, row, row->after, unit_ms, &at);
    deliver(port, row, row->then, unit_ms, &at);
    if (at.late) {
        PurgeComm(port->near, PURGE_RXABORT);
        if (sync)
            comm_join(reading.thread);
        else
            request_finishes(&reading.request);
        request_close(&reading.request);
    } else {
        reading_ends(&reading, row->when, row->status, row->count);
        end = steady_ms();
        CHECK_EQ_WHEN(row->when, end - at.start >= (uint64_t)row->total * unit_ms, true);
        CHECK_EQ_WHEN(row->when, end - at.last >= (uint64_t)row->silent * unit_ms, true);
        CHECK_EQ_WHEN(row->when, end - at.start < SOON_MS + 9 * unit_ms, true);
        check_rest(port, row, reading.request.buf);
    }
    port_shut(port);
    return !at.late;
}

static void each_row_holds(struct port *port, bool sync)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        DWORD unit_ms = UNIT_MS;

        while (!run_row(port, &rows[i], sync, unit_ms) && CHECK(unit_ms < SLOWEST_MS))
            unit_ms *= 2;
    }
}

static void overlapped_reads_end_by_the_truth_table(struct port *port)
{
    each_row_holds(port, false);
}

static void waiting_reads_end_by_the_truth_table(struct port *port)
{
    each_row_holds(port, true);
}

PORT_TEST_MAIN(ON_BOTH(overlapped_reads_end_by_the_truth_table),
               ON_BOTH(waiting_reads_end_by_the_truth_table))
