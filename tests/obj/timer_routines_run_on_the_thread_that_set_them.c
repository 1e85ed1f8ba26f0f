/* SPDX-License-Identifier: MIT */
/* A waitable timer's routine: it runs in an alertable wait of the thread that set the timer and
 * nowhere else, it can be taken back until then, and it dies with its thread. */
#include "libcomm/plat/clock.h"
#include "objects.h"

#define MS_IN_100NS 10000
#define AN_HOUR (-36000000000)

struct calls {
    unsigned count;
    DWORD tid;
    uint64_t due;
};

static void CALLBACK note_call(LPVOID arg, DWORD low, DWORD high)
{
    struct calls *calls = arg;

    calls->count++;
    calls->tid = GetCurrentThreadId();
    calls->due = (uint64_t)high << 32 | low;
}

static void timer_set(HANDLE timer, int64_t due_100ns, LONG period_ms, struct calls *calls)
{
    LARGE_INTEGER due = {.QuadPart = due_100ns};

    CHECK(SetWaitableTimer(timer, &due, period_ms, calls != NULL ? note_call : NULL, calls, FALSE));
}

static void pass_ms(int64_t ms)
{
    HANDLE witness = CreateWaitableTimerA(NULL, TRUE, NULL);

    timer_set(witness, -ms * MS_IN_100NS, 0, NULL);
    CHECK_EQ(WaitForSingleObject(witness, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(witness));
}

static DWORD WINAPI sleep_alertably(LPVOID unused)
{
    (void)unused;
    return SleepEx(PATIENCE_MS, TRUE);
}

static void NTAPI do_nothing(ULONG_PTR unused)
{
    (void)unused;
}

static void a_routine_runs_only_in_an_alertable_wait_of_its_thread(void)
{
    HANDLE timer = CreateWaitableTimerA(NULL, TRUE, NULL);
    HANDLE other = thread_start(sleep_alertably, NULL);
    struct calls calls = {0};
    uint64_t start = ci_filetime_now();

    blocked_thread_wait(other);
    timer_set(timer, -5 * MS_IN_100NS, 0, &calls);
    CHECK_EQ(WaitForSingleObject(timer, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_EQ(SleepEx(0, FALSE), 0);
    CHECK_EQ(calls.count, 0);
    CHECK_EQ(SleepEx(PATIENCE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(calls.count, 1);
    CHECK_EQ(calls.tid, GetCurrentThreadId());
    CHECK(calls.due >= start + 5 * MS_IN_100NS && calls.due <= ci_filetime_now());
    CHECK_SET(timer);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK(QueueUserAPC(do_nothing, other, 0)); /* it has slept through all this */
    CHECK_EQ(thread_end(other), WAIT_IO_COMPLETION);
    CHECK_EQ(calls.count, 1);
    CHECK(CloseHandle(timer));
}

static void a_routine_ends_a_blocked_alertable_wait(void)
{
    HANDLE timer = CreateWaitableTimerA(NULL, FALSE, NULL);
    HANDLE event = auto_event(FALSE);
    struct calls calls = {0};

    timer_set(timer, -5 * MS_IN_100NS, 0, &calls);
    CHECK_EQ(WaitForSingleObjectEx(event, PATIENCE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(calls.count, 1);
    CHECK_SET(timer);
    CHECK(CloseHandle(timer) && CloseHandle(event));
}

static void a_period_calls_again_and_again(void)
{
    HANDLE timer = CreateWaitableTimerA(NULL, TRUE, NULL);
    struct calls calls = {0};
    uint64_t start_ns = ci_now_ns();

    timer_set(timer, -5 * MS_IN_100NS, 4, &calls);
    for (unsigned i = 0; i < 5; i++) {
        CHECK_EQ(SleepEx(PATIENCE_MS, TRUE), WAIT_IO_COMPLETION);
        CHECK_EQ(calls.count, i + 1);
        CHECK(ci_now_ns() - start_ns >= (5 + 4 * i) * CI_NS_PER_MS);
    }
    CHECK(CloseHandle(timer));
    CHECK_EQ(SleepEx(0, TRUE), 0);
}

static void periods_that_nobody_heard_are_one_call(void)
{
    HANDLE timer = CreateWaitableTimerA(NULL, TRUE, NULL);
    struct calls calls = {0};

    timer_set(timer, 0, 1, &calls);
    pass_ms(20);
    CHECK(CancelWaitableTimer(timer) || calls.count == 0);
    timer_set(timer, 0, 1, &calls);
    pass_ms(20);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK(calls.count >= 1 && calls.count <= 2); /* the second came while the first ran */
    CHECK(CloseHandle(timer));
}

static void setting_or_cancelling_takes_back_a_routine_that_has_not_run(void)
{
    HANDLE timer = CreateWaitableTimerA(NULL, TRUE, NULL);
    struct calls old = {0}, new = {0};

    timer_set(timer, 0, 0, &old);
    CHECK_SET(timer);
    timer_set(timer, AN_HOUR, 0, NULL);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    timer_set(timer, 0, 0, &old);
    CHECK(CancelWaitableTimer(timer));
    CHECK_EQ(SleepEx(0, TRUE), 0);
    timer_set(timer, 0, 0, &old);
    timer_set(timer, 0, 0, &new);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(old.count, 0);
    CHECK_EQ(new.count, 1);
    timer_set(timer, 0, 0, &old);
    CHECK(CloseHandle(timer));
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK_EQ(old.count, 0);
}

struct job {
    HANDLE timer;
    struct calls *calls;
    int64_t due;
    HANDLE done;
};

static DWORD WINAPI set_and_end(LPVOID arg)
{
    struct job *job = arg;

    timer_set(job->timer, job->due, 0, job->calls);
    return 0;
}

static void the_end_of_its_thread_cancels_a_timer_with_a_routine(void)
{
    struct calls calls = {0};
    struct job job = {CreateWaitableTimerA(NULL, TRUE, NULL), &calls, -10 * MS_IN_100NS, NULL};

    CHECK_EQ(thread_end(thread_start(set_and_end, &job)), 0);
    if (WaitForSingleObject(job.timer, 0) == WAIT_TIMEOUT) { /* else it was slow, and first */
        pass_ms(20);
        CHECK_UNSET(job.timer);
    }
    job.due = AN_HOUR;
    CHECK_EQ(thread_end(thread_start(set_and_end, &job)), 0);
    job.due = 0;
    CHECK_EQ(thread_end(thread_start(set_and_end, &job)), 0);
    CHECK_SET(job.timer);
    CHECK_EQ(SleepEx(0, TRUE), 0);
    CHECK_EQ(calls.count, 0);
    CHECK(CloseHandle(job.timer));
}

static void the_end_of_its_thread_spares_a_timer_without_routine(void)
{
    struct job job = {CreateWaitableTimerA(NULL, TRUE, NULL), NULL, -20 * MS_IN_100NS, NULL};

    CHECK_EQ(thread_end(thread_start(set_and_end, &job)), 0);
    CHECK_EQ(WaitForSingleObject(job.timer, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(job.timer));
}

static DWORD WINAPI set_tell_and_end(LPVOID arg)
{
    struct job *job = arg;

    timer_set(job->timer, job->due, 0, job->calls);
    CHECK(SetEvent(job->done));
    return 0;
}

/* A thread ends while another makes its timer its own: the new setting holds. */
static void a_timer_that_changed_hands_outlives_its_first_thread(void)
{
    struct calls theirs = {0}, mine = {0};
    struct job job = {CreateWaitableTimerA(NULL, TRUE, NULL), &theirs, AN_HOUR, auto_event(FALSE)};

    for (unsigned i = 0; i < 2000; i++) {
        HANDLE thread = thread_start(set_tell_and_end, &job);

        CHECK_EQ(WaitForSingleObject(job.done, PATIENCE_MS), WAIT_OBJECT_0);
        for (unsigned spin = 0; spin < i % 64; spin++)
            SwitchToThread();
        timer_set(job.timer, -1000, 0, &mine);
        if (!CHECK_EQ(SleepEx(PATIENCE_MS, TRUE), WAIT_IO_COMPLETION))
            i = 2000;
        CHECK_EQ(thread_end(thread), 0);
    }
    CHECK_EQ(mine.count, 2000);
    CHECK_EQ(theirs.count, 0);
    CHECK(CloseHandle(job.timer) && CloseHandle(job.done));
}

COMM_TEST_MAIN(TEST(a_routine_runs_only_in_an_alertable_wait_of_its_thread),
               TEST(a_routine_ends_a_blocked_alertable_wait), TEST(a_period_calls_again_and_again),
               TEST(periods_that_nobody_heard_are_one_call),
               TEST(setting_or_cancelling_takes_back_a_routine_that_has_not_run),
               TEST(the_end_of_its_thread_cancels_a_timer_with_a_routine),
               TEST(the_end_of_its_thread_spares_a_timer_without_routine),
               TEST(a_timer_that_changed_hands_outlives_its_first_thread))
