/* SPDX-License-Identifier: MIT */
/* Cancelling where there is nothing to cancel: idle files, finished operations, threads that do no
 * I/O.  The three calls disagree about whether that is an error. */
#include <windows.h>
#include "say.h"

static char buf[16] = "abcdefghij";

static void say_idle_file(const char *name, DWORD flags)
{
    HANDLE f = open_file("idle", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, flags);
    OVERLAPPED ov = {0};

    SAY_BOOL(say_name(name, "cancel_io"), CancelIo(f));
    SAY_BOOL(say_name(name, "cancel_io_ex_all"), CancelIoEx(f, NULL));
    SAY_BOOL(say_name(name, "cancel_io_ex_never_issued"), CancelIoEx(f, &ov));
    CloseHandle(f);
}

static void say_finished(void)
{
    HANDLE f = open_file("idle", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov = {0};
    DWORD n = 99;

    WriteFile(f, buf, 10, NULL, &ov);
    GetOverlappedResult(f, &ov, &n, TRUE);
    SAY_BOOL("finished.cancel_io_ex", CancelIoEx(f, &ov));
    SAY_BOOL("finished.cancel_io", CancelIo(f));
    SAY_HEX("finished.internal", ov.Internal);
    SAY_BOOL("finished.result", GetOverlappedResult(f, &ov, &n, FALSE));
    SAY("finished.bytes", n);
    CloseHandle(f);
}

static DWORD WINAPI wait_for(LPVOID event)
{
    return WaitForSingleObject((HANDLE)event, INFINITE);
}

static void say_threads(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, wait_for, event, 0, NULL);

    SAY_BOOL("thread.waiting", CancelSynchronousIo(thread));
    SAY_WAIT("thread.still_waits", WaitForSingleObject(thread, 20));
    SetEvent(event);
    WaitForSingleObject(thread, INFINITE);
    SAY_BOOL("thread.ended", CancelSynchronousIo(thread));
    SAY_BOOL("thread.current", CancelSynchronousIo(GetCurrentThread()));
    SAY_BOOL("thread.event", CancelSynchronousIo(event));
    SAY_BOOL("thread.null", CancelSynchronousIo(NULL));
    SAY_BOOL("thread.stale", CancelSynchronousIo(stale_handle()));
    CloseHandle(thread);
    CloseHandle(event);
}

int main(void)
{
    OVERLAPPED ov = {0};

    make_file("idle", "0123456789");
    say_idle_file("overlapped", FILE_FLAG_OVERLAPPED);
    say_idle_file("synchronous", 0);
    say_finished();
    say_threads();
    SAY_BOOL("stale.cancel_io_ex", CancelIoEx(stale_handle(), &ov));
    SAY_BOOL("minus_one.cancel_io", CancelIo(INVALID_HANDLE_VALUE));
    return 0;
}
