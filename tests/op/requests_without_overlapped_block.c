/* SPDX-License-Identifier: MIT */
/* The other three combinations of handle and call: synchronous with and without OVERLAPPED, and
 * overlapped without one, which blocks on streams and is refused on ttys. */
#include "asleep.h"
#include "pair.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct reader {
    HANDLE file;
    OVERLAPPED *ov;
    struct sleeper sleeper;
    BOOL done;
    DWORD error, count;
    char buf[16];
};

static void *read_blocking(void *arg)
{
    struct reader *r = arg;

    r->count = 99;
    sleeper_announce(&r->sleeper);
    r->done = ReadFile(r->file, r->buf, sizeof r->buf, &r->count, r->ov);
    r->error = r->done ? 0 : GetLastError();
    return NULL;
}

static void a_synchronous_read_blocks_until_there_is_data(void)
{
    struct pair p;
    struct reader r = {.file = NULL};
    pthread_t thread;

    pair_open(&p, COMM_WRAP_SYNC);
    r.file = p.near;
    thread = comm_spawn(read_blocking, &r);
    wait_until_asleep(&r.sleeper);
    pair_send(&p, "sync", 4);
    comm_join(thread);
    CHECK_EQ(r.done, TRUE);
    CHECK_EQ(r.count, 4);
    CHECK_EQ(memcmp(r.buf, "sync", 4), 0);
    pair_close(&p);
}

static void a_synchronous_read_with_overlapped_fills_it_and_sets_its_event(void)
{
    struct pair p;
    struct request q;
    struct reader r = {.ov = &q.ov};
    pthread_t thread;

    pair_open(&p, COMM_WRAP_SYNC);
    request_open(&q, true);
    SetEvent(q.ov.hEvent);
    r.file = p.near;
    thread = comm_spawn(read_blocking, &r);
    wait_until_asleep(&r.sleeper);
    CHECK(!is_set(q.ov.hEvent));
    pair_send(&p, "sync", 4);
    comm_join(thread);
    CHECK_EQ(r.done, TRUE);
    CHECK_EQ(r.count, 4);
    request_ends("after it", &q, STATUS_SUCCESS, 4);
    CHECK(is_set(q.ov.hEvent));
    pair_close(&p);
    request_close(&q);
}

static void a_synchronous_read_ends_when_the_peer_goes(void)
{
    struct pair p;
    struct reader r = {.file = NULL};
    pthread_t thread;

    pair_open(&p, COMM_WRAP_SYNC);
    r.file = p.near;
    thread = comm_spawn(read_blocking, &r);
    wait_until_asleep(&r.sleeper);
    pair_hang_up(&p);
    comm_join(thread);
    CHECK_EQ(r.done, FALSE);
    CHECK_EQ(r.error, ERROR_BROKEN_PIPE);
    CHECK_EQ(r.count, 0);
    pair_close(&p);
}

static void a_blocked_read_does_not_hold_back_a_write_on_the_same_handle(void)
{
    struct pair p;
    struct reader r = {.file = NULL};
    pthread_t thread;
    char byte = 0;
    DWORD n = 0;

    pair_open(&p, COMM_WRAP_SYNC);
    r.file = p.near;
    thread = comm_spawn(read_blocking, &r);
    wait_until_asleep(&r.sleeper);
    CHECK_EQ(WriteFile(p.near, "w", 1, &n, NULL), TRUE);
    CHECK_EQ(n, 1);
    pair_receive(&p, &byte, 1);
    CHECK_EQ(byte, 'w');
    pair_send(&p, "r", 1);
    comm_join(thread);
    CHECK_EQ(r.count, 1);
    pair_close(&p);
}

static void without_overlapped_a_pipe_waits_for_its_own_data_only(void)
{
    struct pair p;
    struct request w;
    struct reader r = {.ov = NULL};
    pthread_t thread;

    pair_open(&p, 0);
    request_open(&w, false);
    r.file = p.near;
    thread = comm_spawn(read_blocking, &r);
    wait_until_asleep(&r.sleeper);
    CHECK_EQ(WriteFile(p.near, "w", 1, NULL, &w.ov), TRUE); /* it signals the handle... */
    CHECK(is_set(p.near));
    CHECK(wait_until_asleep(&r.sleeper)); /* ...and the read goes on waiting */
    pair_send(&p, "own", 3);
    comm_join(thread);
    CHECK_EQ(r.done, TRUE);
    CHECK_EQ(r.count, 3);
    CHECK_EQ(memcmp(r.buf, "own", 3), 0);
    pair_close(&p);
}

/* Its record serves the next thread at once, while whoever completed the read may still be on the
 * way back. */
static void a_thread_may_end_right_after_its_blocking_read(void)
{
    struct pair p;

    pair_open(&p, COMM_WRAP_SYNC);
    for (int i = 0; i < 500; i++) {
        struct reader r = {.file = p.near};
        pthread_t thread = comm_spawn(read_blocking, &r);

        wait_until_asleep(&r.sleeper);
        pair_send(&p, "x", 1);
        comm_join(thread);
        CHECK_EQ(r.count, 1);
    }
    pair_close(&p);
}

static void an_overlapped_tty_refuses_a_request_without_overlapped(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    HANDLE tty;
    char byte = 0;
    DWORD n = 99;

    CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    tty = wrapped(open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC), COMM_KIND_DEFAULT, 0);
    CHECK_FAILS(ReadFile(tty, &byte, 1, &n, NULL), ERROR_INVALID_PARAMETER);
    CHECK_EQ(n, 0);
    n = 99;
    CHECK_FAILS(WriteFile(tty, &byte, 1, &n, NULL), ERROR_INVALID_PARAMETER);
    CHECK_EQ(n, 0);
    CHECK(CloseHandle(tty));
    close(master);
}

COMM_TEST_MAIN(TEST(a_synchronous_read_blocks_until_there_is_data),
               TEST(a_synchronous_read_with_overlapped_fills_it_and_sets_its_event),
               TEST(a_synchronous_read_ends_when_the_peer_goes),
               TEST(a_blocked_read_does_not_hold_back_a_write_on_the_same_handle),
               TEST(without_overlapped_a_pipe_waits_for_its_own_data_only),
               TEST(a_thread_may_end_right_after_its_blocking_read),
               TEST(an_overlapped_tty_refuses_a_request_without_overlapped))
