/* SPDX-License-Identifier: MIT */
/* What tests of objects and waits share: a call that must fail with a given error, and a thread
 * that waits for something and brings back what its wait returned. */
#ifndef COMM_TESTS_SUPPORT_OBJECTS_H
#define COMM_TESTS_SUPPORT_OBJECTS_H

#include <libcomm/comm.h>

#include "blocked.h"
#include "harness.h"

/* Longer than anything that works takes, even on a machine that stands still for half a minute;
 * short enough for a failing test to end by itself. */
#define PATIENCE_MS 45000
#define UNTOUCHED 0xBADC0DEu /* a last error nobody sets */

/* The call gives 0, FALSE or NULL, and this error. */
#define CHECK_FAILS(call, error)           \
    do {                                   \
        SetLastError(UNTOUCHED);           \
        CHECK_EQ((call), 0);               \
        CHECK_EQ(GetLastError(), (error)); \
    } while (0)
/* A wait gives WAIT_FAILED and this error. */
#define CHECK_WAIT_FAILS(call, error)      \
    do {                                   \
        SetLastError(UNTOUCHED);           \
        CHECK_EQ((call), WAIT_FAILED);     \
        CHECK_EQ(GetLastError(), (error)); \
    } while (0)
#define CHECK_SET(handle) CHECK_EQ(WaitForSingleObject((handle), 0), WAIT_OBJECT_0)
#define CHECK_UNSET(handle) CHECK_EQ(WaitForSingleObject((handle), 0), WAIT_TIMEOUT)

static inline HANDLE auto_event(BOOL set)
{
    return CreateEventA(NULL, FALSE, set, NULL);
}

static inline HANDLE manual_event(BOOL set)
{
    return CreateEventA(NULL, TRUE, set, NULL);
}

/* A value that was a handle until just now. */
static inline HANDLE stale_handle(void)
{
    HANDLE handle = auto_event(FALSE);

    CloseHandle(handle);
    return handle;
}

/* Waits for the thread, closes its handle, and gives its exit code. */
static inline DWORD thread_end(HANDLE thread)
{
    DWORD code = UNTOUCHED;

    CHECK_EQ(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK(CloseHandle(thread));
    return code;
}

static inline HANDLE thread_start(LPTHREAD_START_ROUTINE run, void *arg)
{
    HANDLE thread = CreateThread(NULL, 0, run, arg, 0, NULL);

    CHECK(thread != NULL);
    return thread;
}

/* A thread in one wait.  Lies still until waiter_end(), which gives what the wait returned. */
struct waiter {
    HANDLE on[4];
    DWORD count;
    BOOL all, alertable;
    HANDLE thread;
};

static inline DWORD WINAPI waiter_run(LPVOID arg)
{
    struct waiter *w = arg;

    if (w->count == 1)
        return WaitForSingleObjectEx(w->on[0], PATIENCE_MS, w->alertable);
    return WaitForMultipleObjectsEx(w->count, w->on, w->all, PATIENCE_MS, w->alertable);
}

/* Returns once the thread sleeps in its wait. */
static inline void waiter_start(struct waiter *w)
{
    w->thread = thread_start(waiter_run, w);
    blocked_thread_wait(w->thread);
}

static inline DWORD waiter_end(struct waiter *w)
{
    return thread_end(w->thread);
}

#endif
