/* SPDX-License-Identifier: MIT */
/* _beginthreadex and its kin: exit codes, identifiers, errno, and that a thread from _beginthread
 * closes its handle, which the harness would find left over. */
#include "harness.h"

#include <errno.h>
#include <libcomm/comm.h>
#include <libcomm/compat_crt.h>
#include <stdatomic.h>

#include "libcomm/plat/testing.h"

static unsigned WINAPI return_seven(void *arg)
{
    *(DWORD *)arg = GetCurrentThreadId();
    return 7;
}

static unsigned WINAPI end_with_eight(void *arg)
{
    (void)arg;
    _endthreadex(8);
}

static void a_thread_hands_over_its_exit_code(void)
{
    DWORD seen = 0, code = 0;
    unsigned id = 0;
    HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, return_seven, &seen, 0, &id);

    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 7);
    CHECK_EQ(id, seen);
    CHECK(CloseHandle(thread));
    thread = (HANDLE)_beginthreadex(NULL, 0, end_with_eight, NULL, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 8);
    CHECK(CloseHandle(thread));
}

static void a_suspended_thread_waits_to_be_resumed(void)
{
    DWORD seen = 0;
    HANDLE thread = (HANDLE)_beginthreadex(NULL, 0, return_seven, &seen, CREATE_SUSPENDED, NULL);

    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK(seen != 0);
    CHECK(CloseHandle(thread));
}

static void set_event(void *event)
{
    SetEvent(event);
}

static void set_event_and_end(void *event)
{
    SetEvent(event);
    _endthread();
}

static size_t objects_before;

static bool objects_are_back(void *arg)
{
    (void)arg;
    /* fewer, if the thread of an earlier test was still on its way out */
    return ci_testing_live_objects() <= objects_before;
}

static void a_thread_without_a_keeper_closes_its_own_handle(void)
{
    HANDLE event = CreateEvent(NULL, FALSE, FALSE, NULL);

    objects_before = ci_testing_live_objects();
    CHECK(_beginthread(set_event, 0, event) != (uintptr_t)-1);
    CHECK_EQ(WaitForSingleObject(event, INFINITE), WAIT_OBJECT_0);
    CHECK(_beginthread(set_event_and_end, 0, event) != (uintptr_t)-1);
    CHECK_EQ(WaitForSingleObject(event, INFINITE), WAIT_OBJECT_0);
    comm_wait_until(objects_are_back, NULL);
    CHECK(CloseHandle(event));
}

static void failure_is_told_in_errno(void)
{
    CHECK_EQ(_beginthreadex(NULL, 0, NULL, NULL, 0, NULL), 0);
    CHECK_EQ(errno, EINVAL);
    ci_testing_fail(CI_FAULT_THREAD, 0, true);
    errno = 0;
    CHECK_EQ(_beginthreadex(NULL, 0, end_with_eight, NULL, 0, NULL), 0);
    CHECK_EQ(errno, EAGAIN);
    errno = 0;
    CHECK_EQ(_beginthread(set_event, 0, NULL), (uintptr_t)-1);
    CHECK_EQ(errno, EAGAIN);
    ci_testing_fail(0, 0, false);
}

COMM_TEST_MAIN(TEST(a_thread_hands_over_its_exit_code),
               TEST(a_suspended_thread_waits_to_be_resumed),
               TEST(a_thread_without_a_keeper_closes_its_own_handle),
               TEST(failure_is_told_in_errno))
