/* SPDX-License-Identifier: MIT */
/* SignalObjectAndWait: what may be signalled, what happens when that fails, and that nobody who
 * hears the signal can act before the wait has begun. */
#include "objects.h"

static void a_full_semaphore_fails_it_and_nothing_is_waited_for(void)
{
    HANDLE full = CreateSemaphoreA(NULL, 1, 1, NULL), event = auto_event(TRUE);

    CHECK_WAIT_FAILS(SignalObjectAndWait(full, event, INFINITE, FALSE), ERROR_TOO_MANY_POSTS);
    CHECK_SET(event);
    CHECK_SET(full);
    CHECK_UNSET(full);
    CHECK(CloseHandle(full) && CloseHandle(event));
}

static void a_mutex_of_somebody_else_fails_it(void)
{
    HANDLE mutex = CreateMutexA(NULL, FALSE, NULL), event = auto_event(TRUE);

    CHECK_WAIT_FAILS(SignalObjectAndWait(mutex, event, INFINITE, FALSE), ERROR_NOT_OWNER);
    CHECK_SET(event);
    CHECK(CloseHandle(mutex) && CloseHandle(event));
}

static DWORD WINAPI return_at_once(LPVOID unused)
{
    (void)unused;
    return 0;
}

static void threads_and_timers_cannot_be_signalled(void)
{
    HANDLE thread = thread_start(return_at_once, NULL), event = auto_event(TRUE);
    HANDLE timer = CreateWaitableTimerA(NULL, TRUE, NULL);

    CHECK_WAIT_FAILS(SignalObjectAndWait(thread, event, 0, FALSE), ERROR_INVALID_HANDLE);
    CHECK_WAIT_FAILS(SignalObjectAndWait(timer, event, 0, FALSE), ERROR_INVALID_HANDLE);
    CHECK_WAIT_FAILS(SignalObjectAndWait(NULL, event, 0, FALSE), ERROR_INVALID_HANDLE);
    CHECK_SET(event);
    CHECK_WAIT_FAILS(SignalObjectAndWait(event, stale_handle(), 0, FALSE), ERROR_INVALID_HANDLE);
    CHECK_UNSET(event); /* the handles are looked at first */
    CHECK_EQ(thread_end(thread), 0);
    CHECK(CloseHandle(event) && CloseHandle(timer));
}

static void one_event_may_be_signalled_and_waited_for(void)
{
    HANDLE event = auto_event(FALSE), manual = manual_event(FALSE);

    CHECK_EQ(SignalObjectAndWait(event, event, 0, FALSE), WAIT_OBJECT_0);
    CHECK_UNSET(event);
    CHECK_EQ(SignalObjectAndWait(manual, manual, INFINITE, FALSE), WAIT_OBJECT_0);
    CHECK_SET(manual);
    CHECK(CloseHandle(event) && CloseHandle(manual));
}

static void events_mutexes_and_semaphores_are_signalled(void)
{
    HANDLE event = auto_event(FALSE), wait = auto_event(TRUE);
    HANDLE mutex = CreateMutexA(NULL, TRUE, NULL), semaphore = CreateSemaphoreA(NULL, 0, 5, NULL);

    CHECK_EQ(SignalObjectAndWait(event, wait, 0, FALSE), WAIT_OBJECT_0);
    CHECK_EQ(SignalObjectAndWait(semaphore, wait, 0, FALSE), WAIT_TIMEOUT);
    CHECK_EQ(SignalObjectAndWait(mutex, wait, 1, FALSE), WAIT_TIMEOUT);
    CHECK_SET(event);
    CHECK_SET(semaphore);
    CHECK_UNSET(semaphore);
    CHECK_FAILS(ReleaseMutex(mutex), ERROR_NOT_OWNER);
    CHECK(CloseHandle(event) && CloseHandle(wait) && CloseHandle(mutex) && CloseHandle(semaphore));
}

static unsigned ran;

static void NTAPI count_apc(ULONG_PTR unused)
{
    (void)unused;
    ran++;
}

static void a_signalled_object_goes_before_apcs_and_apcs_before_the_time(void)
{
    HANDLE signal = auto_event(FALSE), wait = auto_event(TRUE);

    ran = 0;
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    CHECK_EQ(SignalObjectAndWait(signal, wait, PATIENCE_MS, TRUE), WAIT_OBJECT_0);
    CHECK_EQ(ran, 0);
    CHECK_EQ(SignalObjectAndWait(signal, wait, 0, FALSE), WAIT_TIMEOUT);
    CHECK_EQ(ran, 0);
    CHECK_EQ(SignalObjectAndWait(signal, wait, 0, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(ran, 1);
    CHECK_SET(signal); /* it was signalled all the same */
    CHECK_EQ(SignalObjectAndWait(signal, wait, 0, TRUE), WAIT_TIMEOUT);
    CHECK(CloseHandle(signal) && CloseHandle(wait));
}

struct ball {
    HANDLE there, back;
    DWORD rounds;
};

static DWORD WINAPI pulse_when_told(LPVOID arg)
{
    struct ball *ball = arg;

    for (DWORD i = 0; i < ball->rounds; i++) {
        if (WaitForSingleObject(ball->there, PATIENCE_MS) != WAIT_OBJECT_0)
            return 1;
        CHECK(PulseEvent(ball->back));
    }
    return 0;
}

static void who_hears_the_signal_finds_the_wait_begun(void)
{
    struct ball ball = {auto_event(FALSE), auto_event(FALSE), 2000};
    HANDLE other = thread_start(pulse_when_told, &ball);
    DWORD missed = 0;

    for (DWORD i = 0; i < ball.rounds && missed == 0; i++)
        missed += SignalObjectAndWait(ball.there, ball.back, PATIENCE_MS, FALSE) != WAIT_OBJECT_0;
    CHECK_EQ(missed, 0);
    CHECK_EQ(thread_end(other), 0);
    CHECK(CloseHandle(ball.there) && CloseHandle(ball.back));
}

static DWORD WINAPI answer(LPVOID arg)
{
    struct ball *ball = arg;

    if (WaitForSingleObject(ball->there, PATIENCE_MS) != WAIT_OBJECT_0)
        return 1;
    for (DWORD i = 1; i < ball->rounds; i++)
        if (SignalObjectAndWait(ball->back, ball->there, PATIENCE_MS, FALSE) != WAIT_OBJECT_0)
            return 2;
    CHECK(SetEvent(ball->back));
    return 0;
}

static void two_threads_hand_a_ball_back_and_forth(void)
{
    struct ball ball = {auto_event(FALSE), auto_event(FALSE), 5000};
    HANDLE other = thread_start(answer, &ball);

    for (DWORD i = 0; i < ball.rounds; i++)
        if (SignalObjectAndWait(ball.there, ball.back, PATIENCE_MS, FALSE) != WAIT_OBJECT_0)
            CHECK_EQ(i, ball.rounds);
    CHECK_EQ(thread_end(other), 0);
    CHECK_UNSET(ball.there);
    CHECK_UNSET(ball.back);
    CHECK(CloseHandle(ball.there) && CloseHandle(ball.back));
}

static void the_signal_completes_a_wait_for_all(void)
{
    HANDLE first = auto_event(FALSE), second = auto_event(TRUE), back = auto_event(TRUE);
    struct waiter w = {
        .on = {first, second},
          .count = 2, .all = TRUE
    };

    waiter_start(&w);
    CHECK_EQ(SignalObjectAndWait(first, back, PATIENCE_MS, FALSE), WAIT_OBJECT_0);
    CHECK_EQ(waiter_end(&w), WAIT_OBJECT_0);
    CHECK_UNSET(second);
    CHECK(CloseHandle(first) && CloseHandle(second) && CloseHandle(back));
}

COMM_TEST_MAIN(TEST(a_full_semaphore_fails_it_and_nothing_is_waited_for),
               TEST(a_mutex_of_somebody_else_fails_it),
               TEST(threads_and_timers_cannot_be_signalled),
               TEST(one_event_may_be_signalled_and_waited_for),
               TEST(events_mutexes_and_semaphores_are_signalled),
               TEST(a_signalled_object_goes_before_apcs_and_apcs_before_the_time),
               TEST(who_hears_the_signal_finds_the_wait_begun),
               TEST(two_threads_hand_a_ball_back_and_forth),
               TEST(the_signal_completes_a_wait_for_all))
