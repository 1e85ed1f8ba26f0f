/* SPDX-License-Identifier: MIT */
/* CommCreateStreamPair: both ends in one process.  What one end had pending is final when the call
 * on the other end that satisfied it returns, whether or not another thread drives it. */
#include "asleep.h"
#include "pair.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define ROUNDS 500

struct ends {
    HANDLE here, there;
};

static struct ends ends_open(void)
{
    struct ends e = {NULL, NULL};

    CHECK_EQ(CommCreateStreamPair(&e.here, &e.there, 0), TRUE);
    return e;
}

static void ends_close(const struct ends *e)
{
    CHECK(CloseHandle(e->here));
    CHECK(CloseHandle(e->there));
}

static void puts_now(HANDLE file, const char *bytes, DWORD len)
{
    OVERLAPPED ov = {.hEvent = NULL};
    DWORD n = 0;

    CHECK_EQ(WriteFile(file, bytes, len, &n, &ov), TRUE);
    CHECK_EQ(n, len);
}

static void a_read_is_final_when_the_write_that_fed_it_returns(void)
{
    struct ends e = ends_open();
    struct request r;

    request_open(&r, true);
    for (int i = 0; i < ROUNDS; i++) {
        CHECK(request_pends(&r, e.there, sizeof r.buf));
        puts_now(e.here, "now", 3);
        request_ends("the write is back", &r, STATUS_SUCCESS, 3);
        CHECK(is_set(r.ov.hEvent));
        CHECK_EQ(memcmp(r.buf, "now", 3), 0);
    }
    ends_close(&e);
    request_close(&r);
}

struct driver {
    struct request request;
    struct sleeper sleeper;
    pthread_barrier_t round;
};

static void *drive(void *arg)
{
    struct driver *d = arg;

    for (int i = 0; i < ROUNDS; i++) {
        pthread_barrier_wait(&d->round);
        sleeper_announce(&d->sleeper);
        CHECK_EQ(WaitForSingleObject(d->request.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
        pthread_barrier_wait(&d->round);
    }
    return NULL;
}

static void that_holds_while_another_thread_drives_the_read(void)
{
    struct ends e = ends_open();
    struct driver d = {.sleeper = {NULL}};
    pthread_t thread;

    request_open(&d.request, true);
    pthread_barrier_init(&d.round, NULL, 2);
    thread = comm_spawn(drive, &d);
    for (int i = 0; i < ROUNDS; i++) {
        CHECK(request_pends(&d.request, e.there, sizeof d.request.buf));
        atomic_store(&d.sleeper.thread, NULL);
        pthread_barrier_wait(&d.round);
        if (i % 2 == 0) /* else it may be on its way to sleep */
            wait_until_asleep(&d.sleeper);
        puts_now(e.here, "now", 3);
        request_ends("the write is back", &d.request, STATUS_SUCCESS, 3);
        pthread_barrier_wait(&d.round);
    }
    comm_join(thread);
    pthread_barrier_destroy(&d.round);
    ends_close(&e);
    request_close(&d.request);
}

static void every_queued_read_that_is_fed_is_final(void)
{
    struct ends e = ends_open();
    struct request r[3];

    for (int i = 0; i < 3; i++) {
        request_open(&r[i], true);
        CHECK(request_pends(&r[i], e.there, 1));
    }
    puts_now(e.here, "ab", 2);
    for (int i = 0; i < 2; i++) {
        request_ends("fed", &r[i], STATUS_SUCCESS, 1);
        CHECK_EQ(r[i].buf[0], "ab"[i]);
    }
    CHECK_EQ(request_status(&r[2]), STATUS_PENDING);
    ends_close(&e);
    for (int i = 0; i < 3; i++)
        request_close(&r[i]);
}

static void a_write_is_final_when_the_read_that_made_room_returns(void)
{
    struct ends e = ends_open();
    struct request w;
    char *flood = calloc(1, FLOOD_BYTES), *sink = malloc(FLOOD_BYTES);
    size_t got = 0;

    request_open(&w, true);
    CHECK_FAILS(WriteFile(e.here, flood, FLOOD_BYTES, NULL, &w.ov), ERROR_IO_PENDING);
    while (got < FLOOD_BYTES) {
        OVERLAPPED ov = {.hEvent = NULL};
        DWORD n = 0;

        /* never dry: each read has let the write go on */
        if (!CHECK_EQ(ReadFile(e.there, sink, FLOOD_BYTES, &n, &ov), TRUE))
            break;
        got += n;
    }
    CHECK_EQ(got, FLOOD_BYTES);
    request_ends("the last read is back", &w, STATUS_SUCCESS, FLOOD_BYTES);
    ends_close(&e);
    request_close(&w);
    free(flood);
    free(sink);
}

static void a_read_is_final_when_the_close_of_the_other_end_returns(void)
{
    struct ends e = ends_open();
    struct request r;

    request_open(&r, true);
    CHECK(request_pends(&r, e.there, 1));
    CHECK(CloseHandle(e.here));
    request_ends("the close is back", &r, STATUS_PIPE_BROKEN, 0);
    CHECK(is_set(r.ov.hEvent));
    CHECK_FAILS(WriteFile(e.there, "x", 1, NULL, &r.ov), ERROR_NO_DATA);
    CHECK(CloseHandle(e.there));
    request_close(&r);
}

static void the_packet_is_there_when_the_write_returns(void)
{
    struct ends e = ends_open();
    HANDLE port = CreateIoCompletionPort(e.there, NULL, 3, 0);
    struct request r;

    request_open(&r, false);
    for (int i = 0; i < ROUNDS; i++) {
        ULONG_PTR key = 0;
        OVERLAPPED *ov = NULL;
        DWORD n = 0;

        CHECK(request_pends(&r, e.there, 1));
        puts_now(e.here, "x", 1);
        CHECK_EQ(GetQueuedCompletionStatus(port, &n, &key, &ov, 0), TRUE);
        CHECK(ov == &r.ov && key == 3 && n == 1);
    }
    ends_close(&e);
    CHECK(CloseHandle(port));
}

static int routines;

static void count_routine(DWORD error, DWORD bytes, LPOVERLAPPED ov)
{
    (void)ov;
    CHECK_EQ(error, 0);
    CHECK_EQ(bytes, 1);
    routines++;
}

static void the_routine_is_queued_when_the_write_returns(void)
{
    struct ends e = ends_open();
    struct request r;

    request_open(&r, false);
    routines = 0;
    for (int i = 0; i < ROUNDS; i++) {
        CHECK_EQ(ReadFileEx(e.there, r.buf, 1, &r.ov, count_routine), TRUE);
        puts_now(e.here, "x", 1);
        CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    }
    CHECK_EQ(routines, ROUNDS);
    ends_close(&e);
}

static void synchronous_ends_take_turns(void)
{
    HANDLE here, there;
    char byte = 0;
    DWORD n = 0;

    CHECK_EQ(CommCreateStreamPair(&here, &there, COMM_WRAP_SYNC), TRUE);
    CHECK_EQ(WriteFile(here, "s", 1, &n, NULL), TRUE);
    CHECK_EQ(ReadFile(there, &byte, 1, &n, NULL), TRUE);
    CHECK_EQ(byte, 's');
    CHECK(CloseHandle(here) && CloseHandle(there));
    CHECK_FAILS(CommCreateStreamPair(NULL, &there, 0), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(CommCreateStreamPair(&here, &there, COMM_WRAP_DUP), ERROR_INVALID_PARAMETER);
}

/* ---- both ends at once: each steps the other ---- */

enum { EXCHANGES = 5000 };

struct side {
    HANDLE file;
    unsigned wrong;
};

static void *exchange(void *arg)
{
    struct side *side = arg;
    struct request r;
    DWORD n;

    request_open(&r, true);
    for (int i = 0; i < EXCHANGES; i++) {
        if (!ReadFile(side->file, r.buf, 1, NULL, &r.ov))
            side->wrong += GetLastError() != ERROR_IO_PENDING;
        puts_now(side->file, (char[]){(char)i}, 1);
        side->wrong += !GetOverlappedResult(side->file, &r.ov, &n, TRUE) || r.buf[0] != (char)i;
    }
    request_close(&r);
    return NULL;
}

static void two_threads_may_use_the_two_ends_against_each_other(void)
{
    struct ends e = ends_open();
    struct side one = {.file = e.here}, other = {.file = e.there};
    pthread_t thread = comm_spawn(exchange, &one);

    exchange(&other);
    comm_join(thread);
    CHECK_EQ(one.wrong + other.wrong, 0);
    ends_close(&e);
}

COMM_TEST_MAIN(TEST(a_read_is_final_when_the_write_that_fed_it_returns),
               TEST(that_holds_while_another_thread_drives_the_read),
               TEST(every_queued_read_that_is_fed_is_final),
               TEST(a_write_is_final_when_the_read_that_made_room_returns),
               TEST(a_read_is_final_when_the_close_of_the_other_end_returns),
               TEST(the_packet_is_there_when_the_write_returns),
               TEST(the_routine_is_queued_when_the_write_returns),
               TEST(synchronous_ends_take_turns),
               TEST(two_threads_may_use_the_two_ends_against_each_other))
