/* SPDX-License-Identifier: MIT */
/* Heaps, local and global memory, pages: sizes, zeros, what moves and what may not, and whose
 * memory may be freed by whom. */
#include "harness.h"

#include <libcomm/comm.h>
#include <libcomm/compat.h>
#include <stdint.h>
#include <string.h>

#include "libcomm/plat/testing.h"

static const SIZE_T sizes[] = {0, 1, 7, 8, 15, 16, 17, 24, 100, 4096, 200000};

static bool is_filled(const void *memory, unsigned char byte, size_t size)
{
    const unsigned char *bytes = memory;

    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != byte)
            return false;
    }
    return true;
}

/* In the process heap, and in a heap of its own. */
static void check_heap(const char *when, HANDLE heap)
{
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        unsigned char *block = HeapAlloc(heap, HEAP_ZERO_MEMORY, sizes[i]);

        CHECK(block != NULL);
        CHECK_EQ_WHEN(when, (uintptr_t)block % 16, 0);
        CHECK_EQ_WHEN(when, HeapSize(heap, 0, block), sizes[i]);
        CHECK(is_filled(block, 0, sizes[i]));
        memset(block, 0xA5, sizes[i]);
        block = HeapReAlloc(heap, HEAP_ZERO_MEMORY, block, sizes[i] + 1000);
        CHECK_EQ_WHEN(when, HeapSize(heap, 0, block), sizes[i] + 1000);
        CHECK(is_filled(block, 0xA5, sizes[i]));
        CHECK(is_filled(block + sizes[i], 0, 1000));
        block = HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, sizes[i] / 2);
        CHECK(block != NULL);
        CHECK_EQ_WHEN(when, HeapSize(heap, 0, block), sizes[i] / 2);
        CHECK(HeapReAlloc(heap, HEAP_REALLOC_IN_PLACE_ONLY, block, 4000000) == NULL);
        CHECK_EQ_WHEN(when, GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        CHECK_EQ_WHEN(when, HeapSize(heap, 0, block), sizes[i] / 2);
        CHECK(HeapFree(heap, 0, block));
    }
    CHECK(HeapFree(heap, 0, NULL));
    CHECK(HeapAlloc(heap, 0, SIZE_MAX - 10) == NULL);
    CHECK_EQ_WHEN(when, GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    CHECK_EQ_WHEN(when, HeapSize(heap, 0, NULL), -1);
}

static void a_heap_gives_blocks_of_the_size_asked_for(void)
{
    HANDLE own = HeapCreate(0, 0, 0);

    check_heap("the process heap", GetProcessHeap());
    check_heap("a heap of its own", own);
    CHECK(HeapDestroy(own));
}

static void a_created_heap_frees_what_it_gave_and_keeps_to_its_maximum(void)
{
    HANDLE heap = HeapCreate(HEAP_NO_SERIALIZE, 100, 10000), other = HeapCreate(0, 0, 0);
    char *block = HeapAlloc(heap, 0, 6000);

    CHECK(block != NULL);
    CHECK(HeapAlloc(heap, 0, 6000) == NULL);
    CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    CHECK(HeapAlloc(heap, 0, 3000) != NULL); /* not freed here: destroying the heap does */
    CHECK(!HeapFree(other, 0, block));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(HeapFree(heap, 0, block));
    CHECK(HeapAlloc(heap, 0, 7000) != NULL);
    CHECK(HeapAlloc(heap, 0, 1) == NULL);
    CHECK(HeapDestroy(heap));
    CHECK(HeapDestroy(other));
    CHECK(!HeapDestroy(GetProcessHeap()));
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(HeapAlloc(NULL, 0, 1) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
    CHECK(HeapCreate(0x80000000, 0, 0) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

static void local_memory_grows_with_zeros(void)
{
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        unsigned char *block = LocalAlloc(LPTR, sizes[i]);

        CHECK_EQ(LocalSize(block), sizes[i]);
        CHECK(is_filled(block, 0, sizes[i]));
        memset(block, 0x5A, sizes[i]);
        block = LocalReAlloc(block, sizes[i] * 3 + 50, LMEM_MOVEABLE | LMEM_ZEROINIT);
        CHECK_EQ(LocalSize(block), sizes[i] * 3 + 50);
        CHECK(is_filled(block, 0x5A, sizes[i]));
        CHECK(is_filled(block + sizes[i], 0, sizes[i] * 2 + 50));
        CHECK(LocalReAlloc(block, 9000000, LMEM_ZEROINIT) == NULL); /* it would have to move */
        CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        CHECK(LocalFree(block) == NULL);
    }
    CHECK(LocalAlloc(LMEM_MOVEABLE, 5) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

static void memory_of_the_process_heap_may_be_freed_by_each_of_its_names(void)
{
    char *message = NULL;

    CHECK(HeapFree(GetProcessHeap(), 0, LocalAlloc(LPTR, 10)));
    CHECK(LocalFree(HeapAlloc(GetProcessHeap(), 0, 10)) == NULL);
    CHECK(GlobalFree(LocalAlloc(LPTR, 10)) == NULL);
    CHECK(LocalFree(GlobalAlloc(GPTR, 10)) == NULL);
    CHECK(FormatMessageA(FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM, NULL,
                         ERROR_ACCESS_DENIED, 0, (LPSTR)&message, 0, NULL) > 0);
    CHECK(HeapSize(GetProcessHeap(), 0, message) > strlen(message));
    CHECK(HeapFree(GetProcessHeap(), 0, message));
}

static void moveable_memory_is_locked_for_its_pointer(void)
{
    HGLOBAL handle = GlobalAlloc(GHND, 100);
    char *block = GlobalLock(handle);

    CHECK(is_filled(block, 0, 100));
    CHECK_EQ(GlobalSize(handle), 100);
    CHECK(GlobalLock(handle) == block);
    CHECK(GlobalReAlloc(handle, 9000000, 0) == NULL); /* somebody has its address */
    CHECK(GlobalUnlock(handle));
    CHECK(!GlobalUnlock(handle));
    CHECK_EQ(GetLastError(), NO_ERROR);
    CHECK(!GlobalUnlock(handle));
    CHECK_EQ(GetLastError(), ERROR_NOT_LOCKED);
    CHECK(GlobalReAlloc(handle, 9000000, GMEM_ZEROINIT) == handle);
    CHECK_EQ(GlobalSize(handle), 9000000);
    CHECK(GlobalFree(handle) == NULL);
    block = GlobalAlloc(GPTR, 10);
    CHECK(GlobalLock(block) == block);
    CHECK(GlobalUnlock(block));
    CHECK(GlobalFree(block) == NULL);
    CHECK(GlobalLock(NULL) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

static void pages_are_reserved_committed_and_given_back(void)
{
    SYSTEM_INFO info;
    char *base, *page;

    GetSystemInfo(&info);
    base = VirtualAlloc(NULL, 10 * info.dwPageSize, MEM_RESERVE, PAGE_READWRITE);
    CHECK(base != NULL);
    CHECK_EQ((uintptr_t)base % info.dwPageSize, 0);
    page = VirtualAlloc(base + 3 * info.dwPageSize + 5, 1, MEM_COMMIT, PAGE_READWRITE);
    CHECK(page == base + 3 * info.dwPageSize); /* the page around it */
    CHECK(is_filled(page, 0, info.dwPageSize));
    memset(page, 1, info.dwPageSize);
    CHECK(VirtualFree(page, info.dwPageSize, MEM_DECOMMIT));
    CHECK(VirtualAlloc(page, 1, MEM_COMMIT, PAGE_READWRITE) == page);
    CHECK(is_filled(page, 0, info.dwPageSize));
    CHECK(VirtualAlloc(base, info.dwPageSize, MEM_RESERVE, PAGE_READWRITE) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_ADDRESS); /* taken */
    CHECK(VirtualAlloc(base, 11 * info.dwPageSize, MEM_COMMIT, PAGE_READWRITE) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_ADDRESS); /* more than was reserved */
    CHECK(!VirtualFree(page, 0, MEM_RELEASE));
    CHECK_EQ(GetLastError(), ERROR_INVALID_ADDRESS);
    CHECK(!VirtualFree(base, info.dwPageSize, MEM_RELEASE));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK(VirtualFree(base, 0, MEM_RELEASE));
    CHECK(!VirtualFree(base, 0, MEM_RELEASE));
    CHECK(VirtualAlloc(NULL, 1, MEM_COMMIT, 0x1234) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

static void memory_that_runs_out_is_error_8(void)
{
    SetLastError(0);
    ci_testing_fail(CI_FAULT_MEMORY, 0, true);
    CHECK(HeapAlloc(GetProcessHeap(), 0, 10) == NULL);
    CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    CHECK(HeapCreate(0, 0, 0) == NULL);
    CHECK(LocalAlloc(LPTR, 10) == NULL);
    CHECK(VirtualAlloc(NULL, 10, MEM_COMMIT, PAGE_READWRITE) == NULL);
    CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    ci_testing_fail(0, 0, false);
    for (unsigned nth = 0; nth < 2; nth++) {
        ci_testing_fail(CI_FAULT_MEMORY, nth, false);
        SetLastError(0);
        CHECK(GlobalAlloc(GHND, 10) == NULL);
        CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
        ci_testing_fail(CI_FAULT_MEMORY, nth, false);
        CHECK(VirtualAlloc(NULL, 10, MEM_COMMIT, PAGE_READWRITE) == NULL);
        ci_testing_fail(0, 0, false);
    }
}

static void the_memory_macros_do_what_they_say(void)
{
    char one[8] = "1234567", other[8];

    CopyMemory(other, one, sizeof(one));
    CHECK_EQ(memcmp(one, other, sizeof(one)), 0);
    MoveMemory(other + 1, other, 6);
    CHECK_EQ(memcmp(other, "1123456", 7), 0);
    FillMemory(other, 3, 'x');
    CHECK_EQ(memcmp(other, "xxx3456", 7), 0);
    ZeroMemory(other, sizeof(other));
    CHECK(is_filled(other, 0, sizeof(other)));
    CHECK(SecureZeroMemory(one, sizeof(one)) == one);
    CHECK(is_filled(one, 0, sizeof(one)));
}

COMM_TEST_MAIN(TEST(a_heap_gives_blocks_of_the_size_asked_for),
               TEST(a_created_heap_frees_what_it_gave_and_keeps_to_its_maximum),
               TEST(local_memory_grows_with_zeros),
               TEST(memory_of_the_process_heap_may_be_freed_by_each_of_its_names),
               TEST(moveable_memory_is_locked_for_its_pointer),
               TEST(pages_are_reserved_committed_and_given_back),
               TEST(memory_that_runs_out_is_error_8), TEST(the_memory_macros_do_what_they_say))
