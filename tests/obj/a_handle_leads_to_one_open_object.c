/* SPDX-License-Identifier: MIT */
/* What is a handle and what is not: null, stale, closed twice, of another type, pseudo.  Nothing
 * but an open handle of the right type gets anywhere. */
#include "objects.h"

static void waiting_on_null_or_a_stale_handle_fails(void)
{
    CHECK_WAIT_FAILS(WaitForSingleObject(NULL, 0), ERROR_INVALID_HANDLE);
    CHECK_WAIT_FAILS(WaitForSingleObject(stale_handle(), 0), ERROR_INVALID_HANDLE);
    CHECK_WAIT_FAILS(WaitForSingleObject(NULL, INFINITE), ERROR_INVALID_HANDLE);
    CHECK_WAIT_FAILS(WaitForSingleObject((HANDLE)(uintptr_t)0x123456789ABCull, 0),
                     ERROR_INVALID_HANDLE);
}

static void minus_one_is_the_current_process_which_is_never_signalled(void)
{
    CHECK(GetCurrentProcess() == INVALID_HANDLE_VALUE);
    CHECK_EQ(WaitForSingleObject(INVALID_HANDLE_VALUE, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(GetCurrentThread(), 0), WAIT_TIMEOUT);
}

static void closing_what_is_not_open_fails(void)
{
    HANDLE event = auto_event(FALSE);

    CHECK_FAILS(CloseHandle(NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(CloseHandle(stale_handle()), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
    CHECK_FAILS(CloseHandle(event), ERROR_INVALID_HANDLE);
    CHECK_FAILS(SetEvent(event), ERROR_INVALID_HANDLE);
}

static void closing_a_pseudo_handle_succeeds_and_does_nothing(void)
{
    CHECK(CloseHandle(GetCurrentProcess()));
    CHECK(CloseHandle(GetCurrentThread()));
    CHECK_EQ(WaitForSingleObject(GetCurrentProcess(), 0), WAIT_TIMEOUT);
}

static void a_call_for_one_type_refuses_handles_of_another(void)
{
    HANDLE mutex = CreateMutexA(NULL, FALSE, NULL);
    HANDLE event = auto_event(FALSE);
    LARGE_INTEGER due = {.QuadPart = 0};
    DWORD code;

    CHECK_FAILS(SetEvent(mutex), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ResetEvent(mutex), ERROR_INVALID_HANDLE);
    CHECK_FAILS(PulseEvent(mutex), ERROR_INVALID_HANDLE);
    CHECK_FAILS(SetEvent(NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ReleaseMutex(event), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ReleaseSemaphore(event, 1, NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(SetWaitableTimer(event, &due, 0, NULL, NULL, FALSE), ERROR_INVALID_HANDLE);
    CHECK_FAILS(CancelWaitableTimer(event), ERROR_INVALID_HANDLE);
    CHECK_FAILS(GetExitCodeThread(event, &code), ERROR_INVALID_HANDLE);
    CHECK_SET(mutex);
    CHECK(ReleaseMutex(mutex));
    CHECK_UNSET(event);
    CHECK(CloseHandle(mutex));
    CHECK(CloseHandle(event));
}

enum { MANY = 10000 }; /* more than one chunk of the table */

static void handles_are_multiples_of_four_and_never_zero_nor_twice_the_same(void)
{
    static HANDLE handles[MANY];

    for (size_t i = 0; i < MANY; i++) {
        handles[i] = manual_event(FALSE);
        if (handles[i] == NULL || (uintptr_t)handles[i] % 4 != 0 || (intptr_t)handles[i] < 0)
            CHECK_EQ(handles[i], 4);
    }
    CHECK(SetEvent(handles[MANY - 1]));
    CHECK_UNSET(handles[0]);
    CHECK_SET(handles[MANY - 1]);
    for (size_t i = 0; i < MANY; i++)
        CHECK(CloseHandle(handles[i]));
    for (size_t i = 0; i < MANY; i += 997)
        CHECK_FAILS(CloseHandle(handles[i]), ERROR_INVALID_HANDLE);
}

/* The low two bits belong to the caller. */
static void the_low_bits_of_a_handle_do_not_matter(void)
{
    HANDLE event = auto_event(FALSE);

    CHECK(SetEvent((HANDLE)((uintptr_t)event | 1)));
    CHECK_EQ(WaitForSingleObject((HANDLE)((uintptr_t)event | 3), 0), WAIT_OBJECT_0);
    CHECK_UNSET(event);
    CHECK(CloseHandle(event));
}

/* The value is wrong still when its place in the table belongs to a new object. */
static void a_closed_value_stays_wrong_when_its_place_is_used_again(void)
{
    HANDLE stale = stale_handle();
    unsigned reused = 0;

    for (int i = 0; i < 4 * MANY && reused < 3; i++) {
        HANDLE event = manual_event(TRUE);

        reused += (((uintptr_t)event ^ (uintptr_t)stale) & 0xFFFFFF) == 0;
        CHECK(event != stale);
        CHECK_EQ(WaitForSingleObject(stale, 0), WAIT_FAILED);
        CHECK_EQ(SetEvent(stale), FALSE);
        CHECK_EQ(CompareObjectHandles(stale, event), FALSE);
        CHECK(CloseHandle(event));
    }
    CHECK_EQ(reused, 3);
}

static DWORD WINAPI open_and_close(LPVOID stop)
{
    while (WaitForSingleObject(stop, 0) == WAIT_TIMEOUT) {
        HANDLE event = auto_event(FALSE);

        CHECK(SetEvent(event));
        CHECK_SET(event);
        CHECK(CloseHandle(event));
    }
    return 0;
}

/* A handle that another thread closes at this moment works or fails with 6, and never reaches a
 * stranger. */
static void looking_up_while_others_close_finds_the_object_or_nothing(void)
{
    HANDLE stop = manual_event(FALSE);
    HANDLE other = thread_start(open_and_close, stop);
    unsigned released = 0;

    for (int i = 0; i < 20000; i++) {
        HANDLE semaphore = CreateSemaphoreA(NULL, 0, 1, NULL);

        released += ReleaseSemaphore(semaphore, 1, NULL) != 0;
        CHECK(CloseHandle(semaphore));
        CHECK_EQ(ReleaseSemaphore(semaphore, 1, NULL), FALSE);
    }
    CHECK_EQ(released, 20000);
    CHECK(SetEvent(stop));
    CHECK_EQ(thread_end(other), 0);
    CHECK(CloseHandle(stop));
}

COMM_TEST_MAIN(TEST(waiting_on_null_or_a_stale_handle_fails),
               TEST(minus_one_is_the_current_process_which_is_never_signalled),
               TEST(closing_what_is_not_open_fails),
               TEST(closing_a_pseudo_handle_succeeds_and_does_nothing),
               TEST(a_call_for_one_type_refuses_handles_of_another),
               TEST(handles_are_multiples_of_four_and_never_zero_nor_twice_the_same),
               TEST(the_low_bits_of_a_handle_do_not_matter),
               TEST(a_closed_value_stays_wrong_when_its_place_is_used_again),
               TEST(looking_up_while_others_close_finds_the_object_or_nothing))
