/* SPDX-License-Identifier: MIT */
/* Operations that are done at once: the data is there, or there is room.  What the library adds to
 * the one system call is all there is to see. */
#include <stdlib.h>
#include <sys/socket.h>

#include "ours.h"

#define LAP 64 /* so many messages fit between the ends */

static int stream[2];
static HANDLE file;
static char message[BENCH_BYTES];
static OVERLAPPED ov;

static void bare_read(void)
{
    bench_need(recv(stream[0], message, BENCH_BYTES, MSG_DONTWAIT) == BENCH_BYTES, "recv");
}

static void bare_write(void)
{
    bench_need(send(stream[0], message, BENCH_BYTES, MSG_DONTWAIT | MSG_NOSIGNAL) == BENCH_BYTES,
               "send");
}

static void our_read(void)
{
    DWORD count = 0;

    bench_check(ReadFile(file, message, BENCH_BYTES, &count, &ov) && count == BENCH_BYTES,
                "ReadFile");
}

static void our_write(void)
{
    DWORD count = 0;

    bench_check(WriteFile(file, message, BENCH_BYTES, &count, &ov) && count == BENCH_BYTES,
                "WriteFile");
}

/* The other end's share is not measured. */
static struct bench_sample laps_of(void (*operation)(void), bool reads, unsigned count)
{
    struct bench_laps laps = bench_laps_new(count / LAP + 1);

    for (unsigned done = 0; done <= count; done += LAP) {
        for (unsigned i = 0; reads && i < LAP; i++)
            bench_send(stream[1]);
        bench_lap_begin(&laps);
        for (unsigned i = 0; i < LAP; i++)
            operation();
        bench_lap_end(&laps);
        for (unsigned i = 0; !reads && i < LAP; i++)
            bench_need(bench_receive(stream[1]), "read");
    }
    return bench_laps_done(&laps, LAP);
}

static void ours_open(void)
{
    bench_stream_pair(stream);
    file = bench_wrap(stream[0]);
    ov.hEvent = bench_event(TRUE);
}

static struct bench_sample part_bare_read(unsigned count)
{
    bench_stream_pair(stream);
    return laps_of(bare_read, true, count);
}

static struct bench_sample part_bare_write(unsigned count)
{
    bench_stream_pair(stream);
    return laps_of(bare_write, false, count);
}

static struct bench_sample part_our_read(unsigned count)
{
    ours_open();
    return laps_of(our_read, true, count);
}

static struct bench_sample part_our_write(unsigned count)
{
    ours_open();
    return laps_of(our_write, false, count);
}

static void figure(const char *name, bench_part *floor, bench_part *ours)
{
    bench_part *const part[] = {floor, ours};
    struct bench_table t = bench_rounds(part, 2, 20000, BENCH_PINNED);

    bench_figure(name, bench_ratio(&t, 1, 0, BENCH_NS), "%.0f ns; the system call %.0f ns",
                 bench_median(&t, 1, BENCH_NS), bench_median(&t, 0, BENCH_NS));
}

int main(int argc, char **argv)
{
    bench_begin(argc, argv);
    figure("read.immediate", part_bare_read, part_our_read);
    figure("write.immediate", part_bare_write, part_our_write);
    return bench_end();
}
