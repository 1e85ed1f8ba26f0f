/* SPDX-License-Identifier: MIT */
/* A thousand signals a second, whose handler restarts nothing, while every kind of wait goes on as
 * if nothing happened. */
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <libcomm/native.h>

#include "libcomm/plat/clock.h"
#include "objects.h"

static atomic_uint signals;

static void on_alarm(int number)
{
    int saved = errno;

    (void)number;
    atomic_fetch_add(&signals, 1);
    errno = saved;
}

static void storm(bool on)
{
    struct sigaction action = {.sa_handler = on_alarm}; /* no SA_RESTART */
    struct itimerval every_ms = {
        {0, on ? 1000 : 0},
        {0, on ? 1000 : 0}
    };

    if (on)
        CHECK_EQ(sigaction(SIGALRM, &action, NULL), 0);
    CHECK_EQ(setitimer(ITIMER_REAL, &every_ms, NULL), 0);
}

static void begin(void)
{
    atomic_store(&signals, 0);
    storm(true);
}

static bool enough_signals(void *unused)
{
    (void)unused;
    return atomic_load(&signals) >= 20;
}

static void end(void)
{
    comm_wait_until(enough_signals, NULL);
    storm(false);
}

static void timeouts_are_kept(void)
{
    HANDLE event = auto_event(FALSE), set = manual_event(TRUE);
    HANDLE on[2] = {set, event};

    begin();
    for (int i = 0; i < 8; i++) {
        uint64_t start_ns = ci_now_ns();

        switch (i) {
        case 0:
            CHECK_EQ(WaitForSingleObject(event, 30), WAIT_TIMEOUT);
            break;
        case 1:
            CHECK_EQ(WaitForSingleObjectEx(event, 30, TRUE), WAIT_TIMEOUT);
            break;
        case 2:
            CHECK_EQ(WaitForMultipleObjects(2, on, TRUE, 30), WAIT_TIMEOUT);
            break;
        case 3:
            CHECK_EQ(WaitForMultipleObjects(1, &event, FALSE, 30), WAIT_TIMEOUT);
            break;
        case 4:
            CHECK_EQ(SignalObjectAndWait(set, event, 30, FALSE), WAIT_TIMEOUT);
            break;
        case 5:
            Sleep(30);
            break;
        case 6:
            CHECK_EQ(SleepEx(30, TRUE), 0);
            break;
        default:
            CHECK_EQ(SleepEx(30, FALSE), 0);
        }
        CHECK(ci_now_ns() - start_ns >= 30 * CI_NS_PER_MS);
    }
    end();
    CHECK(CloseHandle(event) && CloseHandle(set));
}

struct pair {
    HANDLE there, back;
    atomic_bool stop;
};

static DWORD WINAPI answer(LPVOID arg)
{
    struct pair *pair = arg;
    DWORD count = 0;

    while (WaitForSingleObject(pair->there, PATIENCE_MS) == WAIT_OBJECT_0 &&
           !atomic_load(&pair->stop)) {
        count++;
        CHECK(SetEvent(pair->back));
    }
    return count;
}

static void no_signalled_object_is_lost_or_taken_twice(void)
{
    struct pair pair = {.there = auto_event(FALSE), .back = auto_event(FALSE)};
    HANDLE other;
    DWORD count = 0;

    begin();
    other = thread_start(answer, &pair);
    for (; !enough_signals(NULL) || count < 2000; count++) {
        CHECK(SetEvent(pair.there));
        if (!CHECK_EQ(WaitForSingleObject(pair.back, PATIENCE_MS), WAIT_OBJECT_0))
            break;
        CHECK_UNSET(pair.back);
    }
    atomic_store(&pair.stop, true);
    CHECK(SetEvent(pair.there));
    CHECK_EQ(thread_end(other), count);
    end();
    CHECK(CloseHandle(pair.there) && CloseHandle(pair.back));
}

static void timers_come_when_due(void)
{
    HANDLE timer = CreateWaitableTimerA(NULL, FALSE, NULL);
    LARGE_INTEGER due = {.QuadPart = -10 * 10000};
    uint64_t start_ns = ci_now_ns();

    begin();
    CHECK(SetWaitableTimer(timer, &due, 5, NULL, NULL, FALSE));
    for (unsigned i = 0; i < 5; i++) {
        CHECK_EQ(WaitForSingleObject(timer, PATIENCE_MS), WAIT_OBJECT_0);
        CHECK(ci_now_ns() - start_ns >= (10 + 5 * i) * CI_NS_PER_MS);
    }
    end();
    CHECK(CloseHandle(timer));
}

static DWORD WINAPI echo(LPVOID fd)
{
    DWORD count = 0;
    char byte;

    for (;;) {
        ssize_t n = read((int)(intptr_t)fd, &byte, 1);

        if (n < 0 && errno == EINTR)
            continue;
        if (n != 1)
            return count;
        while (write((int)(intptr_t)fd, &byte, 1) < 0 && errno == EINTR)
            ;
        count++;
    }
}

static void overlapped_reads_complete_once_and_whole(void)
{
    OVERLAPPED in = {.hEvent = manual_event(FALSE)}, out = {.hEvent = manual_event(FALSE)};
    HANDLE wrapped, other;
    DWORD count = 0, n;
    int ends[2];

    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    wrapped = CommWrapFd(ends[0], COMM_KIND_STREAM, GENERIC_READ | GENERIC_WRITE, 0);
    begin();
    other = thread_start(echo, (LPVOID)(intptr_t)ends[1]);
    for (; !enough_signals(NULL) || count < 1000; count++) {
        char sent = (char)count, got = (char)(count + 1);

        if (!ReadFile(wrapped, &got, 1, NULL, &in))
            CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
        if (!WriteFile(wrapped, &sent, 1, NULL, &out))
            CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
        CHECK(GetOverlappedResult(wrapped, &out, &n, TRUE) && n == 1);
        if (!CHECK(GetOverlappedResult(wrapped, &in, &n, TRUE) && n == 1 && got == sent))
            break;
    }
    CHECK(CloseHandle(wrapped));
    CHECK_EQ(thread_end(other), count);
    end();
    close(ends[1]);
    CHECK(CloseHandle(in.hEvent) && CloseHandle(out.hEvent));
}

COMM_TEST_MAIN(TEST(timeouts_are_kept), TEST(no_signalled_object_is_lost_or_taken_twice),
               TEST(timers_come_when_due), TEST(overlapped_reads_complete_once_and_whole))
