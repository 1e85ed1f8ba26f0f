/* SPDX-License-Identifier: MIT */
/* One thread and one port: operations, timers, signals, descriptors and children all come back as
 * calls from the loop, once each, and nothing runs while there is nothing to do. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libcomm/native.h>

#include "harness.h"
#include "tools/common/child.h"
#include "tools/common/signals.h"
#include "tools/common/timer.h"

#define ROUND_MS 20000u

static void loop_open(struct tool_loop *loop)
{
    if (!CHECK(tool_loop_init(loop, NULL)))
        exit(EXIT_FAILURE);
}

/* What the tests' callbacks count. */
struct seen {
    int calls;
    uint32_t error;
    size_t count;
};

static void note(struct tool_op *op)
{
    struct seen *seen = op->owner;

    seen->calls++;
    seen->error = op->error;
    seen->count = op->count;
}

static void rounds_until(struct tool_loop *loop, const int *calls, int wanted)
{
    while (*calls < wanted && CHECK(tool_loop_round(loop, ROUND_MS)))
        ;
}

/* ---- operations ---- */

static void a_read_that_waits_and_one_that_fails_at_once_both_come_back(void)
{
    struct seen read = {.calls = 0}, wrong = {.calls = 0};
    struct tool_op op = {.done = note, .owner = &read}, bad = {.done = note, .owner = &wrong};
    struct tool_loop loop;
    HANDLE a, b;
    char buf[8];
    DWORD n;

    loop_open(&loop);
    CHECK(CommCreateStreamPair(&a, &b, 0));
    CHECK(tool_loop_join(&loop, a));
    tool_read(&loop, &op, a, buf, sizeof buf);
    tool_read(&loop, &bad, NULL, buf, sizeof buf);
    CHECK_EQ(wrong.calls, 0); /* never from inside */
    rounds_until(&loop, &wrong.calls, 1);
    CHECK_EQ(wrong.error, ERROR_INVALID_HANDLE);
    CHECK_EQ(read.calls, 0);
    CHECK(WriteFile(b, "hello", 5, &n, &(OVERLAPPED){.hEvent = NULL}));
    rounds_until(&loop, &read.calls, 1);
    CHECK_EQ(read.error, ERROR_SUCCESS);
    CHECK_EQ(read.count, 5);
    CHECK(!op.pending && !bad.pending);
    tool_loop_fini(&loop);
    CloseHandle(a);
    CloseHandle(b);
}

static void a_cancelled_read_comes_back_once(void)
{
    struct seen seen = {.calls = 0};
    struct tool_op op = {.done = note, .owner = &seen};
    struct tool_loop loop;
    HANDLE a, b;
    char buf[8];

    loop_open(&loop);
    CHECK(CommCreateStreamPair(&a, &b, 0));
    CHECK(tool_loop_join(&loop, a));
    tool_read(&loop, &op, a, buf, sizeof buf);
    tool_op_cancel(&op);
    rounds_until(&loop, &seen.calls, 1);
    CHECK_EQ(seen.error, ERROR_OPERATION_ABORTED);
    tool_op_cancel(&op); /* nothing to cancel */
    CHECK(!tool_loop_round(&loop, 0));
    tool_loop_fini(&loop);
    CloseHandle(a);
    CloseHandle(b);
}

static void again(struct tool_op *op)
{
    static char buf[8];

    note(op);
    tool_read(op->loop, op, op->file, buf, sizeof buf);
}

static void the_end_calls_back_what_is_pending_and_starts_nothing(void)
{
    struct seen seen = {.calls = 0}, later = {.calls = 0};
    struct tool_op op = {.done = again, .owner = &seen}, next = {.done = note, .owner = &later};
    struct tool_loop loop;
    HANDLE a, b;
    char buf[8];

    loop_open(&loop);
    CHECK(CommCreateStreamPair(&a, &b, 0));
    CHECK(tool_loop_join(&loop, a));
    tool_read(&loop, &op, a, buf, sizeof buf);
    tool_later(&loop, &next, ERROR_CANCELLED);
    tool_loop_fini(&loop);
    CHECK_EQ(seen.calls, 1);
    CHECK_EQ(seen.error, ERROR_OPERATION_ABORTED);
    CHECK_EQ(later.calls, 1);
    CHECK_EQ(later.error, ERROR_CANCELLED);
    CloseHandle(a);
    CloseHandle(b);
}

/* ---- timers ---- */

struct order {
    char said[8];
    size_t len;
    struct tool_loop *loop;
};

static void say_first(struct tool_timer *timer)
{
    struct order *order = timer->owner;

    order->said[order->len++] = '1';
}

static void say_last(struct tool_timer *timer)
{
    struct order *order = timer->owner;

    order->said[order->len++] = '2';
    tool_loop_stop(order->loop);
}

static void timers_run_out_in_order_and_stopped_ones_never(void)
{
    struct tool_timer first, last, never;
    struct tool_loop loop;
    struct order order = {.loop = &loop};
    uint64_t began = tool_now_ns();

    loop_open(&loop);
    CHECK(tool_timer_init(&first, &loop, say_first, &order));
    CHECK(tool_timer_init(&last, &loop, say_last, &order));
    CHECK(tool_timer_init(&never, &loop, say_first, &order));
    tool_timer_set(&last, 20000);
    tool_timer_set(&never, 0);
    tool_timer_stop(&never);
    tool_timer_set(&first, 1000000);
    tool_timer_set(&first, 1000); /* instead */
    tool_loop_run(&loop);
    CHECK(strcmp(order.said, "12") == 0);
    CHECK(tool_now_ns() - began >= 20000000);
    tool_timer_fini(&first);
    tool_timer_fini(&last);
    tool_timer_fini(&never);
    tool_loop_fini(&loop);
}

/* ---- signals ---- */

static void note_signal(struct tool_signals *signals, int number)
{
    *(int *)signals->owner = number;
    tool_loop_stop(signals->loop);
}

static void a_signal_is_a_call_from_the_loop(void)
{
    struct tool_signals signals;
    struct tool_loop loop;
    sigset_t set, now;
    int got = 0;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGUSR1);
    CHECK(tool_loop_init(&loop, &set));
    CHECK(tool_signals_init(&signals, &loop, &set, note_signal, &got));
    kill(getpid(), SIGTERM);
    tool_loop_run(&loop);
    CHECK_EQ(got, SIGTERM);
    kill(getpid(), SIGUSR1);
    tool_loop_run(&loop);
    CHECK_EQ(got, SIGUSR1);
    tool_signals_close(&signals);
    tool_loop_fini(&loop);
    pthread_sigmask(SIG_SETMASK, NULL, &now);
    CHECK(!sigismember(&now, SIGTERM));
}

/* ---- descriptors ---- */

static void note_watch(struct tool_watch *watch)
{
    ++*(int *)watch->owner;
}

static void a_watched_descriptor_calls_once_each_time_it_is_asked_for(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), calls = 0;
    struct tool_watch watch;
    struct tool_loop loop;
    uint64_t one = 1;

    loop_open(&loop);
    CHECK(tool_watch_init(&watch, &loop, fd, note_watch, &calls));
    tool_watch_next(&watch);
    CHECK(!tool_loop_round(&loop, 0));
    CHECK_EQ(write(fd, &one, sizeof one), sizeof one);
    rounds_until(&loop, &calls, 1);
    CHECK(!tool_loop_round(&loop, 0)); /* nobody asked again */
    tool_watch_next(&watch);           /* and it is still readable */
    rounds_until(&loop, &calls, 2);
    tool_watch_next(&watch);
    tool_watch_close(&watch);
    tool_loop_fini(&loop);
    CHECK_EQ(calls, 2);
    close(fd);
}

/* ---- children ---- */

static void note_child(struct tool_child *child, int status)
{
    *(int *)child->owner = status;
    tool_loop_stop(child->watch.loop);
}

static void run_child(struct tool_loop *loop, const char *script, int *status)
{
    struct tool_child child = {.ended = note_child, .owner = status};
    char *argv[] = {(char *)"sh", (char *)"-c", (char *)script, NULL};

    *status = -1;
    if (!CHECK_EQ(tool_child_start(&child, loop, argv, -1, -1, -1), 0))
        return;
    tool_loop_run(loop);
    tool_child_close(&child);
}

static void a_child_has_a_clean_signal_mask_and_its_end_is_told(void)
{
    struct tool_loop loop;
    sigset_t set;
    int status;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    CHECK(tool_loop_init(&loop, &set));
    run_child(&loop, "exit 7", &status);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 7);
    run_child(&loop, "kill -TERM $$; exit 1", &status);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    tool_loop_fini(&loop);
}

static void a_child_that_is_not_there_is_an_error_at_once(void)
{
    char *argv[] = {(char *)"/no/such/program", NULL};
    struct tool_child child = {.ended = NULL};
    struct tool_loop loop;

    loop_open(&loop);
    CHECK(tool_child_start(&child, &loop, argv, -1, -1, -1) != 0);
    tool_loop_fini(&loop);
}

static void a_child_that_will_not_go_is_ended(void)
{
    char *argv[] = {(char *)"sh", (char *)"-c",
                    (char *)"trap '' TERM; echo; while :; do sleep 60; done", NULL};
    struct tool_child child = {.ended = NULL};
    struct tool_loop loop;
    int out[2];
    char byte;

    loop_open(&loop);
    CHECK_EQ(pipe2(out, O_CLOEXEC), 0);
    CHECK_EQ(tool_child_start(&child, &loop, argv, -1, out[1], -1), 0);
    close(out[1]);
    CHECK_EQ(read(out[0], &byte, 1), 1); /* it does not listen to SIGTERM now */
    tool_child_close(&child);
    CHECK_EQ(kill(child.pid, 0), -1);
    CHECK_EQ(read(out[0], &byte, 1), 0); /* and so is what it started */
    close(out[0]);
    tool_loop_fini(&loop);
}

/* ---- rest ---- */

static long switches(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_nvcsw;
}

struct rest {
    struct tool_timer timer;
    int periods;
    long at[3];
};

enum { SHORT_MS = 200, LONG_MS = 1000 };

static void rest_over(struct tool_timer *timer)
{
    struct rest *rest = timer->owner;

    rest->at[rest->periods++] = switches();
    if (rest->periods == 3)
        tool_loop_stop(timer->loop);
    else
        tool_timer_set(timer, rest->periods == 1 ? SHORT_MS * 1000 : LONG_MS * 1000);
}

/* The library's thread makes sure for some milliseconds after each wake-up that it is not needed;
 * after that nothing happens, so a long rest costs what a short one does. */
static void a_long_rest_has_no_more_wake_ups_than_a_short_one(void)
{
    struct seen seen = {.calls = 0};
    struct tool_op op = {.done = note, .owner = &seen};
    struct tool_watch watch;
    struct tool_loop loop;
    struct rest rest = {.periods = 0};
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), calls = 0;
    long brief, lengthy;
    HANDLE a, b;
    char buf[8];

    if (COMM_THREAD_SANITIZER) {
        comm_test_skip("the thread sanitizer has a thread of its own, which wakes up by the clock");
        return;
    }

    loop_open(&loop);
    CHECK(CommCreateStreamPair(&a, &b, 0));
    CHECK(tool_loop_join(&loop, a));
    CHECK(tool_watch_init(&watch, &loop, fd, note_watch, &calls));
    CHECK(tool_timer_init(&rest.timer, &loop, rest_over, &rest));
    tool_read(&loop, &op, a, buf, sizeof buf);
    tool_watch_next(&watch);
    tool_timer_set(&rest.timer, SHORT_MS * 1000);
    tool_loop_run(&loop);
    brief = rest.at[1] - rest.at[0];
    lengthy = rest.at[2] - rest.at[1];
    if (!CHECK(lengthy <= brief + 6))
        printf("      %ld switches in a short rest, %ld in a long one\n", brief, lengthy);
    tool_timer_fini(&rest.timer);
    tool_watch_close(&watch);
    tool_loop_fini(&loop);
    CloseHandle(a);
    CloseHandle(b);
    close(fd);
}

COMM_TEST_MAIN(TEST(a_read_that_waits_and_one_that_fails_at_once_both_come_back),
               TEST(a_cancelled_read_comes_back_once),
               TEST(the_end_calls_back_what_is_pending_and_starts_nothing),
               TEST(timers_run_out_in_order_and_stopped_ones_never),
               TEST(a_signal_is_a_call_from_the_loop),
               TEST(a_watched_descriptor_calls_once_each_time_it_is_asked_for),
               TEST(a_child_has_a_clean_signal_mask_and_its_end_is_told),
               TEST(a_child_that_is_not_there_is_an_error_at_once),
               TEST(a_child_that_will_not_go_is_ended),
               TEST(a_long_rest_has_no_more_wake_ups_than_a_short_one))
