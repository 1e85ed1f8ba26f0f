/* SPDX-License-Identifier: MIT */
/* A file opened without FILE_FLAG_OVERLAPPED: with and without an OVERLAPPED a call returns when it
 * is done.  The OVERLAPPED then only says where, and the file position follows. */
#include <windows.h>
#include "say.h"

static HANDLE f, event;

static void say_transfer(const char *name, BOOL write, DWORD offset, DWORD len, int with_overlapped)
{
    OVERLAPPED ov = {0};
    char buf[32] = "abcdefghijklmnopqrstuvwxyz";
    DWORD n = 99;

    ov.Internal = 0x5555;
    ov.InternalHigh = 0x77;
    ov.Offset = offset;
    ov.hEvent = event;
    if (write)
        SAY_BOOL(name, WriteFile(f, buf, len, &n, with_overlapped ? &ov : NULL));
    else
        SAY_BOOL(name, ReadFile(f, buf, len, &n, with_overlapped ? &ov : NULL));
    SAY(say_name(name, "bytes"), n);
    SAY(say_name(name, "position"), SetFilePointer(f, 0, NULL, FILE_CURRENT));
    if (!with_overlapped)
        return;
    SAY_HEX(say_name(name, "internal"), ov.Internal);
    SAY(say_name(name, "internal_high"), ov.InternalHigh);
    SAY(say_name(name, "offset"), ov.Offset);
    SAY_WAIT(say_name(name, "event"), WaitForSingleObject(event, 0));
}

static void say_plain(void)
{
    say_transfer("read", FALSE, 0, 3, 0);
    say_transfer("read_on", FALSE, 0, 5, 0);
    say_transfer("read_across_end", FALSE, 0, 8, 0);
    say_transfer("read_at_end", FALSE, 0, 8, 0);
    say_transfer("read_nothing", FALSE, 0, 0, 0);
    SetFilePointer(f, 2, NULL, FILE_BEGIN);
    say_transfer("write", TRUE, 0, 2, 0);
    say_transfer("write_nothing", TRUE, 0, 0, 0);
}

static void say_with_overlapped(void)
{
    SetFilePointer(f, 1, NULL, FILE_BEGIN);
    say_transfer("ov_read", FALSE, 4, 2, 1);
    say_transfer("ov_read_across_end", FALSE, 8, 8, 1);
    SetEvent(event);
    say_transfer("ov_read_nothing_at_end", FALSE, 10, 0, 1);
    say_transfer("ov_write", TRUE, 3, 2, 1);
    ResetEvent(event);
    say_transfer("ov_write_gap", TRUE, 20, 1, 1);
    SAY("size", GetFileSize(f, NULL));
}

/* The end of the file is an immediate error here: the OVERLAPPED is not written, the count is
 * nothing. */
static void say_end(void)
{
    OVERLAPPED ov = {0};
    char buf[8];
    DWORD n = 99;

    ov.Offset = 100;
    SAY_BOOL("end", ReadFile(f, buf, 8, &n, &ov));
    SAY("end.bytes", n);
    SAY_HEX("end.internal", ov.Internal);
}

static void say_bad_event(void)
{
    OVERLAPPED ov = {0};
    char buf[8];
    DWORD n = 99;

    ov.hEvent = stale_handle();
    SAY_BOOL("bad_event", ReadFile(f, buf, 8, &n, &ov));
    SAY("bad_event.bytes", n);
    SAY_HEX("bad_event.internal", ov.Internal);
}

int main(void)
{
    make_file("plain", "0123456789");
    event = CreateEvent(NULL, TRUE, FALSE, NULL);
    f = open_file("plain", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    say_plain();
    say_with_overlapped();
    say_end();
    say_bad_event();
    CloseHandle(f);
    CloseHandle(event);
    return 0;
}
