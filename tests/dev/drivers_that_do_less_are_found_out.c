/* SPDX-License-Identifier: MIT */
/* Drivers take settings they do not have, and have some that others lack.  The driver is made up
 * here; real ones have their own tests. */
#include <errno.h>
#include <linux/tty_flags.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"
#include "uart.h"

static void uart_open(struct tty_line *t)
{
    uart_reset();
    line_open(t, false);
}

/* ---- settings ---- */

static const struct {
    const char *when;
    uint32_t baud, got;
    int error;
} speeds[] = {
    {"what it divides", 57600,   57600, 0      },
    {"below 1% off",    19300,   19200, 0      },
    {"above 1% off",    55000,   9600,  -EINVAL},
    {"slow and 3% off", 4660,    4608,  0      },
    {"too fast",        2000000, 9600,  -EINVAL},
};

static void a_speed_is_near_enough_or_refused(void)
{
    struct tty_line t;
    struct ci_settings s;

    for (size_t i = 0; i < ARRAY_LEN(speeds); i++) {
        uart_reset();
        uart.clock = 115200;
        line_open(&t, false);
        s = t.found;
        s.baud = speeds[i].baud;
        CHECK_EQ_WHEN(speeds[i].when, t.line->ops->configure(t.line, &s, &t.found),
                      speeds[i].error);
        CHECK_EQ_WHEN(speeds[i].when, uart.termios.c_ospeed, speeds[i].got);
        CHECK_EQ_WHEN(speeds[i].when, ci_tty_rate(t.line), speeds[i].got);
        line_close(&t);
    }
}

static const struct {
    const char *when;
    tcflag_t cannot;
    uint8_t bits, parity, stop;
} formats[] = {
    {"no five bits",        CSIZE,  5, NOPARITY,   ONESTOPBIT },
    {"no parity",           PARENB, 8, ODDPARITY,  ONESTOPBIT },
    {"only one kind of it", PARODD, 7, ODDPARITY,  ONESTOPBIT },
    {"no mark parity",      CMSPAR, 8, MARKPARITY, ONESTOPBIT },
    {"no second stop bit",  CSTOPB, 8, NOPARITY,   TWOSTOPBITS},
};

static void a_format_that_does_not_stick_changes_nothing(void)
{
    struct tty_line t;
    struct ci_settings s;

    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        struct termios2 before;

        uart_open(&t);
        uart.cannot = formats[i].cannot;
        before = uart.termios;
        s = t.found;
        s.baud = 57600;
        s.bits = formats[i].bits;
        s.parity = formats[i].parity;
        s.stop = formats[i].stop;
        CHECK_EQ_WHEN(formats[i].when, t.line->ops->configure(t.line, &s, &t.found), -EINVAL);
        CHECK(memcmp(&before, &uart.termios, sizeof before) == 0);
        uart.cannot = 0;
        CHECK_EQ_WHEN(formats[i].when, t.line->ops->configure(t.line, &s, &t.found), 0);
        line_close(&t);
    }
}

/* A USB gadget's port keeps what it has, and nothing depends on it. */
static void a_driver_without_a_wire_is_not_asked_for_one(void)
{
    struct tty_line t;
    struct ci_settings s;

    uart_reset();
    uart.lines = -ENOTTY;
    uart.counts_error = -ENOTTY;
    uart.cannot = (tcflag_t)~0u;
    uart.clock = 9600;
    line_open(&t, false);
    s = t.found;
    s.baud = 115200;
    s.bits = 7;
    CHECK_EQ(t.line->ops->configure(t.line, &s, &t.found), 0);
    line_close(&t);
}

static void the_same_again_is_not_asked_of_the_driver(void)
{
    struct tty_line t;
    struct ci_settings s;

    uart_open(&t);
    CHECK_EQ(t.line->ops->configure(t.line, &t.found, NULL), 0);
    memset(uart.log, 0, sizeof uart.log);
    s = t.found;
    s.xon_limit++;
    s.chars.event = '!';
    s.flow |= SERIAL_NULL_STRIPPING;
    CHECK_EQ(t.line->ops->configure(t.line, &s, &t.found), 0);
    CHECK(strcmp(uart.log, "") == 0);
    line_close(&t);
}

static void marks_are_asked_for(void)
{
    struct tty_line t;

    uart_open(&t);
    CHECK_EQ(uart.termios.c_iflag, PARMRK | INPCK);
    CHECK_EQ(uart.termios.c_cflag & (CLOCAL | HUPCL | CREAD), CLOCAL | HUPCL | CREAD);
    line_close(&t);
}

/* ---- what some drivers have ---- */

static void a_driver_that_can_toggles_rts(void)
{
    struct tty_line t;
    struct ci_settings s;

    for (int can = 0; can <= 1; can++) {
        uart_reset();
        uart.rs485_error = can ? 0 : -ENOTTY;
        uart.rs485.flags = SER_RS485_RTS_AFTER_SEND;
        line_open(&t, false);
        s = t.found;
        s.flow |= SERIAL_TRANSMIT_TOGGLE;
        CHECK_EQ(t.line->ops->configure(t.line, &s, &t.found), 0);
        CHECK_EQ(t.line->ops->toggles(t.line), can);
        if (can)
            CHECK_EQ(uart.rs485.flags,
                     SER_RS485_ENABLED | SER_RS485_RTS_ON_SEND | SER_RS485_RX_DURING_TX);
        CHECK_EQ(t.line->ops->configure(t.line, &t.found, &s), 0);
        CHECK(!t.line->ops->toggles(t.line));
        CHECK_EQ(uart.rs485.flags & SER_RS485_ENABLED, 0);
        line_close(&t);
        CHECK_EQ(uart.rs485.flags, SER_RS485_RTS_AFTER_SEND);
    }
}

static void a_bus_is_set_and_put_back(void)
{
    struct ci_rs485 bus = {.enabled = true, .rts_after_send = true, .before_ms = 5}, granted;
    struct tty_line t;

    uart_open(&t);
    CHECK_EQ(ci_tty_rs485(t.line, &bus, &granted), 0);
    CHECK_EQ(uart.rs485.flags, SER_RS485_ENABLED | SER_RS485_RTS_AFTER_SEND);
    CHECK(granted.enabled && granted.rts_after_send && !granted.rts_on_send);
    CHECK_EQ(granted.before_ms, 0); /* the driver has none */
    line_close(&t);
    CHECK_EQ(uart.rs485.flags, 0);
}

static void a_driver_can_be_made_to_hurry(void)
{
    struct tty_line t;

    uart_open(&t);
    CHECK_EQ(ci_tty_low_latency(t.line, true), 0);
    CHECK((uart.serial.flags & (int)ASYNC_LOW_LATENCY) != 0);
    line_close(&t);
    CHECK_EQ(uart.serial.flags, 0);

    uart_open(&t);
    uart.serial.flags = (int)ASYNC_LOW_LATENCY; /* it did already */
    CHECK_EQ(ci_tty_low_latency(t.line, true), 0);
    line_close(&t);
    CHECK_EQ(uart.serial.flags, ASYNC_LOW_LATENCY);

    uart_open(&t);
    uart.forgets_latency = true;
    CHECK_EQ(ci_tty_low_latency(t.line, true), -ENOTSUP);
    line_close(&t);
}

COMM_TEST_MAIN(TEST(a_speed_is_near_enough_or_refused),
               TEST(a_format_that_does_not_stick_changes_nothing),
               TEST(a_driver_without_a_wire_is_not_asked_for_one),
               TEST(the_same_again_is_not_asked_of_the_driver), TEST(marks_are_asked_for),
               TEST(a_driver_that_can_toggles_rts), TEST(a_bus_is_set_and_put_back),
               TEST(a_driver_can_be_made_to_hurry))
