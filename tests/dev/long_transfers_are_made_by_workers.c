/* SPDX-License-Identifier: MIT */
/* Overlapped transfers of a mebibyte and more: their 997 is real.  While they wait for a worker
 * they can be taken back; once a worker has begun they cannot, and whoever needs their memory
 * waits. */
#include "disk.h"

#include <semaphore.h>

#include "libcomm/dev/regular.h"
#include "libcomm/plat/testing.h"

#define LONG (1u << 20)

static sem_t begun, go; /* of the gate: a worker says that it has a transfer, and is let on */

static void gate(void)
{
    sem_post(&begun);
    while (sem_wait(&go) != 0)
        ;
}

static void gate_shut(void)
{
    sem_init(&begun, 0, 0);
    sem_init(&go, 0, 0);
    ci_testing_transfer = gate;
}

static void gate_let(unsigned count)
{
    while (count-- > 0)
        sem_post(&go);
}

static bool pool_is_empty(void *unused)
{
    (void)unused;
    return ci_testing_workers() == 0;
}

static void gate_remove(void)
{
    comm_wait_until(pool_is_empty, NULL); /* nobody is looking at it any more */
    ci_testing_transfer = NULL;
}

static void await_begun(unsigned count)
{
    while (count-- > 0)
        while (sem_wait(&begun) != 0)
            ;
}

static unsigned char *pattern(size_t len)
{
    unsigned char *buf = malloc(len);

    pattern_fill(buf, len, 0);
    return buf;
}

static HANDLE long_file(const char *name, size_t len, DWORD flags)
{
    const char *path = disk_path(name);
    unsigned char *buf = pattern(len);
    FILE *f = fopen(path, "wb");
    HANDLE h;

    CHECK_EQ(fwrite(buf, 1, len, f), len);
    fclose(f);
    free(buf);
    h = disk_open(path, DISK_RW, OPEN_EXISTING, flags);
    CHECK(h != INVALID_HANDLE_VALUE);
    return h;
}

/* ---- they work ---- */

static void a_long_write_and_a_long_read_move_every_byte(void)
{
    size_t len = 5 * LONG + 12345;
    unsigned char *out = pattern(len), *in = calloc(1, len);
    HANDLE h = disk_new("whole", "", FILE_FLAG_OVERLAPPED), event = disk_event();
    OVERLAPPED ov = disk_at(7, event);
    DWORD n = 0;

    CHECK_EQ(outcome(WriteFile(h, out, (DWORD)len, NULL, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(result_of(h, &ov, &n), 0);
    CHECK_EQ(n, len);
    ov = disk_at(7, NULL);
    CHECK_EQ(outcome(ReadFile(h, in, (DWORD)len, NULL, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(result_of(h, &ov, &n), 0);
    CHECK_EQ(n, len);
    CHECK(memcmp(in, out, len) == 0);
    ov = disk_at(len, event); /* across the end */
    ResetEvent(event);
    CHECK_EQ(outcome(ReadFile(h, in, LONG, NULL, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(WaitForSingleObject(event, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(ov.InternalHigh, 7);
    ov = disk_at(len + 7, NULL);
    CHECK_EQ(outcome(ReadFile(h, in, LONG, NULL, &ov)), ERROR_IO_PENDING);
    CHECK_EQ(result_of(h, &ov, &n), ERROR_HANDLE_EOF);
    CHECK_EQ(position_of(h), 0);
    CloseHandle(h);
    CloseHandle(event);
    free(in);
    free(out);
}

static void many_at_once_all_end_well(void)
{
    enum { COUNT = 24 };
    HANDLE h = long_file("many", (size_t)COUNT * LONG, FILE_FLAG_OVERLAPPED);
    OVERLAPPED ov[COUNT];
    unsigned char *in = malloc((size_t)COUNT * LONG);
    HANDLE event[COUNT];
    DWORD n;

    for (unsigned i = 0; i < COUNT; i++) {
        event[i] = disk_event();
        ov[i] = disk_at((uint64_t)i * LONG, event[i]);
        CHECK_EQ(outcome(ReadFile(h, in + (size_t)i * LONG, LONG, NULL, &ov[i])), ERROR_IO_PENDING);
    }
    CHECK(ci_testing_workers() <= CI_WORKERS_MOST);
    for (unsigned i = 0; i < COUNT; i++) {
        CHECK_EQ(result_of(h, &ov[i], &n), 0);
        CHECK_EQ(n, LONG);
        CloseHandle(event[i]);
    }
    CHECK(pattern_holds(in, (size_t)COUNT * LONG, 0));
    free(in);
    CloseHandle(h);
    comm_wait_until(pool_is_empty, NULL);
}

/* ---- while a worker has them ---- */

static void a_long_transfer_pends_and_short_ones_overtake_it(void)
{
    HANDLE h = long_file("overtaken", LONG, FILE_FLAG_OVERLAPPED);
    unsigned char *in = malloc(LONG), byte[4];
    OVERLAPPED ov = disk_at(0, NULL), quick = disk_at(100, NULL);
    DWORD n = 99;

    gate_shut();
    CHECK_EQ(outcome(ReadFile(h, in, LONG, NULL, &ov)), ERROR_IO_PENDING);
    await_begun(1);
    CHECK_EQ(ov.Internal, STATUS_PENDING);
    CHECK_EQ(WaitForSingleObject(h, 0), WAIT_TIMEOUT);
    CHECK_EQ(outcome(GetOverlappedResult(h, &ov, &n, FALSE)), ERROR_IO_INCOMPLETE);
    CHECK_EQ(outcome(ReadFile(h, byte, 4, NULL, &quick)), ERROR_IO_PENDING);
    CHECK_EQ(quick.Internal, STATUS_SUCCESS);
    CHECK(pattern_holds(byte, 4, 100));
    gate_let(1);
    while (!HasOverlappedIoCompleted(
        &ov)) /* the handle was signalled by the quick one: ask the operation */
        SwitchToThread();
    CHECK_EQ(ov.InternalHigh, LONG);
    gate_remove();
    CloseHandle(h);
    free(in);
}

static void what_waits_is_cancelled_and_what_runs_is_not(void)
{
    enum { COUNT = CI_WORKERS_MOST + 2 };
    HANDLE h = long_file("cancelled", LONG, FILE_FLAG_OVERLAPPED), event[COUNT];
    unsigned char *in = malloc((size_t)COUNT * LONG);
    OVERLAPPED ov[COUNT];
    DWORD n;

    gate_shut();
    for (unsigned i = 0; i < COUNT; i++) {
        event[i] = disk_event();
        ov[i] = disk_at(0, event[i]);
        CHECK_EQ(outcome(ReadFile(h, in + (size_t)i * LONG, LONG, NULL, &ov[i])), ERROR_IO_PENDING);
    }
    await_begun(CI_WORKERS_MOST); /* all workers are busy with the oldest */
    for (unsigned i = 0; i < COUNT; i++)
        CHECK_EQ(outcome(CancelIoEx(h, &ov[i])), i < CI_WORKERS_MOST ? ERROR_NOT_FOUND : 0);
    CHECK_EQ(outcome(CancelIoEx(h, NULL)), ERROR_NOT_FOUND);
    CHECK(CancelIo(h));
    for (unsigned i = 0; i < COUNT; i++)
        CHECK_EQ(ov[i].Internal, i < CI_WORKERS_MOST ? STATUS_PENDING : STATUS_CANCELLED);
    gate_let(CI_WORKERS_MOST);
    for (unsigned i = 0; i < COUNT; i++) {
        CHECK_EQ(result_of(h, &ov[i], &n), i < CI_WORKERS_MOST ? 0 : ERROR_OPERATION_ABORTED);
        CHECK_EQ(n, i < CI_WORKERS_MOST ? LONG : 0);
        CloseHandle(event[i]);
    }
    CloseHandle(h);
    gate_remove();
    free(in);
}

static DWORD WINAPI close_it(LPVOID h)
{
    return outcome(CloseHandle(h));
}

static bool handle_is_gone(void *h)
{
    DWORD flags;

    return !GetHandleInformation(h, &flags);
}

static void closing_waits_for_what_runs(void)
{
    HANDLE h = long_file("closed", LONG, FILE_FLAG_OVERLAPPED), event = disk_event(), thread;
    unsigned char *in = malloc(LONG);
    OVERLAPPED ov = disk_at(0, event);

    gate_shut();
    CHECK_EQ(outcome(ReadFile(h, in, LONG, NULL, &ov)), ERROR_IO_PENDING);
    await_begun(1);
    thread = CreateThread(NULL, 0, close_it, h, 0, NULL);
    comm_wait_until(handle_is_gone, h);
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    CHECK_EQ(ov.Internal, STATUS_PENDING);
    gate_let(1);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(ov.Internal, STATUS_SUCCESS);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK(pattern_holds(in, LONG, 0));
    CloseHandle(thread);
    CloseHandle(event);
    gate_remove();
    free(in);
}

/* ---- a thread that ends ---- */

static struct {
    HANDLE h, ending;
    OVERLAPPED ov[CI_WORKERS_MOST + 1];
    unsigned char *in;
} left;

static DWORD WINAPI issue_and_end(LPVOID unused)
{
    (void)unused;
    for (unsigned i = 0; i < ARRAY_LEN(left.ov); i++)
        ReadFile(left.h, left.in + (size_t)i * LONG, LONG, NULL, &left.ov[i]);
    await_begun(CI_WORKERS_MOST);
    return 0;
}

static bool last_was_cancelled(void *unused)
{
    (void)unused;
    return HasOverlappedIoCompleted(&left.ov[CI_WORKERS_MOST]);
}

static void the_end_of_its_thread_cancels_what_waits_and_waits_for_what_runs(void)
{
    HANDLE thread;

    left.h = long_file("left", LONG, FILE_FLAG_OVERLAPPED);
    left.ending = disk_event();
    left.in = malloc(ARRAY_LEN(left.ov) * LONG);
    for (unsigned i = 0; i < ARRAY_LEN(left.ov); i++) {
        left.ov[i] = disk_at(0, left.ending);
        left.ov[i].Internal = STATUS_PENDING; /* before it is issued, too */
    }
    gate_shut();
    thread = CreateThread(NULL, 0, issue_and_end, NULL, 0, NULL);
    comm_wait_until(last_was_cancelled, NULL); /* by the thread, on its way out */
    CHECK_EQ(left.ov[CI_WORKERS_MOST].Internal, STATUS_CANCELLED);
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    gate_let(CI_WORKERS_MOST);
    CHECK_EQ(WaitForSingleObject(thread, INFINITE), WAIT_OBJECT_0);
    for (unsigned i = 0; i < CI_WORKERS_MOST; i++)
        CHECK_EQ(left.ov[i].Internal, STATUS_SUCCESS);
    CloseHandle(thread);
    CloseHandle(left.h);
    CloseHandle(left.ending);
    gate_remove();
    free(left.in);
}

/* ---- how they report ---- */

static DWORD routine_bytes, routine_thread;

static VOID CALLBACK note(DWORD error, DWORD bytes, LPOVERLAPPED ov)
{
    (void)ov;
    CHECK_EQ(error, 0);
    routine_bytes = bytes;
    routine_thread = GetCurrentThreadId();
}

static void packets_and_routines_come_from_workers_too(void)
{
    HANDLE h = long_file("reported", LONG, FILE_FLAG_OVERLAPPED), port;
    unsigned char *in = malloc(LONG);
    OVERLAPPED ov = disk_at(0, NULL), *got = NULL;
    ULONG_PTR key = 0;
    DWORD n = 0;

    CHECK(ReadFileEx(h, in, LONG, &ov, note));
    CHECK_EQ(SleepEx(INFINITE, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine_bytes, LONG);
    CHECK_EQ(routine_thread, GetCurrentThreadId());
    port = CreateIoCompletionPort(h, NULL, 4711, 0);
    ov = disk_at(0, NULL);
    CHECK_EQ(outcome(ReadFile(h, in, LONG, NULL, &ov)), ERROR_IO_PENDING);
    CHECK(GetQueuedCompletionStatus(port, &n, &key, &got, INFINITE));
    CHECK(got == &ov);
    CHECK_EQ(n, LONG);
    CHECK_EQ(key, 4711);
    CHECK(pattern_holds(in, LONG, 0));
    CloseHandle(h);
    CloseHandle(port);
    free(in);
}

static void a_synchronous_handle_does_its_own_work(void)
{
    HANDLE h = long_file("synchronous", LONG, 0);
    unsigned char *in = malloc(LONG);
    DWORD n = 0;

    comm_wait_until(pool_is_empty, NULL);
    CHECK(ReadFile(h, in, LONG, &n, NULL));
    CHECK_EQ(n, LONG);
    CHECK_EQ(position_of(h), LONG);
    CHECK(pattern_holds(in, LONG, 0));
    CHECK_EQ(ci_testing_workers(), 0);
    CloseHandle(h);
    free(in);
}

/* As if the file lay behind a network: everything is a worker's, on a synchronous handle too. */
static void make_slow(HANDLE h)
{
    struct ci_file *file = ci_file_get(h, 0);

    ci_regular_of(file)->slow = true;
    ci_file_put(file);
}

struct sync_read {
    HANDLE h;
    char buf[4];
    DWORD n, error;
};

static DWORD WINAPI read_four(LPVOID arg)
{
    struct sync_read *r = arg;

    r->error = outcome(ReadFile(r->h, r->buf, 4, &r->n, NULL));
    return 0;
}

static void a_slow_file_system_keeps_the_position_in_order(void)
{
    struct sync_read r[2];
    HANDLE h = disk_new("slow", "01234567", 0), thread[2];

    make_slow(h);
    gate_shut();
    for (int i = 0; i < 2; i++) {
        r[i] = (struct sync_read){.h = h};
        thread[i] = CreateThread(NULL, 0, read_four, &r[i], 0, NULL);
        if (i == 0)
            await_begun(1);
    }
    CHECK_EQ(outcome(CancelSynchronousIo(thread[0])), ERROR_NOT_FOUND); /* a worker has it */
    gate_let(2);
    CHECK_EQ(WaitForMultipleObjects(2, thread, TRUE, INFINITE), WAIT_OBJECT_0);
    for (int i = 0; i < 2; i++) {
        CHECK_EQ(r[i].error, 0);
        CHECK_EQ(r[i].n, 4);
        CHECK(memcmp(r[i].buf, i == 0 ? "0123" : "4567", 4) == 0);
        CloseHandle(thread[i]);
    }
    CHECK_EQ(position_of(h), 8);
    CloseHandle(h);
    gate_remove();
}

static bool was_cancelled(void *thread)
{
    return CancelSynchronousIo(thread) != 0;
}

static void a_call_that_waits_its_turn_can_be_cancelled(void)
{
    struct sync_read r[2];
    HANDLE h = disk_new("turn", "01234567", 0), thread[2];

    make_slow(h);
    gate_shut();
    for (int i = 0; i < 2; i++) {
        r[i] = (struct sync_read){.h = h};
        thread[i] = CreateThread(NULL, 0, read_four, &r[i], 0, NULL);
        if (i == 0)
            await_begun(1);
    }
    comm_wait_until(was_cancelled, thread[1]);
    CHECK_EQ(WaitForSingleObject(thread[1], INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(r[1].error, ERROR_OPERATION_ABORTED);
    CHECK_EQ(r[1].n, 0);
    gate_let(1);
    CHECK_EQ(WaitForSingleObject(thread[0], INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(r[0].error, 0);
    CHECK_EQ(position_of(h), 4);
    for (int i = 0; i < 2; i++)
        CloseHandle(thread[i]);
    CloseHandle(h);
    gate_remove();
}

static void without_threads_the_caller_does_it_itself(void)
{
    HANDLE h = long_file("alone", LONG, FILE_FLAG_OVERLAPPED);
    unsigned char *in = malloc(LONG);
    OVERLAPPED ov = disk_at(0, NULL);

    comm_wait_until(pool_is_empty, NULL);
    ci_testing_fail(CI_FAULT_THREAD, 0, true);
    CHECK_EQ(outcome(ReadFile(h, in, LONG, NULL, &ov)), ERROR_IO_PENDING);
    ci_testing_fail(0, 0, false);
    CHECK_EQ(ov.Internal, STATUS_SUCCESS);
    CHECK_EQ(ov.InternalHigh, LONG);
    CHECK(pattern_holds(in, LONG, 0));
    CloseHandle(h);
    free(in);
}

COMM_TEST_MAIN(TEST(a_long_write_and_a_long_read_move_every_byte), TEST(many_at_once_all_end_well),
               TEST(a_long_transfer_pends_and_short_ones_overtake_it),
               TEST(what_waits_is_cancelled_and_what_runs_is_not),
               TEST(closing_waits_for_what_runs),
               TEST(the_end_of_its_thread_cancels_what_waits_and_waits_for_what_runs),
               TEST(packets_and_routines_come_from_workers_too),
               TEST(a_synchronous_handle_does_its_own_work),
               TEST(a_slow_file_system_keeps_the_position_in_order),
               TEST(a_call_that_waits_its_turn_can_be_cancelled),
               TEST(without_threads_the_caller_does_it_itself))
