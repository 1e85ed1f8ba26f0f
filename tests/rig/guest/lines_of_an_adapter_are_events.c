/* SPDX-License-Identifier: MIT */
/* Each modem line ends a wait for it, whether the driver tells of changes or has to be asked. */
#include <stdlib.h>

#include "ftdi.h"

static const struct {
    const char *line, *first, *second;
    DWORD event, level;
} lines[] = {
    {"cts", "0", "1", EV_CTS,  MS_CTS_ON },
    {"dsr", "0", "1", EV_DSR,  MS_DSR_ON },
    {"dcd", "0", "1", EV_RLSD, MS_RLSD_ON},
};

/* The near end is told by its driver, or has to ask. */
static void open_so(struct port *port, bool by_asking)
{
    if (by_asking)
        CHECK_EQ(setenv("LIBCOMM_TTY_MIWAIT", "0", 1), 0);
    port_open(port, FILE_FLAG_OVERLAPPED);
    CHECK_EQ(unsetenv("LIBCOMM_TTY_MIWAIT"), 0);
}

/* Nobody asks the port anything meanwhile. */
static void ends_unasked(const char *when, const struct port *port, struct wait *wait, DWORD events)
{
    CHECK_EQ_WHEN(when, WaitForSingleObject(wait->request.ov.hEvent, PATIENCE_MS), WAIT_OBJECT_0);
    wait_ends(when, port, wait, events);
}

static bool level_of(const struct port *port, DWORD level)
{
    DWORD status = 0;

    CHECK(GetCommModemStatus(port->near, &status));
    CHECK_EQ(status & ~0xF0u, 0);
    return (status & level) != 0;
}

static void an_edge_ends_a_wait(const struct port *port, size_t i, const char *to)
{
    struct wait wait;

    if (!wait_pends(port, &wait))
        return;
    CHECK(adapters_do("line A %s %s", lines[i].line, to));
    ends_unasked(lines[i].line, port, &wait, lines[i].event);
    CHECK_EQ_WHEN(lines[i].line, level_of(port, lines[i].level), *to == '1');
}

static void check_edges(struct port *port, bool by_asking)
{
    open_so(port, by_asking);
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        CHECK(SetCommMask(port->near, lines[i].event));
        an_edge_ends_a_wait(port, i, "0");
        an_edge_ends_a_wait(port, i, "1");
        CHECK(adapters_do("line A %s auto", lines[i].line));
    }
}

static void both_edges_of_a_line_are_events(struct port *port)
{
    check_edges(port, false);
}

static void both_edges_of_a_line_are_events_by_asking(struct port *port)
{
    check_edges(port, true);
}

/* ftdi_sio counts both edges of it. */
static void check_rings(struct port *port, bool by_asking)
{
    struct wait wait;

    open_so(port, by_asking);
    CHECK(SetCommMask(port->near, EV_RING));
    if (!wait_pends(port, &wait))
        return;
    for (int i = 0; i < 3; i++) {
        CHECK(adapters_do("line A ri 1"));
        CHECK(level_of(port, MS_RING_ON));
        CHECK(wait_is_pending(&wait));
        CHECK(adapters_do("line A ri 0"));
        ends_unasked("a ring", port, &wait, EV_RING);
        CHECK(!level_of(port, MS_RING_ON));
        CHECK_EQ(latched(port), 0);
        if (!wait_pends(port, &wait))
            return;
    }
    CHECK(adapters_do("line A ri auto"));
    wait_cancel(port, &wait);
}

static void a_ring_is_an_event_when_it_ends(struct port *port)
{
    check_rings(port, false);
}

static void a_ring_is_an_event_when_it_ends_by_asking(struct port *port)
{
    check_rings(port, true);
}

static bool is_told(void *arg)
{
    return level_of(arg, MS_CTS_ON);
}

/* The level is what it was when somebody looks; the driver has counted. */
static void check_pulse(struct port *port, bool by_asking)
{
    open_so(port, by_asking);
    comm_wait_until(is_told, port);
    CHECK(SetCommMask(port->near, EV_CTS));
    CHECK_EQ(latched(port), 0);
    CHECK(adapters_do("line A cts 0"));
    CHECK(adapters_do("line A cts 1"));
    comm_wait_until(is_told, port);
    CHECK_EQ(latched(port), EV_CTS);
    CHECK(adapters_do("line A cts auto"));
}

static void a_pulse_that_nobody_saw_is_an_event(struct port *port)
{
    check_pulse(port, false);
}

static void a_pulse_that_nobody_saw_is_an_event_by_asking(struct port *port)
{
    check_pulse(port, true);
}

static void check_outputs(struct port *port, bool by_asking)
{
    static const struct {
        const char *when;
        DWORD down, up, events;
    } outputs[] = {
        {"RTS", CLRRTS, SETRTS, EV_CTS          },
        {"DTR", CLRDTR, SETDTR, EV_DSR | EV_RLSD},
    };

    open_so(port, by_asking);
    for (size_t i = 0; i < ARRAY_LEN(outputs); i++)
        for (int up = 0; up < 2; up++) {
            struct wait wait;

            CHECK(SetCommMask(port->near, outputs[i].events));
            if (!wait_pends(port, &wait))
                return;
            CHECK(EscapeCommFunction(port->far, up ? outputs[i].up : outputs[i].down));
            ends_unasked(outputs[i].when, port, &wait, outputs[i].events);
        }
}

static void outputs_of_one_end_are_inputs_of_the_other(struct port *port)
{
    check_outputs(port, false);
}

static void outputs_of_one_end_are_inputs_of_the_other_by_asking(struct port *port)
{
    check_outputs(port, true);
}

PORT_TEST_MAIN(ON_TTY(both_edges_of_a_line_are_events),
               ON_TTY(both_edges_of_a_line_are_events_by_asking),
               ON_TTY(a_ring_is_an_event_when_it_ends),
               ON_TTY(a_ring_is_an_event_when_it_ends_by_asking),
               ON_TTY(a_pulse_that_nobody_saw_is_an_event),
               ON_TTY(a_pulse_that_nobody_saw_is_an_event_by_asking),
               ON_TTY(outputs_of_one_end_are_inputs_of_the_other),
               ON_TTY(outputs_of_one_end_are_inputs_of_the_other_by_asking))
