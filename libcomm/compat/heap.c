/* SPDX-License-Identifier: MIT */
/* Heaps.  The process heap is the system's allocator; a heap from HeapCreate lists its blocks, so
 * that destroying it frees them, and counts them, so that a maximum is one. */
#include <stdlib.h>
#include <string.h>

#include <libcomm/compat.h>

#include "libcomm/compat/block.h"
#include "libcomm/compat/locks.h"
#include "libcomm/plat/error.h"
#include "libcomm/plat/list.h"
#include "libcomm/plat/sys.h"

#define HEAP_MAGIC 0x48656170u
#define HEAP_FLAGS_KNOWN \
    (HEAP_NO_SERIALIZE | HEAP_GENERATE_EXCEPTIONS | HEAP_ZERO_MEMORY | HEAP_REALLOC_IN_PLACE_ONLY)

struct heap {
    uint32_t magic;
    DWORD flags;
    struct ci_list blocks; /* guarded by CI_LOCK_HEAPS, as all lists of blocks */
    size_t used;           /* guarded by CI_LOCK_HEAPS: bytes asked for */
    size_t most;           /* 0: no limit */
};

/* Before each block of a created heap; its size keeps the block aligned to 16. */
struct header {
    struct ci_list link;
    struct heap *heap;
    size_t size;
};

_Static_assert(sizeof(struct header) % 16 == 0, "blocks are aligned to 16");

static struct heap process_heap = {.magic = HEAP_MAGIC};

static struct heap *heap_of(HANDLE handle)
{
    struct heap *heap = handle;

    if (heap != NULL && heap != INVALID_HANDLE_VALUE && heap->magic == HEAP_MAGIC)
        return heap;
    ci_set_last_error(ERROR_INVALID_HANDLE);
    return NULL;
}

/* A program that asked for exceptions does not look for NULL. */
static void *deliver(const struct heap *heap, DWORD flags, void *memory)
{
    if (memory == NULL && ((heap->flags | flags) & HEAP_GENERATE_EXCEPTIONS) != 0)
        abort();
    return memory;
}

HANDLE WINAPI GetProcessHeap(void)
{
    return &process_heap;
}

HANDLE WINAPI HeapCreate(DWORD flOptions, SIZE_T dwInitialSize, SIZE_T dwMaximumSize)
{
    struct heap *heap;

    (void)dwInitialSize; /* pages come as they are needed */
    if ((flOptions & ~(DWORD)(HEAP_NO_SERIALIZE | HEAP_GENERATE_EXCEPTIONS)) != 0) {
        ci_set_last_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    heap = ci_sys_alloc(sizeof(*heap));
    if (heap == NULL) {
        ci_set_last_error(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    *heap = (struct heap){.magic = HEAP_MAGIC, .flags = flOptions, .most = dwMaximumSize};
    ci_list_init(&heap->blocks);
    return heap;
}

BOOL WINAPI HeapDestroy(HANDLE hHeap)
{
    struct heap *heap = heap_of(hHeap);
    struct ci_list *link;

    if (heap == NULL || heap == &process_heap)
        return ci_fail(ERROR_INVALID_HANDLE);
    heap->magic = 0;
    while ((link = ci_list_pop(&heap->blocks)) != NULL)
        ci_sys_free(CI_CONTAINER(link, struct header, link));
    ci_sys_free(heap);
    return TRUE;
}

/* ---- blocks of a created heap ---- */

static bool charge(struct heap *heap, size_t more, size_t less)
{
    bool fits;

    ci_compat_lock(CI_LOCK_HEAPS);
    fits = heap->most == 0 || (more <= heap->most && heap->used - less <= heap->most - more);
    if (fits)
        heap->used = heap->used - less + more;
    ci_compat_unlock(CI_LOCK_HEAPS);
    return fits;
}

static void *own_alloc(struct heap *heap, size_t size)
{
    struct header *header = NULL;

    if (size <= SIZE_MAX / 2 && charge(heap, size, 0)) {
        header = ci_sys_alloc(sizeof(*header) + size);
        if (header == NULL)
            charge(heap, 0, size);
    }
    if (header == NULL) {
        ci_set_last_error(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    header->heap = heap;
    header->size = size;
    ci_compat_lock(CI_LOCK_HEAPS);
    ci_list_append(&heap->blocks, &header->link);
    ci_compat_unlock(CI_LOCK_HEAPS);
    return header + 1;
}

static struct header *header_of(struct heap *heap, void *block)
{
    struct header *header = (struct header *)block - 1;

    if (header->heap == heap)
        return header;
    ci_set_last_error(ERROR_INVALID_PARAMETER);
    return NULL;
}

static bool own_free(struct heap *heap, void *block)
{
    struct header *header = header_of(heap, block);

    if (header == NULL)
        return false;
    ci_compat_lock(CI_LOCK_HEAPS);
    ci_list_del(&header->link);
    heap->used -= header->size;
    ci_compat_unlock(CI_LOCK_HEAPS);
    header->heap = NULL;
    ci_sys_free(header);
    return true;
}

static void *own_resize(struct heap *heap, void *block, size_t size, bool in_place)
{
    struct header *header = header_of(heap, block);
    void *moved;

    if (header == NULL)
        return NULL;
    if (size <= header->size) {
        charge(heap, size, header->size);
        header->size = size;
        return block;
    }
    if (in_place) {
        ci_set_last_error(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    moved = own_alloc(heap, size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, block, header->size);
    own_free(heap, block);
    return moved;
}

/* ---- the public calls ---- */

static bool flags_known(DWORD flags)
{
    return (flags & ~(DWORD)HEAP_FLAGS_KNOWN) == 0 || ci_fail(ERROR_INVALID_PARAMETER);
}

LPVOID WINAPI HeapAlloc(HANDLE hHeap, DWORD dwFlags, SIZE_T dwBytes)
{
    struct heap *heap = heap_of(hHeap);

    if (heap == NULL || !flags_known(dwFlags))
        return NULL;
    /* always zeroed: nobody minds */
    return deliver(heap, dwFlags,
                   heap == &process_heap ? ci_block_new(dwBytes) : own_alloc(heap, dwBytes));
}

LPVOID WINAPI HeapReAlloc(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem, SIZE_T dwBytes)
{
    struct heap *heap = heap_of(hHeap);
    bool in_place = (dwFlags & HEAP_REALLOC_IN_PLACE_ONLY) != 0;

    if (heap == NULL || !flags_known(dwFlags))
        return NULL;
    if (lpMem == NULL) {
        ci_set_last_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return deliver(heap, dwFlags,
                   heap == &process_heap ? ci_block_resize(lpMem, dwBytes, in_place)
                                         : own_resize(heap, lpMem, dwBytes, in_place));
}

BOOL WINAPI HeapFree(HANDLE hHeap, DWORD dwFlags, LPVOID lpMem)
{
    struct heap *heap = heap_of(hHeap);

    if (heap == NULL || !flags_known(dwFlags))
        return FALSE;
    if (lpMem == NULL)
        return TRUE;
    if (heap != &process_heap)
        return own_free(heap, lpMem);
    ci_block_free(lpMem);
    return TRUE;
}

SIZE_T WINAPI HeapSize(HANDLE hHeap, DWORD dwFlags, LPCVOID lpMem)
{
    struct heap *heap = heap_of(hHeap);
    struct header *header;

    if (heap == NULL || lpMem == NULL || !flags_known(dwFlags))
        return (SIZE_T)-1;
    if (heap == &process_heap)
        return ci_block_size((void *)(uintptr_t)lpMem);
    header = header_of(heap, (void *)(uintptr_t)lpMem);
    return header != NULL ? header->size : (SIZE_T)-1;
}
