/* SPDX-License-Identifier: MIT */
/* CreateIoCompletionPort and the notification modes: what joins, what is refused, and that both are
 * for good. */
#include "pair.h"

static void taken(HANDLE port, const struct request *r, ULONG_PTR key)
{
    ULONG_PTR got_key = 0;
    OVERLAPPED *ov = NULL;
    DWORD n = 99;

    CHECK_EQ(GetQueuedCompletionStatus(port, &n, &got_key, &ov, PATIENCE_MS), TRUE);
    CHECK(ov == &r->ov);
    CHECK_EQ(got_key, key);
    CHECK_EQ(n, r->ov.InternalHigh);
}

static void empty(HANDLE port)
{
    ULONG_PTR key;
    OVERLAPPED *ov;
    DWORD n;

    CHECK_FAILS(GetQueuedCompletionStatus(port, &n, &key, &ov, 0), WAIT_TIMEOUT);
}

static void refused(HANDLE file, HANDLE port, DWORD error)
{
    SetLastError(0xC0DE);
    CHECK(CreateIoCompletionPort(file, port, 0, 0) == NULL);
    CHECK_EQ(GetLastError(), error);
}

static void a_file_joins_a_port_once(void)
{
    struct pair p;
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    HANDLE other = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);

    CHECK(port != NULL && other != NULL);
    pair_open(&p, 0);
    CHECK(CreateIoCompletionPort(p.near, port, 1, 0) == port);
    refused(p.near, port, ERROR_INVALID_PARAMETER);
    refused(p.near, other, ERROR_INVALID_PARAMETER);
    refused(p.near, NULL, ERROR_INVALID_PARAMETER);
    pair_close(&p);
    CHECK(CloseHandle(port) && CloseHandle(other));
}

static void what_is_no_overlapped_file_or_no_port_is_refused(void)
{
    struct pair synchronous, p;
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    HANDLE event = CreateEvent(NULL, TRUE, FALSE, NULL);

    pair_open(&synchronous, COMM_WRAP_SYNC);
    pair_open(&p, 0);
    refused(synchronous.near, port, ERROR_INVALID_PARAMETER);
    refused(synchronous.near, NULL, ERROR_INVALID_PARAMETER);
    refused(event, port, ERROR_INVALID_HANDLE);
    refused((HANDLE)(ULONG_PTR)0x1234, port, ERROR_INVALID_HANDLE);
    refused(INVALID_HANDLE_VALUE, port, ERROR_INVALID_PARAMETER);
    refused(p.near, event, ERROR_INVALID_HANDLE);
    CHECK(CreateIoCompletionPort(p.near, port, 1, 0) == port); /* none of that has joined it */
    pair_close(&p);
    pair_close(&synchronous);
    CHECK(CloseHandle(port) && CloseHandle(event));
}

static void the_association_belongs_to_every_duplicate_of_the_handle(void)
{
    struct pair p;
    struct request r;
    HANDLE second, port;

    pair_open(&p, 0);
    CHECK(DuplicateHandle(GetCurrentProcess(), p.near, GetCurrentProcess(), &second, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    port = CreateIoCompletionPort(p.near, NULL, 5, 0);
    refused(second, port, ERROR_INVALID_PARAMETER);
    request_open(&r, false);
    CHECK_EQ(WriteFile(second, "x", 1, NULL, &r.ov), TRUE);
    taken(port, &r, 5);
    CHECK(CloseHandle(second));
    pair_close(&p);
    CHECK(CloseHandle(port));
}

static void a_read_issued_before_the_association_posts_its_packet(void)
{
    struct pair p;
    struct request r;
    HANDLE port;

    pair_open(&p, 0);
    request_open(&r, false);
    CHECK(request_pends(&r, p.near, 1));
    port = CreateIoCompletionPort(p.near, NULL, 8, 0);
    CHECK(port != NULL);
    pair_send(&p, "x", 1);
    taken(port, &r, 8);
    empty(port);
    pair_close(&p);
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

static void a_read_with_a_routine_issued_before_runs_that_and_posts_nothing(void)
{
    struct pair p;
    struct request r;
    HANDLE port;

    pair_open(&p, 0);
    request_open(&r, false);
    routines = 0;
    CHECK_EQ(ReadFileEx(p.near, r.buf, 1, &r.ov, count_routine), TRUE);
    port = CreateIoCompletionPort(p.near, NULL, 8, 0);
    CHECK(port != NULL);
    pair_send(&p, "x", 1);
    CHECK_EQ(SleepEx(PATIENCE_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routines, 1);
    empty(port);
    pair_close(&p);
    CHECK(CloseHandle(port));
}

static void notification_modes_only_grow(void)
{
    struct pair p;
    struct request r;
    HANDLE port;

    pair_open(&p, 0);
    port = CreateIoCompletionPort(p.near, NULL, 0, 0);
    CHECK(SetFileCompletionNotificationModes(p.near, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    CHECK(SetFileCompletionNotificationModes(p.near, 0));
    CHECK(SetFileCompletionNotificationModes(p.near, 8));
    request_open(&r, false);
    CHECK_EQ(WriteFile(p.near, "x", 1, NULL, &r.ov), TRUE);
    empty(port);
    pair_close(&p);
    CHECK(CloseHandle(port));
}

static void a_synchronous_file_refuses_to_skip_packets(void)
{
    struct pair p;

    pair_open(&p, COMM_WRAP_SYNC);
    CHECK_FAILS(SetFileCompletionNotificationModes(p.near, FILE_SKIP_COMPLETION_PORT_ON_SUCCESS),
                ERROR_INVALID_PARAMETER);
    CHECK(SetFileCompletionNotificationModes(p.near, FILE_SKIP_SET_EVENT_ON_HANDLE));
    pair_close(&p);
    CHECK_FAILS(SetFileCompletionNotificationModes(p.near, 0), ERROR_INVALID_HANDLE);
}

COMM_TEST_MAIN(TEST(a_file_joins_a_port_once),
               TEST(what_is_no_overlapped_file_or_no_port_is_refused),
               TEST(the_association_belongs_to_every_duplicate_of_the_handle),
               TEST(a_read_issued_before_the_association_posts_its_packet),
               TEST(a_read_with_a_routine_issued_before_runs_that_and_posts_nothing),
               TEST(notification_modes_only_grow), TEST(a_synchronous_file_refuses_to_skip_packets))
