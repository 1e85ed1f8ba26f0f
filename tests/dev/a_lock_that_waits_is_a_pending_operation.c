/* SPDX-License-Identifier: MIT */
/* A byte-range lock that is not free, asked for without FAIL_IMMEDIATELY: it pends, and ends like
 * anything that pends. */
#include "disk.h"

static HANDLE owner, f, event;

static void begin(void)
{
    event = disk_event();
    owner = disk_new("locks", "0123456789", FILE_FLAG_OVERLAPPED);
    f = disk_open(disk_path("locks"), DISK_RW, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
}

static void end(void)
{
    CloseHandle(owner);
    CloseHandle(f);
    CloseHandle(event);
}

static DWORD lock(HANDLE h, DWORD flags, DWORD offset, DWORD len, OVERLAPPED *ov, HANDLE with_event)
{
    *ov = disk_at(offset, with_event);
    return outcome(LockFileEx(h, flags, 0, len, 0, ov));
}

static DWORD lock_all(HANDLE h, OVERLAPPED *ov)
{
    return lock(h, LOCKFILE_EXCLUSIVE_LOCK, 0, 10, ov, h == owner ? NULL : event);
}

static DWORD unlock(HANDLE h, DWORD offset, DWORD len)
{
    OVERLAPPED ov = disk_at(offset, NULL);

    return outcome(UnlockFileEx(h, 0, len, 0, &ov));
}

static void a_free_range_is_granted_with_true(void)
{
    OVERLAPPED ov;

    begin();
    CHECK_EQ(lock_all(f, &ov), 0);
    CHECK_EQ(ov.Internal, STATUS_SUCCESS);
    CHECK_EQ(ov.InternalHigh, 0);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK_EQ(unlock(f, 0, 10), 0);
    end();
}

static void the_unlock_completes_it_before_it_returns(void)
{
    OVERLAPPED ov, first;
    DWORD n = 99;

    begin();
    CHECK_EQ(lock_all(owner, &first), 0);
    CHECK_EQ(lock_all(f, &ov), ERROR_IO_PENDING);
    CHECK_EQ(ov.Internal, STATUS_PENDING);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CHECK_EQ(outcome(GetOverlappedResult(f, &ov, &n, FALSE)), ERROR_IO_INCOMPLETE);
    CHECK_EQ(unlock(owner, 0, 10), 0);
    CHECK_EQ(ov.Internal, STATUS_SUCCESS);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK_EQ(result_of(f, &ov, &n), 0);
    CHECK_EQ(n, 0);
    CHECK_EQ(lock(owner, LOCKFILE_FAIL_IMMEDIATELY, 0, 10, &first, NULL), ERROR_LOCK_VIOLATION);
    CHECK_EQ(unlock(f, 0, 10), 0);
    end();
}

static void closing_the_owner_completes_it_too(void)
{
    OVERLAPPED ov, first;
    DWORD n = 99;

    begin();
    CHECK_EQ(lock_all(owner, &first), 0);
    CHECK_EQ(lock_all(f, &ov), ERROR_IO_PENDING);
    CloseHandle(owner);
    CHECK_EQ(ov.Internal, STATUS_SUCCESS);
    CHECK_EQ(result_of(f, &ov, &n), 0);
    owner = disk_open(disk_path("locks"), DISK_RW, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    end();
}

static void cancelled_it_ends_with_995_and_locks_nothing(void)
{
    OVERLAPPED ov, first;
    DWORD n = 99;

    begin();
    CHECK_EQ(lock_all(owner, &first), 0);
    for (int i = 0; i < 100; i++) { /* nothing is used up by trying */
        CHECK_EQ(lock_all(f, &ov), ERROR_IO_PENDING);
        CHECK(CancelIoEx(f, &ov));
        CHECK_EQ(ov.Internal, STATUS_CANCELLED);
        CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
        CHECK_EQ(result_of(f, &ov, &n), ERROR_OPERATION_ABORTED);
        CHECK_EQ(n, 0);
        CHECK_EQ(outcome(CancelIoEx(f, &ov)), ERROR_NOT_FOUND);
    }
    CHECK_EQ(unlock(owner, 0, 10), 0);
    CHECK_EQ(unlock(f, 0, 10), ERROR_NOT_LOCKED);
    end();
}

static void closing_its_own_handle_ends_it_with_995(void)
{
    OVERLAPPED ov, first;
    DWORD n = 99;

    begin();
    CHECK_EQ(lock_all(owner, &first), 0);
    CHECK_EQ(lock_all(f, &ov), ERROR_IO_PENDING);
    CloseHandle(f);
    CHECK_EQ(ov.Internal, STATUS_CANCELLED);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK_EQ(result_of(f, &ov, &n), ERROR_OPERATION_ABORTED);
    CHECK_EQ(unlock(owner, 0, 10), 0);
    CHECK_EQ(lock_all(owner, &first), 0);
    f = disk_open(disk_path("locks"), DISK_RW, OPEN_EXISTING, 0);
    end();
}

static void others_on_the_handle_do_not_stand_in_line_behind_it(void)
{
    OVERLAPPED ov, first, beside, at_once;

    begin();
    CHECK_EQ(lock(owner, LOCKFILE_EXCLUSIVE_LOCK, 0, 5, &first, NULL), 0);
    CHECK_EQ(lock(f, 0, 0, 5, &ov, event), ERROR_IO_PENDING);
    CHECK_EQ(lock(f, 0, 5, 5, &beside, NULL), 0);
    CHECK_EQ(lock(f, LOCKFILE_FAIL_IMMEDIATELY, 2, 1, &at_once, NULL), ERROR_LOCK_VIOLATION);
    CHECK_EQ(at_once.Internal, STATUS_PENDING);
    CHECK_EQ(lock(f, LOCKFILE_FAIL_IMMEDIATELY, 6, 1, &at_once, NULL), 0);
    CHECK_EQ(ov.Internal, STATUS_PENDING);
    CHECK_EQ(unlock(owner, 0, 5), 0);
    CHECK_EQ(ov.Internal, STATUS_SUCCESS);
    end();
}

static void one_unlock_grants_to_all_who_share(void)
{
    OVERLAPPED first, ov[3];
    HANDLE reader[3];
    DWORD n;

    begin();
    CHECK_EQ(lock_all(owner, &first), 0);
    for (int i = 0; i < 3; i++) {
        reader[i] =
            disk_open(disk_path("locks"), GENERIC_READ, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
        CHECK_EQ(lock(reader[i], 0, (DWORD)i, 5, &ov[i], NULL), ERROR_IO_PENDING);
    }
    CHECK_EQ(unlock(owner, 0, 10), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(result_of(reader[i], &ov[i], &n), 0);
        CHECK_EQ(unlock(reader[i], (DWORD)i, 5), 0);
        CloseHandle(reader[i]);
    }
    end();
}

static void it_leaves_a_packet_at_a_port(void)
{
    OVERLAPPED ov, first, *got = NULL;
    ULONG_PTR key = 0;
    DWORD n = 99;
    HANDLE port;

    begin();
    port = CreateIoCompletionPort(f, NULL, 4711, 0);
    CHECK_EQ(lock_all(owner, &first), 0);
    CHECK_EQ(lock(f, LOCKFILE_EXCLUSIVE_LOCK, 0, 10, &ov, NULL), ERROR_IO_PENDING);
    CHECK_EQ(outcome(GetQueuedCompletionStatus(port, &n, &key, &got, 0)), WAIT_TIMEOUT);
    CHECK_EQ(unlock(owner, 0, 10), 0);
    CHECK(GetQueuedCompletionStatus(port, &n, &key, &got, INFINITE));
    CHECK(got == &ov);
    CHECK_EQ(key, 4711);
    CHECK_EQ(n, 0);
    CHECK_EQ(unlock(f, 0, 10), 0);
    CHECK_EQ(lock(f, LOCKFILE_EXCLUSIVE_LOCK, 0, 10, &ov, NULL), 0);
    CHECK(GetQueuedCompletionStatus(port, &n, &key, &got, INFINITE));
    CHECK(LockFile(f, 20, 0, 1, 0)); /* no operation: no packet */
    CHECK_EQ(outcome(GetQueuedCompletionStatus(port, &n, &key, &got, 0)), WAIT_TIMEOUT);
    CloseHandle(port);
    end();
}

/* ---- the blocking call ---- */

struct blocked {
    HANDLE h, done;
    DWORD error;
    ULONG_PTR internal;
};

static DWORD WINAPI lock_blocking(LPVOID arg)
{
    struct blocked *b = arg;
    OVERLAPPED ov;

    b->error = lock(b->h, LOCKFILE_EXCLUSIVE_LOCK, 0, 10, &ov, NULL);
    b->internal = ov.Internal;
    return 0;
}

static bool is_blocked(void *h)
{
    return WaitForSingleObject(h, 0) ==
           WAIT_TIMEOUT; /* a file is unset while a call is under way */
}

static HANDLE start_blocked(struct blocked *b)
{
    HANDLE thread;

    b->h = disk_open(disk_path("locks"), DISK_RW, OPEN_EXISTING, 0);
    thread = CreateThread(NULL, 0, lock_blocking, b, 0, NULL);
    comm_wait_until(is_blocked, b->h);
    return thread;
}

static void end_blocked(struct blocked *b, HANDLE thread)
{
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CloseHandle(thread);
    CloseHandle(b->h);
}

static bool cancelled(void *thread)
{
    return CancelSynchronousIo(thread) != 0;
}

static void a_synchronous_handle_blocks_until_the_unlock(void)
{
    struct blocked b;
    OVERLAPPED first;
    HANDLE thread;

    begin();
    CHECK_EQ(lock_all(owner, &first), 0);
    thread = start_blocked(&b);
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    CHECK_EQ(unlock(owner, 0, 10), 0);
    end_blocked(&b, thread);
    CHECK_EQ(b.error, 0);
    CHECK_EQ(b.internal, STATUS_SUCCESS);
    end();
}

static void a_blocked_lock_can_be_cancelled_from_another_thread(void)
{
    struct blocked b;
    OVERLAPPED first;
    HANDLE thread;

    begin();
    CHECK_EQ(lock_all(owner, &first), 0);
    thread = start_blocked(&b);
    comm_wait_until(cancelled, thread);
    end_blocked(&b, thread);
    CHECK_EQ(b.error, ERROR_OPERATION_ABORTED);
    end();
}

static void a_blocked_lock_keeps_nobody_from_reading_the_rest(void)
{
    struct blocked b;
    OVERLAPPED first, ov = disk_at(8, NULL);
    HANDLE thread;
    char buf[2];
    DWORD n = 0;

    begin();
    CHECK_EQ(lock(owner, LOCKFILE_EXCLUSIVE_LOCK, 0, 5, &first, NULL), 0);
    thread = start_blocked(&b);
    CHECK(ReadFile(b.h, buf, 2, &n, &ov));
    CHECK_EQ(n, 2);
    CHECK_EQ(unlock(owner, 0, 5), 0);
    end_blocked(&b, thread);
    CHECK_EQ(b.error, 0);
    end();
}

/* ---- a thread that ends ---- */

static OVERLAPPED orphan;

static DWORD WINAPI lock_and_leave(LPVOID unused)
{
    (void)unused;
    return lock_all(f, &orphan);
}

static void a_thread_that_ends_takes_its_locks_back(void)
{
    OVERLAPPED first;
    HANDLE thread;
    DWORD code = 0;

    begin();
    CHECK_EQ(lock_all(owner, &first), 0);
    thread = CreateThread(NULL, 0, lock_and_leave, NULL, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, ERROR_IO_PENDING);
    CHECK_EQ(orphan.Internal, STATUS_CANCELLED);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CloseHandle(thread);
    end();
}

/* ---- many ---- */

#define ROUNDS 500
#define LOCKERS 4

static int inside; /* guarded by the byte-range lock alone */

static void *lock_in_turn(void *arg)
{
    HANDLE h = disk_open(disk_path("locks"), DISK_RW, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    HANDLE mine = disk_event();
    DWORD n;

    (void)arg;
    for (int i = 0; i < ROUNDS; i++) {
        OVERLAPPED ov;
        DWORD error = lock(h, LOCKFILE_EXCLUSIVE_LOCK, 0, 10, &ov, mine);

        CHECK(error == 0 || error == ERROR_IO_PENDING);
        CHECK_EQ(result_of(h, &ov, &n), 0);
        CHECK_EQ(__atomic_add_fetch(&inside, 1, __ATOMIC_RELAXED), 1);
        __atomic_sub_fetch(&inside, 1, __ATOMIC_RELAXED);
        CHECK_EQ(unlock(h, 0, 10), 0);
    }
    CloseHandle(mine);
    CloseHandle(h);
    return NULL;
}

static void many_threads_take_turns_and_nobody_is_forgotten(void)
{
    pthread_t thread[LOCKERS];

    disk_make("locks", "0123456789");
    for (int i = 0; i < LOCKERS; i++)
        thread[i] = comm_spawn(lock_in_turn, NULL);
    for (int i = 0; i < LOCKERS; i++)
        comm_join(thread[i]);
}

COMM_TEST_MAIN(TEST(a_free_range_is_granted_with_true),
               TEST(the_unlock_completes_it_before_it_returns),
               TEST(closing_the_owner_completes_it_too),
               TEST(cancelled_it_ends_with_995_and_locks_nothing),
               TEST(closing_its_own_handle_ends_it_with_995),
               TEST(others_on_the_handle_do_not_stand_in_line_behind_it),
               TEST(one_unlock_grants_to_all_who_share), TEST(it_leaves_a_packet_at_a_port),
               TEST(a_synchronous_handle_blocks_until_the_unlock),
               TEST(a_blocked_lock_can_be_cancelled_from_another_thread),
               TEST(a_blocked_lock_keeps_nobody_from_reading_the_rest),
               TEST(a_thread_that_ends_takes_its_locks_back),
               TEST(many_threads_take_turns_and_nobody_is_forgotten))
