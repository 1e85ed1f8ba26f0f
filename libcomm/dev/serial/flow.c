/* SPDX-License-Identifier: MIT */
/* Who may send: what holds us up, and how we hold up the peer when the type-ahead fills. */
#include "libcomm/dev/serial/com_part.h"

/* ---- the peer ---- */

static void output(struct ci_com *com, unsigned which, bool on)
{
    com->outputs = on ? com->outputs | which : com->outputs & ~which;
}

/* In which ways, by these settings. */
static unsigned ways_of(const struct ci_settings *set)
{
    return ((set->control & SERIAL_DTR_MASK) == SERIAL_DTR_HANDSHAKE ? CI_OUT_DTR : 0u) |
           ((set->flow & SERIAL_RTS_MASK) == SERIAL_RTS_HANDSHAKE ? CI_OUT_RTS : 0u) |
           ((set->flow & SERIAL_AUTO_RECEIVE) != 0 ? CI_RX_XOFF : 0u);
}

static void peer_hold(struct ci_com *com, unsigned ways)
{
    com->rx_hold |= ways;
    com->outputs &= ~(ways & CI_OUT_ALL);
    if ((ways & CI_RX_XOFF) != 0) {
        com->xon_due = false;
        com->xoff_due = !com->xoff_sent;
    }
}

static void peer_release(struct ci_com *com)
{
    com->outputs |= com->rx_hold & CI_OUT_ALL;
    if ((com->rx_hold & CI_RX_XOFF) != 0) {
        com->xoff_due = false;
        com->xon_due = com->xon_due || com->xoff_sent;
    }
    com->rx_hold = 0;
}

static bool is_too_full(const struct ci_com *com)
{
    return (int64_t)com->rx.count >= (int64_t)com->rx.size - com->set.xoff_limit;
}

void ci_com_filled(struct ci_com *com)
{
    unsigned ways = ways_of(&com->set) & ~com->rx_hold;

    if (ways != 0 && is_too_full(com))
        peer_hold(com, ways);
}

void ci_com_emptied(struct ci_com *com)
{
    if (com->rx_hold != 0 && (int64_t)com->rx.count <= com->set.xon_limit)
        peer_release(com);
}

/* ---- us ---- */

void ci_com_line_holds(struct ci_com *com)
{
    uint32_t levels = com->inputs.levels, control = com->set.control;
    uint32_t hold = com->tx_hold & ~(CI_HOLD_CTS | CI_HOLD_DSR | CI_HOLD_RLSD);

    if ((control & SERIAL_CTS_HANDSHAKE) != 0 && (levels & MS_CTS_ON) == 0)
        hold |= CI_HOLD_CTS;
    if ((control & SERIAL_DSR_HANDSHAKE) != 0 && (levels & MS_DSR_ON) == 0)
        hold |= CI_HOLD_DSR;
    if ((control & SERIAL_DCD_HANDSHAKE) != 0 && (levels & MS_RLSD_ON) == 0)
        hold |= CI_HOLD_RLSD;
    com->tx_hold = hold;
}

void ci_com_hold(struct ci_com *com, bool held)
{
    com->tx_hold = held ? com->tx_hold | CI_HOLD_XOFF : com->tx_hold & ~CI_HOLD_XOFF;
}

void ci_com_break(struct ci_com *com, bool on)
{
    com->breaking = on;
    com->tx_hold = on ? com->tx_hold | CI_HOLD_BREAK : com->tx_hold & ~CI_HOLD_BREAK;
}

uint32_t ci_com_holds(const struct ci_com *com)
{
    return com->tx_hold | (com->xoff_sent ? CI_HOLD_SENT : 0u);
}

/* ---- new settings ---- */

/* Lines are touched only when the mode changes: what EscapeCommFunction did stays. */
static void set_dtr(struct ci_com *com, uint32_t was)
{
    uint32_t is = com->set.control & SERIAL_DTR_MASK;

    if (is != (was & SERIAL_DTR_MASK))
        output(com, CI_OUT_DTR, is == SERIAL_DTR_CONTROL || is == SERIAL_DTR_HANDSHAKE);
}

static void set_rts(struct ci_com *com, uint32_t was)
{
    uint32_t is = com->set.flow & SERIAL_RTS_MASK;

    if (is == (was & SERIAL_RTS_MASK))
        return;
    com->toggling = false; /* up again with the next byte, if it is to be */
    output(com, CI_OUT_RTS, is == SERIAL_RTS_CONTROL || is == SERIAL_RTS_HANDSHAKE);
}

static void set_xon_xoff(struct ci_com *com, uint32_t was)
{
    uint32_t gone = was & ~com->set.flow;

    if ((gone & SERIAL_AUTO_RECEIVE) != 0) {
        com->xoff_due = false;
        com->xon_due = com->xon_due || com->xoff_sent;
    }
    if ((gone & SERIAL_AUTO_TRANSMIT) != 0 && (com->tx_hold & CI_HOLD_XOFF) != 0) {
        com->tx_hold &= ~CI_HOLD_XOFF;
        com->xon_due = true; /* as the driver does */
    }
}

/* A way of holding the peer up that was not used so far begins with how full it is now. */
static void set_ways(struct ci_com *com, unsigned was)
{
    com->rx_hold &= ways_of(&com->set);
    if ((ways_of(&com->set) & ~was) != 0 && is_too_full(com))
        peer_hold(com, ways_of(&com->set) & ~was);
}

void ci_com_set(struct ci_com *com, const struct ci_settings *settings)
{
    struct ci_settings was = com->set;

    com->set = *settings;
    ci_com_line_holds(com);
    set_dtr(com, was.control);
    set_rts(com, was.flow);
    set_xon_xoff(com, was.flow);
    set_ways(com, ways_of(&was));
    ci_com_emptied(com);
    ci_com_filter_make(com);
}

/* ---- inputs ---- */

static uint32_t events_between(const struct ci_inputs *was, const struct ci_inputs *is)
{
    uint32_t changed = was->levels ^ is->levels, fallen = changed & was->levels;
    uint32_t events = 0;

    if (was->cts != is->cts || (changed & MS_CTS_ON) != 0)
        events |= EV_CTS;
    if (was->dsr != is->dsr || (changed & MS_DSR_ON) != 0)
        events |= EV_DSR;
    if (was->rlsd != is->rlsd || (changed & MS_RLSD_ON) != 0)
        events |= EV_RLSD;
    if ((was->ring != is->ring && (is->levels & MS_RING_ON) == 0) || (fallen & MS_RING_ON) != 0)
        events |= EV_RING;
    return events;
}

/* The low half of a 16550's modem status register: what has changed. */
static uint8_t msr_of(uint32_t levels, uint32_t events)
{
    return (uint8_t)(levels | ((events & EV_CTS) != 0 ? 1u : 0u) |
                     ((events & EV_DSR) != 0 ? 2u : 0u) | ((events & EV_RING) != 0 ? 4u : 0u) |
                     ((events & EV_RLSD) != 0 ? 8u : 0u));
}

static void insert_status(struct ci_com *com, uint32_t events, uint64_t now_ns)
{
    const uint8_t said[3] = {com->escape, SERIAL_LSRMST_MST, msr_of(com->inputs.levels, events)};
    size_t n = ci_com_deliver(com, said, sizeof said, now_ns);

    if (n < sizeof said)
        ci_com_deliver(com, said + n, sizeof said - n, now_ns);
    ci_com_record(com, EV_RXCHAR);
}

static void see_overruns(struct ci_com *com, const struct ci_inputs *was, uint64_t now_ns)
{
    if (was->overruns != com->inputs.overruns) {
        com->stats.overrun += com->inputs.overruns - was->overruns;
        ci_com_error(com, CE_OVERRUN);
        ci_com_record(com, EV_ERR);
        if ((com->set.flow & SERIAL_ERROR_CHAR) != 0)
            ci_com_deliver(com, &com->set.chars.error, 1, now_ns);
    }
    if (was->buffer_overruns != com->inputs.buffer_overruns) {
        com->stats.buffer_overrun += com->inputs.buffer_overruns - was->buffer_overruns;
        ci_com_error(com, CE_RXOVER);
    }
}

void ci_com_see_inputs(struct ci_com *com, const struct ci_inputs *inputs, uint64_t now_ns)
{
    struct ci_inputs was = com->inputs;
    uint32_t events = events_between(&was, inputs);

    com->inputs = *inputs;
    ci_com_record(com, events);
    ci_com_line_holds(com);
    see_overruns(com, &was, now_ns);
    if (com->escape != 0 && events != 0)
        insert_status(com, events, now_ns);
}
