/* SPDX-License-Identifier: MIT */
/* Byte-range locks between two handles of one file: what overlaps, what conflicts, and that a lock
 * binds the reads and writes of the other handle too.  Nothing here ever has to wait. */
#include <windows.h>
#include "say.h"

#define SHARED LOCKFILE_FAIL_IMMEDIATELY
#define EXCLUSIVE (LOCKFILE_FAIL_IMMEDIATELY | LOCKFILE_EXCLUSIVE_LOCK)

static HANDLE a, b;

static void say_lock(const char *name, HANDLE f, DWORD flags, DWORD offset, DWORD len)
{
    OVERLAPPED ov = {0};

    ov.Offset = offset;
    SAY_BOOL(name, LockFileEx(f, flags, 0, len, 0, &ov));
}

static void say_unlock(const char *name, HANDLE f, DWORD offset, DWORD len)
{
    OVERLAPPED ov = {0};

    ov.Offset = offset;
    SAY_BOOL(name, UnlockFileEx(f, 0, len, 0, &ov));
}

static void say_exclusive(void)
{
    say_lock("exclusive", a, EXCLUSIVE, 2, 4);
    say_lock("exclusive.other_exclusive", b, EXCLUSIVE, 5, 4);
    say_lock("exclusive.other_shared", b, SHARED, 0, 3);
    say_lock("exclusive.beside", b, EXCLUSIVE, 6, 2);
    say_lock("exclusive.same_handle_exclusive", a, EXCLUSIVE, 2, 4);
    say_unlock("exclusive.wrong_range", a, 2, 3);
    say_unlock("exclusive.wrong_owner", b, 2, 4);
    say_unlock("exclusive.unlock", a, 2, 4);
    say_unlock("exclusive.unlock_again", a, 2, 4);
    say_lock("exclusive.free_again", b, EXCLUSIVE, 2, 4);
    say_unlock("exclusive.b_first", b, 2, 4);
    say_unlock("exclusive.b_second", b, 6, 2);
}

static void say_shared(void)
{
    say_lock("shared", a, SHARED, 0, 10);
    say_lock("shared.other_shared", b, SHARED, 5, 10);
    say_lock("shared.other_exclusive", b, EXCLUSIVE, 0, 1);
    say_lock("shared.same_handle_shared", a, SHARED, 0, 10);
    say_unlock("shared.unlock_first", a, 0, 10);
    say_unlock("shared.unlock_second", a, 0, 10);
    say_unlock("shared.unlock_third", a, 0, 10);
    say_unlock("shared.unlock_other", b, 5, 10);
    say_lock("far", a, EXCLUSIVE, 1000000, 5);
    say_lock("far.conflict", b, SHARED, 1000004, 1);
    say_unlock("far.unlock", a, 1000000, 5);
    say_lock("empty_range", a, EXCLUSIVE, 3, 0);
    say_unlock("empty_range.unlock", a, 3, 0);
}

/* A handle may put a shared lock over its own exclusive one; the first unlock then takes the
 * exclusive one away. */
static void say_both(void)
{
    say_lock("both.exclusive", a, EXCLUSIVE, 0, 10);
    say_lock("both.shared", a, SHARED, 0, 10);
    say_lock("both.other_shared", b, SHARED, 0, 10);
    say_unlock("both.unlock_first", a, 0, 10);
    say_lock("both.other_shared_now", b, SHARED, 0, 10);
    say_lock("both.other_exclusive", b, EXCLUSIVE, 0, 10);
    say_unlock("both.unlock_second", a, 0, 10);
    say_unlock("both.unlock_other", b, 0, 10);
}

static void say_transfer(const char *name, HANDLE f, BOOL write, DWORD offset, DWORD len)
{
    OVERLAPPED ov = {0};
    char buf[16] = "abcdefghijklmno";
    DWORD n = 99;

    ov.Offset = offset;
    if (write)
        SAY_BOOL(name, WriteFile(f, buf, len, &n, &ov));
    else
        SAY_BOOL(name, ReadFile(f, buf, len, &n, &ov));
    SAY(say_name(name, "bytes"), n);
}

static void say_mandatory(void)
{
    say_lock("held", a, EXCLUSIVE, 2, 4);
    say_transfer("held.own_read", a, FALSE, 2, 4);
    say_transfer("held.other_read", b, FALSE, 0, 3);
    say_transfer("held.other_write", b, TRUE, 5, 3);
    say_transfer("held.other_read_beside", b, FALSE, 6, 2);
    say_unlock("held.unlock", a, 2, 4);
    say_transfer("free.other_read", b, FALSE, 0, 3);
    say_lock("read_only", a, SHARED, 2, 4);
    say_transfer("read_only.other_read", b, FALSE, 2, 4);
    say_transfer("read_only.other_write", b, TRUE, 2, 4);
    say_transfer("read_only.own_write", a, TRUE, 2, 4);
    say_unlock("read_only.unlock", a, 2, 4);
}

int main(void)
{
    OVERLAPPED ov = {0};

    make_file("locks", "0123456789");
    a = open_file("locks", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    b = open_file("locks", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    say_exclusive();
    say_shared();
    say_both();
    say_mandatory();
    SAY_BOOL("reserved", LockFileEx(a, EXCLUSIVE, 1, 4, 0, &ov));
    say_lock("closing", a, EXCLUSIVE, 0, 10);
    CloseHandle(a);
    say_lock("closed_releases", b, EXCLUSIVE, 0, 10);
    CloseHandle(b);
    SAY_BOOL("stale.lock", LockFileEx(stale_handle(), EXCLUSIVE, 0, 4, 0, &ov));
    SAY_BOOL("stale.unlock", UnlockFileEx(stale_handle(), 0, 4, 0, &ov));
    return 0;
}
