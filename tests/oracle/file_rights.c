/* SPDX-License-Identifier: MIT */
/* What a handle may do was settled when the file was opened: a reader does not write, flush or cut,
 * and a writer does not read. */
#include <windows.h>
#include "say.h"

static void say_calls(const char *name, DWORD access)
{
    char buf[4] = "abc";
    DWORD n = 99;
    HANDLE f;

    make_file(name, "0123456789");
    f = open_file(name, access, OPEN_EXISTING, 0);
    SAY_BOOL(say_name(name, "read"), ReadFile(f, buf, 3, &n, NULL));
    SAY(say_name(name, "read.bytes"), n);
    n = 99;
    SAY_BOOL(say_name(name, "write"), WriteFile(f, buf, 3, &n, NULL));
    SAY(say_name(name, "write.bytes"), n);
    SAY_BOOL(say_name(name, "flush"), FlushFileBuffers(f));
    SAY(say_name(name, "seek"), SetFilePointer(f, 5, NULL, FILE_BEGIN));
    SAY_BOOL(say_name(name, "set_end"), SetEndOfFile(f));
    SAY(say_name(name, "size"), GetFileSize(f, NULL));
    SAY_BOOL(say_name(name, "close"), CloseHandle(f));
}

static void say_overlapped(const char *name, DWORD access)
{
    char buf[4] = "abc";
    OVERLAPPED ov = {0};
    DWORD n = 99;
    HANDLE f;

    make_file(name, "0123456789");
    f = open_file(name, access, OPEN_EXISTING, FILE_FLAG_OVERLAPPED);
    ov.hEvent = CreateEvent(NULL, TRUE, TRUE, NULL);
    ov.InternalHigh = 0x77;
    if (access == GENERIC_READ)
        SAY_BOOL(say_name(name, "write"), WriteFile(f, buf, 3, &n, &ov));
    else
        SAY_BOOL(say_name(name, "read"), ReadFile(f, buf, 3, &n, &ov));
    SAY(say_name(name, "bytes"), n);
    SAY_HEX(say_name(name, "internal"), ov.Internal);
    SAY_HEX(say_name(name, "internal_high"), ov.InternalHigh);
    SAY_WAIT(say_name(name, "event_untouched"), WaitForSingleObject(ov.hEvent, 0));
    CloseHandle(ov.hEvent);
    CloseHandle(f);
}

int main(void)
{
    say_calls("reader", GENERIC_READ);
    say_calls("writer", GENERIC_WRITE);
    say_calls("both", GENERIC_READ | GENERIC_WRITE);
    say_calls("query", 0);
    say_overlapped("overlapped_reader", GENERIC_READ);
    say_overlapped("overlapped_writer", GENERIC_WRITE);
    SAY_BOOL("stale.flush", FlushFileBuffers(stale_handle()));
    SAY_BOOL("stale.set_end", SetEndOfFile(stale_handle()));
    return 0;
}
