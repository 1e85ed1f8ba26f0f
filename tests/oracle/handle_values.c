/* SPDX-License-Identifier: MIT */
/* What a handle value looks like, and what the values that are no handles do: NULL, -1, -2, one
 * that was closed. The two pseudo handles name the caller's own process and thread, so -1 is not
 * simply wrong everywhere. */
#include "say.h"
#include <windows.h>

static void say_shape(void)
{
    HANDLE e = CreateEvent(NULL, TRUE, FALSE, NULL);
    HANDLE tagged = (HANDLE)((ULONG_PTR)e | 1);

    SAY("shape.nonzero", e != NULL);
    SAY("shape.multiple_of_four", ((ULONG_PTR)e & 3) == 0);
    SAY("shape.fits_31_bits", (ULONG_PTR)e <= 0x7FFFFFFF);
    SAY_WAIT("tagged.wait", WaitForSingleObject(tagged, 0));
    SAY_BOOL("tagged.set", SetEvent(tagged));
    SAY_WAIT("tagged.wait_after_set", WaitForSingleObject(e, 0));
    CloseHandle(e);
}

static void say_pseudo(void)
{
    SAY("pseudo.process_is_minus_one", GetCurrentProcess() == (HANDLE)(LONG_PTR)-1);
    SAY("pseudo.thread_is_minus_two", GetCurrentThread() == (HANDLE)(LONG_PTR)-2);
    SAY_WAIT("pseudo.wait_process", WaitForSingleObject(INVALID_HANDLE_VALUE, 0));
    SAY_WAIT("pseudo.wait_thread", WaitForSingleObject(GetCurrentThread(), 0));
    SAY_BOOL("pseudo.close_process", CloseHandle(INVALID_HANDLE_VALUE));
    SAY_BOOL("pseudo.close_thread", CloseHandle(GetCurrentThread()));
    SAY_WAIT("pseudo.wait_process_again", WaitForSingleObject(GetCurrentProcess(), 0));
}

static void say_wrong(void)
{
    HANDLE e = CreateEvent(NULL, TRUE, FALSE, NULL);

    SAY_WAIT("null.wait", WaitForSingleObject(NULL, 0));
    SAY_BOOL("null.close", CloseHandle(NULL));
    SAY_BOOL("null.set", SetEvent(NULL));
    SAY_BOOL("first.close", CloseHandle(e));
    SAY_BOOL("second.close", CloseHandle(e));
    SAY_WAIT("stale.wait", WaitForSingleObject(stale_handle(), 0));
    SAY_WAIT("stale.wait_forever", WaitForSingleObject(stale_handle(), INFINITE));
    SAY_BOOL("stale.set", SetEvent(stale_handle()));
    SAY_BOOL("stale.reset", ResetEvent(stale_handle()));
}

static void say_transfers(void)
{
    char buf[4] = "abc";
    DWORD n = 99;

    SAY_BOOL("minus_one.read", ReadFile(INVALID_HANDLE_VALUE, buf, 3, &n, NULL));
    SAY("minus_one.read.bytes", n);
    n = 99;
    SAY_BOOL("minus_one.write", WriteFile(INVALID_HANDLE_VALUE, buf, 3, &n, NULL));
    SAY("minus_one.write.bytes", n);
    n = 99;
    SAY_BOOL("null.read", ReadFile(NULL, buf, 3, &n, NULL));
    SAY("null.read.bytes", n);
    n = 99;
    SAY_BOOL("stale.write", WriteFile(stale_handle(), buf, 3, &n, NULL));
    SAY("stale.write.bytes", n);
}

int main(void)
{
    say_shape();
    say_pseudo();
    say_wrong();
    say_transfers();
    return 0;
}
