/* SPDX-License-Identifier: MIT */
/* CreateFile's dispositions, and which names mean which files. */
#include "disk.h"

static const struct {
    const char *when;
    DWORD disposition;
    bool there;
    DWORD error; /* 183 and 0 come with a handle */
    long long size;
} rows[] = {
    {"CREATE_NEW, and it is there",          CREATE_NEW,        true,  ERROR_FILE_EXISTS,       7 },
    {"CREATE_NEW, and it is missing",        CREATE_NEW,        false, 0,                       0 },
    {"CREATE_ALWAYS, and it is there",       CREATE_ALWAYS,     true,  ERROR_ALREADY_EXISTS,    0 },
    {"CREATE_ALWAYS, and it is missing",     CREATE_ALWAYS,     false, 0,                       0 },
    {"OPEN_EXISTING, and it is there",       OPEN_EXISTING,     true,  0,                       7 },
    {"OPEN_EXISTING, and it is missing",     OPEN_EXISTING,     false, ERROR_FILE_NOT_FOUND,    -1},
    {"OPEN_ALWAYS, and it is there",         OPEN_ALWAYS,       true,  ERROR_ALREADY_EXISTS,    7 },
    {"OPEN_ALWAYS, and it is missing",       OPEN_ALWAYS,       false, 0,                       0 },
    {"TRUNCATE_EXISTING, and it is there",   TRUNCATE_EXISTING, true,  0,                       0 },
    {"TRUNCATE_EXISTING, and it is missing", TRUNCATE_EXISTING, false, ERROR_FILE_NOT_FOUND,    -1},
    {"disposition 0 is none",                0,                 true,  ERROR_INVALID_PARAMETER, 7 },
    {"disposition 6 is none",                6,                 false, ERROR_INVALID_PARAMETER, -1},
};

static void a_disposition_decides_what_happens_to_a_file_that_is_there_or_missing(void)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *path = disk_path("file");
        bool opens = rows[i].error == 0 || rows[i].error == ERROR_ALREADY_EXISTS;
        HANDLE h;

        unlink(path);
        if (rows[i].there)
            disk_make("file", "content");
        SetLastError(4711);
        h = disk_open(path, DISK_RW, rows[i].disposition, FILE_ATTRIBUTE_NORMAL);
        CHECK_EQ_WHEN(rows[i].when, GetLastError(), rows[i].error);
        CHECK_EQ_WHEN(rows[i].when, h != INVALID_HANDLE_VALUE, opens);
        if (h != INVALID_HANDLE_VALUE)
            CloseHandle(h);
        CHECK_EQ_WHEN(rows[i].when, disk_size(path), rows[i].size);
    }
}

static void truncating_takes_the_right_to_write(void)
{
    const char *path = disk_make("reader", "content");

    CHECK_EQ(open_outcome(disk_open(path, GENERIC_READ, TRUNCATE_EXISTING, 0)),
             ERROR_INVALID_PARAMETER);
    CHECK_EQ(disk_size(path), 7);
}

static void create_always_empties_a_file_even_for_a_reader(void)
{
    const char *path = disk_make("emptied", "content");

    CHECK_EQ(open_outcome(disk_open(path, GENERIC_READ, CREATE_ALWAYS, 0)), 0);
    CHECK_EQ(disk_size(path), 0);
    CHECK_EQ(open_outcome(disk_open(disk_path("made"), 0, CREATE_ALWAYS, 0)), 0);
    CHECK_EQ(disk_size(disk_path("made")), 0);
}

static void a_link_to_nowhere_is_filled_by_open_always(void)
{
    char target[512];

    snprintf(target, sizeof target, "%s", disk_path("target"));
    CHECK_EQ(symlink(target, disk_path("link")), 0);
    CHECK_EQ(open_outcome(disk_open(disk_path("link"), DISK_RW, OPEN_ALWAYS, 0)), 0);
    CHECK_EQ(disk_size(target), 0);
}

static const struct {
    const char *when, *name;
    DWORD disposition, error;
} names[] = {
    {"no name at all",                           "",                   OPEN_EXISTING, ERROR_PATH_NOT_FOUND},
    {"its directory is missing",                 "nowhere/file",       OPEN_EXISTING, ERROR_PATH_NOT_FOUND},
    {"its directory is missing: nor is it made", "nowhere/file",       CREATE_ALWAYS,
     ERROR_PATH_NOT_FOUND                                                                                 },
    {"its directory is a file",                  "plain/file",         OPEN_EXISTING, ERROR_PATH_NOT_FOUND},
    {"there are no drive letters",               "C:\\plain",          OPEN_EXISTING, ERROR_PATH_NOT_FOUND},
    {"slashes separate",                         "directory/inside",   OPEN_EXISTING, 0                   },
    {"backslashes separate too",                 "directory\\inside",  OPEN_EXISTING, 0                   },
    {"a backslash in a name that is there",      "literal\\backslash", OPEN_EXISTING, 0                   },
    {"characters Windows does not allow",        "a?b<c>\"|*",         CREATE_NEW,    0                   },
    {"a name with spaces",                       "a name",             CREATE_NEW,    0                   },
    {"a name of a device, in a directory",       "./NUL",              OPEN_EXISTING, ERROR_FILE_NOT_FOUND},
    {"a prefix is no part of the name",          "\\\\?\\plain",       OPEN_EXISTING, 0                   },
    {"nor is the other prefix",                  "\\\\.\\plain",       OPEN_EXISTING, 0                   },
};

static void a_name_means_a_path_with_either_separator(void)
{
    CHECK_EQ(chdir(comm_test_dir()), 0);
    disk_make("plain", "abc");
    mkdir("directory", 0700);
    disk_make("directory/inside", "abc");
    disk_make("literal\\backslash", "abc");
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        CHECK_EQ_WHEN(names[i].when,
                      open_outcome(disk_open(names[i].name, DISK_RW, names[i].disposition, 0)),
                      names[i].error);
    CHECK_EQ(chdir("/"), 0);
    CHECK_EQ(open_outcome(CreateFileA(NULL, DISK_RW, 0, NULL, OPEN_EXISTING, 0, NULL)),
             ERROR_PATH_NOT_FOUND);
}

static void a_wide_name_is_the_same_file(void)
{
    const char *path = disk_make("gr\xc3\xbc\xc3\x9f", "abc");
    WCHAR wide[512];
    size_t n = 0;

    for (const char *p = path; *p != '\0'; n++) { /* two characters of two bytes, else ASCII */
        bool two = (*p & 0x80) != 0;

        wide[n] = two ? (WCHAR)((p[0] & 0x1F) << 6 | (p[1] & 0x3F)) : (WCHAR)*p;
        p += two ? 2 : 1;
    }
    wide[n] = 0;
    CHECK_EQ(open_outcome(CreateFileW(wide, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL)), 0);
    CHECK_EQ(GetFileAttributesW(wide), FILE_ATTRIBUTE_ARCHIVE);
    CHECK(DeleteFileW(wide));
    CHECK_EQ(open_outcome(CreateFileW(wide, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL)),
             ERROR_FILE_NOT_FOUND);
}

static void nul_takes_everything_and_gives_nothing(void)
{
    static const char *const spelled[] = {"NUL", "nul", "\\\\.\\NUL"};
    char byte = 'x';
    DWORD n;

    for (size_t i = 0; i < ARRAY_LEN(spelled); i++) {
        HANDLE h = disk_open(spelled[i], DISK_RW, OPEN_EXISTING, 0);

        CHECK_EQ_WHEN(spelled[i], GetFileType(h), FILE_TYPE_CHAR);
        CHECK_EQ_WHEN(spelled[i], WriteFile(h, "abc", 3, &n, NULL), TRUE);
        CHECK_EQ_WHEN(spelled[i], n, 3);
        CHECK_EQ_WHEN(spelled[i], ReadFile(h, &byte, 1, &n, NULL), TRUE);
        CHECK_EQ_WHEN(spelled[i], n, 0);
        CHECK_EQ_WHEN(spelled[i], FlushFileBuffers(h), TRUE);
        CloseHandle(h);
    }
}

static void a_name_in_the_way_is_refused_with_its_reason(void)
{
    const char *path = disk_make("forbidden", "abc");

    CHECK_EQ(open_outcome(CreateFileA(path, DISK_RW, 8, NULL, OPEN_EXISTING, 0, NULL)),
             ERROR_INVALID_PARAMETER);
    if (geteuid() != 0) {
        chmod(path, 0);
        CHECK_EQ(open_outcome(disk_open(path, GENERIC_READ, OPEN_EXISTING, 0)),
                 ERROR_ACCESS_DENIED);
        CHECK_EQ(open_outcome(disk_open(path, 0, OPEN_EXISTING, 0)), 0);
    }
}

static void an_inheritable_handle_survives_exec_and_another_does_not(void)
{
    SECURITY_ATTRIBUTES sa = {.nLength = sizeof sa, .bInheritHandle = TRUE};
    const char *path = disk_make("inherited", "abc");
    HANDLE h = CreateFileA(path, GENERIC_READ, DISK_SHARE_ALL, &sa, OPEN_EXISTING, 0, NULL);
    DWORD flags = 0;
    char proc[64], line[128];
    bool cloexec[2];

    for (int i = 0; i < 2; i++) {
        FILE *f;
        unsigned long bits = 0;
        int fd = -1;

        for (int n = 3; n < 256 && fd < 0; n++) { /* whichever descriptor leads to the file */
            char target[512] = "";

            snprintf(proc, sizeof proc, "/proc/self/fd/%d", n);
            if (readlink(proc, target, sizeof target - 1) > 0 && strcmp(target, path) == 0)
                fd = n;
        }
        snprintf(proc, sizeof proc, "/proc/self/fdinfo/%d", fd);
        f = fopen(proc, "r");
        while (f != NULL && fgets(line, sizeof line, f) != NULL)
            sscanf(line, "flags: %lo", &bits);
        if (f != NULL)
            fclose(f);
        cloexec[i] = (bits & 02000000) != 0;
        if (i == 0) {
            CHECK(GetHandleInformation(h, &flags));
            CHECK_EQ(flags, HANDLE_FLAG_INHERIT);
            CHECK(SetHandleInformation(h, HANDLE_FLAG_INHERIT, 0));
        }
    }
    CHECK(!cloexec[0]);
    CHECK(cloexec[1]);
    CloseHandle(h);
}

COMM_TEST_MAIN(TEST(a_disposition_decides_what_happens_to_a_file_that_is_there_or_missing),
               TEST(truncating_takes_the_right_to_write),
               TEST(create_always_empties_a_file_even_for_a_reader),
               TEST(a_link_to_nowhere_is_filled_by_open_always),
               TEST(a_name_means_a_path_with_either_separator), TEST(a_wide_name_is_the_same_file),
               TEST(nul_takes_everything_and_gives_nothing),
               TEST(a_name_in_the_way_is_refused_with_its_reason),
               TEST(an_inheritable_handle_survives_exec_and_another_does_not))
