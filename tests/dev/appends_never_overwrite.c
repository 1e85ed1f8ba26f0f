/* SPDX-License-Identifier: MIT */
/* Writing at the end, wherever that is by now. */
#include "disk.h"

#define AT_END UINT64_MAX
#define RECORD 16
#define RECORDS 2000 /* of each writer */

static void append(HANDLE h, const char *text, DWORD expected)
{
    OVERLAPPED ov = disk_at(AT_END, NULL);
    DWORD n = 0;

    CHECK_EQ(outcome(WriteFile(h, text, (DWORD)strlen(text), NULL, &ov)), expected);
    CHECK_EQ(result_of(h, &ov, &n), 0);
    CHECK_EQ(n, strlen(text));
    CHECK_EQ(ov.Offset, 0xFFFFFFFF);
    CHECK_EQ(ov.OffsetHigh, 0xFFFFFFFF);
}

static void the_offset_of_all_ones_means_the_end(void)
{
    HANDLE h = disk_new("overlapped", "0123456789", FILE_FLAG_OVERLAPPED);

    append(h, "abc", ERROR_IO_PENDING);
    append(h, "de", ERROR_IO_PENDING);
    CHECK(disk_holds(disk_path("overlapped"), "0123456789abcde"));
    CloseHandle(h);
    h = disk_new("synchronous", "0123456789", 0);
    append(h, "abc", 0);
    CHECK_EQ(position_of(h), 13);
    CHECK(disk_holds(disk_path("synchronous"), "0123456789abc"));
    CloseHandle(h);
}

static void a_handle_that_may_only_append_appends_whatever_the_offset(void)
{
    HANDLE h = disk_open(disk_make("log", "0123456789"), FILE_APPEND_DATA, OPEN_EXISTING, 0);
    OVERLAPPED ov = disk_at(2, NULL);
    char byte;
    DWORD n = 99;

    CHECK(WriteFile(h, "abc", 3, &n, NULL));
    CHECK(WriteFile(h, "de", 2, &n, &ov));
    CHECK_EQ(position_of(h), 15);
    CHECK_EQ(outcome(ReadFile(h, &byte, 1, &n, NULL)), ERROR_ACCESS_DENIED);
    CHECK_EQ(outcome(SetEndOfFile(h)), ERROR_ACCESS_DENIED);
    CHECK(disk_holds(disk_path("log"), "0123456789abcde"));
    CloseHandle(h);
}

struct writer {
    HANDLE h;
    char letter;
};

static void *write_records(void *arg)
{
    struct writer *w = arg;
    char record[RECORD];

    memset(record, w->letter, sizeof record);
    for (int i = 0; i < RECORDS; i++) {
        OVERLAPPED ov = disk_at(AT_END, NULL);

        if (!WriteFile(w->h, record, sizeof record, NULL, &ov))
            CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    }
    return NULL;
}

static void check_records(const char *path)
{
    unsigned count[2] = {0, 0};
    char record[RECORD];
    FILE *f = fopen(path, "rb");

    while (f != NULL && fread(record, sizeof record, 1, f) == 1) {
        CHECK(record[0] == 'a' || record[0] == 'b');
        for (int i = 1; i < RECORD; i++)
            CHECK_EQ(record[i], record[0]); /* whole, at a multiple of its size */
        count[record[0] == 'b']++;
    }
    if (f != NULL)
        fclose(f);
    CHECK_EQ(count[0], RECORDS);
    CHECK_EQ(count[1], RECORDS);
}

static void two_threads_append_through(HANDLE one, HANDLE other)
{
    struct writer w[2] = {
        {one,   'a'},
        {other, 'b'},
    };
    pthread_t thread[2];

    for (int i = 0; i < 2; i++)
        thread[i] = comm_spawn(write_records, &w[i]);
    for (int i = 0; i < 2; i++)
        comm_join(thread[i]);
}

static void two_threads_lose_no_record_through_one_handle_or_two(void)
{
    HANDLE one = disk_new("one", "", FILE_FLAG_OVERLAPPED);
    HANDLE two = disk_new("two", "", FILE_FLAG_OVERLAPPED);
    HANDLE other = disk_open(disk_path("two"), GENERIC_WRITE, OPEN_EXISTING, 0);

    two_threads_append_through(one, one);
    check_records(disk_path("one"));
    two_threads_append_through(two, other);
    check_records(disk_path("two"));
    CloseHandle(one);
    CloseHandle(two);
    CloseHandle(other);
}

COMM_TEST_MAIN(TEST(the_offset_of_all_ones_means_the_end),
               TEST(a_handle_that_may_only_append_appends_whatever_the_offset),
               TEST(two_threads_lose_no_record_through_one_handle_or_two))
