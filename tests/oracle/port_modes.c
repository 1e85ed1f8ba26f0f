/* SPDX-License-Identifier: MIT */
/* The two notification modes: no packet for what was done at once, and no signal on the file
 * object.  Modes stick. */
#include <windows.h>
#include "say.h"

#define SKIP_PORT FILE_SKIP_COMPLETION_PORT_ON_SUCCESS
#define SKIP_SET FILE_SKIP_SET_EVENT_ON_HANDLE

static char buf[16] = "abcdefghij";

static HANDLE open_modes(DWORD flags)
{
    return open_file("modes", GENERIC_READ | GENERIC_WRITE, OPEN_ALWAYS, flags);
}

static void write_some(HANDLE f, HANDLE event)
{
    OVERLAPPED ov = {0};

    ov.hEvent = event;
    WriteFile(f, buf, 4, NULL, &ov);
    while (!HasOverlappedIoCompleted(&ov))
        SleepEx(0, FALSE);
}

static void say_arguments(void)
{
    HANDLE f = open_modes(FILE_FLAG_OVERLAPPED);
    HANDLE synchronous = open_modes(0);

    SAY_BOOL("none", SetFileCompletionNotificationModes(f, 0));
    SAY_BOOL("unknown_bits", SetFileCompletionNotificationModes(f, 8));
    SAY_BOOL("skip_port", SetFileCompletionNotificationModes(f, SKIP_PORT));
    SAY_BOOL("skip_port_again", SetFileCompletionNotificationModes(f, SKIP_PORT));
    SAY_BOOL("synchronous", SetFileCompletionNotificationModes(synchronous, SKIP_PORT));
    SAY_BOOL("stale", SetFileCompletionNotificationModes(stale_handle(), SKIP_PORT));
    CloseHandle(f);
    CloseHandle(synchronous);
}

static void say_skip_set(void)
{
    HANDLE f = open_modes(FILE_FLAG_OVERLAPPED);
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);

    SAY_WAIT("signal.before", WaitForSingleObject(f, 0));
    SAY_BOOL("signal.skip_set", SetFileCompletionNotificationModes(f, SKIP_SET));
    SAY_WAIT("signal.taken_by_the_call", WaitForSingleObject(f, 0));
    write_some(f, NULL);
    SAY_WAIT("signal.not_set", WaitForSingleObject(f, 0));
    write_some(f, event);
    SAY_WAIT("signal.event_set", WaitForSingleObject(event, 0));
    SAY_BOOL("signal.clear", SetFileCompletionNotificationModes(f, 0));
    write_some(f, NULL);
    SAY_WAIT("signal.cannot_be_cleared", WaitForSingleObject(f, 0));
    CloseHandle(event);
    CloseHandle(f);
}

/* A transfer on a file answers 997, so it posts in spite of the mode. */
static void say_skip_port(void)
{
    HANDLE f = open_modes(FILE_FLAG_OVERLAPPED);
    HANDLE port = CreateIoCompletionPort(f, NULL, 9, 0);
    OVERLAPPED ov = {0};
    OVERLAPPED *done = NULL;
    ULONG_PTR key = 77;
    DWORD n = 77;

    SetFileCompletionNotificationModes(f, SKIP_PORT);
    SAY_BOOL("port.write", WriteFile(f, buf, 4, NULL, &ov));
    SAY_BOOL("port.packet", GetQueuedCompletionStatus(port, &n, &key, &done, 0));
    SAY("port.bytes", n);
    SAY_BOOL("port.lock", LockFileEx(f, LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &ov));
    SAY_BOOL("port.lock.packet", GetQueuedCompletionStatus(port, &n, &key, &done, 0));
    PostQueuedCompletionStatus(port, 3, 4, NULL);
    SAY_BOOL("port.posted", GetQueuedCompletionStatus(port, &n, &key, &done, 0));
    CloseHandle(f);
    CloseHandle(port);
}

int main(void)
{
    say_arguments();
    say_skip_set();
    say_skip_port();
    return 0;
}
