/* SPDX-License-Identifier: MIT */
/* Flow control where some of it is the adapter's: CTS stops it with bytes in its own buffer, and a
 * tty that somebody left with XON/XOFF swallows these characters. */
#include <asm/termbits.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "ftdi.h"

#define MANY 2000u
#define MUCH (16u << 10)

static char bytes[MUCH];

static void fill(void)
{
    for (size_t i = 0; i < MUCH; i++)
        bytes[i] = (char)((i * 7 + (i >> 8)) & 0x7F); /* no marks */
}

static bool has_sent_some(void *before)
{
    return adapter_tells('A', "sent") - *(long *)before >= 100;
}

static bool is_held(void *port)
{
    return status_of(port).fCtsHold;
}

static BOOL flush(const struct port *port)
{
    return FlushFileBuffers(port->near);
}

/* 2000 bytes at 9600 baud, stopped in the middle; 0: no time limit. */
static void held_in_the_middle(struct port *port, struct request *write, DWORD limit_ms)
{
    const struct format slow = {9600, 8, NOPARITY, ONESTOPBIT};
    long before = adapter_tells('A', "sent");

    fill();
    port_open(port, FILE_FLAG_OVERLAPPED);
    both_formats(port, slow, slow);
    port_change(port, cts_out);
    port_write_times(port, 0, limit_ms);
    request_open(write, true);
    CHECK(!WriteFile(port->near, bytes, MANY, NULL, &write->ov));
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    comm_wait_until(has_sent_some, &before);
    CHECK(EscapeCommFunction(port->far, CLRRTS));
    comm_wait_until(is_held, port);
}

static void cts_holds_the_adapter_and_releases_it(struct port *port)
{
    struct request write;
    struct blocking flusher;

    held_in_the_middle(port, &write, 0);
    blocking_start(&flusher, port, flush);
    CHECK(port_pends(port, &write));
    CHECK_EQ(adapter_tells('A', "empty"), 0);
    CHECK(blocking_is_in(&flusher));
    CHECK(EscapeCommFunction(port->far, SETRTS));
    transfer_ends("released", port, &write, STATUS_SUCCESS, MANY);
    CHECK_EQ(blocking_end(&flusher), 0);
    CHECK_EQ(adapter_tells('A', "empty"), 1);
    port_expect(port, bytes, MANY);
}

/* What had been given to the driver and what comes behind it; how much that was. */
static size_t arrives_before_the_mark(struct port *port)
{
    char taken[MANY + 16], last = '\0';
    size_t got = 0;

    CHECK(EscapeCommFunction(port->far, SETRTS));
    port_write_times(port, 0, 0);
    write_all(port, "\xFF", 1);
    while (last != '\xFF' && got < sizeof taken && port_receive(port, taken + got, 1))
        last = taken[got++];
    CHECK(last == '\xFF');
    CHECK_EQ(memcmp(taken, bytes, got - 1), 0);
    return got - 1;
}

/* What the driver and the adapter had already they send: nobody can take it back. */
static void an_aborted_write_leaves_no_more_than_they_had(struct port *port)
{
    struct request write;

    held_in_the_middle(port, &write, 0);
    CHECK(PurgeComm(port->near, PURGE_TXABORT | PURGE_TXCLEAR));
    transfer_ends("aborted", port, &write, STATUS_CANCELLED, 0);
    CHECK(arrives_before_the_mark(port) < MANY / 2);
}

/* So it counts as sent, and the rest never leaves. */
static void a_held_write_that_times_out_counts_what_arrives(struct port *port)
{
    struct request write;

    held_in_the_middle(port, &write, 1000);
    CHECK_EQ(WaitForSingleObject(write.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    CHECK_EQ(request_status(&write), STATUS_TIMEOUT);
    CHECK(write.ov.InternalHigh < MANY);
    CHECK_EQ(arrives_before_the_mark(port), write.ov.InternalHigh);
    request_close(&write);
}

static void a_held_port_closes_at_once(struct port *port)
{
    struct request write;
    uint64_t began;

    held_in_the_middle(port, &write, 0);
    began = steady_ms();
    port_shut(port);
    CHECK(steady_ms() - began < SOON_MS);
    request_ends("closed", &write, STATUS_CANCELLED, 0);
    request_close(&write);
    CHECK(EscapeCommFunction(port->far, SETRTS));
}

static void both_ways(DCB *dcb)
{
    dcb->fOutxCtsFlow = TRUE;
    dcb->fRtsControl = RTS_CONTROL_HANDSHAKE;
}

static void dtr_both_ways(DCB *dcb)
{
    dcb->fOutxDsrFlow = TRUE;
    dcb->fDtrControl = DTR_CONTROL_HANDSHAKE;
}

static void software_both_ways(DCB *dcb)
{
    dcb->fOutX = dcb->fInX = TRUE;
}

/* As it was opened by the rig it has room for everything. */
static void reopen_far(struct port *port, void (*change)(DCB *dcb))
{
    struct port far = {.kind = port->kind};

    CHECK(CloseHandle(port->far));
    port->far = far.near =
        CreateFileA(port->far_name, READ_WRITE, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    CHECK(port->far != INVALID_HANDLE_VALUE);
    port_change(&far, change);
}

/* Nobody reads until the sender is held. */
static void a_full_reader_loses_nothing(struct port *port, DWORD baud, DWORD len,
                                        void (*change)(DCB *dcb), bool (*is_held_so)(void *port))
{
    const struct format format = {baud, 8, NOPARITY, ONESTOPBIT};
    struct request write;
    char *got = calloc(1, len);

    fill();
    for (size_t i = 0; i < MUCH; i++) /* no flow characters of its own */
        bytes[i] = (char)(bytes[i] | 0x20);
    reopen_far(port, change);
    port_open(port, FILE_FLAG_OVERLAPPED);
    both_formats(port, format, format);
    port_change(port, change);
    request_open(&write, true);
    CHECK(!WriteFile(port->near, bytes, len, NULL, &write.ov));
    CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    comm_wait_until(is_held_so, port);
    CHECK(port_pends(port, &write));
    CHECK(got != NULL && port_receive(port, got, len));
    transfer_ends("all of it", port, &write, STATUS_SUCCESS, len);
    CHECK(got != NULL && memcmp(got, bytes, len) == 0);
    free(got);
}

static bool is_held_by_xoff(void *port)
{
    return status_of(port).fXoffHold;
}

static void rts_and_cts_lose_nothing(struct port *port)
{
    a_full_reader_loses_nothing(port, 1000000, MUCH, both_ways, is_held);
}

static bool is_held_by_dsr(void *port)
{
    return status_of(port).fDsrHold;
}

/* It is the library that stops for DSR, and for XOFF: what the driver and the adapter have by then
 * must find room at the other end. */
static void dtr_and_dsr_lose_nothing(struct port *port)
{
    a_full_reader_loses_nothing(port, 38400, 6u << 10, dtr_both_ways, is_held_by_dsr);
}

static void xon_and_xoff_lose_nothing(struct port *port)
{
    a_full_reader_loses_nothing(port, 38400, 6u << 10, software_both_ways, is_held_by_xoff);
}

/* ---- the adapter's own XON/XOFF ---- */

static int leave_with_ixon(const struct port *port)
{
    int fd = open(port->name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct termios2 t;

    if (!CHECK(fd >= 0) || !CHECK_EQ(ioctl(fd, TCGETS2, &t), 0))
        return fd;
    t.c_iflag = IXON;
    t.c_lflag = 0;
    t.c_oflag = 0;
    t.c_cflag |= CLOCAL;
    t.c_cc[VSTART] = 0x11;
    t.c_cc[VSTOP] = 0x13;
    CHECK_EQ(ioctl(fd, TCSETS2, &t), 0);
    return fd;
}

static bool has_stopped(void *unused)
{
    (void)unused;
    return adapter_tells('A', "stopped") == 1;
}

static bool goes_on(void *unused)
{
    return !has_stopped(unused);
}

static void the_adapter_stops_for_xoff_and_goes_on_for_xon(struct port *port)
{
    int fd = leave_with_ixon(port);

    CHECK_EQ(adapter_tells('A', "flow"), 4);
    port_send(port, "\x13", 1);
    comm_wait_until(has_stopped, NULL);
    CHECK_EQ(write(fd, "held", 4), 4);
    CHECK_EQ(adapter_tells('A', "empty"), 0);
    port_send(port, "\x11", 1);
    comm_wait_until(goes_on, NULL);
    port_expect(port, "held", 4);
    if (fd >= 0)
        close(fd);
}

static void a_port_that_was_left_so_passes_all_characters(struct port *port)
{
    int fd = leave_with_ixon(port);

    if (fd >= 0)
        close(fd);
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK_EQ(adapter_tells('A', "flow"), 0);
    port_deliver(port, "a\x13\x11z", 4);
    expect_queued("flow characters", port, "a\x13\x11z", 4);
    write_all(port, "\x11\x13", 2);
    port_expect(port, "\x11\x13", 2);
}

PORT_TEST_MAIN(ON_TTY(cts_holds_the_adapter_and_releases_it),
               ON_TTY(an_aborted_write_leaves_no_more_than_they_had),
               ON_TTY(a_held_write_that_times_out_counts_what_arrives),
               ON_TTY(a_held_port_closes_at_once), ON_TTY(rts_and_cts_lose_nothing),
               ON_TTY(dtr_and_dsr_lose_nothing), ON_TTY(xon_and_xoff_lose_nothing),
               ON_TTY(the_adapter_stops_for_xoff_and_goes_on_for_xon),
               ON_TTY(a_port_that_was_left_so_passes_all_characters))
