/* SPDX-License-Identifier: MIT */
/* What the stress files share: how long, how often, from which seed; a generator per thread; and
 * checks that cost nothing while they hold. */
#ifndef COMM_TESTS_STRESS_H
#define COMM_TESTS_STRESS_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "harness.h"

/* A number from the environment, so that ./dev soak can ask for more than CTest does. */
static inline unsigned long stress_setting(const char *name, unsigned long otherwise)
{
    const char *text = getenv(name);

    return text != NULL && *text != '\0' ? strtoul(text, NULL, 0) : otherwise;
}

static inline int64_t stress_now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* xorshift64*: every thread has its own, all grow from one seed. */
static inline uint32_t stress_random(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)((*state * 2685821657736338717ULL) >> 32);
}

static inline uint64_t stress_seed(void)
{
    uint64_t seed = stress_setting("COMM_STRESS_SEED", 0);

    if (seed == 0)
        seed = (uint64_t)stress_now_ms() * 2654435761u + 1;
    printf("      COMM_STRESS_SEED=%llu\n", (unsigned long long)seed);
    fflush(stdout);
    return seed;
}

/* CHECK takes a lock and counts; this one only when it fails. */
#define HOLDS(condition) \
    ((condition) ? true : comm_check(false, __FILE__, __LINE__, "%s", #condition))

#endif
