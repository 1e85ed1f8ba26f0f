/* SPDX-License-Identifier: MIT */
/* Critical sections under contention, taken again by their owner, tried by others, and freed by
 * their last user. */
#include "harness.h"

#include <libcomm/comm.h>
#include <libcomm/compat.h>
#include <stdlib.h>

#include "libcomm/plat/sys.h"
#include "libcomm/plat/trace.h"

enum { THREADS = 4, ROUNDS = 20000 };

struct shared {
    CRITICAL_SECTION section;
    unsigned long count; /* guarded by section, and by nothing else */
    unsigned inside;     /* the same */
    bool crowded;        /* the same */
};

static void *count_up(void *arg)
{
    struct shared *s = arg;

    for (int i = 0; i < ROUNDS; i++) {
        EnterCriticalSection(&s->section);
        s->crowded |= ++s->inside != 1;
        s->count++;
        s->inside--;
        LeaveCriticalSection(&s->section);
    }
    return NULL;
}

static const struct {
    const char *when;
    DWORD spins;
} kinds[] = {
    {"it spins before it sleeps", 4000},
    {"it sleeps at once",         0   },
};

static void one_thread_at_a_time_is_inside(void)
{
    for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
        struct shared s = {.count = 0};
        pthread_t threads[THREADS];

        CHECK(InitializeCriticalSectionAndSpinCount(&s.section, kinds[k].spins));
        for (int i = 0; i < THREADS; i++)
            threads[i] = comm_spawn(count_up, &s);
        for (int i = 0; i < THREADS; i++)
            comm_join(threads[i]);
        CHECK_EQ_WHEN(kinds[k].when, s.count, THREADS * ROUNDS);
        CHECK_EQ_WHEN(kinds[k].when, s.crowded, false);
        DeleteCriticalSection(&s.section);
    }
}

static void *try_it(void *arg)
{
    CRITICAL_SECTION *section = arg;
    BOOL entered = TryEnterCriticalSection(section);

    if (entered)
        LeaveCriticalSection(section);
    return entered ? section : NULL;
}

static void *leave_it(void *arg)
{
    LeaveCriticalSection(arg);
    return NULL;
}

static void its_owner_enters_again_and_leaves_as_often(void)
{
    CRITICAL_SECTION section;

    InitializeCriticalSection(&section);
    EnterCriticalSection(&section);
    EnterCriticalSection(&section);
    CHECK(TryEnterCriticalSection(&section));
    CHECK_EQ(section.RecursionCount, 3);
    CHECK_EQ((DWORD)(ULONG_PTR)section.OwningThread, ci_sys_tid());
    LeaveCriticalSection(&section);
    LeaveCriticalSection(&section);
    CHECK(comm_join(comm_spawn(try_it, &section)) == NULL);
    LeaveCriticalSection(&section);
    CHECK(section.OwningThread == NULL);
    CHECK(comm_join(comm_spawn(try_it, &section)) != NULL);
    DeleteCriticalSection(&section);
}

static void a_stranger_cannot_leave_it(void)
{
    unsigned misuses = ci_trace_misuses();
    CRITICAL_SECTION section;

    CHECK(InitializeCriticalSectionEx(&section, 10, CRITICAL_SECTION_NO_DEBUG_INFO));
    EnterCriticalSection(&section);
    comm_join(comm_spawn(leave_it, &section));
    CHECK_EQ(ci_trace_misuses() - misuses, 1);
    CHECK(comm_join(comm_spawn(try_it, &section)) == NULL);
    LeaveCriticalSection(&section);
    DeleteCriticalSection(&section);
}

static _Atomic unsigned freed;

/* Two users of an object: whoever leaves last frees it, while the other may still be leaving. */
struct counted {
    CRITICAL_SECTION section;
    unsigned users; /* guarded by section */
};

static void *drop(void *arg)
{
    struct counted *object = arg;
    bool last;

    EnterCriticalSection(&object->section);
    last = --object->users == 0;
    LeaveCriticalSection(&object->section);
    if (last) {
        DeleteCriticalSection(&object->section);
        free(object);
        freed++;
    }
    return NULL;
}

static void its_last_user_may_free_it(void)
{
    for (int i = 0; i < 500; i++) {
        struct counted *object = malloc(sizeof(*object));
        pthread_t other;

        InitializeCriticalSection(&object->section);
        object->users = 2;
        other = comm_spawn(drop, object);
        drop(object);
        comm_join(other);
    }
    CHECK_EQ(freed, 500);
}

static void the_spin_count_can_be_changed(void)
{
    CRITICAL_SECTION section;
    DWORD before;

    InitializeCriticalSectionAndSpinCount(&section, 7);
    before = SetCriticalSectionSpinCount(&section, 9);
    CHECK_EQ(before, ci_sys_ncpu() > 1 ? 7 : 0);
    CHECK_EQ(SetCriticalSectionSpinCount(&section, 0), ci_sys_ncpu() > 1 ? 9 : 0);
    DeleteCriticalSection(&section);
}

COMM_TEST_MAIN(TEST(one_thread_at_a_time_is_inside),
               TEST(its_owner_enters_again_and_leaves_as_often), TEST(a_stranger_cannot_leave_it),
               TEST(its_last_user_may_free_it), TEST(the_spin_count_can_be_changed))
