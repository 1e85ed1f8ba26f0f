/* SPDX-License-Identifier: MIT */
/* Making completion ports and tying files to them: once per file, overlapped files only, and no
 * port without a file in a call that names one. */
#include <windows.h>
#include "say.h"

static HANDLE overlapped_file(void)
{
    return open_file("ported", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
}

static void say_association(HANDLE port, HANDLE other_port)
{
    HANDLE self = GetCurrentProcess();
    HANDLE f = overlapped_file();
    HANDLE copy, result;

    SAY_HANDLE("associate", result, CreateIoCompletionPort(f, port, 7, 0));
    SAY("associate.returns_the_port", result == port);
    SAY_HANDLE("associate.again", result, CreateIoCompletionPort(f, port, 7, 0));
    SAY_HANDLE("associate.other_key", result, CreateIoCompletionPort(f, port, 8, 0));
    SAY_HANDLE("associate.other_port", result, CreateIoCompletionPort(f, other_port, 7, 0));
    SAY_HANDLE("associate.new_port", result, CreateIoCompletionPort(f, NULL, 7, 0));
    DuplicateHandle(self, f, self, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS);
    SAY_HANDLE("associate.copy", result, CreateIoCompletionPort(copy, other_port, 7, 0));
    CloseHandle(copy);
    CloseHandle(f);
}

static void say_refused(HANDLE port, HANDLE event)
{
    HANDLE f = open_file("ported", GENERIC_READ, OPEN_EXISTING, 0);
    HANDLE good = overlapped_file();
    HANDLE result;

    SAY_HANDLE("synchronous_file", result, CreateIoCompletionPort(f, port, 1, 0));
    SAY_HANDLE("synchronous_file.new_port", result, CreateIoCompletionPort(f, NULL, 1, 0));
    SAY_HANDLE("event_as_file", result, CreateIoCompletionPort(event, port, 1, 0));
    SAY_HANDLE("null_as_file", result, CreateIoCompletionPort(NULL, port, 1, 0));
    SAY_HANDLE("stale_as_file", result, CreateIoCompletionPort(stale_handle(), port, 1, 0));
    SAY_HANDLE("no_file_but_port", result,
               CreateIoCompletionPort(INVALID_HANDLE_VALUE, port, 1, 0));
    SAY_HANDLE("event_as_port", result, CreateIoCompletionPort(good, event, 1, 0));
    SAY_HANDLE("stale_as_port", result, CreateIoCompletionPort(good, stale_handle(), 1, 0));
    SAY_HANDLE("file_as_port", result, CreateIoCompletionPort(good, f, 1, 0));
    SAY_HANDLE("not_associated_by_failures", result, CreateIoCompletionPort(good, port, 1, 0));
    CloseHandle(good);
    CloseHandle(f);
}

static void say_new_with_file(void)
{
    HANDLE f = overlapped_file();
    OVERLAPPED ov = {0};
    OVERLAPPED *done = NULL;
    ULONG_PTR key = 0;
    DWORD n = 99;
    HANDLE port;

    SAY_HANDLE("new_with_file", port, CreateIoCompletionPort(f, NULL, 99, 2));
    WriteFile(f, "abcde", 5, NULL, &ov);
    SAY_BOOL("new_with_file.packet", GetQueuedCompletionStatus(port, &n, &key, &done, INFINITE));
    SAY("new_with_file.bytes", n);
    SAY("new_with_file.key", key);
    SAY("new_with_file.overlapped", done == &ov);
    CloseHandle(f);
    SAY_BOOL("port_outlives_file", PostQueuedCompletionStatus(port, 1, 2, NULL));
    SAY_BOOL("port_outlives_file.packet", GetQueuedCompletionStatus(port, &n, &key, &done, 0));
    SAY_BOOL("close", CloseHandle(port));
}

int main(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    HANDLE port, other_port;

    make_file("ported", "0123456789");
    SAY_HANDLE("new", port, CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0));
    SAY_HANDLE("new_with_key", other_port,
               CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 5, 1));
    say_association(port, other_port);
    say_refused(port, event);
    say_new_with_file();
    CloseHandle(port);
    CloseHandle(other_port);
    CloseHandle(event);
    return 0;
}
