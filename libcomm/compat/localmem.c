/* SPDX-License-Identifier: MIT */
/* LocalAlloc and GlobalAlloc.  Fixed memory is a block of the process heap; a moveable global block
 * has a record of its own, and its handle is the record's address with a bit that no pointer to a
 * block has. */
#include <stdatomic.h>

#include <libcomm/compat.h>

#include "libcomm/compat/block.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/sys.h"

#define HANDLE_BIT ((uintptr_t)4)

struct moveable {
    void *block;
    _Atomic uint32_t locks; /* a count, nothing is ordered by it */
};

static void *fail(uint32_t error)
{
    ci_set_last_error(error);
    return NULL;
}

/* ---- local ---- */

HLOCAL WINAPI LocalAlloc(UINT uFlags, SIZE_T uBytes)
{
    if ((uFlags & ~(UINT)LMEM_ZEROINIT) != 0)
        return fail(ERROR_INVALID_PARAMETER);
    return ci_block_new(uBytes);
}

HLOCAL WINAPI LocalReAlloc(HLOCAL hMem, SIZE_T uBytes, UINT uFlags)
{
    if ((uFlags & ~(UINT)(LMEM_ZEROINIT | LMEM_MOVEABLE)) != 0)
        return fail(ERROR_INVALID_PARAMETER);
    if (hMem == NULL)
        return fail(ERROR_INVALID_HANDLE);
    return ci_block_resize(hMem, uBytes, (uFlags & LMEM_MOVEABLE) == 0);
}

SIZE_T WINAPI LocalSize(HLOCAL hMem)
{
    if (hMem == NULL)
        return ci_fail(ERROR_INVALID_HANDLE);
    return ci_block_size(hMem);
}

/* ---- global ---- */

static struct moveable *moveable_of(HGLOBAL handle)
{
    return ((uintptr_t)handle & HANDLE_BIT) != 0
               ? (struct moveable *)((uintptr_t)handle & ~HANDLE_BIT)
               : NULL;
}

HGLOBAL WINAPI GlobalAlloc(UINT uFlags, SIZE_T dwBytes)
{
    struct moveable *m;

    if ((uFlags & ~(UINT)(GMEM_ZEROINIT | GMEM_MOVEABLE)) != 0)
        return fail(ERROR_INVALID_PARAMETER);
    if ((uFlags & GMEM_MOVEABLE) == 0)
        return ci_block_new(dwBytes);
    m = ci_sys_alloc(sizeof(*m));
    if (m == NULL)
        return fail(ERROR_NOT_ENOUGH_MEMORY);
    m->block = ci_block_new(dwBytes);
    if (m->block == NULL) {
        ci_sys_free(m);
        return fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    return (HGLOBAL)((uintptr_t)m | HANDLE_BIT);
}

HGLOBAL WINAPI GlobalReAlloc(HGLOBAL hMem, SIZE_T dwBytes, UINT uFlags)
{
    struct moveable *m = moveable_of(hMem);
    bool may_move = (uFlags & GMEM_MOVEABLE) != 0;
    void *block;

    if ((uFlags & ~(UINT)(GMEM_ZEROINIT | GMEM_MOVEABLE)) != 0)
        return fail(ERROR_INVALID_PARAMETER);
    if (hMem == NULL)
        return fail(ERROR_INVALID_HANDLE);
    if (m == NULL)
        return ci_block_resize(hMem, dwBytes, !may_move);
    /* a locked block stays, because somebody has its address */
    block = ci_block_resize(m->block, dwBytes, m->locks > 0 && !may_move);
    if (block == NULL)
        return NULL;
    m->block = block;
    return hMem;
}

HGLOBAL WINAPI GlobalFree(HGLOBAL hMem)
{
    struct moveable *m = moveable_of(hMem);

    ci_block_free(m != NULL ? m->block : hMem);
    ci_sys_free(m);
    return NULL;
}

SIZE_T WINAPI GlobalSize(HGLOBAL hMem)
{
    struct moveable *m = moveable_of(hMem);

    if (hMem == NULL)
        return ci_fail(ERROR_INVALID_HANDLE);
    return ci_block_size(m != NULL ? m->block : hMem);
}

LPVOID WINAPI GlobalLock(HGLOBAL hMem)
{
    struct moveable *m = moveable_of(hMem);

    if (hMem == NULL)
        return fail(ERROR_INVALID_HANDLE);
    if (m == NULL)
        return hMem;
    m->locks++;
    return m->block;
}

BOOL WINAPI GlobalUnlock(HGLOBAL hMem)
{
    struct moveable *m = moveable_of(hMem);
    uint32_t locks;

    if (hMem == NULL)
        return ci_fail(ERROR_INVALID_HANDLE);
    if (m == NULL)
        return TRUE;
    locks = m->locks;
    do {
        if (locks == 0)
            return ci_fail(ERROR_NOT_LOCKED);
    } while (!atomic_compare_exchange_strong(&m->locks, &locks, locks - 1));
    return locks > 1 || ci_fail(NO_ERROR);
}
