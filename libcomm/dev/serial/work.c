/* SPDX-License-Identifier: MIT */
/* The port at work: bytes from the line into the machine, from the machine to the line, and what is
 * over out of the queues.  One round does all of it, for all lanes. */
#include <errno.h>

#include "libcomm/dev/serial/work.h"
#include "libcomm/plat/clock.h"

void ci_serial_stir(struct ci_serial *s)
{
    /* relaxed: who takes it looks under the locks */
    atomic_store_explicit(&s->stirred, true, memory_order_relaxed);
}

/* ---- reads ---- */

/* Nobody else has any use for the offset of a transfer on a port. */
void ci_serial_stamp(struct ci_serial *s, const struct ci_op *op)
{
    uint64_t ns = s->com.read.first_ns;

    if (s->com.read.got > 0)
        s->stamp_ns = ns;
    if (!s->stamps || op->ov == NULL)
        return;
    op->ov->Offset = (DWORD)ns;
    op->ov->OffsetHigh = (DWORD)(ns >> 32);
}

/* The read at the head is over, and the next one begins; as often as bytes are there for it. */
static void reads_run(struct ci_serial *s, uint64_t now_ns, struct ci_done *done)
{
    struct ci_com_read *read = &s->com.read;
    struct ci_op *op;

    for (;;) {
        if (read->active && !read->over)
            return;
        op = ci_serial_first(s, CI_LANE_READ);
        if (read->active) {
            ci_com_read_stop(&s->com);
            ci_serial_stamp(s, op);
            ci_file_finish(&s->file, op, read->status, read->got, done);
            continue;
        }
        if (op == NULL)
            return;
        ci_com_read_start(&s->com, op->buf, op->len, now_ns);
    }
}

/* ---- inputs ---- */

#define MODEM_EVENTS (EV_CTS | EV_DSR | EV_RLSD | EV_RING)
#define MODEM_HANDSHAKE (SERIAL_OUT_HANDSHAKEMASK | SERIAL_DSR_SENSITIVITY)

/* Every edge is told of, not only the level that follows. */
static bool tells_edges(const struct ci_serial *s)
{
    return (s->com.mask & MODEM_EVENTS) != 0 || s->com.escape != 0;
}

/* How often a line that does not report changes must be asked; 0: not at all. */
static uint64_t look_every(const struct ci_serial *s)
{
    bool cares = tells_edges(s) || (s->com.set.control & MODEM_HANDSHAKE) != 0;

    return cares && s->line->ops->poll_ns != NULL ? s->line->ops->poll_ns(s->line) : 0;
}

static void look(struct ci_serial *s, uint64_t now_ns, struct ci_done *done)
{
    struct ci_inputs inputs;
    int error = s->line->ops->inputs(s->line, &inputs);

    if (error == -EIO)
        ci_serial_lose(s, done);
    else if (error == 0)
        ci_com_see_inputs(&s->com, &inputs, now_ns);
}

void ci_serial_look(struct ci_serial *s, struct ci_done *done)
{
    if (!s->dead)
        look(s, ci_now_ns(), done);
}

static void look_if_due(struct ci_serial *s, uint64_t now_ns, struct ci_done *done)
{
    uint64_t every;

    if (s->line->ops->poll_ns == NULL) {
        look(s, now_ns, done); /* such a line knows them */
        return;
    }
    if (s->watched != tells_edges(s) && s->line->ops->watch != NULL)
        s->line->ops->watch(s->line, tells_edges(s));
    s->watched = tells_edges(s);
    every = look_every(s);
    if (every == 0) {
        s->look_at = CI_NEVER;
    } else if (s->look_at == CI_NEVER || now_ns >= s->look_at) {
        s->look_at = now_ns + every;
        look(s, now_ns, done);
    }
}

/* ---- bytes ---- */

#define ROUND_MOST (256u << 10) /* then others get the lock for a moment */

/* A byte that was lost leaves no mark: the driver has counted it by the time another one comes. */
static bool losses_matter(const struct ci_serial *s)
{
    bool told_by_counts = s->line->ops->poll_ns != NULL && s->line->ops->poll_ns(s->line) != 0;

    return told_by_counts &&
           ((s->com.mask & EV_ERR) != 0 || (s->com.set.control & SERIAL_ERROR_ABORT) != 0);
}

void ci_serial_receive(struct ci_serial *s, uint64_t now_ns, struct ci_done *done)
{
    const struct ci_line_ops *ops = s->line->ops;
    size_t total = 0, taken;
    struct ci_run run;
    int more = 0;

    while ((more = ops->next(s->line, &run)) > 0 && total < ROUND_MOST) {
        taken = ci_com_receive(&s->com, &run, now_ns);
        ops->took(s->line, taken);
        total += taken;
        if (s->com.read.over && !ci_list_empty(&s->file.queue[CI_LANE_READ]))
            reads_run(s, now_ns, done);
    }
    s->more = more > 0;
    if (more == 0)
        s->dry_ns = now_ns;
    if (total > 0 && ops->peer != NULL)
        ci_serial_stir(s); /* there is room again */
    if (more < 0)
        ci_serial_lose(s, done);
    else if (total > 0 && losses_matter(s))
        look(s, now_ns, done);
}

bool ci_serial_fresh(const struct ci_serial *s, uint64_t now_ns)
{
    return now_ns - s->dry_ns < s->line->ops->fresh_ns;
}

void ci_serial_pull(struct ci_serial *s, struct ci_done *done)
{
    if (!s->dead)
        ci_serial_receive(s, ci_now_ns(), done);
}

void ci_serial_pull_stale(struct ci_serial *s, struct ci_done *done)
{
    uint64_t now_ns = ci_now_ns();

    if (!s->dead && !ci_serial_fresh(s, now_ns))
        ci_serial_receive(s, now_ns, done);
}

/* ---- the others ---- */

bool ci_serial_flushed(const struct ci_serial *s, const struct ci_op *op)
{
    return (int32_t)(s->writes_ended - (uint32_t)op->offset) >= 0 && ci_serial_line_idle(s);
}

static bool char_over(struct ci_serial *s, struct ci_op *op)
{
    if (!s->com.imm.over)
        return false;
    ci_com_char_stop(&s->com);
    s->wrote = true;
    return ci_serial_ends(op, s->com.imm.status, 0);
}

bool ci_serial_control_over(struct ci_serial *s, struct ci_op *op)
{
    if (op->kind == CI_OP_FLUSH)
        return ci_serial_flushed(s, op) && ci_serial_ends(op, STATUS_SUCCESS, 0);
    if (op->code == IOCTL_SERIAL_WAIT_ON_MASK) {
        if (!s->com.told)
            return false;
        s->com.told = false;
        *(ULONG *)op->out = s->com.news;
        return ci_serial_ends(op, STATUS_SUCCESS, sizeof(ULONG));
    }
    return char_over(s, op);
}

static void controls_run(struct ci_serial *s, struct ci_done *done)
{
    CI_LIST_EACH (link, after, &s->file.queue[CI_LANE_CONTROL]) {
        struct ci_op *op = CI_CONTAINER(link, struct ci_op, queue);

        if (ci_serial_control_over(s, op))
            ci_file_finish(&s->file, op, op->status, op->done, done);
    }
}

static bool match_transfer(struct ci_op *op, const void *unused)
{
    (void)unused;
    return op->kind == CI_OP_READ || op->kind == CI_OP_WRITE;
}

static void abort_transfers(struct ci_serial *s, struct ci_done *done)
{
    s->com.abort = false;
    ci_file_withdraw(&s->file, match_transfer, NULL, STATUS_CANCELLED, done);
}

/* ---- a round ---- */

#define LEAST_NAP_NS (1 * CI_NS_PER_MS)
#define MOST_NAP_NS (10 * CI_NS_PER_MS)

static bool flushes(const struct ci_serial *s)
{
    if (s->flushing)
        return true;
    CI_LIST_EACH (link, after, &s->file.queue[CI_LANE_CONTROL])
        if (CI_CONTAINER(link, struct ci_op, queue)->kind == CI_OP_FLUSH)
            return true;
    return false;
}

static bool awaits_line(const struct ci_serial *s)
{
    return s->com.write.active || s->com.imm.active || s->com.toggling ||
           s->breaking != s->com.breaking || flushes(s);
}

/* A flush that is not over because of the line; the writes before it see to themselves. */
static bool flush_awaits_line(const struct ci_serial *s)
{
    return flushes(s) && s->writes_ended == s->writes_begun;
}

/* With an empty line: this round, which asked before, has found it busy, so that something is still
 * thought to be on it or to be waiting for it.  What is held waits for something else. */
static bool was_busy(const struct ci_serial *s)
{
    const struct ci_com *com = &s->com;

    return (com->write.active && com->write.given > com->write.done) ||
           (com->imm.active && com->imm.given) || (ci_com_sending(com) && !s->full) ||
           (com->toggling && !com->breaking && !ci_com_sending(com)) || flush_awaits_line(s);
}

/* Nothing in a kernel says that the last byte has left: it is asked, at about the time. */
static void plan(struct ci_serial *s, uint64_t now_ns)
{
    size_t unsent = s->line->ops->unsent == NULL ? 0 : ci_serial_line_unsent(s);
    uint64_t nap;

    s->sent_at = CI_NEVER;
    if (s->line->ops->deadline_ns != NULL || !awaits_line(s))
        return;
    if (unsent == 0 && s->breaking == s->com.breaking && ci_serial_line_idle(s)) {
        s->sent_at = was_busy(s) ? now_ns : CI_NEVER;
        return;
    }
    nap = unsent * ci_settings_char_ns(&s->com.set);
    nap = nap < LEAST_NAP_NS ? LEAST_NAP_NS : nap > MOST_NAP_NS ? MOST_NAP_NS : nap;
    s->sent_at = now_ns + nap;
}

static void tell(struct ci_serial *s, struct ci_done *done)
{
    if (s->wrote)
        ci_com_sent_last(&s->com, !ci_list_empty(&s->file.queue[CI_LANE_WRITE]));
    s->wrote = false;
    ci_com_tell(&s->com);
    controls_run(s, done);
}

/* What follows from whatever has happened. */
void ci_serial_round_end(struct ci_serial *s, uint64_t now_ns, struct ci_done *done)
{
    if (s->com.abort)
        abort_transfers(s, done);
    ci_serial_apply(s);
    do
        tell(s, done);
    while (s->wrote); /* a character has ended just now, and a wait may be for that */
    plan(s, now_ns);
}

static void follow(struct ci_serial *s, uint64_t now_ns, struct ci_done *done)
{
    ci_serial_push(s, now_ns, done);
    if (!s->dead && ci_com_tick(&s->com, now_ns)) {
        ci_serial_cut_write(s, STATUS_TIMEOUT);
        ci_serial_push(s, now_ns, done);
    }
    if (s->dead)
        return;
    reads_run(s, now_ns, done);
    ci_serial_round_end(s, now_ns, done);
}

/* Whoever sleeps on what the port wanted when last looked at - an earlier time, or room to send,
 * which nobody watched for - looks again: drivers by themselves, the engine is told.  Compared with
 * what they know, not with the beginning of this round: bytes that a call received before it may
 * have started a clock. */
void ci_serial_tell_watchers(struct ci_serial *s, struct ci_done *done)
{
    uint64_t due_ns = ci_serial_deadline_ns(s);
    bool for_room = s->full && ci_com_sending(&s->com);
    bool sooner = due_ns < s->told_due_ns || (for_room && !s->told_room);

    s->told_due_ns = due_ns;
    s->told_room = for_room;
    if (!sooner)
        return;
    if (!ci_list_empty(&s->file.pump.lane[CI_LANE_READ].drivers))
        ci_lane_disturb(&s->file.pump.lane[CI_LANE_READ], &done->wakes);
    ci_pump_settle(&s->file.pump);
}

static void work(struct ci_serial *s, bool ask_line, struct ci_done *done)
{
    uint64_t now_ns;

    if (s->working || s->dead || s->file.closing)
        return;
    now_ns = ci_now_ns();
    s->working = true;
    look_if_due(s, now_ns, done);
    if (!s->dead && ask_line)
        ci_serial_receive(s, now_ns, done);
    if (!s->dead)
        follow(s, now_ns, done);
    s->working = false;
    if (!s->dead)
        ci_serial_tell_watchers(s, done);
}

void ci_serial_work(struct ci_serial *s, struct ci_done *done)
{
    work(s, true, done);
}

void ci_serial_follow(struct ci_serial *s, struct ci_done *done)
{
    work(s, false, done);
}

void ci_serial_step(struct ci_file *file, unsigned lanes, struct ci_done *done)
{
    (void)lanes;
    ci_serial_work(ci_serial_of(file), done);
}

void ci_line_noticed(struct ci_file *file)
{
    ci_lock(&file->lock);
    ci_serial_of(file)->look_at = 0;
    ci_unlock(&file->lock);
    ci_file_step(file, CI_LANES_ALL, NULL);
}

void ci_serial_meet(struct ci_serial *s)
{
    struct ci_file *peer;
    bool answered;

    if (s->line->ops->peer == NULL)
        return;
    while (atomic_exchange_explicit(&s->stirred, false, memory_order_relaxed)) {
        peer = s->line->ops->peer(s->line);
        if (peer == NULL)
            return;
        ci_file_step(peer, CI_LANES_ALL, NULL);
        answered =
            atomic_exchange_explicit(&ci_serial_of(peer)->stirred, false, memory_order_relaxed);
        ci_file_put(peer);
        if (!answered)
            return;
        ci_file_step(&s->file, CI_LANES_ALL, NULL);
    }
}
