/* SPDX-License-Identifier: MIT */
/* VirtualAlloc: reservations are mappings without access, committing gives access.  A list of the
 * reservations is kept, because releasing one names only its address. */
#include <errno.h>
#include <sys/mman.h>

#include <libcomm/compat.h>

#include "libcomm/compat/locks.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/list.h"
#include "libcomm/plat/sys.h"
#include "libcomm/plat/sys_compat.h"

struct region {
    struct ci_list link;
    uintptr_t base;
    size_t size;
};

static struct ci_list regions = {&regions, &regions}; /* guarded by CI_LOCK_REGIONS */

static const struct {
    DWORD protect;
    int linux_protection;
} protections[] = {
    {PAGE_NOACCESS,          PROT_NONE                         },
    {PAGE_READONLY,          PROT_READ                         },
    {PAGE_READWRITE,         PROT_READ | PROT_WRITE            },
    {PAGE_EXECUTE,           PROT_EXEC                         },
    {PAGE_EXECUTE_READ,      PROT_READ | PROT_EXEC             },
    {PAGE_EXECUTE_READWRITE, PROT_READ | PROT_WRITE | PROT_EXEC},
};

/* -1: no such protection. */
static int protection_of(DWORD protect)
{
    for (size_t i = 0; i < sizeof(protections) / sizeof(protections[0]); i++) {
        if (protections[i].protect == protect)
            return protections[i].linux_protection;
    }
    return -1;
}

static void *fail(uint32_t error)
{
    ci_set_last_error(error);
    return NULL;
}

/* Whole pages around what is asked for; false when that is too much. */
static bool pages_around(uintptr_t *at, size_t *size)
{
    uintptr_t page = ci_sys_page_size(), end = *at + *size;

    if (end < *at || end > UINTPTR_MAX - page)
        return false;
    *at &= ~(page - 1);
    *size = ((end + page - 1) & ~(page - 1)) - *at;
    return true;
}

static struct region *region_around_locked(uintptr_t at, size_t size)
{
    CI_LIST_EACH (link, after, &regions) {
        struct region *r = CI_CONTAINER(link, struct region, link);

        if (at >= r->base && at - r->base < r->size && size <= r->size - (at - r->base))
            return r;
    }
    return NULL;
}

static void *reserve(uintptr_t at, size_t size, int protection)
{
    struct region *r = ci_sys_alloc(sizeof(*r));
    void *base;
    int err;

    if (r == NULL)
        return fail(ERROR_NOT_ENOUGH_MEMORY);
    err = ci_sys_map(&base, (void *)at, size, protection);
    if (err != 0) {
        ci_sys_free(r);
        return fail(at != 0 && err != -ENOMEM ? ERROR_INVALID_ADDRESS : ERROR_NOT_ENOUGH_MEMORY);
    }
    r->base = (uintptr_t)base;
    r->size = size;
    ci_compat_lock(CI_LOCK_REGIONS);
    ci_list_append(&regions, &r->link);
    ci_compat_unlock(CI_LOCK_REGIONS);
    return base;
}

static void *commit(uintptr_t at, size_t size, int protection)
{
    uint32_t error = 0;

    ci_compat_lock(CI_LOCK_REGIONS);
    if (region_around_locked(at, size) == NULL)
        error = ERROR_INVALID_ADDRESS;
    else if (ci_sys_protect((void *)at, size, protection) != 0)
        error = ERROR_NOT_ENOUGH_MEMORY;
    ci_compat_unlock(CI_LOCK_REGIONS);
    return error != 0 ? fail(error) : (void *)at;
}

LPVOID WINAPI VirtualAlloc(LPVOID lpAddress, SIZE_T dwSize, DWORD flAllocationType, DWORD flProtect)
{
    DWORD type = flAllocationType & ~(DWORD)MEM_TOP_DOWN;
    int protection = protection_of(flProtect);
    uintptr_t at = (uintptr_t)lpAddress;
    size_t size = dwSize;

    if (type == 0 || (type & ~(DWORD)(MEM_COMMIT | MEM_RESERVE)) != 0 || protection < 0 ||
        size == 0 || !pages_around(&at, &size))
        return fail(ERROR_INVALID_PARAMETER);
    if (type == MEM_COMMIT && lpAddress != NULL)
        return commit(at, size, protection);
    return reserve(at, size, (type & MEM_COMMIT) != 0 ? protection : PROT_NONE);
}

static uint32_t release(uintptr_t at)
{
    struct region *r;

    ci_compat_lock(CI_LOCK_REGIONS);
    r = region_around_locked(at, 1);
    if (r != NULL && r->base == at)
        ci_list_del(&r->link);
    ci_compat_unlock(CI_LOCK_REGIONS);
    if (r == NULL || r->base != at)
        return ERROR_INVALID_ADDRESS;
    ci_sys_unmap((void *)at, r->size);
    ci_sys_free(r);
    return 0;
}

static uint32_t decommit(uintptr_t at, size_t size)
{
    uint32_t error = 0;
    struct region *r;

    if (size != 0 && !pages_around(&at, &size))
        return ERROR_INVALID_PARAMETER;
    ci_compat_lock(CI_LOCK_REGIONS);
    r = region_around_locked(at, size != 0 ? size : 1);
    if (r == NULL || (size == 0 && r->base != at))
        error = ERROR_INVALID_ADDRESS;
    else if (ci_sys_discard((void *)at, size != 0 ? size : r->size) != 0 ||
             ci_sys_protect((void *)at, size != 0 ? size : r->size, PROT_NONE) != 0)
        error = ERROR_NOT_ENOUGH_MEMORY;
    ci_compat_unlock(CI_LOCK_REGIONS);
    return error;
}

BOOL WINAPI VirtualFree(LPVOID lpAddress, SIZE_T dwSize, DWORD dwFreeType)
{
    uintptr_t at = (uintptr_t)lpAddress;
    uint32_t error = ERROR_INVALID_PARAMETER;

    if (dwFreeType == MEM_RELEASE && dwSize == 0)
        error = release(at);
    else if (dwFreeType == MEM_DECOMMIT)
        error = decommit(at, dwSize);
    return error == 0 || ci_fail(error);
}
