/* SPDX-License-Identifier: MIT */
/* Slim reader/writer locks: readers together, a writer alone, and a waiting writer is not overtaken
 * by new readers for ever. */
#include "harness.h"

#include <libcomm/compat.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { READERS = 3, WRITERS = 2, ROUNDS = 10000 };

struct shared {
    SRWLOCK lock;
    unsigned long left, right; /* guarded by lock: always equal */
    _Atomic unsigned torn;     /* how often a reader saw them differ */
    _Atomic bool stop;
};

static void *write_both(void *arg)
{
    struct shared *s = arg;

    for (int i = 0; i < ROUNDS; i++) {
        AcquireSRWLockExclusive(&s->lock);
        s->left++;
        s->right++;
        ReleaseSRWLockExclusive(&s->lock);
    }
    return NULL;
}

static void *read_both(void *arg)
{
    struct shared *s = arg;

    for (int i = 0; i < ROUNDS; i++) {
        AcquireSRWLockShared(&s->lock);
        if (s->left != s->right)
            s->torn++;
        ReleaseSRWLockShared(&s->lock);
    }
    return NULL;
}

static void readers_never_see_half_of_a_write(void)
{
    struct shared s = {.lock = SRWLOCK_INIT};
    pthread_t threads[READERS + WRITERS];

    for (int i = 0; i < READERS + WRITERS; i++)
        threads[i] = comm_spawn(i < READERS ? read_both : write_both, &s);
    for (int i = 0; i < READERS + WRITERS; i++)
        comm_join(threads[i]);
    CHECK_EQ(s.torn, 0);
    CHECK_EQ(s.left, WRITERS * ROUNDS);
    CHECK_EQ(s.right, WRITERS * ROUNDS);
    CHECK(s.lock.Ptr == NULL); /* as free as it began */
}

/* What another thread gets when it tries: bit 0 shared, bit 1 exclusive. */
static void *try_both(void *arg)
{
    SRWLOCK *lock = arg;
    uintptr_t got = 0;

    if (TryAcquireSRWLockShared(lock)) {
        got |= 1;
        ReleaseSRWLockShared(lock);
    }
    if (TryAcquireSRWLockExclusive(lock)) {
        got |= 2;
        ReleaseSRWLockExclusive(lock);
    }
    return (void *)got;
}

static void what_another_thread_can_have_depends_on_how_it_is_held(void)
{
    SRWLOCK lock;

    InitializeSRWLock(&lock);
    CHECK_EQ((uintptr_t)comm_join(comm_spawn(try_both, &lock)), 3);
    AcquireSRWLockShared(&lock);
    CHECK_EQ((uintptr_t)comm_join(comm_spawn(try_both, &lock)), 1);
    ReleaseSRWLockShared(&lock);
    AcquireSRWLockExclusive(&lock);
    CHECK_EQ((uintptr_t)comm_join(comm_spawn(try_both, &lock)), 0);
    CHECK(!TryAcquireSRWLockExclusive(&lock)); /* not recursive */
    ReleaseSRWLockExclusive(&lock);
    CHECK_EQ((uintptr_t)comm_join(comm_spawn(try_both, &lock)), 3);
}

static void *read_until_stopped(void *arg)
{
    struct shared *s = arg;

    while (!s->stop) {
        AcquireSRWLockShared(&s->lock);
        sched_yield(); /* so that the others come in meanwhile */
        ReleaseSRWLockShared(&s->lock);
    }
    return NULL;
}

static void a_writer_gets_in_although_readers_keep_coming(void)
{
    struct shared s = {.lock = SRWLOCK_INIT};
    pthread_t readers[READERS];

    for (int i = 0; i < READERS; i++)
        readers[i] = comm_spawn(read_until_stopped, &s);
    for (int i = 0; i < 20; i++) {
        AcquireSRWLockExclusive(&s.lock);
        s.left++;
        ReleaseSRWLockExclusive(&s.lock);
    }
    s.stop = true;
    for (int i = 0; i < READERS; i++)
        comm_join(readers[i]);
    CHECK_EQ(s.left, 20);
}

static _Atomic unsigned freed;

struct counted {
    SRWLOCK lock;
    unsigned users; /* guarded by lock */
};

static void *drop(void *arg)
{
    struct counted *object = arg;
    bool last;

    AcquireSRWLockExclusive(&object->lock);
    last = --object->users == 0;
    ReleaseSRWLockExclusive(&object->lock);
    if (last) {
        free(object);
        freed++;
    }
    return NULL;
}

static void its_last_user_may_free_it(void)
{
    for (int i = 0; i < 500; i++) {
        struct counted *object = calloc(1, sizeof(*object));
        pthread_t other;

        object->users = 2;
        other = comm_spawn(drop, object);
        drop(object);
        comm_join(other);
    }
    CHECK_EQ(freed, 500);
}

COMM_TEST_MAIN(TEST(readers_never_see_half_of_a_write),
               TEST(what_another_thread_can_have_depends_on_how_it_is_held),
               TEST(a_writer_gets_in_although_readers_keep_coming), TEST(its_last_user_may_free_it))
