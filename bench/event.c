/* SPDX-License-Identifier: MIT */
/* What signalling costs when nothing is read or written: set and take, hand over between two
 * threads, find the last of 64. */
#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ours.h"

#define LAP 500
#define WARM_UP 1000

static struct bench_sample laps_of(void (*operation)(void), unsigned count, unsigned lap)
{
    struct bench_laps laps;

    for (unsigned i = 0; i < WARM_UP; i++)
        operation();
    laps = bench_laps_new(count / lap + 1);
    for (unsigned done = 0; done <= count; done += lap) {
        bench_lap_begin(&laps);
        for (unsigned i = 0; i < lap; i++)
            operation();
        bench_lap_end(&laps);
    }
    return bench_laps_done(&laps, lap);
}

/* ---- set and take ---- */

static HANDLE event[64];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void events_make(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        event[i] = bench_event(FALSE);
}

static void set_and_take(void)
{
    SetEvent(event[0]);
    bench_check(WaitForSingleObject(event[0], 0) == WAIT_OBJECT_0, "WaitForSingleObject");
}

static struct bench_sample part_uncontended(unsigned count)
{
    events_make(1);
    return laps_of(set_and_take, count, LAP);
}

static void two_passes(void)
{
    for (int i = 0; i < 2; i++) {
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
    }
}

static struct bench_sample part_mutex(unsigned count)
{
    return laps_of(two_passes, count, LAP);
}

/* ---- the last of 64 ---- */

static void take_last(void)
{
    SetEvent(event[63]);
    bench_check(WaitForMultipleObjects(64, event, FALSE, INFINITE) == WAIT_OBJECT_0 + 63,
                "WaitForMultipleObjects");
}

static struct bench_sample part_any64(unsigned count)
{
    events_make(64);
    return laps_of(take_last, count, LAP);
}

/* ---- hand over ---- */

/* A futex word: 1 is set. */
static _Atomic uint32_t word[2];

static void word_set(_Atomic uint32_t *w)
{
    atomic_store(w, 1);
    syscall(SYS_futex, w, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void word_take(_Atomic uint32_t *w)
{
    while (atomic_exchange(w, 0) == 0)
        syscall(SYS_futex, w, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
}

static void futex_trip(void)
{
    word_set(&word[0]);
    word_take(&word[1]);
}

static void *futex_partner(void *unused)
{
    (void)unused;
    for (;;) {
        word_take(&word[0]);
        word_set(&word[1]);
    }
    return NULL;
}

static void event_trip(void)
{
    SetEvent(event[0]);
    WaitForSingleObject(event[1], INFINITE);
}

static void *event_partner(void *unused)
{
    (void)unused;
    for (;;) {
        WaitForSingleObject(event[0], INFINITE);
        SetEvent(event[1]);
    }
    return NULL;
}

static struct bench_sample hand_over(void *(*partner)(void *), void (*trip)(void), unsigned count)
{
    pthread_t thread;

    bench_need(pthread_create(&thread, NULL, partner, NULL) == 0, "pthread_create");
    return laps_of(trip, count, 1); /* the partner ends with the process */
}

static struct bench_sample part_event_pingpong(unsigned count)
{
    events_make(2);
    return hand_over(event_partner, event_trip, count);
}

static struct bench_sample part_futex_pingpong(unsigned count)
{
    return hand_over(futex_partner, futex_trip, count);
}

/* ---- 64 events, and the waiter sleeps ---- */

static HANDLE back;

static void last_trip(void)
{
    SetEvent(event[63]);
    WaitForSingleObject(back, INFINITE);
}

static void *any64_partner(void *unused)
{
    (void)unused;
    for (;;) {
        WaitForMultipleObjects(64, event, FALSE, INFINITE);
        SetEvent(back);
    }
    return NULL;
}

static struct bench_sample part_any64_asleep(unsigned count)
{
    events_make(64);
    back = bench_event(FALSE);
    return hand_over(any64_partner, last_trip, count);
}

/* ---- figures ---- */

static void figures_uncontended(void)
{
    static bench_part *const part[] = {part_mutex, part_uncontended, part_any64};
    struct bench_table t = bench_rounds(part, 3, 200000, BENCH_PINNED);

    bench_figure("event.uncontended", bench_median(&t, 1, BENCH_NS),
                 "two passes of a mutex %.1f ns", bench_median(&t, 0, BENCH_NS));
    bench_figure("wait.any64", bench_median(&t, 2, BENCH_NS) / 1e3,
                 "with the SetEvent of the last; not asleep");
}

static void figures_hand_over(void)
{
    static bench_part *const part[] = {part_futex_pingpong, part_event_pingpong, part_any64_asleep};
    struct bench_table t = bench_rounds(part, 3, 10000, BENCH_PINNED);

    bench_figure("event.pingpong", bench_ratio(&t, 1, 0, BENCH_NS),
                 "ours %.2f us, bare futex %.2f us", bench_median(&t, 1, BENCH_NS) / 1e3,
                 bench_median(&t, 0, BENCH_NS) / 1e3);
    bench_figure("wait.any64.asleep",
                 (bench_median(&t, 2, BENCH_NS) - bench_median(&t, 1, BENCH_NS)) / 1e3,
                 "what 63 more objects add to the hand-over: %.2f us instead of %.2f us",
                 bench_median(&t, 2, BENCH_NS) / 1e3, bench_median(&t, 1, BENCH_NS) / 1e3);
}

int main(int argc, char **argv)
{
    bench_begin(argc, argv);
    figures_uncontended();
    figures_hand_over();
    return bench_end();
}
