/* SPDX-License-Identifier: MIT */
/* DuplicateHandle gives one more name to an object: same state, own rights, own life.  And a wait
 * goes on though the handle it began with is closed. */
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libcomm/native.h>

#include "objects.h"

#define SELF GetCurrentProcess()

static HANDLE copy_of(HANDLE source, DWORD access, DWORD options)
{
    HANDLE copy = NULL;

    CHECK(DuplicateHandle(SELF, source, SELF, &copy, access, FALSE, options));
    return copy;
}

static void a_duplicate_shares_the_state_and_outlives_its_source(void)
{
    HANDLE event = manual_event(FALSE);
    HANDLE copy = copy_of(event, 0, DUPLICATE_SAME_ACCESS);

    CHECK(copy != event);
    CHECK(SetEvent(copy));
    CHECK_SET(event);
    CHECK(CloseHandle(event));
    CHECK_SET(copy);
    CHECK(ResetEvent(copy));
    CHECK_UNSET(copy);
    CHECK(CloseHandle(copy));
}

static void duplicating_a_stale_handle_or_null_fails(void)
{
    HANDLE copy = NULL;

    CHECK_FAILS(DuplicateHandle(SELF, stale_handle(), SELF, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS),
                ERROR_INVALID_HANDLE);
    CHECK_FAILS(DuplicateHandle(SELF, NULL, SELF, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS),
                ERROR_INVALID_HANDLE);
    CHECK(copy == NULL);
}

static void NTAPI do_nothing(ULONG_PTR unused)
{
    (void)unused;
}

static void duplicating_the_current_thread_gives_a_handle_others_can_wait_on(void)
{
    HANDLE me = copy_of(GetCurrentThread(), 0, DUPLICATE_SAME_ACCESS);
    struct waiter w = {.on = {me}, .count = 1, .alertable = TRUE};

    CHECK(me != NULL && me != GetCurrentThread());
    CHECK_EQ(GetThreadId(me), GetCurrentThreadId());
    CHECK_UNSET(me);
    waiter_start(&w);
    CHECK_EQ(blocked_on(me), 1);
    CHECK(CloseHandle(me));
    CHECK(QueueUserAPC(do_nothing, w.thread, 0));
    CHECK_EQ(waiter_end(&w), WAIT_IO_COMPLETION);
}

static void only_the_own_process_is_source_and_target(void)
{
    HANDLE event = auto_event(TRUE), copy = NULL;

    CHECK_FAILS(DuplicateHandle(event, event, SELF, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS),
                ERROR_ACCESS_DENIED);
    CHECK_FAILS(DuplicateHandle(SELF, event, event, &copy, 0, FALSE, DUPLICATE_SAME_ACCESS),
                ERROR_ACCESS_DENIED);
    CHECK(copy == NULL);
    CHECK_SET(event);
    CHECK(CloseHandle(event));
}

static void closing_the_source_in_one_process_keeps_the_value(void)
{
    HANDLE event = manual_event(TRUE);
    HANDLE moved = copy_of(event, 0, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE);

    CHECK(moved == event);
    CHECK_SET(moved);
    CHECK(CloseHandle(moved));
    CHECK_FAILS(CloseHandle(moved), ERROR_INVALID_HANDLE);
}

static void the_source_is_closed_even_when_duplicating_fails(void)
{
    HANDLE event = manual_event(TRUE), copy = NULL;

    CHECK_FAILS(DuplicateHandle(SELF, event, event, &copy, 0, FALSE,
                                DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE),
                ERROR_ACCESS_DENIED);
    CHECK_FAILS(CloseHandle(event), ERROR_INVALID_HANDLE);
}

static void a_protected_source_stays_open_and_the_copy_is_another_handle(void)
{
    HANDLE event = manual_event(TRUE);
    HANDLE copy;

    CHECK(SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE,
                               HANDLE_FLAG_PROTECT_FROM_CLOSE));
    copy = copy_of(event, 0, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE);
    CHECK(copy != event);
    CHECK_SET(event);
    CHECK(CloseHandle(copy));
    CHECK(SetHandleInformation(event, HANDLE_FLAG_PROTECT_FROM_CLOSE, 0));
    CHECK(CloseHandle(event));
}

static void a_duplicate_has_the_rights_it_was_given(void)
{
    HANDLE event = manual_event(FALSE);
    HANDLE waits = copy_of(event, SYNCHRONIZE, 0);
    HANDLE sets = copy_of(event, EVENT_MODIFY_STATE, 0);
    HANDLE same = copy_of(waits, EVENT_ALL_ACCESS, DUPLICATE_SAME_ACCESS);

    CHECK(SetEvent(sets));
    CHECK_SET(waits);
    CHECK_FAILS(SetEvent(waits), ERROR_ACCESS_DENIED);
    CHECK_FAILS(SetEvent(same), ERROR_ACCESS_DENIED);
    CHECK_SET(same);
    CHECK(CloseHandle(event) && CloseHandle(waits) && CloseHandle(sets) && CloseHandle(same));
}

static void handles_are_compared_by_object(void)
{
    HANDLE event = auto_event(FALSE), other = auto_event(FALSE);
    HANDLE copy = copy_of(event, SYNCHRONIZE, 0);
    HANDLE me = copy_of(GetCurrentThread(), 0, DUPLICATE_SAME_ACCESS);

    CHECK(CompareObjectHandles(event, event));
    CHECK(CompareObjectHandles(event, copy));
    CHECK(CompareObjectHandles(me, GetCurrentThread()));
    CHECK(CompareObjectHandles(GetCurrentProcess(), GetCurrentProcess()));
    CHECK_FAILS(CompareObjectHandles(event, other), 1656); /* ERROR_NOT_SAME_OBJECT */
    CHECK_FAILS(CompareObjectHandles(event, stale_handle()), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event) && CloseHandle(other) && CloseHandle(copy) && CloseHandle(me));
}

static BOOL inherits(HANDLE handle)
{
    DWORD flags = 0;

    CHECK(GetHandleInformation(handle, &flags));
    return (flags & HANDLE_FLAG_INHERIT) != 0;
}

static void only_the_copy_inherits_that_was_asked_to(void)
{
    SECURITY_ATTRIBUTES inheriting = {.nLength = sizeof inheriting, .bInheritHandle = TRUE};
    HANDLE event = CreateEventA(&inheriting, TRUE, FALSE, NULL);
    HANDLE plain = copy_of(event, 0, DUPLICATE_SAME_ACCESS);
    HANDLE child = NULL;

    CHECK(DuplicateHandle(SELF, plain, SELF, &child, 0, TRUE, DUPLICATE_SAME_ACCESS));
    CHECK(inherits(event));
    CHECK(!inherits(plain));
    CHECK(inherits(child));
    CHECK(CloseHandle(event) && CloseHandle(plain) && CloseHandle(child));
}

static void the_descriptor_behind_an_inheritable_copy_survives_exec(void)
{
    HANDLE wrapped, copy = NULL;
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    wrapped = CommWrapFd(pair[0], COMM_KIND_STREAM, GENERIC_READ, 0);
    CHECK((fcntl(CommGetFd(wrapped), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(DuplicateHandle(SELF, wrapped, SELF, &copy, 0, TRUE, DUPLICATE_SAME_ACCESS));
    CHECK((fcntl(CommGetFd(copy), F_GETFD) & FD_CLOEXEC) == 0);
    CHECK(CloseHandle(wrapped) && CloseHandle(copy));
    close(pair[1]);
}

static void a_wait_goes_on_though_its_handle_is_closed(void)
{
    HANDLE event = auto_event(FALSE);
    HANDLE copy = copy_of(event, 0, DUPLICATE_SAME_ACCESS);
    struct waiter w = {.on = {event}, .count = 1};

    waiter_start(&w);
    CHECK(CloseHandle(event));
    CHECK_EQ(blocked_on(copy), 1);
    CHECK(SetEvent(copy));
    CHECK_EQ(waiter_end(&w), WAIT_OBJECT_0);
    CHECK_UNSET(copy);
    CHECK(CloseHandle(copy));
}

COMM_TEST_MAIN(TEST(a_duplicate_shares_the_state_and_outlives_its_source),
               TEST(duplicating_a_stale_handle_or_null_fails),
               TEST(duplicating_the_current_thread_gives_a_handle_others_can_wait_on),
               TEST(only_the_own_process_is_source_and_target),
               TEST(closing_the_source_in_one_process_keeps_the_value),
               TEST(the_source_is_closed_even_when_duplicating_fails),
               TEST(a_protected_source_stays_open_and_the_copy_is_another_handle),
               TEST(a_duplicate_has_the_rights_it_was_given), TEST(handles_are_compared_by_object),
               TEST(only_the_copy_inherits_that_was_asked_to),
               TEST(the_descriptor_behind_an_inheritable_copy_survives_exec),
               TEST(a_wait_goes_on_though_its_handle_is_closed))
