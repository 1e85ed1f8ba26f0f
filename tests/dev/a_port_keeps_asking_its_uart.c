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

PORT_TEST_MAIN(ON_PTY(a_flush_ends_when_the_last_byte_has_left))
