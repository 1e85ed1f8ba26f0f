/* SPDX-License-Identifier: MIT */
/* cdc_acm and the gadget at its other end know less than a UART: what they refuse is refused or has
 * an answer that lets a program go on.  The near end is ttyACM0, the far one ttyGS0. */
#include <stdlib.h>

#include "tests/serial/waits.h"

/* ---- breaks ---- */

static void a_break_that_the_driver_refuses_is_refused(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK_FAILS(SetCommBreak(port->near), ERROR_NOT_SUPPORTED);
    CHECK(ClearCommBreak(port->near));
    write_all(port, "abc", 3); /* it holds nothing up */
    port_expect(port, "abc", 3);
}

static void a_break_of_the_other_end_is_an_event(struct port *port)
{
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_BREAK));
    if (!wait_pends(port, &wait))
        return;
    CHECK(SetCommBreak(port->far));
    wait_ends("a break", port, &wait, EV_BREAK);
    CHECK(ClearCommBreak(port->far));
    CHECK_EQ(errors_of(port), CE_BREAK);
    expect_queued("a break", port, "", 1);
}

/* ---- lines ---- */

static void ends_unasked(const char *when, const struct port *port, struct wait *wait, DWORD events)
{
    CHECK_EQ_WHEN(when, WaitForSingleObject(wait->request.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    wait_ends(when, port, wait, events);
}

/* The gadget raises DSR and DCD while somebody has its end open. */
static void check_opening_and_closing(struct port *port)
{
    const DWORD events[] = {EV_DSR, EV_RLSD};

    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(events); i++) {
        struct wait wait;

        CHECK(SetCommMask(port->near, events[i]));
        if (!wait_pends(port, &wait))
            return;
        CHECK(CloseHandle(port->far));
        ends_unasked("the other end closes", port, &wait, events[i]);
        wait_pends(port, &wait);
        port->far = CreateFileA(port->far_name, READ_WRITE, 0, NULL, OPEN_EXISTING,
                                FILE_FLAG_OVERLAPPED, NULL);
        CHECK(port->far != INVALID_HANDLE_VALUE);
        ends_unasked("the other end opens", port, &wait, events[i]);
    }
}

static void the_other_ends_opening_and_closing_are_events(struct port *port)
{
    check_opening_and_closing(port);
}

static void the_other_ends_opening_and_closing_are_events_by_asking(struct port *port)
{
    CHECK_EQ(setenv("LIBCOMM_TTY_MIWAIT", "0", 1), 0);
    check_opening_and_closing(port);
    CHECK_EQ(unsetenv("LIBCOMM_TTY_MIWAIT"), 0);
}

static void a_port_without_lines_has_a_peer_that_is_ready(struct port *port)
{
    DWORD lines = 0;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(GetCommModemStatus(port->far, &lines));
    CHECK_EQ(lines, MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON);
    CHECK(EscapeCommFunction(port->far, CLRRTS));
    CHECK(EscapeCommFunction(port->far, SETRTS));
}

/* Without TIOCGICOUNT on that side. */
static void it_waits_for_bytes_all_the_same(struct port *port)
{
    struct port far = {.near = port->far};
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->far, EV_RXCHAR | EV_ERR | EV_CTS));
    if (!wait_pends(&far, &wait))
        return;
    write_all(port, "abc", 3);
    wait_ends("bytes", &far, &wait, EV_RXCHAR);
    port_expect(port, "abc", 3);
    CHECK(SetCommMask(port->far, 0));
}

static void a_port_without_a_wire_takes_any_speed(struct port *port)
{
    DCB dcb = {.DCBlength = sizeof dcb};

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(GetCommState(port->far, &dcb));
    dcb.BaudRate = 921600;
    dcb.ByteSize = 7;
    dcb.Parity = EVENPARITY;
    CHECK(SetCommState(port->far, &dcb));
    CHECK(GetCommState(port->far, &dcb));
    CHECK_EQ(dcb.BaudRate, 921600);
    CHECK_EQ(dcb.ByteSize, 7);
}

/* ---- flow control ---- */

static void line_flow(DCB *dcb)
{
    dcb->fOutxCtsFlow = TRUE;
    dcb->fRtsControl = RTS_CONTROL_HANDSHAKE;
}

static void flow_control_by_lines_it_has_not_holds_nothing(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, line_flow);
    write_all(port, "abc", 3);
    CHECK(FlushFileBuffers(port->near));
    port_expect(port, "abc", 3);
}

PORT_TEST_MAIN(ON_TTY(a_break_that_the_driver_refuses_is_refused),
               ON_TTY(a_break_of_the_other_end_is_an_event),
               ON_TTY(the_other_ends_opening_and_closing_are_events),
               ON_TTY(the_other_ends_opening_and_closing_are_events_by_asking),
               ON_TTY(a_port_without_lines_has_a_peer_that_is_ready),
               ON_TTY(a_port_without_a_wire_takes_any_speed),
               ON_TTY(it_waits_for_bytes_all_the_same),
               ON_TTY(flow_control_by_lines_it_has_not_holds_nothing))
