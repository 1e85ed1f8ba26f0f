/* SPDX-License-Identifier: MIT */
/* The two HANDLE_FLAG bits: protection from close and inheritance, each of one handle and not of
 * the object behind it. */
#include "objects.h"

static DWORD flags_of(HANDLE handle)
{
    DWORD flags = UNTOUCHED;

    CHECK(GetHandleInformation(handle, &flags));
    return flags;
}

static void a_protected_handle_cannot_be_closed_and_stays_usable(void)
{
    HANDLE event = auto_event(FALSE);

    CHECK(SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE,
                               HANDLE_FLAG_PROTECT_FROM_CLOSE));
    CHECK_FAILS(CloseHandle(event), ERROR_INVALID_HANDLE);
    CHECK(SetEvent(event));
    CHECK_SET(event);
    CHECK(SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0));
    CHECK(CloseHandle(event));
}

static void flags_change_as_the_mask_says(void)
{
    HANDLE event = auto_event(FALSE);

    CHECK_EQ(flags_of(event), 0);
    CHECK(SetHandleInformation(event, HANDLE_FLAG_INHERIT, 3));
    CHECK_EQ(flags_of(event), HANDLE_FLAG_INHERIT);
    CHECK(SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, 3));
    CHECK_EQ(flags_of(event), HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE);
    CHECK(SetHandleInformation(event, 3, 0));
    CHECK_EQ(flags_of(event), 0);
    CHECK(CloseHandle(event));
}

static void other_bits_of_the_mask_are_ignored(void)
{
    HANDLE event = auto_event(FALSE);

    CHECK(SetHandleInformation(event, 0xFFFFFFFC, 0xFFFFFFFF));
    CHECK_EQ(flags_of(event), 0);
    CHECK(CloseHandle(event));
}

static void a_closed_handle_has_no_flags(void)
{
    DWORD flags;

    CHECK_FAILS(GetHandleInformation(stale_handle(), &flags), ERROR_INVALID_HANDLE);
    CHECK_FAILS(SetHandleInformation(stale_handle(), 3, 3), ERROR_INVALID_HANDLE);
    CHECK_FAILS(GetHandleInformation(NULL, &flags), ERROR_INVALID_HANDLE);
}

static void the_next_handle_in_the_same_place_has_no_old_flags(void)
{
    for (int i = 0; i < 5000; i++) {
        HANDLE event = auto_event(FALSE);

        if (flags_of(event) != 0)
            CHECK_EQ(flags_of(event), 0);
        SetHandleInformation(event, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT);
        CloseHandle(event);
    }
}

COMM_TEST_MAIN(TEST(a_protected_handle_cannot_be_closed_and_stays_usable),
               TEST(flags_change_as_the_mask_says), TEST(other_bits_of_the_mask_are_ignored),
               TEST(a_closed_handle_has_no_flags),
               TEST(the_next_handle_in_the_same_place_has_no_old_flags))
