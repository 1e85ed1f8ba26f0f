/* SPDX-License-Identifier: MIT */
/* Events tell that something has happened, not how things are: each is latched once, from the
 * moment the mask asks for it until a wait has reported it. */
#include "waits.h"

static void what_came_before_the_wait_is_reported_at_once_and_once(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    port_deliver(port, "x", 1);
    CHECK_EQ(latched(port), EV_RXCHAR);
    CHECK_EQ(port_queued(port), 1);
    CHECK_EQ(latched(port), 0);
    port_deliver(port, "yz", 2);
    CHECK_EQ(latched(port), EV_RXCHAR);
    CHECK_EQ(latched(port), 0);
}

static void what_came_before_the_mask_is_never_reported(struct port *port)
{
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    port_deliver(port, "x", 1);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    wait_pends(port, &wait);
    CHECK_EQ(port_queued(port), 1);
    CHECK(wait_is_pending(&wait));
    port_send(port, "y", 1);
    wait_ends("another byte", port, &wait, EV_RXCHAR);
}

static void a_byte_that_goes_to_a_read_is_an_event_as_well(struct port *port)
{
    struct request read;
    struct wait wait;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RXCHAR));
    read_pends(port, &read, 2);
    wait_pends(port, &wait);
    port_send(port, "x", 1);
    wait_ends("the first byte of the read", port, &wait, EV_RXCHAR);
    CHECK(port_pends(port, &read));
    CHECK_EQ(port_queued(port), 0);
    port_deliver(port, "y", 1);
    read_ends("the last byte of the read", port, &read, "xy");
    CHECK_EQ(latched(port), EV_RXCHAR);
}

static void dollar_is_the_event_character(DCB *dcb)
{
    dcb->EvtChar = '$';
}

static void zero_is_the_event_character(DCB *dcb)
{
    dcb->EvtChar = 0;
}

/* Of 7 bits the eighth does not count. */
static void dollar_of_seven_bits(DCB *dcb)
{
    dcb->EvtChar = '$';
    dcb->ByteSize = 7;
}

static const struct {
    const char *when;
    void (*change)(DCB *dcb);
    DWORD mask;
    const char *bytes;
    size_t len;
    DWORD events;
} flags[] = {
    {"it is not among the bytes", dollar_is_the_event_character, EV_RXFLAG,             "abc",  3, 0        },
    {"it is between others",      dollar_is_the_event_character, EV_RXFLAG,             "x$y",  3, EV_RXFLAG},
    {"other bytes count as well", dollar_is_the_event_character, EV_RXCHAR | EV_RXFLAG, "x$y",  3,
     EV_RXCHAR | EV_RXFLAG                                                                                  },
    {"only others came",          dollar_is_the_event_character, EV_RXCHAR | EV_RXFLAG, "abc",  3, EV_RXCHAR},
    {"the mask does not ask",     dollar_is_the_event_character, EV_RXCHAR,             "$",    1, EV_RXCHAR},
    {"it is the byte 0",          zero_is_the_event_character,   EV_RXFLAG,             "a\0b", 3, EV_RXFLAG},
    {"it is not the byte 0 here", zero_is_the_event_character,   EV_RXFLAG,             "$",    1, 0        },
    {"a high bit is masked",      dollar_of_seven_bits,          EV_RXFLAG,
     "a\xA4"
     "b",                                                                                       3, EV_RXFLAG},
};

static void the_event_character_has_an_event_of_its_own(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
        port_change(port, flags[i].change);
        CHECK(SetCommMask(port->near, flags[i].mask));
        port_deliver(port, flags[i].bytes, flags[i].len);
        CHECK_EQ_WHEN(flags[i].when, latched(port), flags[i].events);
        CHECK(SetCommMask(port->near, 0));
        CHECK(PurgeComm(port->near, PURGE_RXCLEAR));
    }
}

static const struct {
    const char *when;
    DWORD mask, events;
} masks[] = {
    {"the new mask asks for it too",  EV_RXCHAR,              EV_RXCHAR},
    {"the new mask has others too",   EV_RXCHAR | EV_RING,    EV_RXCHAR},
    {"the new mask asks for another", EV_TXEMPTY,             0        },
    {"the new mask is empty",         0,                      0        },
    {"the mask stays as it was",      EV_RXCHAR | EV_TXEMPTY, EV_RXCHAR},
};

static void a_new_mask_keeps_what_it_asks_for_and_no_more(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
        CHECK(SetCommMask(port->near, EV_RXCHAR | EV_TXEMPTY));
        port_deliver(port, "x", 1);
        CHECK(SetCommMask(port->near, masks[i].mask));
        if (masks[i].mask != 0)
            CHECK_EQ_WHEN(masks[i].when, latched(port), masks[i].events);
        CHECK(SetCommMask(port->near, EV_RXCHAR | EV_TXEMPTY));
        CHECK_EQ_WHEN(masks[i].when, latched(port), 0); /* what was let go is gone */
    }
}

/* 13/16 of 4096 bytes. */
#define NEARLY_FULL 3328

static void a_type_ahead_that_fills_up_is_told_once(struct port *port)
{
    char bytes[NEARLY_FULL] = {0};

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RX80FULL));
    port_deliver(port, bytes, NEARLY_FULL - 1);
    CHECK_EQ(latched(port), 0);
    port_deliver(port, bytes, 1);
    CHECK_EQ(latched(port), EV_RX80FULL);
    port_deliver(port, bytes, 100);
    CHECK_EQ(latched(port), 0);
    read_queued(port, NULL, 200);
    CHECK_EQ(latched(port), 0);
    port_deliver(port, bytes, 99);
    CHECK_EQ(latched(port), 0);
    port_deliver(port, bytes, 2); /* past it in one go */
    CHECK_EQ(latched(port), EV_RX80FULL);
    CHECK_EQ(port_queued(port), NEARLY_FULL + 1);
}

/* A read that is pending takes everything, so nothing fills up. */
static void what_goes_to_a_read_fills_nothing_up(struct port *port)
{
    static char bytes[NEARLY_FULL], got[2 * NEARLY_FULL];
    struct request read;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, EV_RX80FULL));
    request_open(&read, true);
    CHECK_FAILS(ReadFile(port->near, got, sizeof got, NULL, &read.ov), ERROR_IO_PENDING);
    port_deliver(port, bytes, NEARLY_FULL);
    CHECK_EQ(latched(port), 0);
    port_send(port, bytes, NEARLY_FULL);
    transfer_ends("all of it", port, &read, STATUS_SUCCESS, sizeof got);
    CHECK_EQ(latched(port), 0);
}

PORT_TEST_MAIN(ON_BOTH(what_came_before_the_wait_is_reported_at_once_and_once),
               ON_BOTH(what_came_before_the_mask_is_never_reported),
               ON_BOTH(a_byte_that_goes_to_a_read_is_an_event_as_well),
               ON_BOTH(the_event_character_has_an_event_of_its_own),
               ON_BOTH(a_new_mask_keeps_what_it_asks_for_and_no_more),
               ON_BOTH(a_type_ahead_that_fills_up_is_told_once),
               ON_BOTH(what_goes_to_a_read_fills_nothing_up))
