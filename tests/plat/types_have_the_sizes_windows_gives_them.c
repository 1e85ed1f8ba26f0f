/* SPDX-License-Identifier: MIT */
/* Types and structures as a program sees them: the widths and offsets of 64-bit Windows.  The
 * library asserts the same when it is compiled; here the numbers are the contract's, written once
 * more. */
#include <libcomm/comm.h>

#include "harness.h"

#define SIZE(type, expected)                    \
    {                                           \
        "sizeof " #type, sizeof(type), expected \
    }
#define PLACE(type, member, expected)                                   \
    {                                                                   \
        "place of " #type "." #member, offsetof(type, member), expected \
    }

struct number {
    const char *when;
    size_t got, expected;
};

static void check_numbers(const struct number *numbers, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK_EQ_WHEN(numbers[i].when, numbers[i].got, numbers[i].expected);
}

static void scalars_have_their_windows_width(void)
{
    static const struct number scalars[] = {
        SIZE(BYTE, 1),      SIZE(BOOLEAN, 1),   SIZE(WORD, 2),      SIZE(WCHAR, 2),
        SIZE(DWORD, 4),     SIZE(ULONG, 4),     SIZE(UINT, 4),      SIZE(LONG, 4),
        SIZE(INT, 4),       SIZE(BOOL, 4),      SIZE(NTSTATUS, 4),  SIZE(LONGLONG, 8),
        SIZE(ULONGLONG, 8), SIZE(INT64, 8),     SIZE(DWORD64, 8),   SIZE(LARGE_INTEGER, 8),
        SIZE(FILETIME, 8),  SIZE(ULONG_PTR, 8), SIZE(DWORD_PTR, 8), SIZE(SIZE_T, 8),
        SIZE(SOCKET, 8),    SIZE(HANDLE, 8),    SIZE(LPVOID, 8),    SIZE(HMODULE, 8),
    };

    check_numbers(scalars, ARRAY_LEN(scalars));
    CHECK((LONG)-1 < 0 && (DWORD)-1 > 0 && (NTSTATUS)-1 < 0 && (ULONG_PTR)-1 > 0);
}

static void an_overlapped_has_its_windows_layout(void)
{
    static const struct number places[] = {
        SIZE(OVERLAPPED, 32),
        PLACE(OVERLAPPED, Internal, 0),
        PLACE(OVERLAPPED, InternalHigh, 8),
        PLACE(OVERLAPPED, Offset, 16),
        PLACE(OVERLAPPED, OffsetHigh, 20),
        PLACE(OVERLAPPED, Pointer, 16),
        PLACE(OVERLAPPED, hEvent, 24),
        SIZE(WSAOVERLAPPED, 32),
        SIZE(IO_STATUS_BLOCK, 16),
        PLACE(IO_STATUS_BLOCK, Information, 8),
    };

    check_numbers(places, ARRAY_LEN(places));
}

static void a_completion_port_entry_has_its_windows_layout(void)
{
    static const struct number places[] = {
        SIZE(OVERLAPPED_ENTRY, 32),
        PLACE(OVERLAPPED_ENTRY, lpCompletionKey, 0),
        PLACE(OVERLAPPED_ENTRY, lpOverlapped, 8),
        PLACE(OVERLAPPED_ENTRY, Internal, 16),
        PLACE(OVERLAPPED_ENTRY, dwNumberOfBytesTransferred, 24),
    };

    check_numbers(places, ARRAY_LEN(places));
}

static void a_wsabuf_has_its_windows_layout(void)
{
    static const struct number places[] = {
        SIZE(WSABUF, 16),
        PLACE(WSABUF, len, 0),
        PLACE(WSABUF, buf, 8),
        {"width of len", sizeof(((WSABUF *)NULL)->len), 4},
    };

    check_numbers(places, ARRAY_LEN(places));
}

static void the_other_structures_have_their_windows_layout(void)
{
    static const struct number places[] = {
        SIZE(SECURITY_ATTRIBUTES, 24),
        PLACE(SECURITY_ATTRIBUTES, lpSecurityDescriptor, 8),
        PLACE(SECURITY_ATTRIBUTES, bInheritHandle, 16),
        SIZE(SECURITY_DESCRIPTOR, 40),
        SIZE(SYSTEMTIME, 16),
        SIZE(BY_HANDLE_FILE_INFORMATION, 52),
        SIZE(WIN32_FILE_ATTRIBUTE_DATA, 36),
        SIZE(FILE_SEGMENT_ELEMENT, 8),
        SIZE(WSANETWORKEVENTS, 44),
        PLACE(WSANETWORKEVENTS, iErrorCode, 4),
        SIZE(TRANSMIT_FILE_BUFFERS, 32),
        PLACE(TRANSMIT_FILE_BUFFERS, HeadLength, 8),
        PLACE(TRANSMIT_FILE_BUFFERS, Tail, 16),
        PLACE(TRANSMIT_FILE_BUFFERS, TailLength, 24),
    };

    check_numbers(places, ARRAY_LEN(places));
}

static void the_halves_of_a_large_integer_are_where_its_value_says(void)
{
    LARGE_INTEGER value;
    ULARGE_INTEGER unsigned_value;

    value.QuadPart = -2;
    CHECK_EQ(value.LowPart, 0xFFFFFFFE);
    CHECK_EQ(value.HighPart, -1);
    CHECK_EQ(value.u.LowPart, 0xFFFFFFFE);
    unsigned_value.u.LowPart = 7;
    unsigned_value.HighPart = 0x80000000;
    CHECK(unsigned_value.QuadPart == 0x8000000000000007u);
}

static void completed_means_that_the_low_half_of_internal_is_not_pending(void)
{
    static const struct {
        const char *when;
        ULONG_PTR internal;
        bool completed;
    } cases[] = {
        {"it succeeded",                           0,             true },
        {"it is pending",                          0x103,         false},
        {"it is pending, with rubbish above",      0x700000103,   false},
        {"it timed out, which a serial port may",  0x102,         true },
        {"it was cancelled",                       0xC0000120,    true },
        {"there is more data",                     0x80000005,    true },
        {"a status that merely ends in 0x103",     0xC0000103,    true },
        {"only what is above the status is 0x103", 0x10300000000, true },
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        OVERLAPPED ov = {.Internal = cases[i].internal};

        CHECK_EQ_WHEN(cases[i].when, HasOverlappedIoCompleted(&ov), cases[i].completed);
        CHECK(ov.Internal == cases[i].internal);
    }
}

static void a_status_constant_equals_the_internal_it_is_stored_in(void)
{
    OVERLAPPED ov = {.Internal = (ULONG)STATUS_CANCELLED};

    CHECK(ov.Internal == STATUS_CANCELLED);
    CHECK(!NT_SUCCESS(ov.Internal) && NT_ERROR(ov.Internal));
    CHECK(NT_SUCCESS(STATUS_TIMEOUT) && NT_WARNING(STATUS_BUFFER_OVERFLOW));
}

static void text_literals_have_units_of_16_bits(void)
{
    static const WCHAR text[] = COMM_WIDE_("a\u00e9");

    CHECK_EQ(sizeof(text), 6);
    CHECK_EQ(text[1], 0xE9);
    CHECK_EQ(sizeof(TEXT("ab")[0]), sizeof(TCHAR));
}

COMM_TEST_MAIN(TEST(scalars_have_their_windows_width), TEST(an_overlapped_has_its_windows_layout),
               TEST(a_completion_port_entry_has_its_windows_layout),
               TEST(a_wsabuf_has_its_windows_layout),
               TEST(the_other_structures_have_their_windows_layout),
               TEST(the_halves_of_a_large_integer_are_where_its_value_says),
               TEST(completed_means_that_the_low_half_of_internal_is_not_pending),
               TEST(a_status_constant_equals_the_internal_it_is_stored_in),
               TEST(text_literals_have_units_of_16_bits))
