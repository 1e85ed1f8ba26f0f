/* SPDX-License-Identifier: MIT */
/* A port is a file: control codes, routines, completion ports, ends of threads and cancels mean at
 * a port what they mean everywhere. */
#include "waits.h"

#include <stdlib.h>

/* ---- DeviceIoControl ---- */

static BOOL control(const struct port *port, DWORD code, DWORD in, DWORD out, DWORD *count)
{
    static char bytes[256];
    struct request r;
    BOOL ok;

    request_open(&r, true);
    memset(bytes, 0, sizeof bytes);
    *count = 0xBAD;
    ok = DeviceIoControl(port->near, code, bytes, in, bytes, out, count, &r.ov);
    request_close(&r);
    return ok;
}

static const struct {
    const char *when;
    DWORD code, in, out, error;
} controls[] = {
    {"a baud rate has room",         IOCTL_SERIAL_GET_BAUD_RATE,  0,  4,   0                        },
    {"a baud rate has none",         IOCTL_SERIAL_GET_BAUD_RATE,  0,  3,   ERROR_INSUFFICIENT_BUFFER},
    {"a baud rate of three bytes",   IOCTL_SERIAL_SET_BAUD_RATE,  3,  0,   ERROR_INSUFFICIENT_BUFFER},
    {"time limits of 19 bytes",      IOCTL_SERIAL_SET_TIMEOUTS,   19, 0,   ERROR_INSUFFICIENT_BUFFER},
    {"no room for time limits",      IOCTL_SERIAL_GET_TIMEOUTS,   0,  19,  ERROR_INSUFFICIENT_BUFFER},
    {"a mask of three bytes",        IOCTL_SERIAL_SET_WAIT_MASK,  3,  0,   ERROR_INSUFFICIENT_BUFFER},
    {"no room for what happened",    IOCTL_SERIAL_WAIT_ON_MASK,   0,  3,   ERROR_INSUFFICIENT_BUFFER},
    {"no character",                 IOCTL_SERIAL_IMMEDIATE_CHAR, 0,  0,   ERROR_INSUFFICIENT_BUFFER},
    {"no room for the status",       IOCTL_SERIAL_GET_COMMSTATUS, 0,  8,   ERROR_INSUFFICIENT_BUFFER},
    {"what to purge of three bytes", IOCTL_SERIAL_PURGE,          3,  0,   ERROR_INSUFFICIENT_BUFFER},
    {"a code of ports nobody knows", 0x001B0FFC,                  0,  256, ERROR_INVALID_PARAMETER  },
    {"a code of disks",              0x00070000,                  0,  256, ERROR_INVALID_PARAMETER  },
};

static void control_codes_check_their_buffers(struct port *port)
{
    DWORD count;

    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(controls); i++) {
        BOOL ok;

        SetLastError(0);
        ok = control(port, controls[i].code, controls[i].in, controls[i].out, &count);
        CHECK_EQ_WHEN(controls[i].when, ok, controls[i].error == 0);
        CHECK_EQ_WHEN(controls[i].when, GetLastError(), controls[i].error);
        CHECK_EQ_WHEN(controls[i].when, count, ok ? controls[i].out : 0);
    }
}

/* ---- a thread ends ---- */

struct leaver {
    struct port *port;
    struct request *read;
    struct wait *wait;
};

static DWORD WINAPI leave(void *arg)
{
    struct leaver *leaver = arg;

    CHECK(!ReadFile(leaver->port->near, leaver->read->buf, 5, NULL, &leaver->read->ov) &&
          GetLastError() == ERROR_IO_PENDING);
    CHECK(!WaitCommEvent(leaver->port->near, &leaver->wait->events, &leaver->wait->request.ov) &&
          GetLastError() == ERROR_IO_PENDING);
    return 0;
}

static void thread_comes_and_goes(struct leaver *leaver)
{
    HANDLE thread = CreateThread(NULL, 0, leave, leaver, 0, NULL);

    CHECK(thread != NULL);
    CHECK_EQ(WaitForSingleObject(thread, SOON_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(thread));
}

static void the_end_of_a_thread_takes_its_requests_back(struct port *port)
{
    struct request read;
    struct wait wait = {.events = UNSEEN};
    struct leaver leaver = {port, &read, &wait};

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    request_open(&read, true);
    request_open(&wait.request, true);
    thread_comes_and_goes(&leaver);
    request_ends("a read", &read, STATUS_CANCELLED, 0);
    request_ends("a wait", &wait.request, STATUS_CANCELLED, 0);
    CHECK(is_set(read.ov.hEvent) && is_set(wait.request.ov.hEvent));
    request_close(&read);
    request_close(&wait.request);
}

static void packet_comes(HANDLE ports, OVERLAPPED *expected, DWORD bytes)
{
    OVERLAPPED *ov = NULL;
    ULONG_PTR key = 0;
    DWORD n = 0xBAD;

    CHECK(GetQueuedCompletionStatus(ports, &n, &key, &ov, SOON_MS));
    CHECK(ov == expected);
    CHECK_EQ(key, 7);
    CHECK_EQ(n, bytes);
}

static HANDLE port_associate(struct port *port)
{
    HANDLE ports;

    port_open(port, FILE_FLAG_OVERLAPPED);
    ports = CreateIoCompletionPort(port->near, NULL, 7, 0);
    CHECK(ports != NULL);
    return ports;
}

static void requests_of_a_completion_port_outlive_their_thread(struct port *port)
{
    struct request read;
    struct wait wait = {.events = UNSEEN};
    struct leaver leaver = {port, &read, &wait};
    HANDLE ports = port_associate(port);

    CHECK(SetCommMask(port->near, EV_RXFLAG));
    port_read_times(port, 0, 0, 0);
    request_open(&read, false);
    request_open(&wait.request, false);
    thread_comes_and_goes(&leaver);
    CHECK(port_pends(port, &read) && port_pends(port, &wait.request));
    port_send(port, "abcde", 5);
    packet_comes(ports, &read.ov, 5);
    CHECK(SetCommMask(port->near, 0));
    packet_comes(ports, &wait.request.ov, sizeof(DWORD));
    CHECK_EQ(wait.events, 0);
    CHECK(CloseHandle(ports));
}

/* ---- routines and completion ports ---- */

static struct {
    unsigned ran;
    DWORD error, bytes;
} said;

static void WINAPI routine(DWORD error, DWORD bytes, LPOVERLAPPED ov)
{
    (void)ov;
    said.ran++;
    said.error = error;
    said.bytes = bytes;
}

static void a_routine_hears_of_a_timeout_as_of_success(struct port *port)
{
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_read_times(port, 0, 0, 200);
    memset(&said, 0xBA, sizeof said);
    said.ran = 0;
    request_open(&read, false);
    CHECK(ReadFileEx(port->near, read.buf, 5, &read.ov, routine));
    port_send(port, "ab", 2);
    CHECK_EQ(SleepEx(SOON_MS, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(said.ran, 1);
    CHECK_EQ(said.error, 0);
    CHECK_EQ(said.bytes, 2);
    request_ends("timed out", &read, STATUS_TIMEOUT, 2);
}

static void a_completion_port_reports_a_timeout_as_success(struct port *port)
{
    HANDLE ports = port_associate(port);
    struct request read;

    port_read_times(port, 0, 0, 200);
    request_open(&read, false);
    request_pends(&read, port->near, 5);
    port_send(port, "ab", 2);
    packet_comes(ports, &read.ov, 2);
    request_ends("timed out", &read, STATUS_TIMEOUT, 2);
    CHECK(CloseHandle(ports));
}

static void a_completion_port_reports_what_is_done_at_once(struct port *port)
{
    HANDLE ports = port_associate(port);
    struct request read, write;

    request_open(&read, false);
    request_open(&write, false);
    port_deliver(port, "ab", 2);
    /* the request by which that was asked has a packet, too */
    CHECK(ReadFile(port->near, read.buf, 2, NULL, &read.ov));
    CHECK(WriteFile(port->near, "xyz", 3, NULL, &write.ov) || GetLastError() == ERROR_IO_PENDING);
    for (DWORD n = 0, seen = 0; seen < 2;) {
        OVERLAPPED *ov = NULL;
        ULONG_PTR key;

        if (!CHECK(GetQueuedCompletionStatus(ports, &n, &key, &ov, SOON_MS)))
            break;
        if (ov == &read.ov)
            CHECK_EQ(n, 2), seen++;
        else if (ov == &write.ov)
            CHECK_EQ(n, 3), seen++;
    }
    port_expect(port, "xyz", 3);
    CHECK(CloseHandle(ports));
}

/* ---- cancels ---- */

static void there_may_be_nothing_to_cancel(struct port *port)
{
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK_FAILS(CancelIoEx(port->near, NULL), ERROR_NOT_FOUND);
    CHECK(CancelIo(port->near));
    read_pends(port, &read, 5);
    CHECK(CancelIoEx(port->near, NULL));
    transfer_ends("a read", port, &read, STATUS_CANCELLED, 0);
    CHECK_FAILS(CancelIoEx(port->near, NULL), ERROR_NOT_FOUND);
}

/* ---- without an OVERLAPPED ---- */

static void calls_that_take_none_block_on_any_handle(struct port *port)
{
    struct request read, write;
    DWORD n;
    DCB dcb;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    CHECK_FAILS(WaitCommEvent(port->near, &n, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(ReadFile(port->near, read.buf, 1, &n, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(WriteFile(port->near, "a", 1, &n, NULL), ERROR_INVALID_PARAMETER);
    CHECK(TransmitCommChar(port->near, 'x'));
    CHECK(GetCommState(port->near, &dcb));
    CHECK(SetCommState(port->near, &dcb));
    request_open(&write, true);
    CHECK(WriteFile(port->near, "yz", 2, NULL, &write.ov) || GetLastError() == ERROR_IO_PENDING);
    CHECK(FlushFileBuffers(port->near));
    transfer_ends("a write", port, &write, STATUS_SUCCESS, 2);
    port_expect(port, "xyz", 3);
}

PORT_TEST_MAIN(ON_BOTH(control_codes_check_their_buffers),
               ON_BOTH(the_end_of_a_thread_takes_its_requests_back),
               ON_BOTH(requests_of_a_completion_port_outlive_their_thread),
               ON_BOTH(a_routine_hears_of_a_timeout_as_of_success),
               ON_BOTH(a_completion_port_reports_a_timeout_as_success),
               ON_BOTH(a_completion_port_reports_what_is_done_at_once),
               ON_BOTH(there_may_be_nothing_to_cancel),
               ON_BOTH(calls_that_take_none_block_on_any_handle))
