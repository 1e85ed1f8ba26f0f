/* SPDX-License-Identifier: MIT */
/* Thread local storage by index.  An index is a pthread key, and a table says which are ours,
 * because asking for a key that does not exist is not something pthreads answer. */
#include <pthread.h>
#include <stdatomic.h>

#include <libcomm/compat.h>

#include "libcomm/plat/error.h"

#define KEYS 1024 /* as many as glibc has */

static _Atomic bool taken[KEYS]; /* set after the key is made, cleared before it goes */

static bool is_index(DWORD index)
{
    return index < KEYS && atomic_load(&taken[index]);
}

DWORD WINAPI TlsAlloc(void)
{
    pthread_key_t key;

    if (pthread_key_create(&key, NULL) != 0) {
        ci_set_last_error(ERROR_NO_MORE_ITEMS);
        return TLS_OUT_OF_INDEXES;
    }
    if (key >= KEYS) {
        pthread_key_delete(key);
        ci_set_last_error(ERROR_NO_MORE_ITEMS);
        return TLS_OUT_OF_INDEXES;
    }
    atomic_store(&taken[key], true);
    return (DWORD)key;
}

BOOL WINAPI TlsFree(DWORD dwTlsIndex)
{
    if (dwTlsIndex >= KEYS || !atomic_exchange(&taken[dwTlsIndex], false))
        return ci_fail(ERROR_INVALID_PARAMETER);
    pthread_key_delete((pthread_key_t)dwTlsIndex);
    return TRUE;
}

LPVOID WINAPI TlsGetValue(DWORD dwTlsIndex)
{
    if (!is_index(dwTlsIndex)) {
        ci_set_last_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    ci_set_last_error(ERROR_SUCCESS);
    return pthread_getspecific((pthread_key_t)dwTlsIndex);
}

BOOL WINAPI TlsSetValue(DWORD dwTlsIndex, LPVOID lpTlsValue)
{
    if (!is_index(dwTlsIndex))
        return ci_fail(ERROR_INVALID_PARAMETER);
    if (pthread_setspecific((pthread_key_t)dwTlsIndex, lpTlsValue) != 0)
        return ci_fail(ERROR_NOT_ENOUGH_MEMORY);
    return TRUE;
}
