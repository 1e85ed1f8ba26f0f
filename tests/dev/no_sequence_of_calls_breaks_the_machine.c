/* SPDX-License-Identifier: MIT */
/* Whatever its user calls, in whatever order: nothing overflows, nothing is held for good, nothing
 * is over that was not begun.  The calls are random and the same each time. */
#include "harness.h"
#include "machine_fuzz.h"

#define PROGRAMS 30000u
#define LONGEST 1200u

static uint32_t next(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void no_random_program_finds_a_broken_promise(void)
{
    static uint8_t program[LONGEST];

    for (uint32_t i = 1; i <= PROGRAMS; i++) {
        uint32_t seed = 0x9E3779B9u * i;
        size_t len = 1 + next(&seed) % LONGEST;
        const char *wrong;

        for (size_t j = 0; j < len; j++)
            program[j] = (uint8_t)(next(&seed) >> 24);
        wrong = machine_fuzz(program, len);
        if (!comm_check(wrong == NULL, __FILE__, __LINE__, "program %u: not %s", i, wrong))
            return;
    }
}

COMM_TEST_MAIN(TEST(no_random_program_finds_a_broken_promise))
