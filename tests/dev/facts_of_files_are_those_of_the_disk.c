/* SPDX-License-Identifier: MIT */
/* Type, size, attributes and identity of files; and control codes, which a disk file has none of.
 */
#include "disk.h"

#include <libcomm/native.h>

#include <fcntl.h>
#include <sys/socket.h>

#define UNKNOWN_CODE CTL_CODE(0x8000, 0x900, METHOD_BUFFERED, FILE_ANY_ACCESS)

static void the_type_of_a_handle_is_what_it_leads_to(void)
{
    HANDLE file = disk_new("type", "abc", 0), nul = disk_open("NUL", DISK_RW, OPEN_EXISTING, 0);
    HANDLE event = disk_event(), stream;
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
    stream = CommWrapFd(pair[0], COMM_KIND_DEFAULT, DISK_RW, 0);
    CHECK_EQ(mkfifo(disk_path("fifo"), 0600), 0);
    SetLastError(4711);
    CHECK_EQ(GetFileType(file), FILE_TYPE_DISK);
    CHECK_EQ(GetFileType(nul), FILE_TYPE_CHAR);
    CHECK_EQ(GetFileType(stream), FILE_TYPE_PIPE);
    CHECK_EQ(GetLastError(), 4711);
    CHECK_EQ(GetFileType(event), FILE_TYPE_UNKNOWN);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK_EQ(GetFileSize(stream, NULL), INVALID_FILE_SIZE);
    CHECK_EQ(GetLastError(), ERROR_INVALID_FUNCTION);
    CHECK_EQ(SetFilePointer(stream, 0, NULL, FILE_BEGIN), INVALID_SET_FILE_POINTER);
    CHECK_EQ(GetLastError(), ERROR_INVALID_FUNCTION);
    CHECK_EQ(outcome(LockFile(stream, 0, 0, 1, 0)), ERROR_INVALID_FUNCTION);
    CHECK_EQ(SetFilePointer(nul, 5, NULL, FILE_BEGIN), 0);
    CHECK_EQ(GetFileSize(nul, NULL), 0);
    CloseHandle(nul);
    nul = disk_open(disk_path("fifo"), 0, OPEN_EXISTING, 0);
    CHECK_EQ(GetFileType(nul), FILE_TYPE_PIPE);
    CloseHandle(nul);
    CloseHandle(stream);
    close(pair[1]);
    CloseHandle(event);
    CloseHandle(file);
    CHECK_EQ(GetFileType(file), FILE_TYPE_UNKNOWN);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

static void a_fifo_is_opened_as_a_stream(void)
{
    const char *path = disk_path("line");
    HANDLE reader, writer;
    char buf[4];
    DWORD n = 0;

    CHECK_EQ(mkfifo(path, 0600), 0);
    CHECK_EQ(open_outcome(disk_open(path, GENERIC_WRITE, OPEN_EXISTING, 0)), ERROR_NOT_READY);
    reader = disk_open(path, GENERIC_READ, OPEN_EXISTING, 0);
    writer = disk_open(path, GENERIC_WRITE, OPEN_EXISTING, 0);
    CHECK(WriteFile(writer, "abc", 3, &n, NULL));
    CHECK(ReadFile(reader, buf, 4, &n, NULL));
    CHECK_EQ(n, 3);
    CloseHandle(writer);
    CHECK_EQ(outcome(ReadFile(reader, buf, 4, &n, NULL)), ERROR_BROKEN_PIPE);
    CloseHandle(reader);
}

static uint64_t units(FILETIME t)
{
    return (uint64_t)t.dwHighDateTime << 32 | t.dwLowDateTime;
}

static void information_is_what_stat_says(void)
{
    HANDLE h = disk_new("information", "0123456789", 0), other;
    BY_HANDLE_FILE_INFORMATION info, same;
    struct timespec times[2] = {
        {.tv_sec = 1000000000, .tv_nsec = 100},
        {.tv_sec = 0,          .tv_nsec = 0  },
    };

    CHECK_EQ(link(disk_path("information"), disk_path("link")), 0);
    CHECK_EQ(utimensat(AT_FDCWD, disk_path("information"), times, 0), 0);
    CHECK(GetFileInformationByHandle(h, &info));
    CHECK_EQ(info.dwFileAttributes, FILE_ATTRIBUTE_ARCHIVE);
    CHECK_EQ(info.nFileSizeHigh, 0);
    CHECK_EQ(info.nFileSizeLow, 10);
    CHECK_EQ(info.nNumberOfLinks, 2);
    CHECK_EQ(units(info.ftLastAccessTime), 116444736000000000ULL + 10000000000000001ULL);
    CHECK_EQ(units(info.ftLastWriteTime), 116444736000000000ULL); /* 1970 */
    CHECK(units(info.ftCreationTime) <= units(info.ftLastWriteTime));
    other = disk_open(disk_path("link"), 0, OPEN_EXISTING, 0);
    CHECK(GetFileInformationByHandle(other, &same));
    CHECK_EQ(same.nFileIndexLow, info.nFileIndexLow);
    CHECK_EQ(same.nFileIndexHigh, info.nFileIndexHigh);
    CHECK_EQ(same.dwVolumeSerialNumber, info.dwVolumeSerialNumber);
    CHECK_EQ(outcome(GetFileInformationByHandle(other, NULL)), ERROR_INVALID_PARAMETER);
    CloseHandle(other);
    CloseHandle(h);
}

static void attributes_are_told_by_name(void)
{
    const char *path = disk_make("attributes", "abc");

    CHECK_EQ(GetFileAttributesA(path), FILE_ATTRIBUTE_ARCHIVE);
    chmod(path, 0444);
    CHECK_EQ(GetFileAttributesA(path), FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_READONLY);
    CHECK_EQ(GetFileAttributesA(comm_test_dir()), FILE_ATTRIBUTE_DIRECTORY);
    CHECK_EQ(GetFileAttributesA("/dev/null"), FILE_ATTRIBUTE_DEVICE);
    CHECK_EQ(GetFileAttributesA(disk_path("missing")), INVALID_FILE_ATTRIBUTES);
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
    CHECK_EQ(GetFileAttributesA(disk_path("nowhere/file")), INVALID_FILE_ATTRIBUTES);
    CHECK_EQ(GetLastError(), ERROR_PATH_NOT_FOUND);
    path = disk_path("created");
    CHECK_EQ(open_outcome(disk_open(path, DISK_RW, CREATE_NEW, FILE_ATTRIBUTE_READONLY)), 0);
    CHECK_EQ(GetFileAttributesA(path), FILE_ATTRIBUTE_ARCHIVE | FILE_ATTRIBUTE_READONLY);
}

static void a_code_nobody_knows_is_refused_at_once_in_every_form(void)
{
    static const DWORD flags[] = {0, FILE_FLAG_OVERLAPPED};

    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        HANDLE h = disk_new("control", "abc", flags[i]),
               event = CreateEventA(NULL, TRUE, TRUE, NULL);
        OVERLAPPED ov = disk_at(0, event);
        DWORD n = 99;

        CHECK_EQ(outcome(DeviceIoControl(h, UNKNOWN_CODE, NULL, 0, NULL, 0, &n, NULL)),
                 ERROR_INVALID_FUNCTION);
        CHECK_EQ(n, 0);
        CHECK_EQ(outcome(DeviceIoControl(h, UNKNOWN_CODE, NULL, 0, NULL, 0, NULL, &ov)),
                 ERROR_INVALID_FUNCTION);
        CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
        CHECK_EQ(ov.Internal, STATUS_PENDING);
        CHECK_EQ(outcome(DeviceIoControl(h, UNKNOWN_CODE, NULL, 0, NULL, 0, NULL, NULL)),
                 ERROR_INVALID_PARAMETER);
        CloseHandle(event);
        CloseHandle(h);
        CHECK_EQ(outcome(DeviceIoControl(h, UNKNOWN_CODE, NULL, 0, NULL, 0, &n, NULL)),
                 ERROR_INVALID_HANDLE);
    }
}

static void a_code_says_itself_which_rights_it_takes(void)
{
    HANDLE h = disk_open(disk_make("rights", "abc"), GENERIC_READ, OPEN_EXISTING, 0);
    DWORD n;

    CHECK_EQ(outcome(DeviceIoControl(h, UNKNOWN_CODE | FILE_READ_ACCESS << 14, NULL, 0, NULL, 0, &n,
                                     NULL)),
             ERROR_INVALID_FUNCTION);
    CHECK_EQ(outcome(DeviceIoControl(h, UNKNOWN_CODE | FILE_WRITE_ACCESS << 14, NULL, 0, NULL, 0,
                                     &n, NULL)),
             ERROR_ACCESS_DENIED);
    CloseHandle(h);
}

COMM_TEST_MAIN(TEST(the_type_of_a_handle_is_what_it_leads_to), TEST(a_fifo_is_opened_as_a_stream),
               TEST(information_is_what_stat_says), TEST(attributes_are_told_by_name),
               TEST(a_code_nobody_knows_is_refused_at_once_in_every_form),
               TEST(a_code_says_itself_which_rights_it_takes))
