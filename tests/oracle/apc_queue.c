/* SPDX-License-Identifier: MIT */
/* Queued procedures: nothing runs before an alertable wait, then everything runs, in order, also
 * what is queued while running.  The order is said as one number, one digit per call. */
#include <windows.h>
#include "say.h"

static DWORD order;

static VOID CALLBACK note(ULONG_PTR digit)
{
    order = order * 10 + (DWORD)digit;
}

static VOID CALLBACK note_and_queue(ULONG_PTR digit)
{
    note(digit);
    QueueUserAPC(note, GetCurrentThread(), digit + 1);
}

static VOID CALLBACK note_and_set_error(ULONG_PTR error)
{
    note(9);
    SetLastError((DWORD)error);
}

static void say_only_when_alertable(void)
{
    order = 0;
    SAY_BOOL("queue", QueueUserAPC(note, GetCurrentThread(), 1) != 0);
    SAY_BOOL("queue_second", QueueUserAPC(note, GetCurrentThread(), 2) != 0);
    SAY("not_at_once", order);
    SAY_WAIT("plain_sleep", SleepEx(0, FALSE));
    Sleep(1);
    SAY("not_in_sleep", order);
    SAY_WAIT("plain_wait", WaitForSingleObject(GetCurrentProcess(), 0));
    SAY("not_in_wait", order);
    SAY_WAIT("alertable_sleep", SleepEx(0, TRUE));
    SAY("order", order);
    SAY_WAIT("alertable_sleep_again", SleepEx(0, TRUE));
    SAY("nothing_more", order);
}

static void say_drained(void)
{
    order = 0;
    QueueUserAPC(note_and_queue, GetCurrentThread(), 1);
    QueueUserAPC(note, GetCurrentThread(), 7);
    SAY_WAIT("drain", SleepEx(0, TRUE));
    SAY("drain.order", order);
    SAY_WAIT("drain.again", SleepEx(0, TRUE));
}

static void say_many(void)
{
    int i;

    order = 0;
    for (i = 1; i <= 9; i++)
        QueueUserAPC(note, GetCurrentThread(), (ULONG_PTR)i);
    SAY_WAIT("many", SleepEx(INFINITE, TRUE));
    SAY("many.order", order);
}

static void say_last_error(void)
{
    order = 0;
    QueueUserAPC(note_and_set_error, GetCurrentThread(), 4711);
    SetLastError(1);
    SleepEx(0, TRUE);
    SAY("apc.ran", order);
    SAY("apc.sets_last_error", GetLastError());
}

int main(void)
{
    say_only_when_alertable();
    say_drained();
    say_many();
    say_last_error();
    return 0;
}
