/* SPDX-License-Identifier: MIT */
/* Some of what happens to a UART no descriptor tells of: the port has to ask at the right moments.
 * The driver is made up here; real ones have their own tests. */
#include <linux/tty_flags.h>

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

/* Whichever of a round's questions is the last that is answered so. */
#define QUESTIONS 12u

static void a_write_ends_whenever_the_line_has_become_empty(struct port *port)
{
    uart_port(port);
    for (unsigned i = 0; i < QUESTIONS; i++) {
        uart_is_busy_for(i, 0);
        write_all(port, "x", 1);
    }
}

static void a_flush_ends_whenever_the_line_has_become_empty(struct port *port)
{
    uart_port(port);
    for (unsigned i = 0; i < QUESTIONS; i++)
        for (unsigned k = 0; k < 2; k++) {
            struct blocking flusher;

            write_all(port, "x", 1);
            uart_is_busy_for(k == 0 ? i : 0, k == 0 ? 0 : i);
            blocking_begin(&flusher, port, flush);
            CHECK_EQ(blocking_end(&flusher), 0);
        }
}

/* The end of the character is the last thing that happens: no later round is there to tell of it.
 */
static void a_wait_hears_at_once_of_a_character_that_has_left(struct port *port)
{
    uart_port(port);
    CHECK(SetCommMask(port->near, EV_TXEMPTY));
    for (unsigned i = 0; i < QUESTIONS; i++) {
        struct wait wait;

        if (!wait_pends(port, &wait))
            return;
        uart_is_busy_for(i, 0);
        CHECK(TransmitCommChar(port->near, '!'));
        CHECK(request_is_final(&wait.request));
        wait_ends("it has left", port, &wait, EV_TXEMPTY);
    }
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

static const struct {
    const char *when;
    DWORD interval, multiplier, constant;
    bool hurries;
} limits[] = {
    {"none",                                 0,        0,        0,    false},
    {"an interval that the timer would cut", 10,       0,        0,    true },
    {"a long interval",                      100,      0,        0,    false},
    {"a short total",                        0,        0,        20,   true },
    {"a long total",                         0,        0,        1000, false},
    {"so many ms a byte",                    0,        1,        0,    true },
    {"what is there",                        MAXDWORD, 0,        0,    false},
    {"the first byte, soon",                 MAXDWORD, MAXDWORD, 5,    true },
    {"the first byte, whenever",             MAXDWORD, MAXDWORD, 5000, false},
};

static bool hurries(void)
{
    return (uart.serial.flags & (int)ASYNC_LOW_LATENCY) != 0;
}

static void short_time_limits_make_an_adapter_hurry(struct port *port)
{
    uart_reset();
    uart_has_timer("16");
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
        port_read_times(port, limits[i].interval, limits[i].multiplier, limits[i].constant);
        CHECK_EQ_WHEN(limits[i].when, hurries(), limits[i].hurries);
    }
    CHECK(CommSetPortLowLatency(port->near, TRUE));
    port_read_times(port, 0, 0, 0);
    CHECK(hurries()); /* the program wants it all the same */
    CHECK(CommSetPortLowLatency(port->near, FALSE));
    CHECK(!hurries());
    port_read_times(port, 10, 0, 0);
    port_shut(port);
    CHECK(!hurries());
}

static void a_uart_without_such_a_timer_is_left_alone(struct port *port)
{
    uart_port(port);
    port_read_times(port, 10, 0, 0);
    CHECK(!hurries());
}

PORT_TEST_MAIN(ON_PTY(short_time_limits_make_an_adapter_hurry),
               ON_PTY(a_uart_without_such_a_timer_is_left_alone),
               ON_PTY(a_flush_ends_when_the_last_byte_has_left),
               ON_PTY(a_write_ends_whenever_the_line_has_become_empty),
               ON_PTY(a_flush_ends_whenever_the_line_has_become_empty),
               ON_PTY(a_wait_hears_at_once_of_a_character_that_has_left),
               ON_PTY(what_the_uart_lost_ends_a_wait_for_errors),
               ON_PTY(what_the_uart_lost_can_stop_everything))
