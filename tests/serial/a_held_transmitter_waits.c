/* SPDX-License-Identifier: MIT */
/* What stops a write, and what lets it go on: SETXOFF, the peer's XOFF, CTS, DSR, a break.  Nothing
 * of it is lost, and the status says why it waits. */
#include "waits.h"

#include <stdlib.h>

static void setxoff_holds_what_is_written_and_setxon_releases_it(struct port *port)
{
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(!status_of(port).fXoffHold);
    CHECK(EscapeCommFunction(port->near, SETXOFF));
    CHECK(status_of(port).fXoffHold);
    write_pends(port, &write, "abc", 3);
    port_deliver(port, "\x11", 1); /* of no meaning without fOutX */
    CHECK(port_pends(port, &write));
    CHECK(status_of(port).fXoffHold);
    CHECK(EscapeCommFunction(port->near, SETXON));
    CHECK(!status_of(port).fXoffHold);
    transfer_ends("released", port, &write, STATUS_SUCCESS, 3);
    CHECK(port_expect(port, "abc", 3));
    expect_queued("XON was a byte like others", port, "\x11", 1);
}

static void the_peers_xoff_holds_and_only_its_xon_releases(struct port *port)
{
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, xoff_out);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    port_deliver(port, "\x13", 1);
    CHECK(status_of(port).fXoffHold);
    CHECK_EQ(latched(port), 0);
    write_pends(port, &write, "abc", 3);
    port_deliver(port, "xyz", 3);
    CHECK(port_pends(port, &write));
    CHECK(status_of(port).fXoffHold);
    port_deliver(port, "\x11", 1);
    transfer_ends("released", port, &write, STATUS_SUCCESS, 3);
    CHECK(!status_of(port).fXoffHold);
    CHECK(port_expect(port, "abc", 3));
    expect_queued("neither of them is read", port, "xyz", 3);
}

static void other_characters(DCB *dcb)
{
    dcb->fOutX = TRUE;
    dcb->XonChar = 'n';
    dcb->XoffChar = 'f';
}

static void xon_and_xoff_may_be_any_characters(struct port *port)
{
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, other_characters);
    port_deliver(port,
                 "a\x13"
                 "bf",
                 4);
    write_pends(port, &write, "abc", 3);
    port_deliver(port, "\x11", 1);
    CHECK(port_pends(port, &write));
    port_deliver(port, "n", 1);
    transfer_ends("released", port, &write, STATUS_SUCCESS, 3);
    expect_queued("the usual ones are bytes like others", port,
                  "a\x13"
                  "b\x11",
                  4);
}

static void no_xoff_out(DCB *dcb)
{
    dcb->fOutX = FALSE;
}

/* And, as the driver does it, tells the peer to go on. */
static void a_port_that_stops_listening_to_xoff_goes_on(struct port *port)
{
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, xoff_out);
    port_deliver(port, "\x13", 1);
    write_pends(port, &write, "abc", 3);
    port_change(port, no_xoff_out);
    transfer_ends("released", port, &write, STATUS_SUCCESS, 3);
    CHECK(!status_of(port).fXoffHold);
    CHECK(port_expect(port,
                      "\x11"
                      "abc",
                      4));
}

/* ---- lines ---- */

static void dsr_out(DCB *dcb)
{
    dcb->fOutxDsrFlow = TRUE;
}

static void both_out(DCB *dcb)
{
    dcb->fOutxCtsFlow = dcb->fOutxDsrFlow = TRUE;
}

static void none_out(DCB *dcb)
{
    dcb->fOutxCtsFlow = dcb->fOutxDsrFlow = FALSE;
}

static void set_lines(const struct port *port, DWORD levels)
{
    port_hold_lines(port, MS_CTS_ON | MS_DSR_ON, levels);
}

static const struct {
    const char *when;
    void (*change)(DCB *dcb);
    DWORD held, still; /* levels that do not let it go */
    bool cts, dsr;     /* hold reasons at first */
} holds[] = {
    {"CTS is waited for",      cts_out,  MS_DSR_ON, MS_DSR_ON, true,  false},
    {"DSR is waited for",      dsr_out,  MS_CTS_ON, MS_CTS_ON, false, true },
    {"both are, one at first", both_out, 0,         MS_CTS_ON, true,  true },
    {"both are, the other",    both_out, 0,         MS_DSR_ON, true,  true },
};

static void a_line_that_is_off_holds_what_is_written(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(holds); i++) {
        const char *when = holds[i].when;
        struct request write;
        COMSTAT stat;

        port_change(port, none_out);
        port_change(port, holds[i].change);
        set_lines(port, holds[i].held);
        stat = status_of(port); /* it says so even with nothing to send */
        CHECK_EQ_WHEN(when, stat.fCtsHold, holds[i].cts);
        CHECK_EQ_WHEN(when, stat.fDsrHold, holds[i].dsr);
        write_pends(port, &write, "abc", 3);
        set_lines(port, holds[i].still);
        CHECK_EQ_WHEN(when, port_pends(port, &write), true);
        set_lines(port, MS_CTS_ON | MS_DSR_ON);
        transfer_ends(when, port, &write, STATUS_SUCCESS, 3);
        stat = status_of(port);
        CHECK_EQ_WHEN(when, stat.fCtsHold, false);
        CHECK_EQ_WHEN(when, stat.fDsrHold, false);
        CHECK(port_expect(port, "abc", 3));
    }
}

static void a_line_that_is_not_waited_for_any_more_releases(struct port *port)
{
    struct request write;

    port_open(port, FILE_FLAG_OVERLAPPED);
    set_lines(port, 0);
    write_all(port, "nobody looks", 12);
    CHECK(port_expect(port, "nobody looks", 12));
    port_change(port, both_out);
    write_pends(port, &write, "abc", 3);
    port_change(port, none_out);
    transfer_ends("released", port, &write, STATUS_SUCCESS, 3);
    CHECK(port_expect(port, "abc", 3));
}

/* With bytes on their way it stops all the same, and goes on where it was. */
static void a_write_that_is_held_midway_arrives_whole(struct port *port)
{
    char bytes[200], got[sizeof bytes];
    ULONGLONG before = 0, sent = 0, later;
    struct request write;
    size_t there = 0;

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)i;
    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, cts_out);
    CHECK(CommGetNullModemSent(port->cable, port->number, &before));
    write_pends(port, &write, bytes, sizeof bytes);
    while (CHECK(CommGetNullModemSent(port->cable, port->number, &sent)) && sent == before)
        Sleep(0);
    set_lines(port, MS_DSR_ON);
    CHECK(CommGetNullModemSent(port->cable, port->number, &sent));
    CHECK(sent - before < sizeof bytes);
    while (there < sent - before)
        there += port_take(port, got + there, sizeof got - there);
    port_deliver(port, "ten bytes!", 10); /* as long as ten of ours would take */
    there += port_take(port, got + there, sizeof got - there);
    CHECK(CommGetNullModemSent(port->cable, port->number, &later));
    CHECK(later - sent <= 1);
    CHECK(port_pends(port, &write));
    set_lines(port, MS_CTS_ON | MS_DSR_ON);
    transfer_ends("released", port, &write, STATUS_SUCCESS, sizeof bytes);
    CHECK(port_receive(port, got + there, sizeof got - there));
    CHECK_EQ(memcmp(got, bytes, sizeof bytes), 0);
}

/* ---- breaks ---- */

static void a_break_holds_what_is_written_until_it_ends(struct port *port)
{
    struct request write[2];
    char first[4] = {0};

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(ClearCommBreak(port->near)); /* none is on: TRUE all the same */
    CHECK(SetCommBreak(port->near));
    CHECK(SetCommBreak(port->near));
    write_pends(port, &write[0], "abc", 3);
    write_pends(port, &write[1], "def", 3);
    CHECK_EQ(status_of(port).cbOutQue, 6);
    CHECK(ClearCommBreak(port->near));
    transfer_ends("released", port, &write[0], STATUS_SUCCESS, 3);
    transfer_ends("released", port, &write[1], STATUS_SUCCESS, 3);
    if (port->kind == PORT_CABLE) /* where a break is a byte 0 */
        CHECK(port_receive(port, first, 1));
    CHECK_EQ(first[0], 0);
    CHECK(port_expect(port, "abcdef", 6));
}

static void a_break_in_the_middle_of_a_write_loses_nothing(struct port *port)
{
    char *bytes = malloc(100), *got = calloc(1, 101);
    struct request write;
    size_t nulls = 0;

    memset(bytes, 'a', 100);
    port_open(port, FILE_FLAG_OVERLAPPED);
    write_pends(port, &write, bytes, 100);
    CHECK(SetCommBreak(port->near));
    CHECK(port_pends(port, &write));
    CHECK(ClearCommBreak(port->near));
    transfer_ends("released", port, &write, STATUS_SUCCESS, 100);
    CHECK(port_receive(port, got, 101));
    for (size_t i = 0; i < 101; i++)
        nulls += got[i] == 0;
    CHECK_EQ(nulls, 1);
    free(bytes);
    free(got);
}

PORT_TEST_MAIN(ON_BOTH(setxoff_holds_what_is_written_and_setxon_releases_it),
               ON_BOTH(the_peers_xoff_holds_and_only_its_xon_releases),
               ON_BOTH(xon_and_xoff_may_be_any_characters),
               ON_BOTH(a_port_that_stops_listening_to_xoff_goes_on),
               ON_LINES(a_line_that_is_off_holds_what_is_written),
               ON_LINES(a_line_that_is_not_waited_for_any_more_releases),
               ON_PACED_CABLE(a_write_that_is_held_midway_arrives_whole),
               ON_BOTH(a_break_holds_what_is_written_until_it_ends),
               ON_PACED_CABLE(a_break_in_the_middle_of_a_write_loses_nothing))
