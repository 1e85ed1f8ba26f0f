/* SPDX-License-Identifier: MIT */
/* A device that goes away ends each request once and refuses everything afterwards; it costs
 * nothing while the handle is still open, and its name is free for what is plugged in next. */
#include "waits.h"

#include <signal.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LONG_WRITE (100u << 10)

static const char long_bytes[LONG_WRITE];

static void aborted(const char *when, const struct port *port, struct request *request)
{
    transfer_ends(when, port, request, STATUS_CANCELLED, 0);
}

/* ---- what was pending ---- */

static BOOL flush(const struct port *port)
{
    return FlushFileBuffers(port->near);
}

/* A read and one behind it, a write and one behind it, a wait, a flush. */
static void everything_pending_ends(struct port *port)
{
    struct request read[2], write[2];
    struct blocking flusher;
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    for (int i = 0; i < 2; i++) {
        read_pends(port, &read[i], 5);
        write_pends(port, &write[i], long_bytes, LONG_WRITE);
    }
    wait_pends(port, &wait);
    blocking_start(&flusher, port, flush);
    port_hang_up(port);
    for (int i = 0; i < 2; i++) {
        aborted("a read", port, &read[i]);
        aborted("a write", port, &write[i]);
    }
    CHECK_EQ(wait.events, UNSEEN);
    aborted("a wait", port, &wait.request);
    CHECK_EQ(blocking_end(&flusher), ERROR_OPERATION_ABORTED);
}

static void a_write_that_the_device_does_not_take_ends(struct port *port)
{
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    write_pends(port, &write, long_bytes, LONG_WRITE);
    port_hang_up(port);
    aborted("a write", port, &write);
}

static void what_is_waited_for_ends(struct port *port)
{
    struct request read;

    for (int i = 0; i < 2; i++) { /* by its event, and on a completion port */
        OVERLAPPED *ov = NULL;
        ULONG_PTR key;
        HANDLE ports = NULL;
        DWORD n = 1;

        if (i == 1)
            port_plug(port, port->kind, 0);
        port_open(port, FILE_FLAG_OVERLAPPED);
        if (i == 1) {
            ports = CreateIoCompletionPort(port->near, NULL, 7, 0);
            CHECK(ports != NULL);
        }
        read_pends(port, &read, 5);
        port_hang_up(port);
        if (i == 0) {
            CHECK_EQ(WaitForSingleObject(read.ov.hEvent, SOON_MS), WAIT_OBJECT_0);
        } else {
            CHECK_FAILS(GetQueuedCompletionStatus(ports, &n, &key, &ov, SOON_MS),
                        ERROR_OPERATION_ABORTED);
            CHECK(ov == &read.ov && n == 0);
            CHECK(CloseHandle(ports));
        }
        aborted("a read", port, &read);
        if (i == 0)
            port_unplug(port);
    }
}

/* ---- what comes then ---- */

static bool is_gone(void *arg)
{
    const struct port *port = arg;

    return !ClearCommError(port->near, NULL, NULL);
}

static void go(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    port_hang_up(port);
    comm_wait_until(is_gone, port);
}

static void every_call_is_refused(struct port *port)
{
    struct request r;
    COMMTIMEOUTS times = {0};
    COMMPROP properties;
    DCB dcb = {.DCBlength = sizeof dcb};
    DWORD n;

    go(port);
    request_open(&r, true);
    CHECK_FAILS(ReadFile(port->near, r.buf, 1, NULL, &r.ov), ERROR_ACCESS_DENIED);
    CHECK_FAILS(WriteFile(port->near, r.buf, 1, NULL, &r.ov), ERROR_ACCESS_DENIED);
    CHECK_FAILS(WaitCommEvent(port->near, &n, &r.ov), ERROR_ACCESS_DENIED);
    CHECK_FAILS(
        DeviceIoControl(port->near, IOCTL_SERIAL_GET_BAUD_RATE, NULL, 0, r.buf, 16, &n, &r.ov),
        ERROR_ACCESS_DENIED);
    CHECK(!is_set(r.ov.hEvent));
    CHECK_FAILS(FlushFileBuffers(port->near), ERROR_ACCESS_DENIED);
    CHECK_FAILS(TransmitCommChar(port->near, 'x'), ERROR_ACCESS_DENIED);
    CHECK_FAILS(GetCommState(port->near, &dcb), ERROR_ACCESS_DENIED);
    CHECK_FAILS(SetCommState(port->near, &dcb), ERROR_ACCESS_DENIED);
    CHECK_FAILS(GetCommTimeouts(port->near, &times), ERROR_ACCESS_DENIED);
    CHECK_FAILS(SetCommTimeouts(port->near, &times), ERROR_ACCESS_DENIED);
    CHECK_FAILS(GetCommMask(port->near, &n), ERROR_ACCESS_DENIED);
    CHECK_FAILS(SetCommMask(port->near, 0), ERROR_ACCESS_DENIED);
    CHECK_FAILS(ClearCommError(port->near, &n, NULL), ERROR_ACCESS_DENIED);
    CHECK_FAILS(GetCommModemStatus(port->near, &n), ERROR_ACCESS_DENIED);
    CHECK_FAILS(PurgeComm(port->near, PURGE_RXCLEAR), ERROR_ACCESS_DENIED);
    CHECK_FAILS(EscapeCommFunction(port->near, SETDTR), ERROR_ACCESS_DENIED);
    CHECK_FAILS(SetupComm(port->near, 8192, 0), ERROR_ACCESS_DENIED);
    CHECK_FAILS(GetCommProperties(port->near, &properties), ERROR_ACCESS_DENIED);
    request_close(&r);
    CHECK(CloseHandle(port->near));
    port->near = NULL;
}

/* Nobody else has found out yet. */
static void the_call_that_finds_out_returns(struct port *port)
{
    for (int i = 0; i < 30; i++) {
        BOOL ok;

        if (i > 0)
            port_plug(port, port->kind, 0);
        port_open(port, FILE_FLAG_OVERLAPPED);
        port_hang_up(port);
        SetLastError(0);
        ok = i % 2 == 0 ? TransmitCommChar(port->near, 'x') : FlushFileBuffers(port->near);
        CHECK(ok || GetLastError() == ERROR_OPERATION_ABORTED ||
              GetLastError() == ERROR_ACCESS_DENIED);
        port_unplug(port);
    }
}

static double cpu_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void the_open_handle_costs_nothing(struct port *port)
{
    double before;

    go(port);
    before = cpu_seconds();
    usleep(500000);
    CHECK(cpu_seconds() - before < 0.025);
}

static void a_close_at_the_same_moment_ends_everything_once(struct port *port)
{
    for (int i = 0; i < 50; i++) {
        struct request read, write;

        if (i > 0)
            port_plug(port, port->kind, 0);
        port_open(port, FILE_FLAG_OVERLAPPED);
        read_pends(port, &read, 5);
        CHECK(EscapeCommFunction(port->near, SETXOFF));
        write_pends(port, &write, "abc", 3);
        port_hang_up(port);
        CHECK(CloseHandle(port->near));
        port->near = NULL;
        request_ends("a read", &read, STATUS_CANCELLED, 0);
        request_ends("a write", &write, STATUS_CANCELLED, 0);
        CHECK(is_set(read.ov.hEvent) && is_set(write.ov.hEvent));
        request_close(&read);
        request_close(&write);
        port_unplug(port);
    }
}

/* ---- plugged in again ---- */

static HANDLE open_named(const char *name)
{
    return CreateFileA(name, READ_WRITE, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
}

static void check_absent(const char *name)
{
    SetLastError(0);
    CHECK(open_named(name) == INVALID_HANDLE_VALUE);
    CHECK_EQ(GetLastError(), ERROR_FILE_NOT_FOUND);
}

static void check_works(HANDLE handle, struct port *again)
{
    again->near = handle;
    if (!CHECK(handle != INVALID_HANDLE_VALUE))
        return;
    port_send(again, "abc", 3);
    CHECK(port_wait_queued(again, 3));
}

static void a_tty_is_opened_again_by_its_name(struct port *port)
{
    struct port again;
    char name[300];

    snprintf(name, sizeof name, "%s/port", comm_test_dir());
    CHECK_EQ(symlink(port->name, name), 0);
    memcpy(port->name, name, strlen(name) < sizeof port->name ? strlen(name) + 1 : 0);
    go(port);
    check_absent(name);
    port_plug(&again, PORT_PTY, 0);
    CHECK_EQ(unlink(name), 0);
    CHECK_EQ(symlink(again.name, name), 0);
    check_works(open_named(name), &again);
    CHECK_FAILS(ClearCommError(port->near, NULL, NULL), ERROR_ACCESS_DENIED);
    port_shut(port);
    CHECK(port_wait_queued(&again, 3));
    port_unplug(&again);
    CHECK_EQ(unlink(name), 0);
}

static void a_cable_is_opened_again_by_its_number(struct port *port)
{
    struct port again = {
        .kind = PORT_CABLE, .number = port->number, .peer = port->peer, .pty = {.master = -1}};

    go(port);
    check_absent(port->name);
    again.cable = CommCreateNullModem(port->number, port->peer, 0);
    CHECK(again.cable != NULL);
    again.far = OpenCommPort(port->peer, READ_WRITE, FILE_FLAG_OVERLAPPED);
    CHECK(again.far != INVALID_HANDLE_VALUE);
    check_works(open_named(port->name), &again);
    CHECK_FAILS(ClearCommError(port->near, NULL, NULL), ERROR_ACCESS_DENIED);
    port_shut(port);
    CHECK(port_wait_queued(&again, 3));
    port_unplug(&again);
}

PORT_TEST_MAIN(ON_BOTH(everything_pending_ends), ON_PTY(a_write_that_the_device_does_not_take_ends),
               ON_BOTH(what_is_waited_for_ends), ON_BOTH(every_call_is_refused),
               ON_BOTH(the_call_that_finds_out_returns), ON_BOTH(the_open_handle_costs_nothing),
               ON_BOTH(a_close_at_the_same_moment_ends_everything_once),
               ON_PTY(a_tty_is_opened_again_by_its_name),
               ON_CABLE(a_cable_is_opened_again_by_its_number))
