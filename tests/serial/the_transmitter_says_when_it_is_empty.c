/* SPDX-License-Identifier: MIT */
/* EV_TXEMPTY is an edge: the last write has ended, however it did, and something has left since a
 * wait began to pend.  It says nothing about how things are. */
#include "waits.h"

#include <sched.h>
#include <stdlib.h>

/* More than a pty takes without its master reading. */
#define FLOOD 65536u

static void a_write_that_ends_during_the_wait_ends_it(struct port *port)
{
    struct request write;
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_TXEMPTY));
    wait_pends(port, &wait);
    request_open(&write, true);
    CHECK(WriteFile(port->near, "sixteen bytes...", 16, NULL, &write.ov) ||
          GetLastError() == ERROR_IO_PENDING);
    wait_ends("16 bytes are written", port, &wait, EV_TXEMPTY);
    CHECK(request_is_final(&write));
    transfer_ends("and the wait is over", port, &write, STATUS_SUCCESS, 16);
    CHECK(port_expect(port, "sixteen bytes...", 16));
}

static void a_wait_that_begins_during_a_write_ends_with_it(struct port *port)
{
    struct request write;
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_TXEMPTY));
    request_open(&write, true);
    CHECK(WriteFile(port->near, "sixteen bytes...", 16, NULL, &write.ov) ||
          GetLastError() == ERROR_IO_PENDING);
    CHECK(wait_start(port, &wait));
    wait_ends("16 bytes are written", port, &wait, EV_TXEMPTY);
    CHECK(request_is_final(&write));
    transfer_ends("and the wait is over", port, &write, STATUS_SUCCESS, 16);
}

static void a_write_that_ended_before_the_wait_is_reported_at_once(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_TXEMPTY));
    write_all(port, "x", 1);
    CHECK(FlushFileBuffers(port->near));
    CHECK_EQ(latched(port), EV_TXEMPTY);
    CHECK_EQ(latched(port), 0);
}

static void an_idle_transmitter_ends_no_wait(struct port *port)
{
    struct request nothing;
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    write_all(port, "before the mask", 15);
    CHECK(SetCommMask(port->near, EV_TXEMPTY));
    wait_pends(port, &wait);
    CHECK(FlushFileBuffers(port->near));
    port_deliver(port, "x", 1);
    CHECK(PurgeComm(port->near, PURGE_TXABORT | PURGE_TXCLEAR));
    request_open(&nothing, true);
    CHECK(WriteFile(port->near, "", 0, NULL, &nothing.ov));
    request_close(&nothing);
    CHECK(port_pends(port, &wait.request));
    write_all(port, "y", 1);
    wait_ends("something was written", port, &wait, EV_TXEMPTY);
}

static void an_immediate_character_counts_like_a_write(struct port *port)
{
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_TXEMPTY));
    wait_pends(port, &wait);
    CHECK(TransmitCommChar(port->near, '!'));
    wait_ends("it is sent", port, &wait, EV_TXEMPTY);
}

static BOOL wait_for_empty(const struct port *port)
{
    DWORD events = UNSEEN;

    return WaitCommEvent(port->near, &events, NULL) && CHECK_EQ(events, EV_TXEMPTY);
}

static BOOL write_one(const struct port *port)
{
    DWORD count;

    return WriteFile(port->near, "x", 1, &count, NULL);
}

static BOOL send_at_once(const struct port *port)
{
    return TransmitCommChar(port->near, '!');
}

static const struct {
    const char *when;
    BOOL (*send)(const struct port *port);
} sends[] = {
    {"a write is over at once", write_one   },
    {"a character is",          send_at_once},
};

static void a_call_that_blocks_is_told_by_one_that_does_not(struct port *port)
{
    struct blocking waiter;

    port_open(port, 0);
    CHECK(SetCommMask(port->near, EV_TXEMPTY));
    for (size_t i = 0; i < ARRAY_LEN(sends); i++) {
        blocking_start(&waiter, port, wait_for_empty);
        CHECK_EQ_WHEN(sends[i].when, sends[i].send(port), TRUE);
        CHECK_EQ_WHEN(sends[i].when, blocking_end(&waiter), 0);
    }
}

/* Nobody reads at the other end, so that the first one ends while the second one does not. */
static void of_two_writes_only_the_second_one_counts(struct port *port)
{
    char *flood = calloc(1, FLOOD), sink[1000];
    struct request first, second;
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_TXEMPTY));
    write_pends(port, &first, flood, FLOOD);
    write_pends(port, &second, flood, FLOOD);
    wait_pends(port, &wait);
    while (!request_is_final(&first)) {
        if (port_take(port, sink, sizeof sink) == 0)
            sched_yield();
    }
    transfer_ends("the first one", port, &first, STATUS_SUCCESS, FLOOD);
    CHECK(port_pends(port, &second));
    CHECK(port_pends(port, &wait.request));
    while (!request_is_final(&second)) {
        if (port_take(port, sink, sizeof sink) == 0)
            sched_yield();
    }
    transfer_ends("the second one", port, &second, STATUS_SUCCESS, FLOOD);
    wait_ends("both are over", port, &wait, EV_TXEMPTY);
    CHECK_EQ(latched(port), 0);
    free(flood);
}

/* So many bytes have left, and the rest cannot. */
static void begin_to_send(struct port *port, struct request *write, char *flood)
{
    if (port->kind == PORT_CABLE) {
        ULONGLONG sent = 0;

        write_pends(port, write, flood, FLOOD); /* paced: it takes a minute */
        while (CHECK(CommGetNullModemSent(port->cable, port->number, &sent)) && sent == 0)
            sched_yield();
        CHECK(EscapeCommFunction(port->near, SETXOFF));
    } else {
        write_pends(port, write, flood, FLOOD);
    }
}

static void an_aborted_write_is_reported_if_something_of_it_has_left(struct port *port)
{
    char *flood = calloc(1, FLOOD);
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_TXEMPTY));
    begin_to_send(port, &write, flood);
    CHECK(PurgeComm(port->near, PURGE_TXABORT));
    CHECK_EQ(latched(port), EV_TXEMPTY);
    transfer_ends("aborted", port, &write, STATUS_CANCELLED, 0);
    free(flood);
}

static void an_aborted_write_is_not_reported_if_all_that_left_did_so_before_the_wait(
    struct port *port)
{
    char *flood = calloc(1, FLOOD);
    struct request write;
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_TXEMPTY));
    write_pends(port, &write, flood, FLOOD);
    CHECK(EscapeCommFunction(port->near, SETXOFF)); /* a pty may take more after a while */
    wait_pends(port, &wait);
    CHECK(PurgeComm(port->near, PURGE_TXABORT));
    transfer_ends("aborted", port, &write, STATUS_CANCELLED, 0);
    CHECK(port_pends(port, &wait.request));
    wait_cancel(port, &wait);
    free(flood);
}

static void an_aborted_write_is_not_reported_if_nothing_of_it_has_left(struct port *port)
{
    struct request first, second;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_TXEMPTY));
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    write_pends(port, &first, "x", 1);
    write_pends(port, &second, "y", 1);
    CHECK(PurgeComm(port->near, PURGE_TXABORT));
    transfer_ends("aborted", port, &first, STATUS_CANCELLED, 0);
    transfer_ends("aborted", port, &second, STATUS_CANCELLED, 0);
    CHECK_EQ(latched(port), 0);
}

PORT_TEST_MAIN(ON_BOTH(a_write_that_ends_during_the_wait_ends_it),
               ON_PACED_CABLE(a_wait_that_begins_during_a_write_ends_with_it),
               ON_BOTH(a_write_that_ended_before_the_wait_is_reported_at_once),
               ON_BOTH(an_idle_transmitter_ends_no_wait),
               ON_BOTH(an_immediate_character_counts_like_a_write),
               ON_BOTH(a_call_that_blocks_is_told_by_one_that_does_not),
               ON_PTY(of_two_writes_only_the_second_one_counts),
               {.name = "an_aborted_write_is_reported_if_something_of_it_has_left",
                .with = an_aborted_write_is_reported_if_something_of_it_has_left,
                .pty = true,
                .cable = true,
                .flags = COMM_CABLE_PACED},
               ON_PTY(an_aborted_write_is_not_reported_if_all_that_left_did_so_before_the_wait),
               ON_BOTH(an_aborted_write_is_not_reported_if_nothing_of_it_has_left))
