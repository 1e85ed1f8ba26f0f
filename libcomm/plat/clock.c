/* SPDX-License-Identifier: MIT */
/* Reads the two clocks; neither read can fail on Linux. */
#include "libcomm/plat/clock.h"

#include <time.h>

#define FILETIME_OF_1970 116444736000000000ULL

uint64_t ci_now_ns(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

uint64_t ci_filetime_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return FILETIME_OF_1970 + (uint64_t)ts.tv_sec * 10000000ULL + (uint64_t)ts.tv_nsec / 100;
}

uint64_t ci_deadline_ns(uint32_t timeout_ms)
{
    if (timeout_ms == UINT32_MAX)
        return CI_NEVER;
    return ci_add_ns(ci_now_ns(), timeout_ms * CI_NS_PER_MS);
}
