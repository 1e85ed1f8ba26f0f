/* SPDX-License-Identifier: MIT */
/* FlushFileBuffers: it returns once the writes before it are over, however they end, cares for no
 * time limit and takes nothing that was received. */
#include "waits.h"

static BOOL flush(const struct port *port)
{
    return FlushFileBuffers(port->near);
}

static void with_nothing_to_send_it_returns_at_once(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(FlushFileBuffers(port->near));
    write_all(port, "x", 1);
    CHECK(FlushFileBuffers(port->near));
    CHECK_EQ(status_of(port).cbOutQue, 0);
}

static void it_returns_behind_the_writes_before_it(struct port *port)
{
    struct request write[2];
    struct blocking flusher;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_deliver(port, "xyz", 3);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    write_pends(port, &write[0], "abc", 3);
    write_pends(port, &write[1], "def", 3);
    blocking_start(&flusher, port, flush);
    CHECK(port_pends(port, &write[1]));
    CHECK(blocking_is_in(&flusher));
    CHECK(EscapeCommFunction(port->near, SETXON));
    CHECK_EQ(blocking_end(&flusher), 0);
    CHECK(request_is_final(&write[0]));
    CHECK(request_is_final(&write[1]));
    transfer_ends("before the flush", port, &write[0], STATUS_SUCCESS, 3);
    transfer_ends("before the flush", port, &write[1], STATUS_SUCCESS, 3);
    CHECK_EQ(status_of(port).cbOutQue, 0);
    CHECK(port_expect(port, "abcdef", 6));
    expect_queued("what was received is untouched", port, "xyz", 3);
}

/* The line is empty as well, not only the queue. */
static void all_has_left_when_it_returns(struct port *port)
{
    ULONGLONG before = 0, sent = 0;
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(CommGetNullModemSent(port->cable, port->number, &before));
    request_open(&write, true);
    CHECK_FAILS(WriteFile(port->near, "fifty bytes, of which each one takes a millisecond", 50,
                          NULL, &write.ov),
                ERROR_IO_PENDING);
    CHECK(FlushFileBuffers(port->near));
    CHECK(CommGetNullModemSent(port->cable, port->number, &sent));
    CHECK_EQ(sent - before, 50);
    CHECK(request_is_final(&write));
    transfer_ends("the write", port, &write, STATUS_SUCCESS, 50);
}

/* A read that began later has run out of more time than a write would have had. */
static void no_time_limit_ends_it(struct port *port)
{
    struct request write, read;
    struct blocking flusher;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    write_pends(port, &write, "abc", 3);
    port_write_times(port, 0, 1);
    port_read_times(port, 0, 0, 30);
    blocking_start(&flusher, port, flush);
    read_pends(port, &read, 1);
    transfer_ends("the read", port, &read, STATUS_TIMEOUT, 0);
    CHECK(blocking_is_in(&flusher));
    CHECK(port_pends(port, &write)); /* it had begun without a limit */
    CHECK(EscapeCommFunction(port->near, SETXON));
    CHECK_EQ(blocking_end(&flusher), 0);
    transfer_ends("released", port, &write, STATUS_SUCCESS, 3);
}

static void a_write_that_runs_out_of_time_lets_it_go(struct port *port)
{
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    port_write_times(port, 0, 30);
    write_pends(port, &write, "abc", 3);
    CHECK(FlushFileBuffers(port->near));
    CHECK(request_is_final(&write));
    transfer_ends("timed out", port, &write, STATUS_TIMEOUT, 0);
}

static void aborted_writes_let_it_go(struct port *port)
{
    struct request write;
    struct blocking flusher;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    write_pends(port, &write, "abc", 3);
    blocking_start(&flusher, port, flush);
    CHECK(PurgeComm(port->near, PURGE_TXABORT));
    CHECK_EQ(blocking_end(&flusher), 0);
    transfer_ends("aborted", port, &write, STATUS_CANCELLED, 0);
}

static void it_does_not_wait_for_writes_after_it(struct port *port)
{
    struct request write[2];
    struct blocking flusher;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    write_pends(port, &write[0], "abc", 3);
    blocking_start(&flusher, port, flush);
    write_pends(port, &write[1], "def", 3);
    CHECK(CancelIoEx(port->near, &write[0].ov));
    CHECK_EQ(blocking_end(&flusher), 0);
    CHECK(port_pends(port, &write[1]));
    CHECK(EscapeCommFunction(port->near, SETXON));
    transfer_ends("cancelled", port, &write[0], STATUS_CANCELLED, 0);
    transfer_ends("released", port, &write[1], STATUS_SUCCESS, 3);
}

static BOOL cancel_call(struct blocking *flusher)
{
    return CancelSynchronousIo(flusher->in);
}

static BOOL cancel_all(struct blocking *flusher)
{
    return CancelIoEx(flusher->port->near, NULL);
}

static const struct {
    const char *when;
    BOOL (*cancel)(struct blocking *flusher);
} cancels[] = {
    {"the call is cancelled",          cancel_call},
    {"all of the port's requests are", cancel_all },
};

static void a_cancelled_one_fails_with_995(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(cancels); i++) {
        struct blocking flusher;
        struct request write;

        CHECK(EscapeCommFunction(port->near, SETXOFF));
        write_pends(port, &write, "abc", 3);
        blocking_start(&flusher, port, flush);
        CHECK_EQ_WHEN(cancels[i].when, cancels[i].cancel(&flusher), TRUE);
        CHECK_EQ_WHEN(cancels[i].when, blocking_end(&flusher), ERROR_OPERATION_ABORTED);
        CHECK(PurgeComm(port->near, PURGE_TXABORT));
        transfer_ends(cancels[i].when, port, &write, STATUS_CANCELLED, 0);
    }
}

static void a_handle_that_cannot_write_cannot_flush(struct port *port)
{
    port_open_for(port, GENERIC_READ, FILE_FLAG_OVERLAPPED);
    CHECK_FAILS(FlushFileBuffers(port->near), ERROR_ACCESS_DENIED);
}

PORT_TEST_MAIN(ON_BOTH(with_nothing_to_send_it_returns_at_once),
               ON_BOTH(it_returns_behind_the_writes_before_it),
               ON_PACED_CABLE(all_has_left_when_it_returns), ON_BOTH(no_time_limit_ends_it),
               ON_BOTH(a_write_that_runs_out_of_time_lets_it_go), ON_BOTH(aborted_writes_let_it_go),
               ON_BOTH(it_does_not_wait_for_writes_after_it),
               ON_BOTH(a_cancelled_one_fails_with_995),
               ON_BOTH(a_handle_that_cannot_write_cannot_flush))
