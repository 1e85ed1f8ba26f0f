/* SPDX-License-Identifier: MIT */
/* One-time initialization: the pointer is the context with the state in its two low bits, which are
 * also the low bits of the futex word that latecomers sleep on. */
#include <libcomm/compat.h>

#include "libcomm/compat/word.h"
#include "libcomm/plat/error.h"

#define STATE 3u
enum { FRESH = 0, RUNNING = 1, DONE = 2, RACING = 3 };
#define EVERYBODY 0x7FFFFFFF

static uintptr_t load(INIT_ONCE *once)
{
    return (uintptr_t)__atomic_load_n(&once->Ptr, __ATOMIC_ACQUIRE);
}

static bool move(INIT_ONCE *once, uintptr_t from, uintptr_t to)
{
    void *expected = (void *)from;

    return __atomic_compare_exchange_n(&once->Ptr, &expected, (void *)to, false, __ATOMIC_ACQ_REL,
                                       __ATOMIC_RELAXED);
}

static ci_word *word_of(INIT_ONCE *once)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return (ci_word *)&once->Ptr;
#else
    return (ci_word *)&once->Ptr + 1;
#endif
}

/* RUNNING -> `to`, and everybody looks again. */
static bool settle(INIT_ONCE *once, uintptr_t to)
{
    bool moved = move(once, RUNNING, to);

    if (moved)
        ci_word_wake(word_of(once), EVERYBODY);
    return moved;
}

VOID WINAPI InitOnceInitialize(PINIT_ONCE InitOnce)
{
    InitOnce->Ptr = NULL;
}

static bool already_done(uintptr_t value, PBOOL pending, LPVOID *context)
{
    *pending = FALSE;
    if (context != NULL)
        *context = (void *)(value & ~(uintptr_t)STATE);
    return true;
}

/* One look at the state; false when the caller must look again. */
static bool begin_step(INIT_ONCE *once, bool async, PBOOL pending, LPVOID *context, bool *result)
{
    uintptr_t value = load(once);

    *pending = TRUE;
    *result = true;
    switch (value & STATE) {
    case DONE:
        *result = already_done(value, pending, context);
        return true;
    case RACING:
        *result = async || ci_fail(ERROR_INVALID_PARAMETER);
        return true;
    case RUNNING:
        if (!async) {
            ci_word_wait(word_of(once), (uint32_t)value, CI_NEVER);
            return false;
        }
        *result = ci_fail(ERROR_INVALID_PARAMETER);
        return true;
    default:
        return move(once, FRESH, async ? RACING : RUNNING);
    }
}

BOOL WINAPI InitOnceBeginInitialize(LPINIT_ONCE lpInitOnce, DWORD dwFlags, PBOOL fPending,
                                    LPVOID *lpContext)
{
    bool result;

    if ((dwFlags & ~(DWORD)(INIT_ONCE_CHECK_ONLY | INIT_ONCE_ASYNC)) != 0)
        return ci_fail(ERROR_INVALID_PARAMETER);
    if ((dwFlags & INIT_ONCE_CHECK_ONLY) != 0) {
        uintptr_t value = load(lpInitOnce);

        if ((dwFlags & INIT_ONCE_ASYNC) != 0)
            return ci_fail(ERROR_INVALID_PARAMETER);
        if ((value & STATE) != DONE)
            return ci_fail(ERROR_GEN_FAILURE);
        return already_done(value, fPending, lpContext);
    }
    while (!begin_step(lpInitOnce, (dwFlags & INIT_ONCE_ASYNC) != 0, fPending, lpContext, &result))
        ;
    return result;
}

static bool complete(INIT_ONCE *once, bool async, bool failed, uintptr_t context)
{
    switch (load(once) & STATE) {
    case RUNNING:
        if (async)
            return ci_fail(ERROR_INVALID_PARAMETER);
        return settle(once, failed ? FRESH : context | DONE) || ci_fail(ERROR_GEN_FAILURE);
    case RACING:
        if (!async)
            return ci_fail(ERROR_INVALID_PARAMETER);
        return move(once, RACING, context | DONE) || ci_fail(ERROR_GEN_FAILURE);
    default:
        return ci_fail(ERROR_GEN_FAILURE);
    }
}

BOOL WINAPI InitOnceComplete(LPINIT_ONCE lpInitOnce, DWORD dwFlags, LPVOID lpContext)
{
    bool async = (dwFlags & INIT_ONCE_ASYNC) != 0;
    bool failed = (dwFlags & INIT_ONCE_INIT_FAILED) != 0;

    if ((dwFlags & ~(DWORD)(INIT_ONCE_ASYNC | INIT_ONCE_INIT_FAILED)) != 0 || (async && failed) ||
        (failed && lpContext != NULL) || ((uintptr_t)lpContext & STATE) != 0)
        return ci_fail(ERROR_INVALID_PARAMETER);
    return complete(lpInitOnce, async, failed, (uintptr_t)lpContext);
}

BOOL WINAPI InitOnceExecuteOnce(PINIT_ONCE InitOnce, PINIT_ONCE_FN InitFn, PVOID Parameter,
                                LPVOID *Context)
{
    BOOL pending;
    void *made = NULL;

    if (!InitOnceBeginInitialize(InitOnce, 0, &pending, Context))
        return FALSE;
    if (!pending)
        return TRUE;
    if (!InitFn(InitOnce, Parameter, &made)) {
        uint32_t error = ci_last_error();

        settle(InitOnce, FRESH);
        ci_set_last_error(error);
        return FALSE;
    }
    if (((uintptr_t)made & STATE) != 0) {
        settle(InitOnce, FRESH);
        return ci_fail(ERROR_INVALID_PARAMETER);
    }
    settle(InitOnce, (uintptr_t)made | DONE);
    if (Context != NULL)
        *Context = made;
    return TRUE;
}
