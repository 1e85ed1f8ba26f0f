/* SPDX-License-Identifier: MIT */
/* A test's port on adapter A of the virtual pair, and its far end on B.  $LIBCOMM_TEST_PORTS says
 * so. */
#ifndef COMM_TESTS_RIG_GUEST_FTDI_H
#define COMM_TESTS_RIG_GUEST_FTDI_H

#include "adapters.h"
#include "tests/serial/waits.h"

struct format {
    DWORD baud;
    BYTE bits, parity, stop;
};

static inline bool try_format(HANDLE port, struct format format)
{
    DCB dcb = {.DCBlength = sizeof dcb};

    if (!CHECK(GetCommState(port, &dcb)))
        return false;
    dcb.BaudRate = format.baud;
    dcb.ByteSize = format.bits;
    dcb.Parity = format.parity;
    dcb.StopBits = format.stop;
    return SetCommState(port, &dcb);
}

static inline void set_format(HANDLE port, struct format format)
{
    CHECK(try_format(port, format));
}

static inline void both_formats(const struct port *port, struct format near, struct format far)
{
    set_format(port->near, near);
    set_format(port->far, far);
}

/* Nothing that a speed asks for keeps a test waiting. */
static const struct format usual = {115200, 8, NOPARITY, ONESTOPBIT};

#endif
