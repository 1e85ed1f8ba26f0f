/* SPDX-License-Identifier: MIT */
/* The file object itself can be waited for: it starts out signalled, every operation resets it, and
 * only an operation without an event of its own sets it again. */
#include <windows.h>
#include "say.h"

static void write_some(HANDLE f, HANDLE event)
{
    OVERLAPPED ov = {0};
    DWORD n;

    ov.hEvent = event;
    if (!WriteFile(f, "abc", 3, &n, &ov) && GetLastError() != ERROR_IO_PENDING)
        SAY_BOOL("write_some", FALSE);
    while (!HasOverlappedIoCompleted(&ov))
        SleepEx(0, FALSE);
}

static void say_overlapped(HANDLE event)
{
    HANDLE f =
        open_file("signal", GENERIC_READ | GENERIC_WRITE, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED);

    SAY_WAIT("new", WaitForSingleObject(f, 0));
    SAY_WAIT("new.not_taken", WaitForSingleObject(f, 0));
    write_some(f, event);
    SAY_WAIT("with_event.file", WaitForSingleObject(f, 0));
    SAY_WAIT("with_event.event", WaitForSingleObject(event, 0));
    ResetEvent(event);
    write_some(f, NULL);
    SAY_WAIT("without_event.file", WaitForSingleObject(f, 0));
    SAY_WAIT("without_event.again", WaitForSingleObject(f, 0));
    SAY_WAIT("without_event.event", WaitForSingleObject(event, 0));
    SAY_BOOL("set_event_on_file", SetEvent(f));
    CloseHandle(f);
}

static void say_duplicate(HANDLE event)
{
    HANDLE self = GetCurrentProcess();
    HANDLE f =
        open_file("signal", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    HANDLE other =
        open_file("signal", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    HANDLE copy = NULL;

    DuplicateHandle(self, f, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    write_some(f, event);
    SAY_WAIT("copy.shares_the_signal", WaitForSingleObject(copy, 0));
    SAY_WAIT("other_open.has_its_own", WaitForSingleObject(other, 0));
    write_some(copy, NULL);
    SAY_WAIT("source.shares_the_signal", WaitForSingleObject(f, 0));
    CloseHandle(f);
    CloseHandle(copy);
    CloseHandle(other);
}

static void say_synchronous(void)
{
    HANDLE f = open_file("signal", GENERIC_READ, OPEN_EXISTING, 0);
    char buf[4];
    DWORD n;

    SAY_WAIT("synchronous.new", WaitForSingleObject(f, 0));
    ReadFile(f, buf, 2, &n, NULL);
    SAY_WAIT("synchronous.after_read", WaitForSingleObject(f, 0));
    CloseHandle(f);
}

int main(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);

    say_overlapped(event);
    say_duplicate(event);
    say_synchronous();
    CloseHandle(event);
    return 0;
}
