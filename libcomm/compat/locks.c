/* SPDX-License-Identifier: MIT */
/* Takes every lock of this layer before a fork and gives them back after it, on both sides.  They
 * are all of one rank and never taken together otherwise, so the check of ranks is left out here.
 */
#include "libcomm/compat/locks.h"

#include <pthread.h>

#define LEAF CI_LOCK_INIT(CI_RANK_LEAF)

struct ci_lock ci_compat_locks[CI_COMPAT_LOCKS] = {LEAF, LEAF, LEAF, LEAF, LEAF};

static void take_all(void)
{
    for (unsigned i = 0; i < CI_COMPAT_LOCKS; i++)
        ci_lock_take(&ci_compat_locks[i]);
}

static void give_back_all(void)
{
    for (unsigned i = CI_COMPAT_LOCKS; i > 0; i--) {
        struct ci_lock *lock = &ci_compat_locks[i - 1];

        if (atomic_exchange_explicit(&lock->word, 0, memory_order_release) == 2)
            ci_unlock_slow(lock);
    }
}

__attribute__((constructor)) static void watch_forks(void)
{
    pthread_atfork(take_all, give_back_all, give_back_all);
}
