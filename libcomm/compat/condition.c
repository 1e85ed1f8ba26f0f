/* SPDX-License-Identifier: MIT */
/* Condition variables: a count of wakes that sleepers compare with what they saw while they held
 * the lock, and a count of sleepers so that a wake for nobody costs no system call. */
#include <libcomm/compat.h>

#include "libcomm/compat/word.h"
#include "libcomm/plat/error.h"

#define EVERYBODY 0x7FFFFFFF

struct words {
    ci_word wakes, sleepers;
};

_Static_assert(sizeof(CONDITION_VARIABLE) == sizeof(struct words), "CONDITION_VARIABLE");

static ci_word *wakes_of(CONDITION_VARIABLE *cv)
{
    return (ci_word *)&cv->Ptr;
}

static ci_word *sleepers_of(CONDITION_VARIABLE *cv)
{
    return (ci_word *)&cv->Ptr + 1;
}

VOID WINAPI InitializeConditionVariable(PCONDITION_VARIABLE ConditionVariable)
{
    ConditionVariable->Ptr = NULL;
}

/* Called with the lock held: a wake from here on is counted. */
static uint32_t sleep_begin(CONDITION_VARIABLE *cv)
{
    ci_word_add(sleepers_of(cv), 1);
    return ci_word_load(wakes_of(cv));
}

/* Whether there was a wake (or none, but the time is not up either). */
static bool sleep_until(CONDITION_VARIABLE *cv, uint32_t seen, uint64_t deadline_ns)
{
    bool woken;

    ci_word_wait(wakes_of(cv), seen, deadline_ns);
    woken = ci_word_load(wakes_of(cv)) != seen || ci_left_ns(deadline_ns, ci_now_ns()) > 0;
    ci_word_add(sleepers_of(cv), (uint32_t)-1);
    return woken;
}

BOOL WINAPI SleepConditionVariableCS(PCONDITION_VARIABLE ConditionVariable,
                                     PCRITICAL_SECTION CriticalSection, DWORD dwMilliseconds)
{
    uint64_t deadline_ns = ci_deadline_ns(dwMilliseconds);
    uint32_t seen = sleep_begin(ConditionVariable);
    bool woken;

    LeaveCriticalSection(CriticalSection);
    woken = sleep_until(ConditionVariable, seen, deadline_ns);
    EnterCriticalSection(CriticalSection);
    return woken || ci_fail(ERROR_TIMEOUT);
}

BOOL WINAPI SleepConditionVariableSRW(PCONDITION_VARIABLE ConditionVariable, PSRWLOCK SRWLock,
                                      DWORD dwMilliseconds, ULONG Flags)
{
    bool shared = (Flags & CONDITION_VARIABLE_LOCKMODE_SHARED) != 0;
    uint64_t deadline_ns = ci_deadline_ns(dwMilliseconds);
    uint32_t seen;
    bool woken;

    if ((Flags & ~(ULONG)CONDITION_VARIABLE_LOCKMODE_SHARED) != 0)
        return ci_fail(ERROR_INVALID_PARAMETER);
    seen = sleep_begin(ConditionVariable);
    if (shared)
        ReleaseSRWLockShared(SRWLock);
    else
        ReleaseSRWLockExclusive(SRWLock);
    woken = sleep_until(ConditionVariable, seen, deadline_ns);
    if (shared)
        AcquireSRWLockShared(SRWLock);
    else
        AcquireSRWLockExclusive(SRWLock);
    return woken || ci_fail(ERROR_TIMEOUT);
}

static void wake(CONDITION_VARIABLE *cv, int count)
{
    ci_word_add(wakes_of(cv), 1);
    /* seq_cst pairs with sleep_begin: whoever counts itself after this look has seen the new wakes
     */
    if (__atomic_load_n(sleepers_of(cv), __ATOMIC_SEQ_CST) > 0)
        ci_word_wake(wakes_of(cv), count);
}

VOID WINAPI WakeConditionVariable(PCONDITION_VARIABLE ConditionVariable)
{
    wake(ConditionVariable, 1);
}

VOID WINAPI WakeAllConditionVariable(PCONDITION_VARIABLE ConditionVariable)
{
    wake(ConditionVariable, EVERYBODY);
}
