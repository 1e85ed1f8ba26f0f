/* SPDX-License-Identifier: MIT */
/* Directories: nothing for a plain open, a handle without content for backup semantics. */
#include "disk.h"

static const char *directory(void)
{
    const char *path = disk_path("directory");

    mkdir(path, 0700);
    return path;
}

static const struct {
    const char *when;
    DWORD access, disposition, flags, error;
} rows[] = {
    {"a reader",                       GENERIC_READ,  OPEN_EXISTING,     0,                          ERROR_ACCESS_DENIED},
    {"a writer",                       GENERIC_WRITE, OPEN_EXISTING,     0,                          ERROR_ACCESS_DENIED},
    {"asking only for facts",          0,             OPEN_EXISTING,     0,                          ERROR_ACCESS_DENIED},
    {"it is in the way of a new file", DISK_RW,       CREATE_NEW,        0,                          ERROR_FILE_EXISTS  },
    {"it is no file to be replaced",   DISK_RW,       CREATE_ALWAYS,     0,                          ERROR_ACCESS_DENIED},
    {"nor to be emptied",              DISK_RW,       TRUNCATE_EXISTING, FILE_FLAG_BACKUP_SEMANTICS,
     ERROR_ACCESS_DENIED                                                                                                },
    {"backup semantics, a reader",     GENERIC_READ,  OPEN_EXISTING,     FILE_FLAG_BACKUP_SEMANTICS, 0                  },
    {"backup semantics, a writer",     GENERIC_WRITE, OPEN_EXISTING,     FILE_FLAG_BACKUP_SEMANTICS, 0                  },
    {"backup semantics, only facts",   0,             OPEN_EXISTING,     FILE_FLAG_BACKUP_SEMANTICS, 0                  },
};

static void a_directory_opens_with_backup_semantics_only(void)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_EQ_WHEN(rows[i].when,
                      open_outcome(disk_open(directory(), rows[i].access, rows[i].disposition,
                                             rows[i].flags)),
                      rows[i].error);
}

static void its_handle_answers_questions_and_moves_no_bytes(void)
{
    HANDLE d = disk_open(directory(), DISK_RW, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
    BY_HANDLE_FILE_INFORMATION info;
    char buf[4];
    DWORD n = 99;

    CHECK_EQ(outcome(ReadFile(d, buf, 4, &n, NULL)), ERROR_INVALID_FUNCTION);
    CHECK_EQ(n, 0);
    CHECK_EQ(outcome(WriteFile(d, buf, 4, &n, NULL)), ERROR_INVALID_FUNCTION);
    CHECK(GetFileInformationByHandle(d, &info));
    CHECK_EQ(info.dwFileAttributes, FILE_ATTRIBUTE_DIRECTORY);
    CHECK_EQ(GetFileType(d), FILE_TYPE_DISK);
    CHECK_EQ(GetFileSize(d, NULL), 0);
    CHECK(FlushFileBuffers(d));
    CHECK_EQ(outcome(SetEndOfFile(d)), ERROR_INVALID_FUNCTION);
    CHECK_EQ(outcome(LockFile(d, 0, 0, 1, 0)), ERROR_INVALID_PARAMETER);
    CloseHandle(d);
}

static void a_reader_of_a_directory_may_not_flush_it(void)
{
    HANDLE d = disk_open(directory(), GENERIC_READ, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);

    CHECK_EQ(outcome(FlushFileBuffers(d)), ERROR_ACCESS_DENIED);
    CloseHandle(d);
}

static void an_overlapped_read_of_a_directory_fails_at_once(void)
{
    HANDLE d = disk_open(directory(), GENERIC_READ, OPEN_EXISTING,
                         FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov = disk_at(0, NULL);
    char buf[4];

    CHECK_EQ(outcome(ReadFile(d, buf, 4, NULL, &ov)), ERROR_INVALID_FUNCTION);
    CHECK_EQ(ov.Internal, STATUS_PENDING);
    CloseHandle(d);
}

COMM_TEST_MAIN(TEST(a_directory_opens_with_backup_semantics_only),
               TEST(its_handle_answers_questions_and_moves_no_bytes),
               TEST(a_reader_of_a_directory_may_not_flush_it),
               TEST(an_overlapped_read_of_a_directory_fails_at_once))
