/* SPDX-License-Identifier: MIT */
/* Interlocked arithmetic: what each form returns, in each width, and that no step is lost. */
#include "harness.h"

#include <libcomm/compat.h>

enum { THREADS = 4, ROUNDS = 50000 };

static LONG count;
static LONG64 count64;
static PVOID stack; /* a list through first words, pushed by compare and exchange */

#define RETURNS(type, suffix, start)                                            \
    do {                                                                        \
        type v = (start);                                                       \
        CHECK_EQ(InterlockedIncrement##suffix(&v), (type)((start) + 1));        \
        CHECK_EQ(InterlockedDecrement##suffix(&v), (start));                    \
        CHECK_EQ(InterlockedExchangeAdd##suffix(&v, 5), (start));               \
        CHECK_EQ(InterlockedAdd##suffix(&v, -5), (start));                      \
        CHECK_EQ(InterlockedCompareExchange##suffix(&v, 1, 2), (start));        \
        CHECK_EQ(v, (start));                                                   \
        CHECK_EQ(InterlockedCompareExchange##suffix(&v, 0x0F, (start)), start); \
        CHECK_EQ(InterlockedOr##suffix(&v, 0x30), 0x0F);                        \
        CHECK_EQ(InterlockedAnd##suffix(&v, 0x3C), 0x3F);                       \
        CHECK_EQ(InterlockedXor##suffix(&v, 0xFF), 0x3C);                       \
        CHECK_EQ(InterlockedExchange##suffix(&v, -1), 0xC3);                    \
        CHECK_EQ(v, -1);                                                        \
    } while (0)

static void each_form_returns_what_windows_returns(void)
{
    int one, other;
    PVOID pointer = &one;

    RETURNS(LONG, , 100);
    RETURNS(LONG, , -0x7FFFFFF0);
    RETURNS(LONG64, 64, 0x123456789ABLL);
    RETURNS(SHORT, 16, 100);
    CHECK(InterlockedExchangePointer(&pointer, &other) == &one);
    CHECK(InterlockedCompareExchangePointer(&pointer, &one, &one) == &other);
    CHECK(InterlockedCompareExchangePointer(&pointer, NULL, &other) == &other);
    CHECK(pointer == NULL);
}

static void push(PVOID *node)
{
    PVOID top = NULL; /* a guess; a wrong one is corrected */

    for (;;) {
        PVOID seen;

        *node = top;
        seen = InterlockedCompareExchangePointer(&stack, node, top);
        if (seen == top)
            return;
        top = seen;
    }
}

static void *step_often(void *arg)
{
    PVOID *nodes = arg;

    for (int i = 0; i < ROUNDS; i++) {
        InterlockedIncrement(&count);
        InterlockedExchangeAdd64(&count64, 0x100000001LL);
        push(&nodes[i]);
    }
    return NULL;
}

static void no_step_of_any_thread_is_lost(void)
{
    static PVOID nodes[THREADS][ROUNDS];
    pthread_t threads[THREADS];
    size_t length = 0;

    for (int i = 0; i < THREADS; i++)
        threads[i] = comm_spawn(step_often, nodes[i]);
    for (int i = 0; i < THREADS; i++)
        comm_join(threads[i]);
    for (PVOID *node = stack; node != NULL; node = *node)
        length++;
    CHECK_EQ(count, THREADS * ROUNDS);
    CHECK_EQ(count64, 0x100000001LL * THREADS * ROUNDS);
    CHECK_EQ(length, THREADS * ROUNDS);
}

COMM_TEST_MAIN(TEST(each_form_returns_what_windows_returns), TEST(no_step_of_any_thread_is_lost))
