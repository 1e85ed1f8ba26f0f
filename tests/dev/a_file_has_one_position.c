/* SPDX-License-Identifier: MIT */
/* The position of a file: synchronous transfers use and move it, overlapped ones never do. */
#include "disk.h"

static HANDLE f;

static const struct {
    const char *when;
    LONG distance;
    DWORD method, result, error;
} seeks[] = {
    {"from the beginning",                     4,          FILE_BEGIN,   4,                        0                      },
    {"onwards",                                3,          FILE_CURRENT, 7,                        0                      },
    {"back",                                   -2,         FILE_CURRENT, 5,                        0                      },
    {"from the end",                           -1,         FILE_END,     9,                        0                      },
    {"behind the end",                         90,         FILE_END,     100,                      0                      },
    {"before the beginning",                   -50,        FILE_BEGIN,   INVALID_SET_FILE_POINTER, ERROR_NEGATIVE_SEEK    },
    {"before the beginning, from here",        -500,       FILE_CURRENT, INVALID_SET_FILE_POINTER,
     ERROR_NEGATIVE_SEEK                                                                                                  },
    {"before the beginning, from the end",     -11,        FILE_END,     INVALID_SET_FILE_POINTER,
     ERROR_NEGATIVE_SEEK                                                                                                  },
    {"a failure has not moved it",             0,          FILE_CURRENT, 100,                      0                      },
    {"a method there is not",                  0,          3,            INVALID_SET_FILE_POINTER, ERROR_INVALID_PARAMETER},
    {"as far as 31 bits go",                   0x7FFFFFFF, FILE_BEGIN,   0x7FFFFFFF,               0                      },
    {"and one further",                        1,          FILE_CURRENT, 0x80000000,               0                      },
    {"to the last place 32 bits can name",     0x7FFFFFFF, FILE_CURRENT, 0xFFFFFFFF,               0                      },
    {"beyond it, with no room for the answer", 1,          FILE_CURRENT, INVALID_SET_FILE_POINTER,
     ERROR_INVALID_PARAMETER                                                                                              },
};

static void a_short_seek_goes_where_it_is_told_or_nowhere(void)
{
    f = disk_new("short", "0123456789", 0);
    for (size_t i = 0; i < ARRAY_LEN(seeks); i++) {
        SetLastError(0);
        CHECK_EQ_WHEN(seeks[i].when, SetFilePointer(f, seeks[i].distance, NULL, seeks[i].method),
                      seeks[i].result);
        CHECK_EQ_WHEN(seeks[i].when, GetLastError(), seeks[i].error);
    }
    CHECK_EQ(GetFileSize(f, NULL), 10);
    CloseHandle(f);
}

static void all_ones_is_a_failure_only_with_an_error(void)
{
    LONG high = 3;

    f = disk_new("ones", "", 0);
    SetLastError(4711);
    CHECK_EQ(SetFilePointer(f, -1, &high, FILE_BEGIN), 0xFFFFFFFF);
    CHECK_EQ(GetLastError(), 0);
    CHECK_EQ(high, 3);
    high = -1;
    CHECK_EQ(SetFilePointer(f, 0, &high, FILE_BEGIN), INVALID_SET_FILE_POINTER);
    CHECK_EQ(GetLastError(), ERROR_NEGATIVE_SEEK);
    CHECK_EQ(high, -1);
    CloseHandle(f);
}

static void a_long_seek_has_64_bits(void)
{
    LARGE_INTEGER far = {.QuadPart = 0x300000000LL}, at = {.QuadPart = 99};
    LARGE_INTEGER back = {.QuadPart = -0x400000000LL};

    f = disk_new("long", "0123456789", 0);
    CHECK(SetFilePointerEx(f, far, &at, FILE_END));
    CHECK_EQ(at.QuadPart, 0x30000000ALL);
    CHECK_EQ(outcome(SetFilePointerEx(f, back, &at, FILE_CURRENT)), ERROR_NEGATIVE_SEEK);
    CHECK_EQ(at.QuadPart, 0x30000000ALL);
    CHECK_EQ(outcome(SetFilePointerEx(f, far, NULL, 77)), ERROR_INVALID_PARAMETER);
    CHECK(SetFilePointerEx(f, far, NULL, FILE_BEGIN));
    CloseHandle(f);
}

static const struct {
    const char *when;
    bool write;
    int64_t offset; /* -3: no OVERLAPPED */
    DWORD len, error, bytes, position;
} moves[] = {
    {"the first bytes",                      false, -3, 3, 0,                       3, 3 },
    {"the next ones",                        false, -3, 5, 0,                       5, 8 },
    {"across the end",                       false, -3, 8, 0,                       2, 10},
    {"at the end: success, and nothing",     false, -3, 8, 0,                       0, 10},
    {"nothing wanted at the end",            false, -3, 0, 0,                       0, 10},
    {"at a given offset",                    false, 4,  2, 0,                       2, 6 },
    {"on from there",                        false, -3, 1, 0,                       1, 7 },
    {"across the end, at a given offset",    false, 8,  8, 0,                       2, 10},
    {"at the end, at a given offset",        false, 10, 8, ERROR_HANDLE_EOF,        0, 10},
    {"nothing wanted at the end, by offset", false, 10, 0, 0,                       0, 10},
    {"a write at a given offset",            true,  3,  2, 0,                       2, 5 },
    {"a write where the position is",        true,  -3, 2, 0,                       2, 7 },
    {"a write at -2: where the position is", true,  -2, 1, 0,                       1, 8 },
    {"a write at -1: at the end",            true,  -1, 2, 0,                       2, 12},
    {"a read at -1",                         false, -1, 2, ERROR_INVALID_PARAMETER, 0, 12},
    {"a write at -4",                        true,  -4, 2, ERROR_INVALID_PARAMETER, 0, 12},
    {"a write behind the end",               true,  20, 1, 0,                       1, 21},
};

static void a_synchronous_transfer_moves_it_behind_what_was_moved(void)
{
    f = disk_new("moves", "0123456789", 0);
    for (size_t i = 0; i < ARRAY_LEN(moves); i++) {
        OVERLAPPED ov = disk_at((uint64_t)moves[i].offset, NULL);
        OVERLAPPED *at = moves[i].offset == -3 ? NULL : &ov;
        char buf[16] = "abcdefghij";
        DWORD n = 99;
        BOOL ok = moves[i].write ? WriteFile(f, buf, moves[i].len, &n, at)
                                 : ReadFile(f, buf, moves[i].len, &n, at);

        CHECK_EQ_WHEN(moves[i].when, outcome(ok), moves[i].error);
        CHECK_EQ_WHEN(moves[i].when, n, moves[i].bytes);
        CHECK_EQ_WHEN(moves[i].when, position_of(f), moves[i].position);
        if (at != NULL && ok)
            CHECK_EQ_WHEN(moves[i].when, ov.Internal, STATUS_SUCCESS);
        if (at != NULL && !ok) /* an error at once leaves the OVERLAPPED alone */
            CHECK_EQ_WHEN(moves[i].when, ov.Internal, STATUS_PENDING);
    }
    CloseHandle(f);
}

static void the_end_of_the_file_leaves_the_last_error_alone(void)
{
    char buf[4];
    DWORD n = 99;

    f = disk_new("end", "", 0);
    SetLastError(4711);
    CHECK(ReadFile(f, buf, 4, &n, NULL));
    CHECK_EQ(n, 0);
    CHECK_EQ(GetLastError(), 4711);
    CloseHandle(f);
}

static void a_synchronous_call_with_overlapped_sets_its_event(void)
{
    HANDLE event = disk_event();
    OVERLAPPED ov = disk_at(0, event);
    char buf[4];
    DWORD n = 99;

    f = disk_new("event", "0123456789", 0);
    CHECK(ReadFile(f, buf, 4, &n, &ov));
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK_EQ(ov.InternalHigh, 4);
    CloseHandle(f);
    CloseHandle(event);
}

static void overlapped_transfers_leave_it_where_it_was(void)
{
    OVERLAPPED ov = disk_at(4, NULL);
    char buf[4] = "abc";

    f = disk_new("overlapped", "0123456789", FILE_FLAG_OVERLAPPED);
    CHECK_EQ(outcome(ReadFile(f, buf, 3, NULL, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(position_of(f), 0);
    ov = disk_at(8, NULL);
    CHECK_EQ(outcome(WriteFile(f, buf, 4, NULL, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(position_of(f), 0);
    CHECK_EQ(SetFilePointer(f, 3, NULL, FILE_BEGIN), 3);
    CHECK(SetEndOfFile(f));
    CHECK_EQ(GetFileSize(f, NULL), 3);
    CHECK_EQ(position_of(f), 3);
    CloseHandle(f);
}

static void the_end_can_be_set_behind_the_end_and_leaves_a_hole(void)
{
    LARGE_INTEGER far = {.QuadPart = 0x100000005LL}, size = {.QuadPart = 0};
    DWORD high = 99;

    f = disk_new("hole", "abc", 0);
    CHECK(SetFilePointerEx(f, far, NULL, FILE_BEGIN));
    CHECK(SetEndOfFile(f));
    CHECK_EQ(GetFileSize(f, &high), 5);
    CHECK_EQ(high, 1);
    CHECK(GetFileSizeEx(f, &size));
    CHECK_EQ(size.QuadPart, 0x100000005LL);
    CloseHandle(f);
}

static void duplicates_share_it_and_other_opens_have_their_own(void)
{
    HANDLE copy = NULL, other;
    char buf[4];
    DWORD n;

    f = disk_new("shared", "0123456789", 0);
    other = disk_open(disk_path("shared"), GENERIC_READ, OPEN_EXISTING, 0);
    CHECK(DuplicateHandle(GetCurrentProcess(), f, GetCurrentProcess(), &copy, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    ReadFile(copy, buf, 4, &n, NULL);
    CHECK_EQ(position_of(f), 4);
    CHECK_EQ(position_of(other), 0);
    CloseHandle(copy);
    CloseHandle(other);
    CloseHandle(f);
}

COMM_TEST_MAIN(TEST(a_short_seek_goes_where_it_is_told_or_nowhere),
               TEST(all_ones_is_a_failure_only_with_an_error), TEST(a_long_seek_has_64_bits),
               TEST(a_synchronous_transfer_moves_it_behind_what_was_moved),
               TEST(the_end_of_the_file_leaves_the_last_error_alone),
               TEST(a_synchronous_call_with_overlapped_sets_its_event),
               TEST(overlapped_transfers_leave_it_where_it_was),
               TEST(the_end_can_be_set_behind_the_end_and_leaves_a_hole),
               TEST(duplicates_share_it_and_other_opens_have_their_own))
