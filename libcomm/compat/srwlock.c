/* SPDX-License-Identifier: MIT */
/* Slim reader/writer locks in one futex word: how many read, or that one writes, and whether
 * somebody waits.  Releasing is a single store that forgets the waiters and wakes them all; they
 * compete anew.  That costs a herd now and then, and buys that nothing of the lock is touched after
 * it is free, so the memory it lies in may go with its last user. */
#include <libcomm/compat.h>

#include "libcomm/compat/word.h"

#define HELD 0x3FFFFFFFu    /* how many read; all ones: one writes */
#define MOST 0x3FFFFFFEu    /* readers */
#define WAITED 0x40000000u  /* somebody sleeps */
#define WRITERS 0x80000000u /* a writer among them: new readers stay out */
#define SPINS 100
#define EVERYBODY 0x7FFFFFFF

_Static_assert(sizeof(SRWLOCK) == sizeof(void *), "SRWLOCK");

static ci_word *word_of(SRWLOCK *lock)
{
    return (ci_word *)&lock->Ptr;
}

VOID WINAPI InitializeSRWLock(PSRWLOCK SRWLock)
{
    SRWLock->Ptr = NULL;
}

static bool can_read(uint32_t state)
{
    return (state & WRITERS) == 0 && (state & HELD) < MOST;
}

static bool can_write(uint32_t state)
{
    return (state & HELD) == 0;
}

static bool try_read(ci_word *word)
{
    uint32_t state = ci_word_load(word);

    while (can_read(state)) {
        if (ci_word_move(word, state, state + 1))
            return true;
        state = ci_word_load(word);
    }
    return false;
}

static bool try_write(ci_word *word)
{
    uint32_t state = ci_word_load(word);

    while (can_write(state)) {
        if (ci_word_move(word, state, state | HELD))
            return true;
        state = ci_word_load(word);
    }
    return false;
}

static void acquire(ci_word *word, bool (*attempt)(ci_word *), bool (*can)(uint32_t), uint32_t mark)
{
    for (int i = 0; i < SPINS; i++) {
        if (attempt(word))
            return;
        ci_word_relax();
    }
    while (!attempt(word)) {
        uint32_t state = ci_word_load(word);

        if (can(state) || ((state & mark) != mark && !ci_word_move(word, state, state | mark)))
            continue; /* it changed under us: look again */
        ci_word_wait(word, state | mark, CI_NEVER);
    }
}

VOID WINAPI AcquireSRWLockExclusive(PSRWLOCK SRWLock)
{
    acquire(word_of(SRWLock), try_write, can_write, WAITED | WRITERS);
}

VOID WINAPI AcquireSRWLockShared(PSRWLOCK SRWLock)
{
    acquire(word_of(SRWLock), try_read, can_read, WAITED);
}

BOOLEAN WINAPI TryAcquireSRWLockExclusive(PSRWLOCK SRWLock)
{
    return try_write(word_of(SRWLock));
}

BOOLEAN WINAPI TryAcquireSRWLockShared(PSRWLOCK SRWLock)
{
    return try_read(word_of(SRWLock));
}

VOID WINAPI ReleaseSRWLockExclusive(PSRWLOCK SRWLock)
{
    ci_word *word = word_of(SRWLock);

    if ((ci_word_swap(word, 0) & WAITED) != 0)
        ci_word_wake(word, EVERYBODY);
}

VOID WINAPI ReleaseSRWLockShared(PSRWLOCK SRWLock)
{
    ci_word *word = word_of(SRWLock);
    uint32_t state = ci_word_load(word);

    /* the last reader forgets the waiters, who are about to look again */
    while (!ci_word_move(word, state, (state & HELD) == 1 ? 0 : state - 1))
        state = ci_word_load(word);
    if ((state & HELD) == 1 && (state & WAITED) != 0)
        ci_word_wake(word, EVERYBODY);
}
