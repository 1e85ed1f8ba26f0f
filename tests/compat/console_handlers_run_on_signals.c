/* SPDX-License-Identifier: MIT */
/* SetConsoleCtrlHandler: who is asked, in which order, what happens when nobody says TRUE, and that
 * nothing of it is left once the last handler is gone. */
#include "harness.h"

#include <libcomm/compat.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <libcomm/comm.h>

static _Atomic unsigned first_asked, second_asked;
static _Atomic DWORD last_event;
static _Atomic bool second_answers;
static _Atomic pid_t asked_thread;

static BOOL WINAPI first_handler(DWORD event)
{
    last_event = event;
    asked_thread = gettid();
    first_asked++;
    return TRUE;
}

static BOOL WINAPI second_handler(DWORD event)
{
    last_event = event;
    second_asked++;
    return second_answers;
}

static BOOL WINAPI indifferent_handler(DWORD event)
{
    (void)event;
    return FALSE;
}

static BOOL WINAPI leaving_handler(DWORD event)
{
    (void)event;
    SetConsoleCtrlHandler(leaving_handler, FALSE);
    first_asked++;
    return TRUE;
}

static bool count_is_reached(void *arg)
{
    const unsigned *wanted = arg;

    return first_asked >= wanted[0] && second_asked >= wanted[1];
}

static void raise_and_wait(int signum, unsigned first, unsigned second)
{
    unsigned wanted[2] = {first, second};

    kill(getpid(), signum);
    comm_wait_until(count_is_reached, wanted);
    CHECK_EQ(first_asked, first);
    CHECK_EQ(second_asked, second);
}

static bool is_default(int signum)
{
    struct sigaction now;

    return sigaction(signum, NULL, &now) == 0 && now.sa_handler == SIG_DFL;
}

/* How a child ends that does `what`: its exit status, or minus the signal. */
static int child_ends(void (*what)(void))
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        alarm(20);
        what();
        for (;;)
            pause();
    }
    if (waitpid(child, &status, 0) != child)
        return 1000;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void interrupt_with_an_indifferent_handler(void)
{
    SetConsoleCtrlHandler(indifferent_handler, TRUE);
    kill(getpid(), SIGINT);
}

static void terminate_with_a_handler(void)
{
    SetConsoleCtrlHandler(first_handler, TRUE);
    kill(getpid(), SIGTERM);
}

static void interrupt_after_the_handler_left(void)
{
    SetConsoleCtrlHandler(first_handler, TRUE);
    SetConsoleCtrlHandler(first_handler, FALSE);
    kill(getpid(), SIGINT);
}

static void interrupt_while_ignored(void)
{
    SetConsoleCtrlHandler(NULL, TRUE);
    kill(getpid(), SIGINT);
    SetConsoleCtrlHandler(first_handler, TRUE);
    kill(getpid(), SIGINT);
    _exit(first_asked == 0 ? 42 : 1);
}

static const struct {
    const char *when;
    void (*what)(void);
    int ends;
} ends[] = {
    {"no handler says TRUE",         interrupt_with_an_indifferent_handler, 0x3A   },
    {"SIGTERM ends it all the same", terminate_with_a_handler,              0x3A   },
    {"the handler was removed",      interrupt_after_the_handler_left,      -SIGINT},
    {"Ctrl+C is ignored",            interrupt_while_ignored,               42     },
};

/* First, while this process has one thread: a child has no other. */
static void how_the_process_ends_is_up_to_the_handlers(void)
{
    for (size_t i = 0; i < ARRAY_LEN(ends); i++)
        CHECK_EQ_WHEN(ends[i].when, child_ends(ends[i].what), ends[i].ends);
}

static const struct {
    int signum;
    DWORD event;
} signals[] = {
    {SIGINT,  CTRL_C_EVENT    },
    {SIGQUIT, CTRL_BREAK_EVENT},
};

static void a_signal_is_an_event_on_another_thread(void)
{
    CHECK(SetConsoleCtrlHandler(first_handler, TRUE));
    for (size_t i = 0; i < ARRAY_LEN(signals); i++) {
        first_asked = 0;
        raise_and_wait(signals[i].signum, 1, 0);
        CHECK_EQ(last_event, signals[i].event);
        CHECK(asked_thread != gettid());
    }
    first_asked = 0;
    CHECK(SetConsoleCtrlHandler(first_handler, FALSE));
}

static void the_latest_handler_is_asked_first(void)
{
    first_asked = second_asked = 0;
    CHECK(SetConsoleCtrlHandler(first_handler, TRUE));
    CHECK(SetConsoleCtrlHandler(second_handler, TRUE));
    second_answers = true;
    raise_and_wait(SIGINT, 0, 1);
    second_answers = false;
    raise_and_wait(SIGINT, 1, 2);
    CHECK(SetConsoleCtrlHandler(second_handler, FALSE));
    raise_and_wait(SIGINT, 2, 2);
    CHECK(SetConsoleCtrlHandler(first_handler, FALSE));
    CHECK(!SetConsoleCtrlHandler(first_handler, FALSE));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

static void nothing_is_left_when_the_last_handler_is_gone(void)
{
    struct sigaction own = {.sa_handler = SIG_IGN}, before, now;

    first_asked = second_asked = 0;
    CHECK(is_default(SIGINT) && is_default(SIGQUIT) && is_default(SIGHUP) && is_default(SIGTERM));
    sigaction(SIGHUP, &own, &before);
    CHECK(SetConsoleCtrlHandler(leaving_handler, TRUE));
    CHECK(!is_default(SIGINT) && !is_default(SIGTERM));
    kill(getpid(), SIGHUP); /* ignored when the first handler came: it stays so */
    raise_and_wait(SIGINT, 1, 0);
    CHECK(is_default(SIGINT) && is_default(SIGQUIT) && is_default(SIGTERM));
    CHECK(sigaction(SIGHUP, &before, &now) == 0 && now.sa_handler == SIG_IGN);
    /* and the thread: the harness counts */
}

static void handlers_may_be_many_but_not_any_number(void)
{
    for (int i = 0; i < 64; i++)
        CHECK(SetConsoleCtrlHandler(first_handler, TRUE));
    CHECK(!SetConsoleCtrlHandler(first_handler, TRUE));
    CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    for (int i = 0; i < 64; i++)
        CHECK(SetConsoleCtrlHandler(first_handler, FALSE));
    CHECK(is_default(SIGINT));
}

COMM_TEST_MAIN(TEST(how_the_process_ends_is_up_to_the_handlers),
               TEST(a_signal_is_an_event_on_another_thread),
               TEST(the_latest_handler_is_asked_first),
               TEST(nothing_is_left_when_the_last_handler_is_gone),
               TEST(handlers_may_be_many_but_not_any_number))
