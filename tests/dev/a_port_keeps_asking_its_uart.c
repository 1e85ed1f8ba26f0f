/* SPDX-License-Identifier: MIT */
/* Some of what happens to a UART no descriptor tells of: the port has to ask at the right moments.
 * The driver is made up here; real ones have their own tests. */
#include "serial/waits.h"
#include "uart.h"

static BOOL flush(const struct port *port)
{
    return FlushFileBuffers(port->near);
}

static void uart_port(struct port *port)
{
    uart_reset();
    port_open(port, FILE_FLAG_OVERLAPPED);
}

static void a_flush_ends_when_the_last_byte_has_left(struct port *port)
{
    struct blocking flusher;

    uart_port(port);
    write_all(port, "abc", 3);
    uart_becomes_empty(false);
    blocking_start(&flusher, port, flush);
    CHECK(blocking_is_in(&flusher));
    uart_becomes_empty(true);
    CHECK_EQ(blocking_end(&flusher), 0);
}

static void what_the_uart_lost_ends_a_wait_for_errors(struct port *port)
{
    struct wait wait;

    uart_port(port);
    CHECK(SetCommMask(port->near, EV_ERR));
    if (!wait_pends(port, &wait))
        return;
    uart_loses_a_byte();
    port_send(port, "x", 1);
    wait_ends("an overrun", port, &wait, EV_ERR);
    CHECK_EQ(errors_of(port), CE_OVERRUN);
    CHECK_EQ(errors_of(port), 0);
}

static void stopping(DCB *dcb)
{
    dcb->fAbortOnError = TRUE;
}

static void what_the_uart_lost_can_stop_everything(struct port *port)
{
    struct request read;

    uart_port(port);
    port_change(port, stopping);
    read_pends(port, &read, 5);
    uart_loses_a_byte();
    port_send(port, "x", 1);
    transfer_ends("a read", port, &read, STATUS_CANCELLED, 0);
    CHECK_EQ(errors_of(port), CE_OVERRUN);
}

PORT_TEST_MAIN(ON_PTY(a_flush_ends_when_the_last_byte_has_left),
               ON_PTY(what_the_uart_lost_ends_a_wait_for_errors),
               ON_PTY(what_the_uart_lost_can_stop_everything))
