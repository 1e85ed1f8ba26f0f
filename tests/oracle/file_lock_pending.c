/* SPDX-License-Identifier: MIT */
/* A lock that is not free, asked for through an overlapped handle: it is a pending operation like
 * any other, ended by the unlock, by cancelling, or by closing. */
#include <windows.h>
#include "say.h"

#define PATIENCE_MS 2000 /* only an oracle that never signals uses it up */

static HANDLE owner, event;

static void say_ov(const char *name, const OVERLAPPED *ov)
{
    SAY_HEX(say_name(name, "internal"), ov->Internal);
    SAY(say_name(name, "internal_high"), ov->InternalHigh);
}

static HANDLE open_locks(void)
{
    return open_file("locks", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
}

static BOOL lock_all(HANDLE f, OVERLAPPED *ov)
{
    OVERLAPPED fresh = {0};

    *ov = fresh;
    ov->hEvent = event;
    ov->InternalHigh = 0x77;
    return LockFileEx(f, LOCKFILE_EXCLUSIVE_LOCK, 0, 10, 0, ov);
}

static BOOL unlock_all(HANDLE f)
{
    OVERLAPPED ov = {0};

    return UnlockFileEx(f, 0, 10, 0, &ov);
}

static void say_granted_at_once(void)
{
    OVERLAPPED ov;

    SAY_BOOL("granted", lock_all(owner, &ov));
    say_ov("granted", &ov);
    SAY_WAIT("granted.event", WaitForSingleObject(event, 0));
    SAY_BOOL("granted.unlock", unlock_all(owner));
    SetEvent(event);
}

static void say_granted_later(HANDLE f)
{
    OVERLAPPED ov;
    DWORD n = 99;

    lock_all(owner, &ov);
    SAY_BOOL("pending", lock_all(f, &ov));
    SAY_WAIT("pending.event", WaitForSingleObject(event, 0));
    say_ov("pending", &ov);
    SAY_BOOL("pending.poll", GetOverlappedResult(f, &ov, &n, FALSE));
    unlock_all(owner);
    SAY_WAIT("later.event", WaitForSingleObject(event, PATIENCE_MS));
    say_ov("later", &ov);
    SAY_BOOL("later.unlock", unlock_all(f));
}

static void say_cancelled(HANDLE f)
{
    OVERLAPPED ov;
    DWORD n = 99;

    lock_all(owner, &ov);
    lock_all(f, &ov);
    SAY_BOOL("cancel", CancelIoEx(f, &ov));
    SAY_WAIT("cancel.event", WaitForSingleObject(event, PATIENCE_MS));
    SAY_HEX("cancel.internal", ov.Internal);
    SAY_BOOL("cancel.result", GetOverlappedResult(f, &ov, &n, FALSE));
    unlock_all(owner);
    SAY_BOOL("cancel.not_locked", unlock_all(f));
}

static void say_closed(HANDLE f)
{
    OVERLAPPED ov;

    lock_all(owner, &ov);
    lock_all(f, &ov);
    SAY_BOOL("close", CloseHandle(f));
    SAY_WAIT("close.event", WaitForSingleObject(event, 0));
    SAY_HEX("close.internal", ov.Internal);
    unlock_all(owner);
    SAY_BOOL("close.free_again", lock_all(owner, &ov));
}

int main(void)
{
    HANDLE f;

    make_file("locks", "0123456789");
    event = CreateEvent(NULL, TRUE, FALSE, NULL);
    owner = open_locks();
    f = open_locks();
    say_granted_at_once();
    say_granted_later(f);
    say_cancelled(f);
    say_closed(f);
    CloseHandle(owner);
    CloseHandle(event);
    return 0;
}
