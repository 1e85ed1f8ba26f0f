/* SPDX-License-Identifier: MIT */
/* Nobody has to wait: what nobody drives, the engine completes, whatever other threads are busy
 * driving. */
#include "asleep.h"
#include "pair.h"

#include <stdlib.h>
#include <string.h>

static void a_read_completes_with_no_call_after_the_data(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    for (int i = 0; i < 20; i++) {
        CHECK(request_pends(&r, p.near, 1));
        pair_send(&p, "x", 1);
        request_finishes(&r);
        request_ends("nobody waited", &r, STATUS_SUCCESS, 1);
    }
    pair_close(&p);
    request_close(&r);
}

static void a_write_completes_with_no_call_after_the_peer_has_read(void)
{
    struct pair p;
    struct request w;
    char *flood = calloc(1, FLOOD_BYTES), *sink = malloc(FLOOD_BYTES);

    pair_open(&p, 0);
    request_open(&w, true);
    CHECK_FAILS(WriteFile(p.near, flood, FLOOD_BYTES, NULL, &w.ov), ERROR_IO_PENDING);
    pair_receive(&p, sink, FLOOD_BYTES);
    request_finishes(&w);
    request_ends("nobody waited", &w, STATUS_SUCCESS, FLOOD_BYTES);
    pair_close(&p);
    request_close(&w);
    free(flood);
    free(sink);
}

/* Read and write share a descriptor; one that fires must not silence the other. */
static void both_directions_complete_side_by_side(void)
{
    struct pair p;
    struct request r, w;
    char *flood = calloc(1, FLOOD_BYTES), *sink = malloc(FLOOD_BYTES);

    pair_open(&p, 0);
    request_open(&r, true);
    request_open(&w, true);
    CHECK(request_pends(&r, p.near, 1));
    CHECK_FAILS(WriteFile(p.near, flood, FLOOD_BYTES, NULL, &w.ov), ERROR_IO_PENDING);
    for (int i = 0; i < 10; i++) {
        pair_send(&p, "x", 1);
        request_finishes(&r);
        CHECK(request_pends(&r, p.near, 1));
    }
    CHECK_EQ(request_status(&w), STATUS_PENDING);
    pair_receive(&p, sink, FLOOD_BYTES);
    request_finishes(&w);
    pair_send(&p, "x", 1);
    request_finishes(&r);
    pair_close(&p);
    request_close(&r);
    request_close(&w);
    free(flood);
    free(sink);
}

struct driver {
    HANDLE event;
    struct sleeper sleeper;
};

static void *drive(void *arg)
{
    struct driver *driver = arg;

    sleeper_announce(&driver->sleeper);
    CHECK_EQ(WaitForSingleObject(driver->event, INFINITE), WAIT_OBJECT_0);
    return NULL;
}

static void a_thread_that_drives_one_pipe_for_ever_does_not_hold_back_another(void)
{
    struct pair driven, other;
    struct request d, o;
    struct driver driver = {.event = NULL};
    pthread_t thread;

    pair_open(&driven, 0);
    pair_open(&other, 0);
    request_open(&d, true);
    request_open(&o, true);
    CHECK(request_pends(&d, driven.near, 1));
    driver.event = d.ov.hEvent;
    thread = comm_spawn(drive, &driver);
    wait_until_asleep(&driver.sleeper);
    CHECK(request_pends(&o, other.near, 1));
    pair_send(&other, "x", 1);
    request_finishes(&o);
    request_ends("not waited for", &o, STATUS_SUCCESS, 1);
    CHECK(is_asleep(&driver.sleeper));
    pair_send(&driven, "x", 1);
    comm_join(thread);
    pair_close(&driven);
    pair_close(&other);
    request_close(&d);
    request_close(&o);
}

/* The driver leaves, by time, with the read still pending: somebody must take it over. */
static void what_a_leaving_driver_leaves_behind_is_completed(void)
{
    struct pair p;
    struct request r;

    pair_open(&p, 0);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 1));
    CHECK_EQ(WaitForSingleObject(r.ov.hEvent, 1), WAIT_TIMEOUT);
    pair_send(&p, "x", 1);
    request_finishes(&r);
    pair_close(&p);
    request_close(&r);
}

static void a_packet_is_queued_though_nobody_waits_on_the_port(void)
{
    struct pair p;
    struct request r;
    HANDLE port;
    ULONG_PTR key;
    OVERLAPPED *ov = NULL;
    DWORD n;

    pair_open(&p, 0);
    port = CreateIoCompletionPort(p.near, NULL, 0, 0);
    request_open(&r, false);
    for (int i = 0; i < 20; i++) {
        CHECK(request_pends(&r, p.near, 1));
        pair_send(&p, "x", 1);
        request_finishes(&r);
        CHECK_EQ(GetQueuedCompletionStatus(port, &n, &key, &ov, PATIENCE_MS), TRUE);
    }
    CHECK(CloseHandle(port));
    pair_close(&p);
}

static void two_wrapped_ends_complete_each_other(void)
{
    struct pair p;
    struct request r;

    pair_open_wrapped(&p);
    request_open(&r, true);
    CHECK(request_pends(&r, p.near, 1));
    CHECK_EQ(WriteFile(p.peer, "x", 1, NULL, &(OVERLAPPED){.hEvent = NULL}), TRUE);
    request_finishes(&r);
    request_ends("from a handle", &r, STATUS_SUCCESS, 1);
    pair_close(&p);
    request_close(&r);
}

COMM_TEST_MAIN(TEST(a_read_completes_with_no_call_after_the_data),
               TEST(a_write_completes_with_no_call_after_the_peer_has_read),
               TEST(both_directions_complete_side_by_side),
               TEST(a_thread_that_drives_one_pipe_for_ever_does_not_hold_back_another),
               TEST(what_a_leaving_driver_leaves_behind_is_completed),
               TEST(a_packet_is_queued_though_nobody_waits_on_the_port),
               TEST(two_wrapped_ends_complete_each_other))
