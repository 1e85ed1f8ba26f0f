/* SPDX-License-Identifier: MIT */
/* RTS_CONTROL_TOGGLE, for half-duplex lines: RTS is up from before the first byte until the last
 * one is out, over several writes too, and down whenever nothing can be sent. */
#include "waits.h"

#include "libcomm/dev/serial/serial.h"

static void toggles(DCB *dcb)
{
    dcb->fRtsControl = RTS_CONTROL_TOGGLE;
}

static bool rts_is_up(const struct port *port)
{
    DWORD outputs = 0;

    CHECK(CommGetNullModemOutputs(port->cable, port->number, &outputs));
    return (outputs & COMM_OUTPUT_RTS) != 0;
}

static bool rts_is_down(void *port)
{
    return !rts_is_up(port);
}

static ULONGLONG sent_by(const struct port *port)
{
    ULONGLONG sent = 0;

    CHECK(CommGetNullModemSent(port->cable, port->number, &sent));
    return sent;
}

/* How often RTS has changed, as the other end has counted it. */
static DWORD edges_of(const struct port *port)
{
    struct ci_serial *far = ci_serial_get(port->far);
    DWORD edges, levels;

    CHECK(GetCommModemStatus(port->far, &levels)); /* it has looked */
    ci_lock(&far->file.lock);
    edges = far->com.inputs.cts;
    ci_unlock(&far->file.lock);
    ci_file_put(&far->file);
    return edges;
}

static void it_rises_for_the_first_byte_and_falls_behind_the_last(struct port *port)
{
    struct request write[2];
    ULONGLONG before;
    DWORD edges;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(rts_is_up(port));
    port_change(port, toggles);
    CHECK(!rts_is_up(port));
    before = sent_by(port);
    edges = edges_of(port);
    for (int i = 0; i < 2; i++) {
        request_open(&write[i], true);
        CHECK_FAILS(WriteFile(port->near, "twenty bytes of data", 20, NULL, &write[i].ov),
                    ERROR_IO_PENDING);
    }
    for (;;) {
        bool up = rts_is_up(port);

        if (request_is_final(&write[1]))
            break;
        if (!CHECK(up))
            break;
        Sleep(0);
    }
    transfer_ends("the first write", port, &write[0], STATUS_SUCCESS, 20);
    transfer_ends("the second write", port, &write[1], STATUS_SUCCESS, 20);
    comm_wait_until(rts_is_down, port);
    CHECK_EQ(sent_by(port) - before, 40);
    CHECK_EQ(edges_of(port) - edges, 2);
}

/* Held, they are in the queue together when they may go. */
static void it_stays_up_between_queued_writes(struct port *port)
{
    struct request write[3];
    DWORD edges;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, toggles);
    edges = edges_of(port);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    for (int i = 0; i < 3; i++)
        write_pends(port, &write[i], "abc", 3);
    CHECK(!rts_is_up(port));
    CHECK_EQ(edges_of(port) - edges, 0);
    CHECK(EscapeCommFunction(port->near, SETXON));
    for (int i = 0; i < 3; i++)
        transfer_ends("released", port, &write[i], STATUS_SUCCESS, 3);
    comm_wait_until(rts_is_down, port);
    CHECK_EQ(edges_of(port) - edges, 2);
}

static void a_held_write_lets_it_fall(struct port *port)
{
    char bytes[100] = {0};
    struct request write;
    ULONGLONG sent;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, toggles);
    write_pends(port, &write, bytes, sizeof bytes);
    CHECK(rts_is_up(port));
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    comm_wait_until(rts_is_down, port);
    sent = sent_by(port);
    CHECK(port_pends(port, &write));
    CHECK(EscapeCommFunction(port->near, SETXON));
    CHECK(rts_is_up(port));
    CHECK(sent < sizeof bytes);
    transfer_ends("released", port, &write, STATUS_SUCCESS, sizeof bytes);
    comm_wait_until(rts_is_down, port);
}

static void a_break_and_a_character_raise_it_too(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, toggles);
    CHECK(SetCommBreak(port->near));
    CHECK(rts_is_up(port));
    CHECK(ClearCommBreak(port->near));
    comm_wait_until(rts_is_down, port);
    CHECK(TransmitCommChar(port->near, '!'));
    CHECK(port_received(port) == 0);
    comm_wait_until(rts_is_down, port);
    CHECK(EscapeCommFunction(port->near, SETRTS) == FALSE);
}

PORT_TEST_MAIN(ON_PACED_CABLE(it_rises_for_the_first_byte_and_falls_behind_the_last),
               ON_CABLE(it_stays_up_between_queued_writes),
               ON_PACED_CABLE(a_held_write_lets_it_fall),
               ON_PACED_CABLE(a_break_and_a_character_raise_it_too))
