/* SPDX-License-Identifier: MIT */
/* The modem lines as events: both edges of CTS, DSR and RLSD, the end of a ring, and pulses that
 * are over before anybody looks. */
#include "waits.h"

#define LINES (MS_CTS_ON | MS_DSR_ON | MS_RING_ON | MS_RLSD_ON)
#define LINE_EVENTS (EV_CTS | EV_DSR | EV_RING | EV_RLSD)

static DWORD levels_of(const struct port *port)
{
    DWORD levels = UNSEEN;

    CHECK(GetCommModemStatus(port->near, &levels));
    CHECK_EQ(levels & ~(DWORD)LINES, 0);
    return levels;
}

static void set_lines(const struct port *port, DWORD mask, DWORD levels)
{
    port_hold_lines(port, mask, levels);
}

static const struct {
    const char *when;
    DWORD line, rises, falls;
} lines[] = {
    {"CTS",  MS_CTS_ON,  EV_CTS,  EV_CTS },
    {"DSR",  MS_DSR_ON,  EV_DSR,  EV_DSR },
    {"RLSD", MS_RLSD_ON, EV_RLSD, EV_RLSD},
    {"RI",   MS_RING_ON, 0,       EV_RING},
};

static void edges_are_events_and_a_ring_is_one_when_it_ends(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    set_lines(port, LINES, 0);
    CHECK(SetCommMask(port->near, LINE_EVENTS));
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        const char *when = lines[i].when;

        set_lines(port, LINES, lines[i].line);
        CHECK_EQ_WHEN(when, levels_of(port), lines[i].line);
        CHECK_EQ_WHEN(when, latched(port), lines[i].rises);
        set_lines(port, LINES, 0);
        CHECK_EQ_WHEN(when, levels_of(port), 0);
        CHECK_EQ_WHEN(when, latched(port), lines[i].falls);
        CHECK_EQ_WHEN(when, latched(port), 0);
    }
}

static void a_wait_ends_by_the_edge_it_asks_for(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    set_lines(port, LINES, 0);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        DWORD others = LINES & ~lines[i].line;
        struct wait wait;

        CHECK(SetCommMask(port->near, lines[i].falls));
        wait_pends(port, &wait);
        set_lines(port, LINES, others);
        set_lines(port, LINES, 0);
        CHECK(port_pends(port, &wait.request));
        set_lines(port, LINES, lines[i].line);
        set_lines(port, LINES, 0);
        wait_ends(lines[i].when, port, &wait, lines[i].falls);
    }
}

static const struct {
    const char *when;
    DWORD function, levels, events;
} peers[] = {
    {"RTS falls", CLRRTS, MS_DSR_ON | MS_RLSD_ON,             EV_CTS          },
    {"DTR falls", CLRDTR, 0,                                  EV_DSR | EV_RLSD},
    {"RTS rises", SETRTS, MS_CTS_ON,                          EV_CTS          },
    {"DTR rises", SETDTR, MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON, EV_DSR | EV_RLSD},
};

static void the_outputs_of_the_peer_are_our_inputs(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, LINE_EVENTS));
    for (size_t i = 0; i < ARRAY_LEN(peers); i++) {
        CHECK(EscapeCommFunction(port->far, peers[i].function));
        CHECK_EQ_WHEN(peers[i].when, levels_of(port), peers[i].levels);
        CHECK_EQ_WHEN(peers[i].when, latched(port), peers[i].events);
    }
    CHECK(CloseHandle(port->far));
    port->far = NULL;
    CHECK_EQ_WHEN("it is closed", levels_of(port), 0);
    CHECK_EQ_WHEN("it is closed", latched(port), EV_CTS | EV_DSR | EV_RLSD);
}

static const struct {
    const char *when;
    DWORD pulse, event;
} pulses[] = {
    {"CTS",  COMM_INJECT_PULSE_CTS,  EV_CTS },
    {"DSR",  COMM_INJECT_PULSE_DSR,  EV_DSR },
    {"RLSD", COMM_INJECT_PULSE_RLSD, EV_RLSD},
    {"RI",   COMM_INJECT_PULSE_RING, EV_RING},
};

static void a_pulse_that_nobody_saw_is_an_event(struct port *port)
{
    DWORD levels;

    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK(SetCommMask(port->near, LINE_EVENTS));
    levels = levels_of(port);
    for (size_t i = 0; i < ARRAY_LEN(pulses); i++) {
        struct wait wait;

        wait_pends(port, &wait);
        CHECK(CommInjectNullModem(port->cable, port->number, pulses[i].pulse, NULL, 1));
        CHECK_EQ_WHEN(pulses[i].when, levels_of(port), levels);
        wait_ends(pulses[i].when, port, &wait, pulses[i].event);
        CHECK_EQ_WHEN(pulses[i].when, latched(port), 0);
    }
}

static void what_happened_before_the_mask_is_never_reported(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    set_lines(port, LINES, 0);
    CHECK(CommInjectNullModem(port->cable, port->number, COMM_INJECT_PULSE_CTS, NULL, 1));
    CHECK(SetCommMask(port->near, LINE_EVENTS));
    CHECK_EQ(latched(port), 0);
}

/* A pty has no lines: its peer is always there. */
static void a_pty_is_always_ready(struct port *port)
{
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK_EQ(levels_of(port), MS_CTS_ON | MS_DSR_ON | MS_RLSD_ON);
}

PORT_TEST_MAIN(ON_LINES(edges_are_events_and_a_ring_is_one_when_it_ends),
               ON_LINES(a_wait_ends_by_the_edge_it_asks_for),
               ON_CABLE(the_outputs_of_the_peer_are_our_inputs),
               ON_CABLE(a_pulse_that_nobody_saw_is_an_event),
               ON_CABLE(what_happened_before_the_mask_is_never_reported),
               ON_PTY(a_pty_is_always_ready))
