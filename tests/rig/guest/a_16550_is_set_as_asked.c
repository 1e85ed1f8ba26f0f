/* SPDX-License-Identifier: MIT */
/* What SetCommState tells the chip, as the chip has it, and what the chip cannot do: it divides a
 * clock, and the kernel calls it a success when the rate that comes of that is another. */
#include "tests/serial/waits.h"

#include <fcntl.h>
#include <linux/serial.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "ask.h"

/* The rig makes its chips faster than the clock that they have; here it is as it is. */
static void set_clock(const char *name, int base, speed_t speed)
{
    int fd = open(name, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct serial_struct serial = {0};
    struct termios t;

    CHECK(ioctl(fd, TIOCGSERIAL, &serial) == 0 && tcgetattr(fd, &t) == 0);
    serial.baud_base = base;
    CHECK(ioctl(fd, TIOCSSERIAL, &serial) == 0 && cfsetspeed(&t, speed) == 0);
    CHECK(tcsetattr(fd, TCSANOW, &t) == 0);
    close(fd);
}

static const struct {
    const char *told;
    DWORD rate;
    BYTE bits, parity, stop;
} frames[] = {
    {"9600 8N1",   9600,   8, NOPARITY,   ONESTOPBIT  },
    {"300 7E2",    300,    7, EVENPARITY, TWOSTOPBITS },
    {"115200 8O1", 115200, 8, ODDPARITY,  ONESTOPBIT  },
    {"19200 5N2",  19200,  5, NOPARITY,   ONE5STOPBITS},
    {"57600 6N2",  57600,  6, NOPARITY,   TWOSTOPBITS },
    {"38400 7O1",  38400,  7, ODDPARITY,  ONESTOPBIT  },
};

static bool set_frame(const struct port *port, size_t i)
{
    DCB dcb;

    CHECK(GetCommState(port->near, &dcb));
    dcb.BaudRate = frames[i].rate;
    dcb.ByteSize = frames[i].bits;
    dcb.Parity = frames[i].parity;
    dcb.StopBits = frames[i].stop;
    return SetCommState(port->near, &dcb);
}

struct told {
    const char *expected;
    char got[32];
};

static bool chip_is_told(void *arg)
{
    struct told *told = arg;

    return rig_ask_for(told->got, sizeof told->got, "params A") &&
           strcmp(told->got, told->expected) == 0;
}

static void the_chip_has_the_frame_that_was_asked_for(struct port *port)
{
    set_clock(port->name, 115200, B115200);
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(frames); i++) {
        struct told told = {frames[i].told, ""};

        CHECK(set_frame(port, i));
        if (!comm_poll_until(chip_is_told, &told))
            comm_check(false, __FILE__, __LINE__, "the chip has %s, not %s", told.got,
                       told.expected);
    }
    port_shut(port);
    set_clock(port->name, 921600, B921600);
}

static void mark_and_space_are_parities_too(struct port *port)
{
    static const BYTE parities[] = {MARKPARITY, SPACEPARITY};
    DCB dcb;

    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(parities); i++) {
        CHECK(GetCommState(port->near, &dcb));
        dcb.Parity = parities[i];
        CHECK(SetCommState(port->near, &dcb));
        CHECK(GetCommState(port->near, &dcb));
        CHECK_EQ(dcb.Parity, parities[i]);
    }
}

static const DWORD impossible[] = {230400, 250000, 921600, 4000000};

/* On a port whose clock is the usual one. */
static void a_rate_the_chip_cannot_do_is_refused(void)
{
    struct port port = {.kind = PORT_TTY, .name = RIG_LINK};
    DCB dcb, before;

    port_open(&port, FILE_FLAG_OVERLAPPED);
    CHECK(GetCommState(port.near, &before));
    before.BaudRate = 38400;
    CHECK(SetCommState(port.near, &before));
    for (size_t i = 0; i < ARRAY_LEN(impossible); i++) {
        DWORD rate = 0;

        dcb = before;
        dcb.BaudRate = impossible[i];
        dcb.Parity = EVENPARITY;
        CHECK_FAILS(SetCommState(port.near, &dcb), ERROR_INVALID_PARAMETER);
        CHECK(GetCommState(port.near, &dcb));
        CHECK_EQ(dcb.BaudRate, 38400);
        CHECK_EQ(dcb.Parity, before.Parity);
        CHECK(CommGetPortRate(port.near, &rate));
        CHECK_EQ(rate, 38400);
    }
    dcb = before;
    dcb.BaudRate = 10472; /* divided by 11 it is that */
    CHECK(SetCommState(port.near, &dcb));
    CHECK(CloseHandle(port.near));
}

PORT_TEST_MAIN(ON_TTY_LINES(the_chip_has_the_frame_that_was_asked_for),
               ON_TTY_LINES(mark_and_space_are_parities_too),
               IN_GUEST(a_rate_the_chip_cannot_do_is_refused))
