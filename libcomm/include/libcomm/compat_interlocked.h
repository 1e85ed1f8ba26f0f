/* SPDX-License-Identifier: MIT */
#ifndef LIBCOMM_COMPAT_INTERLOCKED_H
#define LIBCOMM_COMPAT_INTERLOCKED_H

/*
 * Interlocked arithmetic: every form is one atomic step and a full barrier.  LONG has 32 bits, so a
 * counter declared `long` is another type here, and the compiler says so; C++ has forms for it.
 */

#include <libcomm/types.h>

/* NOLINTBEGIN(bugprone-macro-parentheses): a type in parentheses declares nothing */

/* One family of functions on `type`, named Interlocked...suffix. */
#define COMM_INTERLOCKED_FAMILY(type, suffix)                                               \
    static inline type InterlockedIncrement##suffix(type volatile *Addend)                  \
    {                                                                                       \
        return __atomic_add_fetch(Addend, (type)1, __ATOMIC_SEQ_CST);                       \
    }                                                                                       \
    static inline type InterlockedDecrement##suffix(type volatile *Addend)                  \
    {                                                                                       \
        return __atomic_sub_fetch(Addend, (type)1, __ATOMIC_SEQ_CST);                       \
    }                                                                                       \
    static inline type InterlockedExchange##suffix(type volatile *Target, type Value)       \
    {                                                                                       \
        return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);                        \
    }                                                                                       \
    static inline type InterlockedExchangeAdd##suffix(type volatile *Addend, type Value)    \
    {                                                                                       \
        return __atomic_fetch_add(Addend, Value, __ATOMIC_SEQ_CST);                         \
    }                                                                                       \
    static inline type InterlockedAdd##suffix(type volatile *Addend, type Value)            \
    {                                                                                       \
        return __atomic_add_fetch(Addend, Value, __ATOMIC_SEQ_CST);                         \
    }                                                                                       \
    static inline type InterlockedCompareExchange##suffix(type volatile *Destination,       \
                                                          type Exchange, type Comperand)    \
    {                                                                                       \
        __atomic_compare_exchange_n(Destination, &Comperand, Exchange, 0, __ATOMIC_SEQ_CST, \
                                    __ATOMIC_SEQ_CST);                                      \
        return Comperand;                                                                   \
    }                                                                                       \
    static inline type InterlockedAnd##suffix(type volatile *Destination, type Value)       \
    {                                                                                       \
        return __atomic_fetch_and(Destination, Value, __ATOMIC_SEQ_CST);                    \
    }                                                                                       \
    static inline type InterlockedOr##suffix(type volatile *Destination, type Value)        \
    {                                                                                       \
        return __atomic_fetch_or(Destination, Value, __ATOMIC_SEQ_CST);                     \
    }                                                                                       \
    static inline type InterlockedXor##suffix(type volatile *Destination, type Value)       \
    {                                                                                       \
        return __atomic_fetch_xor(Destination, Value, __ATOMIC_SEQ_CST);                    \
    }

/* NOLINTEND(bugprone-macro-parentheses) */

COMM_INTERLOCKED_FAMILY(LONG, )
COMM_INTERLOCKED_FAMILY(LONG64, 64)
COMM_INTERLOCKED_FAMILY(SHORT, 16)

/* Counters of the other widths and signs, as Windows' own headers allow them in C++. */
#ifdef __cplusplus
extern "C++" {
COMM_INTERLOCKED_FAMILY(unsigned int, )
COMM_INTERLOCKED_FAMILY(unsigned long, )
COMM_INTERLOCKED_FAMILY(long, )
}
#endif

static inline PVOID InterlockedExchangePointer(PVOID volatile *Target, PVOID Value)
{
    return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);
}

static inline PVOID InterlockedCompareExchangePointer(PVOID volatile *Destination, PVOID Exchange,
                                                      PVOID Comperand)
{
    __atomic_compare_exchange_n(Destination, &Comperand, Exchange, 0, __ATOMIC_SEQ_CST,
                                __ATOMIC_SEQ_CST);
    return Comperand;
}

/* Weaker orders are asked for by name; a full barrier is all of them. */
#define InterlockedIncrementAcquire InterlockedIncrement
#define InterlockedIncrementRelease InterlockedIncrement
#define InterlockedIncrementNoFence InterlockedIncrement
#define InterlockedDecrementAcquire InterlockedDecrement
#define InterlockedDecrementRelease InterlockedDecrement
#define InterlockedDecrementNoFence InterlockedDecrement
#define InterlockedExchangeAcquire InterlockedExchange
#define InterlockedCompareExchangeAcquire InterlockedCompareExchange
#define InterlockedCompareExchangeRelease InterlockedCompareExchange

/* As compiler intrinsics they have an underscore more. */
#define _InterlockedIncrement InterlockedIncrement
#define _InterlockedDecrement InterlockedDecrement
#define _InterlockedExchange InterlockedExchange
#define _InterlockedExchangeAdd InterlockedExchangeAdd
#define _InterlockedCompareExchange InterlockedCompareExchange
#define _InterlockedAnd InterlockedAnd
#define _InterlockedOr InterlockedOr
#define _InterlockedXor InterlockedXor

#define MemoryBarrier() __atomic_thread_fence(__ATOMIC_SEQ_CST)

static inline void YieldProcessor(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ __volatile__("yield" : : : "memory");
#else
    __asm__ __volatile__("" : : : "memory");
#endif
}

#endif
