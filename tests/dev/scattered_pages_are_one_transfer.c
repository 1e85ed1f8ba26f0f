/* SPDX-License-Identifier: MIT */
/* ReadFileScatter and WriteFileGather: pages anywhere in memory, one range of the file. */
#include "disk.h"

#define PAGE 4096u
#define PAGES 300u /* more than the kernel is given at once; more than a worker's worth below */

static unsigned char *pages(unsigned count)
{
    return aligned_alloc(PAGE, (size_t)count * PAGE);
}

/* Page i of the request is page count-1-i of the memory. */
static FILE_SEGMENT_ELEMENT *backwards(unsigned char *memory, unsigned count)
{
    FILE_SEGMENT_ELEMENT *segment = calloc(count + 1, sizeof *segment);

    for (unsigned i = 0; i < count; i++)
        segment[i].Buffer = memory + (size_t)(count - 1 - i) * PAGE;
    return segment;
}

static void check_both_ways(unsigned count, DWORD flags)
{
    DWORD len = count * PAGE, n = 0;
    unsigned char *out = pages(count), *in = pages(count);
    FILE_SEGMENT_ELEMENT *from = backwards(out, count), *to = backwards(in, count);
    HANDLE h = disk_new("pages", "", flags | FILE_FLAG_NO_BUFFERING);
    OVERLAPPED ov = disk_at(PAGE, NULL);
    bool overlapped = (flags & FILE_FLAG_OVERLAPPED) != 0;

    pattern_fill(out, len, 0);
    memset(in, 0, len);
    CHECK_EQ(outcome(WriteFileGather(h, from, len, NULL, &ov)), overlapped ? ERROR_IO_PENDING : 0);
    CHECK_EQ(result_of(h, &ov, &n), 0);
    CHECK_EQ(n, len);
    memset(from, 0, count * sizeof *from); /* the array is needed during the call only */
    ov = disk_at(PAGE, NULL);
    CHECK_EQ(outcome(ReadFileScatter(h, to, len, NULL, &ov)), overlapped ? ERROR_IO_PENDING : 0);
    CHECK_EQ(result_of(h, &ov, &n), 0);
    CHECK_EQ(n, len);
    CHECK(memcmp(in, out, len) == 0);
    ov = disk_at(PAGE, NULL);
    ReadFile(h, in, PAGE, NULL, &ov);
    CHECK_EQ(result_of(h, &ov, &n), 0);
    CHECK(memcmp(in, out + (size_t)(count - 1) * PAGE, PAGE) == 0); /* the first of the file */
    CloseHandle(h);
    free(from);
    free(to);
    free(out);
    free(in);
}

static void pages_land_where_each_is_told(void)
{
    check_both_ways(1, FILE_FLAG_OVERLAPPED);
    check_both_ways(3, FILE_FLAG_OVERLAPPED);
    check_both_ways(3, 0);
    check_both_ways(100, FILE_FLAG_OVERLAPPED);
    check_both_ways(PAGES, FILE_FLAG_OVERLAPPED); /* by a worker */
}

static void a_scatter_across_the_end_is_short(void)
{
    unsigned char *in = pages(3);
    FILE_SEGMENT_ELEMENT *to = backwards(in, 3);
    HANDLE h = disk_new("short", "0123456789", FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov = disk_at(0, NULL);
    DWORD n = 0;

    ReadFileScatter(h, to, 3 * PAGE, NULL, &ov);
    CHECK_EQ(result_of(h, &ov, &n), 0);
    CHECK_EQ(n, 10);
    CHECK(memcmp(in + 2 * PAGE, "0123456789", 10) == 0);
    CloseHandle(h);
    free(to);
    free(in);
}

static void what_is_no_page_is_refused(void)
{
    unsigned char *in = pages(2);
    FILE_SEGMENT_ELEMENT *to = backwards(in, 2);
    HANDLE h = disk_new("refused", "0123456789", FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov = disk_at(0, NULL);
    DWORD reserved = 0;

    CHECK_EQ(outcome(ReadFileScatter(h, to, 100, NULL, &ov)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(ReadFileScatter(h, to, 3 * PAGE, NULL, &ov)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(ReadFileScatter(h, to, PAGE, &reserved, &ov)), ERROR_INVALID_PARAMETER);
    CHECK_EQ(outcome(ReadFileScatter(h, to, PAGE, NULL, NULL)), ERROR_INVALID_PARAMETER);
    to[0].Buffer = in + 1;
    CHECK_EQ(outcome(WriteFileGather(h, to, PAGE, NULL, &ov)), ERROR_INVALID_PARAMETER);
    CHECK(disk_holds(disk_path("refused"), "0123456789"));
    CloseHandle(h);
    free(to);
    free(in);
}

COMM_TEST_MAIN(TEST(pages_land_where_each_is_told), TEST(a_scatter_across_the_end_is_short),
               TEST(what_is_no_page_is_refused))
