/* SPDX-License-Identifier: MIT */
/* CommSetEventFromSignal: a handler may set an event, after it has been prepared, without touching
 * errno or the last error. */
#include "harness.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include <libcomm/native.h>

#include "child.h"
#include "libcomm/plat/testing.h"

#define LONG_MS 20000u
#define EVENTS 40

static HANDLE event[EVENTS]; /* what the handler sets */
static volatile sig_atomic_t events;
static _Atomic int result, error_kept; /* of the last call of the handler */

static void handler(int signum)
{
    int mine = TRUE;

    (void)signum;
    errno = 4711;
    for (int i = 0; i < events; i++)
        mine = CommSetEventFromSignal(event[i]) && mine;
    atomic_store(&error_kept, errno == 4711);
    atomic_store(&result, mine);
}

static void events_open(int count)
{
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};

    for (int i = 0; i < count; i++)
        event[i] = CreateEventA(NULL, FALSE, FALSE, NULL);
    events = count;
    sigaction(SIGUSR1, &action, NULL);
}

static void events_close(void)
{
    signal(SIGUSR1, SIG_DFL);
    for (int i = 0; i < events; i++)
        CHECK(CloseHandle(event[i]));
    events = 0;
}

static int polls_readable(int fd)
{
    struct pollfd one = {.fd = fd, .events = POLLIN};

    return poll(&one, 1, LONG_MS);
}

static void unprepared_it_refuses_and_touches_nothing(void)
{
    events_open(1);
    ci_testing_quiesce(); /* unprepared */
    SetLastError(0xC0DE);
    raise(SIGUSR1);
    CHECK_EQ(result, FALSE);
    CHECK(error_kept);
    CHECK_EQ(GetLastError(), 0xC0DE);
    CHECK_EQ(WaitForSingleObject(event[0], 0), WAIT_TIMEOUT);
    events_close();
}

static void the_event_is_set_shortly_after(void)
{
    events_open(EVENTS);
    CHECK(CommSetEventFromSignal(NULL));
    CHECK(CommSetEventFromSignal(NULL)); /* once more changes nothing */
    for (int n = 0; n < 50; n++) {
        SetLastError(0xC0DE);
        raise(SIGUSR1);
        CHECK_EQ(result, TRUE);
        CHECK(error_kept);
        CHECK_EQ(GetLastError(), 0xC0DE);
        for (int i = 0; i < EVENTS; i++)
            CHECK_EQ(WaitForSingleObject(event[i], LONG_MS), WAIT_OBJECT_0);
    }
    events_close();
}

static void it_works_without_any_other_call_and_while_nobody_waits(void)
{
    HANDLE set;
    int fd;

    events_open(1);
    set = event[0];
    CHECK(CommSetEventFromSignal(NULL));
    fd = CommGetEventPollFd(set);
    raise(SIGUSR1);
    CHECK(fd >= 0);
    CHECK_EQ(polls_readable(fd), 1);
    CHECK_EQ(WaitForSingleObject(set, 0), WAIT_OBJECT_0);
    events_close();
}

/* ---- many at once ---- */

static _Atomic bool stop;

static void *raise_and_raise(void *unused)
{
    (void)unused;
    while (!atomic_load(&stop))
        raise(SIGUSR1);
    return NULL;
}

static void no_signal_of_a_storm_is_lost(void)
{
    pthread_t thread[3];

    events_open(3);
    CHECK(CommSetEventFromSignal(NULL));
    atomic_store(&stop, false);
    for (int i = 0; i < 3; i++)
        thread[i] = comm_spawn(raise_and_raise, NULL);
    for (int n = 0; n < 1000; n++)
        for (int i = 0; i < 3; i++)
            CHECK_EQ(WaitForSingleObject(event[i], LONG_MS), WAIT_OBJECT_0);
    atomic_store(&stop, true);
    for (int i = 0; i < 3; i++)
        comm_join(thread[i]);
    for (int n = 0; n < 200; n++) { /* and each single one after it */
        raise(SIGUSR1);
        for (int i = 0; i < 3; i++)
            CHECK_EQ(WaitForSingleObject(event[i], LONG_MS), WAIT_OBJECT_0);
    }
    events_close();
}

static void what_is_no_event_is_left_alone(void)
{
    HANDLE mutex = CreateMutexA(NULL, FALSE, NULL), stale;

    events_open(2);
    stale = event[0];
    CHECK(CloseHandle(stale));
    CHECK(CommSetEventFromSignal(NULL));
    CHECK_EQ(CommSetEventFromSignal(INVALID_HANDLE_VALUE), FALSE); /* no handle has such a value */
    CHECK(CommSetEventFromSignal(stale));
    CHECK(CommSetEventFromSignal(mutex));
    CHECK(CommSetEventFromSignal(event[1]));
    CHECK_EQ(WaitForSingleObject(event[1], LONG_MS), WAIT_OBJECT_0);
    event[0] = mutex;
    events_close();
}

static void what_cannot_be_prepared_leaves_nothing(void)
{
    bool prepared = false;
    unsigned nth;

    events_open(1);
    for (nth = 0; !prepared && nth < 20; nth++) {
        ci_testing_quiesce();
        ci_testing_fail(CI_FAULT_MEMORY | CI_FAULT_DESCRIPTOR | CI_FAULT_THREAD, nth, false);
        prepared = CommSetEventFromSignal(NULL);
        ci_testing_fail(0, 0, false);
        if (!prepared)
            CHECK_EQ(CommSetEventFromSignal(event[0]), FALSE);
    }
    CHECK(prepared && nth > 1);
    raise(SIGUSR1);
    CHECK_EQ(WaitForSingleObject(event[0], LONG_MS), WAIT_OBJECT_0);
    events_close();
}

/* ---- in a child ---- */

static int prepare_anew(void *unused)
{
    (void)unused;
    raise(SIGUSR1);
    NEED(!result); /* not prepared here */
    NEED(WaitForSingleObject(event[0], 0) == WAIT_TIMEOUT);
    NEED(CommSetEventFromSignal(NULL));
    raise(SIGUSR1);
    NEED(result);
    NEED(WaitForSingleObject(event[0], LONG_MS) == WAIT_OBJECT_0);
    return 0;
}

static void a_child_prepares_anew(void)
{
    struct child child;

    events_open(1);
    CHECK(CommSetEventFromSignal(NULL));
    raise(SIGUSR1);
    CHECK_EQ(WaitForSingleObject(event[0], LONG_MS), WAIT_OBJECT_0);
    child = child_start(prepare_anew, NULL);
    CHECK_EQ(child_line(&child), 0);
    CHECK_EQ(WaitForSingleObject(event[0], 0), WAIT_TIMEOUT); /* the child's is another one */
    raise(SIGUSR1);
    CHECK_EQ(WaitForSingleObject(event[0], LONG_MS), WAIT_OBJECT_0);
    events_close();
}

/* A process lends its engine for good, so this is for a child. */
static int lend_the_engine(void *unused)
{
    int fd = CommEngineFd();

    (void)unused;
    NEED(fd >= 0);
    NEED(CommSetEventFromSignal(NULL));
    raise(SIGUSR1);
    while (WaitForSingleObject(event[0], 0) != WAIT_OBJECT_0) {
        NEED(polls_readable(fd) == 1);
        CommEngineDispatch();
    }
    return 0;
}

static void a_foreign_loop_sets_it_too(void)
{
    struct child child;

    events_open(1);
    child = child_start(lend_the_engine, NULL);
    CHECK_EQ(child_line(&child), 0);
    events_close();
}

COMM_TEST_MAIN(TEST(unprepared_it_refuses_and_touches_nothing),
               TEST(the_event_is_set_shortly_after),
               TEST(it_works_without_any_other_call_and_while_nobody_waits),
               TEST(no_signal_of_a_storm_is_lost), TEST(what_is_no_event_is_left_alone),
               TEST(what_cannot_be_prepared_leaves_nothing), TEST(a_child_prepares_anew),
               TEST(a_foreign_loop_sets_it_too))
