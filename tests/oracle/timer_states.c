/* SPDX-License-Identifier: MIT */
/* A waitable timer: what setting, expiring, cancelling and waiting do to its bit.  Due times that
 * must not come are ten minutes away; due times that must come are waited for. */
#include <windows.h>
#include "say.h"

#define MS (-10000LL) /* a relative due time counts down in units of 100 ns */

static BOOL set_timer(HANDLE timer, LONGLONG due, LONG period)
{
    LARGE_INTEGER when;

    when.QuadPart = due;
    return SetWaitableTimer(timer, &when, period, NULL, NULL, FALSE);
}

static void say_kind(const char *kind, BOOL manual)
{
    HANDLE timer;

    SAY_HANDLE_ERROR(say_name(kind, "create"), timer, CreateWaitableTimer(NULL, manual, NULL));
    SAY_WAIT(say_name(kind, "new"), WaitForSingleObject(timer, 0));
    SAY_BOOL(say_name(kind, "set_far"), set_timer(timer, 600000 * MS, 0));
    SAY_WAIT(say_name(kind, "before_due"), WaitForSingleObject(timer, 0));
    SAY_BOOL(say_name(kind, "set_near"), set_timer(timer, 20 * MS, 0));
    SAY_WAIT(say_name(kind, "expires"), WaitForSingleObject(timer, INFINITE));
    SAY_WAIT(say_name(kind, "second_wait"), WaitForSingleObject(timer, 0));
    SAY_BOOL(say_name(kind, "cancel_expired"), CancelWaitableTimer(timer));
    SAY_WAIT(say_name(kind, "after_cancel"), WaitForSingleObject(timer, 0));
    CloseHandle(timer);
}

static void say_set_again(void)
{
    HANDLE timer = CreateWaitableTimer(NULL, TRUE, NULL);

    set_timer(timer, 0, 0);
    SAY_WAIT("due_zero", WaitForSingleObject(timer, INFINITE));
    set_timer(timer, 600000 * MS, 0);
    SAY_WAIT("set_again_unsignals", WaitForSingleObject(timer, 0));
    SAY_BOOL("absolute_past", set_timer(timer, 1, 0));
    SAY_WAIT("absolute_past.expires", WaitForSingleObject(timer, INFINITE));
    CloseHandle(timer);
}

/* The later timer tells when the cancelled one would have been due. */
static void say_cancelled(void)
{
    HANDLE cancelled = CreateWaitableTimer(NULL, TRUE, NULL);
    HANDLE later = CreateWaitableTimer(NULL, TRUE, NULL);

    set_timer(cancelled, 200 * MS, 0);
    SAY_BOOL("cancel_running", CancelWaitableTimer(cancelled));
    SAY_BOOL("cancel_twice", CancelWaitableTimer(cancelled));
    set_timer(later, 250 * MS, 0);
    SAY_WAIT("later_expires", WaitForSingleObject(later, INFINITE));
    SAY_WAIT("cancelled_does_not", WaitForSingleObject(cancelled, 0));
    CloseHandle(cancelled);
    CloseHandle(later);
}

static void say_periodic(void)
{
    HANDLE timer = CreateWaitableTimer(NULL, FALSE, NULL);

    SAY_BOOL("period.negative", set_timer(timer, 600000 * MS, -1));
    SAY_BOOL("period.set", set_timer(timer, 5 * MS, 5));
    SAY_WAIT("period.first", WaitForSingleObject(timer, INFINITE));
    SAY_WAIT("period.second", WaitForSingleObject(timer, INFINITE));
    SAY_WAIT("period.third", WaitForSingleObject(timer, INFINITE));
    SAY_BOOL("period.cancel", CancelWaitableTimer(timer));
    WaitForSingleObject(timer, 0); /* takes what may have come before the cancel */
    SAY_WAIT("period.cancelled", WaitForSingleObject(timer, 30));
    CloseHandle(timer);
}

int main(void)
{
    say_kind("manual", TRUE);
    say_kind("auto", FALSE);
    say_set_again();
    say_cancelled();
    say_periodic();
    SAY_BOOL("stale.set", set_timer(stale_handle(), 0, 0));
    SAY_BOOL("stale.cancel", CancelWaitableTimer(stale_handle()));
    return 0;
}
