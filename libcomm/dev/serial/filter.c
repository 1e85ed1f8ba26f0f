/* SPDX-License-Identifier: MIT */
/* What a received byte goes through, in the driver's order: errors, the mask of the format, null
 * stripping, XON and XOFF, events, DSR sensitivity.  Most bytes are plain and go through in one
 * piece. */
#include <string.h>

#include "libcomm/dev/serial/com_part.h"

static enum ci_byte_kind kind_of(const struct ci_com *com, uint8_t byte)
{
    const struct ci_chars *chars = &com->set.chars;

    if (byte == 0 && (com->set.flow & SERIAL_NULL_STRIPPING) != 0)
        return CI_BYTE_NULL;
    if (ci_com_auto_transmit(com) && byte == chars->xon)
        return CI_BYTE_XON;
    if (ci_com_auto_transmit(com) && byte == chars->xoff)
        return CI_BYTE_XOFF;
    if (com->escape != 0 && byte == com->escape)
        return CI_BYTE_ESCAPE;
    if ((com->mask & EV_RXFLAG) != 0 && byte == chars->event)
        return CI_BYTE_EVENT;
    return CI_BYTE_PLAIN;
}

void ci_com_filter_make(struct ci_com *com)
{
    com->data_mask = (uint8_t)(0xFFu >> (8 - com->set.bits));
    com->plain = com->data_mask == 0xFF;
    for (unsigned i = 0; i < 256; i++) {
        com->kind[i] = (uint8_t)kind_of(com, (uint8_t)(i & com->data_mask));
        com->plain = com->plain && com->kind[i] == CI_BYTE_PLAIN;
    }
}

void ci_com_escape(struct ci_com *com, uint8_t escape)
{
    com->escape = escape;
    ci_com_filter_make(com);
}

/* The program does not want to hear what comes while DSR is off. */
static bool is_deaf(const struct ci_com *com)
{
    return (com->set.control & SERIAL_DSR_SENSITIVITY) != 0 &&
           (com->inputs.levels & MS_DSR_ON) == 0;
}

static size_t keep(struct ci_com *com, const uint8_t *bytes, size_t len, uint64_t now_ns)
{
    return is_deaf(com) ? len : ci_com_deliver(com, bytes, len, now_ns);
}

/* A few that belong together: what the read has no room for is in the type-ahead for the next. */
static void keep_all(struct ci_com *com, const uint8_t *bytes, size_t len, uint64_t now_ns)
{
    size_t n = keep(com, bytes, len, now_ns);

    if (n < len)
        keep(com, bytes + n, len - n, now_ns);
}

/* ---- plain bytes ---- */

static size_t plain_span(const struct ci_com *com, const uint8_t *bytes, size_t len)
{
    size_t n = 0;

    if (com->plain)
        return len;
    while (n < len && com->kind[bytes[n]] == CI_BYTE_PLAIN)
        n++;
    return n;
}

static size_t keep_masked(struct ci_com *com, const uint8_t *bytes, size_t len, uint64_t now_ns)
{
    uint8_t part[256];

    if (com->data_mask == 0xFF)
        return keep(com, bytes, len, now_ns);
    if (len > sizeof part)
        len = sizeof part;
    for (size_t i = 0; i < len; i++)
        part[i] = bytes[i] & com->data_mask;
    return keep(com, part, len, now_ns);
}

/* ---- the others; masked already ---- */

static void special(struct ci_com *com, uint8_t byte, uint64_t now_ns)
{
    const uint8_t pair[2] = {byte, SERIAL_LSRMST_ESCAPE};

    switch ((enum ci_byte_kind)com->kind[byte]) {
    case CI_BYTE_NULL:
        return;
    case CI_BYTE_XON:
        com->tx_hold &= ~CI_HOLD_XOFF;
        return;
    case CI_BYTE_XOFF:
        com->tx_hold |= CI_HOLD_XOFF;
        return;
    case CI_BYTE_EVENT:
        ci_com_record(com, EV_RXCHAR | EV_RXFLAG);
        keep(com, &byte, 1, now_ns);
        return;
    case CI_BYTE_ESCAPE:
        ci_com_record(com, EV_RXCHAR | (byte == com->set.chars.event ? EV_RXFLAG : 0u));
        keep_all(com, pair, 2, now_ns);
        return;
    case CI_BYTE_PLAIN:
        break;
    }
    ci_com_record(com, EV_RXCHAR);
    keep(com, &byte, 1, now_ns);
}

/* ---- damaged ones ---- */

static uint32_t errors_of(unsigned bad)
{
    uint32_t errors = (bad & CI_BAD_OVERRUN) != 0 ? CE_OVERRUN : 0;

    if ((bad & CI_BAD_BREAK) != 0)
        return errors | CE_BREAK; /* the frame it spoils does not count */
    return errors | ((bad & CI_BAD_PARITY) != 0 ? CE_RXPARITY : 0u) |
           ((bad & CI_BAD_FRAME) != 0 ? CE_FRAME : 0u);
}

static uint32_t events_of(unsigned bad)
{
    return ((bad & CI_BAD_BREAK) != 0 ? EV_BREAK : 0u) |
           ((bad & (CI_BAD_OVERRUN | CI_BAD_PARITY | CI_BAD_FRAME)) != 0 ? EV_ERR : 0u);
}

/* The bits of a 16550's line status register. */
static uint8_t lsr_of(unsigned bad)
{
    return (uint8_t)(0x01u | ((bad & CI_BAD_OVERRUN) != 0 ? 0x02u : 0u) |
                     ((bad & CI_BAD_PARITY) != 0 ? 0x04u : 0u) |
                     ((bad & CI_BAD_FRAME) != 0 ? 0x08u : 0u) |
                     ((bad & CI_BAD_BREAK) != 0 ? 0x10u : 0u));
}

static void count(struct ci_com *com, uint32_t errors)
{
    com->stats.overrun += (errors & CE_OVERRUN) != 0;
    com->stats.parity += (errors & CE_RXPARITY) != 0;
    com->stats.frame += (errors & CE_FRAME) != 0;
}

/* Once for each thing that is wrong with it, and without EV_RXCHAR, as the driver does. */
static void replace(struct ci_com *com, uint32_t errors, uint64_t now_ns)
{
    static const uint32_t replaced[] = {CE_OVERRUN, CE_RXPARITY, CE_FRAME};

    for (unsigned i = 0; i < sizeof replaced / sizeof replaced[0]; i++)
        if ((errors & replaced[i]) != 0)
            keep(com, &com->set.chars.error, 1, now_ns);
}

static void damaged(struct ci_com *com, uint8_t byte, unsigned bad, uint64_t now_ns)
{
    uint32_t errors = errors_of(bad);

    count(com, errors);
    ci_com_error(com, errors);
    ci_com_record(com, events_of(bad));
    com->stats.received++;
    if (com->escape != 0) {
        const uint8_t said[4] = {com->escape, SERIAL_LSRMST_LSR_DATA, lsr_of(bad), byte};

        ci_com_record(com, EV_RXCHAR);
        keep_all(com, said, sizeof said, now_ns); /* the byte is in it */
    } else if ((bad & CI_BAD_BREAK) != 0 && (com->set.flow & SERIAL_BREAK_CHAR) != 0) {
        ci_com_record(com, EV_RXCHAR);
        keep(com, &com->set.chars.brk, 1, now_ns);
    } else if ((bad & CI_BAD_BREAK) == 0 && (com->set.flow & SERIAL_ERROR_CHAR) != 0) {
        replace(com, errors, now_ns);
    } else {
        special(com, byte & com->data_mask, now_ns);
    }
}

/* ---- a run ---- */

static bool is_full(const struct ci_com *com)
{
    return com->read.active && com->read.over;
}

size_t ci_com_receive(struct ci_com *com, const struct ci_run *run, uint64_t now_ns)
{
    size_t taken = 0, n;

    if (run->bad != 0) {
        damaged(com, run->bytes[0], run->bad, now_ns);
        return 1;
    }
    while (taken < run->len) {
        n = plain_span(com, run->bytes + taken, run->len - taken);
        if (n > 0) {
            ci_com_record(com, EV_RXCHAR);
            n = keep_masked(com, run->bytes + taken, n, now_ns);
        } else {
            special(com, run->bytes[taken] & com->data_mask, now_ns);
            n = 1;
        }
        taken += n;
        if (is_full(com))
            break;
    }
    com->stats.received += (uint32_t)taken;
    return taken;
}
