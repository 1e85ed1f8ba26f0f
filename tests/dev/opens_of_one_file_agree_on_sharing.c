/* SPDX-License-Identifier: MIT */
/* Two opens of one file in one process: each must share what the other does. */
#include "disk.h"

#define R GENERIC_READ
#define W GENERIC_WRITE

static HANDLE open_sharing(const char *path, DWORD access, DWORD share)
{
    return CreateFileA(path, access, share, NULL, OPEN_EXISTING, 0, NULL);
}

static bool shares_enough(DWORD access, DWORD share)
{
    return ((access & R) == 0 || (share & FILE_SHARE_READ) != 0) &&
           ((access & W) == 0 || (share & FILE_SHARE_WRITE) != 0) &&
           ((access & DELETE) == 0 || (share & FILE_SHARE_DELETE) != 0);
}

static void the_second_open_gets_what_both_share_and_else_32(void)
{
    static const DWORD accesses[] = {R, W, R | W, DELETE, R | DELETE};
    const char *path = disk_make("shared", "0123456789");

    for (size_t a = 0; a < ARRAY_LEN(accesses); a++)
        for (DWORD s = 0; s < 8; s++) {
            HANDLE first = open_sharing(path, accesses[a], s);

            CHECK(first != INVALID_HANDLE_VALUE);
            for (size_t b = 0; b < ARRAY_LEN(accesses); b++)
                for (DWORD t = 0; t < 8; t++) {
                    bool agree = shares_enough(accesses[a], t) && shares_enough(accesses[b], s);
                    char when[64];

                    snprintf(when, sizeof when, "%08x sharing %u, then %08x sharing %u",
                             accesses[a], s, accesses[b], t);
                    CHECK_EQ_WHEN(when, open_outcome(open_sharing(path, accesses[b], t)),
                                  agree ? 0 : ERROR_SHARING_VIOLATION);
                }
            CloseHandle(first);
        }
}

static void an_exclusive_open_is_alone_until_it_is_closed(void)
{
    const char *path = disk_make("exclusive", "abc");
    HANDLE first = open_sharing(path, R, 0);

    CHECK_EQ(open_outcome(open_sharing(path, R, DISK_SHARE_ALL)), ERROR_SHARING_VIOLATION);
    CloseHandle(first);
    CHECK_EQ(open_outcome(open_sharing(path, R | W, 0)), 0);
}

static void another_name_of_the_file_is_no_way_round(void)
{
    const char *path = disk_make("one", "abc");
    HANDLE first = open_sharing(path, R, 0);

    CHECK_EQ(link(path, disk_path("other")), 0);
    CHECK_EQ(open_outcome(open_sharing(disk_path("other"), R, DISK_SHARE_ALL)),
             ERROR_SHARING_VIOLATION);
    CloseHandle(first);
}

static void asking_only_for_facts_disturbs_nobody(void)
{
    const char *path = disk_make("facts", "0123456789");
    HANDLE first = open_sharing(path, R | W, 0);
    HANDLE query = open_sharing(path, 0, 0);

    CHECK_EQ(GetFileSize(query, NULL), 10);
    CloseHandle(first);
    CHECK_EQ(open_outcome(open_sharing(path, R | W, 0)), 0);
    CloseHandle(query);
}

static void a_duplicate_keeps_the_file_as_closed_to_others_as_it_was(void)
{
    const char *path = disk_make("duplicate", "abc");
    HANDLE first = open_sharing(path, R, 0), copy = NULL;

    CHECK(DuplicateHandle(GetCurrentProcess(), first, GetCurrentProcess(), &copy, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    CloseHandle(first);
    CHECK_EQ(open_outcome(open_sharing(path, R, DISK_SHARE_ALL)), ERROR_SHARING_VIOLATION);
    CloseHandle(copy);
    CHECK_EQ(open_outcome(open_sharing(path, R, 0)), 0);
}

static void a_refused_open_leaves_the_content_alone(void)
{
    const char *path = disk_make("kept", "0123456789");
    HANDLE first = CreateFileA(path, W, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    HANDLE reader;

    CHECK_EQ(open_outcome(CreateFileA(path, W, DISK_SHARE_ALL, NULL, CREATE_ALWAYS, 0, NULL)),
             ERROR_SHARING_VIOLATION);
    CHECK_EQ(GetFileSize(first, NULL), 10);
    CloseHandle(first);
    /* emptying is writing, whatever the handle may do afterwards */
    reader = open_sharing(path, R, FILE_SHARE_READ);
    CHECK_EQ(open_outcome(CreateFileA(path, R, DISK_SHARE_ALL, NULL, CREATE_ALWAYS, 0, NULL)),
             ERROR_SHARING_VIOLATION);
    CHECK_EQ(GetFileSize(reader, NULL), 10);
    CloseHandle(reader);
}

COMM_TEST_MAIN(TEST(the_second_open_gets_what_both_share_and_else_32),
               TEST(an_exclusive_open_is_alone_until_it_is_closed),
               TEST(another_name_of_the_file_is_no_way_round),
               TEST(asking_only_for_facts_disturbs_nobody),
               TEST(a_duplicate_keeps_the_file_as_closed_to_others_as_it_was),
               TEST(a_refused_open_leaves_the_content_alone))
