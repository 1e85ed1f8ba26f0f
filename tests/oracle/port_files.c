/* SPDX-License-Identifier: MIT */
/* Which transfers on a file leave a packet: the ones that were started, well ended or not, and none
 * that was refused. Events, tagged events and GetOverlappedResult go beside the packet and do not
 * replace it. */
#include <windows.h>
#include "say.h"

#define KEY 4711

static HANDLE f, port, event;
static char buf[16] = "abcdefghij";

static void say_packet(const char *name, const OVERLAPPED *expected)
{
    OVERLAPPED *ov = NULL;
    ULONG_PTR key = 77;
    DWORD n = 77;

    SAY_BOOL(say_name(name, "packet"), GetQueuedCompletionStatus(port, &n, &key, &ov, 0));
    SAY(say_name(name, "packet.bytes"), n);
    SAY(say_name(name, "packet.key"), key);
    SAY(say_name(name, "packet.overlapped"), ov == expected && ov != NULL);
}

static void wait_done(const OVERLAPPED *ov)
{
    while (!HasOverlappedIoCompleted(ov))
        SleepEx(0, FALSE);
}

static void say_started(const char *name, DWORD offset, DWORD len, HANDLE with_event)
{
    OVERLAPPED ov = {0};

    ov.Offset = offset;
    ov.hEvent = with_event;
    SAY_BOOL(name, ReadFile(f, buf, len, NULL, &ov));
    wait_done(&ov);
    say_packet(name, &ov);
    if (with_event != NULL)
        SAY_WAIT(say_name(name, "event"), WaitForSingleObject(event, 0));
}

static void say_refused(const char *name, DWORD offset_high, HANDLE with_event)
{
    OVERLAPPED ov = {0};

    ov.OffsetHigh = offset_high;
    ov.hEvent = with_event;
    SAY_BOOL(name, ReadFile(f, buf, 4, NULL, &ov));
    say_packet(name, &ov);
}

static void say_result_and_packet(void)
{
    OVERLAPPED ov = {0};
    DWORD n = 99;

    SAY_BOOL("result", WriteFile(f, buf, 6, NULL, &ov));
    SAY_BOOL("result.result", GetOverlappedResult(f, &ov, &n, TRUE));
    SAY("result.bytes", n);
    say_packet("result", &ov);
}

static void say_copy(void)
{
    HANDLE self = GetCurrentProcess();
    OVERLAPPED ov = {0};
    HANDLE copy = NULL;

    DuplicateHandle(self, f, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    SAY_BOOL("copy", ReadFile(copy, buf, 2, NULL, &ov));
    wait_done(&ov);
    say_packet("copy", &ov);
    CloseHandle(copy);
}

/* A lock is granted at once, and leaves a packet as every call that was started does. */
static void say_lock(void)
{
    OVERLAPPED ov = {0};

    SAY_BOOL("lock",
             LockFileEx(f, LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 4, 0, &ov));
    say_packet("lock", &ov);
    SAY_BOOL("unlock", UnlockFileEx(f, 0, 4, 0, &ov));
    say_packet("unlock", &ov);
}

static VOID CALLBACK never(DWORD error, DWORD bytes, LPOVERLAPPED ov)
{
    (void)bytes;
    (void)ov;
    SAY("never.called", error);
}

static void say_routine(void)
{
    OVERLAPPED ov = {0};

    SAY_BOOL("routine", ReadFileEx(f, buf, 2, &ov, never));
    SAY_WAIT("routine.sleep", SleepEx(0, TRUE));
    say_packet("routine", &ov);
}

int main(void)
{
    make_file("ported", "0123456789");
    event = CreateEvent(NULL, TRUE, FALSE, NULL);
    f = open_file("ported", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    port = CreateIoCompletionPort(f, NULL, KEY, 0);
    say_started("read", 0, 4, NULL);
    say_started("across_end", 8, 4, NULL);
    say_started("past_end", 10, 4, NULL);
    say_started("nothing", 0, 0, NULL);
    say_started("with_event", 0, 4, event);
    ResetEvent(event);
    say_started("tagged_event", 0, 4, (HANDLE)((ULONG_PTR)event | 1));
    say_refused("negative_offset", 0x80000000, NULL);
    say_refused("stale_event", 0, stale_handle());
    say_result_and_packet();
    say_copy();
    say_lock();
    say_routine();
    CloseHandle(f);
    CloseHandle(port);
    CloseHandle(event);
    return 0;
}
