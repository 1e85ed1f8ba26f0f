/* SPDX-License-Identifier: MIT */
/* Ten thousand reads nobody answers, beside a hundred channels that are busy: they should cost
 * their memory and nothing else.  And what one pending read and an idle process do cost. */
#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ours.h"

#define IDLE 10000
#define ACTIVE 100
#define SPARE 100 /* descriptors for everything else */

struct channel {
    HANDLE file;
    OVERLAPPED ov;
    char message[BENCH_BYTES];
};

/* In a smoke run a few must do. */
static unsigned idle_wanted(void)
{
    return bench_smoke() ? IDLE / 100 : IDLE;
}

static bool descriptors_suffice(void)
{
    size_t wanted = idle_wanted() + ACTIVE * 2 + SPARE;

    return bench_descriptors(wanted) >= wanted;
}

static struct channel *channels_new(unsigned count)
{
    struct channel *channel = calloc(count, sizeof *channel);

    bench_need(channel != NULL, "calloc");
    memset(channel, 0, count * sizeof *channel); /* touched before anybody measures */
    return channel;
}

static void channel_issue(struct channel *channel)
{
    bench_pend(channel->file, channel->message, &channel->ov);
}

/* A datagram socket without a peer: readable never, and one descriptor each. */
static void channels_open_idle(struct channel *channel, unsigned count, HANDLE port)
{
    for (unsigned i = 0; i < count; i++) {
        int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

        bench_need(fd >= 0, "socket");
        channel[i].file = bench_wrap(fd);
        if (port != NULL)
            bench_check(CreateIoCompletionPort(channel[i].file, port, 2, 0) == port,
                        "CreateIoCompletionPort");
    }
}

/* ---- idle.port ---- */

static void answer_all(const int *fd)
{
    for (unsigned i = 0; bench_receive(fd[i]); i = (i + 1) % ACTIVE)
        bench_send(fd[i]);
}

static void channels_open_active(struct channel *channel, int *mine, HANDLE port)
{
    int theirs[ACTIVE];

    for (unsigned i = 0; i < ACTIVE; i++) {
        int fd[2];

        bench_stream_pair(fd);
        mine[i] = fd[0];
        theirs[i] = fd[1];
    }
    if (fork() == 0) {
        for (unsigned i = 0; i < ACTIVE; i++)
            close(mine[i]);
        answer_all(theirs);
        _exit(0);
    }
    for (unsigned i = 0; i < ACTIVE; i++) {
        close(theirs[i]);
        channel[i].file = bench_wrap(mine[i]);
        bench_check(CreateIoCompletionPort(channel[i].file, port, 1, 0) == port,
                    "CreateIoCompletionPort");
        channel_issue(&channel[i]);
    }
}

/* Every channel asks, and every answer is taken from the port and read for anew. */
static void ask_all(struct channel *channel, const int *mine, HANDLE port)
{
    for (unsigned i = 0; i < ACTIVE; i++)
        bench_send(mine[i]);
    for (unsigned i = 0; i < ACTIVE; i++) {
        OVERLAPPED *ov = NULL;
        ULONG_PTR key = 0;
        DWORD count = 0;

        bench_check(GetQueuedCompletionStatus(port, &count, &key, &ov, INFINITE) &&
                        count == BENCH_BYTES && key == 1,
                    "GetQueuedCompletionStatus");
        channel_issue((struct channel *)(void *)((char *)ov - offsetof(struct channel, ov)));
    }
    (void)channel;
}

static struct bench_sample part_port(unsigned count, unsigned idle)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    struct channel *active = channels_new(ACTIVE), *still = channels_new(IDLE);
    unsigned laps_wanted = count / ACTIVE + 2;
    struct bench_laps laps;
    int mine[ACTIVE];

    bench_check(port != NULL, "CreateIoCompletionPort");
    bench_need(descriptors_suffice(), "setrlimit"); /* the limit is this process's */
    channels_open_active(active, mine, port);
    channels_open_idle(still, idle, port);
    for (unsigned i = 0; i < idle; i++)
        channel_issue(&still[i]);
    for (unsigned i = 0; i < 5; i++)
        ask_all(active, mine, port);
    laps = bench_laps_new(laps_wanted);
    for (unsigned i = 0; i < laps_wanted; i++) {
        bench_lap_begin(&laps);
        ask_all(active, mine, port);
        bench_lap_end(&laps);
    }
    return bench_laps_done(&laps, ACTIVE);
}

static struct bench_sample part_port_alone(unsigned count)
{
    return part_port(count, 0);
}

static struct bench_sample part_port_beside(unsigned count)
{
    return part_port(count, idle_wanted());
}

static void figure_port(void)
{
    static bench_part *const part[] = {part_port_alone, part_port_beside};
    struct bench_table t;

    if (!descriptors_suffice()) {
        bench_skip("idle.port", "RLIMIT_NOFILE is too low and cannot be raised");
        return;
    }
    t = bench_rounds(part, 2, 20000, BENCH_PINNED);
    bench_figure("idle.port", bench_ratio(&t, 1, 0, BENCH_NS),
                 "per completion %.2f us (cpu %.2f); without %.2f us (cpu %.2f); cpu ratio %.3f",
                 bench_median(&t, 1, BENCH_NS) / 1e3, bench_median(&t, 1, BENCH_CPU) / 1e3,
                 bench_median(&t, 0, BENCH_NS) / 1e3, bench_median(&t, 0, BENCH_CPU) / 1e3,
                 bench_ratio(&t, 1, 0, BENCH_CPU));
}

/* ---- memory.pending ---- */

static double allocated_bytes(void)
{
    struct mallinfo2 info = mallinfo2();

    return (double)info.uordblks + (double)info.hblkhd;
}

/* ns is the growth by what the kernel says, cpu_ns by what malloc says, extra what a file takes. */
static struct bench_sample part_memory(unsigned unused)
{
    unsigned idle = idle_wanted();
    struct channel *still = channels_new(idle + 1);
    double before, made, issued, allocated;

    (void)unused;
    bench_need(descriptors_suffice(), "setrlimit");
    bench_private_bytes(); /* stdio's own buffer */
    channels_open_idle(&still[idle], 1, NULL);
    channel_issue(&still[idle]); /* the thread and its stack belong to no read */
    before = bench_private_bytes();
    channels_open_idle(still, idle, NULL);
    made = bench_private_bytes();
    allocated = allocated_bytes();
    for (unsigned i = 0; i < idle; i++)
        channel_issue(&still[i]);
    allocated = allocated_bytes() - allocated;
    issued = bench_private_bytes();
    return (struct bench_sample){
        .ns = (issued - made) / idle, .cpu_ns = allocated / idle, .extra = (made - before) / idle};
}

static void figure_memory(void)
{
    static bench_part *const part[] = {part_memory};
    struct bench_table t;

    if (!descriptors_suffice()) {
        bench_skip("memory.pending", "RLIMIT_NOFILE is too low and cannot be raised");
        return;
    }
    t = bench_rounds(part, 1, 1, BENCH_ANYWHERE);
    bench_figure("memory.pending", bench_median(&t, 0, BENCH_NS),
                 "by malloc's own count %.0f bytes; a wrapped descriptor and its handle %.0f bytes",
                 bench_median(&t, 0, BENCH_CPU), bench_median(&t, 0, BENCH_EXTRA));
}

/* ---- thread.idle ---- */

static int threads(void)
{
    DIR *dir = opendir("/proc/self/task");
    int count = -2; /* the entries . and .. */

    bench_need(dir != NULL, "/proc/self/task");
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count;
}

/* ns is how long the threads stayed, extra how many were there too many half a second later. */
static struct bench_sample part_threads(unsigned unused)
{
    struct channel *one = channels_new(1);
    double began_ns, now_ns;
    int fd[2], before = threads();
    DWORD count;

    (void)unused;
    bench_stream_pair(fd);
    one->file = bench_wrap(fd[0]);
    channel_issue(one);
    bench_send(fd[1]);
    bench_check(GetOverlappedResult(one->file, &one->ov, &count, TRUE), "GetOverlappedResult");
    began_ns = now_ns = bench_now_ns();
    while (threads() > before && now_ns - began_ns < 500e6) {
        usleep(1000);
        now_ns = bench_now_ns();
    }
    return (struct bench_sample){.ns = now_ns - began_ns, .extra = threads() - before};
}

static void figure_threads(void)
{
    static bench_part *const part[] = {part_threads};
    struct bench_table t = bench_rounds(part, 1, 1, BENCH_ANYWHERE);

    bench_figure("thread.idle", bench_worst(&t, 0, BENCH_EXTRA), "gone after %.0f ms",
                 bench_median(&t, 0, BENCH_NS) / 1e6);
}

int main(int argc, char **argv)
{
    bench_begin(argc, argv);
    figure_port();
    figure_memory();
    figure_threads();
    return bench_end();
}
