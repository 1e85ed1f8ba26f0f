/* SPDX-License-Identifier: MIT */
/* Clocks that count.  All of them are the clock that waits use, so a program that measures a wait
 * with any of them never finds it short. */
#include <libcomm/compat.h>

#include "libcomm/plat/clock.h"

#define NS_PER_STEP 100 /* 10 MHz, as on present Windows: programs that assume it are right */

ULONGLONG WINAPI GetTickCount64(void)
{
    return ci_now_ns() / CI_NS_PER_MS;
}

DWORD WINAPI GetTickCount(void)
{
    return (DWORD)GetTickCount64();
}

BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *lpPerformanceCount)
{
    lpPerformanceCount->QuadPart = (LONGLONG)(ci_now_ns() / NS_PER_STEP);
    return TRUE;
}

BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *lpFrequency)
{
    lpFrequency->QuadPart = 1000000000 / NS_PER_STEP;
    return TRUE;
}
