/* SPDX-License-Identifier: MIT */
/* The two bits every handle has for itself: inherit, and protect from close.  A protected handle
 * cannot be closed, and nothing happens to what it names when somebody tries. */
#include "say.h"
#include <windows.h>

static void say_flags(const char *name, HANDLE h)
{
    DWORD flags = 99;

    SAY_BOOL(say_name("get", name), GetHandleInformation(h, &flags));
    SAY_HEX(say_name("flags", name), flags);
}

static void say_inherit(void)
{
    SECURITY_ATTRIBUTES sa = {sizeof(sa), NULL, TRUE};
    HANDLE plain = CreateEvent(NULL, TRUE, FALSE, NULL);
    HANDLE passed_on = CreateEvent(&sa, TRUE, FALSE, NULL);
    HANDLE copy = NULL;

    say_flags("plain", plain);
    say_flags("inheritable", passed_on);
    SAY_BOOL("clear_inherit", SetHandleInformation(passed_on, HANDLE_FLAG_INHERIT, 0));
    say_flags("cleared", passed_on);
    SAY_BOOL("duplicate_inheritable",
             DuplicateHandle(GetCurrentProcess(), plain, GetCurrentProcess(), &copy, 0, TRUE,
                             DUPLICATE_SAME_ACCESS));
    say_flags("duplicate", copy);
    say_flags("source_of_duplicate", plain);
    SAY_BOOL("empty_mask", SetHandleInformation(copy, 0, HANDLE_FLAG_PROTECT_FROM_CLOSE));
    say_flags("after_empty_mask", copy);
    SAY_BOOL("unknown_mask", SetHandleInformation(copy, 0x40, 0x40));
    say_flags("after_unknown_mask", copy);
    CloseHandle(plain);
    CloseHandle(passed_on);
    CloseHandle(copy);
}

static void say_protect(void)
{
    HANDLE e = CreateEvent(NULL, TRUE, TRUE, NULL);
    DWORD both = HANDLE_FLAG_PROTECT_FROM_CLOSE | HANDLE_FLAG_INHERIT;

    SAY_BOOL("protect", SetHandleInformation(e, both, both));
    say_flags("protected", e);
    SAY_BOOL("close_protected", CloseHandle(e));
    SAY_WAIT("still_there", WaitForSingleObject(e, 0));
    SAY_BOOL("unprotect", SetHandleInformation(e, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0));
    say_flags("unprotected", e);
    SAY_BOOL("close_unprotected", CloseHandle(e));
}

int main(void)
{
    say_inherit();
    say_protect();
    say_flags("null", NULL);
    say_flags("stale", stale_handle());
    SAY_BOOL("set_stale", SetHandleInformation(stale_handle(), HANDLE_FLAG_INHERIT, 0));
    return 0;
}
