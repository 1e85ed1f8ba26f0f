/* SPDX-License-Identifier: MIT */
/* Speed and format as they reach the chip, not as a driver repeats them. */
#include "ftdi.h"

static DWORD rate_of(const struct port *port)
{
    DWORD rate = 0;

    CHECK(CommGetPortRate(port->near, &rate));
    return rate;
}

static void every_speed_reaches_the_chip(struct port *port)
{
    static const DWORD speeds[] = {300,    1200,    9600,    12345,   31250,
                                   57600,  115200,  230400,  250000,  460800,
                                   921600, 1000000, 1500000, 2000000, 3000000};

    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(speeds); i++) {
        long asked = (long)speeds[i], got;

        set_format(port->near, (struct format){speeds[i], 8, NOPARITY, ONESTOPBIT});
        got = adapter_tells('A', "baud");
        comm_check(got * 100 >= asked * 99 && got * 100 <= asked * 101, __FILE__, __LINE__,
                   "asked for %ld, the chip has %ld", asked, got);
        CHECK_EQ(rate_of(port), speeds[i]);
    }
}

/* The driver takes it, and sets 9600. */
static void a_speed_that_it_has_not_is_refused_and_changes_nothing(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    set_format(port->near, usual);
    SetLastError(0);
    CHECK(!try_format(port->near, (struct format){4000000, 8, NOPARITY, ONESTOPBIT}));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK_EQ(rate_of(port), usual.baud);
    CHECK_EQ(adapter_tells('A', "baud"), 115385); /* 3 MHz / 26 */
}

static const struct {
    const char *when;
    BYTE bits, parity, stop;
} formats[] = {
    {"8N1", 8, NOPARITY,    ONESTOPBIT },
    {"7E1", 7, EVENPARITY,  ONESTOPBIT },
    {"7O2", 7, ODDPARITY,   TWOSTOPBITS},
    {"8M1", 8, MARKPARITY,  ONESTOPBIT },
    {"8S1", 8, SPACEPARITY, ONESTOPBIT },
    {"8N2", 8, NOPARITY,    TWOSTOPBITS},
};

static void every_format_reaches_the_chip(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        const char *when = formats[i].when;

        set_format(port->near,
                   (struct format){9600, formats[i].bits, formats[i].parity, formats[i].stop});
        CHECK_EQ_WHEN(when, adapter_tells('A', "bits"), formats[i].bits);
        CHECK_EQ_WHEN(when, adapter_tells('A', "parity"), formats[i].parity);
        CHECK_EQ_WHEN(when, adapter_tells('A', "stop"), formats[i].stop);
    }
}

static void a_format_that_it_has_not_is_refused_and_changes_nothing(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    set_format(port->near, usual);
    SetLastError(0);
    CHECK(!try_format(port->near, (struct format){9600, 6, NOPARITY, ONESTOPBIT}));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CHECK_EQ(adapter_tells('A', "bits"), 8);
    CHECK_EQ(adapter_tells('A', "baud"), 115385);
}

/* The driver says that it has five bits, and sets eight: nobody but the chip knows. */
static void five_bits_are_what_the_driver_says(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    set_format(port->near, (struct format){9600, 5, NOPARITY, ONESTOPBIT});
    CHECK_EQ(adapter_tells('A', "bits"), 8);
    set_format(port->near, usual);
}

/* It goes on with flow control of its own otherwise, and swallows characters. */
static void the_chip_keeps_no_flow_control_that_nobody_asked_for(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK_EQ(adapter_tells('A', "flow"), 0);
    port_change(port, cts_out);
    CHECK_EQ(adapter_tells('A', "flow"), 1);
}

static void lines_follow_the_port(struct port *port)
{
    CHECK_EQ(adapter_tells('A', "dtr"), 0);
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK_EQ(adapter_tells('A', "dtr"), 1);
    CHECK_EQ(adapter_tells('A', "rts"), 1);
    CHECK(EscapeCommFunction(port->near, CLRRTS));
    CHECK_EQ(adapter_tells('A', "rts"), 0);
    CHECK(EscapeCommFunction(port->near, CLRDTR));
    CHECK_EQ(adapter_tells('A', "dtr"), 0);
    CHECK(EscapeCommFunction(port->near, SETDTR));
    port_shut(port);
    CHECK_EQ(adapter_tells('A', "dtr"), 0);
    CHECK_EQ(adapter_tells('A', "rts"), 0);
}

PORT_TEST_MAIN(ON_TTY(every_speed_reaches_the_chip),
               ON_TTY(a_speed_that_it_has_not_is_refused_and_changes_nothing),
               ON_TTY(every_format_reaches_the_chip),
               ON_TTY(a_format_that_it_has_not_is_refused_and_changes_nothing),
               ON_TTY(five_bits_are_what_the_driver_says),
               ON_TTY(the_chip_keeps_no_flow_control_that_nobody_asked_for),
               ON_TTY(lines_follow_the_port))
