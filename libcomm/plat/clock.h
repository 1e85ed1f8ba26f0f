/* SPDX-License-Identifier: MIT */
/* Time as the library counts it: nanoseconds of CLOCK_MONOTONIC, and deadlines that saturate
 * instead of wrapping.  CI_NEVER is the deadline of a wait without end. */
#ifndef CI_PLAT_CLOCK_H
#define CI_PLAT_CLOCK_H

#include <stdint.h>

#define CI_NEVER UINT64_MAX
#define CI_NS_PER_MS 1000000ULL

uint64_t ci_now_ns(void);
/* 100 ns units since 1601, UTC: what FILETIME holds. */
uint64_t ci_filetime_now(void);

/* INFINITE (0xFFFFFFFF) becomes CI_NEVER; everything else is counted from now. */
uint64_t ci_deadline_ns(uint32_t timeout_ms);

/* How long until the deadline; 0 when it has passed, CI_NEVER when it never comes. */
static inline uint64_t ci_left_ns(uint64_t deadline_ns, uint64_t now_ns)
{
    if (deadline_ns == CI_NEVER)
        return CI_NEVER;
    return deadline_ns > now_ns ? deadline_ns - now_ns : 0;
}

static inline uint64_t ci_add_ns(uint64_t at_ns, uint64_t more_ns)
{
    return more_ns >= CI_NEVER - at_ns ? CI_NEVER : at_ns + more_ns;
}

#endif
