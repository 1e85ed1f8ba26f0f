/* SPDX-License-Identifier: MIT */
/* An event is one bit: what sets it, what takes it back, and what a satisfied wait does to it.
 * Successful calls on it must leave the last error alone. */
#include "say.h"
#include <windows.h>

static void say_kind(const char *kind, BOOL manual)
{
    HANDLE e = CreateEvent(NULL, manual, FALSE, NULL);

    SAY_WAIT(say_name(kind, "new"), WaitForSingleObject(e, 0));
    SAY_BOOL_ERROR(say_name(kind, "set"), SetEvent(e));
    SAY_BOOL(say_name(kind, "set_again"), SetEvent(e));
    SAY_WAIT(say_name(kind, "first_wait"), WaitForSingleObject(e, 0));
    SAY_WAIT(say_name(kind, "second_wait"), WaitForSingleObject(e, 0));
    SetEvent(e);
    SAY_BOOL_ERROR(say_name(kind, "reset"), ResetEvent(e));
    SAY_BOOL(say_name(kind, "reset_again"), ResetEvent(e));
    SAY_WAIT(say_name(kind, "after_reset"), WaitForSingleObject(e, 0));
    SAY_BOOL(say_name(kind, "pulse"), PulseEvent(e));
    SAY_WAIT(say_name(kind, "after_pulse"), WaitForSingleObject(e, 0));
    SetEvent(e);
    SAY_BOOL(say_name(kind, "pulse_while_set"), PulseEvent(e));
    SAY_WAIT(say_name(kind, "after_pulse_while_set"), WaitForSingleObject(e, 0));
    CloseHandle(e);
}

static void say_initial(const char *kind, BOOL manual)
{
    HANDLE e;

    SAY_HANDLE_ERROR(say_name(kind, "create_set"), e, CreateEvent(NULL, manual, TRUE, NULL));
    SAY_WAIT(say_name(kind, "initially_set"), WaitForSingleObject(e, 0));
    SAY_WAIT(say_name(kind, "initially_set_then"), WaitForSingleObject(e, 0));
    CloseHandle(e);
}

int main(void)
{
    HANDLE e = CreateEvent(NULL, TRUE, TRUE, NULL);
    DWORD result;

    say_kind("manual", TRUE);
    say_kind("auto", FALSE);
    say_initial("manual", TRUE);
    say_initial("auto", FALSE);
    SetLastError(SAY_KEPT);
    result = WaitForSingleObject(e, INFINITE);
    SAY("wait.result", result);
    SAY("wait.kept_last_error", GetLastError() == SAY_KEPT);
    ResetEvent(e);
    SetLastError(SAY_KEPT);
    result = WaitForSingleObject(e, 0);
    SAY("timeout.result", result);
    SAY("timeout.kept_last_error", GetLastError() == SAY_KEPT);
    CloseHandle(e);
    return 0;
}
