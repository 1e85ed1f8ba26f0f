/* SPDX-License-Identifier: MIT */
/* Eight threads do whatever comes to their minds to six connections and a few objects; and every
 * operation is reported exactly once through each channel it asked for, and no byte is lost. */
#include "ledger.h"

#include <string.h>
#include <unistd.h>

enum { THREADS = 8, SHARED = 6, STALLED_MS = 10000 };

static struct slot slots[CONNS];
static HANDLE shared[SHARED]; /* manual, auto, manual, auto, semaphore, mutex */
static unsigned in_mutex;     /* guarded by the mutex */
static _Atomic bool stop, finished;

struct actor {
    pthread_t thread;
    uint64_t random;
    struct record record[RECORDS];
};
static struct actor actors[THREADS];

static uint32_t roll(struct actor *a)
{
    return stress_random(&a->random);
}

/* ---- issuing, settling ---- */

static struct record *record_free_one(struct actor *a)
{
    for (unsigned i = 0; i < RECORDS; i++)
        if (a->record[i].state == RECORD_FREE)
            return &a->record[i];
    return NULL;
}

static struct record *record_any(struct actor *a)
{
    struct record *record = &a->record[roll(a) % RECORDS];

    return record->state == RECORD_ISSUED ? record : NULL;
}

static void issue(struct actor *a)
{
    struct record *record = record_free_one(a);
    struct conn *conn = record == NULL ? NULL : slot_get(&slots[roll(a) % CONNS]);

    if (conn == NULL)
        return;
    record_begin(record, conn, roll(a));
    record_issue(record);
}

static unsigned settle(struct actor *a)
{
    unsigned issued = 0;

    for (unsigned i = 0; i < RECORDS; i++)
        if (a->record[i].state == RECORD_ISSUED && !record_settle(&a->record[i]))
            issued++;
    return issued;
}

static void settle_some(struct actor *a)
{
    (void)settle(a);
}

/* ---- looking at one operation ---- */

static void poll_result(struct actor *a)
{
    struct record *record = record_any(a);
    DWORD n;

    if (record == NULL)
        return;
    if (!GetOverlappedResult(record->conn->end[record->end], &record->ov, &n, FALSE))
        HOLDS(GetLastError() == ERROR_IO_INCOMPLETE || HasOverlappedIoCompleted(&record->ov));
}

static void wait_result(struct actor *a)
{
    struct record *record = record_any(a);
    DWORD n;

    /* the ledger takes the signal of an auto-reset event, and a file's signal may be anybody's */
    if (record == NULL || !record->with_event || record->quiet)
        return;
    if (roll(a) % 2) {
        CancelIoEx(record->conn->end[record->end], &record->ov);
        (void)GetOverlappedResult(record->conn->end[record->end], &record->ov, &n, TRUE);
    } else {
        (void)GetOverlappedResultEx(record->conn->end[record->end], &record->ov, &n, roll(a) % 4,
                                    roll(a) % 2 != 0);
    }
}

/* ---- cancelling, closing ---- */

static void cancel_one(struct actor *a)
{
    struct record *record = record_any(a);

    if (record != NULL && !CancelIoEx(record->conn->end[record->end], &record->ov))
        HOLDS(GetLastError() == ERROR_NOT_FOUND || GetLastError() == ERROR_INVALID_HANDLE);
}

static void cancel_all(struct actor *a)
{
    struct conn *conn = slot_get(&slots[roll(a) % CONNS]);

    if (conn == NULL)
        return;
    if (!CancelIoEx(conn->end[roll(a) % 2], NULL))
        HOLDS(GetLastError() == ERROR_NOT_FOUND || GetLastError() == ERROR_INVALID_HANDLE);
    conn_put(conn);
}

static void cancel_mine(struct actor *a)
{
    struct conn *conn = slot_get(&slots[roll(a) % CONNS]);

    if (conn == NULL)
        return;
    if (!CancelIo(conn->end[roll(a) % 2]))
        HOLDS(GetLastError() == ERROR_INVALID_HANDLE);
    conn_put(conn);
}

static void renew(struct actor *a)
{
    if (roll(a) % 8 == 0)
        slot_renew(&slots[roll(a) % CONNS], roll(a));
}

/* ---- waiting ---- */

/* An event of anybody's operation, a shared object, or a file. */
static HANDLE something(struct actor *a)
{
    uint32_t dice = roll(a);
    struct record *record = &actors[dice % THREADS].record[(dice >> 8) % RECORDS];
    struct conn *conn;
    HANDLE file;

    if (dice >> 30 == 0)
        return shared[(dice >> 16) % (SHARED - 1)];
    if (dice >> 30 != 1)
        return record->quiet ? shared[0] : record->event;
    conn = slot_get(&slots[(dice >> 16) % CONNS]);
    if (conn == NULL)
        return shared[0];
    file = conn->end[dice & 1];
    conn_put(conn);
    return file;
}

static void wait_for(struct actor *a, bool all)
{
    HANDLE handles[6];
    DWORD count = 1 + roll(a) % ARRAY_LEN(handles);
    BOOL alertable = roll(a) % 3 == 0;
    DWORD timeout_ms = roll(a) % 4, result;

    for (DWORD i = 0; i < count; i++)
        handles[i] = something(a);
    result = WaitForMultipleObjectsEx(count, handles, all, timeout_ms, alertable);
    if (result == WAIT_FAILED)
        HOLDS(GetLastError() == ERROR_INVALID_HANDLE ||
              (all && GetLastError() == ERROR_INVALID_PARAMETER));
    else
        HOLDS(result < count || result == WAIT_TIMEOUT ||
              (alertable && result == WAIT_IO_COMPLETION));
}

static void wait_any(struct actor *a)
{
    wait_for(a, false);
}

static void wait_all(struct actor *a)
{
    wait_for(a, true);
}

static void probe(struct actor *a)
{
    (void)WaitForSingleObject(something(a), 0);
}

static void sleep_alertable(struct actor *a)
{
    DWORD result = SleepEx(roll(a) % 3, TRUE);

    HOLDS(result == 0 || result == WAIT_IO_COMPLETION);
}

static void hold_mutex(struct actor *a)
{
    DWORD result = WaitForSingleObject(shared[SHARED - 1], roll(a) % 4);

    HOLDS(result == WAIT_OBJECT_0 || result == WAIT_TIMEOUT);
    if (result != WAIT_OBJECT_0)
        return;
    in_mutex++;
    HOLDS(in_mutex == 1);
    in_mutex--;
    HOLDS(ReleaseMutex(shared[SHARED - 1]));
}

/* ---- signalling ---- */

static void signal_something(struct actor *a)
{
    HANDLE event = shared[roll(a) % 4];

    switch (roll(a) % 5) {
    case 0:
        HOLDS(PulseEvent(event));
        break;
    case 1:
        HOLDS(ResetEvent(event));
        break;
    case 2:
        if (!ReleaseSemaphore(shared[4], 1, NULL))
            HOLDS(GetLastError() == ERROR_TOO_MANY_POSTS);
        break;
    case 3:
        HOLDS(SignalObjectAndWait(event, shared[roll(a) % 5], roll(a) % 3, FALSE) != WAIT_FAILED);
        break;
    default:
        HOLDS(SetEvent(event));
    }
}

/* ---- packets ---- */

static void packet_count(OVERLAPPED *ov, DWORD bytes)
{
    struct record *record = (struct record *)(void *)ov;

    HOLDS(HasOverlappedIoCompleted(ov));
    HOLDS((DWORD)ov->InternalHigh == bytes);
    atomic_fetch_add(&record->packets, 1);
}

static void take_packet(struct actor *a)
{
    OVERLAPPED *ov;
    ULONG_PTR key;
    DWORD n;

    if (!GetQueuedCompletionStatus(ledger_port, &n, &key, &ov, roll(a) % 4) && ov == NULL)
        HOLDS(GetLastError() == WAIT_TIMEOUT);
    if (ov != NULL)
        packet_count(ov, n);
}

static void take_packets(struct actor *a)
{
    OVERLAPPED_ENTRY entry[8];
    BOOL alertable = roll(a) % 2;
    ULONG count = 0;

    if (!GetQueuedCompletionStatusEx(ledger_port, entry, ARRAY_LEN(entry), &count, roll(a) % 4,
                                     alertable)) {
        HOLDS(GetLastError() == WAIT_TIMEOUT ||
              (alertable && GetLastError() == WAIT_IO_COMPLETION));
        return;
    }
    HOLDS(count >= 1 && count <= ARRAY_LEN(entry));
    for (ULONG i = 0; i < count; i++)
        packet_count(entry[i].lpOverlapped, entry[i].dwNumberOfBytesTransferred);
}

/* ---- a thread ends with operations pending ---- */

struct mayfly {
    struct record *record[3];
    unsigned count;
};

static DWORD WINAPI mayfly_lives(void *arg)
{
    struct mayfly *mayfly = arg;

    for (unsigned i = 0; i < mayfly->count; i++) {
        record_issue(mayfly->record[i]);
        mayfly->record[i]->dropped = true; /* it will not be here to run a routine */
    }
    return 0;
}

static void mayfly(struct actor *a)
{
    struct mayfly mayfly = {.count = 0};
    HANDLE thread;

    if (roll(a) % 16 != 0)
        return;
    for (unsigned i = 0; i < RECORDS && mayfly.count < 3; i++) {
        struct record *record = &a->record[i];
        struct conn *conn = record->state == RECORD_FREE ? slot_get(&slots[roll(a) % CONNS]) : NULL;

        if (conn == NULL)
            continue;
        record_begin(record, conn, roll(a));
        mayfly.record[mayfly.count++] = record;
    }
    thread = CreateThread(NULL, 0, mayfly_lives, &mayfly, 0, NULL);
    HOLDS(thread != NULL && WaitForSingleObject(thread, LEDGER_MS) == WAIT_OBJECT_0);
    CloseHandle(thread);
    for (unsigned i = 0; i < mayfly.count; i++) {
        struct record *record = mayfly.record[i];

        /* what only a port will report outlives its thread */
        if (record->state == RECORD_ISSUED && (!record->conn->ported || record->with_event))
            HOLDS(HasOverlappedIoCompleted(&record->ov));
    }
}

/* ---- the threads ---- */

static void wind_up(struct actor *a)
{
    unsigned left;

    for (unsigned i = 0; i < RECORDS; i++)
        if (a->record[i].state == RECORD_ISSUED)
            CancelIoEx(a->record[i].conn->end[a->record[i].end], &a->record[i].ov);
    while ((left = settle(a)) > 0) {
        sleep_alertable(a);
        take_packets(a);
    }
}

static void *act(void *arg)
{
    static void (*const deeds[])(struct actor *) = {
        issue,          issue,       issue,       issue,    issue,        issue,
        settle_some,    settle_some, poll_result, probe,    wait_result,  cancel_one,
        cancel_all,     cancel_mine, renew,       wait_any, wait_any,     wait_all,
        hold_mutex,     take_packet, take_packet, mayfly,   take_packets, signal_something,
        sleep_alertable};
    struct actor *a = arg;

    while (!atomic_load(&stop))
        deeds[roll(a) % ARRAY_LEN(deeds)](a);
    wind_up(a);
    return NULL;
}

/* ---- the watchdog ---- */

static void describe(const char *what, unsigned i, HANDLE handle)
{
    char text[256] = "(closed)";

    CommDescribeHandle(handle, text, sizeof text);
    fprintf(stderr, "  %s %u: %s\n", what, i, text);
}

static void describe_everything(void)
{
    describe("port", 0, ledger_port);
    for (unsigned i = 0; i < SHARED; i++)
        describe("shared", i, shared[i]);
    for (unsigned i = 0; i < 2 * CONNS; i++)
        if (slots[i / 2].conn != NULL)
            describe("end", i, slots[i / 2].conn->end[i % 2]);
    for (unsigned t = 0; t < THREADS; t++) {
        for (unsigned i = 0; i < RECORDS; i++) {
            struct record *r = &actors[t].record[i];

            if (r->state == RECORD_FREE)
                continue;
            fprintf(stderr, "  thread %u record %u: %s of %u, status 0x%x, %s%s%s\n", t, i,
                    r->writes ? "write" : "read", (unsigned)r->len, (unsigned)r->ov.Internal,
                    r->with_event ? " event" : "", r->with_packet ? " packet" : "",
                    r->with_routine ? " routine" : "");
            describe("its file", i, r->conn->end[r->end]);
        }
    }
}

static void *watch(void *arg)
{
    uint64_t seen = 0;
    int64_t since = stress_now_ms();

    while (!atomic_load(&finished)) {
        uint64_t now = atomic_load(&ledger_settled);

        if (now != seen)
            since = stress_now_ms();
        seen = now;
        if (stress_now_ms() - since > STALLED_MS) {
            fprintf(stderr, "nothing was completed for %d ms\n", STALLED_MS);
            describe_everything();
            abort();
        }
        usleep(50000);
    }
    return arg;
}

/* ---- the test ---- */

/* A closed value is in the free queue for long: a late use of one finds nobody else behind it. */
static void lengthen_free_queue(void)
{
    enum { MANY = 3000 };
    static HANDLE handles[MANY];

    for (unsigned i = 0; i < MANY; i++)
        handles[i] = CreateEventA(NULL, TRUE, FALSE, NULL);
    for (unsigned i = 0; i < MANY; i++)
        HOLDS(CloseHandle(handles[i]));
}

static void shared_open(void)
{
    lengthen_free_queue();
    for (unsigned i = 0; i < 4; i++)
        shared[i] = CreateEventA(NULL, i % 2 == 0, FALSE, NULL);
    shared[4] = CreateSemaphoreA(NULL, 0, 3, NULL);
    shared[5] = CreateMutexA(NULL, FALSE, NULL);
    ledger_port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    HOLDS(ledger_port != NULL);
    slots_open(slots);
}

static void shared_close(void)
{
    slots_close(slots);
    for (unsigned i = 0; i < SHARED; i++)
        HOLDS(CloseHandle(shared[i]));
    HOLDS(CloseHandle(ledger_port));
}

static void every_operation_is_reported_once_through_each_channel(void)
{
    unsigned long seconds = stress_setting("COMM_STRESS_SECONDS", STRESS_SECONDS);
    uint64_t seed = stress_seed();
    pthread_t watchdog;

    shared_open();
    for (unsigned t = 0; t < THREADS; t++) {
        actors[t].random = seed + t * 7919;
        for (unsigned i = 0; i < RECORDS; i++)
            record_open(&actors[t].record[i], i % 4 == 0);
    }
    watchdog = comm_spawn(watch, NULL);
    for (unsigned t = 0; t < THREADS; t++)
        actors[t].thread = comm_spawn(act, &actors[t]);
    Sleep((DWORD)seconds * 1000);
    atomic_store(&stop, true);
    for (unsigned t = 0; t < THREADS; t++)
        comm_join(actors[t].thread);
    atomic_store(&finished, true);
    comm_join(watchdog);
    for (unsigned t = 0; t < THREADS; t++)
        for (unsigned i = 0; i < RECORDS; i++)
            record_close(&actors[t].record[i]);
    shared_close();
    printf("      %llu operations\n", (unsigned long long)atomic_load(&ledger_settled));
    CHECK(atomic_load(&ledger_settled) > 0);
}

COMM_TEST_MAIN(TEST(every_operation_is_reported_once_through_each_channel))
