/* SPDX-License-Identifier: MIT */
/* What one process has locked, another one sees as open-file-description locks, and the other way
 * round.  The other process here knows nothing of the library: it is a child that obeys one letter
 * at a time. */
#include "disk.h"

#include <fcntl.h>
#include <sys/wait.h>

static struct {
    pid_t pid;
    int order, answer; /* pipe ends */
} child;

/* 'L' locks [0,10) exclusively, 'S' shares it, 'U' unlocks; the answer is '0' or '!'. */
static void child_obey(const char *path, int order, int answer)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);
    char letter;

    while (read(order, &letter, 1) == 1) {
        struct flock lock = {.l_whence = SEEK_SET, .l_start = 0, .l_len = 10};

        lock.l_type = letter == 'L' ? F_WRLCK : letter == 'S' ? F_RDLCK : F_UNLCK;
        letter = fcntl(fd, F_OFD_SETLK, &lock) == 0 ? '0' : '!';
        if (write(answer, &letter, 1) != 1)
            break;
    }
    _exit(0);
}

static void child_start(const char *path)
{
    int order[2], answer[2];

    CHECK_EQ(pipe(order), 0);
    CHECK_EQ(pipe(answer), 0);
    child.pid = fork();
    if (child.pid == 0) {
        close(order[1]);
        close(answer[0]);
        child_obey(path, order[0], answer[1]);
    }
    close(order[0]);
    close(answer[1]);
    child.order = order[1];
    child.answer = answer[0];
}

static char child_do(char letter)
{
    CHECK_EQ(write(child.order, &letter, 1), 1);
    letter = '?';
    CHECK_EQ(read(child.answer, &letter, 1), 1);
    return letter;
}

static void child_end(void)
{
    close(child.order);
    close(child.answer);
    CHECK_EQ(waitpid(child.pid, NULL, 0), child.pid);
}

static HANDLE begin(DWORD flags)
{
    HANDLE h;

    child_start(disk_make("locks", "0123456789"));
    h = disk_open(disk_path("locks"), DISK_RW, OPEN_EXISTING, flags);
    CHECK(h != INVALID_HANDLE_VALUE);
    return h;
}

static DWORD lock(HANDLE h, DWORD flags, DWORD offset, DWORD len, OVERLAPPED *ov)
{
    *ov = disk_at(offset, NULL);
    return outcome(LockFileEx(h, flags, 0, len, 0, ov));
}

static void our_locks_keep_another_process_out(void)
{
    HANDLE h = begin(0);
    OVERLAPPED ov;

    CHECK_EQ(lock(h, LOCKFILE_EXCLUSIVE_LOCK, 0, 5, &ov), 0);
    CHECK_EQ(child_do('L'), '!');
    CHECK_EQ(child_do('S'), '!');
    CHECK(UnlockFile(h, 0, 0, 5, 0));
    CHECK_EQ(child_do('L'), '0');
    CHECK_EQ(child_do('U'), '0');
    CHECK_EQ(lock(h, 0, 0, 5, &ov), 0);
    CHECK_EQ(child_do('L'), '!');
    CHECK_EQ(child_do('S'), '0');
    CHECK_EQ(child_do('U'), '0');
    CloseHandle(h);
    CHECK_EQ(child_do('L'), '0');
    child_end();
}

static void the_kernel_holds_what_is_left_after_each_unlock(void)
{
    HANDLE h = begin(0);
    OVERLAPPED ov;

    CHECK_EQ(lock(h, LOCKFILE_EXCLUSIVE_LOCK, 2, 4, &ov), 0);
    CHECK_EQ(lock(h, 0, 0, 10, &ov), 0); /* over one's own exclusive one */
    CHECK_EQ(child_do('S'), '!');
    CHECK(UnlockFile(h, 2, 0, 4, 0));
    CHECK_EQ(child_do('S'), '0');
    CHECK_EQ(child_do('L'), '!');
    CHECK_EQ(child_do('U'), '0');
    CHECK_EQ(lock(h, 0, 5, 10, &ov), 0);
    CHECK(UnlockFile(h, 0, 0, 10, 0));
    CHECK_EQ(child_do('L'), '!'); /* bytes 5 to 9 are still shared */
    CHECK(UnlockFile(h, 5, 0, 10, 0));
    CHECK_EQ(child_do('L'), '0');
    CloseHandle(h);
    child_end();
}

static void another_process_is_in_our_way_until_it_unlocks(void)
{
    HANDLE h = begin(FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov, at_once;
    DWORD n = 99;

    CHECK_EQ(child_do('L'), '0');
    CHECK_EQ(lock(h, LOCKFILE_FAIL_IMMEDIATELY, 0, 5, &at_once), ERROR_LOCK_VIOLATION);
    CHECK_EQ(outcome(LockFile(h, 0, 0, 5, 0)), ERROR_LOCK_VIOLATION);
    CHECK_EQ(lock(h, LOCKFILE_EXCLUSIVE_LOCK, 0, 5, &ov), ERROR_IO_PENDING);
    CHECK_EQ(outcome(GetOverlappedResult(h, &ov, &n, FALSE)), ERROR_IO_INCOMPLETE);
    CHECK_EQ(child_do('U'), '0');
    CHECK_EQ(result_of(h, &ov, &n), 0);
    CHECK_EQ(n, 0);
    CHECK_EQ(child_do('L'), '!');
    CloseHandle(h);
    child_end();
}

/* The second try fails as the first did, and the third: the timer goes on. */
static void a_lock_that_waits_for_another_process_is_tried_until_it_is_granted(void)
{
    HANDLE h = begin(FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov;
    DWORD n = 99;

    CHECK_EQ(child_do('L'), '0');
    CHECK_EQ(lock(h, 0, 0, 5, &ov), ERROR_IO_PENDING);
    CHECK_EQ(outcome(GetOverlappedResultEx(h, &ov, &n, 50, FALSE)), WAIT_TIMEOUT);
    CHECK_EQ(child_do('U'), '0');
    CHECK_EQ(result_of(h, &ov, &n), 0);
    CloseHandle(h);
    child_end();
}

static void waiting_for_another_process_can_be_cancelled_and_closed(void)
{
    HANDLE h = begin(FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov;
    DWORD n = 99;

    CHECK_EQ(child_do('L'), '0');
    CHECK_EQ(lock(h, 0, 0, 5, &ov), ERROR_IO_PENDING);
    CHECK(CancelIoEx(h, &ov));
    CHECK_EQ(result_of(h, &ov, &n), ERROR_OPERATION_ABORTED);
    CHECK_EQ(lock(h, 0, 0, 5, &ov), ERROR_IO_PENDING);
    CloseHandle(h);
    CHECK_EQ(ov.Internal, STATUS_CANCELLED);
    CHECK_EQ(child_do('U'), '0');
    child_end();
}

static DWORD WINAPI lock_blocking(LPVOID h)
{
    OVERLAPPED ov;

    return lock(h, LOCKFILE_EXCLUSIVE_LOCK, 0, 10, &ov);
}

static bool is_blocked(void *h)
{
    return WaitForSingleObject(h, 0) ==
           WAIT_TIMEOUT; /* a file is unset while a call is under way */
}

static void a_synchronous_handle_blocks_until_the_other_process_unlocks(void)
{
    HANDLE h = begin(0), thread;
    DWORD code = 99;

    CHECK_EQ(child_do('S'), '0');
    thread = CreateThread(NULL, 0, lock_blocking, h, 0, NULL);
    comm_wait_until(is_blocked, h);
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    child_end(); /* its end unlocks */
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 0);
    CloseHandle(thread);
    CloseHandle(h);
}

/* A reader cannot exclude readers elsewhere, but it does exclude everybody here. */
static void a_reader_s_exclusive_lock_keeps_other_writers_out(void)
{
    HANDLE h = begin(0), reader;
    OVERLAPPED ov;

    reader = disk_open(disk_path("locks"), GENERIC_READ, OPEN_EXISTING, 0);
    CHECK_EQ(lock(reader, LOCKFILE_EXCLUSIVE_LOCK, 0, 5, &ov), 0);
    CHECK_EQ(child_do('L'), '!');
    CHECK_EQ(lock(h, LOCKFILE_FAIL_IMMEDIATELY, 0, 5, &ov), ERROR_LOCK_VIOLATION);
    CloseHandle(reader);
    CHECK_EQ(child_do('L'), '0');
    CloseHandle(h);
    child_end();
}

COMM_TEST_MAIN(TEST(our_locks_keep_another_process_out),
               TEST(the_kernel_holds_what_is_left_after_each_unlock),
               TEST(another_process_is_in_our_way_until_it_unlocks),
               TEST(a_lock_that_waits_for_another_process_is_tried_until_it_is_granted),
               TEST(waiting_for_another_process_can_be_cancelled_and_closed),
               TEST(a_synchronous_handle_blocks_until_the_other_process_unlocks),
               TEST(a_reader_s_exclusive_lock_keeps_other_writers_out))
