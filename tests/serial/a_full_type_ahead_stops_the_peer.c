/* SPDX-License-Identifier: MIT */
/* The type-ahead fills up and the peer is told to stop, once; it empties and the peer is told to go
 * on, once: by characters, by RTS, by DTR, or by all of them. */
#include "waits.h"

#define ROOM 4096
#define STOP (ROOM - 512) /* so many are queued when the peer is stopped */
#define GO 2048           /* so few, when it may go on */

static char filler[2 * ROOM];

static void limits(DCB *dcb)
{
    dcb->XoffLim = ROOM - STOP;
    dcb->XonLim = GO;
}

static void xoff_in(DCB *dcb)
{
    limits(dcb);
    dcb->fInX = TRUE;
    dcb->fTXContinueOnXoff = TRUE;
}

/* Nothing but this was sent since the last time. */
static void mark(struct port *port, const char *byte)
{
    write_all(port, byte, 1);
    CHECK(port_expect(port, byte, 1));
}

static void xoff_goes_out_at_the_upper_limit_and_xon_at_the_lower_one(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, xoff_in);
    port_deliver(port, filler, STOP - 1);
    mark(port, "a");
    CHECK(!status_of(port).fXoffSent);
    port_deliver(port, filler, 1);
    CHECK(port_expect(port, "\x13", 1));
    CHECK(status_of(port).fXoffSent);
    port_deliver(port, filler, 100);
    mark(port, "b");
    read_queued(port, NULL, STOP + 100 - (GO + 1));
    mark(port, "c");
    CHECK(status_of(port).fXoffSent);
    read_queued(port, NULL, 1);
    CHECK(port_expect(port, "\x11", 1));
    CHECK(!status_of(port).fXoffSent);
    read_queued(port, NULL, 10);
    port_deliver(port, filler, 10);
    mark(port, "d");
}

static void xoff_in_stops_us_too(DCB *dcb)
{
    xoff_in(dcb);
    dcb->fTXContinueOnXoff = FALSE;
}

static void our_own_xoff_stops_our_writes_unless_they_may_go_on(struct port *port)
{
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, xoff_in_stops_us_too);
    port_deliver(port, filler, STOP);
    CHECK(port_expect(port, "\x13", 1));
    write_pends(port, &write, "abc", 3);
    CHECK(!status_of(port).fXoffHold);
    read_queued(port, NULL, STOP - GO);
    transfer_ends("XON is out", port, &write, STATUS_SUCCESS, 3);
    CHECK(port_expect(port,
                      "\x11"
                      "abc",
                      4));
}

static void xoff_is_not_sent_for_what_goes_to_a_read(struct port *port)
{
    static char got[ROOM + 1];
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, xoff_in);
    request_open(&read, true);
    CHECK_FAILS(ReadFile(port->near, got, sizeof got, NULL, &read.ov), ERROR_IO_PENDING);
    port_deliver(port, filler, ROOM);
    mark(port, "a");
    port_send(port, filler, 1);
    transfer_ends("all of it", port, &read, STATUS_SUCCESS, ROOM + 1);
    mark(port, "b");
}

static void no_xoff_in(DCB *dcb)
{
    dcb->fInX = FALSE;
}

static void xon_follows_when_the_setting_or_the_bytes_go(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, limits);
    port_deliver(port, filler, STOP);
    mark(port, "a");
    port_change(port, xoff_in); /* it is too full already */
    CHECK(port_expect(port, "\x13", 1));
    port_change(port, no_xoff_in);
    CHECK(port_expect(port, "\x11", 1));
    mark(port, "b");
    port_change(port, xoff_in);
    CHECK(port_expect(port, "\x13", 1));
    CHECK(PurgeComm(port->near, PURGE_RXCLEAR));
    CHECK(port_expect(port, "\x11", 1));
    mark(port, "c");
}

/* ---- by lines ---- */

static DWORD outputs_of(const struct port *port)
{
    DWORD outputs = 0;

    CHECK(CommGetNullModemOutputs(port->cable, port->number, &outputs));
    return outputs & (COMM_OUTPUT_DTR | COMM_OUTPUT_RTS);
}

static void rts_in(DCB *dcb)
{
    limits(dcb);
    dcb->fRtsControl = RTS_CONTROL_HANDSHAKE;
    dcb->fDtrControl = DTR_CONTROL_ENABLE;
}

static void dtr_in(DCB *dcb)
{
    limits(dcb);
    dcb->fRtsControl = RTS_CONTROL_ENABLE;
    dcb->fDtrControl = DTR_CONTROL_HANDSHAKE;
}

static void both_in(DCB *dcb)
{
    limits(dcb);
    dcb->fRtsControl = RTS_CONTROL_HANDSHAKE;
    dcb->fDtrControl = DTR_CONTROL_HANDSHAKE;
}

static const struct {
    const char *when;
    void (*change)(DCB *dcb);
    DWORD left; /* what is still up while the peer is to stop */
} lines[] = {
    {"RTS does handshake", rts_in,  COMM_OUTPUT_DTR},
    {"DTR does handshake", dtr_in,  COMM_OUTPUT_RTS},
    {"both do",            both_in, 0              },
};

static void lines_fall_and_rise_at_the_same_limits(struct port *port)
{
    const DWORD up = COMM_OUTPUT_DTR | COMM_OUTPUT_RTS;

    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        const char *when = lines[i].when;

        port_change(port, lines[i].change);
        CHECK_EQ_WHEN(when, outputs_of(port), up);
        port_deliver(port, filler, STOP - 1);
        CHECK_EQ_WHEN(when, outputs_of(port), up);
        port_deliver(port, filler, 1);
        CHECK_EQ_WHEN(when, outputs_of(port), lines[i].left);
        read_queued(port, NULL, STOP - (GO + 1));
        CHECK_EQ_WHEN(when, outputs_of(port), lines[i].left);
        read_queued(port, NULL, 1);
        CHECK_EQ_WHEN(when, outputs_of(port), up);
        CHECK(PurgeComm(port->near, PURGE_RXCLEAR));
        CHECK_EQ_WHEN(when, status_of(port).fXoffSent, false);
    }
}

static void everything_in(DCB *dcb)
{
    both_in(dcb);
    dcb->fInX = TRUE;
}

static void characters_and_lines_go_together(struct port *port)
{
    const DWORD up = COMM_OUTPUT_DTR | COMM_OUTPUT_RTS;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, everything_in);
    port_deliver(port, filler, STOP);
    CHECK(port_expect(port, "\x13", 1));
    CHECK_EQ(outputs_of(port), 0);
    CHECK(PurgeComm(port->near, PURGE_RXCLEAR));
    CHECK(port_expect(port, "\x11", 1));
    CHECK_EQ(outputs_of(port), up);
}

static void cts_and_rts(DCB *dcb)
{
    rts_in(dcb);
    dcb->fOutxCtsFlow = TRUE;
    dcb->XonLim = 100;
}

/* Two ports that stop each other: nothing is lost, though nobody reads for a while. */
static void two_ports_that_hold_each_other_lose_nothing(struct port *port)
{
    static char bytes[3 * ROOM], got[sizeof bytes];
    DWORD there = 0, errors = 0;
    COMSTAT stat = {0};
    OVERLAPPED ov = {.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL)};
    DCB dcb;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 7);
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, cts_and_rts);
    CHECK(GetCommState(port->far, &dcb));
    dcb.fOutxCtsFlow = TRUE;
    CHECK(SetCommState(port->far, &dcb));
    CHECK(WriteFile(port->far, bytes, sizeof bytes, NULL, &ov) ||
          GetLastError() == ERROR_IO_PENDING);
    while (there < sizeof bytes) {
        CHECK(ClearCommError(port->near, &errors, &stat));
        CHECK_EQ(errors, 0);
        if (stat.cbInQue > 0)
            read_queued(port, got + there, stat.cbInQue);
        there += stat.cbInQue;
        if (stat.cbInQue == 0)
            Sleep(0);
    }
    CHECK_EQ(memcmp(got, bytes, sizeof bytes), 0);
    CHECK_EQ(WaitForSingleObject(ov.hEvent, SOON_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(ov.hEvent));
}

PORT_TEST_MAIN(ON_BOTH(xoff_goes_out_at_the_upper_limit_and_xon_at_the_lower_one),
               ON_BOTH(our_own_xoff_stops_our_writes_unless_they_may_go_on),
               ON_BOTH(xoff_is_not_sent_for_what_goes_to_a_read),
               ON_BOTH(xon_follows_when_the_setting_or_the_bytes_go),
               ON_CABLE(lines_fall_and_rise_at_the_same_limits),
               ON_CABLE(characters_and_lines_go_together),
               {.name = "two_ports_that_hold_each_other_lose_nothing",
                .with = two_ports_that_hold_each_other_lose_nothing,
                .cable = true,
                .flags = COMM_CABLE_PACED})
