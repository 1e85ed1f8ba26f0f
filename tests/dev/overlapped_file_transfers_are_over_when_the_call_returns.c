/* SPDX-License-Identifier: MIT */
/* Reads and writes through an overlapped handle: the call says 997, and everything is final all the
 * same. */
#include "disk.h"

static HANDLE event;

static void check_final(const char *when, const OVERLAPPED *ov, DWORD status, DWORD bytes)
{
    CHECK_EQ_WHEN(when, ov->Internal, status);
    CHECK_EQ_WHEN(when, ov->InternalHigh, bytes);
    CHECK_EQ_WHEN(when, WaitForSingleObject(event, 0), WAIT_OBJECT_0);
}

static void a_write_says_997_and_is_complete(void)
{
    HANDLE h = disk_new("write", "", FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov = disk_at(0, event);
    DWORD n = 99;

    ResetEvent(event);
    CHECK_EQ(outcome(WriteFile(h, "0123456789", 10, &n, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(n, 0);
    check_final("after the call", &ov, STATUS_SUCCESS, 10);
    CHECK_EQ(result_of(h, &ov, &n), 0);
    CHECK_EQ(n, 10);
    CHECK(disk_holds(disk_path("write"), "0123456789"));
    CloseHandle(h);
}

static const struct {
    const char *when;
    uint64_t offset;
    DWORD len, error, status, bytes;
} reads[] = {
    {"in the middle",         2,          4, 0,                STATUS_SUCCESS,     4},
    {"across the end",        8,          8, 0,                STATUS_SUCCESS,     2},
    {"at the end",            10,         4, ERROR_HANDLE_EOF, STATUS_END_OF_FILE, 0},
    {"far behind the end",    1u << 20,   4, ERROR_HANDLE_EOF, STATUS_END_OF_FILE, 0},
    {"above four gigabytes",  1ULL << 33, 4, ERROR_HANDLE_EOF, STATUS_END_OF_FILE, 0},
    {"of nothing",            3,          0, 0,                STATUS_SUCCESS,     0},
    {"of nothing at the end", 10,         0, 0,                STATUS_SUCCESS,     0},
};

static void a_read_says_997_and_is_complete_the_end_of_the_file_included(void)
{
    static const char content[] = "0123456789";
    HANDLE h = disk_new("read", content, FILE_FLAG_OVERLAPPED);

    for (size_t i = 0; i < ARRAY_LEN(reads); i++) {
        OVERLAPPED ov = disk_at(reads[i].offset, event);
        char buf[16] = "";
        DWORD n = 99;

        ResetEvent(event);
        CHECK_EQ_WHEN(reads[i].when, outcome(ReadFile(h, buf, reads[i].len, &n, &ov)),
                      ERROR_IO_PENDING);
        CHECK_EQ_WHEN(reads[i].when, n, 0);
        check_final(reads[i].when, &ov, reads[i].status, reads[i].bytes);
        CHECK_EQ_WHEN(reads[i].when, result_of(h, &ov, &n), reads[i].error);
        CHECK_EQ_WHEN(reads[i].when, n, reads[i].bytes);
        CHECK_EQ_WHEN(reads[i].when, memcmp(buf, &content[n > 0 ? reads[i].offset : 0], n), 0);
    }
    CloseHandle(h);
}

static const struct {
    const char *when;
    bool write;
    int64_t offset;
} refused[] = {
    {"a read at -1",                false, -1           },
    {"a read at -2",                false, -2           },
    {"a write at -2",               true,  -2           },
    {"a write at -16",              true,  -16          },
    {"the most negative read",      false, INT64_MIN    },
    {"a read past the last offset", false, INT64_MAX - 1},
};

static void a_negative_offset_is_refused_and_leaves_no_trace(void)
{
    HANDLE h = disk_new("refused", "0123456789", FILE_FLAG_OVERLAPPED);

    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        OVERLAPPED ov = disk_at((uint64_t)refused[i].offset, event);
        char buf[4] = "abc";
        DWORD n = 99;
        BOOL ok;

        ResetEvent(event);
        ok = refused[i].write ? WriteFile(h, buf, 4, &n, &ov) : ReadFile(h, buf, 4, &n, &ov);
        CHECK_EQ_WHEN(refused[i].when, outcome(ok), ERROR_INVALID_PARAMETER);
        CHECK_EQ_WHEN(refused[i].when, n, 0);
        CHECK_EQ_WHEN(refused[i].when, ov.Internal, STATUS_PENDING);
        CHECK_EQ_WHEN(refused[i].when, ov.InternalHigh, 0x77);
        CHECK_EQ_WHEN(refused[i].when, WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    }
    CHECK(disk_holds(disk_path("refused"), "0123456789"));
    CloseHandle(h);
}

static void a_request_without_overlapped_is_refused(void)
{
    HANDLE h = disk_new("null", "0123456789", FILE_FLAG_OVERLAPPED);
    char buf[4] = "abc";
    DWORD n = 99;

    CHECK_EQ(outcome(ReadFile(h, buf, 4, &n, NULL)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(n, 0);
    n = 99;
    CHECK_EQ(outcome(WriteFile(h, buf, 4, &n, NULL)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(n, 0);
    CHECK(disk_holds(disk_path("null"), "0123456789"));
    CloseHandle(h);
}

static void a_write_behind_the_end_leaves_zeros_between(void)
{
    HANDLE h = disk_new("gap", "abc", FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov = disk_at(100, NULL);
    char buf[101];
    DWORD n = 0;

    WriteFile(h, "x", 1, NULL, &ov);
    CHECK_EQ(result_of(h, &ov, &n), 0);
    ov = disk_at(0, NULL);
    ReadFile(h, buf, sizeof buf, NULL, &ov);
    CHECK_EQ(result_of(h, &ov, &n), 0);
    CHECK_EQ(n, 101);
    CHECK_EQ(buf[3] | buf[50] | buf[99], 0);
    CHECK_EQ(buf[100], 'x');
    CloseHandle(h);
}

static void the_file_is_signalled_by_what_has_no_event_of_its_own(void)
{
    HANDLE h = disk_new("signal", "", FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov = disk_at(0, event);

    CHECK_EQ(WaitForSingleObject(h, 0), WAIT_OBJECT_0);
    WriteFile(h, "abc", 3, NULL, &ov);
    CHECK_EQ(WaitForSingleObject(h, 0), WAIT_TIMEOUT);
    ov = disk_at(0, NULL);
    WriteFile(h, "abc", 3, NULL, &ov);
    CHECK_EQ(WaitForSingleObject(h, 0), WAIT_OBJECT_0);
    CloseHandle(h);
}

static void an_unbuffered_handle_moves_whole_sectors_only(void)
{
    static _Alignas(4096) char sector[8192];
    HANDLE h = disk_new("sectors", "", FILE_FLAG_OVERLAPPED | FILE_FLAG_NO_BUFFERING);
    OVERLAPPED ov = disk_at(0, NULL);
    DWORD n = 0;

    CHECK_EQ(outcome(WriteFile(h, sector, 4096, NULL, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(result_of(h, &ov, &n), 0);
    CHECK_EQ(n, 4096);
    ov = disk_at(0, NULL);
    CHECK_EQ(outcome(WriteFile(h, sector, 100, NULL, &ov)), ERROR_INVALID_PARAMETER);
    ov = disk_at(100, NULL);
    CHECK_EQ(outcome(WriteFile(h, sector, 4096, NULL, &ov)), ERROR_INVALID_PARAMETER);
    ov = disk_at(0, NULL);
    CHECK_EQ(outcome(WriteFile(h, sector + 1, 4096, NULL, &ov)), ERROR_INVALID_PARAMETER);
    CloseHandle(h);
}

/* What the kernel refuses is the operation's result. */
static void a_bad_buffer_is_an_error_and_no_crash(void)
{
    HANDLE h = disk_new("buffer", "0123456789", FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov = disk_at(0, NULL);
    DWORD n = 99;

    ReadFile(h, (void *)(uintptr_t)16, 10, NULL, &ov);
    CHECK_EQ(result_of(h, &ov, &n), ERROR_NOACCESS);
    CHECK_EQ(n, 0);
    CloseHandle(h);
}

static void with_event(void (*test)(void))
{
    event = disk_event();
    test();
    CloseHandle(event);
}

#define WITH_EVENT(name)      \
    static void name##_(void) \
    {                         \
        with_event(name);     \
    }
WITH_EVENT(a_write_says_997_and_is_complete)
WITH_EVENT(a_read_says_997_and_is_complete_the_end_of_the_file_included)
WITH_EVENT(a_negative_offset_is_refused_and_leaves_no_trace)
WITH_EVENT(the_file_is_signalled_by_what_has_no_event_of_its_own)

#define EVENT_TEST(function)                    \
    {                                           \
        .name = #function, .run = (function##_) \
    }

COMM_TEST_MAIN(EVENT_TEST(a_write_says_997_and_is_complete),
               EVENT_TEST(a_read_says_997_and_is_complete_the_end_of_the_file_included),
               EVENT_TEST(a_negative_offset_is_refused_and_leaves_no_trace),
               TEST(a_request_without_overlapped_is_refused),
               TEST(a_write_behind_the_end_leaves_zeros_between),
               EVENT_TEST(the_file_is_signalled_by_what_has_no_event_of_its_own),
               TEST(an_unbuffered_handle_moves_whole_sectors_only),
               TEST(a_bad_buffer_is_an_error_and_no_crash))
