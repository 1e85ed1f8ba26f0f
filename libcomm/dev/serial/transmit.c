/* SPDX-License-Identifier: MIT */
/* What goes out, in which order: flow control characters, the immediate character, the write. */
#include "libcomm/dev/serial/com_part.h"
#include "libcomm/plat/clock.h"

/* ---- beginning and ending ---- */

void ci_com_write_start(struct ci_com *com, const void *data, size_t len, uint64_t now_ns)
{
    com->write = (struct ci_com_write){
        .data = data,
        .len = len,
        .active = true,
        .total_at = ci_add_ns(now_ns, ci_write_total_ns(&com->timeouts, len)),
    };
}

/* The character is among the `unsent` bytes that the line has. */
static bool char_unsent(const struct ci_com *com, size_t unsent)
{
    const struct ci_com_char *imm = &com->imm;

    return imm->active && !imm->over && imm->given && imm->at + unsent > com->given;
}

/* Whatever of it has left by now has emptied the transmitter, even if more follows. */
static void write_left(struct ci_com *com, size_t unsent)
{
    struct ci_com_write *write = &com->write;
    size_t of_it = char_unsent(com, unsent) ? unsent - 1 : unsent;
    size_t left = write->given > of_it ? write->given - of_it : 0;

    if (left <= write->done)
        return;
    com->stats.sent += (uint32_t)(left - write->done);
    write->done = left;
    com->emptied = true;
}

static void write_over(struct ci_com *com, uint32_t status)
{
    com->write.over = true;
    com->write.status = status;
}

void ci_com_write_cut(struct ci_com *com, size_t unsent, uint32_t status)
{
    if (!com->write.active || com->write.over)
        return;
    write_left(com, unsent);
    write_over(com, status);
    if (char_unsent(com, unsent))
        com->imm.given = false; /* nobody has cancelled it: it goes again */
}

void ci_com_write_stop(struct ci_com *com)
{
    com->write.active = com->write.over = false;
}

void ci_com_char_start(struct ci_com *com, uint8_t byte, uint64_t now_ns)
{
    com->imm = (struct ci_com_char){
        .byte = byte,
        .active = true,
        .total_at = ci_add_ns(now_ns, ci_write_total_ns(&com->timeouts, 1)),
    };
}

static void char_over(struct ci_com *com, uint32_t status)
{
    com->imm.over = true;
    com->imm.status = status;
}

void ci_com_char_stop(struct ci_com *com)
{
    com->imm.active = com->imm.over = false;
}

void ci_com_sent_last(struct ci_com *com, bool more)
{
    if (!more && !com->imm.active && com->emptied)
        ci_com_record(com, EV_TXEMPTY);
}

void ci_com_unsent(struct ci_com *com, size_t unsent)
{
    if (com->write.active && !com->write.over) {
        write_left(com, unsent);
        if (com->write.done == com->write.len)
            write_over(com, STATUS_SUCCESS);
    }
    if (com->imm.active && !com->imm.over && com->imm.given && !char_unsent(com, unsent)) {
        com->emptied = true;
        com->stats.sent++;
        char_over(com, STATUS_SUCCESS);
    }
}

/* ---- what is next ---- */

/* Our own XOFF stops us too, unless we were asked to go on. */
bool ci_com_may_write(const struct ci_com *com)
{
    return com->tx_hold == 0 && (!com->xoff_sent || (com->set.flow & SERIAL_XOFF_CONTINUE) != 0);
}

static bool may_push(const struct ci_com *com)
{
    return (com->tx_hold & ~CI_HOLD_XOFF) == 0;
}

static bool wants_flow(const struct ci_com *com)
{
    return (com->xon_due && may_push(com)) || (com->xoff_due && com->tx_hold == 0);
}

static bool wants_char(const struct ci_com *com)
{
    return com->imm.active && !com->imm.over && !com->imm.given && may_push(com);
}

static bool wants_write(const struct ci_com *com)
{
    const struct ci_com_write *write = &com->write;

    return write->active && !write->over && write->given < write->len && ci_com_may_write(com);
}

bool ci_com_sending(const struct ci_com *com)
{
    return wants_flow(com) || wants_char(com) || wants_write(com);
}

bool ci_com_next_out(const struct ci_com *com, size_t room, struct ci_out *out)
{
    const struct ci_com_write *write = &com->write;
    size_t left = write->len - write->given;

    *out = (struct ci_out){0};
    if (wants_flow(com)) {
        out->flow = true;
        out->stop = !(com->xon_due && may_push(com));
        out->bytes = out->stop ? &com->set.chars.xoff : &com->set.chars.xon;
        out->len = 1;
    } else if (wants_char(com) && room > 0) {
        out->bytes = &com->imm.byte;
        out->len = 1;
    } else if (wants_write(com) && room > 0) {
        out->bytes = write->data + write->given;
        out->len = left < room ? left : room;
    }
    return out->len > 0;
}

/* After an XON the peer is not held up, whatever it was sent for: the next byte decides again. */
static void gave_flow(struct ci_com *com, bool stop)
{
    com->xoff_sent = stop;
    com->xoff_due = com->xoff_due && !stop;
    com->xon_due = com->xon_due && stop;
    if (!stop && !com->xoff_due)
        com->rx_hold &= ~CI_RX_XOFF;
}

void ci_com_gave(struct ci_com *com, const struct ci_out *out, size_t len)
{
    if (len == 0)
        return;
    if (out->flow) {
        gave_flow(com, out->stop);
    } else if (out->bytes == &com->imm.byte) {
        com->imm.given = true;
        com->imm.at = out->past ? 0 : ++com->given;
    } else {
        com->write.given += len;
        com->given += len;
    }
}

void ci_com_toggle(struct ci_com *com, bool line_idle)
{
    com->toggling = com->breaking || ci_com_sending(com) || !line_idle;
    com->outputs = com->toggling ? com->outputs | CI_OUT_RTS : com->outputs & ~CI_OUT_RTS;
}

/* ---- the clock, of all of it ---- */

bool ci_com_tick(struct ci_com *com, uint64_t now_ns)
{
    ci_com_read_tick(com, now_ns);
    if (com->imm.active && !com->imm.over && now_ns >= com->imm.total_at)
        char_over(com, STATUS_TIMEOUT);
    return com->write.active && !com->write.over && now_ns >= com->write.total_at;
}

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint64_t ci_com_deadline_ns(const struct ci_com *com)
{
    uint64_t at = CI_NEVER;

    if (com->read.active && !com->read.over)
        at = earlier(com->read.total_at, com->read.silent_at);
    if (com->write.active && !com->write.over)
        at = earlier(at, com->write.total_at);
    if (com->imm.active && !com->imm.over)
        at = earlier(at, com->imm.total_at);
    return at;
}
