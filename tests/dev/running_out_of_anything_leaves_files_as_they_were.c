/* SPDX-License-Identifier: MIT */
/* Every request for memory, a descriptor or a thread on the way of a call fails once: the call says
 * so, nothing is left behind, and it works again afterwards. */
#include "disk.h"

#include "libcomm/plat/testing.h"

#define EVERYTHING (CI_FAULT_MEMORY | CI_FAULT_DESCRIPTOR | CI_FAULT_THREAD)
#define MOST 100 /* requests of one call */

static bool is_shortage(DWORD error)
{
    return error == ERROR_NOT_ENOUGH_MEMORY || error == ERROR_TOO_MANY_OPEN_FILES ||
           error == ERROR_NO_SYSTEM_RESOURCES;
}

/* Makes the nth request fail, for every n, until a run asks for fewer.  `call` gives its error. */
static void fail_each(const char *when, DWORD (*call)(void))
{
    unsigned n;

    for (n = 0; n < MOST; n++) {
        unsigned requests;
        DWORD error;

        ci_testing_fail(EVERYTHING, n, false);
        error = call();
        requests = ci_testing_requests();
        ci_testing_fail(0, 0, false);
        if (requests <= n) {
            CHECK_EQ_WHEN(when, error, 0);
            break;
        }
        if (error != 0) /* some shortages can be made up for */
            CHECK_EQ_WHEN(when, is_shortage(error) ? 0 : error, 0);
    }
    CHECK(n < MOST);
}

static DWORD open_existing(void)
{
    return open_outcome(disk_open(disk_path("file"), DISK_RW, OPEN_EXISTING, FILE_FLAG_OVERLAPPED));
}

static DWORD open_deleting(void)
{
    DWORD error;

    disk_make("going", "abc");
    error = open_outcome(
        disk_open(disk_path("going"), DISK_RW, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE));
    CHECK_EQ(disk_size(disk_path("going")), error == 0 ? -1 : 3);
    return error;
}

static DWORD open_truncating(void)
{
    HANDLE h = disk_open(disk_make("cut", "abc"), DISK_RW, CREATE_ALWAYS, 0);
    DWORD error = h == INVALID_HANDLE_VALUE ? GetLastError() : 0;

    if (h != INVALID_HANDLE_VALUE)
        CloseHandle(h);
    CHECK(error == 0 || is_shortage(error));
    return error;
}

static DWORD open_wide(void)
{
    static const WCHAR nul[] = {'N', 'U', 'L', 0};

    return open_outcome(CreateFileW(nul, DISK_RW, 0, NULL, OPEN_EXISTING, 0, NULL));
}

static DWORD lock_and_wait(void)
{
    HANDLE owner = disk_open(disk_path("file"), DISK_RW, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    HANDLE h = disk_open(disk_path("file"), DISK_RW, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    OVERLAPPED first = disk_at(0, NULL), ov = disk_at(0, NULL);
    DWORD error = ERROR_NOT_ENOUGH_MEMORY, n;

    if (owner != INVALID_HANDLE_VALUE && h != INVALID_HANDLE_VALUE)
        error = outcome(LockFileEx(owner, LOCKFILE_EXCLUSIVE_LOCK, 0, 5, 0, &first));
    if (error == 0)
        error = outcome(LockFileEx(h, LOCKFILE_EXCLUSIVE_LOCK, 0, 5, 0, &ov));
    if (error == ERROR_IO_PENDING) {
        CHECK(UnlockFile(owner, 0, 0, 5, 0));
        error = result_of(h, &ov, &n); /* once it waits, nothing can be missing */
        CHECK_EQ(error, 0);
    }
    if (h != INVALID_HANDLE_VALUE)
        CloseHandle(h);
    if (owner != INVALID_HANDLE_VALUE)
        CloseHandle(owner);
    return error;
}

static DWORD delete_it(void)
{
    DWORD error = outcome(DeleteFileA(disk_make("deleted", "abc")));

    CHECK_EQ(disk_size(disk_path("deleted")), error == 0 ? -1 : 3);
    return error;
}

static void every_call_survives_every_shortage(void)
{
    disk_make("file", "0123456789");
    CHECK_EQ(open_existing(), 0); /* what is made once and kept is made here */
    fail_each("opening", open_existing);
    fail_each("opening to delete", open_deleting);
    fail_each("opening to empty", open_truncating);
    fail_each("opening by a wide name", open_wide);
    fail_each("locking and waiting", lock_and_wait);
    fail_each("deleting", delete_it);
    CHECK(disk_holds(disk_path("file"), "0123456789"));
}

COMM_TEST_MAIN(TEST(every_call_survives_every_shortage))
