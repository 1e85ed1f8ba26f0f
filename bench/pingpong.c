/* SPDX-License-Identifier: MIT */
/* A message to another process and back: an overlapped read is issued, finds nothing, is waited for
 * and asked for its result.  Only the reading differs between the parts; all write alike. */
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "ours.h"

#define TRIPS 4000
#define WARM_UP 200

/* ---- our end ---- */

struct end {
    int fd, kick; /* the kick is the bare sequence's own */
    HANDLE file, port;
    OVERLAPPED ov;
    char message[BENCH_BYTES];
};

static struct end end_open(int fd)
{
    struct end end = {.fd = fd, .file = bench_wrap(fd)};

    end.ov.hEvent = bench_event(TRUE);
    return end;
}

static bool end_take(struct end *end)
{
    DWORD count = 0;

    WaitForSingleObject(end->ov.hEvent, INFINITE);
    return GetOverlappedResult(end->file, &end->ov, &count, FALSE) && count == BENCH_BYTES;
}

/* ---- one round trip of each kind ---- */

static void trip_blocking(struct end *end)
{
    bench_send(end->fd);
    bench_need(bench_receive(end->fd), "read");
}

/* What no library that waits for more than one thing can do without: try, poll {descriptor, kick},
 * read. */
static void trip_bare(struct end *end)
{
    struct pollfd p[2] = {
        {.fd = end->fd,   .events = POLLIN},
        {.fd = end->kick, .events = POLLIN}
    };
    ssize_t got = recv(end->fd, end->message, BENCH_BYTES, MSG_DONTWAIT);

    bench_send(end->fd);
    while (got < 0) {
        bench_need(ppoll(p, 2, NULL, NULL) > 0, "ppoll");
        got = recv(end->fd, end->message, BENCH_BYTES, MSG_DONTWAIT);
    }
    bench_need(got == BENCH_BYTES, "recv");
}

static void trip_event(struct end *end)
{
    bench_pend(end->file, end->message, &end->ov);
    bench_send(end->fd);
    bench_check(end_take(end), "GetOverlappedResult");
}

static void trip_write_file(struct end *end)
{
    static const char message[BENCH_BYTES] = "a message of sixty-four bytes";
    OVERLAPPED ov = {.hEvent = NULL};

    bench_pend(end->file, end->message, &end->ov);
    bench_check(WriteFile(end->file, message, BENCH_BYTES, NULL, &ov), "WriteFile");
    bench_check(end_take(end), "GetOverlappedResult");
}

static void trip_port(struct end *end)
{
    OVERLAPPED *ov = NULL;
    ULONG_PTR key = 0;
    DWORD count = 0;

    bench_pend(end->file, end->message, &end->ov);
    bench_send(end->fd);
    bench_check(GetQueuedCompletionStatus(end->port, &count, &key, &ov, INFINITE) &&
                    ov == &end->ov && count == BENCH_BYTES,
                "GetQueuedCompletionStatus");
}

static DWORD routine_count;

static void WINAPI routine(DWORD error, DWORD count, OVERLAPPED *ov)
{
    (void)ov;
    routine_count = error == 0 ? count : 0;
}

static void trip_routine(struct end *end)
{
    bench_check(ReadFileEx(end->file, end->message, BENCH_BYTES, &end->ov, routine), "ReadFileEx");
    bench_send(end->fd);
    routine_count = 0;
    bench_check(SleepEx(INFINITE, TRUE) == WAIT_IO_COMPLETION && routine_count == BENCH_BYTES,
                "SleepEx");
}

/* ---- parts ---- */

static struct bench_sample trips(struct end *end, void (*trip)(struct end *), unsigned count)
{
    struct bench_laps laps;

    for (unsigned i = 0; i < WARM_UP; i++)
        trip(end);
    laps = bench_laps_new(count);
    for (unsigned i = 0; i < count; i++) {
        bench_lap_begin(&laps);
        trip(end);
        bench_lap_end(&laps);
    }
    return bench_laps_done(&laps, 1);
}

static int stream_with_echo(void)
{
    int fd[2];

    bench_stream_pair(fd);
    bench_echo_process(fd[1]);
    return fd[0];
}

static struct bench_sample part_blocking(unsigned count)
{
    struct end end = {.fd = stream_with_echo()};

    return trips(&end, trip_blocking, count);
}

static struct bench_sample part_bare(unsigned count)
{
    struct end end = {.fd = stream_with_echo()};

    end.kick = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    return trips(&end, trip_bare, count);
}

static void *sleeper(void *unused)
{
    pause();
    return unused;
}

/* A process with a second thread pays for every use of a descriptor, and a library that looks after
 * what nobody waits for has one. */
static struct bench_sample part_bare_threaded(unsigned count)
{
    pthread_t thread;

    bench_need(pthread_create(&thread, NULL, sleeper, NULL) == 0, "pthread_create");
    return part_bare(count);
}

static struct bench_sample part_event(unsigned count)
{
    struct end end = end_open(stream_with_echo());

    return trips(&end, trip_event, count);
}

static struct bench_sample part_write_file(unsigned count)
{
    struct end end = end_open(stream_with_echo());

    return trips(&end, trip_write_file, count);
}

static struct bench_sample part_port(unsigned count)
{
    struct end end = end_open(stream_with_echo());

    end.ov.hEvent = NULL;
    end.port = CreateIoCompletionPort(end.file, NULL, 1, 0);
    bench_check(end.port != NULL, "CreateIoCompletionPort");
    return trips(&end, trip_port, count);
}

static struct bench_sample part_routine(unsigned count)
{
    struct end end = end_open(stream_with_echo());

    return trips(&end, trip_routine, count);
}

static void echo_overlapped(struct end *end)
{
    for (;;) {
        if (!ReadFile(end->file, end->message, BENCH_BYTES, NULL, &end->ov) &&
            GetLastError() != ERROR_IO_PENDING)
            return;
        if (!end_take(end))
            return;
        bench_send(end->fd);
    }
}

static struct bench_sample part_symmetric(unsigned count)
{
    struct end end;
    int fd[2];

    bench_stream_pair(fd);
    if (fork() == 0) {
        close(fd[0]);
        end = end_open(fd[1]);
        echo_overlapped(&end);
        _exit(0);
    }
    close(fd[1]);
    end = end_open(fd[0]);
    return trips(&end, trip_event, count);
}

/* ---- figures ---- */

enum { BLOCKING, BARE, THREADED, EVENT, WRITE_FILE, PORT, ROUTINE, PARTS };

static bench_part *const pinned[PARTS] = {part_blocking, part_bare,       part_bare_threaded,
                                          part_event,    part_write_file, part_port,
                                          part_routine};

/* Where the bare sequence costs nearly the whole allowance by itself, we may add a twentieth to it.
 */
static bool excused(const struct bench_table *t, unsigned part, enum bench_field field)
{
    return bench_ratio(t, BARE, BLOCKING, field) > 1.09 &&
           bench_ratio(t, part, BARE, field) <= 1.05;
}

static void show_pinned(const struct bench_table *t, const char *name, unsigned part,
                        enum bench_field field, bool excuse)
{
    bench_figure_or(name, bench_ratio(t, part, BLOCKING, field), excuse,
                    "%.2f us; blocking %.2f us; bare poll %.2f us (%.3f), to it %.3f; bare poll "
                    "beside a thread %.2f us (%.3f), to it %.3f",
                    bench_median(t, part, field) / 1e3, bench_median(t, BLOCKING, field) / 1e3,
                    bench_median(t, BARE, field) / 1e3, bench_ratio(t, BARE, BLOCKING, field),
                    bench_ratio(t, part, BARE, field), bench_median(t, THREADED, field) / 1e3,
                    bench_ratio(t, THREADED, BLOCKING, field),
                    bench_ratio(t, part, THREADED, field));
}

static void show(const struct bench_table *t, const char *name, unsigned part,
                 enum bench_field field, bool excuse)
{
    bench_figure_or(name, bench_ratio(t, part, BLOCKING, field), excuse,
                    "%.2f us; blocking %.2f us; bare poll %.2f us (%.3f), to it %.3f",
                    bench_median(t, part, field) / 1e3, bench_median(t, BLOCKING, field) / 1e3,
                    bench_median(t, BARE, field) / 1e3, bench_ratio(t, BARE, BLOCKING, field),
                    bench_ratio(t, part, BARE, field));
}

static void figures_pinned(void)
{
    struct bench_table t = bench_rounds(pinned, PARTS, TRIPS, BENCH_PINNED);

    show_pinned(&t, "pingpong.pinned", EVENT, BENCH_NS, excused(&t, EVENT, BENCH_NS));
    show_pinned(&t, "pingpong.cpu", EVENT, BENCH_CPU, excused(&t, EVENT, BENCH_CPU));
    show_pinned(&t, "pingpong.writefile", WRITE_FILE, BENCH_NS, false);
    show_pinned(&t, "pingpong.port", PORT, BENCH_NS, false);
    show_pinned(&t, "pingpong.routine", ROUTINE, BENCH_NS, false);
}

static void figures_unpinned(void)
{
    static bench_part *const part[] = {part_blocking, part_bare, part_event, part_symmetric};
    struct bench_table t = bench_rounds(part, 4, TRIPS, BENCH_ANYWHERE);

    show(&t, "pingpong.unpinned", 2, BENCH_NS, false);
    show(&t, "pingpong.symmetric", 3, BENCH_NS, false);
}

int main(int argc, char **argv)
{
    bench_begin(argc, argv);
    figures_pinned();
    figures_unpinned();
    return bench_end();
}
