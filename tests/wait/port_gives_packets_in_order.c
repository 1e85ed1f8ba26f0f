/* SPDX-License-Identifier: MIT */
/* Taking packets: posted ones come back first to last and untouched, one by one or many at once,
 * and what a call says when there are none. */
#include "libcomm/obj/handle.h"
#include "libcomm/wait/iocp.h"
#include "pair.h"

static HANDLE port_new(void)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);

    CHECK(port != NULL);
    return port;
}

static void an_empty_port_times_out_and_leaves_count_and_key(void)
{
    static const DWORD times_ms[] = {0, 10};
    HANDLE port = port_new();

    for (size_t i = 0; i < ARRAY_LEN(times_ms); i++) {
        OVERLAPPED some, *ov = &some;
        ULONG_PTR key = 77;
        DWORD n = 77;

        CHECK_FAILS(GetQueuedCompletionStatus(port, &n, &key, &ov, times_ms[i]), WAIT_TIMEOUT);
        CHECK(ov == NULL);
        CHECK_EQ(n, 77);
        CHECK_EQ(key, 77);
    }
    CHECK(CloseHandle(port));
}

static void a_bad_port_is_refused_with_6(void)
{
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);
    OVERLAPPED some, *ov = &some;
    OVERLAPPED_ENTRY entry;
    ULONG_PTR key = 77;
    ULONG removed;
    DWORD n = 77;

    CHECK_FAILS(GetQueuedCompletionStatus(event, &n, &key, &ov, 0), ERROR_INVALID_HANDLE);
    CHECK(ov == NULL);
    CHECK_EQ(n, 77);
    CHECK_EQ(key, 77);
    CHECK_FAILS(GetQueuedCompletionStatusEx(event, &entry, 1, &removed, 0, FALSE),
                ERROR_INVALID_HANDLE);
    CHECK_FAILS(PostQueuedCompletionStatus(event, 1, 2, NULL), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
}

static void posted_packets_come_back_first_to_last_and_intact(void)
{
    HANDLE port = port_new();
    OVERLAPPED posted[4];

    for (DWORD i = 0; i < 4; i++)
        CHECK_EQ(PostQueuedCompletionStatus(port, i * 1000, 0xABCDEF0012345678u + i, &posted[i]),
                 TRUE);
    for (DWORD i = 0; i < 4; i++) {
        OVERLAPPED *ov = NULL;
        ULONG_PTR key = 0;
        DWORD n = 0;

        SetLastError(1234);
        CHECK_EQ(GetQueuedCompletionStatus(port, &n, &key, &ov, 0), TRUE);
        CHECK_EQ(GetLastError(), 1234);
        CHECK_EQ(n, i * 1000);
        CHECK_EQ(key, 0xABCDEF0012345678u + i);
        CHECK(ov == &posted[i]);
    }
    CHECK(CloseHandle(port));
}

static void a_posted_null_overlapped_is_no_failure(void)
{
    HANDLE port = port_new();
    OVERLAPPED some, *ov = &some;
    ULONG_PTR key = 0;
    DWORD n = 0;

    CHECK_EQ(PostQueuedCompletionStatus(port, 0xFFFFFFFF, 5, NULL), TRUE);
    CHECK_EQ(GetQueuedCompletionStatus(port, &n, &key, &ov, 0), TRUE);
    CHECK(ov == NULL);
    CHECK_EQ(n, 0xFFFFFFFF);
    CHECK_EQ(key, 5);
    CHECK(CloseHandle(port));
}

static void several_packets_come_at_once_with_raw_statuses(void)
{
    struct pair p;
    struct request written, cancelled;
    OVERLAPPED_ENTRY entry[8];
    ULONG removed = 0;
    HANDLE port;

    pair_open(&p, 0);
    port = CreateIoCompletionPort(p.near, NULL, 4, 0);
    request_open(&written, false);
    request_open(&cancelled, false);
    CHECK_EQ(WriteFile(p.near, "abc", 3, NULL, &written.ov), TRUE);
    CHECK(request_pends(&cancelled, p.near, 1));
    CHECK_EQ(CancelIoEx(p.near, NULL), TRUE);
    CHECK_EQ(PostQueuedCompletionStatus(port, 9, 10, NULL), TRUE);
    CHECK_EQ(GetQueuedCompletionStatusEx(port, entry, 8, &removed, 0, FALSE), TRUE);
    CHECK_EQ(removed, 3);
    CHECK(entry[0].lpOverlapped == &written.ov && entry[1].lpOverlapped == &cancelled.ov);
    CHECK_EQ(entry[0].Internal, STATUS_SUCCESS);
    CHECK_EQ(entry[0].dwNumberOfBytesTransferred, 3);
    CHECK_EQ(entry[0].lpCompletionKey, 4);
    CHECK_EQ(entry[1].Internal, STATUS_CANCELLED);
    CHECK_EQ(entry[1].dwNumberOfBytesTransferred, 0);
    CHECK_EQ(entry[2].Internal, 0);
    CHECK_EQ(entry[2].lpCompletionKey, 10);
    CHECK_EQ(entry[2].dwNumberOfBytesTransferred, 9);
    pair_close(&p);
    CHECK(CloseHandle(port));
}

static void a_batch_takes_no_more_than_there_is_room_for(void)
{
    HANDLE port = port_new();
    OVERLAPPED_ENTRY entry[3];
    ULONG removed = 0;

    for (ULONG_PTR key = 0; key < 5; key++)
        CHECK_EQ(PostQueuedCompletionStatus(port, 0, key, NULL), TRUE);
    CHECK_EQ(GetQueuedCompletionStatusEx(port, entry, 3, &removed, INFINITE, FALSE), TRUE);
    CHECK_EQ(removed, 3);
    CHECK_EQ(entry[2].lpCompletionKey, 2);
    CHECK_EQ(GetQueuedCompletionStatusEx(port, entry, 3, &removed, INFINITE, FALSE), TRUE);
    CHECK_EQ(removed, 2);
    CHECK_EQ(entry[0].lpCompletionKey, 3);
    CHECK_EQ(entry[1].lpCompletionKey, 4);
    CHECK_FAILS(GetQueuedCompletionStatusEx(port, entry, 0, &removed, 0, FALSE),
                ERROR_INVALID_PARAMETER);
    CHECK(CloseHandle(port));
}

/* ---- nothing there, and routines ---- */

static int apcs;

static void count_apc(ULONG_PTR unused)
{
    (void)unused;
    apcs++;
}

static const struct {
    const char *when;
    bool apc;
    DWORD timeout_ms;
    BOOL alertable;
    DWORD error;
    int apcs;
} nothing[] = {
    {"no time",                       false, 0,           FALSE, WAIT_TIMEOUT,       0},
    {"some time",                     false, 10,          FALSE, WAIT_TIMEOUT,       0},
    {"alertable, no routine",         false, 10,          TRUE,  WAIT_TIMEOUT,       0},
    {"a routine, not alertable",      true,  0,           FALSE, WAIT_TIMEOUT,       0},
    {"a routine, alertable, no time", true,  0,           TRUE,  WAIT_IO_COMPLETION, 1},
    {"a routine, alertable",          true,  PATIENCE_MS, TRUE,  WAIT_IO_COMPLETION, 1},
};

static void without_a_packet_the_call_times_out_or_runs_routines(void)
{
    HANDLE port = port_new();

    for (size_t i = 0; i < ARRAY_LEN(nothing); i++) {
        OVERLAPPED_ENTRY entry;
        ULONG removed = 99;

        apcs = 0;
        if (nothing[i].apc)
            CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
        SetLastError(0);
        CHECK_EQ_WHEN(nothing[i].when,
                      GetQueuedCompletionStatusEx(port, &entry, 1, &removed, nothing[i].timeout_ms,
                                                  nothing[i].alertable),
                      FALSE);
        CHECK_EQ_WHEN(nothing[i].when, GetLastError(), nothing[i].error);
        CHECK_EQ_WHEN(nothing[i].when, removed, 1);
        CHECK_EQ_WHEN(nothing[i].when, apcs, nothing[i].apcs);
        SleepEx(0, TRUE);
    }
    CHECK(CloseHandle(port));
}

static void a_packet_goes_before_a_routine(void)
{
    static const DWORD times_ms[] = {0, PATIENCE_MS};
    HANDLE port = port_new();

    for (size_t i = 0; i < ARRAY_LEN(times_ms); i++) {
        OVERLAPPED_ENTRY entry;
        ULONG removed = 0;

        apcs = 0;
        CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
        CHECK_EQ(PostQueuedCompletionStatus(port, 1, 2, NULL), TRUE);
        CHECK_EQ(GetQueuedCompletionStatusEx(port, &entry, 1, &removed, times_ms[i], TRUE), TRUE);
        CHECK_EQ(removed, 1);
        CHECK_EQ(apcs, 0);
        CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
        CHECK_EQ(apcs, 1);
    }
    CHECK(CloseHandle(port));
}

static void get_queued_completion_status_is_not_alertable(void)
{
    HANDLE port = port_new();
    OVERLAPPED *ov;
    ULONG_PTR key;
    DWORD n;

    apcs = 0;
    CHECK(QueueUserAPC(count_apc, GetCurrentThread(), 0));
    CHECK_FAILS(GetQueuedCompletionStatus(port, &n, &key, &ov, 10), WAIT_TIMEOUT);
    CHECK_EQ(apcs, 0);
    CHECK_EQ(SleepEx(0, TRUE), WAIT_IO_COMPLETION);
    CHECK(CloseHandle(port));
}

/* ---- a status that is neither success nor failure ---- */

static void nothing_to_release(struct ci_packet *packet)
{
    (void)packet;
}

static void a_packet_with_a_time_out_status_is_a_success(void)
{
    HANDLE port = port_new();
    struct ci_obj *obj = ci_handle_get(port, &ci_port_ops, 0);
    OVERLAPPED timed_out, *ov = NULL;
    struct ci_packet packet = {.key = 6,
                               .overlapped = &timed_out,
                               .status = STATUS_TIMEOUT,
                               .bytes = 5,
                               .release = nothing_to_release};
    struct ci_wakes wakes;
    ULONG_PTR key = 0;
    DWORD n = 0;

    ci_list_init(&packet.link);
    ci_wakes_init(&wakes);
    ci_port_push(ci_port_of(obj), &packet, &wakes);
    ci_wakes_deliver(&wakes);
    ci_obj_put(obj);
    SetLastError(1234);
    CHECK_EQ(GetQueuedCompletionStatus(port, &n, &key, &ov, 0), TRUE);
    CHECK_EQ(GetLastError(), 1234);
    CHECK(ov == &timed_out);
    CHECK_EQ(n, 5);
    CHECK_EQ(key, 6);
    CHECK(CloseHandle(port));
}

static void packets_nobody_took_go_with_the_port(void)
{
    HANDLE port = port_new();

    for (int i = 0; i < 100; i++)
        CHECK_EQ(PostQueuedCompletionStatus(port, 0, 0, NULL), TRUE);
    CHECK(CloseHandle(port)); /* a leak would show at the end */
}

COMM_TEST_MAIN(TEST(an_empty_port_times_out_and_leaves_count_and_key),
               TEST(a_bad_port_is_refused_with_6),
               TEST(posted_packets_come_back_first_to_last_and_intact),
               TEST(a_posted_null_overlapped_is_no_failure),
               TEST(several_packets_come_at_once_with_raw_statuses),
               TEST(a_batch_takes_no_more_than_there_is_room_for),
               TEST(without_a_packet_the_call_times_out_or_runs_routines),
               TEST(a_packet_goes_before_a_routine),
               TEST(get_queued_completion_status_is_not_alertable),
               TEST(a_packet_with_a_time_out_status_is_a_success),
               TEST(packets_nobody_took_go_with_the_port))
