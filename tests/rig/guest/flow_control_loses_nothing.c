/* SPDX-License-Identifier: MIT */
/* A sender that is faster than its peer reads, on a null modem between two drivers: the peer's full
 * type-ahead holds it, by RTS to CTS, which the driver itself obeys, or by DTR to DSR, which it
 * does not know, and every byte arrives.  A megabyte in all: the guest's processor moves each byte
 * by hand. */
#include "tests/serial/waits.h"

#include <stdlib.h>

#define AMOUNT (512u << 10)
#define EACH (4u << 10)
/* The peer's: QEMU sends as fast as it can, so that much arrives until a line has made its way. */
#define TYPEAHEAD (64u << 10)
#define HELD_AT (8u << 10)

static void rts_in(DCB *dcb)
{
    dcb->fRtsControl = RTS_CONTROL_HANDSHAKE;
    dcb->XonLim = HELD_AT / 2;
    dcb->XoffLim = TYPEAHEAD - HELD_AT;
}

static void dtr_in(DCB *dcb)
{
    dcb->fDtrControl = DTR_CONTROL_HANDSHAKE;
    dcb->XonLim = HELD_AT / 2;
    dcb->XoffLim = TYPEAHEAD - HELD_AT;
}

static void dsr_out(DCB *dcb)
{
    dcb->fOutxDsrFlow = TRUE;
}

static unsigned char byte_at(size_t i)
{
    return (unsigned char)(i * 2654435761u >> 13);
}

static bool is_held_by_cts(void *arg)
{
    return status_of(arg).fCtsHold;
}

static bool is_held_by_dsr(void *arg)
{
    return status_of(arg).fDsrHold;
}

/* As the rig has it, it takes everything. */
static void reopen_far(struct port *port)
{
    CHECK(CloseHandle(port->far));
    port->far =
        CreateFileA(port->far_name, READ_WRITE, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    CHECK(port->far != INVALID_HANDLE_VALUE);
    CHECK(SetupComm(port->far, TYPEAHEAD, 0));
}

static void check_flow(struct port *port, void (*sender)(DCB *dcb), void (*receiver)(DCB *dcb),
                       bool (*is_held)(void *port))
{
    struct port back = {.kind = port->kind, .near = port->far};
    unsigned char *bytes = malloc(AMOUNT), got[EACH];
    struct request write;
    size_t wrong = 0;
    DWORD errors = 0;

    for (size_t i = 0; i < AMOUNT; i++)
        bytes[i] = byte_at(i);
    reopen_far(port);
    back.near = port->far;
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(&back, receiver);
    port_change(port, sender);
    request_open(&write, true);
    CHECK_FAILS(WriteFile(port->near, bytes, AMOUNT, NULL, &write.ov), ERROR_IO_PENDING);
    comm_wait_until(is_held, port); /* nobody reads */
    CHECK(port_pends(port, &write));
    for (size_t at = 0; at < AMOUNT && wrong == 0; at += EACH) {
        if (!port_receive(port, got, EACH))
            break;
        for (size_t i = 0; i < EACH; i++)
            wrong += got[i] != byte_at(at + i);
    }
    CHECK_EQ(wrong, 0);
    transfer_ends("all of it", port, &write, STATUS_SUCCESS, AMOUNT);
    CHECK(ClearCommError(port->far, &errors, NULL));
    CHECK_EQ(errors, 0);
    free(bytes);
}

static void cts_holds_and_releases_the_sender(struct port *port)
{
    check_flow(port, cts_out, rts_in, is_held_by_cts);
}

static void dsr_holds_and_releases_the_sender(struct port *port)
{
    check_flow(port, dsr_out, dtr_in, is_held_by_dsr);
}

PORT_TEST_MAIN(ON_TTY_LINES(cts_holds_and_releases_the_sender),
               ON_TTY_LINES(dsr_holds_and_releases_the_sender))
