/* SPDX-License-Identifier: MIT */
/* A duplicate is a second name for the same object: state, file position and life are shared,
 * rights are its own. Closing one name leaves the other alone. */
#include "say.h"
#include <windows.h>

static HANDLE duplicate(const char *name, HANDLE source, DWORD access, DWORD options)
{
    HANDLE copy = NULL;
    HANDLE self = GetCurrentProcess();

    SAY_BOOL(name, DuplicateHandle(self, source, self, &copy, access, FALSE, options));
    return copy;
}

static void say_events(void)
{
    HANDLE e = CreateEvent(NULL, TRUE, FALSE, NULL);
    HANDLE copy = duplicate("event", e, 0, DUPLICATE_SAME_ACCESS);
    HANDLE moved;

    SAY("event.another_value", copy != e);
    SetEvent(copy);
    SAY_WAIT("event.set_through_copy", WaitForSingleObject(e, 0));
    CloseHandle(e);
    SAY_WAIT("event.after_source_closed", WaitForSingleObject(copy, 0));
    moved =
        duplicate("event.close_source", copy, 0, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE);
    SAY("event.close_source.same_value", moved == copy);
    SAY_WAIT("event.close_source.wait", WaitForSingleObject(moved, 0));
    SAY_BOOL("event.close_source.close", CloseHandle(moved));
    SAY_BOOL("event.close_source.close_again", CloseHandle(moved));
}

static void say_protected(void)
{
    HANDLE e = CreateEvent(NULL, TRUE, TRUE, NULL);
    HANDLE copy;

    SetHandleInformation(e, HANDLE_FLAG_PROTECT_FROM_CLOSE, HANDLE_FLAG_PROTECT_FROM_CLOSE);
    copy =
        duplicate("protected.close_source", e, 0, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE);
    SAY("protected.close_source.same_value", copy == e);
    SAY_WAIT("protected.source", WaitForSingleObject(e, 0));
    SAY_BOOL("protected.copy.close", CloseHandle(copy));
    SetHandleInformation(e, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0);
    SAY_BOOL("protected.source.close", CloseHandle(e));
}

static void say_rights(void)
{
    HANDLE e = CreateEvent(NULL, TRUE, FALSE, NULL);
    HANDLE set_only = duplicate("rights.modify", e, EVENT_MODIFY_STATE, 0);
    HANDLE wait_only = duplicate("rights.synchronize", e, SYNCHRONIZE, 0);

    SAY_BOOL("rights.modify.set", SetEvent(set_only));
    SAY_WAIT("rights.modify.wait", WaitForSingleObject(set_only, 0));
    SAY_WAIT("rights.synchronize.wait", WaitForSingleObject(wait_only, 0));
    SAY_BOOL("rights.synchronize.set", SetEvent(wait_only));
    CloseHandle(set_only);
    CloseHandle(wait_only);
    CloseHandle(e);
}

static void say_file_position(void)
{
    HANDLE f, copy;
    char buf[8];
    DWORD n = 0;

    make_file("position", "0123456789");
    f = open_file("position", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    copy = duplicate("file", f, GENERIC_READ, 0);
    ReadFile(f, buf, 4, &n, NULL);
    SAY("file.position_of_copy", SetFilePointer(copy, 0, NULL, FILE_CURRENT));
    SAY_BOOL("file.read_through_copy", ReadFile(copy, buf, 3, &n, NULL));
    SAY("file.position_of_source", SetFilePointer(f, 0, NULL, FILE_CURRENT));
    SAY_BOOL("file.write_through_read_copy", WriteFile(copy, buf, 1, &n, NULL));
    CloseHandle(f);
    SAY_BOOL("file.read_after_source_closed", ReadFile(copy, buf, 3, &n, NULL));
    CloseHandle(copy);
}

int main(void)
{
    HANDLE me;

    say_events();
    say_protected();
    say_rights();
    say_file_position();
    duplicate("stale", stale_handle(), 0, DUPLICATE_SAME_ACCESS);
    duplicate("null", NULL, 0, DUPLICATE_SAME_ACCESS);
    me = duplicate("thread", GetCurrentThread(), 0, DUPLICATE_SAME_ACCESS);
    SAY("thread.real", me != NULL && me != GetCurrentThread());
    SAY_WAIT("thread.wait", WaitForSingleObject(me, 0));
    CloseHandle(me);
    return 0;
}
