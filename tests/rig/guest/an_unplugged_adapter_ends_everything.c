/* SPDX-License-Identifier: MIT */
/* An adapter is pulled out under a port: whatever was pending ends once, the handle stays dead, and
 * the adapter is heard of and opened again by its names when it comes back.  The same on every
 * driver. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include <libcomm/native.h>

#include "plugs.h"
#include "tests/serial/waits.h"

#define LONG_WRITE (64u << 10)
#define NUMBER 41u

static const char long_bytes[LONG_WRITE];

static HANDLE open_named(const char *name)
{
    return CreateFileA(name, READ_WRITE, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
}

static bool open_plug(struct port *port, const struct plug *plug)
{
    *port = (struct port){
        .kind = PORT_TTY, .near = open_named(plug->by_serial), .pty = {-1, ""}
    };
    if (CHECK(port->near != INVALID_HANDLE_VALUE))
        return true;
    port->near = NULL;
    return false;
}

/* ---- what was pending ---- */

static BOOL flush(const struct port *port)
{
    return FlushFileBuffers(port->near);
}

/* One packet for each operation, and no more. */
static void expect_packets(HANDLE packets, unsigned count)
{
    OVERLAPPED *ov;
    ULONG_PTR key;
    DWORD n;

    for (unsigned i = 0; i < count; i++) {
        ov = NULL;
        n = 1;
        CHECK_FAILS(GetQueuedCompletionStatus(packets, &n, &key, &ov, PATIENCE_MS),
                    ERROR_OPERATION_ABORTED);
        CHECK(ov != NULL && n == 0);
    }
    CHECK_FAILS(GetQueuedCompletionStatus(packets, &n, &key, &ov, 0), WAIT_TIMEOUT);
}

/* Two reads, two writes that are held, a wait; and a flush that blocks. */
static void pend_everything(struct port *port, struct request read[2], struct request write[2],
                            struct wait *wait, struct blocking *flusher)
{
    CHECK(SetCommMask(port->near, EV_RXCHAR | EV_CTS | EV_RLSD));
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    for (int i = 0; i < 2; i++) {
        read_pends(port, &read[i], 5);
        write_pends(port, &write[i], long_bytes, LONG_WRITE);
    }
    wait_pends(port, wait);
    blocking_start(flusher, port, flush);
}

static void everything_pending_ends_once(const struct plug *plug)
{
    struct request read[2], write[2];
    struct blocking flusher;
    struct wait wait;
    struct port port;
    HANDLE packets;

    if (!open_plug(&port, plug))
        return;
    packets = CreateIoCompletionPort(port.near, NULL, 7, 0);
    CHECK(packets != NULL);
    pend_everything(&port, read, write, &wait, &flusher);
    CHECK(plug->pull());
    CHECK_EQ(blocking_end(&flusher), ERROR_OPERATION_ABORTED);
    expect_packets(packets, 5);
    for (int i = 0; i < 2; i++) {
        transfer_ends("a read", &port, &read[i], STATUS_CANCELLED, 0);
        transfer_ends("a write", &port, &write[i], STATUS_CANCELLED, 0);
    }
    CHECK_EQ(wait.events, UNSEEN);
    transfer_ends("a wait", &port, &wait.request, STATUS_CANCELLED, 0);
    CHECK(CloseHandle(packets));
    port_shut(&port);
    CHECK(plug_goes(plug) && plug->put() && plug_comes(plug));
}

static void a_write_that_is_under_way_ends(const struct plug *plug)
{
    struct request write;
    struct port port;
    DCB dcb = {.DCBlength = sizeof dcb};

    if (!open_plug(&port, plug))
        return;
    CHECK(GetCommState(port.near, &dcb));
    dcb.BaudRate = 300;
    CHECK(SetCommState(port.near, &dcb));
    request_open(&write, true);
    if (WriteFile(port.near, long_bytes, LONG_WRITE, NULL, &write.ov)) {
        request_close(&write); /* this one takes anything */
    } else {
        CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
        CHECK(plug->pull());
        transfer_ends("a write", &port, &write, STATUS_CANCELLED, 0);
        CHECK(plug_goes(plug) && plug->put() && plug_comes(plug));
    }
    port_shut(&port);
}

/* Whatever is going on: reads that are issued, filled and issued again by one thread, and a write
 * that is cut up. */
struct reader {
    const struct port *port;
    unsigned issued, ended;
};

static void *read_on(void *arg)
{
    struct reader *reader = arg;
    struct request read;
    BOOL ok;

    do {
        DWORD n = 1;

        request_open(&read, true);
        reader->issued++;
        ok = ReadFile(reader->port->near, read.buf, 4, NULL, &read.ov);
        if (!ok && GetLastError() == ERROR_IO_PENDING) {
            CHECK_EQ(WaitForSingleObject(read.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
            ok = GetOverlappedResult(reader->port->near, &read.ov, &n, FALSE);
            CHECK(ok || n == 0);
        }
        reader->ended++;
        if (!ok)
            CHECK(GetLastError() == ERROR_OPERATION_ABORTED ||
                  GetLastError() == ERROR_ACCESS_DENIED);
        request_close(&read);
    } while (ok);
    return NULL;
}

static void a_pull_at_any_moment_ends_each_request_once(const struct plug *plug)
{
    for (unsigned i = 0; i < 3; i++) {
        struct request write;
        struct port port;
        struct reader reader = {.port = &port};
        pthread_t thread;

        if (!open_plug(&port, plug))
            return;
        thread = comm_spawn(read_on, &reader);
        request_open(&write, true);
        CHECK(WriteFile(port.near, long_bytes, 1000 * i, NULL, &write.ov) ||
              GetLastError() == ERROR_IO_PENDING);
        CHECK(plug->pull());
        comm_join(thread);
        CHECK_EQ(reader.ended, reader.issued);
        CHECK_EQ(WaitForSingleObject(write.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
        CHECK(request_status(&write) == STATUS_CANCELLED ||
              request_status(&write) == STATUS_SUCCESS);
        request_close(&write);
        port_shut(&port);
        CHECK(plug_goes(plug) && plug->put() && plug_comes(plug));
    }
}

/* ---- what comes then ---- */

static bool is_dead(void *port)
{
    return !ClearCommError(((struct port *)port)->near, NULL, NULL);
}

static void refuses_everything(const struct port *port)
{
    DCB dcb = {.DCBlength = sizeof dcb};
    struct request r;
    DWORD n;

    request_open(&r, true);
    CHECK_FAILS(ReadFile(port->near, r.buf, 1, NULL, &r.ov), ERROR_ACCESS_DENIED);
    CHECK_FAILS(WriteFile(port->near, r.buf, 1, NULL, &r.ov), ERROR_ACCESS_DENIED);
    CHECK_FAILS(WaitCommEvent(port->near, &n, &r.ov), ERROR_ACCESS_DENIED);
    CHECK_FAILS(FlushFileBuffers(port->near), ERROR_ACCESS_DENIED);
    CHECK_FAILS(GetCommState(port->near, &dcb), ERROR_ACCESS_DENIED);
    CHECK_FAILS(SetCommMask(port->near, 0), ERROR_ACCESS_DENIED);
    CHECK_FAILS(ClearCommError(port->near, &n, NULL), ERROR_ACCESS_DENIED);
    CHECK_FAILS(GetCommModemStatus(port->near, &n), ERROR_ACCESS_DENIED);
    CHECK_FAILS(EscapeCommFunction(port->near, SETDTR), ERROR_ACCESS_DENIED);
    request_close(&r);
}

static void real_path(const char *name, char path[PATH_MAX])
{
    path[0] = '\0';
    CHECK(realpath(name, path) != NULL);
}

/* The old handle holds nothing: the adapter comes back under its old node, and the handle does not
 * come to life with it. */
static void the_handle_stays_dead_and_holds_nothing(const struct plug *plug)
{
    char before[PATH_MAX], after[PATH_MAX];
    struct port port;
    HANDLE again;

    if (!open_plug(&port, plug))
        return;
    real_path(plug->by_serial, before);
    CHECK(plug->pull());
    comm_wait_until(is_dead, &port);
    refuses_everything(&port);
    CHECK(plug_goes(plug));
    SetLastError(0);
    CHECK(open_named(plug->by_serial) == INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
    CHECK(plug->put() && plug_comes(plug));
    real_path(plug->by_serial, after);
    CHECK(strcmp(before, after) == 0);
    refuses_everything(&port);
    again = open_named(plug->by_serial);
    CHECK(again != INVALID_HANDLE_VALUE);
    refuses_everything(&port);
    port_shut(&port);
    CHECK(ClearCommError(again, NULL, NULL));
    CHECK(CloseHandle(again));
}

/* ---- its names ---- */

static COMM_PORT_INFO info_of(const struct plug *plug)
{
    COMM_PORT_INFO ports[16], found = {0};
    char node[PATH_MAX];
    DWORD count = 0;

    real_path(plug->by_serial, node);
    CHECK_EQ(CommListPorts(ports, ARRAY_LEN(ports), &count), ERROR_SUCCESS);
    for (DWORD i = 0; i < count && i < ARRAY_LEN(ports); i++)
        if (strcmp(ports[i].path, node) == 0)
            found = ports[i];
    CHECK(found.number != 0);
    return found;
}

static void opens_by(const char *when, const char *name)
{
    HANDLE port = open_named(name);

    comm_check(port != INVALID_HANDLE_VALUE, __FILE__, __LINE__, "%s: %s, error %u", when, name,
               GetLastError());
    if (port == INVALID_HANDLE_VALUE)
        return;
    CHECK(ClearCommError(port, NULL, NULL));
    CHECK(CloseHandle(port));
}

static void opens_mapped_to(const char *device)
{
    char name[32];

    snprintf(name, sizeof name, "\\\\.\\COM%u", NUMBER);
    CHECK(CommMapPort(NUMBER, device));
    opens_by(device, name);
    CHECK(CommMapPort(NUMBER, NULL));
}

static void opens_by_all_its_names(const struct plug *plug, const COMM_PORT_INFO *info)
{
    char name[512];

    opens_by("by our rules", plug->by_serial);
    opens_by("by id", info->by_id);
    opens_by("by path", info->by_path);
    snprintf(name, sizeof name, "/dev/serial/by-topology/%s", info->topology);
    opens_by("by topology", name);
    snprintf(name, sizeof name, "\\\\.\\COM%u", info->number);
    opens_by("by number", name);
    snprintf(name, sizeof name, "topology:%s", info->topology);
    opens_mapped_to(name);
    opens_mapped_to(plug->usb);
}

static void it_opens_by_the_same_names_again(const struct plug *plug)
{
    COMM_PORT_INFO before = info_of(plug), after;

    opens_by_all_its_names(plug, &before);
    CHECK(plug->pull() && plug_goes(plug) && plug->put() && plug_comes(plug));
    after = info_of(plug);
    CHECK_EQ(after.number, before.number);
    opens_by_all_its_names(plug, &before);
}

/* ---- notices ---- */

static bool notice_comes(HANDLE notices, DWORD what, DWORD number)
{
    COMM_PORT_NOTICE notice = {0};
    struct request r;
    DWORD n = 0;
    bool came;

    request_open(&r, true);
    CHECK(ReadFile(notices, &notice, sizeof notice, NULL, &r.ov) ||
          GetLastError() == ERROR_IO_PENDING);
    came = CHECK_EQ(WaitForSingleObject(r.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    if (!came)
        CancelIoEx(notices, &r.ov);
    CHECK(GetOverlappedResult(notices, &r.ov, &n, TRUE));
    request_close(&r);
    return came && CHECK_EQ(notice.what, what) && CHECK_EQ(notice.number, number);
}

/* It arrives when it can be opened. */
static void its_going_and_coming_is_told(const struct plug *plug)
{
    HANDLE notices = CommOpenPortNotices(0);
    COMM_PORT_INFO info = info_of(plug);

    CHECK(notices != INVALID_HANDLE_VALUE);
    CHECK(plug->pull());
    notice_comes(notices, COMM_PORT_GONE, info.number);
    CHECK(plug->put());
    if (notice_comes(notices, COMM_PORT_ARRIVED, info.number))
        opens_by_all_its_names(plug, &info);
    CHECK(CloseHandle(notices));
}

#define ON_EACH(test)         \
    static void test##_(void) \
    {                         \
        on_each_plug(test);   \
    }
#define EACH(test)                      \
    {                                   \
        .name = #test, .run = (test##_) \
    }

ON_EACH(everything_pending_ends_once)
ON_EACH(a_write_that_is_under_way_ends)
ON_EACH(a_pull_at_any_moment_ends_each_request_once)
ON_EACH(the_handle_stays_dead_and_holds_nothing)
ON_EACH(it_opens_by_the_same_names_again)
ON_EACH(its_going_and_coming_is_told)

COMM_TEST_MAIN(EACH(everything_pending_ends_once), EACH(a_write_that_is_under_way_ends),
               EACH(a_pull_at_any_moment_ends_each_request_once),
               EACH(the_handle_stays_dead_and_holds_nothing),
               EACH(it_opens_by_the_same_names_again), EACH(its_going_and_coming_is_told))
