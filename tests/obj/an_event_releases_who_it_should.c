/* SPDX-License-Identifier: MIT */
/* Events: one bit that does not count, released to one waiter or to all, and pulses, which only
 * those see who wait at that moment. */
#include "objects.h"

static void two_sets_of_an_auto_event_release_one_wait(void)
{
    HANDLE event = auto_event(FALSE);

    CHECK(SetEvent(event));
    CHECK(SetEvent(event));
    CHECK_SET(event);
    CHECK_UNSET(event);
    CHECK(CloseHandle(event));
}

static void a_manual_event_stays_set_until_it_is_reset(void)
{
    HANDLE event = manual_event(TRUE);

    CHECK_SET(event);
    CHECK_SET(event);
    CHECK(ResetEvent(event));
    CHECK_UNSET(event);
    CHECK(ResetEvent(event));
    CHECK_UNSET(event);
    CHECK(CloseHandle(event));
}

/* Two threads in a wait for the event. */
static void two_wait(struct waiter *w, HANDLE event)
{
    for (int i = 0; i < 2; i++) {
        w[i] = (struct waiter){.on = {event}, .count = 1};
        waiter_start(&w[i]);
    }
    blocked_wait(event, 2);
}

static void a_pulse_of_an_auto_event_releases_exactly_one_of_two(void)
{
    HANDLE event = auto_event(FALSE);
    struct waiter w[2];

    two_wait(w, event);
    CHECK(PulseEvent(event));
    CHECK_EQ(blocked_on(event), 1);
    CHECK_UNSET(event);
    CHECK_EQ(waiter_end(&w[0]), WAIT_OBJECT_0); /* who came first */
    CHECK_UNSET(w[1].thread);
    CHECK(SetEvent(event));
    CHECK_EQ(waiter_end(&w[1]), WAIT_OBJECT_0);
    CHECK_UNSET(event);
    CHECK(CloseHandle(event));
}

static void a_pulse_of_a_manual_event_releases_both(void)
{
    HANDLE event = manual_event(FALSE);
    struct waiter w[2];

    two_wait(w, event);
    CHECK(PulseEvent(event));
    CHECK_EQ(blocked_on(event), 0);
    CHECK_UNSET(event);
    CHECK_EQ(waiter_end(&w[0]), WAIT_OBJECT_0);
    CHECK_EQ(waiter_end(&w[1]), WAIT_OBJECT_0);
    CHECK_UNSET(event);
    CHECK(CloseHandle(event));
}

static void a_pulse_without_waiters_leaves_the_event_unset(void)
{
    for (int manual = 0; manual < 2; manual++) {
        for (int set = 0; set < 2; set++) {
            HANDLE event = CreateEventA(NULL, manual, set, NULL);

            CHECK(PulseEvent(event));
            CHECK_UNSET(event);
            CHECK(CloseHandle(event));
        }
    }
}

static void a_pulse_releases_a_wait_for_all_that_it_completes(void)
{
    HANDLE pulsed = manual_event(FALSE), set = auto_event(TRUE);
    struct waiter w = {
        .on = {pulsed, set},
          .count = 2, .all = TRUE
    };

    waiter_start(&w);
    CHECK(PulseEvent(pulsed));
    CHECK_EQ(waiter_end(&w), WAIT_OBJECT_0);
    CHECK_UNSET(pulsed);
    CHECK_UNSET(set);
    CHECK(CloseHandle(pulsed) && CloseHandle(set));
}

static void an_auto_event_releases_in_the_order_of_arrival(void)
{
    enum { WAITERS = 5 };
    HANDLE event = auto_event(FALSE);
    struct waiter w[WAITERS];

    for (size_t i = 0; i < WAITERS; i++) {
        w[i] = (struct waiter){.on = {event}, .count = 1};
        waiter_start(&w[i]);
        blocked_wait(event, i + 1);
    }
    for (size_t i = 0; i < WAITERS; i++) {
        CHECK(SetEvent(event));
        CHECK_EQ(waiter_end(&w[i]), WAIT_OBJECT_0);
        CHECK_EQ(blocked_on(event), WAITERS - 1 - i);
    }
    CHECK_UNSET(event);
    CHECK(CloseHandle(event));
}

static void setting_a_manual_event_releases_every_waiter(void)
{
    enum { WAITERS = 40 }; /* more than a signaller's list of wake-ups holds */
    HANDLE event = manual_event(FALSE);
    struct waiter w[WAITERS];

    for (size_t i = 0; i < WAITERS; i++) {
        w[i] = (struct waiter){.on = {event}, .count = 1};
        waiter_start(&w[i]);
    }
    blocked_wait(event, WAITERS);
    CHECK(SetEvent(event));
    CHECK(ResetEvent(event));
    for (size_t i = 0; i < WAITERS; i++)
        CHECK_EQ(waiter_end(&w[i]), WAIT_OBJECT_0);
    CHECK_UNSET(event);
    CHECK(CloseHandle(event));
}

static void the_ex_form_takes_its_flags_and_rights(void)
{
    HANDLE event = CreateEventExA(NULL, NULL, CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET,
                                  SYNCHRONIZE);

    CHECK_SET(event);
    CHECK_SET(event);
    CHECK_FAILS(ResetEvent(event), ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(event));
}

COMM_TEST_MAIN(TEST(two_sets_of_an_auto_event_release_one_wait),
               TEST(a_manual_event_stays_set_until_it_is_reset),
               TEST(a_pulse_of_an_auto_event_releases_exactly_one_of_two),
               TEST(a_pulse_of_a_manual_event_releases_both),
               TEST(a_pulse_without_waiters_leaves_the_event_unset),
               TEST(a_pulse_releases_a_wait_for_all_that_it_completes),
               TEST(an_auto_event_releases_in_the_order_of_arrival),
               TEST(setting_a_manual_event_releases_every_waiter),
               TEST(the_ex_form_takes_its_flags_and_rights))
