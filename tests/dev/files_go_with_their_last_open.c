/* SPDX-License-Identifier: MIT */
/* Deleting: by name, where everybody who has the file open shares that; and by the last handle's
 * closing. */
#include "disk.h"

static HANDLE open_sharing(const char *path, DWORD access, DWORD share, DWORD flags)
{
    return CreateFileA(path, access, share, NULL, OPEN_EXISTING, flags, NULL);
}

static HANDLE open_deleting(const char *path)
{
    return open_sharing(path, GENERIC_READ, DISK_SHARE_ALL, FILE_FLAG_DELETE_ON_CLOSE);
}

static bool there(const char *path)
{
    return GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

static void a_name_is_deleted_or_the_reason_told(void)
{
    const char *path = disk_make("file", "abc");

    CHECK(DeleteFileA(path));
    CHECK(!there(path));
    CHECK_EQ(outcome(DeleteFileA(path)), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(outcome(DeleteFileA(disk_path("nowhere/file"))), ERROR_PATH_NOT_FOUND);
    CHECK_EQ(outcome(DeleteFileA("")), ERROR_PATH_NOT_FOUND);
    CHECK_EQ(outcome(DeleteFileA(comm_test_dir())), ERROR_ACCESS_DENIED);
}

static void an_open_file_is_deleted_when_every_open_shares_that(void)
{
    const char *path = disk_make("open", "abc");
    HANDLE h = open_sharing(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, 0);
    char buf[4];
    DWORD n = 0;

    CHECK_EQ(outcome(DeleteFileA(path)), ERROR_SHARING_VIOLATION);
    CHECK(there(path));
    CloseHandle(h);
    h = open_sharing(path, GENERIC_READ, DISK_SHARE_ALL, 0);
    CHECK(DeleteFileA(path));
    CHECK(!there(path));
    CHECK(ReadFile(h, buf, 3, &n, NULL));
    CHECK_EQ(n, 3);
    CloseHandle(h);
}

static void delete_on_close_needs_the_others_to_share_deleting(void)
{
    const char *path = disk_make("closing", "abc");
    HANDLE h = open_deleting(path), second;

    CHECK(there(path));
    CHECK_EQ(open_outcome(open_sharing(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, 0)),
             ERROR_SHARING_VIOLATION);
    second = open_sharing(path, GENERIC_READ, DISK_SHARE_ALL, 0);
    CHECK(second != INVALID_HANDLE_VALUE);
    CloseHandle(second);
    CHECK(there(path));
    CloseHandle(h);
    CHECK(!there(path));
    h = open_sharing(disk_make("closing", "abc"), GENERIC_READ, FILE_SHARE_READ, 0);
    CHECK_EQ(open_outcome(open_deleting(path)), ERROR_SHARING_VIOLATION);
    CloseHandle(h);
    CHECK(there(path));
}

static void a_doomed_file_opens_no_more_and_stays_for_those_who_have_it(void)
{
    const char *path = disk_make("doomed", "abc");
    HANDLE h = open_deleting(path);
    HANDLE second = open_sharing(path, GENERIC_READ, DISK_SHARE_ALL, 0);
    char buf[4];
    DWORD n = 0;

    CloseHandle(h);
    CHECK(ReadFile(second, buf, 3, &n, NULL));
    CHECK_EQ(n, 3);
    CHECK_EQ(open_outcome(open_sharing(path, GENERIC_READ, DISK_SHARE_ALL, 0)),
             ERROR_ACCESS_DENIED);
    CHECK_EQ(outcome(DeleteFileA(path)), ERROR_ACCESS_DENIED);
    CHECK(there(path));
    CloseHandle(second);
    CHECK(!there(path));
}

static void every_duplicate_counts(void)
{
    const char *path = disk_make("duplicate", "abc");
    HANDLE h = open_deleting(path), copy = NULL;

    CHECK(DuplicateHandle(GetCurrentProcess(), h, GetCurrentProcess(), &copy, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    CloseHandle(h);
    CHECK(there(path));
    CloseHandle(copy);
    CHECK(!there(path));
}

static void the_name_that_was_opened_goes_and_no_other(void)
{
    const char *path = disk_make("one", "abc"), *other = disk_path("other");
    HANDLE h, second;

    CHECK_EQ(link(path, other), 0);
    h = open_deleting(path);
    second = open_sharing(other, GENERIC_READ, DISK_SHARE_ALL, 0);
    CloseHandle(h);
    CloseHandle(second);
    CHECK(!there(path));
    CHECK(there(other));
}

static void a_renamed_file_goes_and_one_that_took_its_name_stays(void)
{
    char path[512], moved[512];
    HANDLE h;

    snprintf(path, sizeof path, "%s", disk_make("before", "abc"));
    snprintf(moved, sizeof moved, "%s", disk_path("after"));
    h = open_deleting(path);
    CHECK_EQ(rename(path, moved), 0);
    disk_make("before", "somebody else");
    CloseHandle(h);
    CHECK(!there(moved));
    CHECK(disk_holds(path, "somebody else"));
}

static void a_relative_name_goes_wherever_the_program_is_by_then(void)
{
    HANDLE h;

    disk_make("relative", "abc");
    CHECK_EQ(chdir(comm_test_dir()), 0);
    h = open_deleting("relative");
    CHECK_EQ(chdir("/"), 0);
    CloseHandle(h);
    CHECK(!there(disk_path("relative")));
}

COMM_TEST_MAIN(TEST(a_name_is_deleted_or_the_reason_told),
               TEST(an_open_file_is_deleted_when_every_open_shares_that),
               TEST(delete_on_close_needs_the_others_to_share_deleting),
               TEST(a_doomed_file_opens_no_more_and_stays_for_those_who_have_it),
               TEST(every_duplicate_counts), TEST(the_name_that_was_opened_goes_and_no_other),
               TEST(a_renamed_file_goes_and_one_that_took_its_name_stays),
               TEST(a_relative_name_goes_wherever_the_program_is_by_then))
