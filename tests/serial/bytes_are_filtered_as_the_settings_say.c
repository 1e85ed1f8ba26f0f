/* SPDX-License-Identifier: MIT */
/* What never arrives: null bytes that are to be dropped, and whatever comes while a DSR that
 * matters is off. */
#include "waits.h"

static void nulls_are_dropped(DCB *dcb)
{
    dcb->fNull = TRUE;
}

static void nulls_of_seven_bits_are_dropped(DCB *dcb)
{
    dcb->fNull = TRUE;
    dcb->ByteSize = 7;
}

static void nulls_are_kept(DCB *dcb)
{
    dcb->fNull = FALSE;
}

static const struct {
    const char *when;
    void (*change)(DCB *dcb);
    const char *sent;
    DWORD len;
    const char *received;
    DWORD left, events;
} nulls[] = {
    {"nobody wants to drop it",         nulls_are_kept,                  "a\0b", 3, "a\0b", 3, EV_RXCHAR},
    {"it is between others",            nulls_are_dropped,               "a\0b", 3, "ab",   2, EV_RXCHAR},
    {"there is nothing else",           nulls_are_dropped,               "\0\0", 2, "",     0, 0        },
    {"only seven of its bits are null", nulls_of_seven_bits_are_dropped,
     "a\x80"
     "b",                                                                        3, "ab",   2, EV_RXCHAR},
};

static void null_bytes_are_dropped_without_an_event(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(nulls); i++) {
        port_change(port, nulls[i].change);
        CHECK(SetCommMask(port->near, EV_RXCHAR));
        port_deliver(port, nulls[i].sent, nulls[i].len);
        CHECK_EQ_WHEN(nulls[i].when, latched(port), nulls[i].events);
        expect_queued(nulls[i].when, port, nulls[i].received, nulls[i].left);
    }
}

static void dsr_matters(DCB *dcb)
{
    dcb->fDsrSensitivity = TRUE;
}

static void set_dsr(const struct port *port, DWORD level)
{
    port_hold_lines(port, MS_DSR_ON, level);
}

static void bytes_that_come_while_dsr_is_off_are_dropped(struct port *port)
{
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_change(port, dsr_matters);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    port_deliver(port, "a", 1);
    set_dsr(port, 0);
    port_deliver(port, "lost", 4);
    CHECK_EQ(latched(port), EV_RXCHAR); /* they were received, after all */
    CHECK_EQ(port_queued(port), 1);
    set_dsr(port, MS_DSR_ON);
    port_deliver(port, "b", 1);
    expect_queued("the type-ahead", port, "ab", 2);
    read_pends(port, &read, 2);
    set_dsr(port, 0);
    port_deliver(port, "xy", 2);
    CHECK(port_pends(port, &read));
    set_dsr(port, MS_DSR_ON);
    port_deliver(port, "cd", 2);
    read_ends("a read", port, &read, "cd");
}

static void without_the_setting_dsr_does_not_matter(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    set_dsr(port, 0);
    port_deliver(port, "ab", 2);
    expect_queued("DSR is off", port, "ab", 2);
}

PORT_TEST_MAIN(ON_BOTH(null_bytes_are_dropped_without_an_event),
               ON_LINES(bytes_that_come_while_dsr_is_off_are_dropped),
               ON_LINES(without_the_setting_dsr_does_not_matter))
