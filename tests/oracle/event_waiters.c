/* SPDX-License-Identifier: MIT */
/* Two threads at one event: an auto-reset event lets one through per set, a manual one lets both.
 * Nobody can see from outside that a thread sleeps already, so every fact here holds whether it
 * does or is about to. */
#include "say.h"
#include <windows.h>

static DWORD WINAPI wait_for(LPVOID event)
{
    return WaitForSingleObject((HANDLE)event, INFINITE);
}

static void start_two(HANDLE event, HANDLE threads[2])
{
    threads[0] = CreateThread(NULL, 0, wait_for, event, 0, NULL);
    threads[1] = CreateThread(NULL, 0, wait_for, event, 0, NULL);
}

static void say_end(const char *kind, HANDLE event, HANDLE threads[2])
{
    DWORD codes[2] = {99, 99};

    GetExitCodeThread(threads[0], &codes[0]);
    GetExitCodeThread(threads[1], &codes[1]);
    SAY(say_name(kind, "results"), codes[0] + codes[1]);
    SAY_WAIT(say_name(kind, "state_after"), WaitForSingleObject(event, 0));
    CloseHandle(threads[0]);
    CloseHandle(threads[1]);
    CloseHandle(event);
}

static void say_auto(void)
{
    HANDLE event = CreateEvent(NULL, FALSE, FALSE, NULL);
    HANDLE threads[2];
    DWORD first;

    start_two(event, threads);
    SAY_WAIT("auto.none_yet", WaitForMultipleObjects(2, threads, FALSE, 0));
    SetEvent(event);
    first = WaitForMultipleObjects(2, threads, FALSE, INFINITE);
    SAY("auto.one_released", first <= 1);
    SAY_WAIT("auto.other_waits", WaitForSingleObject(threads[!first], 0));
    SAY_WAIT("auto.bit_is_taken", WaitForSingleObject(event, 0));
    SetEvent(event);
    SAY_WAIT("auto.both_released", WaitForMultipleObjects(2, threads, TRUE, INFINITE));
    say_end("auto", event, threads);
}

static void say_manual(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    HANDLE threads[2];

    start_two(event, threads);
    SetEvent(event);
    SAY_WAIT("manual.both_released", WaitForMultipleObjects(2, threads, TRUE, INFINITE));
    say_end("manual", event, threads);
}

/* A pulse reaches only who sleeps already: pulse until both are gone, and the bit must still be
 * unset. */
static void say_pulse(const char *kind, BOOL manual)
{
    HANDLE event = CreateEvent(NULL, manual, FALSE, NULL);
    HANDLE threads[2];

    start_two(event, threads);
    while (WaitForMultipleObjects(2, threads, TRUE, 1) == WAIT_TIMEOUT)
        PulseEvent(event);
    say_end(kind, event, threads);
}

int main(void)
{
    say_auto();
    say_manual();
    say_pulse("pulse_auto", FALSE);
    say_pulse("pulse_manual", TRUE);
    return 0;
}
