/* SPDX-License-Identifier: MIT */
/* CancelSynchronousIo reaches the blocking file call a thread is in, and nothing else; CancelIoEx
 * reaches it through the file. */
#include "asleep.h"
#include "pair.h"

#include <stdlib.h>

struct caller {
    HANDLE file;
    char *flood; /* NULL: it reads */
    struct sleeper sleeper;
    BOOL done;
    DWORD error, count;
};

static DWORD WINAPI call_and_block(void *arg)
{
    struct caller *c = arg;
    char byte;

    c->count = 99;
    sleeper_announce(&c->sleeper);
    c->done = c->flood != NULL ? WriteFile(c->file, c->flood, FLOOD_BYTES, &c->count, NULL)
                               : ReadFile(c->file, &byte, 1, &c->count, NULL);
    c->error = c->done ? 0 : GetLastError();
    return 0;
}

static HANDLE caller_start(struct caller *c, HANDLE file)
{
    HANDLE thread;

    c->file = file;
    thread = CreateThread(NULL, 0, call_and_block, c, 0, NULL);
    wait_until_asleep(&c->sleeper);
    return thread;
}

static void caller_was_cancelled(struct caller *c, HANDLE thread)
{
    CHECK_EQ(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_EQ(c->done, FALSE);
    CHECK_EQ(c->error, ERROR_OPERATION_ABORTED);
    CHECK_EQ(c->count, 0);
    CHECK(CloseHandle(thread));
}

static void a_blocking_read_ends_with_995(void)
{
    struct pair p;
    struct caller c = {.file = NULL};
    HANDLE thread;

    pair_open(&p, COMM_WRAP_SYNC);
    thread = caller_start(&c, p.near);
    SetLastError(1234);
    CHECK_EQ(CancelSynchronousIo(thread), TRUE);
    CHECK_EQ(GetLastError(), 1234);
    caller_was_cancelled(&c, thread);
    pair_close(&p);
}

static void a_blocking_write_ends_with_995_and_count_0(void)
{
    struct pair p;
    struct caller c = {.flood = calloc(1, FLOOD_BYTES)};
    HANDLE thread;

    pair_open(&p, COMM_WRAP_SYNC);
    thread = caller_start(&c, p.near);
    CHECK_EQ(CancelSynchronousIo(thread), TRUE);
    caller_was_cancelled(&c, thread);
    pair_close(&p);
    free(c.flood);
}

static void a_read_without_overlapped_on_an_overlapped_handle_counts_as_blocking(void)
{
    struct pair p;
    struct caller c = {.file = NULL};
    HANDLE thread;

    pair_open(&p, 0);
    thread = caller_start(&c, p.near);
    CHECK_EQ(CancelSynchronousIo(thread), TRUE);
    caller_was_cancelled(&c, thread);
    pair_close(&p);
}

static void cancelling_all_of_a_file_ends_another_threads_blocking_read(void)
{
    struct pair p;
    struct caller c = {.file = NULL};
    HANDLE thread;

    pair_open(&p, COMM_WRAP_SYNC);
    thread = caller_start(&c, p.near);
    CHECK_EQ(CancelIo(p.near), TRUE); /* not this thread's */
    CHECK(is_asleep(&c.sleeper));
    CHECK_EQ(CancelIoEx(p.near, NULL), TRUE);
    caller_was_cancelled(&c, thread);
    pair_close(&p);
}

struct idler {
    HANDLE event, file;
    struct request request;
    struct sleeper sleeper;
};

static DWORD WINAPI wait_for_the_event(void *arg)
{
    struct idler *idler = arg;

    if (idler->file != NULL)
        request_pends(&idler->request, idler->file, 1);
    sleeper_announce(&idler->sleeper);
    CHECK_EQ(WaitForSingleObject(idler->event, PATIENCE_MS), WAIT_OBJECT_0);
    return 0;
}

static HANDLE idler_start(struct idler *idler, HANDLE file)
{
    HANDLE thread;

    idler->event = CreateEvent(NULL, TRUE, FALSE, NULL);
    idler->file = file;
    request_open(&idler->request, true);
    thread = CreateThread(NULL, 0, wait_for_the_event, idler, 0, NULL);
    wait_until_asleep(&idler->sleeper);
    return thread;
}

static void idler_end(struct idler *idler, HANDLE thread)
{
    SetEvent(idler->event);
    CHECK_EQ(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(idler->event));
    request_close(&idler->request);
}

static void an_idle_or_ended_thread_has_nothing_to_cancel(void)
{
    struct idler idler = {.event = NULL};
    HANDLE thread = idler_start(&idler, NULL);

    CHECK_FAILS(CancelSynchronousIo(thread), ERROR_NOT_FOUND);
    CHECK(is_asleep(&idler.sleeper)); /* a wait is no file call */
    idler_end(&idler, thread);
    CHECK_FAILS(CancelSynchronousIo(thread), ERROR_NOT_FOUND);
    CHECK(CloseHandle(thread));
    CHECK_FAILS(CancelSynchronousIo(thread), ERROR_INVALID_HANDLE);
    CHECK_FAILS(CancelSynchronousIo(NULL), ERROR_INVALID_HANDLE);
}

static void something_that_is_no_thread_is_refused(void)
{
    struct pair p;

    pair_open(&p, COMM_WRAP_SYNC);
    CHECK_FAILS(CancelSynchronousIo(p.near), ERROR_INVALID_HANDLE);
    pair_close(&p);
}

static void overlapped_requests_of_the_thread_are_left_alone(void)
{
    struct pair p;
    struct idler idler = {.event = NULL};
    HANDLE thread;

    pair_open(&p, 0);
    thread = idler_start(&idler, p.near);
    CHECK_FAILS(CancelSynchronousIo(thread), ERROR_NOT_FOUND);
    CHECK_EQ(request_status(&idler.request), STATUS_PENDING);
    pair_send(&p, "x", 1);
    CHECK_EQ(WaitForSingleObject(idler.request.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    request_ends("left alone", &idler.request, STATUS_SUCCESS, 1);
    idler_end(&idler, thread);
    CHECK(CloseHandle(thread));
    pair_close(&p);
}

static void a_cancelled_call_takes_no_byte_of_what_comes_next(void)
{
    struct pair p;
    struct caller c = {.file = NULL};
    HANDLE thread;
    char byte = 0;
    DWORD n = 0;

    pair_open(&p, COMM_WRAP_SYNC);
    thread = caller_start(&c, p.near);
    CHECK_EQ(CancelSynchronousIo(thread), TRUE);
    pair_send(&p, "x", 1);
    caller_was_cancelled(&c, thread);
    CHECK_EQ(ReadFile(p.near, &byte, 1, &n, NULL), TRUE);
    CHECK_EQ(byte, 'x');
    pair_close(&p);
}

COMM_TEST_MAIN(TEST(a_blocking_read_ends_with_995),
               TEST(a_blocking_write_ends_with_995_and_count_0),
               TEST(a_read_without_overlapped_on_an_overlapped_handle_counts_as_blocking),
               TEST(cancelling_all_of_a_file_ends_another_threads_blocking_read),
               TEST(an_idle_or_ended_thread_has_nothing_to_cancel),
               TEST(something_that_is_no_thread_is_refused),
               TEST(overlapped_requests_of_the_thread_are_left_alone),
               TEST(a_cancelled_call_takes_no_byte_of_what_comes_next))
