/* SPDX-License-Identifier: MIT */
/* What is done when the call returns is reported all the same: a packet at the port, or a routine
 * in the next alertable wait. */
#include "disk.h"

#define KEY 4711

static HANDLE f, port, event;
static char buf[16] = "abcdefghij";

static void begin(void)
{
    f = disk_new("ported", "0123456789", FILE_FLAG_OVERLAPPED);
    port = CreateIoCompletionPort(f, NULL, KEY, 0);
    event = disk_event();
    CHECK(port != NULL);
}

static void end(void)
{
    CloseHandle(f);
    CloseHandle(port);
    CloseHandle(event);
}

/* The error of the next packet, or WAIT_TIMEOUT for none. */
static DWORD packet(const OVERLAPPED *expected, DWORD bytes)
{
    OVERLAPPED *ov = NULL;
    ULONG_PTR key = 77;
    DWORD n = 77, error;

    error = outcome(GetQueuedCompletionStatus(port, &n, &key, &ov, 0));
    if (ov == NULL)
        return error;
    CHECK(ov == expected);
    CHECK_EQ(key, KEY);
    CHECK_EQ(n, bytes);
    return error;
}

static const struct {
    const char *when;
    uint64_t offset;
    DWORD len, error, bytes;
} rows[] = {
    {"some bytes",     0,  4, 0,                4},
    {"across the end", 8,  4, 0,                2},
    {"at the end",     10, 4, ERROR_HANDLE_EOF, 0},
    {"nothing",        0,  0, 0,                0},
};

static void every_started_read_leaves_one_packet(void)
{
    begin();
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        OVERLAPPED ov = disk_at(rows[i].offset, NULL);

        CHECK_EQ_WHEN(rows[i].when, outcome(ReadFile(f, buf, rows[i].len, NULL, &ov)),
                      ERROR_IO_PENDING);
        CHECK_EQ_WHEN(rows[i].when, packet(&ov, rows[i].bytes), rows[i].error);
        CHECK_EQ_WHEN(rows[i].when, packet(NULL, 0), WAIT_TIMEOUT);
    }
    end();
}

static void a_refused_one_leaves_none(void)
{
    OVERLAPPED ov = disk_at(UINT64_MAX, NULL);

    begin();
    CHECK_EQ(outcome(ReadFile(f, buf, 4, NULL, &ov)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(packet(NULL, 0), WAIT_TIMEOUT);
    end();
}

static void an_event_is_set_beside_the_packet_and_its_low_bit_holds_the_packet_back(void)
{
    OVERLAPPED ov;
    DWORD n = 0;

    begin();
    ov = disk_at(0, event);
    CHECK_EQ(outcome(ReadFile(f, buf, 4, NULL, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK_EQ(packet(&ov, 4), 0);
    ResetEvent(event);
    ov = disk_at(0, (HANDLE)((ULONG_PTR)event | 1));
    CHECK_EQ(outcome(ReadFile(f, buf, 4, NULL, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK_EQ(packet(NULL, 0), WAIT_TIMEOUT);
    ov = disk_at(0, NULL);
    CHECK_EQ(outcome(WriteFile(f, "abc", 3, NULL, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(result_of(f, &ov, &n), 0); /* asking takes no packet away */
    CHECK_EQ(packet(&ov, 3), 0);
    end();
}

static void a_call_that_said_997_posts_even_where_successes_are_skipped(void)
{
    OVERLAPPED ov = disk_at(0, NULL);

    begin();
    CHECK(SetFileCompletionNotificationModes(f, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    CHECK_EQ(outcome(ReadFile(f, buf, 4, NULL, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(packet(&ov, 4), 0);
    /* a lock granted at once says TRUE */
    CHECK(LockFileEx(f, LOCKFILE_EXCLUSIVE_LOCK, 0, 4, 0, &ov));
    CHECK_EQ(packet(NULL, 0), WAIT_TIMEOUT);
    end();
}

/* ---- routines ---- */

static DWORD calls, order, last_error, last_bytes;

static VOID CALLBACK note(DWORD error, DWORD bytes, LPOVERLAPPED ov)
{
    calls++;
    order = order * 10 + (DWORD)(ULONG_PTR)ov->hEvent; /* the caller's own: a digit */
    last_error = error;
    last_bytes = bytes;
}

static OVERLAPPED noted_at(uint64_t offset, ULONG_PTR digit)
{
    return disk_at(offset, (HANDLE)digit);
}

static void a_routine_runs_in_the_next_alertable_wait_and_not_before(void)
{
    OVERLAPPED ov = noted_at(0, 1);

    calls = 0;
    f = disk_new("routine", "", FILE_FLAG_OVERLAPPED);
    CHECK(WriteFileEx(f, "0123456789", 10, &ov, note));
    CHECK_EQ(ov.Internal, STATUS_SUCCESS);
    CHECK_EQ(ov.InternalHigh, 10);
    CHECK_EQ(SleepEx(0, FALSE), 0);
    CHECK_EQ(WaitForSingleObject(f, 0), WAIT_OBJECT_0);
    CHECK_EQ(calls, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(calls, 1);
    CHECK_EQ(last_error, 0);
    CHECK_EQ(last_bytes, 10);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CloseHandle(f);
}

static void routines_run_in_the_order_of_completion(void)
{
    OVERLAPPED ov[3];

    calls = order = 0;
    f = disk_new("order", "0123456789", FILE_FLAG_OVERLAPPED);
    for (unsigned i = 0; i < 3; i++) {
        ov[i] = noted_at((uint64_t)i * 3, i + 1);
        CHECK(ReadFileEx(f, buf + i * 3, 3, &ov[i], note));
    }
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(order, 123);
    CloseHandle(f);
}

static void the_end_of_the_file_is_the_routine_s_to_hear(void)
{
    OVERLAPPED ov = noted_at(10, 1);

    calls = 0;
    f = disk_new("end", "0123456789", FILE_FLAG_OVERLAPPED);
    CHECK(ReadFileEx(f, buf, 4, &ov, note));
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(calls, 1);
    CHECK_EQ(last_error, ERROR_HANDLE_EOF);
    CHECK_EQ(last_bytes, 0);
    CloseHandle(f);
}

static void a_refused_routine_never_runs(void)
{
    OVERLAPPED ov = noted_at(UINT64_MAX, 1);
    HANDLE sync;

    calls = 0;
    f = disk_new("refused", "0123456789", FILE_FLAG_OVERLAPPED);
    sync = disk_open(disk_path("refused"), GENERIC_READ, OPEN_EXISTING, 0);
    CHECK_EQ(outcome(ReadFileEx(f, buf, 4, &ov, note)), ERROR_INVALID_PARAMETER);
    ov = noted_at(0, 1);
    CHECK_EQ(outcome(ReadFileEx(f, buf, 4, &ov, NULL)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(ReadFileEx(sync, buf, 4, &ov, note)), ERROR_INVALID_PARAMETER);
    port = CreateIoCompletionPort(f, NULL, KEY, 0);
    CHECK_EQ(outcome(ReadFileEx(f, buf, 4, &ov, note)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK_EQ(calls, 0);
    CloseHandle(sync);
    CloseHandle(f);
    CloseHandle(port);
}

COMM_TEST_MAIN(TEST(every_started_read_leaves_one_packet), TEST(a_refused_one_leaves_none),
               TEST(an_event_is_set_beside_the_packet_and_its_low_bit_holds_the_packet_back),
               TEST(a_call_that_said_997_posts_even_where_successes_are_skipped),
               TEST(a_routine_runs_in_the_next_alertable_wait_and_not_before),
               TEST(routines_run_in_the_order_of_completion),
               TEST(the_end_of_the_file_is_the_routine_s_to_hear),
               TEST(a_refused_routine_never_runs))
