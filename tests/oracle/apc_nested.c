/* SPDX-License-Identifier: MIT */
/* A procedure may itself wait alertably: the rest of the queue then runs inside it.  The order of
 * entering and leaving is said as one number. */
#include <windows.h>
#include "say.h"

static DWORD order;
static DWORD inner_result;

static void note(DWORD digit)
{
    order = order * 10 + digit;
}

static VOID CALLBACK leaf(ULONG_PTR digit)
{
    note((DWORD)digit);
}

static VOID CALLBACK sleeper(ULONG_PTR digit)
{
    note((DWORD)digit);
    inner_result = SleepEx(0, TRUE);
    note((DWORD)digit);
}

static VOID CALLBACK plain_sleeper(ULONG_PTR digit)
{
    note((DWORD)digit);
    inner_result = SleepEx(0, FALSE);
    note((DWORD)digit);
}

/* Queues its own successor and waits for it, twice deep. */
static VOID CALLBACK descend(ULONG_PTR digit)
{
    note((DWORD)digit);
    if (digit < 4) {
        QueueUserAPC(descend, GetCurrentThread(), digit + 1);
        SleepEx(INFINITE, TRUE);
    }
    note((DWORD)digit);
}

static void say_round(const char *name, PAPCFUNC first)
{
    order = 0;
    inner_result = 99;
    QueueUserAPC(first, GetCurrentThread(), 1);
    QueueUserAPC(leaf, GetCurrentThread(), 2);
    QueueUserAPC(leaf, GetCurrentThread(), 3);
    SAY_WAIT(say_name(name, "outer"), SleepEx(0, TRUE));
    SAY(say_name(name, "inner"), inner_result);
    SAY(say_name(name, "order"), order);
    SAY_WAIT(say_name(name, "left"), SleepEx(0, TRUE));
}

int main(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);

    say_round("nested", sleeper);
    say_round("plain_inside", plain_sleeper);
    order = 0;
    QueueUserAPC(descend, GetCurrentThread(), 1);
    SAY_WAIT("deep", WaitForSingleObjectEx(event, INFINITE, TRUE));
    SAY("deep.order", order);
    SAY_WAIT("deep.left", SleepEx(0, TRUE));
    CloseHandle(event);
    return 0;
}
