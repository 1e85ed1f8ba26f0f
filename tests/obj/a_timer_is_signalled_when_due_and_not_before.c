/* SPDX-License-Identifier: MIT */
/* Waitable timers as objects: when they become signalled, and what setting, cancelling, waiting and
 * a period do to that. */
#include <time.h>

#include "libcomm/plat/clock.h"
#include "objects.h"

#define MS_IN_100NS 10000

static void timer_set(HANDLE timer, int64_t due_100ns, LONG period_ms)
{
    LARGE_INTEGER due = {.QuadPart = due_100ns};

    CHECK(SetWaitableTimer(timer, &due, period_ms, NULL, NULL, FALSE));
}

static HANDLE timer_make(BOOL manual)
{
    return CreateWaitableTimerA(NULL, manual, NULL);
}

/* Past this moment every earlier deadline has been served, because timers fire in order. */
static void pass_ms(int64_t ms)
{
    HANDLE witness = timer_make(TRUE);

    timer_set(witness, -ms * MS_IN_100NS, 0);
    CHECK_EQ(WaitForSingleObject(witness, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(witness));
}

static void a_relative_timer_is_unsignalled_until_due_and_stays_signalled(void)
{
    HANDLE timer = timer_make(TRUE);
    uint64_t start_ns = ci_now_ns();
    DWORD early;

    timer_set(timer, -20 * MS_IN_100NS, 0);
    early = WaitForSingleObject(timer, 0);
    if (ci_now_ns() - start_ns < 20 * CI_NS_PER_MS)
        CHECK_EQ(early, WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(timer, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(ci_now_ns() - start_ns >= 20 * CI_NS_PER_MS);
    CHECK_SET(timer);
    CHECK_SET(timer);
    CHECK(CloseHandle(timer));
}

static void a_date_is_due_at_that_date_and_at_once_when_past(void)
{
    HANDLE timer = timer_make(TRUE);
    uint64_t due = ci_filetime_now() + 20 * MS_IN_100NS;

    timer_set(timer, (int64_t)due, 0);
    CHECK_EQ(WaitForSingleObject(timer, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(ci_filetime_now() >= due);
    timer_set(timer, (int64_t)due - 10000 * MS_IN_100NS, 0);
    CHECK_SET(timer);
    timer_set(timer, 0, 0);
    CHECK_SET(timer);
    CHECK(CloseHandle(timer));
}

static void setting_a_signalled_timer_makes_it_unsignalled(void)
{
    HANDLE timer = timer_make(TRUE);

    timer_set(timer, 0, 0);
    CHECK_SET(timer);
    timer_set(timer, -600000 * (int64_t)MS_IN_100NS, 0);
    CHECK_UNSET(timer);
    CHECK(CloseHandle(timer));
}

static void a_cancelled_timer_does_not_expire(void)
{
    HANDLE timer = timer_make(TRUE);

    timer_set(timer, -10 * MS_IN_100NS, 0);
    CHECK(CancelWaitableTimer(timer));
    pass_ms(20);
    CHECK_UNSET(timer);
    CHECK(CloseHandle(timer));
}

static void cancelling_leaves_the_state(void)
{
    HANDLE timer = timer_make(TRUE);

    CHECK(CancelWaitableTimer(timer)); /* never set */
    CHECK_UNSET(timer);
    timer_set(timer, 0, 0);
    CHECK(CancelWaitableTimer(timer));
    CHECK_SET(timer);
    CHECK(CloseHandle(timer));
}

static void an_auto_reset_timer_satisfies_one_wait(void)
{
    HANDLE timer = timer_make(FALSE);

    timer_set(timer, -1 * MS_IN_100NS, 0);
    CHECK_EQ(WaitForSingleObject(timer, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_UNSET(timer);
    pass_ms(5);
    CHECK_UNSET(timer);
    CHECK(CloseHandle(timer));
}

static void a_periodic_timer_comes_again_and_no_sooner_than_its_period(void)
{
    HANDLE timer = timer_make(FALSE);
    uint64_t start_ns = ci_now_ns();

    timer_set(timer, -10 * MS_IN_100NS, 5);
    for (unsigned i = 0; i < 5; i++) {
        CHECK_EQ(WaitForSingleObject(timer, PATIENCE_MS), WAIT_OBJECT_0);
        CHECK(ci_now_ns() - start_ns >= (10 + 5 * i) * CI_NS_PER_MS);
    }
    CHECK(CancelWaitableTimer(timer));
    WaitForSingleObject(timer, 0); /* one more may have come just before */
    pass_ms(15);
    CHECK_UNSET(timer);
    CHECK(CloseHandle(timer));
}

static void a_periodic_timer_that_is_due_at_once_goes_on(void)
{
    HANDLE timer = timer_make(FALSE);

    timer_set(timer, 0, 1);
    for (int i = 0; i < 10; i++)
        CHECK_EQ(WaitForSingleObject(timer, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(timer)); /* running: closing stops it */
}

static void setting_anew_forgets_the_old_due_time_and_period(void)
{
    HANDLE timer = timer_make(FALSE);
    uint64_t start_ns = ci_now_ns();

    timer_set(timer, -5 * MS_IN_100NS, 1);
    timer_set(timer, -30 * MS_IN_100NS, 0);
    CHECK_EQ(WaitForSingleObject(timer, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(ci_now_ns() - start_ns >= 30 * CI_NS_PER_MS);
    pass_ms(5);
    CHECK_UNSET(timer);
    CHECK(CloseHandle(timer));
}

static void a_negative_period_and_no_due_time_are_refused(void)
{
    HANDLE timer = timer_make(TRUE);
    LARGE_INTEGER due = {.QuadPart = 0};

    CHECK_FAILS(SetWaitableTimer(timer, &due, -1, NULL, NULL, FALSE), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(SetWaitableTimer(timer, NULL, 0, NULL, NULL, FALSE), ERROR_INVALID_PARAMETER);
    CHECK_UNSET(timer);
    CHECK(CloseHandle(timer));
}

static void the_earliest_of_many_timers_comes_first(void)
{
    enum { TIMERS = 60 };
    HANDLE timers[TIMERS];

    for (size_t i = 0; i < TIMERS; i++) { /* set in an order that is not theirs */
        timers[i] = timer_make(TRUE);
        timer_set(timers[i], -(int64_t)(5 + i * 17 % TIMERS) * MS_IN_100NS, 0);
    }
    CHECK_EQ(WaitForMultipleObjects(TIMERS, timers, TRUE, PATIENCE_MS), WAIT_OBJECT_0);
    for (size_t i = 0; i < TIMERS; i++) {
        CHECK_SET(timers[i]);
        CHECK(CloseHandle(timers[i]));
    }
}

static DWORD WINAPI set_again_and_again(LPVOID timer)
{
    for (int i = 0; i < 3000; i++)
        timer_set(timer, -(i % 3) * 1000, 0);
    return 0;
}

/* Setting, cancelling and firing at the same time: afterwards it obeys again. */
static void setting_cancelling_and_firing_at_once_leave_a_working_timer(void)
{
    HANDLE timer = timer_make(FALSE);
    HANDLE other = thread_start(set_again_and_again, timer);

    for (int i = 0; i < 3000; i++) {
        timer_set(timer, -(i % 5) * 500, i % 7 == 0);
        if (i % 3 == 0)
            CHECK(CancelWaitableTimer(timer));
        WaitForSingleObject(timer, 0);
    }
    CHECK_EQ(thread_end(other), 0);
    timer_set(timer, -1 * MS_IN_100NS, 0);
    CHECK_EQ(WaitForSingleObject(timer, PATIENCE_MS), WAIT_OBJECT_0);
    pass_ms(3);
    CHECK_UNSET(timer);
    CHECK(CloseHandle(timer));
}

/* The timer fires for the last time under a long period while it is set anew. */
static void a_new_setting_is_not_lost_to_the_old_period(void)
{
    HANDLE timer = timer_make(FALSE);

    for (uint64_t i = 0; i < 3000; i++) {
        uint64_t until_ns = ci_now_ns() + i % 100 * 1000;

        timer_set(timer, -1, 3600000);
        while (ci_now_ns() < until_ns)
            ;
        timer_set(timer, -200, 0);
        if (!CHECK_EQ(WaitForSingleObject(timer, PATIENCE_MS), WAIT_OBJECT_0))
            break;
    }
    CHECK(CloseHandle(timer));
}

/* The timer is about to fire when it is set for later.  The moment of setting follows the moment of
 * firing, to stay close to it. */
static void a_new_setting_is_not_fulfilled_by_the_old_due_time(void)
{
    HANDLE timer = timer_make(FALSE);
    uint64_t ahead_ns = 50000;

    for (int i = 0; i < 500; i++) {
        uint64_t start_ns = ci_now_ns();

        timer_set(timer, -200, 0);
        while (ci_now_ns() - start_ns < ahead_ns)
            ;
        if (WaitForSingleObject(timer, 0) == WAIT_TIMEOUT)
            ahead_ns += 1000;
        else
            ahead_ns -= 1000;
        start_ns = ci_now_ns();
        timer_set(timer, -1 * MS_IN_100NS, 0);
        CHECK_EQ(WaitForSingleObject(timer, PATIENCE_MS), WAIT_OBJECT_0);
        CHECK(ci_now_ns() - start_ns >= CI_NS_PER_MS);
    }
    CHECK(CloseHandle(timer));
}

COMM_TEST_MAIN(TEST(a_relative_timer_is_unsignalled_until_due_and_stays_signalled),
               TEST(a_date_is_due_at_that_date_and_at_once_when_past),
               TEST(setting_a_signalled_timer_makes_it_unsignalled),
               TEST(a_cancelled_timer_does_not_expire), TEST(cancelling_leaves_the_state),
               TEST(an_auto_reset_timer_satisfies_one_wait),
               TEST(a_periodic_timer_comes_again_and_no_sooner_than_its_period),
               TEST(a_periodic_timer_that_is_due_at_once_goes_on),
               TEST(setting_anew_forgets_the_old_due_time_and_period),
               TEST(a_negative_period_and_no_due_time_are_refused),
               TEST(the_earliest_of_many_timers_comes_first),
               TEST(a_new_setting_is_not_lost_to_the_old_period),
               TEST(a_new_setting_is_not_fulfilled_by_the_old_due_time),
               TEST(setting_cancelling_and_firing_at_once_leave_a_working_timer))
