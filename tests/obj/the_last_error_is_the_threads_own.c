/* SPDX-License-Identifier: MIT */
/* The last error: one per thread, left alone by what succeeds, set to 0 or 183 by what makes an
 * object. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libcomm/native.h>

#include "objects.h"

static DWORD WINAPI set_another(LPVOID unused)
{
    (void)unused;
    if (GetLastError() != 0)
        return 1;
    SetLastError(77);
    return GetLastError();
}

static void a_thread_does_not_see_the_error_of_another(void)
{
    SetLastError(1234);
    CHECK_EQ(thread_end(thread_start(set_another, NULL)), 77);
    SetLastError(1234);
    CHECK_EQ(WaitForSingleObject(NULL, 0), WAIT_FAILED);
    CHECK_EQ(GetLastError(), ERROR_INVALID_HANDLE);
}

/* Calls that succeed, with the last error 1234 before. */
#define CHECK_KEEPS(call)               \
    do {                                \
        SetLastError(1234);             \
        CHECK(call);                    \
        CHECK_EQ(GetLastError(), 1234); \
    } while (0)

static void calls_that_succeed_leave_it(void)
{
    HANDLE event = auto_event(FALSE), mutex = CreateMutexA(NULL, FALSE, NULL), copy = NULL;
    HANDLE on[2] = {event, mutex};

    CHECK_KEEPS(SetEvent(event));
    CHECK_KEEPS(WaitForSingleObject(event, PATIENCE_MS) == WAIT_OBJECT_0);
    CHECK_KEEPS(WaitForSingleObject(event, 1) == WAIT_TIMEOUT);
    CHECK_KEEPS(WaitForMultipleObjects(2, on, FALSE, 0) == WAIT_OBJECT_0 + 1);
    CHECK_KEEPS(ReleaseMutex(mutex));
    CHECK_KEEPS(SignalObjectAndWait(event, event, 0, FALSE) == WAIT_OBJECT_0);
    CHECK_KEEPS(ResetEvent(event) && PulseEvent(event));
    CHECK_KEEPS(SleepEx(1, TRUE) == 0);
    CHECK_KEEPS(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0, FALSE,
                                DUPLICATE_SAME_ACCESS));
    CHECK_KEEPS(CloseHandle(copy) && CloseHandle(event) && CloseHandle(mutex));
}

static void a_read_and_a_write_that_succeed_leave_it(void)
{
    OVERLAPPED ov = {.hEvent = manual_event(FALSE)};
    HANDLE ends[2];
    char buf[4];
    DWORD n = 0;
    int pair[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    for (int i = 0; i < 2; i++)
        ends[i] = CommWrapFd(pair[i], COMM_KIND_STREAM, GENERIC_READ | GENERIC_WRITE, 0);
    CHECK_KEEPS(WriteFile(ends[0], "abc", 3, &n, &ov) && n == 3);
    CHECK_KEEPS(ReadFile(ends[1], buf, 4, &n, &ov) && n == 3);
    CHECK_KEEPS(GetOverlappedResult(ends[1], &ov, &n, TRUE) && n == 3);
    CHECK(CloseHandle(ends[0]) && CloseHandle(ends[1]) && CloseHandle(ov.hEvent));
}

static void making_an_object_sets_it_even_without_a_name(void)
{
    HANDLE made[4];

    for (int i = 0; i < 4; i++) {
        SetLastError(1234);
        made[i] = i == 0   ? CreateEventA(NULL, TRUE, TRUE, NULL)
                  : i == 1 ? CreateMutexW(NULL, FALSE, NULL)
                  : i == 2 ? CreateSemaphoreA(NULL, 0, 1, NULL)
                           : CreateWaitableTimerA(NULL, TRUE, NULL);
        CHECK_EQ(GetLastError(), ERROR_SUCCESS);
        CHECK(CloseHandle(made[i]));
    }
}

static void NTAPI set_both(ULONG_PTR value)
{
    SetLastError((DWORD)value);
    errno = EXDEV;
}

/* A routine is the caller's own code: what it leaves behind is seen. */
static void what_a_routine_sets_is_seen_after_the_wait(void)
{
    CHECK(QueueUserAPC(set_both, GetCurrentThread(), 4711));
    SetLastError(1234);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(errno, EXDEV);
    CHECK_EQ(GetLastError(), 4711);
}

COMM_TEST_MAIN(TEST(a_thread_does_not_see_the_error_of_another), TEST(calls_that_succeed_leave_it),
               TEST(a_read_and_a_write_that_succeed_leave_it),
               TEST(making_an_object_sets_it_even_without_a_name),
               TEST(what_a_routine_sets_is_seen_after_the_wait))
