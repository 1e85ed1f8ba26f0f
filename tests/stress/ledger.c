/* SPDX-License-Identifier: MIT */
/* Every number here is checked when its account is closed: an operation when all its channels have
 * reported, a connection when its last operation is settled. */
#include "ledger.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

_Atomic uint64_t ledger_settled;
HANDLE ledger_port;

static uint64_t sum_of(const unsigned char *bytes, size_t len)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < len; i++)
        sum += bytes[i];
    return sum;
}

/* ---- connections ---- */

/* Buffers as small as the kernel allows, so that writes pend too. */
static struct conn *conn_open(uint32_t dice)
{
    struct conn *conn = calloc(1, sizeof *conn);
    int fd[2], small = 1;

    if (conn == NULL || !HOLDS(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) == 0))
        abort();
    atomic_store(&conn->refs, 1);
    conn->ported = dice % 2 == 0;
    conn->skips = conn->ported && dice % 8 == 0;
    for (int i = 0; i < 2; i++) {
        setsockopt(fd[i], SOL_SOCKET, SO_SNDBUF, &small, sizeof small);
        conn->spare[i] = dice % 5 == 0 ? -1 : dup(fd[i]);
        conn->end[i] = CommWrapFd(fd[i], COMM_KIND_STREAM, GENERIC_READ | GENERIC_WRITE, 0);
        HOLDS(conn->end[i] != INVALID_HANDLE_VALUE);
        if (conn->ported)
            HOLDS(CreateIoCompletionPort(conn->end[i], ledger_port, (ULONG_PTR)conn, 0) ==
                  ledger_port);
        if (conn->skips)
            HOLDS(SetFileCompletionNotificationModes(conn->end[i],
                                                     FILE_SKIP_COMPLETION_PORT_ON_SUCCESS));
    }
    return conn;
}

/* What was sent and not received is still in the socket. */
static void direction_check(struct conn *conn, int from)
{
    uint64_t left = 0, left_sum = 0;
    unsigned char bytes[4096];
    ssize_t n;

    if (conn->spare[1 - from] < 0) {
        HOLDS(atomic_load(&conn->received[from]) <= atomic_load(&conn->sent[from]));
        return;
    }
    while ((n = recv(conn->spare[1 - from], bytes, sizeof bytes, MSG_DONTWAIT)) > 0) {
        left += (uint64_t)n;
        left_sum += sum_of(bytes, (size_t)n);
    }
    comm_check_eq("bytes sent", (long long)(atomic_load(&conn->received[from]) + left),
                  (long long)atomic_load(&conn->sent[from]), "received + left", __FILE__, __LINE__);
    comm_check_eq("their sum", (long long)(atomic_load(&conn->received_sum[from]) + left_sum),
                  (long long)atomic_load(&conn->sent_sum[from]), "received + left", __FILE__,
                  __LINE__);
}

void conn_put(struct conn *conn)
{
    if (atomic_fetch_sub(&conn->refs, 1) != 1)
        return;
    for (int from = 0; from < 2; from++)
        direction_check(conn, from);
    for (int i = 0; i < 2; i++)
        if (conn->spare[i] >= 0)
            close(conn->spare[i]);
    free(conn);
}

struct conn *slot_get(struct slot *slot)
{
    struct conn *conn;

    pthread_mutex_lock(&slot->lock);
    conn = slot->conn;
    if (conn != NULL)
        atomic_fetch_add(&conn->refs, 1);
    pthread_mutex_unlock(&slot->lock);
    return conn;
}

static struct conn *slot_swap(struct slot *slot, struct conn *conn)
{
    struct conn *old;

    pthread_mutex_lock(&slot->lock);
    old = slot->conn;
    slot->conn = conn;
    pthread_mutex_unlock(&slot->lock);
    return old;
}

static void conn_close(struct conn *conn)
{
    if (conn == NULL)
        return;
    HOLDS(CloseHandle(conn->end[0]));
    HOLDS(CloseHandle(conn->end[1]));
    conn_put(conn);
}

void slot_renew(struct slot *slot, uint32_t dice)
{
    conn_close(slot_swap(slot, conn_open(dice)));
}

void slots_open(struct slot *slots)
{
    for (unsigned i = 0; i < CONNS; i++) {
        pthread_mutex_init(&slots[i].lock, NULL);
        slots[i].conn = conn_open(i);
    }
}

void slots_close(struct slot *slots)
{
    for (unsigned i = 0; i < CONNS; i++) {
        conn_close(slot_swap(&slots[i], NULL));
        pthread_mutex_destroy(&slots[i].lock);
    }
}

/* ---- operations ---- */

void record_open(struct record *record, bool quiet)
{
    memset(record, 0, sizeof *record);
    record->quiet = quiet;
    record->event = CreateEventA(NULL, !quiet, FALSE, NULL);
    HOLDS(record->event != NULL);
}

static uint64_t status_now(const struct record *record)
{
    return __atomic_load_n(&record->ov.Internal, __ATOMIC_ACQUIRE);
}

/* Since it was settled nothing more may have happened to it. */
static void check_untouched(struct record *record)
{
    HOLDS(status_now(record) == record->final);
    HOLDS(record->ov.InternalHigh == record->final_bytes);
    HOLDS(atomic_load(&record->packets) == record->packets_before);
    HOLDS(atomic_load(&record->routines) == record->routines_before);
    HOLDS(WaitForSingleObject(record->event, 0) == WAIT_TIMEOUT);
}

void record_close(struct record *record)
{
    HOLDS(record->state == RECORD_FREE);
    check_untouched(record);
    HOLDS(CloseHandle(record->event));
}

/* The routine keeps hEvent for itself; a tagged event wants no packet. */
static void choose_channels(struct record *record, uint32_t dice)
{
    bool tagged = dice % 16 == 1;

    record->with_routine = !record->conn->ported && dice % 3 == 0;
    record->with_event = !record->with_routine && dice % 4 != 0;
    record->with_packet = record->conn->ported && !(record->with_event && tagged);
    record->ov.hEvent = NULL;
    if (record->with_event)
        record->ov.hEvent = (HANDLE)((uintptr_t)record->event | (tagged ? 1u : 0u));
}

void record_begin(struct record *record, struct conn *conn, uint32_t dice)
{
    check_untouched(record);
    memset(&record->ov, 0, sizeof record->ov);
    record->conn = conn;
    record->dropped = false;
    record->writes = (dice & 0x100) != 0;
    record->end = (dice >> 9) & 1;
    record->len = (dice >> 10) % OP_BYTES + 1;
    if (!record->writes && (dice >> 20) % 16 == 0)
        record->len = 0; /* only asks whether there is something */
    memset(record->bytes, (int)(dice >> 24), sizeof record->bytes);
    choose_channels(record, dice >> 12);
}

static void WINAPI routine(DWORD error, DWORD bytes, LPOVERLAPPED ov)
{
    struct record *record = (struct record *)(void *)ov;

    HOLDS(HasOverlappedIoCompleted(ov));
    HOLDS(bytes == (DWORD)ov->InternalHigh);
    HOLDS((error == 0) == (ov->Internal == STATUS_SUCCESS));
    atomic_fetch_add(&record->routines, 1);
}

static BOOL record_call(struct record *record)
{
    HANDLE handle = record->conn->end[record->end];

    if (record->with_routine)
        return record->writes
                   ? WriteFileEx(handle, record->bytes, record->len, &record->ov, routine)
                   : ReadFileEx(handle, record->bytes, record->len, &record->ov, routine);
    return record->writes ? WriteFile(handle, record->bytes, record->len, NULL, &record->ov)
                          : ReadFile(handle, record->bytes, record->len, NULL, &record->ov);
}

static void record_free(struct record *record)
{
    struct conn *conn = record->conn;

    record->final = status_now(record);
    record->final_bytes = record->ov.InternalHigh;
    record->packets_before = atomic_load(&record->packets);
    record->routines_before = atomic_load(&record->routines);
    record->conn = NULL;
    record->state = RECORD_FREE;
    conn_put(conn);
}

/* Refused at once: nothing is ever reported, and the reasons are few. */
static void record_refused(struct record *record, DWORD error)
{
    HOLDS(error == ERROR_INVALID_HANDLE || (!record->writes && error == ERROR_BROKEN_PIPE) ||
          (record->writes && error == ERROR_NO_DATA));
    HOLDS(status_now(record) == STATUS_PENDING);
    record_free(record);
}

void record_issue(struct record *record)
{
    BOOL done;

    record->state = RECORD_ISSUED;
    done = record_call(record);
    if (!done && GetLastError() != ERROR_IO_PENDING) {
        record_refused(record, GetLastError());
    } else if (done && !record->with_routine) {
        HOLDS(HasOverlappedIoCompleted(&record->ov));
        if (record->conn->skips)
            record->with_packet = false;
    }
}

static void bytes_account(struct record *record)
{
    struct conn *conn = record->conn;
    size_t n = record->ov.InternalHigh;
    unsigned from = record->writes ? record->end : 1 - record->end;

    if (record->ov.Internal != STATUS_SUCCESS) {
        HOLDS(n == 0);
        HOLDS(record->ov.Internal == STATUS_CANCELLED ||
              record->ov.Internal == STATUS_PIPE_BROKEN ||
              (record->writes && record->ov.Internal == STATUS_PIPE_CLOSING));
        return;
    }
    HOLDS(record->writes ? n == record->len : n <= record->len && (n > 0 || record->len == 0));
    atomic_fetch_add(record->writes ? &conn->sent[from] : &conn->received[from], n);
    atomic_fetch_add(record->writes ? &conn->sent_sum[from] : &conn->received_sum[from],
                     sum_of(record->bytes, n));
}

static bool all_reported(struct record *record)
{
    unsigned packets = atomic_load(&record->packets) - record->packets_before;
    unsigned routines = atomic_load(&record->routines) - record->routines_before;

    HOLDS(packets <= record->with_packet);
    HOLDS(routines <= (record->with_routine && !record->dropped));
    return HasOverlappedIoCompleted(&record->ov) && packets == record->with_packet &&
           (!record->with_routine || record->dropped || routines == 1);
}

bool record_settle(struct record *record)
{
    if (!all_reported(record))
        return false;
    /* the status is published a moment before the event is set */
    if (record->with_event)
        HOLDS(WaitForSingleObject(record->event, LEDGER_MS) == WAIT_OBJECT_0);
    if (record->with_event && !record->quiet)
        HOLDS(ResetEvent(record->event));
    HOLDS(WaitForSingleObject(record->event, 0) == WAIT_TIMEOUT);
    bytes_account(record);
    record_free(record);
    atomic_fetch_add(&ledger_settled, 1);
    return true;
}
