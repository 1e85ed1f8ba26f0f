/* SPDX-License-Identifier: MIT */
/* The library's own thread: how soon it takes over what nobody waits for, how little it does while
 * somebody does, and how soon a waiter who is busy with I/O hears of an event. */
#include <dirent.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ours.h"

/* ---- unwaited ---- */

struct unwaited {
    int peer;
    HANDLE file;
    OVERLAPPED ov;
    char message[BENCH_BYTES];
};

static void unwaited_open(struct unwaited *u)
{
    int fd[2];

    bench_stream_pair(fd);
    *u = (struct unwaited){.peer = fd[1], .file = bench_wrap(fd[0])};
    u->ov.hEvent = bench_event(TRUE);
}

static void unwaited_close(struct unwaited *u)
{
    CloseHandle(u->file);
    CloseHandle(u->ov.hEvent);
    close(u->peer);
}

/* The data comes at once; the thread looks at memory and does not call the library. */
static void unwaited_lap(struct unwaited *u, struct bench_laps *laps)
{
    bench_pend(u->file, u->message, &u->ov);
    bench_lap_begin(laps);
    bench_send(u->peer);
    while (!HasOverlappedIoCompleted(&u->ov))
        ;
    bench_lap_end(laps);
    bench_check(u->ov.InternalHigh == BENCH_BYTES, "InternalHigh");
}

/* extra is the longest of the laps, which only a quiet machine keeps short. */
static struct bench_sample part_first(unsigned count)
{
    struct bench_laps laps = bench_laps_new(count);
    struct bench_sample sample;
    double longest_ns = 0;
    struct unwaited u;

    for (unsigned i = 0; i < count; i++) {
        unwaited_open(&u);
        unwaited_lap(&u, &laps);
        longest_ns = laps.ns[i] > longest_ns ? laps.ns[i] : longest_ns;
        unwaited_close(&u);
    }
    sample = bench_laps_done(&laps, 1);
    sample.extra = longest_ns;
    return sample;
}

static struct bench_sample part_next(unsigned count)
{
    struct bench_laps laps = bench_laps_new(1);
    struct unwaited u;

    unwaited_open(&u);
    unwaited_lap(&u, &laps); /* the first is another figure */
    free(laps.ns);
    laps = bench_laps_new(count);
    for (unsigned i = 0; i < count; i++)
        unwaited_lap(&u, &laps);
    return bench_laps_done(&laps, 1);
}

static void figures_unwaited(void)
{
    static bench_part *const first[] = {part_first}, *const next[] = {part_next};
    struct bench_table t = bench_rounds(first, 1, 25, BENCH_ANYWHERE);

    bench_figure("unwaited.first", bench_median(&t, 0, BENCH_NS) / 1e6, "longest %.2f ms",
                 bench_worst(&t, 0, BENCH_EXTRA) / 1e6);
    t = bench_rounds(next, 1, 500, BENCH_ANYWHERE);
    bench_figure("unwaited.next", bench_median(&t, 0, BENCH_NS) / 1e3, "process time %.1f us",
                 bench_median(&t, 0, BENCH_CPU) / 1e3);
}

/* ---- driven.steady ---- */

/* The thread's voluntary switches: it slept and was woken.  -1: there is no such thread. */
static double switches_of(const char *task)
{
    char path[64], line[256];
    double count = -1;
    bool ours = false;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%.16s/status", task);
    file = fopen(path, "re");
    if (file == NULL)
        return -1; /* it has just ended */
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "Name:\tcomm-engine", 17) == 0)
            ours = true;
        if (strncmp(line, "voluntary_ctxt_switches:", 24) == 0)
            count = strtod(line + 24, NULL);
    }
    fclose(file);
    return ours ? count : -1;
}

static double engine_switches(void)
{
    DIR *dir = opendir("/proc/self/task");
    struct dirent *entry;
    double found = -1;

    bench_need(dir != NULL, "/proc/self/task");
    while ((entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.' && switches_of(entry->d_name) >= 0)
            found = switches_of(entry->d_name);
    closedir(dir);
    return found;
}

static void driven_trip(struct unwaited *u)
{
    DWORD count;

    bench_pend(u->file, u->message, &u->ov);
    bench_send(CommGetFd(u->file));
    bench_check(GetOverlappedResult(u->file, &u->ov, &count, TRUE), "GetOverlappedResult");
}

/* While operations come and go the thread looks around once in two milliseconds, which is not what
 * is counted here: ns is all its wake-ups for a thousand trips, extra those that no tick explains.
 */
static struct bench_sample part_steady(unsigned count)
{
    double began_ns, elapsed_ms, wakes, ticks;
    struct unwaited u = {.ov.hEvent = bench_event(TRUE)};
    int fd[2];

    bench_stream_pair(fd);
    bench_echo_process(fd[1]);
    u.file = bench_wrap(fd[0]);
    for (unsigned i = 0; i < 200; i++)
        driven_trip(&u);
    bench_check(engine_switches() >= 0, "there is no comm-engine thread");
    wakes = engine_switches();
    began_ns = bench_now_ns();
    for (unsigned i = 0; i < count; i++)
        driven_trip(&u);
    elapsed_ms = (bench_now_ns() - began_ns) / 1e6;
    wakes = engine_switches() - wakes;
    ticks = elapsed_ms / 2;
    return (struct bench_sample){.ns = wakes * 1000 / count,
                                 .cpu_ns = ticks * 1000 / count,
                                 .extra = wakes > ticks ? (wakes - ticks) * 1000 / count : 0};
}

static void figure_steady(void)
{
    static bench_part *const part[] = {part_steady};
    struct bench_table t = bench_rounds(part, 1, 10000, BENCH_PINNED);

    bench_figure("driven.steady", bench_median(&t, 0, BENCH_EXTRA),
                 "per 1000 trips; all wake-ups %.1f, of which ticks %.1f",
                 bench_median(&t, 0, BENCH_NS), bench_median(&t, 0, BENCH_CPU));
}

/* ---- wake.latency ---- */

static struct {
    int socket, kick; /* of the floor */
    HANDLE file, stop;
    OVERLAPPED ov;
    char message[BENCH_BYTES];
    _Atomic int tid;
    _Atomic unsigned turns; /* the waiter is back from so many waits */
    double woken_ns;        /* released by turns */
} shared;

static void wait_bare(void)
{
    struct pollfd p[2] = {
        {.fd = shared.socket, .events = POLLIN},
        {.fd = shared.kick,   .events = POLLIN}
    };
    uint64_t count;

    bench_need(ppoll(p, 2, NULL, NULL) == 1, "ppoll");
    bench_need(read(shared.kick, &count, sizeof count) == sizeof count, "read");
}

static void wait_ours(void)
{
    HANDLE handle[2] = {shared.ov.hEvent, shared.stop};

    bench_check(WaitForMultipleObjects(2, handle, FALSE, INFINITE) == WAIT_OBJECT_0 + 1,
                "WaitForMultipleObjects");
}

static void wake_bare(void)
{
    uint64_t one = 1;

    bench_need(write(shared.kick, &one, sizeof one) == sizeof one, "write");
}

static void wake_ours(void)
{
    bench_check(SetEvent(shared.stop), "SetEvent");
}

static void *waiter(void *wait)
{
    void (*wait_once)(void);

    memcpy(&wait_once, wait, sizeof wait_once);
    atomic_store(&shared.tid, (int)syscall(SYS_gettid));
    for (;;) {
        wait_once();
        shared.woken_ns = bench_now_ns();
        atomic_fetch_add(&shared.turns, 1);
    }
    return NULL;
}

/* The waiter does nothing else for which it would sleep. */
static bool asleep(void)
{
    char path[64], line[512], *after;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/task/%d/stat", atomic_load(&shared.tid));
    file = fopen(path, "re");
    bench_need(file != NULL, path);
    bench_need(fgets(line, sizeof line, file) != NULL, path);
    fclose(file);
    after = strrchr(line, ')');
    return after != NULL && after[1] == ' ' && after[2] == 'S';
}

static struct bench_sample latency(void (*wait)(void), void (*wake)(void), unsigned count)
{
    struct bench_laps laps = bench_laps_new(count);
    pthread_t thread;

    bench_need(pthread_create(&thread, NULL, waiter, &wait) == 0, "pthread_create");
    while (atomic_load(&shared.tid) == 0)
        sched_yield();
    for (unsigned i = 0; i < count; i++) {
        while (!asleep())
            sched_yield();
        bench_lap_begin(&laps);
        wake();
        while (atomic_load(&shared.turns) == i)
            sched_yield();
        laps.ns[laps.count++] = shared.woken_ns - laps.lap_began_ns;
    }
    return bench_laps_done(&laps, 1);
}

static struct bench_sample part_wake_bare(unsigned count)
{
    int fd[2];

    bench_stream_pair(fd);
    shared.socket = fd[0];
    shared.kick = eventfd(0, EFD_CLOEXEC);
    return latency(wait_bare, wake_bare, count);
}

static struct bench_sample part_wake_ours(unsigned count)
{
    int fd[2];

    bench_stream_pair(fd);
    shared.file = bench_wrap(fd[0]);
    shared.ov.hEvent = bench_event(TRUE);
    shared.stop = bench_event(FALSE);
    bench_pend(shared.file, shared.message, &shared.ov);
    return latency(wait_ours, wake_ours, count);
}

static void figure_wake(void)
{
    static bench_part *const part[] = {part_wake_bare, part_wake_ours};
    struct bench_table t = bench_rounds(part, 2, 500, BENCH_PINNED);
    struct bench_table anywhere = bench_rounds(part, 2, 500, BENCH_ANYWHERE);

    bench_figure("wake.latency", bench_median(&t, 1, BENCH_NS) / 1e3,
                 "bare eventfd and poll %.1f us; unpinned %.1f us, bare %.1f us",
                 bench_median(&t, 0, BENCH_NS) / 1e3, bench_median(&anywhere, 1, BENCH_NS) / 1e3,
                 bench_median(&anywhere, 0, BENCH_NS) / 1e3);
}

int main(int argc, char **argv)
{
    bench_begin(argc, argv);
    figures_unwaited();
    figure_steady();
    figure_wake();
    return bench_end();
}
