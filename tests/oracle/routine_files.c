/* SPDX-License-Identifier: MIT */
/* ReadFileEx and WriteFileEx on files: the data is there before the routine runs, the routine runs
 * only in an alertable wait of the issuing thread, and a call that failed never leads to one. */
#include <windows.h>
#include "say.h"

static HANDLE f;
static char buf[32] = "abcdefghijklmnopqrstuvwxyz";

static DWORD calls, order, last_error, last_bytes, caller;

/* The event member belongs to the caller here: it carries a digit. */
static VOID CALLBACK note(DWORD error, DWORD bytes, LPOVERLAPPED ov)
{
    calls++;
    order = order * 10 + (DWORD)(ULONG_PTR)ov->hEvent;
    last_error = error;
    last_bytes = bytes;
    caller = GetCurrentThreadId();
}

static OVERLAPPED at(DWORD offset, DWORD digit)
{
    OVERLAPPED ov = {0};

    ov.Offset = offset;
    ov.hEvent = (HANDLE)(ULONG_PTR)digit;
    calls = order = 0;
    last_error = last_bytes = 99;
    return ov;
}

static void say_noted(const char *name)
{
    SAY(say_name(name, "calls"), calls);
    SAY(say_name(name, "error"), last_error);
    SAY(say_name(name, "bytes"), last_bytes);
}

static void wait_done(const OVERLAPPED *ov)
{
    while (!HasOverlappedIoCompleted(ov))
        SleepEx(0, FALSE);
}

static void say_write(void)
{
    OVERLAPPED ov = at(0, 1);

    SAY_BOOL("write", WriteFileEx(f, buf, 10, &ov, note));
    wait_done(&ov);
    SAY_HEX("write.internal", ov.Internal);
    SAY("write.internal_high", ov.InternalHigh);
    SAY_WAIT("write.plain_sleep", SleepEx(0, FALSE));
    SAY_WAIT("write.plain_wait", WaitForSingleObject(f, 0));
    SAY("write.not_yet", calls);
    SAY_WAIT("write.alertable_sleep", SleepEx(0, TRUE));
    say_noted("write");
    SAY("write.on_the_issuing_thread", caller == GetCurrentThreadId());
    SAY_WAIT("write.once_only", SleepEx(0, TRUE));
}

static void say_order(void)
{
    OVERLAPPED ov[3];
    DWORD i, issued = 0;

    for (i = 0; i < 3; i++)
        ov[i] = at(i * 3, i + 1);
    for (i = 0; i < 3; i++)
        issued += ReadFileEx(f, buf + i * 3, 3, &ov[i], note) != 0;
    SAY("order.issued", issued);
    for (i = 0; i < 3; i++)
        wait_done(&ov[i]);
    SAY_WAIT("order.sleep", SleepEx(INFINITE, TRUE));
    SAY("order", order);
}

/* Either the call says 38 or the routine does. */
static void say_end(void)
{
    OVERLAPPED ov = at(100, 1);
    DWORD error = 0;

    if (!ReadFileEx(f, buf, 4, &ov, note)) {
        error = GetLastError();
    } else {
        SleepEx(INFINITE, TRUE);
        error = last_error;
    }
    SAY("end.reported", error);
}

static void say_refused(void)
{
    OVERLAPPED ov = at(0, 1);

    ov.OffsetHigh = 0x80000000;
    SAY_BOOL("refused.negative", ReadFileEx(f, buf, 4, &ov, note));
    SAY_BOOL("refused.stale", ReadFileEx(stale_handle(), buf, 4, &ov, note));
    SAY_BOOL("refused.null", WriteFileEx(NULL, buf, 4, &ov, note));
    SAY_WAIT("refused.sleep", SleepEx(0, TRUE));
    SAY("refused.calls", calls);
}

static DWORD WINAPI issue_and_die(LPVOID overlapped)
{
    return ReadFileEx(f, buf, 4, (OVERLAPPED *)overlapped, note) ? 0 : GetLastError();
}

static void say_dead_thread(void)
{
    OVERLAPPED ov = at(0, 1);
    HANDLE thread = CreateThread(NULL, 0, issue_and_die, &ov, 0, NULL);
    DWORD code = 99;

    WaitForSingleObject(thread, INFINITE);
    GetExitCodeThread(thread, &code);
    CloseHandle(thread);
    SAY("dead_thread.issue", code);
    SAY_WAIT("dead_thread.sleep", SleepEx(0, TRUE));
    SAY("dead_thread.calls", calls);
}

static void say_synchronous(void)
{
    HANDLE s = open_file("routines", GENERIC_READ, OPEN_EXISTING, 0);
    OVERLAPPED ov = at(0, 1);

    SAY_BOOL("synchronous", ReadFileEx(s, buf, 4, &ov, note));
    SAY_WAIT("synchronous.sleep", SleepEx(0, TRUE));
    SAY("synchronous.calls", calls);
    CloseHandle(s);
}

int main(void)
{
    f = open_file("routines", GENERIC_READ | GENERIC_WRITE, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED);
    say_write();
    say_order();
    say_end();
    say_refused();
    say_dead_thread();
    say_synchronous();
    CloseHandle(f);
    return 0;
}
