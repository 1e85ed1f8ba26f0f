/* SPDX-License-Identifier: MIT */
/* Byte-range locks between handles of one process: what overlaps, what conflicts, and that reads
 * and writes are bound by them.  Nothing here has to wait. */
#include "disk.h"

#define SHARED LOCKFILE_FAIL_IMMEDIATELY
#define EXCLUSIVE (LOCKFILE_FAIL_IMMEDIATELY | LOCKFILE_EXCLUSIVE_LOCK)
#define CONFLICT ERROR_LOCK_VIOLATION
#define UNLOCKED ERROR_NOT_LOCKED

enum { A, B };

static HANDLE h[2];

static void open_both(void)
{
    h[A] = disk_new("locks", "0123456789", 0);
    h[B] = disk_open(disk_path("locks"), DISK_RW, OPEN_EXISTING, 0);
}

static void close_both(void)
{
    CloseHandle(h[A]);
    CloseHandle(h[B]);
}

static DWORD lock(HANDLE f, DWORD flags, uint64_t offset, uint64_t len)
{
    OVERLAPPED ov = disk_at(offset, NULL);

    return outcome(LockFileEx(f, flags, 0, (DWORD)len, (DWORD)(len >> 32), &ov));
}

static DWORD unlock(HANDLE f, uint64_t offset, uint64_t len)
{
    OVERLAPPED ov = disk_at(offset, NULL);

    return outcome(UnlockFileEx(f, 0, (DWORD)len, (DWORD)(len >> 32), &ov));
}

enum what { LOCK_SHARED, LOCK_EXCLUSIVE, UNLOCK };

static const struct step {
    const char *when;
    int who;
    enum what what;
    uint64_t offset, len;
    DWORD error;
} steps[] = {
    {"an exclusive lock",                           A, LOCK_EXCLUSIVE, 2,                4,          0                       },
    {"another's exclusive one over its end",        B, LOCK_EXCLUSIVE, 5,                4,          CONFLICT                },
    {"another's shared one over its start",         B, LOCK_SHARED,    0,                3,          CONFLICT                },
    {"another's beside it",                         B, LOCK_EXCLUSIVE, 6,                2,          0                       },
    {"one's own exclusive one twice",               A, LOCK_EXCLUSIVE, 2,                4,          CONFLICT                },
    {"unlocking a part",                            A, UNLOCK,         2,                3,          UNLOCKED                },
    {"unlocking somebody else's",                   B, UNLOCK,         2,                4,          UNLOCKED                },
    {"unlocking",                                   A, UNLOCK,         2,                4,          0                       },
    {"unlocking again",                             A, UNLOCK,         2,                4,          UNLOCKED                },
    {"what was unlocked is free",                   B, LOCK_EXCLUSIVE, 2,                4,          0                       },
    {"and goes in pieces as it came: one",          B, UNLOCK,         2,                4,          0                       },
    {"and two",                                     B, UNLOCK,         6,                2,          0                       },
    {"a shared lock",                               A, LOCK_SHARED,    0,                10,         0                       },
    {"another's shared one",                        B, LOCK_SHARED,    5,                10,         0                       },
    {"another's exclusive one over a shared one",   B, LOCK_EXCLUSIVE, 0,                1,          CONFLICT                },
    {"one's own exclusive over one's own shared",   A, LOCK_EXCLUSIVE, 0,                1,          CONFLICT                },
    {"one's own shared one twice",                  A, LOCK_SHARED,    0,                10,         0                       },
    {"which is unlocked twice: first",              A, UNLOCK,         0,                10,         0                       },
    {"which is unlocked twice: second",             A, UNLOCK,         0,                10,         0                       },
    {"and no third time",                           A, UNLOCK,         0,                10,         UNLOCKED                },
    {"the other's is still there",                  B, UNLOCK,         5,                10,         0                       },
    {"exclusive, then",                             A, LOCK_EXCLUSIVE, 0,                10,         0                       },
    {"one's own shared one over it",                A, LOCK_SHARED,    0,                10,         0                       },
    {"still exclusive to others",                   B, LOCK_SHARED,    0,                10,         CONFLICT                },
    {"the first unlock takes the exclusive one",    A, UNLOCK,         0,                10,         0                       },
    {"so another may share",                        B, LOCK_SHARED,    0,                10,         0                       },
    {"and not exclude",                             B, LOCK_EXCLUSIVE, 0,                10,         CONFLICT                },
    {"the second takes the shared one",             A, UNLOCK,         0,                10,         0                       },
    {"and the other's own",                         B, UNLOCK,         0,                10,         0                       },
    {"far behind the end",                          A, LOCK_EXCLUSIVE, 1000000,          5,          0                       },
    {"conflicts there too",                         B, LOCK_SHARED,    1000004,          1,          CONFLICT                },
    {"and goes",                                    A, UNLOCK,         1000000,          5,          0                       },
    {"above what the kernel can lock",              A, LOCK_EXCLUSIVE, 1ULL << 63,       5,          0                       },
    {"conflicts all the same",                      B, LOCK_EXCLUSIVE, (1ULL << 63) + 4, 1,          CONFLICT                },
    {"and goes",                                    A, UNLOCK,         1ULL << 63,       5,          0                       },
    {"everything from byte 1 on",                   A, LOCK_EXCLUSIVE, 1,                UINT64_MAX, 0                       },
    {"includes the last byte there is",             B, LOCK_SHARED,    UINT64_MAX,       1,          CONFLICT                },
    {"and not the first",                           B, LOCK_SHARED,    0,                1,          0                       },
    {"and goes",                                    A, UNLOCK,         1,                UINT64_MAX, 0                       },
    {"the first goes",                              B, UNLOCK,         0,                1,          0                       },
    {"a range that wraps",                          A, LOCK_EXCLUSIVE, 2,                UINT64_MAX, ERROR_INVALID_LOCK_RANGE},
    {"unlocking one",                               A, UNLOCK,         UINT64_MAX,       2,          ERROR_INVALID_LOCK_RANGE},
    {"no bytes",                                    A, LOCK_EXCLUSIVE, 3,                0,          0                       },
    {"are in nobody's way at the start of a range", B, LOCK_EXCLUSIVE, 3,                4,          0                       },
    {"but cannot be locked inside of one",          A, LOCK_EXCLUSIVE, 5,                0,          CONFLICT                },
    {"and go",                                      A, UNLOCK,         3,                0,          0                       },
    {"only once",                                   A, UNLOCK,         3,                0,          UNLOCKED                },
    {"the last one goes",                           B, UNLOCK,         3,                4,          0                       },
};

static void a_lock_is_granted_or_refused_at_once(void)
{
    open_both();
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        const struct step *s = &steps[i];
        DWORD flags = s->what == LOCK_EXCLUSIVE ? EXCLUSIVE : SHARED;

        CHECK_EQ_WHEN(s->when,
                      s->what == UNLOCK ? unlock(h[s->who], s->offset, s->len)
                                        : lock(h[s->who], flags, s->offset, s->len),
                      s->error);
    }
    close_both();
}

static DWORD transfer(HANDLE f, bool write, DWORD offset, DWORD len)
{
    OVERLAPPED ov = disk_at(offset, NULL);
    char buf[16] = "abcdefghijklmno";
    DWORD n = 99, error;

    error = outcome(write ? WriteFile(f, buf, len, &n, &ov) : ReadFile(f, buf, len, &n, &ov));
    CHECK_EQ(n, error == 0 ? len : 0);
    return error;
}

static void reads_and_writes_are_bound_by_the_locks_of_other_handles(void)
{
    open_both();
    CHECK_EQ(lock(h[A], EXCLUSIVE, 2, 4), 0);
    CHECK_EQ(transfer(h[A], false, 2, 4), 0);
    CHECK_EQ(transfer(h[A], true, 2, 4), 0);
    CHECK_EQ(transfer(h[B], false, 0, 3), CONFLICT);
    CHECK_EQ(transfer(h[B], true, 5, 3), CONFLICT);
    CHECK_EQ(transfer(h[B], false, 6, 2), 0);
    CHECK_EQ(transfer(h[B], false, 3, 0), 0);
    CHECK_EQ(unlock(h[A], 2, 4), 0);
    CHECK_EQ(transfer(h[B], false, 0, 3), 0);
    close_both();
}

static void a_shared_lock_makes_a_range_read_only_for_everybody(void)
{
    open_both();
    CHECK_EQ(lock(h[A], SHARED, 2, 4), 0);
    CHECK_EQ(transfer(h[B], false, 2, 4), 0);
    CHECK_EQ(transfer(h[B], true, 2, 4), CONFLICT);
    CHECK_EQ(transfer(h[A], true, 2, 4), CONFLICT);
    CHECK_EQ(unlock(h[A], 2, 4), 0);
    close_both();
}

static void transfers_at_the_position_and_at_the_end_are_bound_too(void)
{
    OVERLAPPED end = disk_at(UINT64_MAX, NULL);
    char byte;
    DWORD n;

    open_both();
    CHECK_EQ(lock(h[A], EXCLUSIVE, 4, 100), 0);
    CHECK_EQ(SetFilePointer(h[B], 4, NULL, FILE_BEGIN), 4);
    CHECK_EQ(outcome(ReadFile(h[B], &byte, 1, &n, NULL)), CONFLICT);
    CHECK_EQ(position_of(h[B]), 4);
    CHECK_EQ(outcome(WriteFile(h[B], "x", 1, &n, &end)), CONFLICT);
    CHECK(disk_holds(disk_path("locks"), "0123456789"));
    close_both();
}

static void a_refused_overlapped_transfer_fails_at_once(void)
{
    HANDLE event = disk_event(), other;
    OVERLAPPED ov = disk_at(2, event);
    char buf[4];

    open_both();
    other = disk_open(disk_path("locks"), DISK_RW, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    CHECK_EQ(lock(h[A], EXCLUSIVE, 2, 4), 0);
    CHECK_EQ(outcome(ReadFile(other, buf, 4, NULL, &ov)), CONFLICT);
    CHECK_EQ(ov.Internal, STATUS_PENDING);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CloseHandle(other);
    close_both();
    CloseHandle(event);
}

static void the_short_forms_lock_exclusively_and_never_wait(void)
{
    open_both();
    CHECK(LockFile(h[A], 2, 0, 4, 0));
    CHECK_EQ(outcome(LockFile(h[B], 5, 0, 1, 0)), CONFLICT);
    CHECK_EQ(lock(h[B], SHARED, 5, 1), CONFLICT);
    CHECK_EQ(outcome(UnlockFile(h[B], 2, 0, 4, 0)), UNLOCKED);
    CHECK(UnlockFile(h[A], 2, 0, 4, 0));
    CHECK(LockFile(h[B], 0, 1, 0, 1)); /* 4 GiB from 4 GiB on */
    CHECK_EQ(outcome(LockFile(h[A], 0xFFFFFFFF, 1, 1, 0)), CONFLICT);
    CHECK(LockFile(h[A], 0, 2, 1, 0));
    CHECK_EQ(outcome(LockFile(h[A], 0, 0xFFFFFFFF, 0, 0xFFFFFFFF)), ERROR_INVALID_LOCK_RANGE);
    close_both();
}

static void closing_a_handle_gives_its_locks_back(void)
{
    HANDLE copy = NULL;

    open_both();
    CHECK_EQ(lock(h[A], EXCLUSIVE, 0, 10), 0);
    CHECK(DuplicateHandle(GetCurrentProcess(), h[A], GetCurrentProcess(), &copy, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    CloseHandle(h[A]);
    CHECK_EQ(lock(h[B], EXCLUSIVE, 0, 10), CONFLICT); /* the duplicate holds them too */
    CloseHandle(copy);
    CHECK_EQ(lock(h[B], EXCLUSIVE, 0, 10), 0);
    CloseHandle(h[B]);
}

static void what_makes_no_sense_is_refused(void)
{
    OVERLAPPED ov = disk_at(0, NULL);
    HANDLE event = disk_event(), facts;

    open_both();
    facts = disk_open(disk_path("locks"), 0, OPEN_EXISTING, 0);
    CHECK_EQ(outcome(LockFileEx(h[A], EXCLUSIVE, 1, 4, 0, &ov)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(UnlockFileEx(h[A], 1, 4, 0, &ov)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(LockFileEx(h[A], EXCLUSIVE, 0, 4, 0, NULL)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(UnlockFileEx(h[A], 0, 4, 0, NULL)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(lock(facts, SHARED, 0, 4), ERROR_ACCESS_DENIED);
    CHECK_EQ(lock(event, SHARED, 0, 4), ERROR_INVALID_HANDLE);
    CloseHandle(facts);
    close_both();
    CHECK_EQ(lock(h[A], EXCLUSIVE, 0, 4), ERROR_INVALID_HANDLE);
    CHECK_EQ(unlock(h[A], 0, 4), ERROR_INVALID_HANDLE);
    CloseHandle(event);
}

COMM_TEST_MAIN(TEST(a_lock_is_granted_or_refused_at_once),
               TEST(reads_and_writes_are_bound_by_the_locks_of_other_handles),
               TEST(a_shared_lock_makes_a_range_read_only_for_everybody),
               TEST(transfers_at_the_position_and_at_the_end_are_bound_too),
               TEST(a_refused_overlapped_transfer_fails_at_once),
               TEST(the_short_forms_lock_exclusively_and_never_wait),
               TEST(closing_a_handle_gives_its_locks_back), TEST(what_makes_no_sense_is_refused))
