/* SPDX-License-Identifier: MIT */
/* SetFilePointer and its 64-bit form: where they end up, what they refuse, and how a position whose
 * low half looks like the failure value is told from a failure. */
#include <windows.h>
#include "say.h"

static HANDLE f;

/* The answer, the high half after the call, and the last error in any case. */
static void say_seek(const char *name, LONG low, LONG high, DWORD method)
{
    LONG high_after = high;
    DWORD result;
    DWORD error;
    char text[32];

    SetLastError(SAY_KEPT);
    result = SetFilePointer(f, low, &high_after, method);
    error = GetLastError();
    snprintf(text, sizeof(text), "%08lX:%08lX", (unsigned long)(DWORD)high_after,
             (unsigned long)result);
    if (result != INVALID_SET_FILE_POINTER)
        say_line(name, text, "-");
    else
        say_text(name, error == NO_ERROR ? text : "INVALID", error, 1);
}

static void say_short(const char *name, LONG distance, DWORD method)
{
    DWORD result = (SetLastError(SAY_KEPT), SetFilePointer(f, distance, NULL, method));
    char text[16];

    snprintf(text, sizeof(text), "%08lX", (unsigned long)result);
    say_text(name, text, GetLastError(), result == INVALID_SET_FILE_POINTER);
}

static void say_ex(const char *name, LONGLONG distance, DWORD method)
{
    LARGE_INTEGER move, now;

    move.QuadPart = distance;
    now.QuadPart = 99;
    SAY_BOOL(name, SetFilePointerEx(f, move, &now, method));
    SAY_HEX(say_name(name, "low"), now.u.LowPart);
    SAY_HEX(say_name(name, "high"), now.u.HighPart);
}

static void say_short_form(void)
{
    say_short("begin", 4, FILE_BEGIN);
    say_short("current", 3, FILE_CURRENT);
    say_short("back", -2, FILE_CURRENT);
    say_short("end", -1, FILE_END);
    say_short("past_end", 90, FILE_END);
    SAY("past_end.size", GetFileSize(f, NULL));
    say_short("negative.begin", -50, FILE_BEGIN);
    say_short("negative.current", -500, FILE_CURRENT);
    say_short("negative.end", -11, FILE_END);
    say_short("unmoved", 0, FILE_CURRENT);
    say_short("bad_method", 0, 3);
    say_short("largest", 0x7FFFFFFF, FILE_BEGIN);
    say_short("over_two_gigabytes", 1, FILE_CURRENT);
}

static void say_long_form(void)
{
    say_seek("high", 5, 1, FILE_BEGIN);
    say_seek("high.current", 1, 0, FILE_CURRENT);
    say_seek("looks_like_failure", -1, 0, FILE_BEGIN);
    say_seek("looks_like_failure.high", -1, 3, FILE_BEGIN);
    say_seek("high_negative", 0, -1, FILE_BEGIN);
    say_seek("high_back", -1, -1, FILE_END);
    say_seek("high_bad_method", 0, 0, 77);
}

static void say_ex_form(void)
{
    LARGE_INTEGER zero = {0};

    say_ex("ex.begin", 7, FILE_BEGIN);
    say_ex("ex.far", 0x300000000LL, FILE_CURRENT);
    say_ex("ex.negative", -1, FILE_BEGIN);
    say_ex("ex.unmoved", 0, FILE_CURRENT);
    say_ex("ex.bad_method", 0, 3);
    SAY_BOOL("ex.no_result_wanted", SetFilePointerEx(f, zero, NULL, FILE_BEGIN));
}

int main(void)
{
    char buf[4];
    DWORD n = 99;

    make_file("position", "0123456789");
    f = open_file("position", GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING, 0);
    say_short_form();
    say_long_form();
    say_ex_form();
    SetFilePointer(f, 100, NULL, FILE_BEGIN);
    SAY_BOOL("read_past_end", ReadFile(f, buf, 4, &n, NULL));
    SAY("read_past_end.bytes", n);
    SAY_BOOL("write_past_end", WriteFile(f, "x", 1, &n, NULL));
    SAY("write_past_end.size", GetFileSize(f, NULL));
    SetFilePointer(f, 50, NULL, FILE_BEGIN);
    ReadFile(f, buf, 1, &n, NULL);
    SAY("gap_is_zero", buf[0] == 0 && n == 1);
    CloseHandle(f);
    SAY_BOOL("stale",
             SetFilePointer(stale_handle(), 0, NULL, FILE_BEGIN) != INVALID_SET_FILE_POINTER);
    return 0;
}
