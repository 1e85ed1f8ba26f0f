/* SPDX-License-Identifier: MIT */
/* After fork() the pool's threads are the parent's: the child makes its own, can be rid of what it
 * inherited, and a callback that forks comes back in both. */
#include "pair.h"

#include <string.h>

#include "child.h"

struct heard {
    OVERLAPPED ov; /* first */
    char buf[8];
    DWORD error, count;
    HANDLE called;
};

static struct {
    struct pair pair;
    struct heard heard;
    HANDLE event, wait, done;
} parent;

static VOID WINAPI hear(DWORD error, DWORD count, LPOVERLAPPED ov)
{
    struct heard *h = (struct heard *)ov;

    h->error = error;
    h->count = count;
    SetEvent(h->called);
}

static VOID NTAPI set(PVOID event, BOOLEAN timed_out)
{
    (void)timed_out;
    SetEvent(event);
}

static DWORD WINAPI set_item(PVOID event)
{
    return SetEvent(event) ? 0 : 1;
}

static void parent_open(void)
{
    memset(&parent, 0, sizeof parent);
    pair_open(&parent.pair, 0);
    parent.heard.called = CreateEventA(NULL, FALSE, FALSE, NULL);
    parent.event = CreateEventA(NULL, FALSE, FALSE, NULL);
    parent.done = CreateEventA(NULL, FALSE, FALSE, NULL);
    CHECK(BindIoCompletionCallback(parent.pair.near, hear, 0));
    CHECK(RegisterWaitForSingleObject(&parent.wait, parent.event, set, parent.done, INFINITE, 0));
}

static void parent_close(void)
{
    CHECK(UnregisterWaitEx(parent.wait, INVALID_HANDLE_VALUE));
    pair_close(&parent.pair);
    CHECK(CloseHandle(parent.heard.called));
    CHECK(CloseHandle(parent.event));
    CHECK(CloseHandle(parent.done));
}

static bool comes(HANDLE event)
{
    return WaitForSingleObject(event, PATIENCE_MS) == WAIT_OBJECT_0;
}

static int use_the_pool(void *unused)
{
    (void)unused;
    NEED(UnregisterWaitEx(parent.wait, INVALID_HANDLE_VALUE));
    NEED(QueueUserWorkItem(set_item, parent.done, 0));
    NEED(comes(parent.done));
    return 0;
}

static int register_anew(void *unused)
{
    HANDLE wait = NULL;

    (void)unused;
    NEED(SetEvent(parent.event));
    NEED(UnregisterWaitEx(parent.wait, INVALID_HANDLE_VALUE)); /* nobody waits for it here */
    NEED(WaitForSingleObject(parent.event, 0) == WAIT_OBJECT_0);
    NEED(RegisterWaitForSingleObject(&wait, parent.event, set, parent.done, INFINITE, 0));
    NEED(SetEvent(parent.event));
    NEED(comes(parent.done));
    NEED(UnregisterWaitEx(wait, INVALID_HANDLE_VALUE));
    return 0;
}

static int use_the_bound_file(void *unused)
{
    (void)unused;
    NEED(QueueUserWorkItem(set_item, parent.done, 0)); /* the first worker */
    NEED(comes(parent.done));
    NEED(!ReadFile(parent.pair.near, parent.heard.buf, 4, NULL, &parent.heard.ov));
    NEED(CancelIoEx(parent.pair.near, NULL));
    NEED(comes(parent.heard.called));
    NEED(parent.heard.error == ERROR_OPERATION_ABORTED);
    return 0;
}

static void in_child(int (*body)(void *arg))
{
    struct child child;

    parent_open();
    child = child_start(body, NULL);
    CHECK_EQ(child_line(&child), 0);
    CHECK(SetEvent(parent.event)); /* and the parent did not notice */
    CHECK(comes(parent.done));
    CHECK(!ReadFile(parent.pair.near, parent.heard.buf, 4, NULL, &parent.heard.ov));
    pair_send(&parent.pair, "abc", 3);
    CHECK(comes(parent.heard.called));
    CHECK_EQ(parent.heard.count, 3);
    parent_close();
}

static void a_child_makes_its_own_threads(void)
{
    in_child(use_the_pool);
    in_child(register_anew);
}

static void a_bound_file_calls_back_in_a_child_that_has_a_worker(void)
{
    in_child(use_the_bound_file);
}

/* ---- a callback forks ---- */

static struct {
    HANDLE wait, over;
    int line;
} forking;

static int go_on(void *unused)
{
    (void)unused;
    NEED(!UnregisterWaitEx(forking.wait, INVALID_HANDLE_VALUE)); /* we are in its callback */
    NEED(GetLastError() == ERROR_IO_PENDING);
    return use_the_pool(NULL);
}

static VOID NTAPI fork_here(PVOID unused, BOOLEAN timed_out)
{
    struct child child = child_start(go_on, NULL);

    (void)unused;
    (void)timed_out;
    forking.line = child_line(&child);
    SetEvent(forking.over);
}

static void a_callback_may_fork(void)
{
    static const ULONG flags[] = {WT_EXECUTEDEFAULT, WT_EXECUTEINWAITTHREAD};

    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);

        parent_open();
        forking.over = CreateEventA(NULL, FALSE, FALSE, NULL);
        CHECK(
            RegisterWaitForSingleObject(&forking.wait, event, fork_here, NULL, INFINITE, flags[i]));
        CHECK(SetEvent(event));
        CHECK(comes(forking.over));
        CHECK_EQ(forking.line, 0);
        CHECK(UnregisterWaitEx(forking.wait, INVALID_HANDLE_VALUE));
        CloseHandle(forking.over);
        CloseHandle(event);
        parent_close();
    }
}

COMM_TEST_MAIN(TEST(a_child_makes_its_own_threads),
               TEST(a_bound_file_calls_back_in_a_child_that_has_a_worker),
               TEST(a_callback_may_fork))
