/* SPDX-License-Identifier: MIT */
/* DTR and RTS of a 16550 as its peer sees them: at open and close, driven by the program, and by
 * the port for half-duplex lines, which this driver does not do itself. */
#include "tests/serial/waits.h"

#include <stdlib.h>

#include "ask.h"

struct outputs {
    const char *dtr, *rts;
};

static bool are_so(void *arg)
{
    const struct outputs *outputs = arg;
    char lines[64];

    return rig_ask_for(lines, sizeof lines, "lines get A") && strstr(lines, outputs->dtr) != NULL &&
           strstr(lines, outputs->rts) != NULL;
}

static void wait_outputs(bool dtr, bool rts)
{
    struct outputs outputs = {dtr ? "dtr=1" : "dtr=0", rts ? "rts=1" : "rts=0"};

    comm_wait_until(are_so, &outputs);
}

static void an_open_raises_and_a_close_drops_them(struct port *port)
{
    wait_outputs(false, false);
    for (int i = 0; i < 2; i++) {
        port_open(port, FILE_FLAG_OVERLAPPED);
        wait_outputs(true, true);
        port_shut(port);
        wait_outputs(false, false);
    }
}

/* open(2) would wait for DCD where CLOCAL is not set. */
static void an_open_does_not_wait_for_a_carrier(struct port *port)
{
    rig_ask("lines cut");
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_hold_lines(port, MS_RLSD_ON | MS_DSR_ON | MS_CTS_ON, 0);
    port_shut(port);
}

/* A carrier that goes hangs nothing up. */
static void a_lost_carrier_is_an_event_and_no_end(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RLSD));
    port_hold_lines(port, MS_RLSD_ON, 0);
    CHECK_EQ(latched(port), EV_RLSD);
    port_deliver(port, "still there", 11);
    expect_queued("still there", port, "still there", 11);
}

static const struct {
    DWORD function;
    bool dtr, rts;
} drives[] = {
    {CLRRTS, true,  false},
    {CLRDTR, false, false},
    {SETRTS, false, true },
    {SETDTR, true,  true },
};

static void functions_drive_them(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(drives); i++) {
        CHECK(EscapeCommFunction(port->near, drives[i].function));
        wait_outputs(drives[i].dtr, drives[i].rts);
    }
}

/* ---- RTS for half-duplex lines ---- */

#define LONG_WRITE 30000u /* more than chip and host have room for */

static void toggles(DCB *dcb)
{
    dcb->fRtsControl = RTS_CONTROL_TOGGLE;
}

static void rts_is_up_while_something_is_sent(struct port *port)
{
    char *bytes = calloc(1, LONG_WRITE);
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, toggles);
    wait_outputs(true, false);
    rig_ask("lines stall A");
    request_open(&write, true);
    CHECK_FAILS(WriteFile(port->near, bytes, LONG_WRITE, NULL, &write.ov), ERROR_IO_PENDING);
    wait_outputs(true, true);
    CHECK(port_pends(port, &write));
    rig_ask("lines flow A");
    transfer_ends("all of it", port, &write, STATUS_SUCCESS, LONG_WRITE);
    wait_outputs(true, false);
    CHECK(port_expect(port, bytes, LONG_WRITE));
    free(bytes);
}

/* With bytes of it in the kernel's queue, that go on where they were. */
static void rts_falls_while_a_write_is_held(struct port *port)
{
    char *bytes = calloc(1, LONG_WRITE);
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, toggles);
    rig_ask("lines stall A");
    request_open(&write, true);
    CHECK_FAILS(WriteFile(port->near, bytes, LONG_WRITE, NULL, &write.ov), ERROR_IO_PENDING);
    wait_outputs(true, true);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    rig_ask("lines flow A");
    wait_outputs(true, false);
    CHECK(port_pends(port, &write));
    CHECK(EscapeCommFunction(port->near, SETXON));
    transfer_ends("released", port, &write, STATUS_SUCCESS, LONG_WRITE);
    wait_outputs(true, false);
    CHECK(port_expect(port, bytes, LONG_WRITE));
    free(bytes);
}

PORT_TEST_MAIN(ON_TTY_LINES(an_open_raises_and_a_close_drops_them),
               ON_TTY_LINES(an_open_does_not_wait_for_a_carrier),
               ON_TTY_LINES(a_lost_carrier_is_an_event_and_no_end),
               ON_TTY_LINES(functions_drive_them), ON_TTY_LINES(rts_is_up_while_something_is_sent),
               ON_TTY_LINES(rts_falls_while_a_write_is_held))
