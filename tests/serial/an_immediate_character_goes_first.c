/* SPDX-License-Identifier: MIT */
/* TransmitCommChar: ahead of what is unsent, past an XOFF, but not past a line or a break; one at a
 * time; and it waits no longer than a write would. */
#include "waits.h"

#include <stdlib.h>

#define LONG_WRITE 102400u

static BOOL send_mark(const struct port *port)
{
    return TransmitCommChar(port->near, '!');
}

static bool is_outstanding(void *arg)
{
    return status_of(arg).fTxim;
}

/* A thread is in TransmitCommChar, and the character cannot go. */
static void start_mark(struct port *port, struct blocking *mark)
{
    blocking_start(mark, port, send_mark);
    comm_wait_until(is_outstanding, port);
}

static void with_nothing_else_to_send_it_is_just_sent(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(TransmitCommChar(port->near, '!'));
    CHECK(!status_of(port).fTxim);
    CHECK(TransmitCommChar(port->near, '\0'));
    CHECK(port_expect(port, "!\0", 2));
}

static bool is_outstanding_or_gone(void *arg)
{
    struct blocking *mark = arg;

    return blocking_is_over(mark) || status_of(mark->port).fTxim;
}

/* Nobody reads at the other end.  What a pty has taken has left; a little later it may take more,
 * and then the character is the first to go. */
static void it_overtakes_what_a_long_write_has_not_given_yet(struct port *port)
{
    char *bytes = calloc(1, LONG_WRITE), *got = calloc(1, LONG_WRITE + 1);
    struct request write;
    struct blocking mark;
    DWORD given;
    COMSTAT stat;
    const char *at;

    port_open(port, FILE_FLAG_OVERLAPPED);
    write_pends(port, &write, bytes, LONG_WRITE);
    blocking_begin(&mark, port, send_mark);
    comm_wait_until(is_outstanding_or_gone, &mark);
    stat = status_of(port);
    given = LONG_WRITE + stat.fTxim - stat.cbOutQue; /* of the write */
    CHECK(port_pends(port, &write));
    CHECK(given < LONG_WRITE);
    CHECK(port_receive(port, got, LONG_WRITE + 1));
    at = memchr(got, '!', LONG_WRITE + 1);
    if (CHECK(at != NULL) && stat.fTxim)
        CHECK_EQ(at - got, given);
    CHECK(at <= got + given);
    CHECK_EQ(blocking_end(&mark), 0);
    transfer_ends("the write", port, &write, STATUS_SUCCESS, LONG_WRITE);
    free(bytes);
    free(got);
}

static void on_a_slow_line_it_overtakes_the_rest_of_the_write(struct port *port)
{
    char bytes[200] = {0}, got[sizeof bytes + 1];
    struct request write;
    const char *at;

    port_open(port, FILE_FLAG_OVERLAPPED);
    write_pends(port, &write, bytes, sizeof bytes);
    CHECK(TransmitCommChar(port->near, '!'));
    CHECK(port_pends(port, &write));
    transfer_ends("the write", port, &write, STATUS_SUCCESS, sizeof bytes);
    CHECK(port_receive(port, got, sizeof got));
    at = memchr(got, '!', sizeof got);
    CHECK(at != NULL && at < got + sizeof got - 1);
}

static void it_passes_an_xoff_that_holds_everything_else(struct port *port)
{
    struct request write;
    struct blocking mark;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    write_pends(port, &write, "abc", 3);
    blocking_begin(&mark, port, send_mark);
    comm_wait_until(blocking_is_over, &mark);
    CHECK(port_pends(port, &write));
    CHECK(EscapeCommFunction(port->near, SETXON));
    CHECK_EQ(blocking_end(&mark), 0);
    transfer_ends("released", port, &write, STATUS_SUCCESS, 3);
    CHECK(port_expect(port, "!abc", 4));
}

/* The bytes that were on their way when XOFF came wait as well; the character does not. */
static void it_passes_what_xoff_holds_on_its_way(struct port *port)
{
    char bytes[100] = {0}, got[sizeof bytes + 1];
    struct request write;
    struct blocking mark;

    port_open(port, FILE_FLAG_OVERLAPPED);
    write_pends(port, &write, bytes, sizeof bytes);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    blocking_begin(&mark, port, send_mark);
    comm_wait_until(blocking_is_over, &mark);
    CHECK(port_pends(port, &write));
    CHECK(EscapeCommFunction(port->near, SETXON));
    CHECK_EQ(blocking_end(&mark), 0);
    transfer_ends("released", port, &write, STATUS_SUCCESS, sizeof bytes);
    CHECK(port_receive(port, got, sizeof got));
    CHECK(memchr(got, '!', sizeof got) != NULL);
}

static void a_second_one_is_refused_while_a_break_holds_the_first(struct port *port)
{
    struct blocking mark;
    char first;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommBreak(port->near));
    start_mark(port, &mark);
    CHECK_EQ(status_of(port).cbOutQue, 1);
    CHECK_FAILS(TransmitCommChar(port->near, '?'), ERROR_INVALID_PARAMETER);
    CHECK(blocking_is_in(&mark));
    CHECK(ClearCommBreak(port->near));
    CHECK_EQ(blocking_end(&mark), 0);
    CHECK(TransmitCommChar(port->near, '?'));
    if (port->kind == PORT_CABLE)
        CHECK(port_receive(port, &first, 1));
    CHECK(port_expect(port, "!?", 2));
}

static void dsr_out(DCB *dcb)
{
    dcb->fOutxDsrFlow = TRUE;
}

static const struct {
    const char *when;
    void (*change)(DCB *dcb);
    DWORD line;
} holds[] = {
    {"CTS is off", cts_out, MS_CTS_ON},
    {"DSR is off", dsr_out, MS_DSR_ON},
};

static void a_line_that_is_off_holds_it(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(holds); i++) {
        struct blocking mark;

        port_change(port, holds[i].change);
        port_hold_lines(port, holds[i].line, 0);
        start_mark(port, &mark);
        CHECK_FAILS(TransmitCommChar(port->near, '?'), ERROR_INVALID_PARAMETER);
        port_hold_lines(port, 0, 0);
        CHECK_EQ_WHEN(holds[i].when, blocking_end(&mark), 0);
        CHECK(port_expect(port, "!", 1));
    }
}

#define LIMIT_MS 60

static void it_waits_as_long_as_a_write_of_one_byte(struct port *port)
{
    uint64_t since;
    char first;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_write_times(port, LIMIT_MS / 2, LIMIT_MS / 2);
    CHECK(SetCommBreak(port->near));
    since = steady_ms();
    SetLastError(0xC0DE);
    CHECK_EQ(TransmitCommChar(port->near, '!'), TRUE); /* a timeout is a success */
    CHECK_EQ(GetLastError(), 0xC0DE);
    CHECK(steady_ms() - since + 1 >= LIMIT_MS); /* both are cut to whole milliseconds */
    CHECK(!status_of(port).fTxim);
    CHECK(ClearCommBreak(port->near));
    write_all(port, "x", 1);
    if (port->kind == PORT_CABLE)
        CHECK(port_receive(port, &first, 1));
    CHECK(port_expect(port, "x", 1)); /* and it was never sent */
}

static BOOL cancel_call(struct blocking *mark)
{
    return CancelSynchronousIo(mark->in);
}

static BOOL cancel_all(struct blocking *mark)
{
    return CancelIoEx(mark->port->near, NULL);
}

static const struct {
    const char *when;
    BOOL (*cancel)(struct blocking *mark);
} cancels[] = {
    {"the call is cancelled",          cancel_call},
    {"all of the port's requests are", cancel_all },
};

static void a_cancelled_one_is_never_sent(struct port *port)
{
    char first[2];

    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(cancels); i++) {
        struct blocking mark;

        CHECK(SetCommBreak(port->near));
        start_mark(port, &mark);
        CHECK_EQ_WHEN(cancels[i].when, cancels[i].cancel(&mark), TRUE);
        CHECK_EQ_WHEN(cancels[i].when, blocking_end(&mark), ERROR_OPERATION_ABORTED);
        CHECK(!status_of(port).fTxim);
        CHECK(ClearCommBreak(port->near));
        CHECK(TransmitCommChar(port->near, '?'));
        if (port->kind == PORT_CABLE)
            CHECK(port_receive(port, first, 1));
        CHECK(port_expect(port, "?", 1));
    }
}

PORT_TEST_MAIN(ON_BOTH(with_nothing_else_to_send_it_is_just_sent),
               ON_PTY(it_overtakes_what_a_long_write_has_not_given_yet),
               ON_PACED_CABLE(on_a_slow_line_it_overtakes_the_rest_of_the_write),
               ON_BOTH(it_passes_an_xoff_that_holds_everything_else),
               ON_PACED_CABLE(it_passes_what_xoff_holds_on_its_way),
               ON_BOTH(a_second_one_is_refused_while_a_break_holds_the_first),
               ON_LINES(a_line_that_is_off_holds_it),
               ON_BOTH(it_waits_as_long_as_a_write_of_one_byte),
               ON_BOTH(a_cancelled_one_is_never_sent))
