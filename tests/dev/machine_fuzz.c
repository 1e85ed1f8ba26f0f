/* SPDX-License-Identifier: MIT */
#include "machine_fuzz.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "libcomm/dev/serial/com_part.h"
#include "libcomm/plat/clock.h"

#define ROOM 64u /* of a read, a write and the line's FIFO */
#define CHAR 0x80000000u
#define GUARD 0xE5 /* behind the buffer of a read */

struct fuzz {
    struct ci_com com;
    const uint8_t *at, *end; /* of the program */
    uint64_t now_ns;
    uint8_t buf[ROOM + 1];
    /* the line has these: of which write, or, with the highest bit, which character */
    uint32_t fifo[ROOM];
    size_t in_fifo;
    uint32_t writes, chars;
    size_t left;    /* of the write at hand */
    bool char_left; /* the character at hand has */
    const char *wrong;
};

#define MUST(fuzz, condition)                      \
    do {                                           \
        if (!(condition) && (fuzz)->wrong == NULL) \
            (fuzz)->wrong = #condition;            \
    } while (0)

/* ---- the program ---- */

static uint8_t next(struct fuzz *f)
{
    return f->at < f->end ? *f->at++ : 0;
}

static uint32_t next32(struct fuzz *f)
{
    uint32_t n = 0;

    for (int i = 0; i < 4; i++)
        n = n << 8 | next(f);
    return n;
}

/* ---- what must hold ---- */

static void check_read(struct fuzz *f)
{
    const struct ci_typeahead *rx = &f->com.rx;
    const struct ci_com_read *read = &f->com.read;

    MUST(f, rx->count <= rx->size && rx->head < rx->size);
    MUST(f, read->active || !read->over);
    MUST(f, !read->active || read->got <= read->len);
    MUST(f, !read->active || read->over || (read->got < read->len && rx->count == 0));
    MUST(f, !read->over || read->status == STATUS_SUCCESS || read->status == STATUS_TIMEOUT);
    MUST(f, !read->over || read->status == STATUS_SUCCESS || read->got < read->len);
    MUST(f, !read->active || read->got > 0 || read->silent_at == CI_NEVER);
}

static void check_write(struct fuzz *f)
{
    const struct ci_com_write *write = &f->com.write;
    const struct ci_com_char *imm = &f->com.imm;

    MUST(f, write->active || !write->over);
    MUST(f, write->done <= write->given && write->given <= write->len);
    MUST(f, !write->over || write->status != STATUS_SUCCESS || write->done == write->len);
    MUST(f, !write->active || write->over || write->done < write->len);
    MUST(f, imm->active || !imm->over);
    MUST(f, !imm->over || f->char_left || imm->status != STATUS_SUCCESS);
}

static void check_events(struct fuzz *f)
{
    const struct ci_com *com = &f->com;

    MUST(f, !(com->waiting && com->told));
    MUST(f, (com->history & ~com->mask) == 0);
    MUST(f, !com->waiting || com->mask != 0);
    MUST(f, !com->aborted || com->errors != 0);
    MUST(f, (com->errors &
             ~(uint32_t)(CE_RXOVER | CE_OVERRUN | CE_RXPARITY | CE_FRAME | CE_BREAK)) == 0);
}

static void check_us(struct fuzz *f)
{
    const struct ci_com *com = &f->com;
    uint32_t control = com->set.control, off = ~com->inputs.levels;
    uint32_t hold =
        ((control & SERIAL_CTS_HANDSHAKE) != 0 && (off & MS_CTS_ON) != 0 ? CI_HOLD_CTS : 0u) |
        ((control & SERIAL_DSR_HANDSHAKE) != 0 && (off & MS_DSR_ON) != 0 ? CI_HOLD_DSR : 0u) |
        ((control & SERIAL_DCD_HANDSHAKE) != 0 && (off & MS_RLSD_ON) != 0 ? CI_HOLD_RLSD : 0u) |
        (com->breaking ? CI_HOLD_BREAK : 0u);
    struct ci_out out;

    MUST(f, (com->tx_hold & ~CI_HOLD_XOFF) == hold);
    MUST(f, ci_com_next_out(com, 1, &out) == ci_com_sending(com));
    MUST(f, !ci_com_next_out(com, 0, &out) || out.flow);
}

/* Nobody is held for good: what holds the peer ends when all is read, and an XOFF has its XON. */
static void check_peer(struct fuzz *f)
{
    const struct ci_com *com = &f->com;
    bool dtr = (com->set.control & SERIAL_DTR_MASK) == SERIAL_DTR_HANDSHAKE;
    bool rts = (com->set.flow & SERIAL_RTS_MASK) == SERIAL_RTS_HANDSHAKE;
    bool xoff = (com->rx_hold & CI_RX_XOFF) != 0;

    MUST(f, com->rx_hold == 0 || com->rx.count > 0);
    MUST(f, !dtr || ((com->outputs & CI_OUT_DTR) == 0) == ((com->rx_hold & CI_OUT_DTR) != 0));
    MUST(f, !rts || ((com->outputs & CI_OUT_RTS) == 0) == ((com->rx_hold & CI_OUT_RTS) != 0));
    MUST(f, dtr || (com->rx_hold & CI_OUT_DTR) == 0);
    MUST(f, rts || (com->rx_hold & CI_OUT_RTS) == 0);
    MUST(f, !xoff || (com->set.flow & SERIAL_AUTO_RECEIVE) != 0);
    MUST(f, !xoff || com->xoff_sent || com->xoff_due);
    MUST(f, !com->xoff_due || xoff);
    MUST(f, !com->xoff_sent || xoff || com->xon_due);
}

/* The filter's table is what it would be if it were made now. */
static void check_filter(struct fuzz *f)
{
    struct ci_com now = f->com;

    ci_com_filter_make(&now);
    MUST(f, now.plain == f->com.plain && now.data_mask == f->com.data_mask);
    MUST(f, memcmp(now.kind, f->com.kind, sizeof now.kind) == 0);
}

static void check_all(struct fuzz *f)
{
    check_read(f);
    check_write(f);
    check_events(f);
    check_us(f);
    check_peer(f);
    check_filter(f);
}

/* ---- receiving ---- */

static void hear(struct fuzz *f, struct ci_run *run)
{
    uint32_t before = f->com.stats.received;
    size_t taken = ci_com_receive(&f->com, run, f->now_ns);

    MUST(f, taken <= run->len && (taken > 0 || run->len == 0));
    MUST(f, taken == run->len || f->com.read.over);
    MUST(f, f->com.stats.received - before == taken);
}

static void do_hear(struct fuzz *f)
{
    size_t len = next(f), there = (size_t)(f->end - f->at);
    struct ci_run run = {.bytes = f->at, .len = len < there ? len : there};

    hear(f, &run);
    f->at += run.len;
}

static void do_damage(struct fuzz *f)
{
    uint8_t byte = next(f);
    struct ci_run run = {.bytes = &byte, .len = 1, .bad = next(f) & 15u};

    hear(f, &run);
}

static void do_read(struct fuzz *f)
{
    size_t len = 1 + next(f) % ROOM;

    if (f->com.read.active)
        return;
    memset(f->buf, GUARD, sizeof f->buf);
    ci_com_read_start(&f->com, f->buf, len, f->now_ns);
}

static void do_read_stop(struct fuzz *f)
{
    for (size_t i = f->com.read.active ? f->com.read.got : sizeof f->buf; i < sizeof f->buf; i++)
        MUST(f, f->buf[i] == GUARD);
    ci_com_read_stop(&f->com);
}

static void do_purge(struct fuzz *f)
{
    if (!f->com.read.active)
        ci_com_purge(&f->com);
}

static void do_grow(struct fuzz *f)
{
    if (f->com.rx.size < 100000)
        MUST(f, ci_com_grow(&f->com, f->com.rx.size / 2 + next(f)) == 0);
}

/* ---- sending ---- */

static void do_write(struct fuzz *f)
{
    static const uint8_t data[ROOM];

    if (f->com.write.active)
        return;
    f->writes++;
    f->left = 0;
    ci_com_write_start(&f->com, data, 1 + next(f) % ROOM, f->now_ns);
}

static void take(struct fuzz *f, const struct ci_out *out)
{
    const struct ci_com_write *write = &f->com.write;
    bool is_char = out->bytes == &f->com.imm.byte;
    size_t n = out->len;

    MUST(f,
         is_char || (out->bytes == write->data + write->given && n <= write->len - write->given));
    if (is_char && next(f) % 4 == 0) { /* another way out */
        f->char_left = true;
        ci_com_gave(&f->com, &(struct ci_out){.bytes = out->bytes, .len = 1, .past = true}, 1);
        return;
    }
    if (f->in_fifo + n > ROOM)
        n = ROOM - f->in_fifo;
    ci_com_gave(&f->com, out, n);
    while (n-- > 0)
        f->fifo[f->in_fifo++] = is_char ? f->chars | CHAR : f->writes;
}

static void do_give(struct fuzz *f)
{
    size_t room = next(f) % 20;
    struct ci_out out;

    if (!ci_com_next_out(&f->com, room, &out))
        return;
    MUST(f, out.len > 0 && (out.flow ? out.len == 1 : out.len <= room));
    if (out.flow)
        ci_com_gave(&f->com, &out, next(f) % 2);
    else
        take(f, &out);
}

static void leave(struct fuzz *f, size_t most)
{
    size_t n = most < f->in_fifo ? most : f->in_fifo;

    for (size_t i = 0; i < n; i++) {
        f->left += f->fifo[i] == f->writes;
        f->char_left |= f->fifo[i] == (f->chars | CHAR);
    }
    f->in_fifo -= n;
    memmove(f->fifo, f->fifo + n, f->in_fifo * sizeof f->fifo[0]);
}

static void do_leave(struct fuzz *f)
{
    bool was_over = f->com.write.over;

    leave(f, next(f) % 32);
    ci_com_unsent(&f->com, f->in_fifo);
    if (f->com.write.over && !was_over)
        MUST(f, f->com.write.done == f->left);
}

/* What the line can take back has not left, and none of it is said to have. */
static void cut(struct fuzz *f, uint32_t status, bool takes_back)
{
    if (!f->com.write.active || f->com.write.over)
        return;
    ci_com_write_cut(&f->com, takes_back ? f->in_fifo : 0, status);
    if (takes_back)
        f->in_fifo = 0;
    MUST(f, f->com.write.over && f->com.write.status == status);
    MUST(f, takes_back ? f->com.write.done <= f->left : f->com.write.done == f->com.write.given);
}

static void do_cut(struct fuzz *f)
{
    cut(f, STATUS_CANCELLED, next(f) % 2 == 0);
}

static void do_write_stop(struct fuzz *f)
{
    if (!f->com.write.over)
        return;
    ci_com_write_stop(&f->com);
    MUST(f, !f->com.write.active);
    ci_com_sent_last(&f->com, next(f) % 2 == 0);
}

static void do_char(struct fuzz *f)
{
    if (!f->com.imm.active) {
        f->chars++;
        f->char_left = false;
        ci_com_char_start(&f->com, next(f), f->now_ns);
    } else {
        ci_com_char_stop(&f->com);
        MUST(f, !f->com.imm.active);
        ci_com_sent_last(&f->com, f->com.write.active);
    }
}

static void do_toggle(struct fuzz *f)
{
    if ((f->com.set.flow & SERIAL_RTS_MASK) == SERIAL_TRANSMIT_TOGGLE)
        ci_com_toggle(&f->com, f->in_fifo == 0);
}

/* ---- time ---- */

static void tick(struct fuzz *f, uint64_t now_ns)
{
    f->now_ns = now_ns;
    if (ci_com_tick(&f->com, now_ns))
        cut(f, STATUS_TIMEOUT, next(f) % 2 == 0);
    MUST(f, ci_com_deadline_ns(&f->com) > now_ns);
}

static void do_time(struct fuzz *f)
{
    uint8_t how = next(f);

    tick(f, ci_add_ns(f->now_ns, (uint64_t)next(f) << how % 32) & (CI_NEVER >> 1));
}

/* Nothing happens before it, something does when it comes. */
static void do_deadline(struct fuzz *f)
{
    uint64_t at = ci_com_deadline_ns(&f->com);
    const struct ci_com *com = &f->com;
    bool read = com->read.over, write = com->write.over, imm = com->imm.over;

    if (at <= f->now_ns || at > CI_NEVER >> 1)
        return;
    tick(f, at - 1);
    MUST(f, com->read.over == read && com->write.over == write && com->imm.over == imm);
    tick(f, at);
    MUST(f, com->read.over != read || com->write.over != write || com->imm.over != imm);
}

static void do_timeouts(struct fuzz *f)
{
    uint32_t *part[] = {&f->com.timeouts.read_interval, &f->com.timeouts.read_multiplier,
                        &f->com.timeouts.read_constant, &f->com.timeouts.write_multiplier,
                        &f->com.timeouts.write_constant};
    struct ci_timeouts before = f->com.timeouts;
    uint8_t which = next(f);
    uint32_t value = next(f);

    *part[which % 5] = which < 64 ? UINT32_MAX : which < 128 ? value << 24 : value;
    if (!ci_timeouts_valid(&f->com.timeouts))
        f->com.timeouts = before;
}

/* ---- events and status ---- */

static void do_mask(struct fuzz *f)
{
    ci_com_mask(&f->com, next32(f) & 0x1FFF);
    MUST(f, !f->com.waiting);
}

static void do_wait(struct fuzz *f)
{
    uint32_t events = 0;

    if (f->com.told) {
        f->com.told = false; /* was reported */
    } else if (f->com.waiting) {
        ci_com_wait_stop(&f->com);
    } else if (f->com.mask != 0) {
        MUST(f, ci_com_wait(&f->com, &events) == (events != 0));
        MUST(f, f->com.waiting == (events == 0) && f->com.history == 0);
    }
}

static void do_tell(struct fuzz *f)
{
    ci_com_tell(&f->com);
    MUST(f, !f->com.waiting || f->com.history == 0);
}

static void do_errors(struct fuzz *f)
{
    ci_com_errors(&f->com);
    MUST(f, f->com.errors == 0 && !f->com.aborted);
    f->com.abort = false;
}

/* ---- settings and levels ---- */

static void do_set(struct fuzz *f)
{
    struct ci_settings set = f->com.set;

    set.bits = (uint8_t)(5 + next(f) % 4);
    set.control = next32(f) & ~SERIAL_CONTROL_INVALID;
    set.flow = next32(f) & ~SERIAL_FLOW_INVALID;
    set.chars = (struct ci_chars){0, next(f), next(f), next(f), next(f), next(f)};
    set.xon_limit = (int32_t)(next32(f) % (f->com.rx.size + 1));
    set.xoff_limit = (int32_t)(next32(f) % (f->com.rx.size + 1));
    if (ci_settings_valid(&set, f->com.rx.size, f->com.escape))
        ci_com_set(&f->com, &set);
}

/* One thing of them, for who comes by this way more often than by the other. */
static void do_flow(struct fuzz *f)
{
    struct ci_settings set = f->com.set;
    uint8_t which = next(f);

    if (which % 2 == 0)
        set.control ^= 1u << which / 2 % 32;
    else
        set.flow ^= 1u << which / 2 % 32;
    if (ci_settings_valid(&set, f->com.rx.size, f->com.escape))
        ci_com_set(&f->com, &set);
}

static void do_escape(struct fuzz *f)
{
    uint8_t escape = next(f);

    if (ci_settings_valid(&f->com.set, f->com.rx.size, escape))
        ci_com_escape(&f->com, escape);
}

static void do_inputs(struct fuzz *f)
{
    struct ci_inputs inputs = f->com.inputs;
    uint32_t *count[] = {&inputs.cts,  &inputs.dsr,      &inputs.rlsd,
                         &inputs.ring, &inputs.overruns, &inputs.buffer_overruns};
    uint8_t what = next(f);

    inputs.levels = what & 0xF0u;
    *count[what % 6] += next(f);
    ci_com_see_inputs(&f->com, &inputs, f->now_ns);
}

static void do_hold(struct fuzz *f)
{
    ci_com_hold(&f->com, next(f) % 2 == 0);
}

static void do_break(struct fuzz *f)
{
    ci_com_break(&f->com, next(f) % 2 == 0);
}

/* ---- running it ---- */

static void (*const calls[])(struct fuzz *) = {
    do_hear,  do_damage, do_read, do_read_stop,  do_purge, do_grow,   do_write, do_give,
    do_leave, do_cut,    do_char, do_write_stop, do_time,  do_toggle, do_mask,  do_deadline,
    do_wait,  do_tell,   do_set,  do_timeouts,   do_flow,  do_errors, do_hold,  do_escape,
    do_break, do_inputs, do_hear, do_read,       do_give,  do_leave,  do_time,  do_read_stop,
};

const char *machine_fuzz(const uint8_t *program, size_t len)
{
    struct fuzz f = {.at = program, .end = program + len, .now_ns = 1};
    struct ci_settings set;
    uint32_t size = 1 + next(&f);

    ci_settings_default(&set, size);
    if (ci_com_init(&f.com, &set, size) != 0)
        return NULL;
    check_all(&f);
    while (f.at < f.end && f.wrong == NULL) {
        calls[next(&f) % (sizeof calls / sizeof calls[0])](&f);
        check_all(&f);
    }
    ci_com_fini(&f.com);
    return f.wrong;
}
