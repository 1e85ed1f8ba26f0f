/* SPDX-License-Identifier: MIT */
/* Rights are settled when a file is opened: everything else fails with 5. */
#include "disk.h"

#define DENIED ERROR_ACCESS_DENIED

static const struct {
    const char *when;
    DWORD access, read, write, flush, set_end;
} rows[] = {
    {"a reader",                 GENERIC_READ,  0,      DENIED, DENIED, DENIED},
    {"a writer",                 GENERIC_WRITE, DENIED, 0,      0,      0     },
    {"both",                     DISK_RW,       0,      0,      0,      0     },
    {"all rights",               GENERIC_ALL,   0,      0,      0,      0     },
    {"asking for facts",         0,             DENIED, DENIED, DENIED, DENIED},
    {"one that may only delete", DELETE,        DENIED, DENIED, DENIED, DENIED},
};

static void reading_writing_flushing_and_cutting_take_the_right_to(void)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        HANDLE h = disk_open(disk_make("rights", "0123456789"), rows[i].access, OPEN_EXISTING, 0);
        char buf[4] = "abc";
        DWORD n = 99;

        CHECK_EQ_WHEN(rows[i].when, outcome(ReadFile(h, buf, 3, &n, NULL)), rows[i].read);
        CHECK_EQ_WHEN(rows[i].when, n, rows[i].read == 0 ? 3 : 0);
        n = 99;
        CHECK_EQ_WHEN(rows[i].when, outcome(WriteFile(h, buf, 3, &n, NULL)), rows[i].write);
        CHECK_EQ_WHEN(rows[i].when, n, rows[i].write == 0 ? 3 : 0);
        CHECK_EQ_WHEN(rows[i].when, outcome(FlushFileBuffers(h)), rows[i].flush);
        CHECK_EQ_WHEN(rows[i].when, SetFilePointer(h, 5, NULL, FILE_BEGIN), 5);
        CHECK_EQ_WHEN(rows[i].when, outcome(SetEndOfFile(h)), rows[i].set_end);
        CHECK_EQ_WHEN(rows[i].when, GetFileSize(h, NULL), rows[i].set_end == 0 ? 5 : 10);
        CHECK_EQ_WHEN(rows[i].when, GetFileType(h), FILE_TYPE_DISK);
        CloseHandle(h);
    }
}

static void an_overlapped_refusal_leaves_event_and_overlapped_alone(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, TRUE, NULL);
    HANDLE h = disk_open(disk_make("reader", "0123456789"), GENERIC_READ, OPEN_EXISTING,
                         FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov = disk_at(0, event);
    DWORD n = 99;

    CHECK_EQ(outcome(WriteFile(h, "abc", 3, &n, &ov)), ERROR_ACCESS_DENIED);
    CHECK_EQ(n, 0);
    CHECK_EQ(ov.Internal, STATUS_PENDING);
    CHECK_EQ(ov.InternalHigh, 0x77);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CloseHandle(h);
    CloseHandle(event);
}

static void a_duplicate_may_be_given_less(void)
{
    HANDLE h = disk_new("less", "0123456789", 0), copy = NULL;
    char byte;
    DWORD n;

    CHECK(DuplicateHandle(GetCurrentProcess(), h, GetCurrentProcess(), &copy, GENERIC_READ, FALSE,
                          0));
    CHECK(ReadFile(copy, &byte, 1, &n, NULL));
    CHECK_EQ(outcome(WriteFile(copy, "x", 1, &n, NULL)), ERROR_ACCESS_DENIED);
    CHECK(WriteFile(h, "x", 1, &n, NULL));
    CloseHandle(copy);
    CloseHandle(h);
}

static void what_was_flushed_is_on_the_disk(void)
{
    HANDLE h = disk_new("flushed", "", FILE_FLAG_WRITE_THROUGH);
    DWORD n;

    CHECK(WriteFile(h, "abc", 3, &n, NULL));
    CHECK(FlushFileBuffers(h));
    CHECK(disk_holds(disk_path("flushed"), "abc"));
    CloseHandle(h);
    CHECK_EQ(outcome(FlushFileBuffers(h)), ERROR_INVALID_HANDLE);
    CHECK_EQ(outcome(SetEndOfFile(h)), ERROR_INVALID_HANDLE);
}

COMM_TEST_MAIN(TEST(reading_writing_flushing_and_cutting_take_the_right_to),
               TEST(an_overlapped_refusal_leaves_event_and_overlapped_alone),
               TEST(a_duplicate_may_be_given_less), TEST(what_was_flushed_is_on_the_disk))
