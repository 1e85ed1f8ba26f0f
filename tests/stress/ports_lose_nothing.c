/* SPDX-License-Identifier: MIT */
/* Several threads do whatever comes to their minds to two ports, a cable's end and a tty, that come
 * and go: every request is reported exactly once.  Beside them two ports of the same kinds are only
 * read and written, waited for and set: they lose no byte and change none. */
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "stress.h"
#include "port.h"

enum { ACTORS = 4, ROUGH = 2, RECORDS = 8, BYTES = 512, SETTLE_MS = 60000 };

static _Atomic bool stop;
static _Atomic uint64_t settled, moved;

/* ---- ports that come and go ---- */

struct conn {
    _Atomic unsigned refs; /* its slot, and every request not yet settled */
    struct port port;
    bool ported;
};

static struct slot {
    pthread_mutex_t lock;
    struct conn *conn; /* guarded by lock */
} slots[ROUGH];

static HANDLE packets;

static void conn_put(struct conn *conn)
{
    if (atomic_fetch_sub(&conn->refs, 1) == 1)
        free(conn);
}

static struct conn *conn_open(enum port_kind kind, uint32_t dice)
{
    struct conn *conn = calloc(1, sizeof *conn);

    if (conn == NULL)
        abort();
    atomic_store(&conn->refs, 1);
    port_plug(&conn->port, kind, dice % 4 == 0 ? COMM_CABLE_PACED : 0);
    port_open(&conn->port, FILE_FLAG_OVERLAPPED);
    conn->ported = dice % 8 < 3;
    if (conn->ported)
        HOLDS(CreateIoCompletionPort(conn->port.near, packets, 0, 0) == packets);
    return conn;
}

/* By its handle, or because the device goes first. */
static void conn_close(struct conn *conn, uint32_t dice)
{
    if (dice % 3 == 0)
        port_hang_up(&conn->port);
    HOLDS(CloseHandle(conn->port.near));
    if (conn->port.far != NULL)
        HOLDS(CloseHandle(conn->port.far));
    port_hang_up(&conn->port);
    conn_put(conn);
}

static struct conn *slot_get(struct slot *slot)
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

static void slot_renew(struct slot *slot, uint32_t dice)
{
    struct conn *old = slot_swap(slot, NULL);

    if (old == NULL)
        return; /* another thread is at it */
    conn_close(old, dice);
    (void)slot_swap(slot, conn_open(slot == &slots[0] ? PORT_CABLE : PORT_PTY, dice >> 8));
}

/* ---- requests ---- */

struct record {
    OVERLAPPED ov; /* first: packets lead here */
    HANDLE event;
    bool issued, with_event, with_packet;
    enum { READS, WRITES, WAITS } kind;
    _Atomic unsigned packets;
    unsigned packets_before;
    uint64_t final, final_bytes;
    struct conn *conn; /* a reference while issued */
    HANDLE handle;
    DWORD len, events;
    unsigned char bytes[BYTES];
};

struct actor {
    pthread_t thread;
    uint64_t random;
    struct record record[RECORDS];
};
static struct actor actors[ACTORS];

static uint32_t roll(struct actor *a)
{
    return stress_random(&a->random);
}

static uint64_t status_now(const struct record *r)
{
    return __atomic_load_n(&r->ov.Internal, __ATOMIC_ACQUIRE);
}

static void check_untouched(const struct record *r)
{
    HOLDS(status_now(r) == r->final);
    HOLDS(r->ov.InternalHigh == r->final_bytes);
    HOLDS(atomic_load(&r->packets) == r->packets_before);
    HOLDS(WaitForSingleObject(r->event, 0) == WAIT_TIMEOUT);
}

static void record_free(struct record *r)
{
    r->final = status_now(r);
    r->final_bytes = r->ov.InternalHigh;
    r->packets_before = atomic_load(&r->packets);
    r->issued = false;
    conn_put(r->conn);
}

static bool refusal_is_known(const struct record *r, DWORD error)
{
    return error == ERROR_INVALID_HANDLE || error == ERROR_ACCESS_DENIED ||
           error == ERROR_OPERATION_ABORTED ||
           (r->kind == WAITS && error == ERROR_INVALID_PARAMETER);
}

static BOOL record_call(struct record *r)
{
    if (r->kind == READS)
        return ReadFile(r->handle, r->bytes, r->len, NULL, &r->ov);
    if (r->kind == WRITES)
        return WriteFile(r->handle, r->bytes, r->len, NULL, &r->ov);
    return WaitCommEvent(r->handle, &r->events, &r->ov);
}

static void issue(struct actor *a)
{
    struct record *r = NULL;
    struct conn *conn;
    uint32_t dice = roll(a);

    for (unsigned i = 0; i < RECORDS && r == NULL; i++)
        r = a->record[i].issued ? NULL : &a->record[i];
    conn = r == NULL ? NULL : slot_get(&slots[dice % ROUGH]);
    if (conn == NULL)
        return;
    check_untouched(r);
    memset(&r->ov, 0, sizeof r->ov);
    r->conn = conn;
    r->handle = (dice & 0x10) != 0 && conn->port.far != NULL ? conn->port.far : conn->port.near;
    r->kind = (dice >> 5) % 3;
    r->len = 1 + (dice >> 8) % BYTES;
    r->with_event = dice >> 30 != 0;
    r->with_packet = conn->ported && r->handle == conn->port.near;
    r->ov.hEvent = r->with_event ? r->event : NULL;
    r->issued = true;
    if (record_call(r) || GetLastError() == ERROR_IO_PENDING)
        return;
    HOLDS(refusal_is_known(r, GetLastError()));
    HOLDS(status_now(r) == STATUS_PENDING);
    record_free(r);
}

static void check_result(const struct record *r)
{
    uint64_t status = r->ov.Internal;
    size_t n = r->ov.InternalHigh;

    HOLDS(status == STATUS_SUCCESS || status == STATUS_CANCELLED ||
          (status == STATUS_TIMEOUT && r->kind != WAITS));
    if (status == STATUS_CANCELLED)
        HOLDS(n == 0);
    else if (r->kind == WAITS)
        HOLDS(n == sizeof(DWORD));
    else if (r->kind == WRITES && status == STATUS_SUCCESS)
        HOLDS(n == r->len);
    else
        HOLDS(n <= r->len);
}

static bool settle_one(struct record *r)
{
    unsigned got = atomic_load(&r->packets) - r->packets_before;

    HOLDS(got <= r->with_packet);
    if (!HasOverlappedIoCompleted(&r->ov) || got != r->with_packet)
        return false;
    if (r->with_event) {
        HOLDS(WaitForSingleObject(r->event, SETTLE_MS) == WAIT_OBJECT_0);
        HOLDS(ResetEvent(r->event));
    }
    HOLDS(WaitForSingleObject(r->event, 0) == WAIT_TIMEOUT);
    check_result(r);
    record_free(r);
    atomic_fetch_add(&settled, 1);
    return true;
}

static unsigned settle_all(struct actor *a)
{
    unsigned left = 0;

    for (unsigned i = 0; i < RECORDS; i++)
        left += a->record[i].issued && !settle_one(&a->record[i]);
    return left;
}

static void settle(struct actor *a)
{
    (void)settle_all(a);
}

/* ---- whatever comes to mind ---- */

static struct record *issued_one(struct actor *a)
{
    struct record *r = &a->record[roll(a) % RECORDS];

    return r->issued ? r : NULL;
}

static bool error_is_known(void)
{
    DWORD error = GetLastError();

    return error == ERROR_INVALID_HANDLE || error == ERROR_ACCESS_DENIED ||
           error == ERROR_OPERATION_ABORTED || error == ERROR_NOT_FOUND;
}

static void cancel_one(struct actor *a)
{
    struct record *r = issued_one(a);

    if (r != NULL && !CancelIoEx(r->handle, &r->ov))
        HOLDS(error_is_known());
}

static void wait_result(struct actor *a)
{
    struct record *r = issued_one(a);
    DWORD n;

    if (r != NULL && r->with_event)
        (void)GetOverlappedResultEx(r->handle, &r->ov, &n, roll(a) % 4, FALSE);
}

static void wait_some(struct actor *a)
{
    HANDLE events[3];

    for (unsigned i = 0; i < ARRAY_LEN(events); i++)
        events[i] = a->record[(roll(a) % 2 * 4) + i].event;
    HOLDS(WaitForMultipleObjects(3, events, roll(a) % 4 == 0, roll(a) % 4) != WAIT_FAILED);
}

static BOOL timeouts(HANDLE handle, uint32_t dice)
{
    static const DWORD some[] = {0, 0, 1, 5, MAXDWORD};
    COMMTIMEOUTS times = {.ReadIntervalTimeout = some[dice % 5],
                          .ReadTotalTimeoutMultiplier = some[dice / 8 % 3],
                          .ReadTotalTimeoutConstant = some[dice / 32 % 4],
                          .WriteTotalTimeoutConstant = some[dice / 128 % 4]};

    return SetCommTimeouts(handle, &times);
}

static BOOL settings(HANDLE handle, uint32_t dice)
{
    DCB dcb;

    if (!GetCommState(handle, &dcb))
        return FALSE;
    dcb.BaudRate = dice % 2 != 0 ? CBR_115200 : CBR_57600;
    dcb.fOutX = dice >> 1 & 1;
    dcb.fInX = dice >> 2 & 1;
    dcb.fOutxCtsFlow = (dice >> 3) % 8 == 0;
    dcb.fRtsControl = (dice >> 8) % 3 & 3;
    dcb.fErrorChar = dice >> 12 & 1;
    return SetCommState(handle, &dcb);
}

static BOOL call_on(HANDLE handle, uint32_t dice)
{
    DWORD n, flags = dice >> 8 & 0xF;
    COMSTAT stat;
    OVERLAPPED unused = {0};

    switch (dice % 10) {
    case 0:
        return PurgeComm(handle, flags == 0 ? PURGE_RXCLEAR : flags);
    case 1:
        return SetCommMask(handle, dice >> 8 & 0x1FF);
    case 2:
        return timeouts(handle, dice >> 8);
    case 3:
        return settings(handle, dice >> 8);
    case 4:
        return EscapeCommFunction(handle, flags == 0 ? SETXOFF : SETXON);
    case 5:
        return CancelIoEx(handle, NULL);
    case 6:
        return CancelIo(handle);
    case 7:
        return GetCommModemStatus(handle, &n);
    case 8:
        return SetupComm(handle, 4096 + (dice >> 8 & 0xFFFF), 0);
    default:
        (void)GetOverlappedResult(handle, &unused, &n, FALSE);
        return ClearCommError(handle, &n, &stat);
    }
}

/* The far end of the tty is no handle. */
static void far_moves(struct actor *a, struct conn *conn)
{
    unsigned char bytes[BYTES] = {0};
    int master;

    pthread_mutex_lock(&slots[1].lock); /* while it is in the slot it is not hung up */
    master = slots[1].conn == conn ? conn->port.pty.master : -1;
    if (master >= 0) {
        (void)!write(master, bytes, roll(a) % BYTES);
        while (read(master, bytes, BYTES) > 0)
            ;
    }
    pthread_mutex_unlock(&slots[1].lock);
}

static void call_something(struct actor *a)
{
    struct conn *conn = slot_get(&slots[roll(a) % ROUGH]);
    HANDLE handle;

    if (conn == NULL)
        return;
    handle = roll(a) % 2 != 0 && conn->port.far != NULL ? conn->port.far : conn->port.near;
    if (!call_on(handle, roll(a)))
        HOLDS(error_is_known());
    if (conn->port.kind == PORT_PTY)
        far_moves(a, conn);
    conn_put(conn);
}

static void renew(struct actor *a)
{
    if (roll(a) % 64 == 0)
        slot_renew(&slots[roll(a) % ROUGH], roll(a));
}

static void *act(void *arg)
{
    static void (*const ideas[])(struct actor *) = {
        issue, issue,  issue,     issue,       settle,         settle,        cancel_one,
        renew, settle, wait_some, wait_result, call_something, call_something};
    struct actor *a = arg;

    while (!atomic_load(&stop))
        ideas[roll(a) % ARRAY_LEN(ideas)](a);
    return NULL;
}

static void *take_packets(void *unused)
{
    for (;;) {
        OVERLAPPED *ov = NULL;
        ULONG_PTR key;
        DWORD n;

        (void)GetQueuedCompletionStatus(packets, &n, &key, &ov, INFINITE);
        if (key == 1)
            return unused;
        if (HOLDS(ov != NULL))
            atomic_fetch_add(&((struct record *)(void *)ov)->packets, 1);
    }
}

/* ---- ports that lose nothing ---- */

#define AHEAD_MOST (256u << 10) /* less than the type-ahead */

struct stream {
    struct port port;
    uint64_t random[3];
    _Atomic uint64_t sent, received; /* towards the near end; back again */
    _Atomic uint64_t answered, taken;
};
static struct stream streams[2];

static unsigned char byte_at(uint64_t place)
{
    return (unsigned char)((place * 2654435761u) >> 13);
}

static void bytes_fill(unsigned char *bytes, uint64_t place, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = byte_at(place + i);
}

static bool bytes_check(const unsigned char *bytes, uint64_t place, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!HOLDS(bytes[i] == byte_at(place + i)))
            return false;
    return true;
}

static DWORD transfer(HANDLE handle, bool writes, unsigned char *bytes, DWORD len, HANDLE event)
{
    OVERLAPPED ov = {.hEvent = event};
    BOOL ok =
        writes ? WriteFile(handle, bytes, len, NULL, &ov) : ReadFile(handle, bytes, len, NULL, &ov);
    DWORD n = 0;

    HOLDS(ok || GetLastError() == ERROR_IO_PENDING);
    HOLDS(GetOverlappedResult(handle, &ov, &n, TRUE));
    return n;
}

static size_t far_sends(struct stream *s, unsigned char *bytes, size_t len, HANDLE event)
{
    ssize_t n;

    if (s->port.kind == PORT_CABLE)
        return transfer(s->port.far, true, bytes, (DWORD)len, event);
    n = write(s->port.pty.master, bytes, len);
    return n < 0 ? 0 : (size_t)n;
}

static size_t far_takes(struct stream *s, unsigned char *bytes, size_t len, HANDLE event)
{
    ssize_t n;

    if (s->port.kind == PORT_CABLE)
        return transfer(s->port.far, false, bytes, (DWORD)len, event);
    n = read(s->port.pty.master, bytes, len);
    return n < 0 ? 0 : (size_t)n;
}

static void *stream_far(void *arg)
{
    struct stream *s = arg;
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    unsigned char bytes[BYTES];

    while (!atomic_load(&stop)) {
        size_t len = 1 + stress_random(&s->random[0]) % BYTES;

        if (atomic_load(&s->sent) - atomic_load(&s->received) < AHEAD_MOST) {
            bytes_fill(bytes, atomic_load(&s->sent), len);
            atomic_fetch_add(&s->sent, far_sends(s, bytes, len, event));
        }
        len = far_takes(s, bytes, BYTES, event);
        bytes_check(bytes, atomic_load(&s->taken), len);
        atomic_fetch_add(&s->taken, len);
    }
    HOLDS(CloseHandle(event));
    return NULL;
}

static void near_reads(struct stream *s, HANDLE event)
{
    unsigned char bytes[4 * BYTES];
    DWORD n =
        transfer(s->port.near, false, bytes, 1 + stress_random(&s->random[1]) % (4 * BYTES), event);

    bytes_check(bytes, atomic_load(&s->received), n);
    atomic_fetch_add(&s->received, n);
    atomic_fetch_add(&moved, n);
}

static void *stream_near(void *arg)
{
    struct stream *s = arg;
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    unsigned char bytes[BYTES];

    while (!atomic_load(&stop)) {
        DWORD len = 1 + stress_random(&s->random[1]) % BYTES;

        near_reads(s, event);
        if (atomic_load(&s->answered) - atomic_load(&s->taken) >= AHEAD_MOST)
            continue;
        bytes_fill(bytes, atomic_load(&s->answered), len);
        atomic_fetch_add(&s->answered, transfer(s->port.near, true, bytes, len, event));
    }
    HOLDS(CloseHandle(event));
    return NULL;
}

/* A third thread waits for events, sets what changes no byte, and asks. */
static void *stream_bother(void *arg)
{
    struct stream *s = arg;
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);

    while (!atomic_load(&stop)) {
        OVERLAPPED ov = {.hEvent = event};
        DWORD events = 0, errors = 0, n, bits = s->port.kind == PORT_PTY ? CBR_9600 : CBR_115200;
        DCB dcb;

        HOLDS(
            SetCommMask(s->port.near, EV_RXCHAR | EV_TXEMPTY | (stress_random(&s->random[2]) & 8)));
        HOLDS(WaitCommEvent(s->port.near, &events, &ov) || GetLastError() == ERROR_IO_PENDING);
        (void)GetOverlappedResultEx(s->port.near, &ov, &n, stress_random(&s->random[2]) % 4, FALSE);
        (void)CancelIoEx(s->port.near, &ov);
        (void)GetOverlappedResult(s->port.near, &ov, &n, TRUE);
        HOLDS(ClearCommError(s->port.near, &errors, NULL));
        HOLDS(errors == 0);
        HOLDS(GetCommState(s->port.near, &dcb));
        dcb.BaudRate = dcb.BaudRate == bits ? CBR_57600 : bits;
        HOLDS(SetCommState(s->port.near, &dcb));
    }
    HOLDS(CloseHandle(event));
    return NULL;
}

static void stream_open(struct stream *s, enum port_kind kind)
{
    COMMTIMEOUTS near = {.ReadTotalTimeoutConstant = 5, .WriteTotalTimeoutConstant = 5};
    COMMTIMEOUTS far = {.ReadIntervalTimeout = MAXDWORD};

    port_plug(&s->port, kind, 0);
    port_open(&s->port, FILE_FLAG_OVERLAPPED);
    HOLDS(SetupComm(s->port.near, 1u << 20, 0) && SetCommTimeouts(s->port.near, &near));
    if (kind == PORT_CABLE)
        HOLDS(SetCommTimeouts(s->port.far, &far));
}

/* What is still on its way, too. */
static void stream_close(struct stream *s)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    int64_t until = stress_now_ms() + SETTLE_MS;
    unsigned char bytes[BYTES];

    while (atomic_load(&s->received) != atomic_load(&s->sent) && HOLDS(stress_now_ms() < until))
        near_reads(s, event);
    while (atomic_load(&s->taken) != atomic_load(&s->answered) && HOLDS(stress_now_ms() < until)) {
        size_t n = far_takes(s, bytes, BYTES, event);

        bytes_check(bytes, atomic_load(&s->taken), n);
        atomic_fetch_add(&s->taken, n);
    }
    HOLDS(CloseHandle(event));
    port_unplug(&s->port);
}

/* ---- the test ---- */

static pthread_t others[2 * 3 + 1];

static void begin(uint64_t seed)
{
    packets = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    HOLDS(packets != NULL);
    for (unsigned i = 0; i < ROUGH; i++) {
        pthread_mutex_init(&slots[i].lock, NULL);
        slots[i].conn = conn_open(i == 0 ? PORT_CABLE : PORT_PTY, i);
    }
    for (unsigned i = 0; i < ACTORS; i++) {
        actors[i].random = seed + i;
        for (unsigned j = 0; j < RECORDS; j++)
            actors[i].record[j].event = CreateEventA(NULL, TRUE, FALSE, NULL);
    }
    for (unsigned i = 0; i < 2; i++) {
        stream_open(&streams[i], i == 0 ? PORT_CABLE : PORT_PTY);
        for (unsigned j = 0; j < 3; j++)
            streams[i].random[j] = seed + 100 + 3 * i + j;
        others[3 * i] = comm_spawn(stream_far, &streams[i]);
        others[3 * i + 1] = comm_spawn(stream_near, &streams[i]);
        others[3 * i + 2] = comm_spawn(stream_bother, &streams[i]);
    }
    others[6] = comm_spawn(take_packets, NULL);
    for (unsigned i = 0; i < ACTORS; i++)
        actors[i].thread = comm_spawn(act, &actors[i]);
}

static void end(void)
{
    int64_t until = stress_now_ms() + SETTLE_MS;

    for (unsigned i = 0; i < ACTORS; i++)
        comm_join(actors[i].thread);
    for (unsigned i = 0; i < 6; i++)
        comm_join(others[i]);
    for (unsigned i = 0; i < ROUGH; i++)
        conn_close(slot_swap(&slots[i], NULL), i);
    for (unsigned i = 0; i < ACTORS; i++) {
        while (settle_all(&actors[i]) > 0 && HOLDS(stress_now_ms() < until))
            usleep(1000);
        for (unsigned j = 0; j < RECORDS; j++) {
            check_untouched(&actors[i].record[j]);
            HOLDS(CloseHandle(actors[i].record[j].event));
        }
    }
    HOLDS(PostQueuedCompletionStatus(packets, 0, 1, NULL));
    comm_join(others[6]);
    HOLDS(CloseHandle(packets));
    for (unsigned i = 0; i < 2; i++)
        stream_close(&streams[i]);
}

static void every_request_ends_once_and_no_byte_is_lost(void)
{
    unsigned long seconds = stress_setting("COMM_STRESS_SECONDS", STRESS_SECONDS);
    unsigned failures = CU_get_number_of_failures();
    int64_t until;

    begin(stress_seed());
    until = stress_now_ms() + (int64_t)seconds * 1000;
    while (stress_now_ms() < until && CU_get_number_of_failures() == failures)
        usleep(10000);
    atomic_store(&stop, true);
    end();
    printf("      %llu requests, %llu bytes\n", (unsigned long long)atomic_load(&settled),
           (unsigned long long)atomic_load(&moved));
    CHECK(atomic_load(&settled) > 0 && atomic_load(&moved) > 0);
}

PORT_TEST_MAIN(TEST(every_request_ends_once_and_no_byte_is_lost))
