/* SPDX-License-Identifier: MIT */
/* Critical sections: LockCount is a futex word (0 free, 1 held, 2 held and perhaps waited for), and
 * owner and count lie where Windows has them, because sources look. */
#include <libcomm/compat.h>

#include "libcomm/compat/word.h"
#include "libcomm/plat/sys_compat.h"
#include "libcomm/plat/trace.h"

#define SPIN_MASK 0x00FFFFFFu /* the high byte of a spin count is for flags */
#define SPINS 100             /* for who did not say */

_Static_assert(sizeof(CRITICAL_SECTION) == 40, "CRITICAL_SECTION");

static ci_word *word_of(CRITICAL_SECTION *cs)
{
    return (ci_word *)&cs->LockCount;
}

static HANDLE self(void)
{
    return (HANDLE)(uintptr_t)ci_sys_own_tid();
}

/* Atomic, because a thread that is not the owner reads it while the owner writes; whoever it finds
 * there, it finds itself only if it is the owner. */
static HANDLE owner_of(CRITICAL_SECTION *cs)
{
    return __atomic_load_n(&cs->OwningThread, __ATOMIC_RELAXED);
}

static void own(CRITICAL_SECTION *cs)
{
    __atomic_store_n(&cs->OwningThread, self(), __ATOMIC_RELAXED);
    cs->RecursionCount = 1;
}

static void init(CRITICAL_SECTION *cs, DWORD spins)
{
    *cs = (CRITICAL_SECTION){.SpinCount = ci_sys_ncpu() > 1 ? spins & SPIN_MASK : 0};
}

VOID WINAPI InitializeCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    init(lpCriticalSection, SPINS);
}

BOOL WINAPI InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION lpCriticalSection,
                                                  DWORD dwSpinCount)
{
    init(lpCriticalSection, dwSpinCount);
    return TRUE;
}

BOOL WINAPI InitializeCriticalSectionEx(LPCRITICAL_SECTION lpCriticalSection, DWORD dwSpinCount,
                                        DWORD Flags)
{
    (void)Flags; /* advice on debug information, of which there is none */
    init(lpCriticalSection, dwSpinCount);
    return TRUE;
}

DWORD WINAPI SetCriticalSectionSpinCount(LPCRITICAL_SECTION lpCriticalSection, DWORD dwSpinCount)
{
    ULONG_PTR spins = ci_sys_ncpu() > 1 ? dwSpinCount & SPIN_MASK : 0;

    return (DWORD)__atomic_exchange_n(&lpCriticalSection->SpinCount, spins, __ATOMIC_RELAXED);
}

static bool take(ci_word *word)
{
    return ci_word_load(word) == 0 && ci_word_move(word, 0, 1);
}

static void take_slow(CRITICAL_SECTION *cs)
{
    ci_word *word = word_of(cs);

    for (ULONG_PTR i = __atomic_load_n(&cs->SpinCount, __ATOMIC_RELAXED); i > 0; i--) {
        if (take(word))
            return;
        ci_word_relax();
    }
    while (ci_word_swap(word, 2) != 0)
        ci_word_wait(word, 2, CI_NEVER);
}

VOID WINAPI EnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    if (owner_of(lpCriticalSection) == self()) {
        lpCriticalSection->RecursionCount++;
        return;
    }
    if (!take(word_of(lpCriticalSection)))
        take_slow(lpCriticalSection);
    own(lpCriticalSection);
}

BOOL WINAPI TryEnterCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    if (owner_of(lpCriticalSection) == self()) {
        lpCriticalSection->RecursionCount++;
        return TRUE;
    }
    if (!take(word_of(lpCriticalSection)))
        return FALSE;
    own(lpCriticalSection);
    return TRUE;
}

VOID WINAPI LeaveCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    if (owner_of(lpCriticalSection) != self()) {
        ci_trace_misuse("LeaveCriticalSection by a thread that does not own it");
        return;
    }
    if (--lpCriticalSection->RecursionCount > 0)
        return;
    __atomic_store_n(&lpCriticalSection->OwningThread, NULL, __ATOMIC_RELAXED);
    if (ci_word_swap(word_of(lpCriticalSection), 0) == 2)
        ci_word_wake(word_of(lpCriticalSection), 1);
}

VOID WINAPI DeleteCriticalSection(LPCRITICAL_SECTION lpCriticalSection)
{
    if (owner_of(lpCriticalSection) != NULL && owner_of(lpCriticalSection) != self())
        ci_trace_misuse("DeleteCriticalSection of one that another thread owns");
    *lpCriticalSection = (CRITICAL_SECTION){0};
}
