/* SPDX-License-Identifier: MIT */
#include "plain_port.h"

#include <string.h>

#define NEVER UINT64_MAX
#define MAXDWORD_ 0xFFFFFFFFu
#define NS_PER_MS 1000000u

static bool control(const struct plain_port *p, uint32_t bit)
{
    return (p->set.control & bit) != 0;
}

static bool flow(const struct plain_port *p, uint32_t bit)
{
    return (p->set.flow & bit) != 0;
}

static void event(struct plain_port *p, uint32_t events)
{
    p->history |= events & p->mask;
}

static void error(struct plain_port *p, uint32_t errors)
{
    p->errors |= errors;
    if (control(p, SERIAL_ERROR_ABORT))
        p->abort = p->aborted = true;
}

/* ---- holding up the peer ---- */

static bool dtr_handshake(const struct ci_settings *set)
{
    return (set->control & 3) == 2;
}

static bool rts_handshake(const struct ci_settings *set)
{
    return (set->flow & 0xC0) == 0x80;
}

static bool is_over_limit(const struct plain_port *p)
{
    return (long long)p->size - p->set.xoff_limit <= (long long)p->count;
}

static void hold_dtr(struct plain_port *p)
{
    p->dtr_held = true;
    p->dtr = false;
}

static void hold_rts(struct plain_port *p)
{
    p->rts_held = true;
    p->rts = false;
}

static void hold_xoff(struct plain_port *p)
{
    p->xoff_held = true;
    p->xon_due = false;
    if (!p->xoff_sent)
        p->xoff_due = true;
}

static void check_full(struct plain_port *p)
{
    if (!is_over_limit(p))
        return;
    if (dtr_handshake(&p->set) && !p->dtr_held)
        hold_dtr(p);
    if (rts_handshake(&p->set) && !p->rts_held)
        hold_rts(p);
    if (flow(p, SERIAL_AUTO_RECEIVE) && !p->xoff_held)
        hold_xoff(p);
}

static void stop_xoff(struct plain_port *p)
{
    p->xoff_held = false;
    p->xoff_due = false;
    if (p->xoff_sent)
        p->xon_due = true;
}

static void check_low(struct plain_port *p)
{
    if ((long long)p->count > p->set.xon_limit)
        return;
    if (p->dtr_held)
        p->dtr = true;
    if (p->rts_held)
        p->rts = true;
    if (p->xoff_held)
        stop_xoff(p);
    p->dtr_held = p->rts_held = false;
}

/* ---- one byte ---- */

static void to_type_ahead(struct plain_port *p, uint8_t byte)
{
    if (p->count == p->size) {
        p->stats.buffer_overrun++;
        if (flow(p, SERIAL_ERROR_CHAR))
            p->rx[p->count - 1] = p->set.chars.error;
        error(p, CE_RXOVER);
        return;
    }
    p->rx[p->count] = byte;
    p->came_ns[p->count++] = p->now_ns;
    if (p->count == 3 * (p->size / 4) + p->size / 16)
        event(p, EV_RX80FULL);
    check_full(p);
}

static void put(struct plain_port *p, uint8_t byte)
{
    if (!p->reading || p->over) {
        to_type_ahead(p, byte);
        return;
    }
    if (p->got == 0)
        p->first_ns = p->now_ns;
    p->buf[p->got++] = byte;
    p->byte_ns = p->now_ns;
    if (p->got == p->len) {
        p->over = true;
        p->status = STATUS_SUCCESS;
    }
}

static void put_if_dsr(struct plain_port *p, uint8_t byte)
{
    if (!control(p, SERIAL_DSR_SENSITIVITY) || (p->inputs.levels & MS_DSR_ON) != 0)
        put(p, byte);
}

/* Steps 2 to 7. */
static void sound_byte(struct plain_port *p, uint8_t byte)
{
    byte &= (uint8_t)((1u << p->set.bits) - 1);
    if (byte == 0 && flow(p, SERIAL_NULL_STRIPPING))
        return;
    if (flow(p, SERIAL_AUTO_TRANSMIT) && byte == p->set.chars.xoff) {
        p->tx_hold |= CI_HOLD_XOFF;
        return;
    }
    if (flow(p, SERIAL_AUTO_TRANSMIT) && byte == p->set.chars.xon) {
        p->tx_hold &= ~CI_HOLD_XOFF;
        return;
    }
    event(p, EV_RXCHAR);
    if (byte == p->set.chars.event)
        event(p, EV_RXFLAG);
    put_if_dsr(p, byte);
    if (p->escape != 0 && byte == p->escape)
        put_if_dsr(p, 0);
}

/* Step 1: a break makes what else is wrong with the frame none of the errors, but of the events. */
static void note_damage(struct plain_port *p, unsigned bad)
{
    bool breaks = (bad & CI_BAD_BREAK) != 0;

    if ((bad & CI_BAD_OVERRUN) != 0) {
        p->stats.overrun++;
        error(p, CE_OVERRUN);
    }
    if ((bad & CI_BAD_PARITY) != 0 && !breaks) {
        p->stats.parity++;
        error(p, CE_RXPARITY);
    }
    if ((bad & CI_BAD_FRAME) != 0 && !breaks) {
        p->stats.frame++;
        error(p, CE_FRAME);
    }
    if ((bad & ~CI_BAD_BREAK) != 0)
        event(p, EV_ERR);
    if (breaks) {
        error(p, CE_BREAK);
        event(p, EV_BREAK);
    }
}

static void tell_damage(struct plain_port *p, uint8_t byte, unsigned bad)
{
    unsigned lsr = 1;

    lsr += (bad & CI_BAD_OVERRUN) != 0 ? 2 : 0;
    lsr += (bad & CI_BAD_PARITY) != 0 ? 4 : 0;
    lsr += (bad & CI_BAD_FRAME) != 0 ? 8 : 0;
    lsr += (bad & CI_BAD_BREAK) != 0 ? 16 : 0;
    event(p, EV_RXCHAR);
    put_if_dsr(p, p->escape);
    put_if_dsr(p, 1);
    put_if_dsr(p, (uint8_t)lsr);
    put_if_dsr(p, byte);
}

static void damaged_byte(struct plain_port *p, uint8_t byte, unsigned bad)
{
    bool breaks = (bad & CI_BAD_BREAK) != 0;

    note_damage(p, bad);
    if (p->escape != 0) {
        tell_damage(p, byte, bad);
    } else if (breaks && flow(p, SERIAL_BREAK_CHAR)) {
        event(p, EV_RXCHAR);
        put_if_dsr(p, p->set.chars.brk);
    } else if (!breaks && flow(p, SERIAL_ERROR_CHAR)) {
        for (unsigned one = 1; one <= 8; one *= 2)
            if ((bad & one) != 0)
                put_if_dsr(p, p->set.chars.error);
    } else {
        sound_byte(p, byte);
    }
}

void plain_hear(struct plain_port *p, uint8_t byte, unsigned bad)
{
    p->stats.received++;
    if (bad != 0)
        damaged_byte(p, byte, bad);
    else
        sound_byte(p, byte);
}

/* ---- inputs ---- */

static void hold_for(struct plain_port *p, uint32_t handshake, uint32_t level, uint32_t hold)
{
    p->tx_hold &= ~hold;
    if (control(p, handshake) && (p->inputs.levels & level) == 0)
        p->tx_hold |= hold;
}

static void hold_for_inputs(struct plain_port *p)
{
    hold_for(p, SERIAL_CTS_HANDSHAKE, MS_CTS_ON, CI_HOLD_CTS);
    hold_for(p, SERIAL_DSR_HANDSHAKE, MS_DSR_ON, CI_HOLD_DSR);
    hold_for(p, SERIAL_DCD_HANDSHAKE, MS_RLSD_ON, CI_HOLD_RLSD);
}

static void see_losses(struct plain_port *p, uint32_t overruns, uint32_t buffer_overruns)
{
    p->stats.overrun += overruns;
    p->stats.buffer_overrun += buffer_overruns;
    if (overruns > 0) {
        error(p, CE_OVERRUN);
        event(p, EV_ERR);
        if (flow(p, SERIAL_ERROR_CHAR))
            put(p, p->set.chars.error);
    }
    if (buffer_overruns > 0)
        error(p, CE_RXOVER);
}

void plain_see(struct plain_port *p, const struct ci_inputs *is)
{
    struct ci_inputs was = p->inputs;
    uint32_t levels = is->levels, changed = was.levels ^ levels;
    bool cts = is->cts != was.cts || (changed & MS_CTS_ON) != 0;
    bool dsr = is->dsr != was.dsr || (changed & MS_DSR_ON) != 0;
    bool rlsd = is->rlsd != was.rlsd || (changed & MS_RLSD_ON) != 0;
    bool ring =
        (levels & MS_RING_ON) == 0 && (is->ring != was.ring || (was.levels & MS_RING_ON) != 0);

    p->inputs = *is;
    event(p, (cts ? EV_CTS : 0u) | (dsr ? EV_DSR : 0u) | (rlsd ? EV_RLSD : 0u) |
                 (ring ? EV_RING : 0u));
    hold_for_inputs(p);
    see_losses(p, is->overruns - was.overruns, is->buffer_overruns - was.buffer_overruns);
    if (p->escape == 0 || !(cts || dsr || rlsd || ring))
        return;
    event(p, EV_RXCHAR);
    put(p, p->escape);
    put(p, 3);
    put(p, (uint8_t)(levels | cts * 1u | dsr * 2u | ring * 4u | rlsd * 8u));
}

/* ---- settings ---- */

static bool is_up(uint32_t mode) /* 1: on, 2: handshake */
{
    return mode == 1 || mode == 2;
}

static void change_lines(struct plain_port *p, const struct ci_settings *was)
{
    uint32_t dtr = p->set.control & 3, rts = p->set.flow >> 6 & 3;

    if (dtr != (was->control & 3)) {
        p->dtr_held = false;
        p->dtr = is_up(dtr);
        if (dtr_handshake(&p->set) && is_over_limit(p))
            hold_dtr(p);
    }
    if (rts != (was->flow >> 6 & 3)) {
        p->rts_held = false;
        p->rts = is_up(rts);
        if (rts_handshake(&p->set) && is_over_limit(p))
            hold_rts(p);
    }
}

static void change_characters(struct plain_port *p, uint32_t was)
{
    bool fin = flow(p, SERIAL_AUTO_RECEIVE), fin_was = (was & SERIAL_AUTO_RECEIVE) != 0;
    bool fout_off = (was & SERIAL_AUTO_TRANSMIT) != 0 && !flow(p, SERIAL_AUTO_TRANSMIT);

    if (fin_was && !fin)
        stop_xoff(p);
    if (fout_off && (p->tx_hold & CI_HOLD_XOFF) != 0) {
        p->tx_hold &= ~CI_HOLD_XOFF;
        p->xon_due = true;
    }
    if (fin && !fin_was && is_over_limit(p))
        hold_xoff(p);
}

void plain_set(struct plain_port *p, const struct ci_settings *settings)
{
    struct ci_settings was = p->set;

    p->set = *settings;
    hold_for_inputs(p);
    change_lines(p, &was);
    change_characters(p, was.flow);
    check_low(p);
}

void plain_open(struct plain_port *p, const struct ci_settings *settings, size_t size)
{
    memset(p, 0, sizeof *p);
    p->size = size;
    plain_set(p, settings);
}

void plain_grow(struct plain_port *p, size_t size)
{
    struct ci_settings set = p->set;

    if (size <= p->size)
        return;
    p->size = size;
    set.xon_limit = (int32_t)(size / 2);
    set.xoff_limit = (int32_t)(size / 8);
    plain_set(p, &set);
}

/* ---- the read ---- */

static void take(struct plain_port *p)
{
    p->got = p->count < p->len ? p->count : p->len;
    memcpy(p->buf, p->rx, p->got);
    p->first_ns = p->got > 0 ? p->came_ns[0] : 0;
    p->count -= p->got;
    memmove(p->rx, p->rx + p->got, p->count);
    memmove(p->came_ns, p->came_ns + p->got, p->count * sizeof p->came_ns[0]);
    if (p->got > 0)
        check_low(p);
}

static void end(struct plain_port *p, uint32_t status)
{
    p->over = true;
    p->status = status;
}

/* An interval of MAXDWORD. */
static void read_what_is_there(struct plain_port *p, uint32_t multiplier, uint32_t constant)
{
    if (constant == MAXDWORD_)
        return;
    if (p->got > 0 || (multiplier == 0 && constant == 0)) {
        end(p, STATUS_SUCCESS);
    } else if (multiplier == MAXDWORD_) {
        p->len = 1;
        p->total_ms = constant;
    } else {
        p->total_ms = (uint64_t)p->len * multiplier + constant;
    }
}

void plain_read(struct plain_port *p, size_t len)
{
    const struct ci_timeouts *t = &p->timeouts;

    p->reading = true;
    p->over = false;
    p->len = len;
    p->began_ns = p->byte_ns = p->now_ns;
    p->total_ms = NEVER;
    p->interval_ms = 0;
    take(p);
    if (p->got == len) {
        end(p, STATUS_SUCCESS);
    } else if (t->read_interval == MAXDWORD_) {
        read_what_is_there(p, t->read_multiplier, t->read_constant);
    } else {
        p->interval_ms = t->read_interval;
        if (t->read_multiplier != 0 || t->read_constant != 0)
            p->total_ms = (uint64_t)len * t->read_multiplier + t->read_constant;
    }
    if (!p->over && p->total_ms == 0)
        end(p, STATUS_TIMEOUT);
}

uint64_t plain_deadline_ns(const struct plain_port *p)
{
    uint64_t total = NEVER, silent = NEVER;

    if (!p->reading || p->over)
        return NEVER;
    if (p->total_ms < (NEVER - p->began_ns) / NS_PER_MS)
        total = p->began_ns + p->total_ms * NS_PER_MS;
    if (p->interval_ms != 0 && p->got > 0)
        silent = p->byte_ns + (uint64_t)p->interval_ms * NS_PER_MS;
    return total < silent ? total : silent;
}

void plain_tick(struct plain_port *p)
{
    if (p->now_ns >= plain_deadline_ns(p))
        end(p, STATUS_TIMEOUT);
}

void plain_purge(struct plain_port *p)
{
    p->count = 0;
    check_low(p);
}

/* ---- what it is asked ---- */

void plain_mask(struct plain_port *p, uint32_t mask)
{
    if (p->waiting) {
        p->waiting = false;
        p->told = true;
        p->news = 0;
    }
    p->history &= mask;
    p->mask = mask;
}

bool plain_wait(struct plain_port *p, uint32_t *events)
{
    *events = p->history;
    p->history = 0;
    p->waiting = *events == 0;
    return *events != 0;
}

void plain_tell(struct plain_port *p)
{
    if (!p->waiting || p->history == 0)
        return;
    p->waiting = false;
    p->told = true;
    p->news = p->history;
    p->history = 0;
}

uint32_t plain_ask_errors(struct plain_port *p)
{
    uint32_t errors = p->errors;

    p->errors = 0;
    p->aborted = false;
    return errors;
}

int plain_send_flow(struct plain_port *p)
{
    if (p->xon_due && (p->tx_hold & ~CI_HOLD_XOFF) == 0) {
        p->xon_due = p->xoff_sent = false;
        p->xoff_held = p->xoff_held && p->xoff_due;
        return p->set.chars.xon;
    }
    if (p->xoff_due && p->tx_hold == 0) {
        p->xoff_due = false;
        p->xoff_sent = true;
        return p->set.chars.xoff;
    }
    return -1;
}
