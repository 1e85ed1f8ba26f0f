/* SPDX-License-Identifier: MIT */
/* After fork both processes have the file open: the child reads and writes it, agrees on sharing
 * with itself, and takes nothing from the parent that the parent still needs. */
#include "disk.h"

#include <sys/wait.h>

#include "libcomm/dev/regular.h"

static int failures;
#define EXPECT(condition)                                                     \
    do                                                                        \
        if (!(condition) && ++failures > 0)                                   \
            dprintf(2, "      in the child, %d: %s\n", __LINE__, #condition); \
    while (0)

/* Runs `body` in a child, which ends without cleaning up. */
static void in_child(void (*body)(void))
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        body();
        _exit(failures);
    }
    CHECK_EQ(waitpid(pid, &status, 0), pid);
    CHECK_EQ(status, 0);
}

static HANDLE h;
static char path[512];

static void open_here(const char *name, DWORD share, DWORD flags)
{
    snprintf(path, sizeof path, "%s", disk_make(name, "0123456789"));
    h = CreateFileA(path, DISK_RW, share, NULL, OPEN_EXISTING, flags, NULL);
    CHECK(h != INVALID_HANDLE_VALUE);
}

static void transfers_body(void)
{
    OVERLAPPED ov = disk_at(2, NULL);
    char buf[4];
    DWORD n = 0;

    EXPECT(outcome(ReadFile(h, buf, 4, NULL, &ov)) == ERROR_IO_PENDING);
    EXPECT(result_of(h, &ov, &n) == 0 && n == 4 && memcmp(buf, "2345", 4) == 0);
    ov = disk_at(0, NULL);
    EXPECT(outcome(WriteFile(h, "x", 1, NULL, &ov)) == ERROR_IO_PENDING);
    EXPECT(result_of(h, &ov, &n) == 0 && n == 1);
    EXPECT(CloseHandle(h));
}

static void the_child_reads_and_writes_and_its_closing_is_its_own(void)
{
    OVERLAPPED ov = disk_at(0, NULL);
    char byte = 0;
    DWORD n = 0;

    open_here("transfers", DISK_SHARE_ALL, FILE_FLAG_OVERLAPPED);
    in_child(transfers_body);
    CHECK_EQ(outcome(ReadFile(h, &byte, 1, NULL, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(result_of(h, &ov, &n), 0);
    CHECK_EQ(byte, 'x');
    CloseHandle(h);
}

static void sharing_body(void)
{
    EXPECT(open_outcome(disk_open(path, GENERIC_READ, OPEN_EXISTING, 0)) ==
           ERROR_SHARING_VIOLATION);
    EXPECT(CloseHandle(h));
    EXPECT(open_outcome(disk_open(path, GENERIC_READ, OPEN_EXISTING, 0)) == 0);
}

static void what_is_open_in_the_child_counts_there(void)
{
    open_here("sharing", 0, 0);
    in_child(sharing_body);
    CHECK_EQ(open_outcome(disk_open(path, GENERIC_READ, OPEN_EXISTING, 0)),
             ERROR_SHARING_VIOLATION);
    CloseHandle(h);
}

static void close_body(void)
{
    EXPECT(CloseHandle(h));
    EXPECT(disk_size(path) == 10);
}

static void deleting_on_close_stays_the_parent_s(void)
{
    open_here("deleting", DISK_SHARE_ALL, FILE_FLAG_DELETE_ON_CLOSE);
    in_child(close_body);
    CHECK_EQ(disk_size(path), 10);
    CloseHandle(h);
    CHECK_EQ(disk_size(path), -1);
}

static void locks_stay_the_parent_s(void)
{
    HANDLE other;

    open_here("locks", DISK_SHARE_ALL, 0);
    other = disk_open(path, DISK_RW, OPEN_EXISTING, 0);
    CHECK(LockFile(h, 0, 0, 5, 0));
    in_child(close_body);
    CHECK_EQ(outcome(LockFile(other, 0, 0, 1, 0)), ERROR_LOCK_VIOLATION);
    CHECK(UnlockFile(h, 0, 0, 5, 0));
    CHECK(LockFile(other, 0, 0, 1, 0));
    CloseHandle(other);
    CloseHandle(h);
}

/* ---- workers ---- */

/* The thread sanitizer ends a child that starts threads after such a fork. */
#if !COMM_THREAD_SANITIZER

#define LONG (1u << 20)
static unsigned char big[LONG];

static void worker_body(void)
{
    OVERLAPPED ov = disk_at(0, NULL);
    DWORD n = 0;

    EXPECT(ci_testing_workers() == 0);
    EXPECT(outcome(ReadFile(h, big, LONG, NULL, &ov)) == ERROR_IO_PENDING);
    EXPECT(result_of(h, &ov, &n) == 0 && n == LONG);
    EXPECT(pattern_holds(big, LONG, 0));
}

static void the_child_makes_workers_of_its_own(void)
{
    OVERLAPPED ov = disk_at(0, NULL);
    DWORD n = 0;

    open_here("workers", DISK_SHARE_ALL, FILE_FLAG_OVERLAPPED);
    pattern_fill(big, LONG, 0);
    CHECK_EQ(outcome(WriteFile(h, big, LONG, NULL, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(result_of(h, &ov, &n), 0);
    in_child(worker_body); /* while ours are still idle */
    CloseHandle(h);
}

#define WORKERS_TEST , TEST(the_child_makes_workers_of_its_own)
#else
#define WORKERS_TEST
#endif

COMM_TEST_MAIN(TEST(the_child_reads_and_writes_and_its_closing_is_its_own),
               TEST(what_is_open_in_the_child_counts_there),
               TEST(deleting_on_close_stays_the_parent_s),
               TEST(locks_stay_the_parent_s) WORKERS_TEST)
