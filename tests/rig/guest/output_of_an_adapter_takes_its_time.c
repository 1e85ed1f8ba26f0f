/* SPDX-License-Identifier: MIT */
/* A USB adapter has a buffer of its own, and its driver says that nothing is unsent while that is
 * full. A flush, a break and the end of a transmission wait for the wire all the same. */
#include "ftdi.h"

#define SLOW 300u /* baud */
#define FEW 20u   /* fewer than the adapter has room for */
#define MANY 480u

static char bytes[MANY];

static void fill(void)
{
    for (size_t i = 0; i < MANY; i++)
        bytes[i] = (char)('0' + i % 75);
}

/* 10 bits a byte; the clock of the adapter is a little fast. */
static uint64_t wire_ms(size_t len, DWORD baud)
{
    return len * 10 * 1000 / baud * 99 / 100;
}

static void slow_down(const struct port *port, DWORD baud)
{
    const struct format format = {baud, 8, NOPARITY, ONESTOPBIT};

    both_formats(port, format, format);
}

static const struct {
    const char *when;
    size_t len;
    DWORD baud;
} flushes[] = {
    {"more than it has room for",         MANY, 9600},
    {"all of it in the adapter's buffer", FEW,  SLOW},
    {"one byte",                          1,    SLOW},
};

static void a_flush_takes_the_time_of_the_wire(struct port *port)
{
    fill();
    for (size_t i = 0; i < ARRAY_LEN(flushes); i++) {
        const char *when = flushes[i].when;
        long before = adapter_tells('A', "sent");
        uint64_t began;

        port_open(port, FILE_FLAG_OVERLAPPED);
        slow_down(port, flushes[i].baud);
        began = steady_ms();
        write_all(port, bytes, flushes[i].len);
        CHECK(FlushFileBuffers(port->near));
        comm_check(steady_ms() - began >= wire_ms(flushes[i].len, flushes[i].baud), __FILE__,
                   __LINE__, "%s: flushed within %u ms", when, (unsigned)(steady_ms() - began));
        CHECK_EQ_WHEN(when, adapter_tells('A', "empty"), 1);
        CHECK_EQ_WHEN(when, adapter_tells('A', "sent") - before, flushes[i].len);
        port_expect(port, bytes, flushes[i].len);
        port_shut(port);
    }
}

static bool is_breaking(void *unused)
{
    (void)unused;
    return adapter_tells('A', "break") == 1;
}

static void a_break_comes_behind_what_was_written(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    slow_down(port, SLOW);
    write_all(port, "before", 6);
    CHECK(SetCommBreak(port->near));
    comm_wait_until(is_breaking, NULL);
    CHECK(ClearCommBreak(port->near));
    write_all(port, "after", 5);
    port_expect(port, "before\0after", 12);
}

static void the_end_of_a_transmission_is_not_told_before_it(struct port *port)
{
    struct wait wait;
    struct request write;
    uint64_t began;

    fill();
    port_open(port, FILE_FLAG_OVERLAPPED);
    slow_down(port, 2400);
    CHECK(SetCommMask(port->near, EV_TXEMPTY));
    if (!wait_pends(port, &wait))
        return;
    began = steady_ms();
    request_open(&write, true);
    CHECK(WriteFile(port->near, bytes, MANY, NULL, &write.ov) ||
          GetLastError() == ERROR_IO_PENDING);
    wait_ends("sent", port, &wait, EV_TXEMPTY);
    transfer_ends("a write", port, &write, STATUS_SUCCESS, MANY);
    /* what the adapter's buffer and the driver had is not waited for, as with a UART's FIFO */
    CHECK(steady_ms() - began >= wire_ms(MANY - 256, 2400));
    port_expect(port, bytes, MANY);
}

PORT_TEST_MAIN(ON_TTY(a_flush_takes_the_time_of_the_wire),
               ON_TTY(a_break_comes_behind_what_was_written),
               ON_TTY(the_end_of_a_transmission_is_not_told_before_it))
