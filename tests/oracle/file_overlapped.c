/* SPDX-License-Identifier: MIT */
/* A file opened with FILE_FLAG_OVERLAPPED: transfers answer 997 and are finished all the same, by
 * the OVERLAPPED's offset, with the file position standing still.  What is wrong from the start is
 * refused and leaves no trace. */
#include <windows.h>
#include "say.h"

static HANDLE f, event;
static char buf[32] = "abcdefghijklmnopqrstuvwxyz";

static void say_ov(const char *name, const OVERLAPPED *ov)
{
    SAY_HEX(say_name(name, "internal"), ov->Internal);
    SAY(say_name(name, "internal_high"), ov->InternalHigh);
    SAY_WAIT(say_name(name, "event"), WaitForSingleObject(event, 0));
}

static OVERLAPPED at(DWORD high, DWORD low)
{
    OVERLAPPED ov = {0};

    ov.InternalHigh = 0x77;
    ov.Offset = low;
    ov.OffsetHigh = high;
    ov.hEvent = event;
    return ov;
}

static void say_transfer(const char *name, BOOL write, DWORD offset, DWORD len)
{
    OVERLAPPED ov = at(0, offset);
    DWORD n = 99;

    if (write)
        SAY_BOOL(name, WriteFile(f, buf, len, &n, &ov));
    else
        SAY_BOOL(name, ReadFile(f, buf, len, &n, &ov));
    SAY_BOOL(say_name(name, "result"), GetOverlappedResult(f, &ov, &n, TRUE));
    SAY(say_name(name, "bytes"), n);
    say_ov(name, &ov);
}

/* Finished when the call returns: nothing is waited for here. */
static void say_at_once(void)
{
    OVERLAPPED ov = at(0, 0);
    DWORD n = 99;

    SAY_BOOL("at_once", WriteFile(f, buf, 10, &n, &ov));
    SAY("at_once.bytes", n);
    SAY("at_once.completed", HasOverlappedIoCompleted(&ov) ? 1 : 0);
    say_ov("at_once", &ov);
}

static void say_refused(const char *name, BOOL write, DWORD high, DWORD low, int with_overlapped)
{
    OVERLAPPED ov = at(high, low);
    DWORD n = 99;

    ResetEvent(event);
    if (write)
        SAY_BOOL(name, WriteFile(f, buf, 4, &n, with_overlapped ? &ov : NULL));
    else
        SAY_BOOL(name, ReadFile(f, buf, 4, &n, with_overlapped ? &ov : NULL));
    SAY(say_name(name, "bytes"), n);
    if (with_overlapped)
        say_ov(name, &ov);
}

static void say_bad_event(void)
{
    OVERLAPPED ov = at(0, 0);
    DWORD n = 99;

    ov.hEvent = stale_handle();
    SAY_BOOL("bad_event", ReadFile(f, buf, 4, &n, &ov));
    say_ov("bad_event", &ov);
    ov = at(0, 0);
    ov.hEvent = (HANDLE)((ULONG_PTR)event | 1);
    SAY_BOOL("tagged_event", ReadFile(f, buf, 4, &n, &ov));
    say_ov("tagged_event", &ov);
}

int main(void)
{
    event = CreateEvent(NULL, TRUE, FALSE, NULL);
    f = open_file("overlapped", GENERIC_READ | GENERIC_WRITE, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED);
    say_at_once();
    say_transfer("read", FALSE, 2, 4);
    say_transfer("read_across_end", FALSE, 8, 8);
    say_transfer("read_at_end", FALSE, 10, 4);
    say_transfer("read_past_end", FALSE, 1000, 4);
    say_transfer("read_nothing", FALSE, 3, 0);
    say_transfer("read_nothing_at_end", FALSE, 10, 0);
    say_transfer("write_gap", TRUE, 15, 5);
    say_transfer("write_nothing", TRUE, 3, 0);
    SAY("position", SetFilePointer(f, 0, NULL, FILE_CURRENT));
    SAY("size", GetFileSize(f, NULL));
    SAY("seek", SetFilePointer(f, 12, NULL, FILE_BEGIN));
    SAY_BOOL("set_end", SetEndOfFile(f));
    SAY("size_after_set_end", GetFileSize(f, NULL));
    say_refused("null.read", FALSE, 0, 0, 0);
    say_refused("null.write", TRUE, 0, 0, 0);
    say_refused("read.minus_1", FALSE, 0xFFFFFFFF, 0xFFFFFFFF, 1);
    say_refused("read.minus_2", FALSE, 0xFFFFFFFF, 0xFFFFFFFE, 1);
    say_refused("write.minus_2", TRUE, 0xFFFFFFFF, 0xFFFFFFFE, 1);
    say_refused("write.minus_16", TRUE, 0xFFFFFFFF, 0xFFFFFFF0, 1);
    say_refused("read.most_negative", FALSE, 0x80000000, 0, 1);
    say_bad_event();
    SAY("size_at_last", GetFileSize(f, NULL));
    CloseHandle(f);
    CloseHandle(event);
    return 0;
}
