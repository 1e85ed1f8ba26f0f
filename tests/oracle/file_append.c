/* SPDX-License-Identifier: MIT */
/* Writing at the end: the offset of all ones, and a handle that may only append.  The OVERLAPPED is
 * not told where the data went. */
#include <windows.h>
#include "say.h"

static BOOL append(HANDLE h, const char *text, DWORD len, OVERLAPPED *ov)
{
    DWORD n = 0;

    ov->Offset = 0xFFFFFFFF;
    ov->OffsetHigh = 0xFFFFFFFF;
    if (!WriteFile(h, text, len, &n, ov) && GetLastError() != ERROR_IO_PENDING)
        return FALSE;
    return GetOverlappedResult(h, ov, &n, TRUE) && n == len;
}

static void say_offset(const char *name, DWORD flags)
{
    OVERLAPPED ov = {0};
    HANDLE h;

    make_file(name, "0123456789");
    h = open_file(name, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, flags);
    SAY_BOOL(say_name(name, "append"), append(h, "abc", 3, &ov));
    SAY_HEX(say_name(name, "offset"), ov.Offset);
    SAY_HEX(say_name(name, "offset_high"), ov.OffsetHigh);
    SAY(say_name(name, "size"), GetFileSize(h, NULL));
    SAY_BOOL(say_name(name, "append_again"), append(h, "de", 2, &ov));
    SAY(say_name(name, "size_again"), GetFileSize(h, NULL));
    CloseHandle(h);
}

static void say_append_only(void)
{
    char buf[4];
    DWORD n = 99;
    HANDLE h;

    make_file("log", "0123456789");
    SAY_HANDLE("append_only", h, open_file("log", FILE_APPEND_DATA, OPEN_EXISTING, 0));
    SAY_BOOL("append_only.write", WriteFile(h, "abc", 3, &n, NULL));
    SAY_BOOL("append_only.read", ReadFile(h, buf, 1, &n, NULL));
    CloseHandle(h);
    h = open_file("log", GENERIC_READ, OPEN_EXISTING, 0);
    SAY("append_only.size", GetFileSize(h, NULL));
    ReadFile(h, buf, 1, &n, NULL);
    SAY("append_only.first_byte_kept", buf[0] == '0');
    CloseHandle(h);
}

int main(void)
{
    say_offset("overlapped", FILE_FLAG_OVERLAPPED);
    say_offset("synchronous", 0);
    say_append_only();
    return 0;
}
