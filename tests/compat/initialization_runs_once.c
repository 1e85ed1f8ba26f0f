/* SPDX-License-Identifier: MIT */
/* InitOnce: one thread's initializer counts, the others wait for it or race it, and a failed one
 * leaves the way open. */
#include "harness.h"

#include <libcomm/comm.h>
#include <libcomm/compat.h>
#include <stdatomic.h>

enum { THREADS = 4 };

static _Atomic int calls, failures_wanted;
static int64_t thing;

static BOOL WINAPI make_thing(PINIT_ONCE once, PVOID parameter, PVOID *context)
{
    (void)once;
    calls++;
    if (failures_wanted > 0) {
        failures_wanted--;
        SetLastError(1234);
        return FALSE;
    }
    *context = parameter;
    return TRUE;
}

static void *execute(void *arg)
{
    void *context = NULL;

    return InitOnceExecuteOnce(arg, make_thing, &thing, &context) ? context : NULL;
}

static void many_threads_make_one_thing(void)
{
    for (int round = 0; round < 200; round++) {
        INIT_ONCE once = INIT_ONCE_STATIC_INIT;
        pthread_t threads[THREADS];

        calls = 0;
        for (int i = 0; i < THREADS; i++)
            threads[i] = comm_spawn(execute, &once);
        for (int i = 0; i < THREADS; i++)
            CHECK(comm_join(threads[i]) == &thing);
        CHECK_EQ(calls, 1);
    }
}

static void a_failed_initializer_leaves_it_to_the_next(void)
{
    INIT_ONCE once;
    void *context = NULL;

    InitOnceInitialize(&once);
    calls = 0;
    failures_wanted = 1;
    CHECK(!InitOnceExecuteOnce(&once, make_thing, &thing, &context));
    CHECK_EQ(GetLastError(), 1234);
    CHECK(InitOnceExecuteOnce(&once, make_thing, &thing, NULL));
    CHECK_EQ(calls, 2);
    CHECK(InitOnceExecuteOnce(&once, make_thing, NULL, &context));
    CHECK(context == &thing);
    CHECK_EQ(calls, 2);
}

static void begin_and_complete_go_by_hand(void)
{
    INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    void *context = NULL;
    BOOL pending = FALSE;

    CHECK(!InitOnceBeginInitialize(&once, INIT_ONCE_CHECK_ONLY, &pending, &context));
    CHECK_EQ(GetLastError(), ERROR_GEN_FAILURE);
    CHECK(InitOnceBeginInitialize(&once, 0, &pending, &context));
    CHECK(pending);
    CHECK(!InitOnceComplete(&once, 0, (char *)&thing + 1));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(InitOnceComplete(&once, INIT_ONCE_INIT_FAILED, NULL));
    CHECK(InitOnceBeginInitialize(&once, 0, &pending, &context));
    CHECK(pending);
    CHECK(InitOnceComplete(&once, 0, &thing));
    CHECK(InitOnceBeginInitialize(&once, INIT_ONCE_CHECK_ONLY, &pending, &context));
    CHECK(!pending);
    CHECK(context == &thing);
    CHECK(!InitOnceComplete(&once, 0, &thing));
    CHECK_EQ(GetLastError(), ERROR_GEN_FAILURE);
}

static void the_first_of_several_asynchronous_initializers_counts(void)
{
    INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    int64_t other;
    void *context = NULL;
    BOOL pending;

    CHECK(InitOnceBeginInitialize(&once, INIT_ONCE_ASYNC, &pending, &context));
    CHECK(pending);
    CHECK(InitOnceBeginInitialize(&once, INIT_ONCE_ASYNC, &pending, &context));
    CHECK(pending);
    CHECK(!InitOnceBeginInitialize(&once, 0, &pending, &context));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(InitOnceComplete(&once, INIT_ONCE_ASYNC, &thing));
    CHECK(!InitOnceComplete(&once, INIT_ONCE_ASYNC, &other));
    CHECK_EQ(GetLastError(), ERROR_GEN_FAILURE);
    CHECK(InitOnceBeginInitialize(&once, INIT_ONCE_ASYNC, &pending, &context));
    CHECK(!pending);
    CHECK(context == &thing);
}

COMM_TEST_MAIN(TEST(many_threads_make_one_thing), TEST(a_failed_initializer_leaves_it_to_the_next),
               TEST(begin_and_complete_go_by_hand),
               TEST(the_first_of_several_asynchronous_initializers_counts))
