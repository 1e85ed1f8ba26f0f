/* SPDX-License-Identifier: MIT */
/* The last handle of a file: everything pending is final when CloseHandle returns.  Any handle but
 * the last changes nothing. */
#include "asleep.h"
#include "pair.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

static void closing_one_of_two_handles_leaves_the_read_pending(void)
{
    struct pair p;
    struct request r;
    HANDLE second;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(DuplicateHandle(GetCurrentProcess(), p.near, GetCurrentProcess(), &second, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    CHECK(request_pends(&r, p.near, 1));
    CHECK(CloseHandle(p.near));
    p.near = second;
    CHECK_EQ(request_status(&r), STATUS_PENDING);
    CHECK(!is_set(r.ov.hEvent));
    pair_send(&p, "x", 1);
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("through the other handle", &r, STATUS_SUCCESS, 1);
    pair_close(&p);
    request_close(&r);
}

static void closing_the_last_handle_completes_the_read_before_it_returns(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 1));
    CHECK(CloseHandle(p.near));
    p.near = NULL;
    request_ends("closed", &r, STATUS_PIPE_BROKEN, 0);
    CHECK(is_set(r.ov.hEvent));
    pair_close(&p);
    request_close(&r);
}

static void closing_the_last_handle_cancels_its_pending_write(void)
{
    struct pair p;
    struct request w;
    char *flood = calloc(1, FLOOD_BYTES);

    pair_open(&p, 0);
    request_open(&w, true);
    CHECK_FAILS(WriteFile(p.near, flood, FLOOD_BYTES, NULL, &w.ov), ERROR_IO_PENDING);
    CHECK(CloseHandle(p.near));
    p.near = NULL;
    request_ends("closed", &w, STATUS_CANCELLED, 0);
    CHECK(is_set(w.ov.hEvent));
    pair_close(&p);
    request_close(&w);
    free(flood);
}

static void closing_a_tty_cancels_its_pending_read(void)
{
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct request r;
    HANDLE tty;

    CHECK(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    tty = wrapped(open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC), COMM_KIND_DEFAULT, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, tty, 1));
    CHECK(CloseHandle(tty));
    request_ends("closed", &r, STATUS_CANCELLED, 0);
    CHECK(is_set(r.ov.hEvent));
    request_close(&r);
    close(master);
}

/* The peer sees the end only when the descriptor is really gone. */
static void closing_the_last_handle_closes_the_descriptor(void)
{
    struct pair p;
    struct request r;
    char byte;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 1));
    CHECK(CloseHandle(p.near));
    p.near = NULL;
    CHECK_EQ(recv(p.far, &byte, 1, 0), 0);
    pair_close(&p);
    request_close(&r);
}

struct waiter {
    HANDLE event;
    struct sleeper sleeper;
};

static void *wait_for_the_event(void *arg)
{
    struct waiter *w = arg;

    sleeper_announce(&w->sleeper);
    CHECK_EQ(WaitForSingleObject(w->event, PATIENCE_MS), WAIT_OBJECT_0);
    return NULL;
}

static void closing_releases_a_thread_that_drives_the_read(void)
{
    struct pair p;
    struct request r;
    struct waiter w = {.event = NULL};
    pthread_t thread;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 1));
    w.event = r.ov.hEvent;
    thread = comm_spawn(wait_for_the_event, &w);
    wait_until_asleep(&w.sleeper);
    CHECK(CloseHandle(p.near));
    p.near = NULL;
    comm_join(thread);
    request_ends("closed", &r, STATUS_PIPE_BROKEN, 0);
    pair_close(&p);
    request_close(&r);
}

static void a_closed_handle_is_no_file_any_more(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(CloseHandle(p.near));
    r.count = 99;
    CHECK_FAILS(ReadFile(p.near, r.buf, 1, &r.count, &r.ov), ERROR_INVALID_HANDLE);
    CHECK_EQ(r.count, 0);
    CHECK_EQ(r.ov.Internal, STATUS_PENDING);
    CHECK_FAILS(CancelIoEx(p.near, NULL), ERROR_INVALID_HANDLE);
    p.near = NULL;
    pair_close(&p);
    request_close(&r);
}

COMM_TEST_MAIN(TEST(closing_one_of_two_handles_leaves_the_read_pending),
               TEST(closing_the_last_handle_completes_the_read_before_it_returns),
               TEST(closing_the_last_handle_cancels_its_pending_write),
               TEST(closing_a_tty_cancels_its_pending_read),
               TEST(closing_the_last_handle_closes_the_descriptor),
               TEST(closing_releases_a_thread_that_drives_the_read),
               TEST(a_closed_handle_is_no_file_any_more))
