/* SPDX-License-Identifier: MIT */
/* A 32-bit futex word inside a structure whose layout belongs to the program (a LONG, half a
 * pointer).  The library sees it as a word and nothing else; may_alias makes that legal. */
#ifndef CI_COMPAT_WORD_H
#define CI_COMPAT_WORD_H

#include <stdbool.h>
#include <stdint.h>

#include "libcomm/plat/clock.h"
#include "libcomm/plat/sys.h"

typedef uint32_t ci_word __attribute__((may_alias));

static inline uint32_t ci_word_load(ci_word *word)
{
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}

/* Full barriers, all of them: these are the slow half of a lock, and its fast half is one of them.
 */
static inline bool ci_word_move(ci_word *word, uint32_t from, uint32_t to)
{
    return __atomic_compare_exchange_n(word, &from, to, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
}

static inline uint32_t ci_word_swap(ci_word *word, uint32_t to)
{
    return __atomic_exchange_n(word, to, __ATOMIC_SEQ_CST);
}

static inline uint32_t ci_word_add(ci_word *word, uint32_t more)
{
    return __atomic_fetch_add(word, more, __ATOMIC_SEQ_CST);
}

/* Sleeps while the word is `expected`; may return for no reason. */
static inline void ci_word_wait(ci_word *word, uint32_t expected, uint64_t deadline_ns)
{
    ci_sys_futex_wait((_Atomic uint32_t *)word, expected, deadline_ns);
}

/* Only the address is used: the memory may be somebody else's by now. */
static inline void ci_word_wake(ci_word *word, int count)
{
    ci_sys_futex_wake((_Atomic uint32_t *)word, count);
}

static inline void ci_word_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#else
    __asm__ __volatile__("" : : : "memory");
#endif
}

#endif
