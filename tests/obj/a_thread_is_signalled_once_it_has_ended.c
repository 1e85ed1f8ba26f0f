/* SPDX-License-Identifier: MIT */
/* Threads: how they begin, adopted ones included, and in which order they end.  Who sees the handle
 * signalled finds everything else done. */
#include <stdatomic.h>
#include <unistd.h>

#include "objects.h"

static DWORD WINAPI wait_then_return(LPVOID event)
{
    CHECK_EQ(WaitForSingleObject(event, PATIENCE_MS), WAIT_OBJECT_0);
    return 4711;
}

static void a_thread_is_signalled_after_its_end_and_gives_its_exit_code(void)
{
    HANDLE go = manual_event(FALSE);
    HANDLE thread = thread_start(wait_then_return, go);
    DWORD code = 0;

    CHECK_UNSET(thread);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, STILL_ACTIVE);
    CHECK(SetEvent(go));
    CHECK_EQ(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_SET(thread); /* for ever */
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 4711);
    CHECK(CloseHandle(thread) && CloseHandle(go));
}

static DWORD WINAPI return_259(LPVOID unused)
{
    (void)unused;
    return STILL_ACTIVE;
}

static void deeper(void)
{
    ExitThread(99);
}

static DWORD WINAPI exit_from_below(LPVOID unused)
{
    (void)unused;
    deeper();
    return 1;
}

static void the_exit_code_may_be_259_or_come_from_exit_thread(void)
{
    CHECK_EQ(thread_end(thread_start(return_259, NULL)), STILL_ACTIVE);
    CHECK_EQ(thread_end(thread_start(exit_from_below, NULL)), 99);
}

static DWORD WINAPI own_id(LPVOID unused)
{
    (void)unused;
    return GetCurrentThreadId();
}

static void a_threads_id_is_known_to_its_maker(void)
{
    DWORD tid = 0, tid_of_handle;
    HANDLE thread = CreateThread(NULL, 0, own_id, NULL, 0, &tid);

    tid_of_handle = GetThreadId(thread);
    CHECK(tid != 0 && tid != GetCurrentThreadId());
    CHECK_EQ(tid_of_handle, tid);
    CHECK_EQ(thread_end(thread), tid);
    CHECK_EQ(GetCurrentThreadId(), gettid());
    CHECK_EQ(GetThreadId(GetCurrentThread()), gettid());
}

static void a_thread_needs_a_function(void)
{
    CHECK_FAILS((intptr_t)CreateThread(NULL, 0, NULL, NULL, 0, NULL), ERROR_INVALID_PARAMETER);
}

static DWORD WINAPI use_stack(LPVOID bytes)
{
    volatile char room[512 * 1024];

    for (size_t i = 0; i < sizeof room; i += 4096)
        room[i] = (char)(uintptr_t)bytes;
    return (DWORD)(unsigned char)room[4096];
}

static void a_thread_gets_the_stack_it_asked_for(void)
{
    HANDLE thread = CreateThread(NULL, 1024 * 1024, use_stack, (LPVOID)7, 0, NULL);

    CHECK_EQ(thread_end(thread), 7);
    CHECK_EQ(thread_end(CreateThread(NULL, 1, own_id, NULL, 0, NULL)) != 0, 1);
}

/* ---- suspended ---- */

static DWORD WINAPI note_start(LPVOID started)
{
    atomic_store((atomic_int *)started, 1);
    return SleepEx(0, TRUE);
}

static void NTAPI note_apc(ULONG_PTR order)
{
    atomic_int *started = (atomic_int *)order;

    if (atomic_load(started) == 0)
        atomic_store(started, 2); /* before the function */
}

static DWORD WINAPI expect_two(LPVOID started)
{
    return atomic_load((atomic_int *)started) == 2 ? SleepEx(0, TRUE) : 1234;
}

static void a_suspended_thread_starts_when_it_is_resumed(void)
{
    atomic_int started = 0;
    DWORD tid = 0;
    HANDLE thread = CreateThread(NULL, 0, note_start, &started, CREATE_SUSPENDED, &tid);

    CHECK(tid != 0);
    CHECK_EQ(WaitForSingleObject(thread, 20), WAIT_TIMEOUT);
    CHECK_EQ(atomic_load(&started), 0);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(thread_end(thread), 0);
    CHECK_EQ(atomic_load(&started), 1);
}

static void an_apc_queued_before_the_start_runs_before_the_function(void)
{
    atomic_int started = 0;
    HANDLE thread = CreateThread(NULL, 0, expect_two, &started, CREATE_SUSPENDED, NULL);

    CHECK(QueueUserAPC(note_apc, thread, (ULONG_PTR)&started));
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(thread_end(thread), 0);
    CHECK_EQ(ResumeThread(NULL), 0xFFFFFFFF);
}

static void resuming_a_running_thread_changes_nothing(void)
{
    HANDLE go = manual_event(FALSE);
    HANDLE thread = thread_start(wait_then_return, go);

    CHECK_EQ(ResumeThread(thread), 0);
    CHECK(SetEvent(go));
    CHECK_EQ(thread_end(thread), 4711);
    CHECK(CloseHandle(go));
}

/* ---- the order of the end ---- */

static pthread_key_t key;
static atomic_int destroyed;
static HANDLE set_by_destructor;

/* A program's own cleanup, which still uses the library. */
static void destroy(void *unused)
{
    (void)unused;
    CHECK(SetEvent(set_by_destructor));
    CHECK_EQ(WaitForSingleObject(set_by_destructor, 0), WAIT_OBJECT_0);
    atomic_fetch_add(&destroyed, 1);
}

static DWORD WINAPI leave_a_value(LPVOID value)
{
    pthread_setspecific(key, value);
    return GetCurrentThreadId() != 0;
}

static void a_programs_own_destructors_run_before_the_handle_is_signalled(void)
{
    set_by_destructor = manual_event(FALSE);
    pthread_key_create(&key, destroy);
    for (int i = 0; i < 100; i++) {
        CHECK_EQ(thread_end(thread_start(leave_a_value, &key)), 1);
        CHECK_EQ(atomic_load(&destroyed), i + 1);
    }
    pthread_key_delete(key);
    CHECK(CloseHandle(set_by_destructor));
}

static void a_thread_nobody_has_a_handle_of_runs_on(void)
{
    HANDLE go = manual_event(FALSE);
    HANDLE thread = thread_start(wait_then_return, go);

    CHECK(CloseHandle(thread));
    blocked_wait(go, 1);
    CHECK(SetEvent(go));
    CHECK(CloseHandle(go)); /* the harness sees to it that it ends */
}

/* ---- threads the program made itself ---- */

struct adopted {
    HANDLE self, made, go, mutex;
    DWORD tid, apc_result;
};

static void NTAPI count_up(ULONG_PTR counter)
{
    atomic_fetch_add((atomic_int *)counter, 1);
}

static void *adopted_run(void *arg)
{
    struct adopted *a = arg;

    a->tid = GetCurrentThreadId();
    CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), &a->self, 0,
                          FALSE, DUPLICATE_SAME_ACCESS));
    CHECK_SET(a->mutex);
    CHECK(SetEvent(a->made));
    a->apc_result = WaitForSingleObjectEx(a->go, PATIENCE_MS, TRUE);
    return NULL;
}

static void a_thread_of_the_program_is_adopted_by_its_first_call(void)
{
    struct adopted a = {.made = manual_event(FALSE),
                        .go = auto_event(FALSE),
                        .mutex = CreateMutexA(NULL, FALSE, NULL)};
    pthread_t thread = comm_spawn(adopted_run, &a);
    atomic_int ran = 0;
    DWORD code = 1;

    CHECK_EQ(WaitForSingleObject(a.made, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_UNSET(a.self);
    CHECK_EQ(GetThreadId(a.self), a.tid);
    CHECK(GetExitCodeThread(a.self, &code));
    CHECK_EQ(code, STILL_ACTIVE);
    CHECK(QueueUserAPC(count_up, a.self, (ULONG_PTR)&ran));
    CHECK_EQ(WaitForSingleObject(a.self, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(a.mutex, 0), WAIT_ABANDONED_0);
    CHECK(ReleaseMutex(a.mutex));
    comm_join(thread);
    CHECK_EQ(a.apc_result, WAIT_IO_COMPLETION);
    CHECK_EQ(atomic_load(&ran), 1);
    CHECK(GetExitCodeThread(a.self, &code));
    CHECK_EQ(code, 0);
    CHECK_FAILS(QueueUserAPC(count_up, a.self, 0), ERROR_GEN_FAILURE);
    CHECK(CloseHandle(a.self) && CloseHandle(a.made) && CloseHandle(a.go) && CloseHandle(a.mutex));
}

static void *exit_as_thread(void *self)
{
    CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(), self, 0,
                          FALSE, DUPLICATE_SAME_ACCESS));
    ExitThread(31);
}

static void an_adopted_thread_may_call_exit_thread(void)
{
    HANDLE self = NULL;

    comm_join(comm_spawn(exit_as_thread, &self));
    CHECK_EQ(thread_end(self), 31);
}

static void *touch_once(void *unused)
{
    (void)unused;
    CHECK_EQ(WaitForSingleObject(GetCurrentThread(), 0), WAIT_TIMEOUT);
    return NULL;
}

static void many_adopted_threads_leave_nothing_behind(void)
{
    for (int i = 0; i < 200; i++)
        comm_join(comm_spawn(touch_once, NULL));
}

static void many_threads_can_be_waited_for_together(void)
{
    HANDLE go = manual_event(FALSE), threads[64];

    for (int i = 0; i < 64; i++)
        threads[i] = thread_start(wait_then_return, go);
    CHECK_EQ(WaitForMultipleObjects(64, threads, TRUE, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(go));
    CHECK_EQ(WaitForMultipleObjects(64, threads, TRUE, PATIENCE_MS), WAIT_OBJECT_0);
    for (int i = 0; i < 64; i++)
        CHECK_EQ(thread_end(threads[i]), 4711);
    CHECK(CloseHandle(go));
}

COMM_TEST_MAIN(TEST(a_thread_is_signalled_after_its_end_and_gives_its_exit_code),
               TEST(the_exit_code_may_be_259_or_come_from_exit_thread),
               TEST(a_threads_id_is_known_to_its_maker), TEST(a_thread_needs_a_function),
               TEST(a_thread_gets_the_stack_it_asked_for),
               TEST(a_suspended_thread_starts_when_it_is_resumed),
               TEST(an_apc_queued_before_the_start_runs_before_the_function),
               TEST(resuming_a_running_thread_changes_nothing),
               TEST(a_programs_own_destructors_run_before_the_handle_is_signalled),
               TEST(a_thread_nobody_has_a_handle_of_runs_on),
               TEST(a_thread_of_the_program_is_adopted_by_its_first_call),
               TEST(an_adopted_thread_may_call_exit_thread),
               TEST(many_adopted_threads_leave_nothing_behind),
               TEST(many_threads_can_be_waited_for_together))
